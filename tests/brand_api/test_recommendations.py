"""Slates and what becomes of them, through the API: steered, explained, counted, and private."""

import base64
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.brand_api.shop import SECTIONS, definition, join, stock_up
from tests.conftest import create_tenant

from guerdon.members import consents
from guerdon.recommendations.figures import RefreshPopular, RefreshPopularNow
from guerdon.recommendations.service import engine
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

ON = {"enabled": True, "exploration_percent": 0, "holdout_percent": 0}
SOON = datetime.now(UTC).date() + timedelta(days=30)


def steered(**more: Any) -> dict[str, Any]:
    """A brand that offers three things after a purchase, and products."""
    return SECTIONS | {
        "recommendations": {
            "kinds": {"ancillary": ON, "catalogue": ON},
            "placements": [
                {"key": "after", "kinds": ["ancillary"], "slots": 10, "name": {"en": "For you"}},
                {"key": "home", "kinds": ["catalogue"], "slots": 3},
                {"key": "closed", "kinds": ["catalogue"], "enabled": False},
            ],
            "offers": [
                offer("mug", copy={"en": {"title": "A mug, {variant}", "call_to_action": "Take"}},
                      variants=[{"key": "red", "name": {"en": "Red"}}], factor="1.25"),
                offer("spoon"),
                offer("gift", eligibility='balance >= 5000 || "vip" in tags'),
            ],
        }
        | more,
    }  # fmt: skip


def offer(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": "ancillary", "name": {"en": key.title()}, **more}


BASKET = {"kind": "basket", "items": [{"sku": "LATTE"}]}


@pytest.fixture
async def brand(rt: Runtime) -> Tenant:
    return await create_tenant(rt, sections=steered())


@pytest.fixture
async def api(make_api: Any, brand: Tenant) -> Any:
    return await make_api(brand)


async def ask(api: Any, member: dict[str, Any], placement: str = "after", **more: Any) -> Any:
    given = {"memberId": member["id"], "placement": placement, "context": BASKET, **more}
    answer = await api.post("/recommendations/slate", json=given, key="")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def tell(api: Any, *events: dict[str, Any]) -> int:
    answer = await api.post("/recommendations/events", json={"events": list(events)})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["recorded"])


def keys(slate: Any) -> set[str]:
    return {item["offer"] for item in slate["items"]}


async def test_a_slate_says_what_and_why(api: Any) -> None:
    ana = await join(api)
    slate = await ask(api, ana, explain=True)
    assert (slate["placement"], slate["heading"], slate["externalScores"]) == (
        "after", "For you", "none",
    )  # fmt: skip
    assert keys(slate) == {"mug", "spoon"}
    mug = next(item for item in slate["items"] if item["offer"] == "mug")
    assert (mug["kind"], mug["variant"], mug["variantName"]) == ("ancillary", "red", "Red")
    assert (mug["title"], mug["callToAction"]) == ("A mug, Red", "Take")
    assert mug["reason"] == {
        "code": "follows_purchase", "params": {}, "text": "Goes with what you bought."
    }  # fmt: skip
    assert (mug["scoreParts"], mug["factor"], mug["score"]) == (
        [{"name": "fit", "value": "0.5"}], "1.25", "0.625",
    )  # fmt: skip
    (missing,) = slate["missing"]
    assert (missing["key"], missing["code"]) == ("gift", "not_eligible")
    assert missing["params"] == {"rule": 'balance >= 5000 || "vip" in tags'}
    assert (await ask(api, ana))["missing"] is None
    ends = datetime.fromisoformat(mug["expiresAt"]) - datetime.now(UTC)
    assert timedelta(minutes=58) < ends <= timedelta(hours=1)


async def test_it_speaks_the_readers_language(api: Any) -> None:
    ana = await join(api)
    slate = await ask(api, ana, language="pt-BR")
    assert {i["reason"]["text"] for i in slate["items"]} == {"Combina com a sua compra."}
    assert (await ask(api, ana, language="tlh"))["language"] == "en"


async def test_rules_ask_for_tags_and_balances(api: Any) -> None:
    ana, bea = await join(api), await join(api, points=5000)
    assert "gift" in keys(await ask(api, ana, tags=["vip"]))
    assert "gift" not in keys(await ask(api, ana, tags=["other"]))
    assert "gift" in keys(await ask(api, bea))


