"""What a product costs a member, in points, in money, or in a mix. Pure functions, exact numbers.

A price is worked out in the order that a person would explain it in:

1. the supplier's price, converted with the programme's rate for that currency;
2. plus the margin of the product's category, rounded half up to a minor unit: the value in money;
3. the value times the points factor, rounded as the programme says to its step, never below the
   floor: the price in points;
4. less the discount of the member's tier, rounded down to the step, never below the floor.

The value in money and the price in points buy the same thing, so the two are one rate: `split`
shares the money between points and money with the largest-remainder rule, and the shares sum to
the value exactly at every position of the slider.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from guerdon.catalogue.errors import NoRateError, PointsShareError
from guerdon.kit.money import POINTS_MAX, Money, Rounding, allocate, exponent, round_to_int

_HUNDRED = Decimal(100)


class PriceRules(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters that a price depends on, of one version of the programme.

    `rates` are units of the programme's currency for one unit of a supplier's; `price_factor` is
    points for one major unit of money; `fee_*` is due in money, only when money is due.
    """

    version: int
    currency: str
    rates: Mapping[str, Decimal]
    margin_percent: Decimal
    margin_overrides: Mapping[str, Decimal]
    price_factor: Decimal
    rounding: Rounding
    step: int = 1
    floor_points: int = 0
    tier_discounts: Mapping[str, Decimal] = {}
    minimum_share_percent: Decimal = Decimal(0)
    fee_flat_minor: int = 0
    fee_percent: Decimal = Decimal(0)

    def margin(self, category: str) -> Decimal:
        """The margin of `category` in percent."""
        return self.margin_overrides.get(category, self.margin_percent)

    def rate(self, currency: str) -> Decimal:
        """The rate of `currency`; NoRateError if the programme states none."""
        if currency == self.currency:
            return Decimal(1)
        try:
            return self.rates[currency]
        except KeyError:
            raise NoRateError(currency=currency) from None

    def currencies(self) -> Sequence[str]:
        """Every supplier currency that has a price here."""
        return sorted({self.currency, *self.rates})

    def multiplier(self, category: str, currency: str) -> Decimal:
        """Minor units of value for one minor unit of the supplier's price, exact."""
        shift = exponent(self.currency) - exponent(currency)
        rate = self.rate(currency).scaleb(shift)
        return rate * (_HUNDRED + self.margin(category)) / _HUNDRED


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """One piece's price and every figure that led to it. Factors are decimal strings.

    `points` buy the piece; so do `value` in money, or a mix of both. `list_points` is the price
    before the tier's discount.
    """

    points: int
    list_points: int
    value: Money
    cost: Money
    rate: str
    converted: str
    margin_percent: str
    factor: str
    exact_points: str
    rounding: str
    step: int
    floor_points: int
    tier: str | None
    tier_discount_percent: str
    version: int


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """A position of the slider: so many points, and money for the rest.

    `points_value` and `money` sum to the price's value exactly; `fee` comes on top of `money`.
    """

    points: int
    points_value: Money
    money: Money
    fee: Money

    @property
    def due(self) -> Money:
        """What is paid in money: the rest and the fee."""
        return self.money + self.fee


class Slider(msgspec.Struct, frozen=True, kw_only=True):
    """The positions that a member may choose: `minimum`, then every `step`, then `maximum`."""

    minimum: int
    maximum: int
    step: int
    stops: tuple[Split, ...]


