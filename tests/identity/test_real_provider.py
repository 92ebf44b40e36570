"""Sign-in at an OpenID Connect provider that nobody here wrote: canaille, over HTTP."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from authlib.integrations.base_client.errors import OAuthError
from tests.conftest import ConsoleFactory
from tests.identity.canaille import MEMBER_CALLBACK, Canaille, Person, walk
from tests.identity.names import NameServer
from tests.identity.people import Browser

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
        canonical_host=host, hosts=(host,), status_since=tenant.status_since,
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


ROLES = [
    {"group": "loyalty-admins", "role": "administrator"},
    {"group": "marketing", "role": "marketer"},
]


def local(url: str) -> str:
    """An address of the console without its host."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


async def go_through(
    browser: Browser, canaille: Person, path: str, callback: str
) -> httpx2.Response:
    """From the console to canaille and back."""
    away = (await browser.call("GET", path)).headers["location"]
    query = await canaille.go(away, callback)
    back = urlsplit(callback).path
    return await browser.call("GET", f"{back}?{httpx2.QueryParams(query)}")


async def test_a_brands_people_come_in_by_a_real_provider(
    tenant: Tenant,
    console: ConsoleFactory,
    canaille: Canaille,
    names: NameServer,
    browser_at: Callable[..., Browser],
) -> None:
    owner = await console(tenant)
    made = await owner.post(
        f"{owner.brand}/connections",
        json={
            "title": "Canaille",
            "settings": {
                "type": "oidc", "issuer": canaille.url, "clientId": "to come", "roles": ROLES,
                "scopes": ["openid", "email", "profile", "groups"],
            },
        },
    )  # fmt: skip
    connection = made.json()
    path = f"{owner.brand}/connections/{connection['id']}"
    callback = connection["addresses"]["callback"]
    looked = await owner.get(
        f"{owner.brand}/connections/inspection", params={"issuer": canaille.url}
    )
    assert (looked.json()["usable"], looked.json()["signOut"]) == (True, True)
    client_id, secret = canaille.register(callback)
    settings = {**connection["settings"], "clientId": client_id}
    edited = await owner.put(
        path, json={"rowVersion": connection["rowVersion"], "title": "C", "settings": settings}
    )
    assert edited.status_code == 200, edited.text
    await owner.post(f"{path}/secret", json={"value": secret})
    # canaille says nothing about e-mails being verified: the brand proves its domain.
    claimed = await owner.post(f"{owner.brand}/email-domains", json={"domain": "brand.example"})
    names.texts[claimed.json()["recordName"]] = [claimed.json()["recordValue"]]
    proved = await owner.post(f"{owner.brand}/email-domains/brand.example/check", json={})
    assert proved.json()["verifiedAt"] is not None
    browser, zelda = browser_at(tenant), Person("zelda")
    test = (await owner.post(f"{path}/tests", json={})).json()
    await go_through(browser, zelda, local(test["url"]), callback)
    seen = (await owner.get(f"{path}/tests/{test['id']}")).json()
    assert (seen["outcome"], seen["roles"]) == ("passed", ["administrator"]), seen
    assert seen["groups"] == ["loyalty-admins", "finance"]
    assert (await owner.post(f"{path}/enable", json={})).status_code == 200

    start = local(connection["addresses"]["start"])
    assert (await go_through(browser, zelda, start, callback)).headers["location"] == (
        f"/{tenant.slug}"
    )
    me = (await browser.me()).json()
    assert (me["name"], me["roles"]) == ("Zelda Quill", ["administrator"])
    # Proving oneself again asks for the password once more.
    again = await go_through(browser, zelda, f"{start}?again=1", callback)
    assert again.headers["location"] == f"/{tenant.slug}"
    for name, refused in (("otto", "no_role"), ("nora", "no_role")):
        stranger = await go_through(browser_at(tenant), Person(name), start, callback)
        assert stranger.headers["location"].endswith(f"refused={refused}")
    marta = browser_at(tenant)
    await go_through(marta, Person("marta"), start, callback)
    assert (await marta.me()).json()["roles"] == ["marketer"]
    # Leaving here, and there.
    await browser.me()
    out = (await browser.act("POST", "/sign-out")).json()["providerUrl"]
    there = (await browser.call("GET", local(out))).headers["location"]
    answer = await zelda.client.get(there)
    assert answer.status_code in {200, 302}, answer.text[:500]
