"""What one tenant may that differs from all others: limits of its own, and flags."""

from datetime import datetime
from typing import Annotated

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from guerdon.admin_api.platform.requests import act_on, label, tenant_of, words
from guerdon.admin_api.requests import AdminRequest, Done, answer
from guerdon.identity.policy import platform
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.settings import Settings
from guerdon.tenancy import allowances
from guerdon.tenancy.allowances import FLAGS, LIMITS, REASON_LENGTH_MAX, Flag, LimitName
from guerdon.wire.openapi import Read, Write
from guerdon.wire.values import In, Out

TAGS = ["Tenants"]
CHANGE = {"policy": platform("tenants:change", fresh=True)}
Slug = FromPath[str]
Reason = Annotated[str, Meta(min_length=1, max_length=REASON_LENGTH_MAX)]


class TenantLimit(Out, frozen=True):
    """A limit of a tenant, from `low` to `high`. `own`: it is not that of all, which is
    `standard`; it has its `reason` and ends `until`, or does not."""

    name: str
    value: int
    standard: int
    low: int
    high: int
    own: bool
    reason: str | None
    until: datetime | None


class TenantFlag(Out, frozen=True):
    """Whether something is on for a tenant; where it is off, why and until when."""

    name: str
    on: bool
    reason: str | None
    until: datetime | None


class TenantLimits(Out, frozen=True):
    """Every limit and every flag of a tenant that staff can change."""

    limits: list[TenantLimit]
    flags: list[TenantFlag]


class SetLimitIn(In, frozen=True):
    """A limit of the tenant's own, or that of all (`value` null). Its people read the reason."""

    limit: LimitName
    reason: Reason
    value: int | None = None
    until: datetime | None = None


class SetFlagIn(In, frozen=True):
    """Off, for good or until an instant; or on. The tenant's people read the reason."""

    flag: Flag
    on: bool
    reason: Reason
    until: datetime | None = None


@get("/tenants/{slug:str}/limits", operation_id="readTenantLimits", operation_class=Read,
     opt={"policy": platform("tenants:read")}, tags=TAGS)  # fmt: skip
async def read(request: AdminRequest, slug: Slug) -> Response[TenantLimits]:
    """A tenant's limits and flags, and which of them are its own."""
    tenant = await tenant_of(request, slug)
    async with request.rt.db.read(tenant.id) as s:
        return answer(await _limits(request, s))


@post("/tenants/{slug:str}/limits", operation_id="setTenantLimit", operation_class=Write,
      opt=CHANGE, tags=TAGS, status_code=200)  # fmt: skip
async def set_limit(
    request: AdminRequest, slug: Slug, data: JSONBody[SetLimitIn]
) -> Response[TenantLimits]:
    """Give a tenant a limit of its own, or that of all again. It holds within a second."""

    async def work(s: WriteSession, now: datetime) -> Done:
        await allowances.set_limit(
            s, name=data.limit, value=data.value, until=data.until, reason=data.reason,
            actor=label(request), now=request.real_now, address=request.address,
            request_id=request.request_id, words=words(request),
        )  # fmt: skip
        return Done(await _limits(request, s), changed=False)

    told = {"limit": data.limit, "value": data.value, "until": data.until, "reason": data.reason}
    return await act_on(request, slug, action="limit.changed", work=work, told=told, given=data)


@post("/tenants/{slug:str}/flags", operation_id="setTenantFlag", operation_class=Write,
      opt=CHANGE, tags=TAGS, status_code=200)  # fmt: skip
async def set_flag(
    request: AdminRequest, slug: Slug, data: JSONBody[SetFlagIn]
) -> Response[TenantLimits]:
    """Switch something off for a tenant, or on again. It holds within a second."""

    async def work(s: WriteSession, now: datetime) -> Done:
        await allowances.set_flag(
            s, flag=data.flag, on=data.on, until=data.until, reason=data.reason,
            actor=label(request), now=request.real_now, address=request.address,
            request_id=request.request_id, words=words(request),
        )  # fmt: skip
        return Done(await _limits(request, s), changed=False)

    told = {"flag": data.flag, "on": data.on, "until": data.until, "reason": data.reason}
    return await act_on(request, slug, action="flag.changed", work=work, told=told, given=data)


async def _limits(request: AdminRequest, s: ReadSession) -> TenantLimits:
    own = await allowances.own(s, now=request.real_now)
    limits = []
    for name, of in LIMITS.items():
        standard, found = _standard(request.rt.settings, name), own.get(name)
        limits.append(
            TenantLimit(
                name=name,
                value=standard if found is None else found.value,
                standard=standard,
                low=of.low,
                high=of.high,
                own=found is not None,
                reason=found.reason if found else None,
                until=found.until if found else None,
            )
        )
    flags = [
        TenantFlag(
            name=name,
            on=name not in own,
            reason=own[name].reason if name in own else None,
            until=own[name].until if name in own else None,
        )
        for name in FLAGS
    ]
    return TenantLimits(limits, flags)


def _standard(settings: Settings, name: LimitName) -> int:
    """That of all."""
    if name == "requests_per_minute":
        return settings.tenant_requests_per_minute
    return allowances.JOBS_AT_ONCE


HANDLERS = [read, set_limit, set_flag]
