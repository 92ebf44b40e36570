"""Meters come from rows, hard limits refuse exactly, soft ones tell; a closed month stays."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.errors import InsufficientPrivilege
from tests.brand_api.conftest import Api, issue
from tests.brand_api.shop import SECTIONS, definition, join, stock_up
from tests.conftest import http_client

from guerdon.app import Application
from guerdon.kit.clock import MovableClock
from guerdon.plans import meters, operations, periods, queries
from guerdon.plans.cost import estimate
from guerdon.plans.jobs import CountUsage
from guerdon.plans.plans import Override, Overrides
from guerdon.plans.recording import Recorder, recording
from guerdon.plumbing import outbox
from guerdon.plumbing.runner import Ran, Runner
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant
from guerdon_workers.actors import all_handlers


async def give(
    rt: Runtime, tenant: Tenant, plan: str, overrides: Overrides | None = None,
    *, now: datetime | None = None,
) -> None:  # fmt: skip
    """Put a brand on a plan, as platform staff do."""
    async with rt.db.write(tenant.id) as s:
        await operations.set_plan(
            s, plan=plan, overrides=overrides or {}, actor="cli", now=now or datetime.now(UTC)
        )


async def counted(rt: Runtime, worker: Runtime, tenant: Tenant, now: datetime) -> None:
    """What the scheduler does every hour, at `now`."""
    async with rt.db.write(tenant.id) as s:
        message = await outbox.put(s, CountUsage())
    at = replace(worker, clock=MovableClock(now))
    assert await Runner(at, all_handlers()).run(tenant.id, message) is Ran.DONE


async def letters(rt: Runtime, tenant: Tenant, kind: str) -> list[str]:
    """What letters of this kind tell, in the order of writing."""
    async with rt.db.read(tenant.id) as s:
        return await s.all(
            str, "SELECT payload ->> 'what' FROM app.outbox WHERE tenant_id = %(tenant_id)s"
            " AND topic = 'identity.send_staff_letter' AND payload ->> 'kind' = %(kind)s"
            " ORDER BY id", {"kind": kind},
        )  # fmt: skip


class Shop:
    """A brand with a counter, and its API."""

    def __init__(self, tenant: Tenant, api: Api, variant: str) -> None:
        self.tenant, self.api, self.variant = tenant, api, variant

    async def order(self, member: Mapping[str, Any], **more: Any) -> Any:
        return await self.api.post(
            "/redemptions",
            json={
                "memberId": member["id"], "expectedPoints": 500,
                "lines": [{"variantId": self.variant, "quantity": 1}],
            },
            **more,
        )  # fmt: skip


@pytest.fixture
async def shop(make_tenant: Any, http: Any, rt: Runtime) -> Shop:
    tenant = await make_tenant(**SECTIONS)
    api = Api(await http(tenant), await issue(rt, tenant))
    goods = await stock_up(api, definition("latte", price="5.00", stock=99))
    return Shop(tenant, api, goods["latte"]["variants"][0]["id"])


@pytest.fixture
async def recorder(application: Application, rt: Runtime) -> Recorder:
    """The one of the running application, with nothing unwritten."""
    found: Recorder = application.litestar.state.recorder
    await found.flush(rt.db, now=datetime.now(UTC))
    return found


async def test_meters_equal_what_was_done(
    shop: Shop, rt: Runtime, recorder: Recorder, console: Any
) -> None:
    await recorder.flush(rt.db, now=datetime.now(UTC))
    period = periods.period_of(datetime.now(UTC))
    async with rt.db.read(shop.tenant.id) as s:
        calls = await meters.count(s, "api_calls", period=period)
    members = [await join(shop.api, points=2_000) for _ in range(3)]
    quiet = await join(shop.api)
    for member in members[:2]:
        assert (await shop.order(member)).status_code == 201
    assert (await shop.api.delete(f"/members/{quiet['id']}")).status_code < 300
    await rt.files.put(shop.tenant.id, b"x" * 1_234, "png")
    owner = await console(shop.tenant)
    await recorder.flush(rt.db, now=datetime.now(UTC))

    told = (await owner.get(f"{owner.brand}/plan")).json()
    used = {one["meter"]: one["used"] for one in told["gauges"]}
    # 3 joined and earned, 1 joined and left, 2 ordered: 3 × 2 + 1 + 1 + 2 calls.
    assert used == {
        "members": 3, "active_members": 3, "orders": 2, "api_calls": calls + 10,
        "storage": 1_234, "seats": 1,
    }  # fmt: skip
    assert told["plan"] == "enterprise"
    assert {one["percent"] for one in told["gauges"]} == {0}
    assert sum(day["orders"] for day in told["days"]) == 2
    assert sum(day["apiCalls"] for day in told["days"]) == calls + 10
    # The recount knows nothing of the meters' own queries.
    async with rt.db.read(shop.tenant.id) as s:
        events = await s.all(
            str, "SELECT payload ->> 'type' FROM app.outbox WHERE tenant_id = %(tenant_id)s"
            " AND topic = 'domain.event'",
        )  # fmt: skip
        holds = await s.value(
            "SELECT count(*) FROM app.ledger_hold WHERE tenant_id = %(tenant_id)s"
            " AND purpose = 'redemption'"
        )
    assert events.count("member.joined") - events.count("member.erased") == used["members"]
    assert holds == used["orders"]


async def test_hard_limits_refuse_exactly(
    shop: Shop, rt: Runtime, worker_rt: Runtime, console: Any
) -> None:
    await give(rt, shop.tenant, "free", {
        "members": Override(3), "orders": Override(1), "seats": Override(2),
        "storage": Override(2_000),
    })  # fmt: skip
    first = await join(shop.api, points=5_000)
    answers = await asyncio.gather(*(
        shop.api.post("/members", json={"email": f"m{n}@example.com", "name": "M"})
        for n in range(6)
    ))  # fmt: skip
    assert sorted(one.status_code for one in answers) == [201, 201, 403, 403, 403, 403]
    refused = next(one for one in answers if one.status_code == 403).json()
    assert (refused["code"], refused["params"]["quota"], refused["params"]["limit"]) == (
        "quota_reached", "members", 3,
    )  # fmt: skip
    # What members have they keep, and can use.
    placed = await shop.order(first, key="the-first")
    assert placed.status_code == 201
    over = await shop.order(first)
    assert (over.status_code, over.json()["params"]["quota"]) == (403, "orders")
    again = await shop.order(first, key="the-first")
    assert (again.status_code, again.json()["id"]) == (201, placed.json()["id"])

    owner = await console(shop.tenant)
    invited = {"people": [{"email": f"p{n}@staff.example", "name": "P", "roles": ["analyst"]}
                          for n in range(2)]}  # fmt: skip
    seats = await owner.post(f"{owner.brand}/people", json=invited)
    assert (seats.status_code, seats.json()["params"]["quota"]) == (403, "seats")
    one = await owner.post(f"{owner.brand}/people", json={"people": invited["people"][:1]})
    assert one.status_code == 201, one.text
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><title>' + "x" * 2_000
    file = await owner.post(
        f"{owner.brand}/files", content=(svg + "</title></svg>").encode(),
        headers={"content-type": "image/svg+xml"},
    )  # fmt: skip
    assert (file.status_code, file.json().get("code")) == (403, "quota_reached"), file.text

    await counted(rt, worker_rt, shop.tenant, datetime.now(UTC))
    async with rt.db.control() as s:
        listed = await queries.of_tenants(s, [shop.tenant.id, UUID(int=5)])
    assert list(listed) == [shop.tenant.id]
    found = listed[shop.tenant.id]
    assert (found.plan, found.fullest_percent, found.usage["members"]) == ("free", 100, 3)


async def test_a_quota_of_its_own_ends_by_itself(shop: Shop, rt: Runtime) -> None:
    now = datetime.now(UTC)
    yesterday = now - timedelta(days=1)
    own: Overrides = {
        "members": Override(5, until=yesterday + timedelta(hours=1)), "seats": Override(7),
    }  # fmt: skip
    await give(rt, shop.tenant, "free", own, now=yesterday)
    async with rt.db.read(shop.tenant.id) as s:
        quotas = (await queries.chosen(s)).quotas
    assert (quotas["members"].limit, quotas["seats"].limit) == (500, 7)


async def test_calls_beyond_the_quota_wait_for_the_next_month(
    shop: Shop, rt: Runtime, application: Application, recorder: Recorder
) -> None:
    other = Api(shop.api.client, await issue(rt, shop.tenant))
    await give(rt, shop.tenant, "free", {"api_calls": Override(5)})
    await recorder.flush(rt.db, now=datetime.now(UTC))
    while (answer := await other.get("/members?limit=1")).status_code == 200:
        await recorder.flush(rt.db, now=datetime.now(UTC))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (429, "call_quota_reached")
    assert problem["params"] == {"quota": "api_calls", "limit": 5}
    # Refused calls are not counted, and members are not shut out of the site.
    before = await _calls(rt, shop.tenant)
    assert (await other.get("/members?limit=1")).status_code == 429
    async with http_client(application, shop.tenant.canonical_host) as visitor:
        assert (await visitor.get("/")).status_code == 200
    await recorder.flush(rt.db, now=datetime.now(UTC))
    assert await _calls(rt, shop.tenant) == before
    await give(rt, shop.tenant, "starter")
    await recorder.flush(rt.db, now=datetime.now(UTC))
    assert (await other.get("/members?limit=1")).status_code == 200


async def _calls(rt: Runtime, tenant: Tenant) -> int:
    async with rt.db.read(tenant.id) as s:
        return await meters.count(s, "api_calls", period=periods.period_of(datetime.now(UTC)))


async def test_owners_are_told_once_of_80_and_of_100(
    shop: Shop, rt: Runtime, worker_rt: Runtime, console: Any
) -> None:
    owner = await console(shop.tenant)
    now = datetime.now(UTC)
    await give(rt, shop.tenant, "starter", {"members": Override(5)})
    for _ in range(3):
        await join(shop.api)
    await counted(rt, worker_rt, shop.tenant, now)
    assert await letters(rt, shop.tenant, "quota") == []
    await join(shop.api)
    await counted(rt, worker_rt, shop.tenant, now)
    await counted(rt, worker_rt, shop.tenant, now)
    assert await letters(rt, shop.tenant, "quota") == ["members 80 soft 4 5"]
    # A soft limit refuses nothing.
    await join(shop.api)
    await join(shop.api)
    await counted(rt, worker_rt, shop.tenant, now)
    await counted(rt, worker_rt, shop.tenant, now)
    told = ["members 80 soft 4 5", "members 100 soft 6 5"]
    assert await letters(rt, shop.tenant, "quota") == told
    notices = (await owner.get(f"{owner.brand}/plan")).json()["notices"]
    assert [(n["meter"], n["percent"], n["used"], n["quota"]) for n in notices] == [
        ("members", 80, 4, 5), ("members", 100, 6, 5),
    ]  # fmt: skip
    # Another month, another notice; the higher one alone where both are new.
    await counted(rt, worker_rt, shop.tenant, periods.end_of(periods.period_of(now)))
    assert await letters(rt, shop.tenant, "quota") == [*told, "members 100 soft 6 5"]


async def test_a_month_is_closed_once_and_stays(
    shop: Shop, rt: Runtime, worker_rt: Runtime, console: Any, recorder: Recorder
) -> None:
    owner = await console(shop.tenant)
    period = periods.period_of(datetime.now(UTC))
    over = periods.end_of(period)
    await give(rt, shop.tenant, "starter", {"members": Override(1), "orders": Override(1)},
               now=datetime(2020, 1, 1, tzinfo=UTC))  # fmt: skip
    member = await join(shop.api, points=5_000)
    await join(shop.api)
    for _ in range(3):
        assert (await shop.order(member)).status_code == 201
    await recorder.flush(rt.db, now=datetime.now(UTC))
    calls = await _calls(rt, shop.tenant)

    await counted(rt, worker_rt, shop.tenant, over + timedelta(minutes=59))
    assert (await owner.get(f"{owner.brand}/statements")).json()["items"] == []
    await counted(rt, worker_rt, shop.tenant, over + timedelta(minutes=60))
    (found,) = (await owner.get(f"{owner.brand}/statements")).json()["items"]
    lines = {line["meter"]: line for line in found["lines"]}
    amounts = {meter: line["amount"]["minor"] for meter, line in lines.items()}
    # 1 member over in a begun thousand at 5.00, 2 orders over in a begun hundred at 5.00.
    assert amounts == {
        "plan": 4_900, "members": 500, "active_members": 0, "orders": 500, "api_calls": 0,
        "storage": 0, "seats": 0,
    }  # fmt: skip
    assert found["total"] == {"minor": 5_900, "currency": "USD"}
    assert (lines["orders"]["used"], lines["orders"]["over"]) == (3, 2)
    assert lines["api_calls"]["used"] == calls
    assert found["period"] == period.isoformat()
    assert found["cost"]["cpuUs"] > 0

    # Later usage and a smaller plan do not reach what is closed; neither does a statement of SQL.
    await join(shop.api)
    await give(rt, shop.tenant, "free")
    await counted(rt, worker_rt, shop.tenant, over + timedelta(hours=9))
    assert (await owner.get(f"{owner.brand}/statements")).json()["items"] == [found]
    with pytest.raises(InsufficientPrivilege):
        async with worker_rt.db.write(shop.tenant.id) as s:
            await s.execute(
                "UPDATE app.usage_statement SET total_minor = 0 WHERE tenant_id = %(tenant_id)s"
            )
    month = f"{period:%Y-%m}"
    csv = await owner.get(f"{owner.brand}/statements/{month}/csv")
    rows = csv.text.split("\r\n")
    assert rows[0] == "period,plan,meter,used,included,over,per,unit_minor,amount_minor,currency"
    assert rows[4] == f"{month},starter,orders,3,1,2,100,500,500,USD"
    assert rows[8] == f"{month},starter,total,,,,,,5900,USD"
    for wrong in ("2026-13", "1999-01", "x"):
        missing = await owner.get(f"{owner.brand}/statements/{wrong}/csv")
        assert missing.status_code == 404


async def test_an_owner_chooses_a_plan(console: Any, tenant: Tenant, rt: Runtime) -> None:
    owner = await console(tenant)
    chosen = await owner.post(f"{owner.brand}/plan", json={"plan": "growth"})
    assert chosen.status_code == 200, chosen.text
    assert chosen.json()["plan"] == "growth"
    for plan, word in (("enterprise", "support"), ("gold", "free, starter, growth, enterprise")):
        refused = await owner.post(f"{owner.brand}/plan", json={"plan": plan})
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
        assert word in refused.json()["detail"]
    colleague = await console(tenant, roles=("administrator",))
    denied = await colleague.post(f"{owner.brand}/plan", json={"plan": "free"})
    assert denied.json()["code"] == "permission_missing"
    async with rt.db.read(tenant.id) as s:
        assert (await queries.chosen(s)).plan == "growth"
        trail = await s.all(
            str, "SELECT summary ->> 'to' FROM app.audit_entry WHERE tenant_id = %(tenant_id)s"
            " AND action = 'plan.changed' ORDER BY seq",
        )  # fmt: skip
    assert trail == ["growth"]


async def test_computing_time_is_shared_out_and_kept(make_tenant: Any, rt: Runtime) -> None:
    one, two = await make_tenant(), await make_tenant()
    spent = iter([0, 9_000_000_000, 9_000_000_000])
    recorder = Recorder(cpu_ns=lambda: next(spent))
    recorder.request(one.id, 2.0, api_call=True)
    recorder.job(two.id, True, 3.0)
    recorder.request(None, 4.0, api_call=False)

    class Gone:
        def write(self, tenant_id: UUID) -> Any:
            raise OSError("no database")

    at = datetime(2026, 3, 31, 23, 59, tzinfo=UTC)
    await recorder.flush(Gone(), now=at)  # type: ignore[arg-type]
    await recorder.flush(rt.db, now=at)
    for tenant, cpu_us, calls in ((one, 2_000_000, 0), (two, 3_000_000, 1)):
        async with rt.db.read(tenant.id) as s:
            found = await meters.work(s, period=date(2026, 3, 1))
            assert (found.cpu_us, found.outside_calls) == (cpu_us, calls)
            assert await meters.count(s, "api_calls", period=date(2026, 3, 1)) == 1 - calls


async def test_a_process_that_ends_does_not_wait_to_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guerdon.plans.recording.LAST_FLUSH_S", 0.01)
    asked: list[UUID] = []

    class Silent:
        @asynccontextmanager
        async def write(self, tenant_id: UUID) -> AsyncIterator[Any]:
            asked.append(tenant_id)
            yield await asyncio.Event().wait()

    recorder = Recorder()
    for _ in range(3):
        recorder.job(uuid4(), False, 1.0)
    async with asyncio.timeout(10), recording(recorder, Silent()):  # type: ignore[arg-type]
        assert asked == []
    assert len(asked) == 1


def test_the_estimate_is_arithmetic() -> None:
    hour, gb = 3_600_000_000, 10**9
    found = estimate(cpu_us=10 * hour, storage_bytes=500 * gb, outside_calls=1_000, days=30)
    assert found.cost_micro_usd == 10 * 40_000 + 500 * 100_000 + 1_000 * 100
    # (90 Wh + 0.5 TB × 1.5 W × 720 h = 540 Wh) × 1.3 + 50 Wh
    assert found.energy_mwh == 869_000
    nothing = estimate(cpu_us=0, storage_bytes=0, outside_calls=0, days=31)
    assert (nothing.cost_micro_usd, nothing.energy_mwh) == (0, 0)
