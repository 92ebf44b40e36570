"""What the two factors of a programme come to, in money: worked with the product's own arithmetic.

So many points for a unit of money spent, so many asked for a unit of a reward's cost: together
they say which part of a purchase goes back to the member.
"""

import re
from decimal import Decimal
from typing import Final

import msgspec

from guerdon.catalogue.pricing import PriceRules, converted_minor, points_for
from guerdon.kit.errors import InvalidError
from guerdon.kit.money import Money, Rounding, exponent, round_to_int
from guerdon.onboarding.blueprints import Blueprint, rates

FACTOR_MAX: Final = Decimal(100_000)
# A programme that gives back more than this is a slip of the hand.
BACK_PERCENT_MAX: Final = Decimal(100)
_FACTOR: Final = re.compile(r"\d{1,6}([.,]\d{1,4})?")


class RewardExample(msgspec.Struct, frozen=True):
    """A reward of the blueprint: what it costs, how many points it asks, and how much somebody
    has to spend for them."""

    name: dict[str, str]
    picture: str
    cost: Money
    points: int
    spend: Money


class Worked(msgspec.Struct, frozen=True):
    """A purchase, what it earns, what is given back of it, and some rewards."""

    purchase: Money
    earned: int
    back_percent: str
    rewards: tuple[RewardExample, ...]


def factor(text: str, *, field: str) -> str:
    """A factor as parameters keep it; a comma is read as a point. Raises InvalidError."""
    plain = text.strip().replace(" ", "")
    if not _FACTOR.fullmatch(plain):
        raise InvalidError("Give a number, such as 10 or 0.5.", field=field, reason="number")
    value = Decimal(plain.replace(",", "."))
    if not 0 < value <= FACTOR_MAX:
        raise InvalidError(
            f"Give a number above 0 and up to {FACTOR_MAX}.", field=field, reason="range",
            max=int(FACTOR_MAX),
        )  # fmt: skip
    return f"{value.normalize():f}"


def check_generosity(earn_factor: str, price_factor: str) -> None:
    """Raise InvalidError where a purchase gives back more than it was."""
    if Decimal(earn_factor) * 100 > BACK_PERCENT_MAX * Decimal(price_factor):
        raise InvalidError(
            "A purchase would give back more than it was. Ask more points, or give fewer.",
            field="price_factor", reason="generosity",
        )  # fmt: skip


def worked(blueprint: Blueprint, *, currency: str, earn_factor: str, price_factor: str) -> Worked:
    """The examples for these factors."""
    earn, ask = Decimal(earn_factor), Decimal(price_factor)
    unit = 10 ** exponent(currency)
    purchase = Money(100 * unit, currency)
    rules = PriceRules(
        version=0, currency=currency,
        rates={other: Decimal(rate) for other, rate in rates(currency).items()},
        margin_percent=Decimal(0), margin_overrides={}, price_factor=ask,
        rounding=Rounding.CEILING, step=1, floor_points=0, tier_discounts={},
        minimum_share_percent=Decimal(0), fee_flat_minor=0, fee_percent=Decimal(0),
    )  # fmt: skip
    rewards = []
    for one in blueprint.samples[:3]:
        cost = Money(converted_minor(one.cost, rules), currency)
        points, _ = points_for(cost, rules, None)
        spend = round_to_int(Decimal(points) / earn * unit, Rounding.CEILING, step=unit)
        rewards.append(RewardExample(one.name, one.picture, cost, points, Money(spend, currency)))
    back = (earn * 100 / ask).quantize(Decimal("0.1"))
    return Worked(
        purchase=purchase,
        earned=round_to_int(purchase.decimal * earn, Rounding.FLOOR),
        back_percent=f"{back.normalize():f}",
        rewards=tuple(rewards),
    )