def value_minor(cost_minor: int, multiplier: Decimal) -> int:
    """The supplier's price as value in the programme's minor units, rounded half up."""
    return int((cost_minor * multiplier).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def converted_minor(cost: Money, rules: PriceRules) -> int:
    """A supplier's price in the programme's minor units at its rate, rounded half up."""
    shift = exponent(rules.currency) - exponent(cost.currency)
    return value_minor(cost.minor, rules.rate(cost.currency).scaleb(shift))


def points_for(value: Money, rules: PriceRules, tier: str | None) -> tuple[int, int]:
    """The price in points of something worth `value`: before and after the tier's discount."""
    floor = max(rules.floor_points, 1)
    exact = value.decimal * rules.price_factor
    full = max(round_to_int(exact, rules.rounding, step=rules.step), floor)
    discount = rules.tier_discounts.get(tier, Decimal(0)) if tier else Decimal(0)
    if not discount:
        return full, full
    reduced = full * (_HUNDRED - discount) / _HUNDRED
    return full, max(round_to_int(reduced, Rounding.FLOOR, step=rules.step), floor)


def price(
    *, cost: Money, category: str, rules: PriceRules, tier: str | None = None, quantity: int = 1
) -> Price:
    """The price of `quantity` pieces; NoRateError if the supplier's currency has no rate.

    A piece is priced and rounded first, so that two pieces cost twice what one costs.
    """
    rate = rules.rate(cost.currency)
    multiplier = rules.multiplier(category, cost.currency)
    piece = Money(value_minor(cost.minor, multiplier), rules.currency)
    full, points = points_for(piece, rules, tier)
    discount = rules.tier_discounts.get(tier, Decimal(0)) if tier else Decimal(0)
    return Price(
        points=points * quantity,
        list_points=full * quantity,
        value=piece * quantity,
        cost=cost * quantity,
        rate=_text(rate),
        converted=_text(cost.decimal * rate * quantity),
        margin_percent=_text(rules.margin(category)),
        factor=_text(rules.price_factor),
        exact_points=_text(piece.decimal * rules.price_factor * quantity),
        rounding=rules.rounding.value,
        step=rules.step,
        floor_points=rules.floor_points,
        tier=tier if discount else None,
        tier_discount_percent=_text(discount),
        version=rules.version,
    )


def together(prices: Sequence[Price]) -> Price:
    """What several lines cost as one: a split is made of the whole, not line by line."""
    return msgspec.structs.replace(
        prices[0],
        points=sum(price.points for price in prices),
        value=sum((price.value for price in prices[1:]), prices[0].value),
    )


def affordable_value(points: int, rules: PriceRules, tier: str | None) -> int:
    """The largest value in minor units whose price is at most `points`; -1 if nothing is.

    The price never falls as the value grows, so the answer turns a bound in points into a bound
    on what the catalogue is sorted by.
    """
    zero = Money.zero(rules.currency)
    if points_for(zero, rules, tier)[1] > points:
        return -1
    low, high = 0, 1
    while high < POINTS_MAX and points_for(Money(high, rules.currency), rules, tier)[1] <= points:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        if points_for(Money(middle, rules.currency), rules, tier)[1] <= points:
            low = middle
        else:
            high = middle
    return low


def minimum_points(of: Price, rules: PriceRules) -> int:
    """The fewest points that pay a part of `of`: the programme's share, rounded up to the step."""
    share = of.points * rules.minimum_share_percent / _HUNDRED
    return min(of.points, round_to_int(share, Rounding.CEILING, step=rules.step))


def split(of: Price, *, points: int, rules: PriceRules) -> Split:
    """`points` and money for the rest; PointsShareError outside of minimum and full price."""
    minimum = minimum_points(of, rules)
    if not minimum <= points <= of.points:
        raise PointsShareError(minimum=minimum, maximum=of.points)
    by_points, by_money = allocate(of.value.minor, [points, of.points - points])
    money = Money(by_money, of.value.currency)
    return Split(
        points=points,
        points_value=Money(by_points, of.value.currency),
        money=money,
        fee=fee(money, rules),
    )


def fee(money: Money, rules: PriceRules) -> Money:
    """What paying `money` costs the member: the flat fee and a percentage, rounded half up."""
    if not money.minor:
        return money
    share = round_to_int(money.minor * rules.fee_percent / _HUNDRED, Rounding.HALF_UP)
    return Money(rules.fee_flat_minor + share, money.currency)


def slider(of: Price, *, available: int, rules: PriceRules) -> Slider | None:
    """The slider for a member with `available` points; None if they have too few for any mix.

    Its stops are worked examples: most points, a position half-way, fewest points; fewer when
    they coincide.
    """
    minimum = minimum_points(of, rules)
    maximum = of.points if available >= of.points else available - available % rules.step
    if maximum < minimum:
        return None
    half = minimum + round_to_int(Decimal(maximum - minimum) / 2, Rounding.FLOOR, step=rules.step)
    positions = sorted({minimum, half, maximum}, reverse=True)
    return Slider(
        minimum=minimum,
        maximum=maximum,
        step=rules.step,
        stops=tuple(split(of, points=p, rules=rules) for p in positions),
    )


def saving_percent(list_cost: Money, contract_cost: Money) -> str:
    """How much less than the list price a contract price is, in percent with two digits."""
    if not list_cost.minor:
        return "0.00"
    share = Decimal(list_cost.minor - contract_cost.minor) * 100 / list_cost.minor
    return str(share.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def _text(value: Decimal) -> str:
    """A decimal without an exponent and without trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def worth_minor(points: int, rules: PriceRules) -> int:
    """What so many points buy, in minor units of the programme's currency."""
    one = Money.parse("1", rules.currency).minor
    return round_to_int(points * one / rules.price_factor, Rounding.HALF_UP)
