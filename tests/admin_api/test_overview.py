"""The overview: sums of two periods by local day, what is outstanding, what waits."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.ledger.conftest import Bench

from guerdon.kit.ids import uuid7
from guerdon.ledger.expiry import local_day
from guerdon.ledger.opening import open_accounts
from guerdon.runtime import Runtime

ZONE = "America/Sao_Paulo"


async def _bench(rt: Runtime, tenant: Any, now: datetime) -> Bench:
    account_id = uuid7()
    async with rt.db.write(tenant.id) as s:
        await open_accounts(s, ids=[account_id], now=now)
    return Bench(rt, tenant, account_id, now)


async def test_a_brand_without_history(console: Any, tenant: Any) -> None:
    owner = await console(tenant)
    told = (await owner.get(f"{owner.brand}/overview")).json()
    assert len(told["days"]) == 60
    assert {(d["issued"], d["redeemed"], d["expired"]) for d in told["days"]} == {(0, 0, 0)}
    assert told["members"] == told["outstanding"] == told["held"] == 0
    assert told["issued"] == {"now": 0, "before": 0}
    assert told["waiting"] == {
        "inReview": 0, "returned": 0, "scheduled": 0, "adjustments": 0, "orders": 0
    }  # fmt: skip
    assert told["inForce"]["version"] == 1
    assert [f for f in told["findings"] if f["severity"] == "error"] == []


async def test_sums_are_by_local_day_and_compared(
    console: Any, make_tenant: Any, rt: Runtime
) -> None:
    tenant = await make_tenant(
        programme={"currency": "BRL", "time_zone": ZONE}, points={"price_factor": "50"}
    )
    now = datetime.now(UTC)
    bench = await _bench(rt, tenant, now - timedelta(days=45))
    await bench.earn(points=500, occurred_at=bench.now)
    bench.now = now - timedelta(days=29)
    await bench.earn(points=1_000, occurred_at=bench.now)
    bench.now = now
    await bench.earn(points=70, occurred_at=now)
    await bench.spend(300)
    await bench.hold(200)

    owner = await console(tenant, roles=("analyst",))
    told = (await owner.get(f"{owner.brand}/overview")).json()
    assert told["issued"] == {"now": 1_070, "before": 500}
    assert told["redeemed"] == {"now": 300, "before": 0}
    assert told["outstanding"] == 1_270
    assert told["held"] == 200
    assert told["liability"] == {"minor": 2_540, "currency": "BRL"}  # 1270 / 50
    today = local_day(now, ZoneInfo(ZONE))
    days = {d["day"]: d for d in told["days"]}
    assert list(days)[-1] == today.isoformat()
    assert next(iter(days)) == (today - timedelta(days=59)).isoformat()
    assert days[today.isoformat()] == {
        "day": today.isoformat(), "issued": 70, "redeemed": 300, "expired": 0
    }  # fmt: skip
    assert days[(today - timedelta(days=45)).isoformat()]["issued"] == 500


async def test_other_brands_points_are_not_counted(
    console: Any, make_tenant: Any, rt: Runtime
) -> None:
    one, two = await make_tenant(), await make_tenant()
    bench = await _bench(rt, one, datetime.now(UTC))
    await bench.earn(points=900)
    owner = await console(two)
    told = (await owner.get(f"{owner.brand}/overview")).json()
    assert told["outstanding"] == 0
    assert told["issued"]["now"] == 0
