"""Club packages: the one that brings this member most, with the arithmetic that says so.

A package's points are worth what the programme gives for them, and no more of them count than the
member turned over in a year: who uses many is best served by a large package, who uses none loses
least by the smallest. All numbers are whole: points, and minor units rounded down.
"""

from decimal import Decimal
from typing import Final

import msgspec

from guerdon.kit.money import Money, Rounding, exponent, round_to_int
from guerdon.recommendations.candidates import (
    Candidate,
    Found,
    Reason,
    ScorePart,
    SlateFacts,
    Value,
    Withheld,
)
from guerdon.recommendations.offers import Offer, Package
from guerdon.recommendations.offers_of_kind import of_kind
from guerdon.recommendations.parameters import RecommendationParameters

YEAR: Final = 12
_WORTH: Final = 500_000
_GAIN: Final = 400_000


class Arithmetic(msgspec.Struct, frozen=True):
    """What a package comes to over its months, a year or its shortest stay if that is longer.

    `used`: the points that the member's habits would use up. `gain_minor` is what those are worth
    less the cost; it is below nought where the package costs more.
    """

    months: int
    points: int
    cost_minor: int
    value_minor: int
    used: int
    used_value_minor: int
    gain_minor: int


def arithmetic(
    package: Package, *, turnover_12m: int, points_per_unit: Decimal, currency: str
) -> Arithmetic:
    """The arithmetic of a package for a member who turns over so many points in twelve months.

    `points_per_unit`: points for one major unit of value, above 0.
    """
    months = max(YEAR, package.months_min)
    points = package.points_a_month * months
    used = min(points, turnover_12m * months // YEAR)

    def worth(many: int) -> int:
        minor = Decimal(many).scaleb(exponent(currency)) / points_per_unit
        return round_to_int(minor, Rounding.FLOOR)

    cost = package.price_minor * months
    return Arithmetic(
        months=months,
        points=points,
        cost_minor=cost,
        value_minor=worth(points),
        used=used,
        used_value_minor=worth(used),
        gain_minor=worth(used) - cost,
    )


def candidates(facts: SlateFacts, parameters: RecommendationParameters) -> Found:
    """The best of the packages that are open to the member; the others, with what is better.

    A package that the brand's rules close is handed on as it is, and the rules say why.
    """
    withheld: list[Withheld] = []
    rated: list[tuple[Offer, Package, Arithmetic]] = []
    shown: list[Candidate] = []
    turnover = max(facts.member.earned_12m, facts.member.redeemed_12m)
    for offer in of_kind(parameters, "club"):
        if offer.package is None:
            withheld.append(Withheld("club", offer.key, "no_package"))
        elif facts.points_per_unit <= 0:
            withheld.append(Withheld("club", offer.key, "points_worth_nothing"))
        else:
            made = arithmetic(
                offer.package,
                turnover_12m=turnover,
                points_per_unit=facts.points_per_unit,
                currency=facts.currency,
            )
            if offer.key in facts.closed:
                shown.append(_candidate(offer, offer.package, made, facts))
            else:
                rated.append((offer, offer.package, made))
    if not rated:
        return shown, withheld
    best = max(rated, key=lambda r: (r[2].gain_minor, -r[2].cost_minor))
    shown.append(_candidate(*best, facts))
    for offer, _, made in rated:
        if offer is not best[0]:
            params: dict[str, Value] = {
                "better": best[0].key,
                "gain_minor": made.gain_minor,
                "best_minor": best[2].gain_minor,
            }
            withheld.append(Withheld("club", offer.key, "another_is_better", params))
    return shown, withheld


def _candidate(offer: Offer, package: Package, made: Arithmetic, facts: SlateFacts) -> Candidate:
    def money(minor: int) -> Money:
        return Money(minor, facts.currency)

    personal: dict[str, Value] = {
        "points_a_month": package.points_a_month,
        "price": money(package.price_minor),
        "months_min": package.months_min,
        "months": made.months,
        "points": made.points,
        "cost": money(made.cost_minor),
        "value": money(made.value_minor),
        "used": made.used,
        "used_value": money(made.used_value_minor),
        "gain": money(made.gain_minor),
    }
    share = _GAIN * made.gain_minor // max(1, made.cost_minor)
    return Candidate(
        kind="club",
        offer=offer.key,
        reason=Reason("best_package", personal),
        parts=(ScorePart("package", _WORTH), ScorePart("gain", max(0, min(_GAIN, share)))),
        personal=personal,
    )
