"""Sign-in at an OpenID Connect provider that nobody here wrote: canaille, over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from authlib.integrations.base_client.errors import OAuthError
from tests.identity.canaille import MEMBER_CALLBACK, Canaille, walk

from guerdon.identity import connections
from guerdon.identity.errors import ConnectionRefusedByPolicyError
from guerdon.identity.parameters import SecurityParameters
from guerdon.kit.ids import secret_token, uuid7
from guerdon.members import arrivals, operations
from guerdon.members.arrivals import Arrival
from guerdon.members.linking import Visitor
from guerdon.plumbing.egress import Egress
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant


@pytest.fixture
async def sso_rt(rt: Runtime, canaille: Canaille) -> AsyncIterator[Runtime]:
    egress = Egress([canaille.url])
    yield replace(rt, egress=egress)
    await egress.close()


@pytest.fixture
async def brand(sso_rt: Runtime, make_tenant: Any, canaille: Canaille) -> Tenant:
    connection = {"key": "own", "issuer": canaille.url, "client_id": "guerdon", "secret": "sso"}
    made: Tenant = await make_tenant(security={"connections": [connection]})
    async with sso_rt.db.write(made.id) as s:
        await sso_rt.secrets.put(s, "sso", "canaille's secret")
    # canaille knows one address to send people back to: this brand stands there.
    return replace_host(made, "brand.localhost")


def replace_host(tenant: Tenant, host: str) -> Tenant:
    return Tenant(
        id=tenant.id, slug=tenant.slug, name=tenant.name, status=tenant.status,
        canonical_host=host, hosts=(host,),
    )  # fmt: skip


async def begin(rt: Runtime, brand: Tenant, who: Visitor, **more: Any) -> str:
    snapshot = await rt.snapshot(brand.id, datetime.now(UTC))
    connection = connections.connection_of(snapshot[SecurityParameters], "own")
    return await connections.begin(
        rt, tenant=brand, connection=connection, browser_id=who.browser_id, return_to="/", **more
    )


async def come_back(rt: Runtime, brand: Tenant, who: Visitor, query: dict[str, str]) -> Arrival:
    now = datetime.now(UTC)
    return await arrivals.from_connection(
        rt, tenant=brand, snapshot=await rt.snapshot(brand.id, now), connection_key="own",
        query=query, visitor=who, now=now,
    )  # fmt: skip


async def test_sign_in_at_a_real_provider(sso_rt: Runtime, brand: Tenant) -> None:
    who, now = Visitor(secret_token(16), "198.51.100.7"), datetime.now(UTC)
    arrived = await come_back(
        sso_rt, brand, who, await walk(await begin(sso_rt, brand, who), MEMBER_CALLBACK)
    )
    assert (arrived.member, arrived.email, arrived.name) == (
        None,
        "zelda@brand.example",
        "Zelda Quill",
    )
    snapshot = await sso_rt.snapshot(brand.id, now)
    async with sso_rt.db.write(brand.id) as s:
        zelda = await operations.join(
            s, id=uuid7(), email="zelda@brand.example", name="Zelda", snapshot=snapshot, now=now
        )
    url = await begin(sso_rt, brand, who, link_to=zelda.id)
    assert (await come_back(sso_rt, brand, who, await walk(url, MEMBER_CALLBACK))).member == zelda
    again = await come_back(
        sso_rt, brand, who, await walk(await begin(sso_rt, brand, who), MEMBER_CALLBACK)
    )
    assert again.member == zelda


async def test_a_real_answer_is_good_once_and_in_one_browser(
    sso_rt: Runtime, brand: Tenant
) -> None:
    who = Visitor(secret_token(16), "198.51.100.7")
    query = await walk(await begin(sso_rt, brand, who), MEMBER_CALLBACK)
    assert (await come_back(sso_rt, brand, who, query)).ticket is not None
    with pytest.raises(ConnectionRefusedByPolicyError):
        await come_back(sso_rt, brand, who, query)
    query = await walk(await begin(sso_rt, brand, who), MEMBER_CALLBACK)
    for visitor in (Visitor(secret_token(16), "203.0.113.1"), who):
        with pytest.raises(ConnectionRefusedByPolicyError):
            await come_back(sso_rt, brand, visitor, query)


async def test_a_real_provider_wants_the_right_secret(sso_rt: Runtime, brand: Tenant) -> None:
    async with sso_rt.db.write(brand.id) as s:
        await sso_rt.secrets.put(s, "sso", "yesterday's secret")
    who = Visitor(secret_token(16), "198.51.100.7")
    query = await walk(await begin(sso_rt, brand, who), MEMBER_CALLBACK)
    with pytest.raises(ConnectionRefusedByPolicyError) as refused:
        await come_back(sso_rt, brand, who, query)
    assert isinstance(refused.value.__cause__, OAuthError)
    assert refused.value.__cause__.error == "invalid_client"