async def test_whom_and_where_has_to_be_known(api: Any) -> None:
    ana = await join(api)
    given = {"memberId": ana["id"], "placement": "nowhere"}
    answer = await api.post("/recommendations/slate", json=given, key="")
    assert (answer.status_code, answer.json()["code"]) == (404, "placement_not_found")
    assert answer.json()["params"] == {"placement": "nowhere"}
    given = {"memberId": str(uuid4()), "placement": "after"}
    answer = await api.post("/recommendations/slate", json=given, key="")
    assert (answer.status_code, answer.json()["code"]) == (404, "member_not_found")
    answer = await api.post("/recommendations/slate", json={"placement": "after"}, key="")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/memberId")
    past = {"kind": "stay", "place": "LIS", "checkIn": "2020-01-01", "checkOut": "2020-01-04",
            "passengers": [{}]}  # fmt: skip
    given = {"memberId": ana["id"], "placement": "after", "context": past}
    answer = await api.post("/recommendations/slate", json=given, key="")
    assert (answer.json()["code"], answer.json()["params"]) == (
        "context_invalid", {"reason": "past"},
    )  # fmt: skip
    await api.patch(f"/members/{ana['id']}", json={"externalId": "crm-7"})
    given = {"externalId": "crm-7", "placement": "after", "context": BASKET}
    answer = await api.post("/recommendations/slate", json=given, key="")
    assert keys(answer.json()) == {"mug", "spoon"}


async def test_a_switch_empties_the_placement(rt: Runtime, make_api: Any, api: Any) -> None:
    assert (await ask(api, await join(api), "closed"))["items"] == []
    brand = await create_tenant(rt, sections=steered(enabled=False))
    other = await make_api(brand)
    assert (await ask(other, await join(other)))["items"] == []


async def test_the_latest_purchase_counts_without_a_context(api: Any) -> None:
    ana = await join(api)
    given = {"memberId": ana["id"], "placement": "after", "explain": True}
    answer = (await api.post("/recommendations/slate", json=given, key="")).json()
    assert answer["items"] == []
    assert {m["code"] for m in answer["missing"]} == {"no_purchase"}
    kept = {"memberId": ana["id"], "reference": "R1", "context": BASKET}
    assert (await api.post("/contexts", json=kept)).status_code == 201
    answer = (await api.post("/recommendations/slate", json=given, key="")).json()
    assert keys(answer) == {"mug", "spoon"}


async def test_what_is_told_counts_once(api: Any, rt: Runtime, brand: Tenant) -> None:
    ana = await join(api)
    slate = await ask(api, ana)
    first, second = slate["items"]
    shown = [{"type": "impression", "feedbackId": i["feedbackId"]} for i in (first, second)]
    assert await tell(api, *shown) == 2
    assert await tell(api, *shown, {"type": "click", "feedbackId": first["feedbackId"]}) == 1
    assert await tell(api, {"type": "conversion", "feedbackId": first["feedbackId"]}) == 1
    async with rt.db.read(brand.id) as s:
        rows = await s.all(
            tuple,  # type: ignore[type-var]
            "SELECT jsonb_build_array(offer, impressions, clicks, conversions)"
            " FROM app.recommendation_total WHERE tenant_id = %(tenant_id)s ORDER BY offer",
        )
        assert sorted(map(tuple, rows)) == sorted(
            [("@ancillary", 2, 1, 1), (first["offer"], 1, 1, 1), (second["offer"], 1, 0, 0)]
        )
        events = await s.all(
            str,
            "SELECT concat_ws(' ', type, placement, kind, arm, parameters_version, source)"
            " FROM app.recommendation_event WHERE tenant_id = %(tenant_id)s AND member_id = %(m)s"
            " ORDER BY id",
            {"m": ana["id"]},
        )
    assert sorted(events) == [
        "click after ancillary shown 1 api", "conversion after ancillary shown 1 api",
        "impression after ancillary shown 1 api", "impression after ancillary shown 1 api",
    ]  # fmt: skip


async def test_caps_follow_what_is_told(rt: Runtime, make_api: Any) -> None:
    offers = [offer("mug", caps={"impressions_per_member": 2}), offer("spoon")]
    brand = await create_tenant(rt, sections=steered(offers=offers))
    api = await make_api(brand)
    ana, bea = await join(api), await join(api)
    for _ in range(2):
        slate = await ask(api, ana)
        assert keys(slate) == {"mug", "spoon"}
        told = [{"type": "impression", "feedbackId": i["feedbackId"]} for i in slate["items"]]
        await tell(api, *told)
    slate = await ask(api, ana, explain=True)
    assert keys(slate) == {"spoon"}
    assert slate["missing"][0]["code"] == "member_cap"
    assert keys(await ask(api, bea)) == {"mug", "spoon"}
    # Sent away by one, it stands for the other.
    (spoon,) = slate["items"]
    await tell(api, {"type": "dismissal", "feedbackId": spoon["feedbackId"]})
    slate = await ask(api, ana, explain=True)
    assert {m["code"] for m in slate["missing"]} == {"member_cap", "dismissed"}
    assert keys(await ask(api, bea)) == {"mug", "spoon"}


