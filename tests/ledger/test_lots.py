"""Lots: what expires first is spent first, and what comes back keeps its last day."""

from datetime import timedelta

import pytest

from guerdon.earning import operations as earning
from guerdon.earning.schemas import Event
from guerdon.ledger import operations as ledger
from guerdon.ledger.errors import (
    AccountClosedError,
    HoldDiffersError,
    HoldResolvedError,
    MoreThanRemainsError,
    NotEnoughPointsError,
    NotReversibleError,
)


async def test_expiry_does_not_eat_what_was_earned_later(bench_of) -> None:
    # FloCafe 78: +100 that end on day 10; +100; -100; on day 11 there are 100, not 0.
    b = await bench_of(points={"validity": {"model": "rolling", "days": 10}})
    await b.earn(100)
    await b.later(days=2).earn(100)
    await b.later(days=3).spend(100)
    b.later(days=6)
    assert (await b.balance()).available == 100
    assert await b.expire() == 0
    assert (await b.balance()).posted == 100
    assert await b.later(days=2).expire() == 100
    assert (await b.balance()).posted == 0
    await b.proven()


async def test_points_are_gone_when_their_last_day_is_over_even_before_the_job(bench) -> None:
    await bench.earn(100)
    bench.later(days=90)
    assert (await bench.balance()).available == 100
    bench.later(days=1)
    after = await bench.balance()
    assert (after.available, after.overdue, after.posted) == (0, 100, 100)
    with pytest.raises(NotEnoughPointsError) as refused:
        await bench.hold(1)
    assert refused.value.params == {"needed": 1, "available": 0}
    assert await bench.expire() == 100
    assert await bench.expire() == 0
    await bench.proven()


async def test_a_hold_pins_the_lots_that_end_first(bench) -> None:
    await bench.earn(50)
    await bench.later(days=1).earn(70)
    hold_id = await bench.hold(80)
    assert await bench.lots() == [(40, "2026-05-31")]
    after = await bench.balance()
    assert (after.posted, after.held, after.available) == (120, 80, 40)
    await bench.void(hold_id)
    assert await bench.lots() == [(50, "2026-05-30"), (70, "2026-05-31")]
    assert (await bench.balance()).held == 0
    await bench.proven()


async def test_pinned_points_do_not_expire_and_come_back_with_a_grace_once(bench) -> None:
    await bench.earn(100)
    hold_id = await bench.later(days=89).hold(60, hours=24 * 30)
    bench.later(days=3)
    assert await bench.expire() == 40
    await bench.void(hold_id)
    # Seven days of grace from the day of the void, the day itself included.
    assert await bench.lots() == [(60, "2026-06-08")]
    hold_id = await bench.later(days=7).hold(60, hours=24 * 30)
    await bench.later(days=2).void(hold_id)
    assert (await bench.balance()).available == 0
    assert await bench.expire() == 60
    await bench.proven()


async def test_refund_puts_back_the_same_lots(bench) -> None:
    await bench.earn(50)
    await bench.later(days=1).earn(70)
    spent = await bench.spend(100)
    first = await bench.refund(spent, 60)
    assert (first.points, first.posted) == (60, 80)
    # What stays taken is what a redemption of 40 would have taken: the first lot's.
    assert await bench.lots() == [(10, "2026-05-30"), (70, "2026-05-31")]
    await bench.refund(spent)
    assert await bench.lots() == [(50, "2026-05-30"), (70, "2026-05-31")]
    with pytest.raises(MoreThanRemainsError):
        await bench.refund(spent, 1)
    await bench.proven()


async def test_partial_post_gives_the_rest_back(bench) -> None:
    await bench.earn(50)
    await bench.later(days=1).earn(70)
    hold_id = await bench.hold(100)
    await bench.post(hold_id, 30)
    assert await bench.lots() == [(20, "2026-05-30"), (70, "2026-05-31")]
    after = await bench.balance()
    assert (after.posted, after.held) == (90, 0)
    await bench.proven()


async def test_a_hold_is_resolved_once(bench) -> None:
    await bench.earn(100)
    hold_id = await bench.hold(60)
    assert await bench.hold(60, hold_id=hold_id) == hold_id
    with pytest.raises(HoldDiffersError):
        await bench.hold(40, hold_id=hold_id)
    await bench.post(hold_id)
    await bench.post(hold_id)
    with pytest.raises(HoldResolvedError) as refused:
        await bench.void(hold_id)
    assert refused.value.params == {"state": "posted"}
    other = await bench.hold(40)
    await bench.void(other)
    await bench.void(other)
    with pytest.raises(HoldResolvedError):
        await bench.post(other)
    assert (await bench.balance()).posted == 40
    await bench.proven()


async def test_a_hold_that_took_everything_can_be_repeated(bench) -> None:
    await bench.earn(100)
    hold_id = await bench.hold(100)
    assert await bench.hold(100, hold_id=hold_id) == hold_id
    assert (await bench.balance()).held == 100


async def test_a_forgotten_hold_ends_and_the_points_return(bench) -> None:
    await bench.earn(100)
    hold_id = await bench.hold(80, hours=2)
    assert await bench.later(hours=1).expire_holds() == []
    assert await bench.later(hours=1).expire_holds() == [hold_id]
    assert await bench.expire_holds() == []
    assert (await bench.balance()).available == 100
    with pytest.raises(HoldResolvedError):
        await bench.post(hold_id)
    await bench.proven()


