"""Prices in points, in money and in a mix: exact figures, and laws that hold everywhere."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guerdon.catalogue import pricing
from guerdon.catalogue.errors import NoRateError, PointsShareError
from guerdon.catalogue.pricing import PriceRules
from guerdon.kit.money import Money, Rounding


def rules(**changes: object) -> PriceRules:
    values: dict[str, object] = {
        "version": 7,
        "currency": "BRL",
        "rates": {"USD": Decimal("5.40")},
        "margin_percent": Decimal("8"),
        "margin_overrides": {"hotels": Decimal("12.5")},
        "price_factor": Decimal("50"),
        "rounding": Rounding.CEILING,
        "step": 100,
    }
    return PriceRules(**(values | changes))  # type: ignore[arg-type]


def test_a_dollar_price_becomes_miles_step_by_step() -> None:
    price = pricing.price(cost=Money(8_999, "USD"), category="gadgets", rules=rules())

    assert price.converted == "485.946"
    assert price.margin_percent == "8"
    assert price.value == Money(52_482, "BRL")
    assert price.exact_points == "26241"
    assert price.points == 26_300
    assert (price.rate, price.factor, price.step, price.version) == ("5.4", "50", 100, 7)


def test_the_category_has_its_own_margin() -> None:
    price = pricing.price(cost=Money(100_000, "BRL"), category="hotels", rules=rules())

    assert price.value == Money(112_500, "BRL")
    assert price.points == 56_300


@pytest.mark.parametrize(
    ("rounding", "points"),
    [("floor", 1_200), ("ceiling", 1_300), ("half_up", 1_300), ("half_even", 1_200)],
)
def test_rounding_is_the_one_stated(rounding: str, points: int) -> None:
    stated = rules(margin_percent=Decimal(0), rounding=Rounding(rounding))

    assert pricing.price(cost=Money(2_500, "BRL"), category="x", rules=stated).points == points


def test_minor_units_of_different_sizes_convert() -> None:
    yen = rules(rates={"JPY": Decimal("0.036"), "KWD": Decimal("17.5")}, margin_percent=Decimal(0))

    assert pricing.price(cost=Money(1_000, "JPY"), category="x", rules=yen).value.minor == 3_600
    assert pricing.price(cost=Money(1_000, "KWD"), category="x", rules=yen).value.minor == 1_750


def test_a_price_is_never_below_the_floor_nor_free() -> None:
    cheap = Money(1, "BRL")

    assert pricing.price(cost=cheap, category="x", rules=rules(floor_points=500)).points == 500
    floored = rules(rounding=Rounding.FLOOR)
    assert pricing.price(cost=cheap, category="x", rules=floored).points == 1


def test_gold_sees_the_gold_price_and_both_figures_are_told() -> None:
    gold = rules(tier_discounts={"gold": Decimal("7.5")})
    price = pricing.price(cost=Money(37_037, "BRL"), category="x", rules=gold, tier="gold")

    assert price.list_points == 20_000
    assert price.points == 18_500
    assert price.tier == "gold"
    silver = pricing.price(cost=Money(37_037, "BRL"), category="x", rules=gold, tier="silver")
    assert (silver.points, silver.tier) == (20_000, None)


def test_a_currency_without_a_rate_is_refused() -> None:
    with pytest.raises(NoRateError) as refused:
        pricing.price(cost=Money(100, "EUR"), category="x", rules=rules())

    assert refused.value.params == {"currency": "EUR"}


def test_two_pieces_cost_twice_one_piece() -> None:
    one = pricing.price(cost=Money(8_999, "USD"), category="x", rules=rules())
    two = pricing.price(cost=Money(8_999, "USD"), category="x", rules=rules(), quantity=2)

    assert (two.points, two.value.minor) == (52_600, one.value.minor * 2)


def test_3030_points_at_three_cents_are_exactly_90_90() -> None:
    cents = rules(
        currency="USD",
        rates={},
        margin_percent=Decimal(0),
        price_factor=Decimal("33.333333333333"),
        rounding=Rounding.HALF_UP,
        step=1,
    )
    price = pricing.price(cost=Money(300_000, "USD"), category="x", rules=cents)
    mix = pricing.split(price, points=3_030, rules=cents)

    assert price.points == 100_000
    assert mix.points == 3_030
    assert mix.points_value == Money(9_090, "USD")
    assert mix.money == Money(290_910, "USD")


def test_77_points_at_five_cents_are_3_85() -> None:
    five = rules(
        currency="USD", rates={}, margin_percent=Decimal(0), price_factor=Decimal(20), step=1
    )
    price = pricing.price(cost=Money(10_000, "USD"), category="x", rules=five)

    assert pricing.split(price, points=77, rules=five).points_value == Money(385, "USD")


def test_the_fee_is_due_only_with_money() -> None:
    charged = rules(fee_flat_minor=150, fee_percent=Decimal("2.5"))
    price = pricing.price(cost=Money(37_037, "BRL"), category="x", rules=charged)

    mix = pricing.split(price, points=8_000, rules=charged)
    assert (mix.money.minor, mix.fee.minor, mix.due.minor) == (24_000, 750, 24_750)
    full = pricing.split(price, points=20_000, rules=charged)
    assert (full.money.minor, full.fee.minor, full.due.minor) == (0, 0, 0)


def test_fewer_points_than_the_share_and_more_than_the_price_are_refused() -> None:
    shared = rules(minimum_share_percent=Decimal(25))
    price = pricing.price(cost=Money(37_037, "BRL"), category="x", rules=shared)

    for points in (4_999, 20_001, -1):
        with pytest.raises(PointsShareError) as refused:
            pricing.split(price, points=points, rules=shared)
        assert refused.value.params == {"minimum": 5_000, "maximum": 20_000}


def test_the_slider_has_three_worked_stops() -> None:
    shared = rules(minimum_share_percent=Decimal(25))
    price = pricing.price(cost=Money(37_037, "BRL"), category="x", rules=shared)

    rich = pricing.slider(price, available=90_000, rules=shared)
    assert rich is not None
    assert [(s.points, s.money.minor) for s in rich.stops] == [
        (20_000, 0), (12_500, 15_000), (5_000, 30_000),
    ]  # fmt: skip
    short = pricing.slider(price, available=8_250, rules=shared)
    assert short is not None
    assert [s.points for s in short.stops] == [8_200, 6_600, 5_000]
    assert pricing.slider(price, available=4_999, rules=shared) is None
    exact = pricing.slider(price, available=5_000, rules=shared)
    assert exact is not None
    assert [s.points for s in exact.stops] == [5_000]


def test_a_contract_price_states_its_saving() -> None:
    assert pricing.saving_percent(Money(8_999, "USD"), Money(7_499, "USD")) == "16.67"


factors = st.decimals(min_value="0.01", max_value="900", places=4)
percents = st.decimals(min_value=0, max_value=60, places=2)
any_rules = st.builds(
    rules,
    rates=st.fixed_dictionaries({"USD": st.decimals("0.1", "20", places=4)}),
    margin_percent=percents,
    price_factor=factors,
    rounding=st.sampled_from(Rounding),
    step=st.sampled_from([1, 10, 50, 100, 500]),
    floor_points=st.sampled_from([0, 100, 1_000]),
    tier_discounts=st.fixed_dictionaries({"gold": percents}),
    minimum_share_percent=percents,
    fee_flat_minor=st.integers(0, 500),
    fee_percent=percents,
)
costs = st.builds(Money, st.integers(1, 50_000_000), st.sampled_from(["USD", "BRL"]))
tiers = st.sampled_from([None, "gold"])


@given(any_rules, costs, tiers, st.integers(1, 9), st.data())
def test_every_position_of_the_slider_sums_to_the_price(
    stated: PriceRules, cost: Money, tier: str | None, quantity: int, data: st.DataObject
) -> None:
    price = pricing.price(cost=cost, category="x", rules=stated, tier=tier, quantity=quantity)
    minimum = pricing.minimum_points(price, stated)
    points = data.draw(st.integers(minimum, price.points))
    mix = pricing.split(price, points=points, rules=stated)

    assert mix.points_value + mix.money == price.value
    assert mix.points_value.minor >= 0
    assert mix.money.minor >= 0
    exact = Fraction(price.value.minor * points, price.points)
    assert abs(mix.points_value.minor - exact) < 1
    assert pricing.split(price, points=price.points, rules=stated).due.minor == 0


@given(any_rules, costs, tiers, st.integers(0, 10_000_000))
def test_the_slider_offers_only_what_can_be_paid(
    stated: PriceRules, cost: Money, tier: str | None, available: int
) -> None:
    price = pricing.price(cost=cost, category="x", rules=stated, tier=tier)
    offered = pricing.slider(price, available=available, rules=stated)

    if offered is None:
        assert available < pricing.minimum_points(price, stated) + stated.step
    else:
        assert offered.minimum <= offered.maximum <= min(available, price.points)
        for stop in offered.stops:
            assert pricing.split(price, points=stop.points, rules=stated) == stop


@given(any_rules, costs, costs, tiers)
def test_a_dearer_piece_never_costs_fewer_points(
    stated: PriceRules, one: Money, other: Money, tier: str | None
) -> None:
    low, high = sorted(
        (pricing.price(cost=c, category="x", rules=stated, tier=tier) for c in (one, other)),
        key=lambda p: p.value.minor,
    )

    assert low.points <= high.points
    assert low.points <= low.list_points


@given(any_rules, st.integers(0, 5_000_000), tiers)
def test_the_affordable_value_is_the_largest(
    stated: PriceRules, points: int, tier: str | None
) -> None:
    most = pricing.affordable_value(points, stated, tier)

    if most >= 0:
        assert pricing.points_for(Money(most, "BRL"), stated, tier)[1] <= points
    assert pricing.points_for(Money(most + 1, "BRL"), stated, tier)[1] > points
