"""What a proxy is told of a name it is asked for a certificate of: no, unless all is well."""

import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx2
import msgspec
import pytest

from guerdon.app import Application, certificates
from guerdon.app.certificates import Allowance
from guerdon.app.hosts import HostRouter
from guerdon.kit.errors import UnavailableError
from guerdon.runtime import Runtime
from guerdon.support.traffic import Meter
from guerdon.tenancy.lifecycle import State, Who
from guerdon.tenancy.schemas import Tenant
from guerdon.tenancy.transitions import change_state

ASK_HOST = "web.inside:8000"
PROXY = "192.0.2.10"
Ask = Callable[..., Any]


@pytest.fixture
async def ask(application: Application) -> AsyncIterator[Ask]:
    """`await ask(name)`: the status that the proxy sees; `client` and `headers` as told."""
    rt: Runtime = application.litestar.state.rt
    settings = msgspec.structs.replace(rt.settings, ask_host=ASK_HOST)
    told = dataclasses.replace(rt, settings=settings)
    router = HostRouter(application.litestar, lambda: told, Meter(), trusted_proxies=(PROXY,))
    async with AsyncExitStack() as stack:

        async def asked(
            name: str, *, peer: str = PROXY, host: str = ASK_HOST, path: str = "/certificate",
            headers: dict[str, str] | None = None,
        ) -> int:  # fmt: skip
            transport = httpx2.ASGITransport(
                app=router, raise_app_exceptions=False, client=(peer, 40_000)
            )
            client = await stack.enter_async_context(
                httpx2.AsyncClient(transport=transport, base_url=f"http://{host}")
            )
            answer = await client.get(path, params={"domain": name}, headers=headers)
            assert "location" not in answer.headers
            return answer.status_code

        yield asked


async def test_hosts_that_are_served_may_have_one(ask: Ask, tenant: Tenant) -> None:
    assert await ask(tenant.canonical_host) == 200
    assert await ask(tenant.canonical_host.upper()) == 200
    for own in ("localhost", "admin.localhost", "staff.localhost", "hooks.localhost"):
        assert await ask(own) == 200
    for other in ("nobody.example", f"x.{tenant.canonical_host}", "", "a" * 300, "' OR 1=1 --"):
        assert await ask(other) == 404


@pytest.mark.parametrize("state", [State.PENDING, State.SUSPENDED, State.CLOSED])
async def test_a_brand_that_is_not_open_has_none(
    ask: Ask, rt: Runtime, make_tenant: Any, state: State
) -> None:
    tenant = await make_tenant(status="pending" if state is State.PENDING else "live")
    assert await ask(tenant.canonical_host) == (404 if state is State.PENDING else 200)
    now = datetime.now(UTC)
    path = {State.SUSPENDED: [State.SUSPENDED], State.CLOSED: [State.CLOSING, State.CLOSED]}
    for step, to in enumerate(path.get(state, [])):
        async with rt.db.write(tenant.id) as s:
            await change_state(
                s, to=to, by=Who.SYSTEM if to is State.CLOSED else Who.PLATFORM, actor="cli",
                reason="abuse", now=now.replace(year=now.year + step),
                open_orders=0 if to is State.CLOSED else None,
            )  # fmt: skip
    # At once, whatever this process still has in memory.
    assert await ask(tenant.canonical_host) == 404


async def test_nobody_but_the_proxy_may_ask(ask: Ask, tenant: Tenant) -> None:
    name = tenant.canonical_host
    assert await ask(name, peer="198.51.100.7") == 421
    for handed_on in ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Via"):
        assert await ask(name, headers={handed_on: "198.51.100.7"}) == 421
    # Not at a brand's host, nor at the deployment's own.
    for host in (name, "localhost", "hooks.localhost"):
        assert await ask(name, host=host) == 404, host
    for host in (name, "localhost", "hooks.localhost", "admin.localhost", ASK_HOST):
        assert await ask(name, host=host, path="/_ask/certificate") in {404, 421}, host


async def test_without_the_database_the_answer_is_no(
    ask: Ask, application: Application, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await ask(tenant.canonical_host) == 200
    rt: Runtime = application.litestar.state.rt

    @asynccontextmanager
    async def away() -> AsyncIterator[None]:
        raise UnavailableError
        yield

    monkeypatch.setattr(rt.db, "control", away)
    assert await ask(tenant.canonical_host) == 503


async def test_a_flood_of_names_is_cut_and_brands_in_memory_are_not(
    ask: Ask, tenant: Tenant, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    await application.litestar.state.rt.directory.by_host(tenant.canonical_host)
    monkeypatch.setattr(certificates, "_allowance", Allowance())
    monkeypatch.setattr(certificates, "RATE", 0.0)
    flood = [await ask(f"{n}.flood.example") for n in range(int(certificates.BURST) + 5)]
    assert flood == [404] * int(certificates.BURST) + [429] * 5
    assert await ask(tenant.canonical_host) == 200
