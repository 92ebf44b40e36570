"""Notifications of Amazon Pay."""

from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from guerdon.identity.policy import provider_signature
from guerdon.redemption import inbox
from guerdon.runtime import Runtime


@post(
    "/_hooks/amazon-pay/{hook_id:str}",
    opt={"policy": provider_signature()},
    status_code=200,
    operation_id="hookAmazonPay",
    include_in_schema=False,
)
async def amazon_pay(
    request: Request[Any, Any, Any], hook_id: FromPath[str], rt: NamedDependency[Runtime]
) -> dict[str, bool]:
    """200 when the notification is written down, also when it was before."""
    tenant_id = await inbox.tenant_of(rt, provider=inbox.AMAZON_PAY, hook_id=hook_id)
    new = await inbox.payment_told(
        rt,
        tenant_id=tenant_id,
        provider=inbox.AMAZON_PAY,
        raw=await request.body(),
        headers={name.lower(): value for name, value in request.headers.items()},
        now=rt.clock.now(),
    )
    return {"received": True, "new": new}
