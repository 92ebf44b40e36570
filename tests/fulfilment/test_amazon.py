"""The Amazon Business adapter against the peer, over real HTTP."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from tests import calls

from guerdon.fulfilment.errors import (
    SupplierNotConfiguredError,
    SupplierOutcomeUnknownError,
    SupplierRefusedError,
    SupplierUnavailableError,
)
from guerdon.fulfilment.port import (
    Order,
    OrderLine,
    OrderStatus,
    Placed,
    Refused,
    ShipTo,
    Supplier,
    Trial,
)
from guerdon.fulfilment.providers import connect
from guerdon.kit.ids import uuid7
from guerdon.kit.money import Money
from guerdon.plumbing.breaker import Breaker
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

Make = Callable[..., Order]


def usd(text: str) -> Money:
    return Money.parse(text, "USD")


def orders(peer: Any, client_id: str) -> list[dict[str, Any]]:
    answer = calls.get(f"{peer.url}/_control/orders", params={"owner": client_id})
    found: list[dict[str, Any]] = answer.json()
    return found


def advance(peer: Any, order: Order) -> None:
    calls.post(f"{peer.url}/_control/orders/{order.id}/advance").raise_for_status()


async def test_search_and_offer(amazon: Supplier) -> None:
    found = await amazon.search(text="backpack tarn")
    assert [(p.sku, p.title) for p in found.items] == [
        ("B0GRDN0002", "Cabin Backpack 28 l, Recycled Canvas")
    ]
    hit = found.items[0]
    assert (hit.price, hit.list_price) == (usd("89.50"), usd("99.00"))
    assert (hit.brand, hit.category, hit.publishable) == ("Tarn", "Travel", True)
    assert list(hit.volume_prices) == [(10, usd("85.02"))]

    ten = await amazon.offer(sku="B0GRDN0002", quantity=10)
    assert ten is not None
    assert ten.price == usd("85.02")
    restricted = await amazon.offer(sku="B0GRDX0001")
    assert restricted is not None
    assert (restricted.publishable, list(restricted.restrictions)) == (False, ["Age-restricted"])
    assert await amazon.offer(sku="B0NOTHING0") is None


async def test_paging_covers_everything_once(amazon: Supplier) -> None:
    first = await amazon.search(text="", page_size=20)
    assert first.total >= 53
    seen: list[str] = []
    for page in range(1, first.pages + 1):
        seen += [p.sku for p in (await amazon.search(text="", page=page, page_size=20)).items]
    assert len(seen) == len(set(seen)) == first.total


async def test_a_trial_costs_to_the_cent_and_places_nothing(
    amazon: Supplier, make_order: Make, amazon_peer: Any, client_id: str
) -> None:
    order = make_order(2)
    trial = await amazon.trial(order)
    assert isinstance(trial, Trial)
    assert (trial.subtotal, trial.shipping, trial.tax, trial.charge) == (
        usd("179.00"), usd("0.00"), usd("12.53"), usd("191.53"),
    )  # fmt: skip
    assert orders(amazon_peer, client_id) == []
    placed = await amazon.place(order)
    assert isinstance(placed, Placed)
    assert placed.charge == trial.charge


async def test_place_twice_is_placed_once(
    amazon: Supplier, make_order: Make, amazon_peer: Any, client_id: str
) -> None:
    order = make_order(2)
    first = await amazon.place(order)
    assert isinstance(first, Placed)
    assert [(a.id, a.accepted, a.rejected) for a in first.lines] == [("1", 2, 0)]
    assert not first.already
    assert not first.partial
    assert first.delivery_from is not None
    assert first.delivery_to is not None
    assert first.delivery_from < first.delivery_to
    again = await amazon.place(order)
    assert isinstance(again, Placed)
    assert again.already
    assert list(again.supplier_references) == list(first.supplier_references)
    (kept,) = orders(amazon_peer, client_id)
    assert kept["order_id"] == first.supplier_references[0]
    assert kept["purchase_order"] == order.purchase_order


@pytest.mark.parametrize("knobs", [{"drop_after_next": 1}, {"drop_before_next": 1}])
async def test_a_lost_answer_is_unknown_then_asked(
    amazon: Supplier, make_order: Make, amazon_peer: Any, client_id: str, knobs: dict[str, int]
) -> None:
    order = make_order()
    amazon_peer.knobs(only="/ordering", **knobs)
    with pytest.raises(SupplierOutcomeUnknownError):
        await amazon.place(order)
    status = await amazon.status(order.id)
    assert (status is None) == ("drop_before_next" in knobs)
    placed = await amazon.place(order)
    assert isinstance(placed, Placed)
    assert placed.already == ("drop_after_next" in knobs)
    assert len(orders(amazon_peer, client_id)) == 1


async def test_a_supplier_that_is_down_did_nothing(
    amazon: Supplier, make_order: Make, amazon_peer: Any, client_id: str
) -> None:
    amazon_peer.knobs(fail_next=1, only="/ordering")
    with pytest.raises(SupplierUnavailableError):
        await amazon.place(make_order())
    assert orders(amazon_peer, client_id) == []


async def test_a_price_that_rose_stops_the_order(
    amazon: Supplier, make_order: Make, amazon_peer: Any
) -> None:
    amazon_peer.knobs(price_factor=1.21)
    order = make_order()
    refused = await amazon.place(order)
    assert isinstance(refused, Refused)
    assert refused.reason == "price_changed"
    status = await amazon.status(order.id)
    assert status is not None
    assert isinstance(status.answer, Refused)
    amazon_peer.knobs(price_factor=0.9)
    assert isinstance(await amazon.place(make_order()), Placed)


async def test_a_charge_that_is_too_high_stops_the_order(
    amazon: Supplier, make_order: Make
) -> None:
    order = msgspec.structs.replace(make_order(), expected_tax=usd("6.25"))
    refused = await amazon.place(order)
    assert isinstance(refused, Refused)
    assert refused.reason == "charge_changed"
    exact = msgspec.structs.replace(make_order(), expected_tax=usd("6.26"))
    assert isinstance(await amazon.place(exact), Placed)


@pytest.mark.parametrize(
    "reason", ["out_of_stock", "price_changed", "address_undeliverable", "restricted", "account"]
)
async def test_every_refusal_has_its_reason(
    amazon: Supplier, make_order: Make, amazon_peer: Any, reason: str
) -> None:
    amazon_peer.knobs(refuse_next=1, refuse_reason=reason)
    refused = await amazon.place(make_order())
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.lines[0].rejected) == (reason, 1)


async def test_refusals_of_its_own_accord(amazon: Supplier, make_order: Make) -> None:
    unknown = msgspec.structs.replace(make_order().lines[0], sku="B0NOTHING0")
    restricted = msgspec.structs.replace(make_order().lines[0], sku="B0GRDX0001")
    nowhere = ShipTo(
        name="N", line1="1 Undeliverable Road", city="X", region="WA", postal_code="1", country="US"
    )
    cases = [
        (msgspec.structs.replace(make_order(), lines=[unknown]), "item_unavailable"),
        (msgspec.structs.replace(make_order(), lines=[restricted]), "restricted"),
        (msgspec.structs.replace(make_order(), ship_to=nowhere), "address_undeliverable"),
        (msgspec.structs.replace(make_order(), ship_to=None), "invalid_order"),
    ]
    for order, reason in cases:
        refused = await amazon.place(order)
        assert isinstance(refused, Refused)
        assert refused.reason == reason


async def test_partial_acceptance(amazon: Supplier, make_order: Make, amazon_peer: Any) -> None:
    amazon_peer.knobs(accept_at_most=2)
    order = make_order(3)
    placed = await amazon.place(order)
    assert isinstance(placed, Placed)
    assert placed.partial
    assert [(a.accepted, a.rejected, a.reason) for a in placed.lines] == [(2, 1, "out_of_stock")]
    assert placed.charge == usd("191.53")


async def test_two_parcels_are_told_apart(
    amazon: Supplier, make_order: Make, amazon_peer: Any
) -> None:
    amazon_peer.knobs(packages=2)
    order = make_order(3)
    await amazon.place(order)
    before = await amazon.status(order.id)
    assert before is not None
    assert list(before.packages) == []
    advance(amazon_peer, order)
    shipped = await amazon.status(order.id)
    assert shipped is not None
    assert sorted(p.lines["1"] for p in shipped.packages) == [1, 2]
    assert {p.state for p in shipped.packages} == {"shipped"}
    assert len({p.tracking_number for p in shipped.packages}) == 2
    for _ in range(3):
        advance(amazon_peer, order)
    arrived = await amazon.status(order.id)
    assert arrived is not None
    assert {p.state for p in arrived.packages} == {"delivered"}
    assert {p.carrier for p in arrived.packages} == {"Amazon Logistics"}


async def test_never_placed_is_known_for_certain(amazon: Supplier) -> None:
    assert await amazon.status(uuid7()) is None


async def test_wrong_credentials(
    rt: Runtime, brand: Tenant, amazon: Supplier, make_order: Make
) -> None:
    await amazon.place(make_order())
    async with rt.db.write(brand.id) as s:
        await rt.secrets.put(s, "fulfilment.amazon.client_secret", "another")
    async with rt.db.read(brand.id) as s:
        changed = await connect(rt, s, "amazon", now=datetime.now(UTC))
        with pytest.raises(SupplierNotConfiguredError):
            await connect(rt, s, "nobody", now=datetime.now(UTC))
    with pytest.raises(SupplierRefusedError) as refused:
        await changed.place(make_order())
    assert refused.value.reason == "account"


async def test_secrets_do_not_show(amazon: Supplier) -> None:
    assert "secret" not in repr(amazon)
    assert "Atzr" not in repr(amazon)


async def test_the_breaker_leaves_a_dead_supplier_alone(
    amazon: Supplier, make_order: Make, amazon_peer: Any, rt: Runtime, brand: Tenant, client_id: str
) -> None:
    amazon_peer.knobs(fail_next=5)
    for _ in range(5):
        with pytest.raises(SupplierUnavailableError):
            await amazon.status(uuid7())
    with pytest.raises(SupplierUnavailableError) as open_:
        await amazon.place(make_order())
    assert open_.value.retry_after_s is not None
    assert 0 < open_.value.retry_after_s <= 30
    assert orders(amazon_peer, client_id) == []
    await Breaker(rt.valkey, brand.id, "amazon").worked()
    assert isinstance(await amazon.place(make_order()), Placed)


async def test_many_at_once(
    amazon: Supplier, make_order: Make, amazon_peer: Any, client_id: str
) -> None:
    placed = await asyncio.gather(*(amazon.place(make_order()) for _ in range(8)))
    assert all(isinstance(p, Placed) for p in placed)
    assert len(orders(amazon_peer, client_id)) == 8


async def test_the_counter(
    open_supplier: Any, make_order: Make, rt: Runtime, brand: Tenant
) -> None:
    counter = await open_supplier("counter")
    order = make_order(2)
    assert not counter.capabilities.ships
    placed = await counter.place(order)
    assert isinstance(placed, Placed)
    assert placed.pickup_code is not None
    assert [(a.id, a.accepted) for a in placed.lines] == [("1", 2)]
    again = await counter.place(order)
    assert isinstance(again, Placed)
    assert (again.already, again.pickup_code) == (True, placed.pickup_code)
    waiting: OrderStatus = await counter.status(order.id)
    assert [p.state for p in waiting.packages] == ["preparing"]
    assert await counter.status(uuid7()) is None


def test_an_order_line_knows_its_price() -> None:
    line = OrderLine(id="1", sku="A", quantity=3, expected_unit_price=usd("1.10"))
    assert line.expected_unit_price * line.quantity == usd("3.30")
