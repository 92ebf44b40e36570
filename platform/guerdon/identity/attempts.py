"""How often somebody may try: per account, per network address, counted exactly.

A browser in which the account has signed in before has a count of its own, so that a stranger's
guesses never lock the member out.
"""

from uuid import UUID

from guerdon.identity.keyring import mac_text
from guerdon.identity.parameters import SecurityParameters
from guerdon.plumbing.cache import key
from guerdon.plumbing.limits import Limit, take
from guerdon.runtime import Runtime

_HOUR_S = 3600


def hourly(name: str, count: int) -> Limit:
    """At most `count` in any hour: half at once, the other half spread over it."""
    burst = (count + 1) // 2
    return Limit(name, burst, _HOUR_S / max(1, count - burst))


async def charge(
    rt: Runtime,
    *,
    tenant_id: UUID,
    security: SecurityParameters,
    action: str,
    email_norm: str,
    address: str,
    known_browser: str | None,
) -> None:
    """Count one try; TooManyRequestsError, or UnavailableError when it cannot be counted."""
    account = mac_text(rt.settings, "attempts", tenant_id, email_norm)[:32]
    who = f"known-{known_browser}" if known_browser else "stranger"
    where = mac_text(rt.settings, "attempts", tenant_id, "address", address)[:32]
    await take(
        rt.valkey,
        [
            hourly(key(tenant_id, "tries", action, account, who), security.tries_per_account_h),
            hourly(key(tenant_id, "tries", "address", where), security.tries_per_address_h),
        ],
    )


async def charge_address(
    rt: Runtime, *, tenant_id: UUID, security: SecurityParameters, action: str, address: str
) -> None:
    """Count one refusal of something that nobody can guess, by network address alone."""
    where = mac_text(rt.settings, "attempts", tenant_id, "address", address)[:32]
    await take(
        rt.valkey,
        [hourly(key(tenant_id, "tries", action, where), security.tries_per_address_h)],
    )
