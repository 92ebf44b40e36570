"""What a purchase earns, exactly. The same numbers as the SQL function, for returns, proofs and
back-tests.

points = round(minor units x unit x factor x multiplier); rounded once per order, or per line and
for the rest that no line names.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec

from guerdon.kit.money import Rounding


class Line(msgspec.Struct, frozen=True):
    """One line of a purchase: `amount_minor` is for all `quantity` pieces."""

    ref: str
    quantity: int
    amount_minor: int


class Purchase(msgspec.Struct, frozen=True):
    """What is needed to work out a purchase's points again, as it was recorded."""

    amount_minor: int
    unit: str
    factor: str
    multiplier: str
    rounding: Rounding
    per: str
    items: tuple[Line, ...] | None = None

    @property
    def base_rate(self) -> Fraction:
        """Points for one minor unit before the tier's multiplier."""
        return Fraction(Decimal(self.unit)) * Fraction(Decimal(self.factor))

    @property
    def rate(self) -> Fraction:
        """Points for one minor unit."""
        return self.base_rate * Fraction(Decimal(self.multiplier))


def purchase_of(explanation: Mapping[str, Any]) -> Purchase | None:
    """The purchase that an explanation tells of, or None if it tells of none."""
    if "amount_minor" not in explanation:
        return None
    return msgspec.convert(dict(explanation), Purchase)


def round_ratio(numerator: int, denominator: int, rounding: Rounding) -> int:
    """`numerator` ÷ `denominator` (above zero) as a whole number."""
    whole, rest = divmod(numerator, denominator)
    match rounding:
        case Rounding.FLOOR:
            return whole
        case Rounding.CEILING:
            return whole + (rest > 0)
        case Rounding.HALF_UP:
            return whole + (2 * rest >= denominator)
        case Rounding.HALF_EVEN:
            if 2 * rest == denominator:
                return whole + whole % 2
            return whole + (2 * rest > denominator)


def worth(
    amount_minor: int, items: Sequence[Line] | None, rate: Fraction, rounding: Rounding, per: str
) -> int:
    """Points of a whole purchase at `rate` points for one minor unit."""
    if per != "line" or items is None:
        return round_ratio(amount_minor * rate.numerator, rate.denominator, rounding)
    rest = amount_minor - sum(i.amount_minor for i in items)
    return sum(
        round_ratio(minor * rate.numerator, rate.denominator, rounding)
        for minor in (*(i.amount_minor for i in items), rest)
    )


def points_of(
    lines: Sequence[Fraction], rest: Fraction, rate: Fraction, rounding: Rounding, per: str
) -> int:
    """Points for the amounts of lines and the rest that no line names, in minor units."""
    if per == "line":
        return sum(_round(amount * rate, rounding) for amount in (*lines, rest))
    return _round((sum(lines, Fraction(0)) + rest) * rate, rounding)


def _round(value: Fraction, rounding: Rounding) -> int:
    return round_ratio(value.numerator, value.denominator, rounding)


def kept(
    purchase: Purchase, *, returned_minor: int, returned_pieces: Mapping[str, int]
) -> tuple[int, int]:
    """Points, and points before the multiplier, that are still due after returns.

    `returned_pieces` counts pieces by line, `returned_minor` what was returned by amount; both
    are totals over all returns. A return by amount takes its share of every line.
    """
    items = purchase.items or ()
    lines = [
        Fraction(i.amount_minor * (i.quantity - returned_pieces.get(i.ref, 0)), i.quantity)
        for i in items
    ]
    rest = Fraction(purchase.amount_minor - sum(i.amount_minor for i in items))
    left = sum(lines, rest)
    if returned_minor:
        share = max(Fraction(0), left - returned_minor) / left if left else Fraction(0)
        lines = [amount * share for amount in lines]
        rest *= share
    per = purchase.per if purchase.items is not None else "order"
    return (
        points_of(lines, rest, purchase.rate, purchase.rounding, per),
        points_of(lines, rest, purchase.base_rate, purchase.rounding, per),
    )
