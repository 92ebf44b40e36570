"""The journey, leg by leg, against real peers."""

import asyncio
from typing import Any
from uuid import UUID

import msgspec
import pytest
from tests.redemption.world import World, pay

from guerdon.catalogue.schemas import ProductDefinition
from guerdon.kit.errors import NotFoundError
from guerdon.ledger.errors import NotEnoughPointsError
from guerdon.plumbing import outbox
from guerdon.plumbing.idempotency import IdempotencyKeyReusedError
from guerdon.plumbing.runner import Ran
from guerdon.redemption import operations
from guerdon.redemption.errors import (
    AddressMissingError,
    PriceChangedError,
    QuoteExpiredError,
    QuoteUnknownError,
    QuoteUsedError,
    TooLateToCancelError,
)
from guerdon.redemption.messages import SweepQuotes, SyncPayment
from guerdon.redemption.quotes import Wanted


async def test_points_at_the_counter(world: World) -> None:
    ana = await world.member(1000)
    quote = await world.quote(ana, "coffee")
    assert (quote.points, quote.money_minor, quote.fee_minor) == (500, 0, 0)
    placed = await world.place(ana, quote)
    assert (placed.state, placed.points, placed.available, placed.replayed) == (
        "authorised",
        500,
        500,
        False,
    )
    assert await world.left("coffee") == 9
    await world.drain()
    after = await world.read(placed.id)
    assert (after.state, after.points_leg, after.money_leg, after.order_leg, after.stock_leg) == (
        "confirmed",
        "posted",
        "none",
        "placed",
        "taken",
    )
    assert after.pickup_code is not None
    assert await world.steps(placed.id) == ["placed", "ordered", "confirmed"]
    assert await world.available(ana) == 500
    assert await world.violations() == []


async def test_an_order_is_named_in_every_language_of_its_product(world: World) -> None:
    beans = msgspec.convert(
        {
            "slug": "beans", "category": "drinks", "supplier": "counter", "currency": "USD",
            "texts": {"en": {"name": "Beans"}, "es": {"name": "Granos"}}, "delivery": "counter",
            "variants": [{"sku": "BEANS", "price": "5.00", "stock": 5,
                          "label": {"en": "Whole", "es": "Enteros"}}],
        },
        ProductDefinition,
    )  # fmt: skip
    await world.stock_up(beans)
    eva = await world.member(10_000, language="es")
    ana = await world.member(10_000, language="pt-BR")

    both = {"en": "Beans, Whole", "es": "Granos, Enteros"}
    placed = await world.place(eva, await world.quote(eva, "beans"))
    assert (await world.read(placed.id)).lines[0].title == both
    # Who reads a language that the product does not speak reads the brand's first.
    quote = await world.quote(ana, "beans")
    assert quote.lines[0].title == {**both, "pt-BR": "Beans, Whole"}


async def test_points_and_money_through_the_hosted_page(world: World) -> None:
    ana = await world.member(1000)
    quote = await world.quote(ana, "coffee", points=100)
    assert (quote.points, quote.money_minor, quote.fee_minor) == (100, 400, 50)
    placed = await world.place(ana, quote)
    assert placed.state == "held"
    waiting = await world.read(placed.id)
    assert (waiting.state, waiting.money_leg) == ("awaiting_payment", "open")
    assert waiting.payment_url is not None
    assert await pay(waiting.payment_url) in {302, 303}
    assert await world.run("redemption.sync_payment") != []
    await world.drain()
    after = await world.read(placed.id)
    assert (after.state, after.money_leg, after.captured_minor) == ("confirmed", "captured", 450)
    assert await world.available(ana) == 900
    assert await world.violations() == []


async def test_too_few_points_leave_nothing(world: World) -> None:
    ana = await world.member(499)
    quote = await world.quote(ana, "coffee")
    with pytest.raises(NotEnoughPointsError) as refused:
        await world.place(ana, quote)
    assert refused.value.params == {"needed": 500, "available": 499}
    assert (await world.available(ana), await world.left("coffee")) == (499, 10)
    await world.earn(ana, 1)
    assert (await world.place(ana, quote)).state == "authorised"


