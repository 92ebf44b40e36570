"""The gate: no policy, no entry; every policy over HTTP, through the real host router."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from litestar import Litestar, Request, get, post
from redis.exceptions import RedisError

from guerdon.app import Application
from guerdon.app.hosts import HostRouter
from guerdon.identity import api_keys
from guerdon.identity.gate import Gate, visit
from guerdon.identity.policy import api_key, member, member_token, operator, public
from guerdon.kit.errors import GuerdonError
from guerdon.kit.ids import uuid7
from guerdon.runtime import Runtime
from guerdon.support.traffic import Meter
from guerdon.tenancy.schemas import Tenant

SAME = {"sec-fetch-site": "same-origin"}


@get("/open", opt={"policy": public()})
async def open_page(request: Request[Any, Any, Any]) -> dict[str, Any]:
    here = visit(request)
    who = here.principal
    return {"token": here.csrf_token(), "who": who.label if who else None}


@post("/open", opt={"policy": public()})
async def open_form(request: Request[Any, Any, Any]) -> str:
    return (await request.body()).decode()


@post("/sign-in", opt={"policy": public()})
async def sign_in(request: Request[Any, Any, Any]) -> dict[str, str]:
    session = await visit(request).sign_in(
        member_id=uuid7(), method="code", now=request.app.state.rt.clock.now()
    )
    return {"session": session.id}


@get("/mine", opt={"policy": member()})
async def mine(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return {"who": visit(request).principal.label}  # type: ignore[union-attr]


@post("/mine", opt={"policy": member()})
async def mine_form(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return {"said": (await request.form()).get("said")}


@get("/risky", opt={"policy": member(fresh=True)})
async def risky() -> str:
    return "done"


@post("/sign-out", opt={"policy": member()})
async def sign_out(request: Request[Any, Any, Any]) -> str:
    await visit(request).sign_out()
    return "bye"


@get("/keyed", opt={"policy": api_key("points:read")})
async def keyed(request: Request[Any, Any, Any]) -> str:
    return visit(request).principal.label  # type: ignore[union-attr]


@get("/app", opt={"policy": member_token("me:read")})
async def for_app() -> str:
    return "app"


@get("/metrics", opt={"policy": operator()})
async def for_operator() -> str:
    return "metrics"


@get("/forgotten")
async def forgotten() -> str:
    return "nobody may read this"


def refused(_: Any, error: GuerdonError) -> Any:
    from litestar import Response

    return Response({"code": error.code}, status_code=error.status)


Client = Callable[[Tenant], Any]


@pytest.fixture
async def at(rt: Runtime) -> AsyncIterator[Client]:
    app = Litestar(
        [open_page, open_form, sign_in, mine, mine_form, risky, sign_out, keyed, for_app,
         for_operator, forgotten],
        middleware=[Gate()],
        exception_handlers={GuerdonError: refused},
        openapi_config=None,
    )  # fmt: skip
    app.state.rt = rt
    router = HostRouter(app, lambda: rt, Meter(), trusted_proxies=())
    async with AsyncExitStack() as stack:

        async def client(tenant: Tenant) -> httpx2.AsyncClient:
            return await stack.enter_async_context(
                httpx2.AsyncClient(
                    transport=httpx2.ASGITransport(app=router, raise_app_exceptions=False),
                    # https, so that the client keeps Secure cookies; the product is told http.
                    base_url=f"https://{tenant.canonical_host}",
                )
            )

        yield client


async def test_a_route_without_policy_is_closed(at: Client, tenant: Tenant) -> None:
    client = await at(tenant)
    answer = await client.get("/forgotten")
    assert answer.status_code == 500
    assert "nobody" not in answer.text


async def test_a_form_needs_our_page_and_its_token(at: Client, tenant: Tenant) -> None:
    client, attacker = await at(tenant), await at(tenant)
    token = (await client.get("/open")).json()["token"]
    stolen = (await attacker.get("/open")).json()["token"]
    form = {"csrf_token": token, "said": "yes"}
    own = f"http://{tenant.canonical_host}"
    tries: list[tuple[dict[str, Any], int]] = [
        ({"data": form, "headers": SAME}, 201),
        ({"data": form, "headers": {"origin": own}}, 201),
        ({"json": {"said": 1}, "headers": {**SAME, "x-csrf-token": token}}, 201),
        ({"data": form}, 403),
        ({"data": {"said": "yes"}, "headers": SAME}, 403),
        ({"data": {**form, "csrf_token": stolen}, "headers": SAME}, 403),
        ({"data": form, "headers": {"sec-fetch-site": "cross-site"}}, 403),
        ({"data": form, "headers": {"sec-fetch-site": "same-site"}}, 403),
        ({"data": form, "headers": {"origin": "null"}}, 403),
        ({"data": form, "headers": {"origin": "https://evil.example"}}, 403),
        ({"content": f"csrf_token={token}", "headers": {**SAME, "content-type": "text/plain"}},
         403),
        ({"json": {"csrf_token": token}, "headers": SAME}, 403),
    ]  # fmt: skip
    got = []
    for sent, _ in tries:
        got.append((await client.post("/open", **sent)).status_code)
    assert got == [wanted for _, wanted in tries]


async def test_sessions_over_http(at: Client, tenant: Tenant) -> None:
    client = await at(tenant)
    assert (await client.get("/mine")).status_code == 401
    token = (await client.get("/open")).json()["token"]
    signed = await client.post("/sign-in", headers={**SAME, "x-csrf-token": token})
    assert signed.status_code == 201
    assert "__host-session" in signed.headers["set-cookie"].lower()
    who = (await client.get("/mine")).json()["who"]
    page = (await client.get("/open")).json()
    assert page["who"] == who
    # The token of the time before the sign-in is over; the session's own works, form read twice.
    old = await client.post("/mine", headers=SAME, data={"csrf_token": token, "said": "x"})
    assert (old.status_code, old.json()) == (403, {"code": "cross_site"})
    good = await client.post("/mine", headers=SAME, data={"csrf_token": page["token"], "said": "x"})
    assert (good.status_code, good.json()) == (201, {"said": "x"})
    cookie = client.cookies["__Host-session"]
    out = await client.post("/sign-out", headers={**SAME, "x-csrf-token": page["token"]})
    assert out.status_code == 201
    replay = await client.get("/mine", headers={"cookie": f"__Host-session={cookie}"})
    assert replay.status_code == 401


async def test_risky_steps_ask_for_a_fresh_sign_in(
    at: Client, tenant: Tenant, rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await at(tenant)
    token = (await client.get("/open")).json()["token"]
    await client.post("/sign-in", headers={**SAME, "x-csrf-token": token})
    assert (await client.get("/risky")).text == "done"
    later = rt.clock.now() + timedelta(minutes=16)
    monkeypatch.setattr(type(rt.clock), "now", lambda _: later)
    assert (await client.get("/mine")).status_code == 200
    stale = await client.get("/risky")
    assert (stale.status_code, stale.json()) == (403, {"code": "step_up_required"})


async def test_api_keys_over_http(
    at: Client, tenant: Tenant, rt: Runtime, make_tenant: Any
) -> None:
    async with rt.db.write(tenant.id) as s:
        now = rt.clock.now()
        good = await api_keys.create(s, name="a", scopes=("points:read",), mode="live", now=now)
        narrow = await api_keys.create(s, name="b", scopes=("members:read",), mode="live", now=now)
    client, elsewhere = await at(tenant), await at(await make_tenant())

    async def call(where: Any, header: str | None) -> tuple[int, str]:
        answer = await where.get("/keyed", headers={"authorization": header} if header else {})
        return answer.status_code, answer.text

    assert await call(client, f"Bearer {good.secret}") == (200, f"key:{good.key.id}")
    assert await call(client, f"Bearer {narrow.secret}") == (403, '{"code":"scope_missing"}')
    assert await call(elsewhere, f"Bearer {good.secret}") == (401, '{"code":"unauthenticated"}')
    for header in (None, "Bearer", "Bearer gk_live_" + "a" * 43, f"Basic {good.secret}",
                   f"Bearer {good.secret}x", "Bearer " + "x" * 10_000):  # fmt: skip
        assert (await call(client, header))[0] == 401
    assert (await client.get("/app", headers={"authorization": f"Bearer {good.secret}"})
            ).status_code == 401  # fmt: skip


async def test_a_revoked_key_stops_within_a_second(
    at: Client, tenant: Tenant, rt: Runtime, worker_rt: Runtime
) -> None:
    async with rt.db.write(tenant.id) as s:
        made = await api_keys.create(
            s, name="a", scopes=("points:read",), mode="test", now=rt.clock.now()
        )
    client = await at(tenant)
    header = {"authorization": f"Bearer {made.secret}"}
    assert made.secret.startswith("gk_test_")
    assert (await client.get("/keyed", headers=header)).status_code == 200
    async with rt.db.write(tenant.id) as s:
        await api_keys.revoke(s, key_id=made.key.id, now=rt.clock.now())
    await rt.changes.catch_up()
    assert (await client.get("/keyed", headers=header)).status_code == 401


async def test_metrics_are_the_operators(at: Client, tenant: Tenant) -> None:
    client = await at(tenant)
    assert (await client.get("/metrics")).status_code == 200
    forwarded = await client.get("/metrics", headers={"x-forwarded-for": "127.0.0.1"})
    assert forwarded.status_code == 403


async def test_without_valkey_guests_browse_and_members_are_told(
    at: Client, tenant: Tenant, rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await at(tenant)
    token = (await client.get("/open")).json()["token"]
    await client.post("/sign-in", headers={**SAME, "x-csrf-token": token})
    form = {"csrf_token": (await client.get("/open")).json()["token"]}

    async def down(*_: Any, **__: Any) -> None:
        raise RedisError

    monkeypatch.setattr(type(rt.valkey), "getex", down)
    assert (await client.get("/open")).json()["who"] is None
    assert (await client.get("/mine")).status_code == 503
    assert (await client.post("/open", headers=SAME, data=form)).status_code == 503


def test_the_application_has_the_gate(application: Application) -> None:
    assert any(isinstance(m, Gate) for m in application.litestar.middleware)
