"""The journey, leg by leg, against real peers."""

import pytest
from tests.redemption.world import World, pay

from guerdon.ledger.errors import NotEnoughPointsError


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
