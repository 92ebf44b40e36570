"""The platform's staff put a brand on a plan, with limits of its own."""

from datetime import UTC, datetime, timedelta
from typing import Any

from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

WHY = "As was agreed"
PAST = "2020-01-01T00:00:00Z"


async def test_staff_set_a_plan_and_limits_and_both_trails_tell(
    console: Any, operator: Tenant, tenant: Tenant, rt: Runtime
) -> None:
    vera = await console(operator, roles=("operator",), name="Vera")
    olga = await console(tenant)
    at = f"/api/platform/v1/tenants/{tenant.slug}/plan"
    before = (await vera.get(at)).json()
    assert (before["plan"], {one["limit"] for one in before["meters"]}) == ("enterprise", {None})
    until = datetime.now(UTC) + timedelta(days=1)
    own = [
        {"meter": "members", "limit": 10, "until": until.isoformat()},
        {"meter": "orders", "limit": None, "policy": "soft"},
    ]
    answer = await vera.post(at, json={"plan": "free", "quotas": own, "reason": WHY})
    assert answer.status_code == 200, answer.text
    told = {
        one["meter"]: (one["limit"], one["policy"], one["own"], one["planLimit"])
        for one in answer.json()["meters"]
    }
    assert (told["members"], told["orders"], told["seats"]) == (
        (10, "hard", True, 500), (None, "soft", True, 100), (5, "hard", False, 5),
    )  # fmt: skip
    seen = (await olga.get(f"{olga.brand}/plan")).json()
    assert {g["meter"]: g["limit"] for g in seen["gauges"]}["members"] == 10
    (entry,) = (
        await olga.get(f"{olga.brand}/audit", params={"action": "plan.changed", "limit": 10})
    ).json()["items"]
    assert (entry["actorName"], entry["summary"]["from"], entry["summary"]["to"]) == (
        "Vera", "enterprise", "free",
    )  # fmt: skip
    assert entry["summary"]["reason"] == WHY
    ends = {one["meter"]: one["until"] for one in answer.json()["meters"]}
    assert datetime.fromisoformat(ends["members"]) == until
    assert ends["orders"] is None

    for body, field in (
        ({"plan": "golden", "quotas": []}, "plan"),
        ({"plan": "free", "quotas": [{"meter": "memberz", "limit": 1}]}, "meter"),
        ({"plan": "free", "quotas": [{"meter": "members", "limit": -1}]}, "limit"),
        (
            {"plan": "free", "quotas": [{"meter": "seats", "limit": 1, "until": PAST}]},
            "/quotas/seats/until",
        ),
        ({"plan": "free", "quotas": [], "reason": ""}, "reason"),
    ):
        refused = await vera.post(at, json={"reason": WHY} | body)
        assert refused.status_code in (400, 422), refused.text
        assert field in refused.text
    assert (await vera.get(at)).json()["plan"] == "free"
    # Everything of its own is taken back by leaving it out.
    await vera.post(at, json={"plan": "starter", "quotas": [], "reason": WHY})
    after = (await vera.get(at)).json()
    assert (after["plan"], [one["own"] for one in after["meters"]]) == ("starter", [False] * 6)
    async with rt.db.read(tenant.id) as s:
        counts = await s.value(
            "SELECT count(*) FROM app.outbox WHERE tenant_id = %(tenant_id)s"
            " AND topic = 'plans.count'"
        )
    assert counts == 2, "the list of all brands follows each change"
    trail = await vera.get(
        f"{vera.brand}/audit", params={"subject": f"tenant:{tenant.slug}", "limit": 10}
    )
    assert [one["summary"].get("refused") for one in trail.json()["items"]].count(None) == 4
