"""Asking a tenant for access to its console, and leaving it."""

from datetime import datetime
from typing import Annotated

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from guerdon.admin_api.platform.requests import act_on, tenant_of
from guerdon.admin_api.requests import AdminRequest, Done, answer
from guerdon.admin_api.support import SupportAccesses, accesses
from guerdon.identity.parameters import SecurityParameters
from guerdon.identity.policy import platform
from guerdon.identity.support import access
from guerdon.plumbing.db import WriteSession
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import PathId
from guerdon.wire.values import In

TAGS = ["Support"]
ASK = {"policy": platform("support:ask")}
Slug = FromPath[str]


class AskSupportIn(In, frozen=True):
    """Why, for how long, and whether to change anything; the tenant's people read it."""

    reason: Annotated[str, Meta(min_length=1, max_length=access.REASON_LENGTH_MAX)]
    minutes: Annotated[int, Meta(ge=access.MINUTES_MIN, le=access.MINUTES_MAX)] = 60
    writes: bool = False


@get("/tenants/{slug:str}/support", operation_id="listTenantSupport", operation_class=Read,
     opt={"policy": platform("tenants:read")}, tags=TAGS)  # fmt: skip
async def listing(request: AdminRequest, slug: Slug) -> Response[SupportAccesses]:
    """Who of the staff asked for access to a tenant, who has it, who had it."""
    tenant = await tenant_of(request, slug)
    async with request.rt.db.read(tenant.id) as s:
        return answer(await accesses(request, s))


@post("/tenants/{slug:str}/support", operation_id="askForSupport", operation_class=Write, opt=ASK,
      tags=TAGS, status_code=201)  # fmt: skip
async def ask(
    request: AdminRequest, slug: Slug, data: JSONBody[AskSupportIn]
) -> Response[SupportAccesses]:
    """Ask to be let into a tenant's console. Open at once where its rule says so."""

    async def work(s: WriteSession, now: datetime) -> Done:
        made = await access.ask(
            s,
            security=request.snapshot[SecurityParameters],
            staff_id=request.staff.staff_id,
            staff_name=request.staff.name,
            reason=data.reason,
            minutes=data.minutes,
            writes=data.writes,
            now=now,
        )
        return Done(
            await accesses(request, s),
            {"state": made.state},
            action="support.opened" if made.state == "open" else None,
        )

    told = {"reason": data.reason, "minutes": data.minutes, "writes": data.writes}
    return await act_on(request, slug, action="support.asked", work=work, told=told, given=data,
                        status=201)  # fmt: skip


@post("/tenants/{slug:str}/support/{access_id:uuid}/leave", operation_id="leaveSupport",
      operation_class=Write, opt=ASK, tags=TAGS, status_code=200)  # fmt: skip
async def leave(request: AdminRequest, slug: Slug, access_id: PathId) -> Response[SupportAccesses]:
    """End one's own access, or take the question back."""

    async def work(s: WriteSession, now: datetime) -> Done:
        await access.own(s, access_id=access_id, staff_id=request.staff.staff_id)
        await access.end(s, access_id=access_id, by=f"support:{request.staff.staff_id}", now=now)
        return Done(await accesses(request, s))

    return await act_on(request, slug, action="support.left", work=work,
                        told={"access": str(access_id)})  # fmt: skip


HANDLERS = [listing, ask, leave]
