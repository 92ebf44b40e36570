"""Secrets from the console: in, tried, never out."""

import secrets
from typing import Any

import pytest
from tests.payments.amazon_store import open_store

from guerdon.runtime import Runtime
from guerdon.sandbox.web import Request, Response, Routes, Server, json_response

SUPPLIERS = {"suppliers": [{
    "key": "amazon", "provider": "amazon_business", "region": "US", "contact_phone": "+14155550100",
    "buyer_email": "buyer@kettle.example", "buying_group": "1234",
}]}  # fmt: skip


@pytest.fixture
async def shop(make_tenant: Any) -> Any:
    return await make_tenant(
        programme={"currency": "USD"}, payments={"provider": "stripe"}, fulfilment=SUPPLIERS
    )


async def test_a_secret_goes_in_and_never_out(console: Any, shop: Any, rt: Runtime) -> None:
    dev = await console(shop, roles=("developer",))
    value = f"sk_test_{secrets.token_hex(12)}"
    before = (await dev.get(f"{dev.brand}/secrets")).json()["items"]
    assert {i["name"] for i in before} >= {
        "payments.stripe.api_key", "payments.stripe.webhook_secret",
        "fulfilment.amazon.client_id", "fulfilment.amazon.refresh_token",
    }  # fmt: skip
    assert not any(i["stored"] for i in before)
    stored = await dev.put(
        f"{dev.brand}/secrets/payments.stripe.api_key", json={"value": f" {value}\n"}
    )
    assert stored.status_code == 200, stored.text
    listed = {i["name"]: i["stored"] for i in stored.json()["items"]}
    assert listed["payments.stripe.api_key"] is True
    assert listed["payments.stripe.webhook_secret"] is False
    async with rt.db.read(shop.id) as s:
        assert await rt.secrets.get(s, "payments.stripe.api_key") == value
        for table in ("secret", "idempotency", "audit_entry", "outbox"):
            found = await s.value(
                f"SELECT count(*) FROM app.{table} x"
                " WHERE tenant_id = %(tenant_id)s AND x::text LIKE %(v)s",
                {"v": f"%{value}%"},
            )
            assert found == 0, table
    told = (await dev.get(f"{dev.brand}/audit")).json()["items"]
    assert [(e["action"], e["subject"]) for e in told] == [
        ("secret.stored", "secret:payments.stripe.api_key"),
        ("secret.viewed", "secrets"),
    ]


async def test_what_nothing_asks_for_is_not_stored(console: Any, shop: Any, rt: Runtime) -> None:
    owner = await console(shop)
    refused = await owner.put(f"{owner.brand}/secrets/payments.other.key", json={"value": "x"})
    assert refused.status_code == 404
    blank = await owner.put(f"{owner.brand}/secrets/payments.stripe.api_key", json={"value": "  "})
    assert (blank.status_code, blank.json()["errors"][0]["pointer"]) == (422, "/value")
    async with rt.db.read(shop.id) as s:
        assert await s.value("SELECT count(*) FROM app.secret WHERE tenant_id = %(tenant_id)s") == 0


async def test_an_account_is_tried_with_what_is_stored(
    console: Any, shop: Any, stripe_peer: Any, amazon_peer: Any
) -> None:
    owner = await console(shop)

    async def trial(account: str) -> str:
        answer = await owner.post(f"{owner.brand}/accounts/{account}/test")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["outcome"])

    async def put(name: str, value: str) -> None:
        stored = await owner.put(f"{owner.brand}/secrets/{name}", json={"value": value})
        assert stored.status_code == 200

    assert await trial("payments.stripe") == "incomplete"
    await put("payments.stripe.api_key", "not a key")
    assert await trial("payments.stripe") == "refused"
    await put("payments.stripe.api_key", f"sk_test_{secrets.token_hex(12)}")
    assert await trial("payments.stripe") == "works"
    assert await trial("fulfilment.amazon") == "incomplete"
    for name, value in (
        ("client_id", f"amzn1.application-oa2-client.{secrets.token_hex(8)}"),
        ("client_secret", "secret"), ("refresh_token", "Atzr|grant"),
    ):  # fmt: skip
        await put(f"fulfilment.amazon.{name}", value)
    assert await trial("fulfilment.amazon") == "works"


async def test_an_account_is_tried_before_the_brand_switches_to_it(
    console: Any, shop: Any, amazon_pay_peer: Any
) -> None:
    owner = await console(shop)
    store = open_store(amazon_pay_peer)
    where = f"{owner.brand}/accounts/payments.amazon_pay/test"
    for name in ("store_id", "public_key_id", "private_key"):
        assert (await owner.post(where)).json()["outcome"] == "incomplete"
        await owner.put(
            f"{owner.brand}/secrets/payments.amazon_pay.{name}",
            json={"value": getattr(store, name)},
        )
    assert (await owner.post(where)).json()["outcome"] == "works"
    await owner.put(
        f"{owner.brand}/secrets/payments.amazon_pay.public_key_id",
        json={"value": "SANDBOX-UNKNOWN"},
    )
    assert (await owner.post(where)).json()["outcome"] == "refused"


async def test_the_external_model_is_tried_with_its_key(
    console: Any, make_tenant: Any, outside: Any
) -> None:
    answers = [Response(body=b"scores?"), json_response({"error": "busy"}, 503)]

    async def scores(request: Request) -> Response:
        if request.headers.get("authorization") != "Bearer right":
            return json_response({"error": "key"}, 401)
        assert request.json() == {"member": "", "placement": "", "offers": []}
        return answers.pop() if answers else json_response({"scores": {}})

    routes = Routes()
    routes.add("POST", "/scores", scores)
    server = Server(routes)
    await server.start(outside.scores)
    try:
        without = await console(await make_tenant())
        where = f"{without.brand}/accounts/recommendations/test"
        assert (await without.post(where)).json()["outcome"] == "incomplete"
        tenant = await make_tenant(
            recommendations={"external_scores": {"url": f"{server.base_url}/scores",
                                                 "timeout_ms": 1000}}
        )  # fmt: skip
        owner = await console(tenant)
        where = f"{owner.brand}/accounts/recommendations/test"
        found = [(await owner.post(where)).json()["outcome"]]
        for key in ("wrong", "right", "right", "right"):
            stored = await owner.put(
                f"{owner.brand}/secrets/recommendations.scores", json={"value": key}
            )
            assert stored.status_code == 200, stored.text
            found.append((await owner.post(where)).json()["outcome"])
        assert found == ["refused", "refused", "unreachable", "unreachable", "works"]
    finally:
        server.close()


async def test_a_removed_secret_is_gone(console: Any, shop: Any) -> None:
    owner = await console(shop)
    where = f"{owner.brand}/secrets/payments.stripe.api_key"
    assert (await owner.delete(where)).status_code == 404
    await owner.put(where, json={"value": "sk_test_0123456789"})
    gone = await owner.delete(where)
    assert gone.status_code == 200
    assert not any(i["stored"] for i in gone.json()["items"])
