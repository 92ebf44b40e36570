"""Returns: whatever comes back in whatever parts, nothing of its points remains at the end."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guerdon.earning.arithmetic import Line, Purchase, kept
from guerdon.earning.errors import ReturnDiffersError
from guerdon.earning.returns import reverse
from guerdon.earning.schemas import Return, Returned
from guerdon.kit.ids import uuid7
from guerdon.kit.money import Rounding
from guerdon.ledger.errors import (
    EventDiffersError,
    MoreThanRemainsError,
    NotEnoughPointsError,
)

TIERS = {
    "tiers": [
        {"key": "blue", "threshold": 0},
        {"key": "gold", "threshold": 100, "earn_multiplier": "1.5"},
    ]
}


async def give_back(b, txn_id, *, event_id: str | None = None, **what) -> Returned:
    async with b.rt.db.write(b.tenant.id) as s:
        return await reverse(
            s,
            txn_id=txn_id,
            what=Return(**what),
            source="till",
            event_id=event_id or str(uuid7()),
            now=b.now,
        )


@pytest.mark.parametrize("rounding", list(Rounding))
@pytest.mark.parametrize("per", ["order", "line"])
@pytest.mark.parametrize("factor", ["1", "0.333", "2.5"])
async def test_three_bought_one_returned_three_times(bench_of, rounding, per, factor) -> None:
    b = await bench_of(
        points={"earn_factor": factor, "earn_rounding": rounding.value, "earn_rounding_per": per},
        tiers=TIERS,
    )
    bought = await b.earn(amount="100.00", items=(Line("cup", 3, 10_000),))
    for _ in range(3):
        back = await give_back(b, bought.transaction_id, pieces={"cup": 1})
    after = await b.balance()
    assert (after.posted, after.debt, back.qualifying, back.tier) == (0, 0, 0, "blue")
    with pytest.raises(ReturnDiffersError):
        await give_back(b, bought.transaction_id, pieces={"cup": 1})
    await b.proven()


@pytest.mark.parametrize("order", list(permutations(range(4)))[::5])
async def test_lines_amounts_points_and_the_rest(bench_of, order) -> None:
    b = await bench_of(points={"earn_factor": "0.7"})
    items = (Line("a", 3, 3_333), Line("b", 2, 1_001))
    bought = await b.earn(amount="60.00", items=items)
    parts = [
        {"pieces": {"a": 2}},
        {"amount_minor": 777},
        {"pieces": {"a": 1, "b": 1}},
        {"points": 5},
    ]
    for n in order:
        await give_back(b, bought.transaction_id, **parts[n])
    rest = await give_back(b, bought.transaction_id)
    assert (await b.balance()).posted == 0
    assert rest.points <= 0
    with pytest.raises(MoreThanRemainsError):
        await give_back(b, bought.transaction_id)
    await b.proven()


STEPS = {"spend": 60, "return": 40, "return rest": None, "refund": 25, "refund rest": None}
ORDERS = [
    order
    for order in permutations(STEPS)
    if order.index("spend") < min(order.index("refund"), order.index("refund rest"))
    and order.index("refund") < order.index("refund rest")
    and order.index("return") < order.index("return rest")
]


@pytest.mark.parametrize("order", ORDERS, ids=" > ".join)
async def test_nothing_is_won_by_returning_and_refunding_in_any_order(bench, order) -> None:
    # What is kept of the points, on the wallet or spent, is what the purchase still deserves.
    bought = await bench.earn(amount="100.00")
    due, spent, redemption = 100, 0, None
    for step in order:
        points = STEPS[step]
        if step == "spend":
            if (await bench.balance()).available < points:
                with pytest.raises(NotEnoughPointsError):
                    await bench.spend(points)
                return
            redemption, spent = await bench.spend(points), points
        elif step.startswith("return"):
            minor = None if points is None else 100 * points
            back = await give_back(bench, bought.transaction_id, amount_minor=minor)
            due -= back.due
        else:
            assert redemption
            spent -= (await bench.refund(redemption, points)).points
        after = await bench.balance()
        assert after.posted + spent == due
        assert after.debt == max(0, spent - due)
    assert (due, spent, after.posted) == (0, 0, 0)
    await bench.proven()


async def test_a_return_uses_the_factor_of_that_day(bench_of) -> None:
    # nopCommerce 5757: earn at 1 on 100; the rate goes to 3; a full refund takes 100.
    b = await bench_of(points={"earn_factor": "1"})
    bought = await b.earn(amount="100.00")
    await b.publish(points={"earn_factor": "3"})
    newer = await b.earn(amount="10.00")
    assert newer.points == 30
    half = await give_back(b, bought.transaction_id, amount_minor=5_000)
    assert half.points == -50
    back = await give_back(b, bought.transaction_id)
    assert back.points == -50
    assert (await b.balance()).posted == 30
    await b.proven()


async def test_a_return_takes_the_tier_back(bench_of) -> None:
    b = await bench_of(tiers=TIERS)
    bought = await b.earn(amount="100.00")
    assert bought.tier == "gold"
    golden = await b.earn(amount="10.00")
    assert (golden.points, golden.base) == (15, 10)
    back = await give_back(b, bought.transaction_id)
    assert (back.qualifying, back.tier) == (10, "blue")
    # What was earned as gold stays: it was due that day.
    assert (await b.balance()).posted == 15
    await b.proven()


async def test_a_return_counts_once(bench) -> None:
    bought = await bench.earn(amount="100.00")
    first = await give_back(bench, bought.transaction_id, event_id="r-1", amount_minor=4_000)
    again = await give_back(bench, bought.transaction_id, event_id="r-1", amount_minor=4_000)
    assert again.replayed
    assert (again.transaction_id, again.points, again.posted) == (first.transaction_id, -40, 60)
    with pytest.raises(EventDiffersError):
        await give_back(bench, bought.transaction_id, event_id="r-1", amount_minor=5_000)
    assert (await bench.balance()).posted == 60
    await bench.proven()


@pytest.mark.parametrize(
    "what",
    [
        {"amount_minor": 10_001},
        {"amount_minor": 0},
        {"pieces": {"cup": 4}},
        {"pieces": {"cup": 0}},
        {"pieces": {"spoon": 1}},
    ],
)
async def test_what_was_not_bought_does_not_come_back(bench, what) -> None:
    bought = await bench.earn(amount="100.00", items=(Line("cup", 3, 9_000),))
    with pytest.raises(ReturnDiffersError):
        await give_back(bench, bought.transaction_id, **what)
    assert (await bench.balance()).posted == 100


@given(
    lines=st.lists(st.tuples(st.integers(1, 5), st.integers(0, 100_000)), max_size=4),
    rest=st.integers(0, 10_000),
    factor=st.sampled_from(["1", "0.333333333", "2.5", "0.07"]),
    multiplier=st.sampled_from(["1", "1.25", "3"]),
    rounding=st.sampled_from(Rounding),
    per=st.sampled_from(["order", "line"]),
    data=st.data(),
)
def test_points_kept_never_rise_and_end_at_zero(
    lines, rest, factor, multiplier, rounding, per, data
) -> None:
    items = tuple(Line(str(n), quantity, minor) for n, (quantity, minor) in enumerate(lines))
    total = sum(i.amount_minor for i in items) + rest
    bought = Purchase(total, "0.01", factor, multiplier, rounding, per, items)
    back = {i.ref: 0 for i in items}
    points = [kept(bought, returned_minor=0, returned_pieces=back)[0]]
    for item in items:
        back[item.ref] = data.draw(st.integers(0, item.quantity))
        points.append(kept(bought, returned_minor=0, returned_pieces=back)[0])
    for item in items:
        back[item.ref] = item.quantity
        points.append(kept(bought, returned_minor=0, returned_pieces=back)[0])
    points.append(kept(bought, returned_minor=rest, returned_pieces=back)[0])
    assert points == sorted(points, reverse=True)
    assert points[-1] == 0
