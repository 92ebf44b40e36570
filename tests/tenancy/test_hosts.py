"""Host to tenant over HTTP, and how fast a change is seen."""

import asyncio
from datetime import UTC, datetime

import pytest

from guerdon.kit.errors import InvalidError
from guerdon.runtime import Runtime
from guerdon.tenancy.errors import HostTakenError
from guerdon.tenancy.lifecycle import State, Who
from guerdon.tenancy.operations import check_slug, save_tenant
from guerdon.tenancy.schemas import Tenant
from guerdon.tenancy.transitions import change_state

HOSTILE_HOSTS = [
    "unknown.localhost",
    "localhost.evil.example",
    "aurora.localhost@evil.example",
    "aurora.localhost#",
    "aurora.localhost/..",
    "\u00e0urora.localhost",
    "",
    " ",
    "a" * 300,
    "aurora.localhost:99999999",
    "[::1]",
]


@pytest.mark.parametrize("host", HOSTILE_HOSTS)
async def test_an_unknown_host_is_421(http, host: str) -> None:
    client = await http("localhost")
    answer = await client.get("/", headers={"Host": host.encode("latin-1")})
    assert answer.status_code == 421
    assert answer.headers["x-request-id"]


async def test_paths_of_other_hosts_are_not_reached_from_a_tenant(http, tenant: Tenant) -> None:
    client = await http(tenant)
    for path in ("/_base/", "/_hooks/", "/_refused", "/_refused/api"):
        assert (await client.get(path)).status_code == 421


async def test_forwarded_host_is_ignored(http, tenant: Tenant) -> None:
    client = await http("unknown.localhost")
    answer = await client.get("/", headers={"X-Forwarded-Host": tenant.canonical_host})
    assert answer.status_code == 421


async def test_a_suspended_tenant_is_503_within_a_second(http, rt: Runtime, tenant: Tenant) -> None:
    client = await http(tenant)
    assert (await client.get("/")).status_code not in {421, 503}
    async with rt.db.write(tenant.id) as s:
        await change_state(
            s, to=State.SUSPENDED, by=Who.PLATFORM, actor="cli", reason="abuse",
            now=datetime.now(UTC),
        )  # fmt: skip
    async with asyncio.timeout(1):
        while (await client.get("/")).status_code != 503:
            await asyncio.sleep(0.02)
    assert (await client.get("/api/v1/members")).status_code == 503


async def test_a_host_belongs_to_one_tenant(rt: Runtime, tenant: Tenant, make_tenant) -> None:
    other = await make_tenant()
    with pytest.raises(HostTakenError):
        async with rt.db.write(other.id) as s:
            await save_tenant(
                s,
                tenant_id=other.id,
                slug=other.slug,
                name=other.name,
                begins_as=State.LIVE,
                canonical_host=tenant.canonical_host,
                hosts=[],
            )
    assert (await rt.directory.by_id(tenant.id)).canonical_host == tenant.canonical_host


@pytest.mark.parametrize("slug", ["admin", "a", "A-b", "-a", "a--b", "xn--80ak6aa92e", "a.b", ""])
def test_reserved_and_malformed_slugs_are_refused(slug: str) -> None:
    with pytest.raises(InvalidError):
        check_slug(slug)
