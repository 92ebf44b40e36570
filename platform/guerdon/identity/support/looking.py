"""What support looked at stands in the brand's trail, once per place and access.

What it changes is told with the change, in the same transaction, like everybody's.
"""

from datetime import datetime
from typing import Any

from litestar.types import Scope

from guerdon.audit import operations as audit
from guerdon.identity.policy import SAFE, Policy
from guerdon.identity.support.principals import SupportPrincipal
from guerdon.plumbing.cache import key, reach
from guerdon.runtime import Runtime

LOOKED = "support.looked"


async def tell(
    rt: Runtime,
    scope: Scope,
    policy: Policy,
    who: SupportPrincipal,
    *,
    address: str,
    now: datetime,
) -> None:
    """Write down a look before it is answered. The second look at a place is the same look."""
    method = str(scope.get("method", "GET"))
    if method not in SAFE and not (policy.scope or "").endswith(":read"):
        return
    operation = str(getattr(scope["route_handler"], "operation_id", ""))
    path = str(scope["path"]).removeprefix("/_console")
    seen = key(who.tenant_id, "support-looked", str(who.access_id))
    place = f"{operation} {path}"
    if await reach(rt.valkey.sismember(seen, place)):
        return
    state: dict[str, Any] = scope["state"]
    async with rt.db.write(who.tenant_id) as s:
        await audit.record(
            s,
            actor=who.label,
            action=LOOKED,
            subject=f"operation:{operation}",
            summary={"path": path[:300], **who.words},
            now=now,
            address=address,
            request_id=str(state.get("request_id", "")),
        )
    # Told first, remembered then: whatever dies in between tells it twice.
    await reach(rt.valkey.sadd(seen, place))
    await reach(rt.valkey.expireat(seen, who.ends_at))
