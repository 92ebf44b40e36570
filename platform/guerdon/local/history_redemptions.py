"""Rewards of the demo's past: redeemed, ordered, handed over, settled by the product's own jobs."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from guerdon.catalogue import queries
from guerdon.catalogue.cards import Reader
from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.catalogue.rules import price_rules
from guerdon.catalogue.schemas import Search
from guerdon.catalogue.search import search
from guerdon.fulfilment.operations import collect
from guerdon.kit.clock import MovableClock
from guerdon.kit.errors import ConflictError
from guerdon.local.history_plan import Habits
from guerdon.notifications.operations import skip_queued
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plumbing.jobs import Handlers
from guerdon.plumbing.reads import PipelinedReads
from guerdon.plumbing.runner import Runner
from guerdon.redemption import operations
from guerdon.redemption.jobs import HANDLERS
from guerdon.redemption.queries import redemption
from guerdon.redemption.quotes import Wanted
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant


class Wish(msgspec.Struct, frozen=True):
    """Something to redeem for, and its price."""

    variant_id: UUID
    points: int


async def products_of(rt: Runtime, tenant: Tenant, habits: Habits) -> list[Wish]:
    """What members redeem for: the brand's own goods, cheapest first."""
    now = rt.clock.now()
    snapshot = await rt.snapshot(tenant.id, now)
    languages = snapshot[ProgrammeParameters].languages
    reader = Reader(
        rules=price_rules(snapshot),
        categories=[c.key for c in snapshot[CatalogueParameters].categories],
        language=languages[0],
        fallback=languages[0],
        tier=None,
        now=now,
    )
    reads = PipelinedReads(rt.db, tenant.id)
    find = Search(categories=habits.shelves, delivery=("counter",), sort="points_up")
    found = await search(reads, find=find, reader=reader, limit=100)
    wishes = []
    for card in found.items:
        page = await queries.product(reads, slug=card.slug, reader=reader)
        wishes.append(Wish(page.variants[0].id, page.variants[0].price.points))
    return wishes


class Redeemer:
    """Redeems at the instants told, and sees the orders through."""

    def __init__(
        self, rt: Runtime, worker: Runtime, tenant: Tenant, products: Sequence[Wish]
    ) -> None:
        self._rt, self._worker, self._tenant = rt, worker, tenant
        self._products = products
        self._handlers = Handlers(*HANDLERS)

    def wish(self, dice: random.Random, available: int) -> Wish | None:
        """One of the dearer things that the balance buys."""
        within = [p for p in self._products if p.points <= available]
        return dice.choice(within[-12:]) if within else None

    async def redeem(
        self,
        *,
        member_id: UUID,
        wish: Wish,
        language: str,
        key: str,
        at: datetime,
        fate: str,
    ) -> None:
        """Redeem, and what becomes of it: `collected`, `cancelled`, or `waits` at the counter.

        What has run out by then, or costs the member's tier something else, stays a wish.
        """
        try:
            placed = await operations.place_for_points(
                replace(self._rt, clock=MovableClock(at)),
                tenant_id=self._tenant.id,
                member_id=member_id,
                wanted=[Wanted(variant_id=wish.variant_id, quantity=1)],
                expected_points=wish.points,
                ship_to=None,
                language=language,
                principal="demo",
                key=key,
                now=at,
            )
        except ConflictError:
            return
        if fate == "cancelled":
            async with self._rt.db.write(self._tenant.id) as s:
                await operations.cancel(
                    s, redemption_id=placed.id, member_id=member_id, reason="member",
                    now=at + timedelta(seconds=50),
                )  # fmt: skip
            await self._work(placed.id, at + timedelta(seconds=55))
            return
        await self._work(placed.id, at + timedelta(seconds=3), topic="redemption.order")
        if fate == "collected":
            handed_over = at + timedelta(hours=4 + placed.id.int % 40)
            async with self._rt.db.write(self._tenant.id) as s:
                data_key = await self._rt.secrets.data_key(s)
                found = await redemption(s, redemption_id=placed.id)
                if data_key is None or found.pickup_code is None:
                    return
                await collect(
                    s, code=found.pickup_code, data_key=data_key, by="counter", now=handed_over
                )
            await self._work(placed.id, handed_over + timedelta(seconds=2))
            await self._work(placed.id, handed_over + timedelta(seconds=4))

    async def _work(self, redemption_id: UUID, at: datetime, *, topic: str | None = None) -> None:
        """Run the journey's waiting messages as a worker would at that instant."""
        async with self._worker.db.read(self._tenant.id) as s:
            waiting = await s.all(
                UUID,
                "SELECT id FROM app.outbox WHERE tenant_id = %(tenant_id)s AND done_at IS NULL"
                " AND parked_at IS NULL AND topic LIKE 'redemption.%%'"
                " AND payload ->> 'redemption_id' = %(redemption)s"
                " AND (%(topic)s::text IS NULL OR topic = %(topic)s) ORDER BY created_at, id",
                {"redemption": str(redemption_id), "topic": topic},
            )
        runner = Runner(replace(self._worker, clock=MovableClock(at)), self._handlers)
        for message_id in waiting:
            await runner.run(self._tenant.id, message_id)

    async def forget_letters(self, before: datetime) -> None:
        """Mail about days long past is not sent today."""
        async with self._worker.db.write(self._tenant.id) as s:
            await skip_queued(s, before=before + timedelta(days=1), reason="past")