async def test_debt_and_expiry_live_together(bench) -> None:
    bought = await bench.earn(100)
    await bench.spend(70)
    back = await bench.reverse(bought.transaction_id)
    assert (back.points, back.due, back.uncollected) == (-100, 100, 0)
    owed = await bench.balance()
    assert (owed.posted, owed.debt, owed.available) == (-70, 70, -70)
    with pytest.raises(NotEnoughPointsError):
        await bench.hold(1)
    # New points settle the debt first; only the rest becomes a lot, and it expires as ever.
    more = await bench.earn(100)
    assert (more.settled, more.posted) == (70, 30)
    assert await bench.lots() == [(30, "2026-05-30")]
    assert await bench.later(days=91).expire() == 30
    assert (await bench.balance()).posted == 0
    await bench.proven()


async def test_points_that_return_from_a_hold_settle_a_debt(bench) -> None:
    bought = await bench.earn(100)
    hold_id = await bench.hold(80)
    await bench.reverse(bought.transaction_id)
    owed = await bench.balance()
    assert (owed.posted, owed.held, owed.debt, owed.available) == (0, 80, 80, -80)
    await bench.void(hold_id)
    after = await bench.balance()
    assert (after.posted, after.held, after.debt, after.available) == (0, 0, 0, 0)
    await bench.proven()


@pytest.mark.parametrize(
    ("policy", "points", "uncollected"),
    [
        ({"model": "forbid"}, -30, 70),
        ({"model": "floor", "floor": 50}, -80, 20),
        ({"model": "allow"}, -100, 0),
    ],
)
async def test_the_negative_policy_decides(bench_of, policy, points, uncollected) -> None:
    b = await bench_of(points={"negative_policy": policy})
    bought = await b.earn(100)
    await b.spend(70)
    back = await b.reverse(bought.transaction_id)
    assert (back.points, back.uncollected) == (points, uncollected)
    assert (await b.balance()).posted == 30 + points
    with pytest.raises(MoreThanRemainsError):
        await b.reverse(bought.transaction_id)
    await b.proven()


async def test_what_has_expired_is_not_taken_again(bench) -> None:
    bought = await bench.earn(100)
    await bench.spend(60)
    bench.later(days=91)
    # The 40 that were left are overdue: returning the purchase takes the 60 that were used.
    back = await bench.reverse(bought.transaction_id)
    assert (back.points, back.due) == (-60, 100)
    assert (await bench.balance()).debt == 60
    await bench.proven()


async def test_own_lot_pays_first(bench) -> None:
    await bench.earn(50)
    second = await bench.later(days=1).earn(70)
    await bench.reverse(second.transaction_id, 30)
    assert await bench.lots() == [(50, "2026-05-30"), (40, "2026-05-31")]
    await bench.proven()


async def test_a_redemption_is_refunded_not_reversed(bench) -> None:
    bought = await bench.earn(100)
    spent = await bench.spend(50)
    with pytest.raises(NotReversibleError):
        await bench.reverse(spent)
    with pytest.raises(NotReversibleError):
        await bench.refund(bought.transaction_id)
    assert (await bench.balance()).posted == 50


async def test_chain_of_a_cancelled_order(bench) -> None:
    # nopCommerce 5595: +50; -50; +21; the order is cancelled: 50.
    await bench.earn(50)
    spent = await bench.spend(50)
    bought = await bench.earn(21)
    await bench.refund(spent)
    await bench.reverse(bought.transaction_id)
    after = await bench.balance()
    assert (after.posted, after.debt) == (50, 0)
    await bench.proven()


async def test_a_closed_account_takes_nothing_more_and_ends_what_is_open(bench) -> None:
    bought = await bench.earn(100, event_id="o-1")
    spent, hold_id = await bench.spend(20), await bench.hold(30)
    async with bench.rt.db.write(bench.tenant.id) as s:
        await ledger.close_account(s, account_id=bench.account_id, now=bench.now)
    for refused in (bench.earn(1), bench.hold(1), bench.adjust(1)):
        with pytest.raises(AccountClosedError):
            await refused
    (batch,) = await earning.earn_many(
        bench.rt,
        tenant_id=bench.tenant.id,
        events=[
            Event(
                account_id=bench.account_id, occurred_at=bench.now, source="f", event_id="1",
                points=1,
            )
        ],
        now=bench.now,
    )  # fmt: skip
    assert batch.code == "account_closed"
    assert (await bench.earn(100, event_id="o-1")).replayed
    await bench.void(hold_id)
    await bench.refund(spent)
    await bench.reverse(bought.transaction_id)
    assert (await bench.balance()).posted == 0
    await bench.proven()


async def test_two_grants_on_one_day_are_two_lots(bench) -> None:
    await bench.earn(10)
    bench.now += timedelta(seconds=1)
    await bench.earn(20)
    assert await bench.lots() == [(10, "2026-05-30"), (20, "2026-05-30")]
    await bench.spend(15)
    assert await bench.lots() == [(15, "2026-05-30")]
