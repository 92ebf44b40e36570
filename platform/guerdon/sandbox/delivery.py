"""Sending events to whoever listens: at least once, in any order, as providers do."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable

import httpx2
import msgspec

from guerdon.kit.ids import uuid7
from guerdon.kit.tasks import ended
from guerdon.sandbox.knobs import KnobBox
from guerdon.sandbox.store import Store

log = logging.getLogger("guerdon.sandbox")

_BACKOFF_S = (0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300)


class Endpoint(msgspec.Struct, kw_only=True):
    """A listener. `host` replaces the Host header where a name does not resolve locally."""

    id: str
    owner: str
    url: str
    host: str = ""
    secret: str = ""
    events: list[str] = msgspec.field(default_factory=lambda: ["*"])


class Parcel(msgspec.Struct, kw_only=True):
    """One event on its way to one endpoint; kept until it is taken or given up."""

    id: str
    endpoint: str
    body: str
    attempt: int = 0


class Postman:
    """Delivers parcels with retries; the knobs make it lose, copy, delay and shuffle."""

    def __init__(
        self,
        store: Store,
        knobs: KnobBox,
        sign: Callable[[Endpoint, bytes], dict[str, str]],
        forge: Callable[[bytes], bytes],
    ) -> None:
        self._store = store
        self._knobs = knobs
        self._sign = sign
        self._forge = forge
        self._client = httpx2.AsyncClient(timeout=10, follow_redirects=False)
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: list[Parcel] = []

    def endpoints(self, owner: str) -> list[Endpoint]:
        """Who listens to `owner`'s events."""
        return [e for e in self._store.newest("endpoint", Endpoint) if e.owner == owner]

    def listen(self, endpoint: Endpoint) -> None:
        """Add or replace a listener."""
        self._store.put("endpoint", endpoint.id, endpoint)

    def resume(self) -> None:
        """Take up what a former run left undelivered."""
        for parcel in self._store.newest("parcel", Parcel):
            self._spawn(parcel, 0.0)

    def send(self, owner: str, kind: str, body: bytes) -> None:
        """Post an event of `owner` to everybody who listens for `kind`."""
        knobs = self._knobs.now
        for endpoint in self.endpoints(owner):
            if "*" not in endpoint.events and kind not in endpoint.events:
                continue
            if knobs.push_lose_next > 0:
                knobs.push_lose_next -= 1
                continue
            parcel = Parcel(id=str(uuid7()), endpoint=endpoint.id, body=body.decode())
            self._store.put("parcel", parcel.id, parcel)
            if knobs.push_shuffle:
                # Held back until a second one comes, then both leave in the wrong order.
                self._waiting.append(parcel)
                if len(self._waiting) == 1:
                    self._later(self._release, 1.0)
                    continue
                self._release()
                continue
            self._spawn(parcel, knobs.push_delay_ms / 1000)

    def _release(self) -> None:
        held, self._waiting = self._waiting, []
        for place, parcel in enumerate(reversed(held)):
            self._spawn(parcel, self._knobs.now.push_delay_ms / 1000 + place * 0.05)

    def _later(self, action: Callable[[], None], delay_s: float) -> None:
        asyncio.get_running_loop().call_later(delay_s, action)

    def _spawn(self, parcel: Parcel, delay_s: float) -> None:
        task = asyncio.create_task(self._deliver(parcel, delay_s))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, parcel: Parcel, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        endpoint = self._store.get("endpoint", parcel.endpoint, Endpoint)
        while endpoint is not None and parcel.attempt < len(_BACKOFF_S):
            copies = max(1, self._knobs.now.push_copies)
            taken = [await self._post(endpoint, parcel.body.encode()) for _ in range(copies)]
            if all(taken):
                break
            parcel.attempt += 1
            self._store.put("parcel", parcel.id, parcel)
            await asyncio.sleep(_BACKOFF_S[parcel.attempt - 1] * random.uniform(0.8, 1.2))
        self._store.delete("parcel", parcel.id)

    async def _post(self, endpoint: Endpoint, body: bytes) -> bool:
        headers = {"content-type": "application/json", **self._sign(endpoint, body)}
        if endpoint.host:
            headers["host"] = endpoint.host
        knobs = self._knobs.now
        if knobs.push_forge_next > 0:
            knobs.push_forge_next -= 1
            with contextlib.suppress(httpx2.HTTPError):
                await self._client.post(endpoint.url, content=self._forge(body), headers=headers)
        try:
            answer = await self._client.post(endpoint.url, content=body, headers=headers)
        except httpx2.HTTPError as error:
            log.info("push to %s failed: %r", endpoint.url, error)
            return False
        return answer.is_success

    async def close(self) -> None:
        """Stop; what is undelivered stays in the store."""
        await asyncio.gather(*map(ended, self._tasks), return_exceptions=True)
        await self._client.aclose()
