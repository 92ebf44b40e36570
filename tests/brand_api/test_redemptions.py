"""Redeeming through the API: one effect, and a clear word for every way it can fail."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from tests.brand_api.shop import SECTIONS, definition, join, stock_up

from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant


@pytest.fixture
async def tenant(make_tenant: Any) -> Tenant:
    return await make_tenant(**SECTIONS)


@pytest.fixture
async def goods(api: Any) -> dict[str, Any]:
    return await stock_up(
        api, definition("latte", price="5.00", stock=3), definition("mug", price="20.00", stock=1)
    )


def lines(goods: dict[str, Any], slug: str, quantity: int = 1) -> dict[str, Any]:
    variant = goods[slug]["variants"][0]
    return {
        "lines": [{"variantId": variant["id"], "quantity": quantity}],
        "expectedPoints": variant["points"] * quantity,
    }


async def test_quote_place_read_cancel(api: Any, goods: dict[str, Any]) -> None:
    member = await join(api, points=2000)
    wanted = lines(goods, "latte")["lines"]
    quoted = await api.post("/quotes", json={"memberId": member["id"], "lines": wanted})
    assert quoted.status_code == 201
    quote = quoted.json()
    assert (quote["points"], quote["moneyMinor"], quote["currency"]) == (500, 0, "USD")
    read = await api.get(f"/members/{member['id']}/quotes/{quote['id']}")
    assert read.json() == quote
    body = {"memberId": member["id"], "quoteId": quote["id"]}
    placed = await api.post("/redemptions", key="k", json=body)
    assert (placed.status_code, placed.json()["points"]) == (201, 500)
    again = await api.post("/redemptions", key="k", json=body)
    assert (again.status_code, again.content) == (201, placed.content)
    assert again.headers["idempotent-replayed"] == "true"
    used = await api.post("/redemptions", json=body)
    assert (used.status_code, used.json()["code"]) == (409, "quote_used")
    balance = (await api.get(f"/members/{member['id']}/balance")).json()
    assert (balance["posted"], balance["held"], balance["available"]) == (2000, 500, 1500)
    path = f"/redemptions/{placed.json()['id']}"
    assert (await api.get(path)).json()["state"] in ("authorised", "held")
    steps = (await api.get(f"{path}/timeline")).json()["items"]
    assert steps[0]["kind"] == "placed"
    (listed,) = (await api.get(f"/redemptions?memberId={member['id']}")).json()["items"]
    assert listed["id"] == placed.json()["id"]
    cancelled = await api.post(f"{path}/cancel", json={"reason": "changed their mind"})
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    balance = (await api.get(f"/members/{member['id']}/balance")).json()
    assert (balance["held"], balance["available"]) == (0, 2000)


async def test_one_of_stock_goes_to_one(api: Any, goods: dict[str, Any]) -> None:
    members = [await join(api, points=3000) for _ in range(12)]
    answers = await asyncio.gather(
        *(
            api.post("/redemptions", json={"memberId": m["id"]} | lines(goods, "mug"))
            for m in members
        )
    )
    assert sorted(a.status_code for a in answers) == [201] + [409] * 11
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"out_of_stock"}


async def test_a_key_sent_many_times_redeems_once(api: Any, goods: dict[str, Any]) -> None:
    member = await join(api, points=2000)
    body = {"memberId": member["id"]} | lines(goods, "latte")
    answers = await asyncio.gather(
        *(api.post("/redemptions", key="same", json=body) for _ in range(10))
    )
    assert {a.status_code for a in answers} <= {201, 409}
    assert {a.json()["code"] for a in answers if a.status_code == 409} <= {"request_in_flight"}
    assert len({a.json()["id"] for a in answers if a.status_code == 201}) == 1
    balance = (await api.get(f"/members/{member['id']}/balance")).json()
    assert balance["held"] == 500


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"expectedPoints": 499}, 409, "price_changed"),
        ({"expectedPoints": None}, 422, "invalid"),
        ({"lines": None}, 422, "invalid"),
        ({"lines": []}, 422, "invalid"),
        ({"lines": [{"variantId": str(uuid4()), "quantity": 1}]}, 404, "not_found"),
        ({"lines": [{"variantId": "x", "quantity": 1}]}, 422, "invalid"),
        ({"memberId": str(uuid4())}, 404, "member_not_found"),
        ({"returnUrl": "javascript:alert(1)"}, 422, "invalid"),
        ({"shipTo": {"name": "A"}}, 422, "invalid"),
        ({"points": 1}, 422, "invalid"),
    ],
)
async def test_a_bad_redemption_leaves_nothing(
    api: Any, goods: dict[str, Any], rt: Runtime, tenant: Tenant, change: dict[str, Any],
    status: int, code: str,
) -> None:  # fmt: skip
    member = await join(api, points=2000)
    body = {"memberId": member["id"]} | lines(goods, "latte") | change
    refused = await api.post("/redemptions", json=body)
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    async with rt.db.read(tenant.id) as s:
        assert await s.value("SELECT count(*) FROM app.redemption") == 0
        assert await s.value("SELECT count(*) FROM app.ledger_hold") == 0


async def test_too_few_points(api: Any, goods: dict[str, Any]) -> None:
    member = await join(api, points=499)
    refused = await api.post(
        "/redemptions", json={"memberId": member["id"]} | lines(goods, "latte")
    )
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "not_enough_points")
    assert problem["params"]["available"] == 499


async def test_a_foreign_quote_is_unknown(api: Any, goods: dict[str, Any]) -> None:
    owner, other = await join(api, points=2000), await join(api, points=2000)
    wanted = lines(goods, "latte")["lines"]
    quote = (await api.post("/quotes", json={"memberId": owner["id"], "lines": wanted})).json()
    for who, quote_id in ((other["id"], quote["id"]), (owner["id"], str(uuid4()))):
        refused = await api.post("/redemptions", json={"memberId": who, "quoteId": quote_id})
        assert (refused.status_code, refused.json()["code"]) == (404, "quote_unknown")


async def test_the_catalogue_is_kept_and_searched(api: Any, goods: dict[str, Any]) -> None:
    found = (await api.get("/products?q=latte")).json()["items"]
    assert [(card["slug"], card["points"]) for card in found] == [("latte", 500)]
    assert (await api.get("/products?pointsMax=499")).json()["items"] == []
    product = goods["latte"]
    withdrawn = await api.post(f"/catalogue/products/{product['id']}/withdraw")
    assert withdrawn.json() == {"changed": True}
    assert (await api.get("/products?q=latte")).json()["items"] == []
    managed = (await api.get("/catalogue/products?status=withdrawn")).json()["items"]
    assert [(row["slug"], row["cost"]) for row in managed] == [
        ("latte", {"minor": 500, "currency": "USD"})
    ]
    assert (await api.post(f"/catalogue/products/{product['id']}/publish")).status_code == 200
    counted = await api.put(
        f"/catalogue/variants/{product['variants'][0]['id']}/stock", json={"onHand": 7}
    )
    assert counted.json() == {"before": 3, "onHand": 7}
    fresh = (await api.get("/products/latte")).json()
    change = {
        "product": definition("latte", price="6.00", stock=None), "rowVersion": fresh["rowVersion"]
    }  # fmt: skip
    replaced = await api.put("/products/latte", json=change)
    assert replaced.json()["variants"][0]["points"] == 600
    stale = await api.put("/products/latte", json=change)
    assert (stale.status_code, stale.json()["code"]) == (409, "product_changed")
    bad = await api.post(
        "/catalogue/products",
        json={"products": [definition("tea", price="0", stock=1) | {"category": "nowhere"}]},
    )
    assert (bad.status_code, bad.json()["code"]) == (422, "invalid_product")
    nothing = await api.get("/products/nothing")
    assert (nothing.status_code, nothing.json()["code"]) == (404, "not_found")


async def test_a_key_tells_what_it_may(make_api: Any, tenant: Tenant) -> None:
    key = (await (await make_api(tenant, "points:read")).get("/key")).json()
    assert (key["tenant"], key["scopes"], key["currency"]) == (
        tenant.slug, ["points:read"], "USD",
    )  # fmt: skip
