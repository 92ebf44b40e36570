"""The supplier's leg against the Amazon Business peer: order, refusal, lost answers, parcels."""

from typing import Any
from uuid import UUID

import pytest
from tests import calls
from tests.redemption.world import World, pay

from guerdon.kit.ids import uuid7
from guerdon.plumbing.runner import Ran
from guerdon.redemption import operations
from guerdon.redemption.errors import RefundTooLargeError
from guerdon.redemption.refunds import Piece


async def mixed(world: World, quantity: int = 1) -> tuple[Any, Any]:
    """Backpacks for 1,000 points each and money for the rest, paid."""
    ana = await world.member(20_000, phone="+14155550123")
    quote = await world.quote(ana, "backpack", points=1000 * quantity, quantity=quantity)
    placed = await world.place(ana, quote)
    url = (await world.read(placed.id)).payment_url
    assert url is not None
    assert await pay(url) in {302, 303}
    await operations.came_back(
        world.rt, tenant_id=world.tenant.id, redemption_id=placed.id, now=world.now
    )
    return ana, placed


def advance(peers: Any, redemption_id: UUID) -> None:
    calls.post(f"{peers.amazon.url}/_control/orders/{redemption_id}/advance").raise_for_status()


def orders(peers: Any) -> list[Any]:
    found: list[Any] = calls.get(f"{peers.amazon.url}/_control/orders").json()
    return found


async def follow(world: World, peers: Any, placed: Any, until: str) -> None:
    for _ in range(8):
        if (await world.read(placed.id)).state == until:
            return
        advance(peers, placed.id)
        await world.run("redemption.track")
    assert (await world.read(placed.id)).state == until


async def test_from_the_page_to_settled(world: World, peers: Any) -> None:
    ana, placed = await mixed(world)
    await world.drain()
    confirmed = await world.read(placed.id)
    assert (confirmed.state, confirmed.money_leg) == ("confirmed", "captured")
    assert (confirmed.captured_minor, confirmed.money_minor, confirmed.fee_minor) == (
        8000,
        7950,
        50,
    )
    await follow(world, peers, placed, "shipped")
    (parcel,) = (await world.read(placed.id)).shipments
    assert parcel.tracking_number != ""
    await follow(world, peers, placed, "delivered")
    await world.drain()
    assert (await world.read(placed.id)).state == "settled"
    assert await world.steps(placed.id) == [
        "placed", "awaiting_payment", "authorised", "ordered", "confirmed", "captured", "shipped",
        "delivered", "settled",
    ]  # fmt: skip
    assert await world.available(ana) == 19_000
    assert await world.violations() == []


@pytest.mark.parametrize("reason", ["out_of_stock", "address_undeliverable"])
async def test_a_refused_order_gives_everything_back(world: World, peers: Any, reason: str) -> None:
    ana, placed = await mixed(world)
    peers.amazon.knobs(refuse_next=1, refuse_reason=reason)
    await world.drain()
    after = await world.read(placed.id)
    assert (after.state, after.order_leg, after.money_leg, after.points_leg) == (
        "refused",
        "refused",
        "released",
        "voided",
    )
    assert after.reason is not None
    assert after.reason.startswith("supplier_")
    assert (await world.available(ana), after.captured_minor) == (20_000, 0)
    assert await world.violations() == []


@pytest.mark.parametrize(
    "knobs", [{"drop_after_next": 1}, {"drop_before_next": 1}, {"fail_next": 1}]
)
async def test_a_lost_answer_is_one_order(world: World, peers: Any, knobs: dict[str, int]) -> None:
    _, placed = await mixed(world)
    peers.amazon.knobs(only="/ordering", **knobs)
    assert await world.run("redemption.order") == [Ran.FAILED]
    assert (await world.read(placed.id)).state == "ordered"
    assert await world.run("redemption.order") == [Ran.DONE]
    await world.drain()
    assert (await world.read(placed.id)).state == "confirmed"
    mine = [order for order in orders(peers) if str(placed.id) in str(order)]
    assert len(mine) == 1
    assert await world.violations() == []


async def test_a_lost_capture_takes_the_money_once(world: World, peers: Any) -> None:
    _, placed = await mixed(world)
    await world.run("redemption.order")
    peers.stripe.knobs(drop_after_next=1, only="/capture")
    assert (await world.run("redemption.capture"))[0] is Ran.FAILED
    assert (await world.run("redemption.capture"))[0] is Ran.DONE
    await world.drain()
    after = await world.read(placed.id)
    assert (after.money_leg, after.captured_minor) == ("captured", 8000)
    assert await world.violations() == []


async def test_a_part_that_is_not_available_is_given_back(world: World, peers: Any) -> None:
    ana, placed = await mixed(world, quantity=3)
    peers.amazon.knobs(accept_at_most=2)
    await world.drain()
    after = await world.read(placed.id)
    (line,) = after.lines
    (refund,) = after.refunds
    assert (after.state, line.accepted, line.refunded_quantity) == ("confirmed", 2, 1)
    assert (refund.points, refund.reason, refund.money_leg) == (1000, "supplier_partial", "none")
    assert after.captured_minor == after.money_minor + after.fee_minor - 7950
    assert await world.available(ana) == 18_000
    assert await world.violations() == []


async def test_refunds_add_up_to_what_was_paid(world: World, peers: Any) -> None:
    ana, placed = await mixed(world, quantity=3)
    await world.drain()
    paid = await world.read(placed.id)
    back_points = back_money = 0
    for _ in range(3):
        async with world.rt.db.write(world.tenant.id) as s:
            refund_id = uuid7()
            for _ in range(2):
                await operations.refund(
                    s, redemption_id=placed.id, refund_id=refund_id, pieces=[Piece(1, 1)],
                    reason="damaged", now=world.now,
                )  # fmt: skip
        await world.drain()
    after = await world.read(placed.id)
    for refund in after.refunds:
        back_points += refund.points
        back_money += refund.money_minor
        assert refund.money_leg == "done"
    assert (back_points, back_money) == (paid.points, paid.money_minor)
    with pytest.raises(RefundTooLargeError):
        async with world.rt.db.write(world.tenant.id) as s:
            await operations.refund(
                s, redemption_id=placed.id, refund_id=uuid7(), pieces=[Piece(1, 1)],
                reason="damaged", now=world.now,
            )  # fmt: skip
    assert await world.available(ana) == 20_000
    assert await world.violations() == []


async def test_two_parcels_are_delivered_when_both_are(world: World, peers: Any) -> None:
    peers.amazon.knobs(packages=2)
    _, placed = await mixed(world, quantity=2)
    await world.drain()
    await follow(world, peers, placed, "delivered")
    assert len((await world.read(placed.id)).shipments) == 2
    await world.drain()
    assert await world.violations() == []