async def test_placing_is_once_per_key(world: World) -> None:
    ana = await world.member(2000)
    quote = await world.quote(ana, "coffee")
    first = await world.place(ana, quote, key="one")
    again = await world.place(ana, quote, key="one")
    assert (again.id, again.number, again.state, again.replayed) == (
        first.id,
        first.number,
        "authorised",
        True,
    )
    with pytest.raises(IdempotencyKeyReusedError):
        await world.place(ana, await world.quote(ana, "coffee"), key="one")
    with pytest.raises(QuoteUsedError):
        await world.place(ana, quote, key="two")
    assert (await world.available(ana), await world.left("coffee")) == (1500, 9)


async def test_a_quote_belongs_to_its_member_and_expires(world: World) -> None:
    ana, bob = await world.member(1000), await world.member(1000)
    quote = await world.quote(ana, "coffee")
    with pytest.raises(QuoteUnknownError):
        await world.place(bob, quote)
    async with world.rt.db.write(world.tenant.id) as s:
        await s.execute(
            "UPDATE app.quote SET created_at = now() - interval '2 hours',"
            " expires_at = now() - interval '1 hour' WHERE tenant_id = %(tenant_id)s"
        )
    with pytest.raises(QuoteExpiredError):
        await world.place(ana, quote)
    assert (await world.available(ana), await world.available(bob)) == (1000, 1000)


async def test_parcels_need_an_address(world: World) -> None:
    ana = await world.member(9000)
    quote = await world.quote(ana, "backpack")
    assert (quote.ships, quote.points) == (True, 8950)
    with pytest.raises(AddressMissingError):
        await operations.place(
            world.rt, tenant_id=world.tenant.id, member_id=ana.id, quote_id=quote.id, ship_to=None,
            language="en", return_url=None, principal="member:x", key="x", now=world.now,
        )  # fmt: skip
    assert await world.available(ana) == 9000


async def test_points_and_quote_in_one_call(world: World) -> None:
    ana = await world.member(1000)
    wanted = [Wanted(world.variants["coffee"])]
    options = {
        "tenant_id": world.tenant.id, "member_id": ana.id, "wanted": wanted, "ship_to": None,
        "language": "en", "principal": "key:1", "now": world.now,
    }  # fmt: skip
    with pytest.raises(PriceChangedError) as refused:
        await operations.place_for_points(world.rt, **options, expected_points=499, key="a")
    assert (refused.value.params["expected"], refused.value.params["actual"]) == (499, 500)
    placed = await operations.place_for_points(world.rt, **options, expected_points=500, key="a")
    again = await operations.place_for_points(world.rt, **options, expected_points=500, key="a")
    assert (placed.available, again.id, again.replayed) == (500, placed.id, True)
    await world.drain()
    assert (await world.read(placed.id)).state == "confirmed"
    assert await world.violations() == []


async def test_cancelling_gives_everything_back_once(world: World) -> None:
    ana = await world.member(1000)
    placed = await world.place(ana, await world.quote(ana, "coffee", points=100))
    await world.cancel(placed.id, ana)
    await world.cancel(placed.id, ana)
    after = await world.read(placed.id)
    assert (after.state, after.points_leg, after.money_leg) == ("cancelled", "voided", "releasing")
    await world.drain()
    after = await world.read(placed.id)
    assert (after.money_leg, after.stock_leg, after.captured_minor) == ("released", "released", 0)
    assert (await world.available(ana), await world.left("coffee")) == (1000, 10)
    assert await world.violations() == []


async def test_nobody_cancels_for_another(world: World) -> None:
    ana, bob = await world.member(1000), await world.member()
    placed = await world.place(ana, await world.quote(ana, "coffee"))
    with pytest.raises(NotFoundError):
        await world.cancel(placed.id, bob)
    assert (await world.read(placed.id)).state == "authorised"


async def test_cancel_races_with_sending_to_one_outcome(world: World) -> None:
    ana = await world.member(1000)
    ended = {"cancelled": 0, "confirmed": 0}
    for _ in range(10):
        placed = await world.place(ana, await world.quote(ana, "coffee", quantity=1))
        results = await asyncio.gather(
            world.cancel(placed.id, ana), world.drain(), return_exceptions=True
        )
        await world.drain()
        state = (await world.read(placed.id)).state
        refused = isinstance(results[0], TooLateToCancelError)
        assert (state == "confirmed") is refused
        ended[state] += 1
        if state == "confirmed":
            await world.earn(ana, 500)
    assert sum(ended.values()) == 10
    assert await world.available(ana) == 1000
    assert await world.left("coffee") == 10 - ended["confirmed"]
    # What lost a lock in the race is tried again a moment later.
    await world.drain(soon_s=5)
    assert await world.violations() == []


