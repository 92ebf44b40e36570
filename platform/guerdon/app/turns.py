"""How many requests one brand may make of a deployment, so that the others come to their turn.

One bucket per brand in Valkey, counted by one atomic script. A process takes a handful of requests
at once and spends them here for at most a second; while the bucket is empty it refuses by itself,
so that a flood costs nobody a trip. Without Valkey everybody is let in: what moves money or signs
somebody in has limits of its own, which refuse then.
"""

import asyncio
import math
import time
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from guerdon.kit.errors import TooManyRequestsError
from guerdon.plumbing import cache
from guerdon.plumbing.cache import Valkey
from guerdon.plumbing.limits import Limit, ask

# A brand may make so many seconds' worth of requests at once.
BURST_S: Final = 10
_SECOND_NS: Final = 1_000_000_000
_LEASE_MAX: Final = 64
# A lease is a small part of what a minute allows, so that many processes share it.
_PER_LEASE: Final = 600
_KEPT_MAX: Final = 20_000


class TenantBusyError(TooManyRequestsError):
    """All visitors and systems of the brand together made too many requests."""

    code = "tenant_busy"
    title = "Too many requests for this brand"


@dataclass(slots=True)
class _Turns:
    left: int = 0
    until_ns: int = 0
    refused_until_ns: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


def limit_of(tenant_id: UUID, per_minute: int) -> Limit:
    """The bucket of a brand."""
    burst = max(1, per_minute * BURST_S // 60)
    return Limit(cache.key(tenant_id, "turns", "all"), burst, 60 / per_minute)


class Turns:
    """One process' share of every brand's requests."""

    def __init__(self) -> None:
        self._of: dict[UUID, _Turns] = {}

    async def take(self, valkey: Valkey, tenant_id: UUID, *, per_minute: int) -> None:
        """Count one request of the brand. Raises TenantBusyError."""
        turns = self._of.get(tenant_id)
        if turns is None:
            if len(self._of) >= _KEPT_MAX:
                self._of.clear()
            turns = self._of[tenant_id] = _Turns()
        if not self._has(turns):
            async with turns.lock:
                if not self._has(turns):
                    await self._renew(valkey, turns, limit_of(tenant_id, per_minute), per_minute)
        turns.left -= 1

    def _has(self, turns: _Turns) -> bool:
        now = time.monotonic_ns()
        if now < turns.refused_until_ns:
            wait_s = math.ceil((turns.refused_until_ns - now) / _SECOND_NS)
            raise TenantBusyError(
                f"The brand has as many requests as it may. Try again in {wait_s} s.",
                retry_after_s=wait_s,
            )
        return turns.left > 0 and now < turns.until_ns

    async def _renew(self, valkey: Valkey, turns: _Turns, limit: Limit, per_minute: int) -> None:
        batch = max(1, min(_LEASE_MAX, per_minute // _PER_LEASE))
        decision = await ask(valkey, [limit], cost=batch, fail_open=True)
        if not decision.allowed and batch > 1:
            batch = 1
            decision = await ask(valkey, [limit], fail_open=True)
        now = time.monotonic_ns()
        if not decision.allowed:
            turns.refused_until_ns = now + max(1, decision.retry_after_s) * _SECOND_NS
            self._has(turns)
        turns.left = batch
        turns.until_ns = now + _SECOND_NS
