"""One tenant, as the platform's staff see it."""

from datetime import datetime
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from guerdon.admin_api.requests import AdminRequest, answer
from guerdon.identity.policy import platform
from guerdon.tenancy.lifecycle import Who, onward
from guerdon.tenancy.schemas import Tenant
from guerdon.wire.openapi import Read
from guerdon.wire.values import Out

TAGS = ["Tenants"]
READ = {"policy": platform("tenants:read")}


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

    @classmethod
    def of(cls, tenant: Tenant, site_url: str) -> "TenantSheet":
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
        )


@get("/tenants/{slug:str}", operation_id="readTenant", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def tenant(request: AdminRequest, slug: FromPath[str]) -> Response[TenantSheet]:
    """One tenant; whoever is no brand is not found."""
    found = await request.rt.directory.by_slug(slug)
    return answer(TenantSheet.of(found, request.rt.settings.tenant_url(found.canonical_host)))


HANDLERS = [tenant]
