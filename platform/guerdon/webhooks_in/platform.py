"""Events of the platform's own account, from which brands' plans are charged."""

from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency

from guerdon.billing import inbox
from guerdon.identity.policy import provider_signature
from guerdon.runtime import Runtime


@post(
    "/_hooks/platform/stripe",
    opt={"policy": provider_signature()},
    status_code=200,
    operation_id="hookPlatformStripe",
    include_in_schema=False,
)
async def platform_stripe(
    request: Request[Any, Any, Any], rt: NamedDependency[Runtime]
) -> dict[str, bool]:
    """200 when the event is written down, also when it was before; then it is not sent again."""
    new = await inbox.told(
        rt,
        raw=await request.body(),
        headers={name.lower(): value for name, value in request.headers.items()},
        now=rt.clock.now(),
    )
    return {"received": True, "new": new}
