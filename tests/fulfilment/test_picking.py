"""Catalogue managers search the supplier, pick and publish, by API and by command."""

from typing import Any

import pytest
from click.testing import CliRunner
from tests.fulfilment.conftest import AMAZON, COUNTER

from guerdon.catalogue.errors import RestrictedOfferError
from guerdon.cli import supplier as supplier_command
from guerdon.fulfilment.picking import definition, slug_of
from guerdon.fulfilment.port import SupplierProduct
from guerdon.identity import api_keys
from guerdon.identity.policy import API_SCOPES
from guerdon.kit.money import Money
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant


@pytest.fixture
async def shop(rt: Runtime, make_tenant: Any, amazon_peer: Any, client_id: str) -> Tenant:
    tenant: Tenant = await make_tenant(
        programme={"name": "Aurora", "currency": "USD", "languages": ["en", "es"]},
        fulfilment={"suppliers": [AMAZON, COUNTER]},
        catalogue={"categories": [{"key": "travel", "name": {"en": "Travel", "es": "Viaje"}}]},
    )
    async with rt.db.write(tenant.id) as s:
        await rt.secrets.put(s, "fulfilment.amazon.client_id", client_id)
        await rt.secrets.put(s, "fulfilment.amazon.client_secret", "secret")
        await rt.secrets.put(s, "fulfilment.amazon.refresh_token", "Atzr|grant")
    return tenant


@pytest.fixture
async def call(rt: Runtime, shop: Tenant, http: Any) -> Any:
    """Calls the shop's API with a key that may do everything."""
    async with rt.db.write(shop.id) as s:
        issued = await api_keys.create(
            s, name="desk", scopes=tuple(API_SCOPES), mode="live", now=rt.clock.now()
        )
    client = await http(shop)

    async def send(method: str, path: str, key: str = "k", **kwargs: Any) -> Any:
        headers = {"Authorization": f"Bearer {issued.secret}", "Idempotency-Key": key}
        return await client.request(method, f"/api/v1{path}", headers=headers, **kwargs)

    return send


async def test_search_pick_publish(call: Any) -> None:
    listed = (await call("GET", "/suppliers")).json()["items"]
    assert [s["key"] for s in listed] == ["amazon", "counter"]
    found = (await call("GET", "/suppliers/amazon/products", params={"q": "trekking"})).json()
    assert [(i["sku"], i["price"]) for i in found["items"]] == [
        ("B0GRDN0033", {"minor": 9200, "currency": "USD"})
    ]
    ten = await call("GET", "/suppliers/amazon/products/B0GRDN0033", params={"quantity": 10})
    assert ten.json()["price"] == {"minor": 8740, "currency": "USD"}

    picked = await call(
        "POST", "/suppliers/amazon/pick", json={"sku": "B0GRDN0033", "category": "travel"}
    )
    assert (picked.status_code, picked.json()) == (
        200, {"slug": "trekking-poles-carbon", "created": True},
    )  # fmt: skip
    assert (await call("GET", "/products")).json()["items"] == []
    managed = (await call("GET", "/catalogue/products")).json()["items"]
    (draft,) = managed
    assert (draft["slug"], draft["status"]) == ("trekking-poles-carbon", "draft")
    published = await call("POST", f"/catalogue/products/{draft['id']}/publish", key="p")
    assert published.status_code == 200
    (shown,) = (await call("GET", "/products")).json()["items"]
    assert shown["slug"] == "trekking-poles-carbon"


async def test_a_restricted_offer_never_gets_in(call: Any) -> None:
    seen = (await call("GET", "/suppliers/amazon/products/B0GRDX0001")).json()
    assert (seen["publishable"], seen["restrictions"]) == (False, ["Age-restricted"])
    refused = await call(
        "POST", "/suppliers/amazon/pick", json={"sku": "B0GRDX0001", "category": "travel"}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "offer_restricted")
    assert (await call("GET", "/catalogue/products")).json()["items"] == []


async def test_what_cannot_be_picked(call: Any) -> None:
    cases = [
        ("/suppliers/amazon/pick", {"sku": "B0NOTHING0", "category": "travel"}, 404, "not_found"),
        ("/suppliers/amazon/pick", {"sku": "B0GRDN0001", "category": "none"}, 422, None),
        ("/suppliers/counter/pick", {"sku": "X", "category": "travel"}, 409, "supplier_refused"),
        ("/suppliers/nobody/pick", {"sku": "X", "category": "travel"}, 409,
         "supplier_not_configured"),
    ]  # fmt: skip
    for path, body, status, code in cases:
        answer = await call("POST", path, json=body)
        assert answer.status_code == status, answer.text
        if code is not None:
            assert answer.json()["code"] == code


async def test_a_dead_supplier_is_told_honestly(call: Any, amazon_peer: Any) -> None:
    amazon_peer.knobs(fail_next=1, only="/products")
    answer = await call("GET", "/suppliers/amazon/products")
    assert (answer.status_code, answer.json()["code"]) == (503, "supplier_unavailable")


def found(**changes: Any) -> SupplierProduct:
    given: dict[str, Any] = {
        "sku": "B0X", "title": "Café Mug: “Größe” 350 ml", "price": Money(2690, "USD"),
        "delivery": "2 to 5 days", "variation": {"Size": "M", "Colour": "Red"},
    }  # fmt: skip
    return SupplierProduct(**(given | changes))


def test_a_definition() -> None:
    made = definition(found(), supplier="amazon", category="travel", language="en")
    assert (made.slug, made.currency, made.delivery_days, made.status) == (
        "cafe-mug-groe-350-ml", "USD", (2, 5), "draft",
    )  # fmt: skip
    assert (made.variants[0].price, made.variants[0].label) == ("26.90", {"en": "M, Red"})
    for bad in (found(price=None), found(restrictions=["Hazardous"])):
        with pytest.raises(RestrictedOfferError):
            definition(bad, supplier="amazon", category="travel", language="en")


def test_slugs() -> None:
    assert slug_of("日本") == "product"
    assert len(slug_of("word " * 40)) <= 70


def test_the_command_has_help() -> None:
    told = CliRunner().invoke(supplier_command.command, ["--help"])
    assert told.exit_code == 0
    assert "pick" in told.output
