"""Every tenant on one page, one of them in full, and leading it from one state to another."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from guerdon.admin_api.platform.requests import act_on, label
from guerdon.admin_api.requests import AdminRequest, Done, answer
from guerdon.identity.policy import platform
from guerdon.kit.paging import PAGE_SIZE_DEFAULT, Page
from guerdon.plumbing.db import WriteSession
from guerdon.redemption.queries import open_orders
from guerdon.support.sheet import Figures, figures
from guerdon.tenancy import sheets
from guerdon.tenancy.lifecycle import State, Who, onward
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.tenancy.schemas import Tenant
from guerdon.tenancy.transitions import REASON_LENGTH_MAX, change_state
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import Cursor, Limit
from guerdon.wire.values import In, Out

TAGS = ["Tenants"]
READ = {"policy": platform("tenants:read")}
CHANGE = {"policy": platform("tenants:change", fresh=True)}
HEALTH = ("well", "warning", "unwell")
Slug = FromPath[str]


class TenantFigures(Out, frozen=True):
    """How a tenant does. `health`: `well`, `warning` or `unwell`; `problems`: what is wrong;
    `lateSeconds`: how long the oldest job that is due has waited; `requests`: answers of the last
    hour, `failed` those from 500 on."""

    members: int
    points_outstanding: int
    points_held: int
    open_orders: int
    parked: int
    late_seconds: int
    requests: int
    failed: int
    health: str
    problems: list[str]

    @classmethod
    def of(cls, found: Figures | sheets.Sheet) -> "TenantFigures":
        """As they were counted."""
        return cls(
            members=found.members,
            points_outstanding=found.points_outstanding,
            points_held=found.points_held,
            open_orders=found.open_orders,
            parked=found.parked,
            late_seconds=found.late_s,
            requests=found.requests,
            failed=found.failed,
            health=HEALTH[found.health],
            problems=list(found.problems),
        )


class TenantRow(Out, frozen=True):
    """A tenant in the list. `figures` are those of `countedAt`, null before they were counted for
    the first time, as `plan` and `usagePercent` are before its usage was."""

    id: UUID
    slug: str
    name: str
    status: str
    status_since: datetime
    created_at: datetime
    plan: str | None
    usage_percent: int | None
    figures: TenantFigures | None
    counted_at: datetime | None

    @classmethod
    def of(cls, found: sheets.Sheet) -> "TenantRow":
        """As the list has it."""
        return cls(
            id=found.tenant_id,
            slug=found.slug,
            name=found.name,
            status=found.status,
            status_since=found.status_since,
            created_at=found.created_at,
            plan=found.plan or None,
            usage_percent=found.usage_percent if found.plan else None,
            figures=TenantFigures.of(found) if found.refreshed_at else None,
            counted_at=found.refreshed_at,
        )


class TenantWay(Out, frozen=True):
    """A way that is open from where a tenant stands. `notBefore`: the day from which it is."""

    target: str
    by: list[str]
    reason: bool
    not_before: datetime | None


class TenantSheet(Out, frozen=True):
    """A tenant: who it is, where it lives, where it stands and where it can go."""

    id: UUID
    slug: str
    name: str
    status: str
    status_since: datetime
    status_ends_at: datetime | None
    site_url: str
    hosts: list[str]
    ways: list[TenantWay]
    figures: TenantFigures

    @classmethod
    def of(cls, tenant: Tenant, site_url: str, counted: Figures) -> "TenantSheet":
        """As the directory has it."""
        ways = [
            TenantWay(
                target=way.target,
                by=sorted(one.value for one in way.by),
                reason=way.reason,
                not_before=tenant.status_since + way.after if way.after else None,
            )
            for way in onward(tenant.status, tenant.came_from)
            if Who.PLATFORM in way.by
        ]
        return cls(
            id=tenant.id,
            slug=tenant.slug,
            name=tenant.name,
            status=tenant.status,
            status_since=tenant.status_since,
            status_ends_at=tenant.status_ends_at,
            site_url=site_url,
            hosts=list(tenant.hosts),
            ways=ways,
            figures=TenantFigures.of(counted),
        )


class StateIn(In, frozen=True):
    """Where to lead a tenant, and why; its people read the reason."""

    state: State
    reason: Annotated[str, Meta(max_length=REASON_LENGTH_MAX)] = ""


@get("/tenants", operation_id="listTenants", operation_class=Read, opt=READ, tags=TAGS)
async def listing(
    request: AdminRequest,
    sort: Annotated[sheets.Sort, QueryParameter(description="What the list is sorted by")] = "name",
    down: Annotated[bool, QueryParameter(description="The largest first")] = False,
    status: Annotated[
        list[State] | None, QueryParameter(max_items=7, description="These states only")
    ] = None,
    health: Annotated[
        list[Literal["well", "warning", "unwell"]] | None,
        QueryParameter(max_items=3, description="`well`, `warning`, `unwell`; these only"),
    ] = None,
    text: Annotated[
        str, QueryParameter(name="q", max_length=100, description="Beginnings of words of names")
    ] = "",
    cursor: Cursor = None,
    limit: Limit = PAGE_SIZE_DEFAULT,
) -> Response[Page[TenantRow]]:
    """Every tenant, sorted by any of its figures. A page costs the same however many there are."""
    async with request.rt.db.read(OPERATOR_ID) as s:
        found = await sheets.page(
            s,
            sort=sort,
            down=down,
            states=[one.value for one in status or ()],
            health=[HEALTH.index(one) for one in health or ()],
            search=text,
            cursor=cursor,
            limit=limit,
        )
    return answer(Page([TenantRow.of(one) for one in found.items], found.next_cursor))


@get("/tenants/{slug:str}", operation_id="readTenant", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def tenant(request: AdminRequest, slug: Slug) -> Response[TenantSheet]:
    """One tenant, counted just now; whoever is no brand is not found."""
    found = await request.rt.directory.by_slug(slug)
    return answer(await _sheet(request, found))


@post("/tenants/{slug:str}/state", operation_id="changeTenantState", operation_class=Write,
      opt=CHANGE, tags=TAGS, status_code=200)  # fmt: skip
async def change(
    request: AdminRequest, slug: Slug, data: JSONBody[StateIn]
) -> Response[TenantSheet]:
    """Suspend a tenant, resume it, call its payment due: along the ways that its sheet names."""

    async def work(s: WriteSession, now: datetime) -> Done:
        await change_state(
            s,
            to=data.state,
            by=Who.PLATFORM,
            actor=label(request),
            reason=data.reason,
            now=now,
            open_orders=await open_orders(s),
            address=request.address,
            request_id=request.request_id,
        )
        after = await request.rt.directory.read(s, request.tenant.id)
        counted = await figures(request.rt, s, now=now)
        url = request.rt.settings.tenant_url(after.canonical_host)
        return Done(TenantSheet.of(after, url, counted), changed=False)

    told = {"to": data.state.value, "reason": data.reason}
    return await act_on(request, slug, action="tenant.led", work=work, told=told, given=data)


async def _sheet(request: AdminRequest, found: Tenant) -> TenantSheet:
    async with request.rt.db.read(found.id) as s:
        counted = await figures(request.rt, s, now=request.now)
    return TenantSheet.of(found, request.rt.settings.tenant_url(found.canonical_host), counted)


HANDLERS = [listing, tenant, change]
