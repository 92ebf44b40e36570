"""Staff give one brand limits of its own, and switch something off for it."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.brand_api.conftest import Api, issue
from tests.brand_api.shop import SECTIONS
from tests.support.test_platform_api import trail

from guerdon.app import Application
from guerdon.kit.clock import MovableClock
from guerdon.runtime import Runtime
from guerdon.tenancy.allowances import Allowances, SwitchedOffError
from guerdon.tenancy.changes import Changes
from guerdon.tenancy.lifecycle import Act
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.tenancy.schemas import Tenant

PLATFORM = "/api/platform/v1"
WHY = "A flood of new accounts"


async def heard(rt: Runtime, tenant: Tenant, name: str, value: int | None) -> None:
    """Every process knows within a second."""
    async with asyncio.timeout(1):
        while rt.allowances._value(tenant.id, name) != value:
            # As often as a process looks for changes, twice over.
            await asyncio.sleep(0.2)


async def test_a_brand_has_a_limit_of_its_own_until_it_is_taken_back(
    rt: Runtime, application: Application, console: Any, operator: Any, make_tenant: Any, http: Any
) -> None:
    app_rt: Runtime = application.litestar.state.rt
    tenant, other = await make_tenant(), await make_tenant()
    vera = await console(operator, roles=("operator",), name="Vera")
    at = f"{PLATFORM}/tenants/{tenant.slug}/limits"
    before = (await vera.get(at)).json()
    assert [(one["name"], one["own"], one["low"], one["high"]) for one in before["limits"]] == [
        ("requests_per_minute", False, 60, 10_000_000), ("jobs_at_once", False, 1, 200),
    ]  # fmt: skip
    assert {one["name"]: one["on"] for one in before["flags"]} == {
        "joining": True, "earning": True, "api": True,
    }  # fmt: skip
    limit = {"limit": "requests_per_minute", "value": 60, "reason": WHY}
    until = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    told = await vera.post(at, json=limit | {"until": until})
    assert told.status_code == 200, told.text
    own = told.json()["limits"][0]
    assert (own["value"], own["own"], own["reason"]) == (60, True, WHY)
    assert own["standard"] == before["limits"][0]["standard"] > 60
    await heard(app_rt, tenant, "requests_per_minute", 60)
    site, beside = await http(tenant), await http(other)
    statuses = Counter([(await site.get("/")).status_code for _ in range(20)])
    # What comes back to the bucket in a second is one more.
    assert 10 <= statuses[200] <= 14
    assert statuses[200] + statuses[429] == 20
    assert (await beside.get("/")).status_code == 200
    await vera.post(at, json={"limit": "requests_per_minute", "reason": "It is over"})
    await heard(app_rt, tenant, "requests_per_minute", None)
    assert [(await site.get("/")).status_code for _ in range(5)] == [200] * 5
    assert [
        (one["action"], one["summary"]["value"], one["summary"]["reason"])
        for one in await trail(rt, tenant.id)
    ] == [("limit.changed", 60, WHY), ("limit.changed", None, "It is over")]
    ours = [one for one in await trail(rt, OPERATOR_ID) if tenant.slug in one["subject"]]
    assert [one["summary"]["reason"] for one in ours] == [WHY, "It is over"]


async def test_what_is_switched_off_is_refused_and_the_rest_goes_on(
    rt: Runtime, application: Application, console: Any, operator: Any, make_tenant: Any, http: Any
) -> None:
    app_rt: Runtime = application.litestar.state.rt
    tenant = await make_tenant(**SECTIONS)
    site = await http(tenant)
    api = Api(site, await issue(rt, tenant))
    vera = await console(operator, roles=("operator",), name="Vera")
    at = f"{PLATFORM}/tenants/{tenant.slug}/flags"
    ana = {"email": "ana@mail.example", "name": "Ana"}

    async def switch(flag: str, on: bool) -> None:
        answer = await vera.post(at, json={"flag": flag, "on": on, "reason": WHY})
        assert answer.status_code == 200, answer.text
        assert {one["name"]: one["on"] for one in answer.json()["flags"]}[flag] is on
        await heard(app_rt, tenant, flag, None if on else 0)

    await switch("joining", False)
    refused = await api.post("/members", json=ana)
    assert (refused.status_code, refused.json()["code"]) == (409, "switched_off")
    assert refused.json()["params"] == {"flag": "joining"}
    page = await site.get("/join")
    assert page.status_code == 409
    assert "This is not open at the moment" in page.text
    assert (await api.get("/members?limit=1")).status_code == 200
    await switch("joining", True)
    joined = await api.post("/members", json=ana)
    assert joined.status_code == 201
    await switch("earning", False)
    earned = await api.post(
        "/points/earn", json={"memberId": joined.json()["id"], "rule": "welcome"}
    )
    assert (earned.status_code, earned.json()["code"]) == (409, "switched_off"), earned.text
    await switch("api", False)
    assert (await api.get("/members?limit=1")).json()["params"] == {"flag": "api"}
    assert (await site.get("/")).status_code == 200, "members are served as ever"
    own = [(one["summary"]["flag"], one["summary"]["on"]) for one in await trail(rt, tenant.id)
           if one["action"] == "flag.changed"]  # fmt: skip
    assert own == [("joining", False), ("joining", True), ("earning", False), ("api", False)]


async def test_what_cannot_be_is_refused_by_its_field(
    rt: Runtime, console: Any, operator: Any, tenant: Tenant
) -> None:
    vera = await console(operator, roles=("operator",))
    now = datetime.now(UTC)
    yesterday, late = ((now + timedelta(days=d)).isoformat() for d in (-1, 400))
    at = f"{PLATFORM}/tenants/{tenant.slug}"
    limit = {"limit": "requests_per_minute", "value": 600, "reason": WHY}
    flag = {"flag": "joining", "on": False, "reason": WHY}
    for path, body, pointer in (
        ("limits", limit | {"value": 59}, "/value"),
        ("limits", limit | {"limit": "jobs_at_once", "value": 201}, "/value"),
        ("limits", limit | {"reason": " "}, "/reason"),
        ("limits", limit | {"until": yesterday}, "/until"),
        ("limits", limit | {"until": late}, "/until"),
        ("limits", {"limit": "jobs_at_once", "until": late, "reason": WHY}, "/until"),
        ("limits", limit | {"limit": "everything"}, "/limit"),
        ("flags", flag | {"flag": "everything"}, "/flag"),
        ("flags", flag | {"until": yesterday}, "/until"),
        ("plan", {"plan": "free", "quotas": []}, "/reason"),
    ):
        answer = await vera.post(f"{at}/{path}", json=body)
        assert answer.status_code == 422, (body, answer.text)
        assert pointer in answer.text, (body, answer.text)
    viewer = await console(operator, roles=("viewer",))
    refused = await viewer.post(f"{at}/flags", json=flag)
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_missing")
    assert (await vera.get(f"{at}/limits")).json()["flags"][0]["on"] is True
    assert await trail(rt, tenant.id) == []


async def test_an_end_comes_by_itself(
    rt: Runtime, console: Any, operator: Any, tenant: Tenant
) -> None:
    vera = await console(operator)
    now = datetime.now(UTC)
    until = now + timedelta(hours=1)
    body = {"flag": "earning", "on": False, "reason": WHY, "until": until.isoformat()}
    await vera.post(f"{PLATFORM}/tenants/{tenant.slug}/flags", json=body)
    clock = MovableClock(now)
    known = Allowances(rt.db, Changes(rt.db), clock)
    await known.load()
    known.require(tenant.id, Act.JOIN, api=True)
    with pytest.raises(SwitchedOffError) as refused:
        known.require(tenant.id, Act.EARN)
    assert refused.value.params == {"flag": "earning"}
    clock.advance(timedelta(hours=1))
    known.require(tenant.id, Act.EARN)