async def test_a_feedback_id_cannot_be_made_or_carried_over(
    api: Any, rt: Runtime, make_api: Any
) -> None:
    ana = await join(api)
    (item, *_) = (await ask(api, ana))["items"]
    feedback_id = item["feedbackId"]
    raw = bytearray(base64.urlsafe_b64decode(feedback_id[:-22] + "=="))
    raw[-1] ^= 1
    forged = base64.urlsafe_b64encode(raw).rstrip(b"=").decode() + feedback_id[-22:]
    other = await make_api(await create_tenant(rt, sections=steered()))
    for who, text in ((api, forged), (other, feedback_id), (api, "x" * 40)):
        answer = await who.post(
            "/recommendations/events",
            json={"events": [{"type": "click", "feedbackId": text}]},
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "feedback_invalid")
        assert answer.json()["errors"][0]["pointer"] == "/events/0/feedbackId"
    for event, pointer in (
        ({"type": "click"}, "/events/0/feedbackId"),
        ({"type": "view", "sku": "LATTE"}, "/events/0/memberId"),
        ({"type": "click", "feedbackId": feedback_id, "at": "2020-01-01T00:00:00Z"},
         "/events/0/at"),
    ):  # fmt: skip
        answer = await api.post("/recommendations/events", json={"events": [event]})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


GOODS = {"latte": "5.00", "beans": "9.00", "grinder": "90.00", "tea": "4.00"}


async def redeeming(
    rt: Runtime, worker_rt: Runtime, make_api: Any, wanted: dict[str, int]
) -> tuple[Any, Tenant]:
    """A brand whose members have redeemed so many of each."""
    brand = await create_tenant(rt, sections=steered())
    api = await make_api(brand)
    made = await stock_up(api, *(definition(s, price=p, stock=50) for s, p in GOODS.items()))
    buyer = await join(api, points=100_000)
    for slug, times in wanted.items():
        for _ in range(times):
            variant = made[slug]["variants"][0]
            placed = await api.post(
                "/redemptions",
                json={"memberId": buyer["id"], "expectedPoints": variant["points"],
                      "lines": [{"variantId": variant["id"], "quantity": 1}]},
            )  # fmt: skip
            assert placed.status_code == 201, placed.text
    async with worker_rt.db.write(brand.id) as s:
        await RefreshPopularNow().apply(worker_rt, s, RefreshPopular(), datetime.now(UTC))
    engine(rt).figures.forget(brand.id)
    return api, brand


async def test_products_come_from_what_this_brands_members_redeem(
    rt: Runtime, worker_rt: Runtime, make_api: Any
) -> None:
    api, _ = await redeeming(rt, worker_rt, make_api, {"latte": 1, "beans": 3, "grinder": 2})
    other, _ = await redeeming(rt, worker_rt, make_api, {"tea": 2})
    new = await join(api, points=700)
    slate = await ask(api, new, "home", explain=True)
    assert [i["product"]["slug"] for i in slate["items"]] == ["beans", "latte"]
    assert slate["items"][0]["reason"]["text"] == "Often chosen by our members."
    assert [i["product"]["points"] for i in slate["items"]] == [900, 500]
    assert [(m["key"], m["code"]) for m in slate["missing"]] == [("GRINDER", "out_of_reach")]
    slate = await ask(other, await join(other, points=700), "home")
    assert [i["product"]["slug"] for i in slate["items"]] == ["tea"]
    # A view stands in the very next slate, and in nobody else's.
    assert await tell(api, {"type": "view", "memberId": new["id"], "sku": "TEA"}) == 1
    slate = await ask(api, new, "home")
    assert [i["product"]["slug"] for i in slate["items"]] == ["tea", "beans", "latte"]
    tea = slate["items"][0]
    assert (tea["reason"]["code"], tea["reason"]["text"]) == (
        "viewed_lately", "You looked at it lately.",
    )  # fmt: skip
    assert tea["scoreParts"][1]["name"] == "rank"
    assert Decimal("0.359") < Decimal(tea["scoreParts"][1]["value"]) <= Decimal("0.36")
    slate = await ask(api, await join(api, points=700), "home")
    assert [i["product"]["slug"] for i in slate["items"]] == ["beans", "latte"]


