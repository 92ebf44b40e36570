"""Limits per key and per member's app, exact across processes, mostly without a trip.

The count is one GCRA bucket in Valkey. A process takes a handful of calls at once from it and
spends them here for at most a second, so the limit is never exceeded, and most requests of a busy
key ask nobody.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from litestar.types import Scope

from guerdon.identity.principals import ApiKeyPrincipal, Principal
from guerdon.kit.errors import TooManyRequestsError
from guerdon.plans.errors import CallQuotaReachedError
from guerdon.plumbing import cache
from guerdon.plumbing.limits import Limit, ask
from guerdon.runtime import Runtime
from guerdon.webhooks_out.parameters import IntegrationParameters

LEASE_NS: Final = 1_000_000_000
LEASE_MAX: Final = 64
PER_LEASE: Final = 200
KEYS_MAX: Final = 10_000


@dataclass(slots=True)
class Lease:
    """Calls of one bucket that this process may still let pass."""

    left: int = 0
    until_ns: int = 0
    remaining: int = 0
    reset_after_s: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


_leases: dict[tuple[UUID, str], Lease] = {}


async def charge(scope: Scope) -> None:
    """Count this request; TooManyRequestsError when its limit is reached.

    Leaves the headers for the answer in the request's state.
    """
    state = scope["state"]
    principal: Principal = state["principal"]
    spent = scope["litestar_app"].state.recorder.spent
    if spent and (calls := spent.get(principal.tenant_id)) is not None:
        raise CallQuotaReachedError(
            f"The plan of the programme includes {calls} calls a month, and they are used up. An"
            " owner of the brand can choose a larger plan in the console.",
            quota="api_calls",
            limit=calls,
        )
    parameters = state["snapshot"][IntegrationParameters]
    if isinstance(principal, ApiKeyPrincipal):
        per_minute = principal.requests_per_minute or parameters.requests_per_minute
    else:
        per_minute = parameters.member_requests_per_minute
    label = principal.label
    lease = _leases.get((principal.tenant_id, label))
    if lease is None:
        if len(_leases) >= KEYS_MAX:
            _leases.clear()
        lease = _leases[principal.tenant_id, label] = Lease()
    headers = state.setdefault("api_headers", {})
    headers["RateLimit-Limit"] = str(per_minute)
    if lease.left <= 0 or time.monotonic_ns() >= lease.until_ns:
        async with lease.lock:
            if lease.left <= 0 or time.monotonic_ns() >= lease.until_ns:
                rt: Runtime = scope["litestar_app"].state.rt
                await _renew(rt, lease, principal, per_minute, headers)
    lease.left -= 1
    headers["RateLimit-Remaining"] = str(lease.remaining + lease.left)
    headers["RateLimit-Reset"] = str(lease.reset_after_s)


async def _renew(
    rt: Runtime, lease: Lease, principal: Principal, per_minute: int, headers: dict[str, str]
) -> None:
    name = cache.key(principal.tenant_id, "api", principal.label.replace(":", "-"))
    limit = Limit.per(name, per_minute, 60)
    batch = max(1, min(LEASE_MAX, per_minute // PER_LEASE))
    decision = await ask(rt.valkey, [limit], cost=batch)
    if not decision.allowed and batch > 1:
        batch = 1
        decision = await ask(rt.valkey, [limit], cost=1)
    if not decision.allowed:
        headers["RateLimit-Remaining"] = "0"
        headers["RateLimit-Reset"] = str(decision.reset_after_s)
        raise TooManyRequestsError(
            f"At most {per_minute} requests a minute.", retry_after_s=decision.retry_after_s
        )
    lease.left = batch
    lease.until_ns = time.monotonic_ns() + LEASE_NS
    lease.remaining = decision.remaining
    lease.reset_after_s = decision.reset_after_s
