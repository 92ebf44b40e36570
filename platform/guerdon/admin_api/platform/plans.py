"""A tenant's plan, and quotas of its own over it."""

from datetime import datetime
from typing import Annotated

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from guerdon.admin_api.platform.requests import act_on, label, tenant_of, words
from guerdon.admin_api.requests import AdminRequest, Done, answer
from guerdon.identity.policy import platform
from guerdon.plans import operations, queries
from guerdon.plans.plans import LIMIT_MAX, METERS, PLANS, Meter, Override, Policy
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.tenancy.allowances import REASON_LENGTH_MAX
from guerdon.wire.openapi import Read, Write
from guerdon.wire.values import In, Out

TAGS = ["Tenants"]
Slug = FromPath[str]


class TenantMeter(Out, frozen=True):
    """A meter of a tenant. `own`: its quota is not its plan's, which is `planLimit`, and ends
    `until`; a null limit is none."""

    meter: str
    used: int
    percent: int
    limit: int | None
    policy: str
    own: bool
    until: datetime | None
    plan_limit: int | None


class PlanName(Out, frozen=True):
    """A plan that there is."""

    key: str
    title: str


class TenantPlan(Out, frozen=True):
    """A tenant's plan and what it uses of it, counted now; and every plan there is."""

    plan: str
    since: datetime | None
    meters: list[TenantMeter]
    plans: list[PlanName]


class OwnQuota(In, frozen=True):
    """A quota that differs from the plan's. `limit` null: none; `policy` null: the plan's; `until`
    null: without an end."""

    meter: Meter
    limit: Annotated[int, Meta(ge=0, le=LIMIT_MAX)] | None
    policy: Policy | None = None
    until: datetime | None = None


class SetTenantPlanIn(In, frozen=True):
    """The plan, and every quota of the tenant's own; what is left out is the plan's. The tenant's
    people read the reason."""

    plan: Annotated[str, Meta(min_length=1, max_length=40)]
    quotas: Annotated[list[OwnQuota], Meta(max_length=len(METERS))]
    reason: Annotated[str, Meta(min_length=1, max_length=REASON_LENGTH_MAX)]


@get("/tenants/{slug:str}/plan", operation_id="readTenantPlan", operation_class=Read,
     opt={"policy": platform("tenants:read")}, tags=TAGS)  # fmt: skip
async def read(request: AdminRequest, slug: Slug) -> Response[TenantPlan]:
    """A tenant's plan, its quotas, and how full they are."""
    tenant = await tenant_of(request, slug)
    async with request.rt.db.read(tenant.id) as s:
        return answer(await _plan(request, s))


@post("/tenants/{slug:str}/plan", operation_id="setTenantPlan", operation_class=Write,
      opt={"policy": platform("tenants:change", fresh=True)}, tags=TAGS,
      status_code=200)  # fmt: skip
async def save(
    request: AdminRequest, slug: Slug, data: JSONBody[SetTenantPlanIn]
) -> Response[TenantPlan]:
    """Put a tenant on a plan, with quotas of its own. It holds within a second."""

    async def work(s: WriteSession, now: datetime) -> Done:
        await operations.set_plan(
            s,
            plan=data.plan,
            overrides={
                one.meter: Override(one.limit, one.policy, one.until) for one in data.quotas
            },
            actor=label(request),
            now=request.real_now,
            address=request.address,
            request_id=request.request_id,
            reason=data.reason,
            words=words(request),
        )
        return Done(await _plan(request, s), changed=False)

    told = {
        "plan": data.plan, "quotas": {one.meter: one.limit for one in data.quotas},
        "reason": data.reason,
    }  # fmt: skip
    return await act_on(request, slug, action="plan.changed", work=work, told=told, given=data)


async def _plan(request: AdminRequest, s: ReadSession) -> TenantPlan:
    found = await queries.standing(s, request.rt.files, now=request.real_now)
    chosen = found.chosen
    return TenantPlan(
        plan=chosen.plan,
        since=chosen.since,
        meters=[
            TenantMeter(
                meter=one.meter,
                used=one.used,
                percent=one.percent,
                limit=one.limit,
                policy=one.policy,
                own=one.meter in chosen.overrides,
                until=own.until if (own := chosen.overrides.get(one.meter)) else None,
                plan_limit=chosen.of.quotas[one.meter].limit,
            )
            for one in found.gauges
        ],
        plans=[PlanName(one.key, one.title) for one in PLANS.values()],
    )


HANDLERS = [read, save]
