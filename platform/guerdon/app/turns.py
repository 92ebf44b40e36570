"""How many requests one brand may make of a deployment, so that the others come to their turn.

One bucket per brand in Valkey, counted by one atomic script. A process takes a handful of requests
at once and spends them here for at most a second; while the bucket is empty it refuses by itself,
so that a flood costs nobody a trip. What the bucket gets back is let in as it comes, not together
once a second: nobody beside stands behind a crowd. Without Valkey everybody is let in: what moves
money or signs somebody in has limits of its own, which refuse then.
"""

import asyncio
import math
import time
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import structlog

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
# However fast the bucket fills, it is not asked more often than this while a brand waits.
_REFUSED_NS_MIN: Final = 20_000_000
_TOLD_EVERY_NS: Final = 10 * _SECOND_NS
_KEPT_MAX: Final = 20_000
_log = structlog.get_logger(__name__)


class TenantBusyError(TooManyRequestsError):
    """All visitors and systems of the brand together made too many requests."""

    code = "tenant_busy"
    title = "Too many requests for this brand"

    @classmethod
    def to_wait(cls, wait_s: int) -> "TenantBusyError":
        """The refusal that says how long to wait."""
        return cls(
            f"The brand has as many requests as it may. Try again in {wait_s} s.",
            retry_after_s=wait_s,
        )


@dataclass(slots=True)
class _Turns:
    per_minute: int
    left: int = 0
    until_ns: int = 0
    refused_until_ns: int = 0
    wait_s: int = 0
    refused: int = 0
    told_ns: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


def limit_of(tenant_id: UUID, per_minute: int) -> Limit:
    """The bucket of a brand."""
    burst = max(1, per_minute * BURST_S // 60)
    # Another limit begins with a full bucket: what was taken under the last is no debt.
    return Limit(cache.key(tenant_id, "turns", str(per_minute)), burst, 60 / per_minute)


class Turns:
    """One process' share of every brand's requests."""

    def __init__(self) -> None:
        self._of: dict[UUID, _Turns] = {}

    def refusal(self, tenant_id: UUID, *, per_minute: int) -> int:
        """Count a request of a brand that is being refused: how many seconds it is told to wait.
        0 and nothing counted if it is not, as far as this process knows."""
        turns = self._of.get(tenant_id)
        if (
            turns is None
            or turns.per_minute != per_minute
            or time.monotonic_ns() >= turns.refused_until_ns
        ):
            return 0
        turns.refused += 1
        return turns.wait_s

    async def take(self, valkey: Valkey, tenant_id: UUID, *, per_minute: int) -> None:
        """Count one request of the brand. Raises TenantBusyError."""
        turns = self._of.get(tenant_id)
        if turns is None or turns.per_minute != per_minute:
            if len(self._of) >= _KEPT_MAX:
                self._of.clear()
            turns = self._of[tenant_id] = _Turns(per_minute)
        if not self._has(turns):
            async with turns.lock:
                if not self._has(turns):
                    await self._renew(valkey, turns, tenant_id, per_minute)
        turns.left -= 1

    def _has(self, turns: _Turns) -> bool:
        now = time.monotonic_ns()
        if now < turns.refused_until_ns:
            turns.refused += 1
            raise TenantBusyError.to_wait(turns.wait_s)
        return turns.left > 0 and now < turns.until_ns

    async def _renew(self, valkey: Valkey, turns: _Turns, tenant_id: UUID, per_minute: int) -> None:
        limit = limit_of(tenant_id, per_minute)
        batch = max(1, min(_LEASE_MAX, per_minute // _PER_LEASE))
        decision = await ask(valkey, [limit], cost=batch, fail_open=True)
        if not decision.allowed and batch > 1:
            batch = 1
            decision = await ask(valkey, [limit], fail_open=True)
        now = time.monotonic_ns()
        if not decision.allowed:
            turns.refused_until_ns = now + max(_REFUSED_NS_MIN, decision.wait_us * 1_000)
            turns.wait_s = max(1, math.ceil((turns.refused_until_ns - now) / _SECOND_NS))
            _tell(turns, tenant_id, now)
            self._has(turns)
        turns.left = batch
        turns.until_ns = now + _SECOND_NS


def _tell(turns: _Turns, tenant_id: UUID, now: int) -> None:
    """One line now and then: a line for each refusal would be a flood of its own."""
    if now - turns.told_ns >= _TOLD_EVERY_NS:
        _log.warning("brand_told_to_wait", tenant_id=str(tenant_id), refused_since=turns.refused)
        turns.told_ns, turns.refused = now, 0
