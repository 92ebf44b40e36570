"""What happens to an order after it was placed: step by step, at the peer's pace."""

import asyncio
import heapq
import time
from collections.abc import Callable

from guerdon.kit.tasks import ended
from guerdon.sandbox.amazon.orders import STEPS, Package, PlacedOrder
from guerdon.sandbox.store import Store

Push = Callable[[PlacedOrder, Package, str, float], None]


class Life:
    """Moves packages along. With a pace of 0 they move only when told."""

    def __init__(self, store: Store, pace_s: float, push: Push) -> None:
        self._store = store
        self.pace_s = pace_s
        self._push = push
        self._due: list[tuple[float, str, int]] = []
        self._index: dict[tuple[str, str], str] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Take up orders of a former run and begin to move."""
        for order in self._store.newest("order", PlacedOrder, 5_000):
            self.begin(f"{order.application}/{order.external_id}", order)
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop moving."""
        if self._task is not None:
            await ended(self._task)

    def begin(self, key: str, order: PlacedOrder) -> None:
        """Schedule the next step of each package; the second parcel is a little later."""
        self._index[(order.application, order.order_id)] = key
        if self.pace_s <= 0:
            return
        for place, package in enumerate(order.packages):
            if package.step < len(STEPS):
                due = time.time() + self.pace_s * (1 + place * 0.5)
                heapq.heappush(self._due, (due, key, place))

    def package(
        self, application: str, order_id: str, shipment: str, package: str
    ) -> Package | None:
        """A shipped package by what the tracking API asks with."""
        key = self._index.get((application, order_id))
        order = None if key is None else self._store.get("order", key, PlacedOrder)
        if order is None:
            return None
        for each in order.packages:
            if (each.shipment_id, each.package_id) == (shipment, package) and each.step:
                return each
        return None

    def advance(self, external_id: str) -> int:
        """One step for every package of the order; how many moved."""
        moved = 0
        for (application, _), key in list(self._index.items()):
            if key == f"{application}/{external_id}":
                order = self._store.get("order", key, PlacedOrder)
                for place in range(len(order.packages) if order else 0):
                    moved += self._step(key, place)
        return moved

    def _step(self, key: str, place: int) -> bool:
        order = self._store.get("order", key, PlacedOrder)
        if order is None or order.packages[place].step >= len(STEPS):
            return False
        package, now = order.packages[place], time.time()
        package.step += 1
        package.events.append((package.status, now))
        self._store.put("order", key, order)
        self._push(order, package, package.status, now)
        return package.step < len(STEPS)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(0.05)
            while self._due and self._due[0][0] <= time.time():
                _, key, place = heapq.heappop(self._due)
                if self._step(key, place) and self.pace_s > 0:
                    heapq.heappush(self._due, (time.time() + self.pace_s, key, place))
