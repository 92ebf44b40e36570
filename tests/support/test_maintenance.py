"""Read-only: every route that writes, found from the application, and what workers do meanwhile."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import httpx2
import pytest
from tests.app.test_tenant_states import Caller, Route, call, caller, routes
from tests.conftest import create_tenant, http_client
from tests.identity.simplesamlphp import pair

from guerdon.app import Application
from guerdon.identity.policy import Kind
from guerdon.kit.errors import InvalidError
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.jobs import Effect, Handlers
from guerdon.plumbing.runner import Ran, Runner
from guerdon.runtime import Runtime
from guerdon.tenancy import maintenance
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.tenancy.schemas import Tenant

# Nobody is kept from leaving, or from choosing a language: nothing of the brand changes.
LET_THROUGH = {
    "POST /sign-out", "POST /language", "POST /api/admin/v1/{brand}/sign-out",
    "DELETE /api/admin/v1/{brand}/sessions", "DELETE /api/admin/v1/{brand}/sessions/{session_id}",
}  # fmt: skip
# Long questions, and letting a draft be looked at.
ASKED_BY_POST = {
    "POST /api/v1/recommendations/slate", "POST /api/v1/me/recommendations/slate",
    "POST /api/admin/v1/{brand}/change-sets/{change_set_id}/preview",
    "POST /api/admin/v1/{brand}/members/{member_id}/slate",
}  # fmt: skip
ARRIVALS = {"GET /sso/{connection}/cb"}


class Ring(outbox.Message, frozen=True):
    topic: ClassVar[str] = "test.ring"


class Ringing(Effect[Ring]):
    message = Ring

    async def apply(self, rt: Any, s: WriteSession, m: Ring, now: datetime) -> None:
        return


async def known(rt: Runtime, tenant_id: UUID, *, resting: bool) -> None:
    """Every process knows within a second."""
    async with asyncio.timeout(1):
        while rt.maintenance.rests(tenant_id) is not resting:
            # As often as a process looks for changes, twice over.
            await asyncio.sleep(0.2)


@asynccontextmanager
async def resting(
    where: UUID, *runtimes: Runtime, ends_in: timedelta = timedelta(minutes=30)
) -> AsyncIterator[None]:
    rt, now = runtimes[0], datetime.now(UTC)
    async with rt.db.write(where) as s:
        await maintenance.begin(
            s, expected_end=now + ends_in, reason="A new disk", actor="cli", now=now
        )
    try:
        for each in runtimes:
            await known(each, where, resting=True)
        yield
    finally:
        async with rt.db.write(where) as s:
            await maintenance.end(s, actor="cli", now=now)
        for each in runtimes:
            await known(each, where, resting=False)


def told(answer: httpx2.Response) -> bool:
    """Whether the answer says that there is maintenance, in the way of its face."""
    if answer.status_code != 503 or int(answer.headers.get("retry-after", "0")) < 1000:
        return False
    if "problem+json" in answer.headers.get("content-type", ""):
        return bool(answer.json()["code"] == "maintenance")
    return "We are working on it" in answer.text


def writes(route: Route) -> bool:
    name = route.name.replace("/_console", "").replace(":str", "").replace(":uuid", "")
    if name in ARRIVALS:
        return True
    if route.method == "GET" or route.kind is Kind.PROVIDER_SIGNATURE:
        return False
    return name not in LET_THROUGH | ASKED_BY_POST


@pytest.fixture(scope="module")
async def who(
    shared_rt: Runtime, application: Application, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    async with AsyncExitStack() as stack:
        sections = {"security": {"apps": [APP]}, "integrations": LIMITS}
        tenant = await create_tenant(shared_rt, sections=sections)
        certificate = pair(tmp_path_factory.mktemp("certificate"))[1]
        yield await caller(stack, application, shared_rt, tenant, certificate)


APP = {
    "client_id": "app", "name": "App", "redirect_uris": ["com.kettle.app:/in"],
    "scopes": ["me:read", "me:redeem", "me:write"],
}  # fmt: skip
LIMITS = {"requests_per_minute": 1_000_000, "member_requests_per_minute": 1_000_000}


@pytest.mark.parametrize("everywhere", [False, True])
async def test_every_route_that_writes_says_when_to_come_back(
    everywhere: bool, who: Caller, shared_rt: Runtime, application: Application
) -> None:
    app_rt: Runtime = application.litestar.state.rt
    wrong, refused = [], Counter[bool]()
    where = OPERATOR_ID if everywhere else who.tenant.id
    async with resting(where, shared_rt, app_rt):
        for route in routes(application):
            # Leaving ends the session that the other calls are made with.
            if route.name.endswith(("/sign-out", "/sessions")) and route.method != "GET":
                continue
            answer = await call(who, route)
            expected = writes(route)
            refused[expected] += 1
            if told(answer) is not expected:
                wrong.append(f"{route.name}: {answer.status_code}, {expected=}")
    assert wrong == []
    assert refused[True] >= 120
    assert refused[False] >= 100


async def test_nobody_is_kept_from_leaving_and_reading_goes_on(
    shared_rt: Runtime, application: Application, make_tenant: Any, console: Any
) -> None:
    app_rt: Runtime = application.litestar.state.rt
    tenant = await make_tenant(programme={"languages": ["en", "pt-BR"]})
    desk = await console(tenant)
    async with resting(tenant.id, shared_rt, app_rt):
        async with http_client(application, tenant.canonical_host) as site:
            assert (await site.get("/")).status_code == 200
            page = await site.post("/join", headers={"accept-language": "pt-BR"}, data={})
            assert page.status_code == 503
            assert "Estamos trabalhando nisso" in page.text
        assert (await desk.get(f"{desk.brand}/overview")).status_code == 200
        refused = await desk.post(f"{desk.brand}/change-sets", json={"title": "x"})
        assert (refused.status_code, refused.json()["code"]) == (503, "maintenance")
        assert 1700 <= int(refused.headers["retry-after"]) <= 1800
        # Signing in is a change: who comes in is written down.
        sign_in = await desk.post(
            f"/api/admin/v1/sign-in/{tenant.slug}/password",
            json={"email": "a@example.com", "password": "x"},
        )
        assert (sign_in.status_code, sign_in.json()["code"]) == (503, "maintenance")
        assert (await desk.post(f"{desk.brand}/sign-out")).status_code == 200
    async with shared_rt.db.read(tenant.id) as s:
        actions = await s.all(
            str, "SELECT action FROM app.audit_entry WHERE tenant_id = %(tenant_id)s ORDER BY seq"
        )
    assert [a for a in actions if a.startswith("maintenance")] == [
        "maintenance.begun", "maintenance.ended",
    ]  # fmt: skip


async def test_another_brand_goes_on(
    who: Caller, shared_rt: Runtime, application: Application, tenant: Tenant
) -> None:
    app_rt: Runtime = application.litestar.state.rt
    async with resting(tenant.id, shared_rt, app_rt):
        answer = await who.site.post("/sign-in/code", headers=who.headers[Kind.PUBLIC], data={})
        assert answer.status_code != 503


async def test_a_worker_takes_nothing_of_a_brand_that_rests(
    worker_rt: Runtime, rt: Runtime, tenant: Tenant
) -> None:
    runner = Runner(worker_rt, Handlers(Ringing()))
    async with rt.db.write(tenant.id) as s:
        message = await outbox.put(s, Ring())
    async with resting(tenant.id, rt, worker_rt):
        assert await runner.run(tenant.id, message) is Ran.RESTING
    async with resting(OPERATOR_ID, rt, worker_rt):
        assert await runner.run(tenant.id, message) is Ran.RESTING
    assert await runner.run(tenant.id, message) is Ran.DONE


async def test_an_end_that_was_overrun_still_says_when(rt: Runtime, tenant: Tenant) -> None:
    now = datetime.now(UTC)
    found = maintenance.Resting(tenant.id, now, now + timedelta(minutes=5), "x", "cli")
    assert maintenance.refused(found, now).retry_after_s == 300
    assert maintenance.refused(found, now + timedelta(hours=1)).retry_after_s == 60


@pytest.mark.parametrize(
    ("reason", "ends_in", "field"),
    [
        (" ", timedelta(hours=1), "reason"),
        ("x" * 501, timedelta(hours=1), "reason"),
        ("disk", timedelta(0), "expectedEnd"),
        ("disk", timedelta(hours=24, seconds=1), "expectedEnd"),
    ],
)
async def test_what_is_no_maintenance(
    reason: str, ends_in: timedelta, field: str, rt: Runtime, tenant: Tenant
) -> None:
    now = datetime.now(UTC)
    with pytest.raises(InvalidError) as caught:
        async with rt.db.write(tenant.id) as s:
            await maintenance.begin(
                s, expected_end=now + ends_in, reason=reason, actor="cli", now=now
            )
    assert caught.value.field == field
    with pytest.raises(maintenance.NotInMaintenanceError):
        async with rt.db.write(tenant.id) as s:
            await maintenance.end(s, actor="cli", now=now)
