"""How the platform's staff change something of one tenant: told in two trails, the platform's
first.

Two houses cannot share a transaction. The platform's entry is committed before the tenant is
touched, so that nothing is ever done that the platform's trail does not know of; the change itself
and the tenant's own entry are one transaction, once per Idempotency-Key. What is refused then is
told, too. There is no call that changes several tenants.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from litestar import Response

from guerdon.admin_api.requests import AdminRequest, Done
from guerdon.audit import operations as audit
from guerdon.kit.errors import GuerdonError
from guerdon.plumbing.db import WriteSession
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.tenancy.schemas import Tenant
from guerdon.wire.requests import once


def label(request: AdminRequest) -> str:
    """The caller in a tenant's own trail."""
    return f"platform:{request.staff.staff_id}"


def words(request: AdminRequest) -> dict[str, Any]:
    """What a tenant's trail says of the caller, whom its own people do not know."""
    return {"platform": {"name": request.staff.name}}


async def tenant_of(request: AdminRequest, slug: str) -> Tenant:
    """The tenant that a call is about, from here on; NotFoundError if there is none."""
    found = await request.rt.directory.by_slug(slug)
    request.scope["state"]["tenant"] = found
    request.scope["state"]["snapshot"] = await request.rt.snapshot(
        found.id, found.time(request.now)
    )
    return found


async def act_on(
    request: AdminRequest,
    slug: str,
    *,
    action: str,
    work: Callable[[WriteSession, datetime], Awaitable[Done]],
    told: Mapping[str, Any],
    given: Any = None,
    subject: str | None = None,
    status: int = 200,
) -> Response[Any]:
    """Do `work` in one transaction of the tenant `slug`, and tell both trails.

    `told` is what both say of it before its outcome is known; the tenant's has what `work` tells,
    too. Where `work` tells the tenant's trail itself, it answers `Done(changed=False)`.
    """
    tenant = await tenant_of(request, slug)
    about = f"tenant:{tenant.slug}"

    async def tell(s: WriteSession, what: str, more: Mapping[str, Any], **where: str) -> None:
        await audit.record(
            s, action=what, summary={**told, **more}, now=request.now, address=request.address,
            request_id=request.request_id, **where,
        )  # fmt: skip

    async with request.rt.db.write(OPERATOR_ID) as own:
        await tell(own, action, {}, actor=request.staff.label, subject=about)

    async def both(s: WriteSession, now: datetime) -> Any:
        done = await work(s, now)
        if done.changed:
            await tell(
                s, done.action or action, {**done.summary, **words(request)},
                actor=label(request), subject=subject or about,
            )  # fmt: skip
        return done.body

    try:
        return await once(request, both, given=given, status=status)
    except GuerdonError as error:
        async with request.rt.db.write(OPERATOR_ID) as own:
            refused = {"refused": error.code}
            await tell(own, action, refused, actor=request.staff.label, subject=about)
        raise
