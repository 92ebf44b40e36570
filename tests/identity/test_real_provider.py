"""Sign-in at an OpenID Connect provider that nobody here wrote: canaille, over HTTP."""

import re
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
import pytest
from authlib.integrations.base_client.errors import OAuthError

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

CALLBACK = "http://brand.localhost/sso/own/cb"


@pytest.fixture(scope="module")
def canaille(root: Path, free_tcp_port_factory: Callable[[], int]) -> Iterator[str]:
    """The provider's address."""
    subprocess.run([root / "scripts" / "environment.sh", "canaille"], check=True, cwd=root)
    port = free_tcp_port_factory()
    python = root / ".cache" / "peers" / "canaille" / "bin" / "python"
    script = root / "tests" / "peers" / "canaille_server.py"
    process = subprocess.Popen(
        [python, script, str(port), CALLBACK], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(timeout=10)


@pytest.fixture
async def sso_rt(rt: Runtime, canaille: str) -> AsyncIterator[Runtime]:
    egress = Egress([canaille])
    yield replace(rt, egress=egress)
    await egress.close()


@pytest.fixture
async def brand(sso_rt: Runtime, make_tenant: Any, canaille: str) -> Tenant:
    connection = {"key": "own", "issuer": canaille, "client_id": "guerdon", "secret": "sso"}
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


async def walk(url: str) -> dict[str, str]:
    """What a person's browser does at the provider: user name, password, consent; then back."""
    async with httpx2.AsyncClient(follow_redirects=False, trust_env=False) as browser:
        answer = await browser.get(url)
        filled = {"login": "zelda", "password": "a long passphrase"}
        for _ in range(12):
            if location := answer.headers.get("location"):
                url = urljoin(url, location)
                if url.startswith(CALLBACK):
                    return {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}
                answer = await browser.get(url)
                continue
            page = answer.text
            names = {unescape(n) for n in re.findall(r'name="([^"]+)"', page)}
            form = {name: value for name, value in filled.items() if name in names}
            if not form and "answer" in names:
                form = {"answer": "accept"}
            action = re.search(r'<form[^>]*action="([^"]+)"', page)
            url = urljoin(url, unescape(action[1])) if action else url
            answer = await browser.post(url, data=form)
    raise AssertionError(f"the provider goes in circles at {url}: {page[:500]}")


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
    arrived = await come_back(sso_rt, brand, who, await walk(await begin(sso_rt, brand, who)))
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
    assert (await come_back(sso_rt, brand, who, await walk(url))).member == zelda
    again = await come_back(sso_rt, brand, who, await walk(await begin(sso_rt, brand, who)))
    assert again.member == zelda


async def test_a_real_answer_is_good_once_and_in_one_browser(
    sso_rt: Runtime, brand: Tenant
) -> None:
    who = Visitor(secret_token(16), "198.51.100.7")
    query = await walk(await begin(sso_rt, brand, who))
    assert (await come_back(sso_rt, brand, who, query)).ticket is not None
    with pytest.raises(ConnectionRefusedByPolicyError):
        await come_back(sso_rt, brand, who, query)
    query = await walk(await begin(sso_rt, brand, who))
    for visitor in (Visitor(secret_token(16), "203.0.113.1"), who):
        with pytest.raises(ConnectionRefusedByPolicyError):
            await come_back(sso_rt, brand, visitor, query)


async def test_a_real_provider_wants_the_right_secret(sso_rt: Runtime, brand: Tenant) -> None:
    async with sso_rt.db.write(brand.id) as s:
        await sso_rt.secrets.put(s, "sso", "yesterday's secret")
    who = Visitor(secret_token(16), "198.51.100.7")
    query = await walk(await begin(sso_rt, brand, who))
    with pytest.raises(ConnectionRefusedByPolicyError) as refused:
        await come_back(sso_rt, brand, who, query)
    assert isinstance(refused.value.__cause__, OAuthError)
    assert refused.value.__cause__.error == "invalid_client"