async def test_paying_after_cancelling_is_let_go_once(world: World, peers: Any) -> None:
    ana = await world.member(1000)
    placed = await world.place(ana, await world.quote(ana, "coffee", points=100))
    url = (await world.read(placed.id)).payment_url
    assert url is not None
    await pay(url)
    await world.cancel(placed.id, ana)
    await world.drain()
    async with world.rt.db.write(world.tenant.id) as s:
        await outbox.put(s, SyncPayment(redemption_id=placed.id))
    await world.drain()
    after = await world.read(placed.id)
    assert (after.state, after.money_leg, after.captured_minor) == ("cancelled", "released", 0)
    assert await world.available(ana) == 1000
    assert await world.violations() == []


async def test_not_paying_in_time_expires(world: World) -> None:
    ana = await world.member(1000)
    placed = await world.place(ana, await world.quote(ana, "coffee", points=100))
    assert await world.run("redemption.payment_due") == [Ran.DONE]
    await world.drain()
    after = await world.read(placed.id)
    assert (after.state, after.reason, after.money_leg) == (
        "expired",
        "payment_expired",
        "released",
    )
    assert (await world.available(ana), await world.left("coffee")) == (1000, 10)
    assert await world.violations() == []


async def test_paying_at_the_last_moment_counts(world: World) -> None:
    ana = await world.member(1000)
    placed = await world.place(ana, await world.quote(ana, "coffee", points=100))
    url = (await world.read(placed.id)).payment_url
    assert url is not None
    await pay(url)
    await world.run("redemption.payment_due")
    await world.drain()
    assert (await world.read(placed.id)).state == "confirmed"
    assert await world.violations() == []


async def test_a_declined_card_may_be_tried_again(world: World) -> None:
    ana = await world.member(1000)
    placed = await world.place(ana, await world.quote(ana, "coffee", points=100))
    url = (await world.read(placed.id)).payment_url
    assert url is not None
    await pay(url, "4000000000000002")
    await operations.came_back(
        world.rt, tenant_id=world.tenant.id, redemption_id=placed.id, now=world.now
    )
    assert (await world.read(placed.id)).state == "awaiting_payment"
    assert (await world.steps(placed.id))[-1] == "payment_declined"
    await pay(url)
    await operations.came_back(
        world.rt, tenant_id=world.tenant.id, redemption_id=placed.id, now=world.now
    )
    assert (await world.read(placed.id)).state == "authorised"
    await world.drain()
    assert (await world.read(placed.id)).state == "confirmed"
    assert await world.violations() == []


async def test_promises_that_were_not_taken_up_are_swept(world: World) -> None:
    ana = await world.member(1000)
    taken, stale, fresh = [await world.quote(ana, "coffee", quantity=n) for n in (1, 2, 3)]
    await world.place(ana, taken)
    async with world.rt.db.write(world.tenant.id) as s:
        await s.execute(
            "UPDATE app.quote SET created_at = now() - interval '41 days',"
            " expires_at = now() - interval '40 days'"
            " WHERE tenant_id = %(tenant_id)s AND id = ANY (%(ids)s)",
            {"ids": [taken.id, stale.id]},
        )
        await outbox.put(s, SweepQuotes())
    await world.drain()
    async with world.rt.db.read(world.tenant.id) as s:
        left = await s.all(UUID, "SELECT id FROM app.quote WHERE tenant_id = %(tenant_id)s")
    assert set(left) == {taken.id, fresh.id}


async def test_a_payment_provider_that_hangs_does_not_hold_the_member(
    world: World, peers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "PATIENCE_S", 1)
    ana = await world.member(1000)
    peers.stripe.knobs(latency_ms=3000)
    placed = await world.place(ana, await world.quote(ana, "coffee", points=100))
    assert (await world.read(placed.id)).state == "held"
    peers.stripe.knobs()
    await world.run("redemption.checkout")
    waiting = await world.read(placed.id)
    assert (waiting.state, waiting.money_leg) == ("awaiting_payment", "open")
    await world.cancel(placed.id, ana)
    await world.drain()
    assert await world.violations() == []