async def test_a_dismissal_is_taken_back(api: Any, rt: Runtime, brand: Tenant) -> None:
    ana = await join(api)
    (spoon,) = [i for i in (await ask(api, ana))["items"] if i["offer"] == "spoon"]

    def told(what: str) -> dict[str, str]:
        return {"type": what, "feedbackId": spoon["feedbackId"]}

    assert await tell(api, told("dismissal_undone")) == 0
    assert await tell(api, told("dismissal")) == 1
    assert keys(await ask(api, ana)) == {"mug"}
    assert await tell(api, told("dismissal_undone")) == 1
    assert await tell(api, told("dismissal_undone")) == 0
    assert keys(await ask(api, ana)) == {"mug", "spoon"}
    async with rt.db.read(brand.id) as s:
        for table in ("recommendation_total", "recommendation_day"):
            assert (
                await s.value(
                    f"SELECT sum(dismissals)::int FROM app.{table} WHERE tenant_id = %(tenant_id)s"
                )
                == 0
            )


async def test_who_objects_is_offered_the_same_whatever_they_did(
    api: Any, rt: Runtime, brand: Tenant
) -> None:
    """And what they see is kept as nobody's."""
    quiet, busy = await join(api), await join(api, points=9000)
    slate = await ask(api, busy)
    told = [{"type": t, "feedbackId": i["feedbackId"]} for i in slate["items"]
            for t in ("impression", "click", "dismissal")]  # fmt: skip
    assert await tell(api, *told) == 9
    before = {who["id"]: keys(await ask(api, who)) for who in (quiet, busy)}
    assert before[quiet["id"]] != before[busy["id"]]
    async with rt.db.write(brand.id) as s:
        for who in (quiet, busy):
            await consents.allow_profiling(
                s, member_id=UUID(who["id"]), allowed=False, language="en", now=datetime.now(UTC)
            )
    slates = [await ask(api, who, explain=True) for who in (quiet, busy)]
    plain = [
        (
            {(i["offer"], i["variant"], i["score"]) for i in slate["items"]},
            {(m["key"], m["code"]) for m in slate["missing"]},
        )
        for slate in slates
    ]
    assert plain[0] == plain[1]
    assert plain[0][0] == {("mug", "red", "0.625"), ("spoon", None, "0.5")}
    (item, *_) = slates[1]["items"]
    assert await tell(api, {"type": "impression", "feedbackId": item["feedbackId"]}) == 1
    assert await tell(api, {"type": "view", "memberId": busy["id"], "sku": "LATTE"}) == 1
    async with rt.db.read(brand.id) as s:
        assert await s.all(
            str,
            "SELECT concat_ws(' ', type, arm) FROM app.recommendation_event"
            " WHERE tenant_id = %(tenant_id)s AND member_id IS NULL ORDER BY id",
        ) == ["impression", "view"]


async def test_a_day_counts_in_the_programmes_zone(api: Any, rt: Runtime, brand: Tenant) -> None:
    (item, *_) = (await ask(api, await join(api)))["items"]
    await tell(api, {"type": "impression", "feedbackId": item["feedbackId"]})
    async with rt.db.read(brand.id) as s:
        assert await s.all(
            date,
            "SELECT day FROM app.recommendation_day WHERE tenant_id = %(tenant_id)s",
        ) == [datetime.now(UTC).date()]


async def test_scopes_and_keys(make_api: Any, brand: Tenant) -> None:
    reader = await make_api(brand, "recommendations:read", "members:write")
    ana = await join(reader)
    (item, *_) = (await ask(reader, ana))["items"]
    told = {"events": [{"type": "click", "feedbackId": item["feedbackId"]}]}
    assert (await reader.post("/recommendations/events", json=told)).status_code == 403
    writer = await make_api(brand, "recommendations:write")
    asked = {"memberId": ana["id"], "placement": "after"}
    assert (await writer.post("/recommendations/slate", json=asked, key="")).status_code == 403
    # Asking writes nothing, so that it needs no key; telling does.
    told_bare = await writer.post("/recommendations/events", json=told, key="")
    assert told_bare.json()["code"] == "idempotency_key_missing"
    assert (await writer.post("/recommendations/events", json=told)).json() == {"recorded": 1}
