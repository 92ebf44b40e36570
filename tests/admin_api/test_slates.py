"""A slate tried in the console: now, and with a draft; and that trying leaves no trace."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from guerdon.kit.ids import uuid7
from guerdon.members import operations
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

BRAND = {
    "programme": {"currency": "USD", "languages": ["en"]},
    "recommendations": {
        "kinds": {
            "ancillary": {"enabled": True, "holdout_percent": 0, "exploration_percent": 0},
            "club": {"enabled": True, "holdout_percent": 0, "exploration_percent": 0},
        },
        "placements": [{"key": "after", "kinds": ["ancillary"], "slots": 2}],
        "offers": [
            {"key": "mug", "kind": "ancillary", "name": {"en": "Mug"}},
            {"key": "spoon", "kind": "ancillary", "name": {"en": "Spoon"}, "factor": "1.25"},
            {"key": "gold-cup", "kind": "ancillary", "name": {"en": "Gold cup"},
             "eligibility": "balance >= 1000"},
        ],
    },
}  # fmt: skip
BASKET = {"kind": "basket", "items": [{"sku": "LATTE"}]}
ASK: dict[str, Any] = {"placement": "after", "context": BASKET}


@pytest.fixture
async def brand(make_tenant: Any) -> Tenant:
    made: Tenant = await make_tenant(**BRAND)
    return made


async def joined(rt: Runtime, brand: Tenant) -> UUID:
    now = datetime.now(UTC)
    snapshot = await rt.snapshot(brand.id, now)
    member_id = uuid7()
    async with rt.db.write(brand.id) as s:
        await operations.join(
            s, id=member_id, email=f"{member_id}@x.example", name="Ana", language="en",
            email_verified=True, snapshot=snapshot, now=now,
        )  # fmt: skip
    return member_id


async def drafted(client: Any, values: dict[str, Any]) -> str:
    made = (await client.post(f"{client.brand}/change-sets", json={"title": "Try"})).json()
    edits = [{"path": path, "value": value} for path, value in values.items()]
    answer = await client.request(
        "PATCH", f"{client.brand}/change-sets/{made['id']}/edits",
        json={"rowVersion": made["rowVersion"], "edits": edits},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    return str(made["id"])


async def tried(client: Any, member_id: UUID, **given: Any) -> Any:
    answer = await client.post(f"{client.brand}/members/{member_id}/slate", json=ASK | given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def keys(slate: Any) -> list[str]:
    return [one["key"] for one in slate["items"]]


async def traces(rt: Runtime, brand: Tenant) -> list[int]:
    async with rt.db.read(brand.id) as s:
        return [
            await s.value(f"SELECT count(*) FROM app.{t} WHERE tenant_id = %(tenant_id)s")
            for t in ("recommendation_event", "recommendation_day", "recommendation_total",
                      "recommendation_member", "outbox", "parameter_version")
        ]  # fmt: skip


async def test_a_draft_stands_beside_what_is_in_force(
    console: Any, rt: Runtime, brand: Tenant
) -> None:
    ana = await joined(rt, brand)
    owner = await console(brand)
    now = await tried(owner, ana)
    assert now["after"] is None
    assert set(keys(now["before"])) == {"mug", "spoon"}
    [spoon] = [one for one in now["before"]["items"] if one["key"] == "spoon"]
    assert (spoon["factor"], spoon["weight"], spoon["title"]) == ("1.25", 50, "Spoon")
    assert float(spoon["score"]) == 1.25 * sum(float(p["value"]) for p in spoon["parts"])
    [missing] = now["before"]["missing"]
    assert (missing["name"], missing["code"]) == ("Gold cup", "not_eligible")
    assert missing["params"] == {"rule": "balance >= 1000"}

    change_set = await drafted(
        owner,
        {
            "recommendations.offers[mug].enabled": False,
            "recommendations.offers[gold-cup].eligibility": "",
            "recommendations.offers[spoon].factor": "2",
        },
    )
    before = await traces(rt, brand)
    both = await tried(owner, ana, changeSet=change_set)
    assert both["before"] == now["before"]
    assert set(keys(both["after"])) == {"spoon", "gold-cup"}
    assert [(m["key"], m["code"]) for m in both["after"]["missing"]] == [("mug", "off")]
    [spoon] = [one for one in both["after"]["items"] if one["key"] == "spoon"]
    assert spoon["factor"] == "2"
    # A later edit of the same draft is seen, and nobody else's slate heard of either.
    await drafted(owner, {"recommendations.enabled": False})
    assert (await tried(owner, ana))["before"] == now["before"]
    assert await traces(rt, brand) == before


async def test_a_member_who_is_drawn_is_not_told(console: Any, rt: Runtime, brand: Tenant) -> None:
    marketer = await console(brand, roles=("marketer",))
    at = f"{marketer.brand}/recommendations/sample-slate"
    answer = await marketer.post(at, json=ASK)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    ana = await joined(rt, brand)
    for nth in (0, 7):
        told = (await marketer.post(at, json=ASK | {"nth": nth})).json()
        assert (told["sampled"], told["member"]["id"]) == (1, None)
        assert str(ana) not in str(told)
        assert set(keys(told["before"])) == {"mug", "spoon"}
    refused = await marketer.post(f"{marketer.brand}/members/{ana}/slate", json=ASK)
    assert refused.json()["code"] == "permission_missing"
    change_set = await drafted(marketer, {"recommendations.offers[mug].enabled": False})
    agent = await console(brand, roles=("support_agent",))
    refused = await agent.post(
        f"{agent.brand}/members/{ana}/slate", json=ASK | {"changeSet": change_set}
    )
    assert refused.json()["code"] == "permission_missing"
    assert set(keys((await tried(agent, ana))["before"])) == {"mug", "spoon"}


async def test_what_cannot_be_tried_is_said(console: Any, rt: Runtime, brand: Tenant) -> None:
    ana, owner = await joined(rt, brand), await console(brand)
    at = f"{owner.brand}/members/{ana}/slate"
    answer = await owner.post(at, json=ASK | {"placement": "nowhere"})
    assert (answer.status_code, answer.json()["code"]) == (404, "placement_not_found")
    answer = await owner.post(f"{owner.brand}/members/{uuid4()}/slate", json=ASK)
    assert answer.json()["code"] == "member_not_found"
    change_set = await drafted(owner, {"recommendations.offers[mug].eligibility": "balance >"})
    answer = await owner.post(at, json=ASK | {"changeSet": change_set})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_parameters")
    assert (await tried(owner, ana))["before"]["items"]
