"""Club packages: the arithmetic to the minor unit, and which package is best for whom."""

from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from guerdon.kit.money import Money
from guerdon.recommendations.candidates import Found, MemberFacts, SlateFacts
from guerdon.recommendations.clubs import arithmetic, candidates
from guerdon.recommendations.offers import Package
from guerdon.recommendations.parameters import RecommendationParameters

NOW = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)


def club(key: str, price_minor: int, points: int, months_min: int = 0) -> dict[str, Any]:
    package = {"price_minor": price_minor, "points_a_month": points, "months_min": months_min}
    return {"key": key, "kind": "club", "package": package}


PACKAGES = [club("small", 900, 1_000), club("middle", 4_000, 5_000), club("big", 15_000, 20_000)]


def offered(*, earned: int = 0, redeemed: int = 0, closed: tuple[str, ...] = (),
            packages: Any = None, factor: str = "100", currency: str = "BRL") -> Found:  # fmt: skip
    parameters = msgspec.convert({"offers": packages or PACKAGES}, RecommendationParameters)
    member = MemberFacts(id=uuid4(), joined_at=NOW, earned_12m=earned, redeemed_12m=redeemed)
    facts = SlateFacts(
        member=member, now=NOW, today=NOW.date(), version=1, currency=currency,
        points_per_unit=Decimal(factor), closed=frozenset(closed),
    )  # fmt: skip
    return candidates(facts, parameters)


@pytest.mark.parametrize(("habits", "best"), [
    ({"redeemed": 200_000}, "big"),
    ({"earned": 60_000, "redeemed": 5_000}, "middle"),
    ({}, "small"),
])  # fmt: skip
def test_a_heavy_user_gets_the_big_one_and_a_lapsed_one_the_small(
    habits: dict[str, int], best: str
) -> None:
    (found,), withheld = offered(**habits)
    assert found.offer == best
    assert {w.key for w in withheld} == {"small", "middle", "big"} - {best}
    assert {(w.code, w.params["better"]) for w in withheld} == {("another_is_better", best)}


def test_the_arithmetic_is_shown_to_the_minor_unit() -> None:
    (found,), withheld = offered(redeemed=200_000)
    assert dict(found.personal) == {
        "points_a_month": 20_000, "price": Money(15_000, "BRL"), "months_min": 0, "months": 12,
        "points": 240_000, "cost": Money(180_000, "BRL"), "value": Money(240_000, "BRL"),
        "used": 200_000, "used_value": Money(200_000, "BRL"), "gain": Money(20_000, "BRL"),
    }  # fmt: skip
    assert found.reason.code == "best_package"
    assert [(p.name, p.value) for p in found.parts] == [("package", 500_000), ("gain", 44_444)]
    assert {w.key: w.params["gain_minor"] for w in withheld} == {"small": 1_200, "middle": 12_000}


def test_a_package_that_costs_more_than_it_brings_says_so() -> None:
    (found,), _ = offered()
    assert (found.personal["used"], found.personal["gain"]) == (0, Money(-10_800, "BRL"))
    assert found.base == 500_000


def test_what_is_not_open_to_the_member_is_no_rival() -> None:
    shown, withheld = offered(redeemed=200_000, closed=("big",))
    # The rules say themselves why the big one is closed.
    assert [c.offer for c in shown] == ["big", "middle"]
    assert [w.key for w in withheld] == ["small"]
    closed, others = offered(redeemed=200_000, closed=("small", "middle", "big"))
    assert (len(closed), others) == (3, [])


def test_a_longer_stay_counts_whole() -> None:
    package = Package(price_minor=1_000, points_a_month=1_000, months_min=24)
    made = arithmetic(package, turnover_12m=6_000, points_per_unit=Decimal("70"), currency="BRL")
    assert (made.months, made.points, made.cost_minor) == (24, 24_000, 24_000)
    assert (made.used, made.used_value_minor, made.value_minor) == (12_000, 17_142, 34_285)
    assert made.gain_minor == -6_858


def test_minor_units_are_the_currencys() -> None:
    package = Package(price_minor=500, points_a_month=1_000)
    made = arithmetic(package, turnover_12m=10**9, points_per_unit=Decimal("0.5"), currency="JPY")
    assert (made.points, made.value_minor, made.gain_minor) == (12_000, 24_000, 18_000)


def test_points_that_are_worth_nothing_sell_no_club() -> None:
    shown, withheld = offered(factor="0")
    assert shown == []
    assert {w.code for w in withheld} == {"points_worth_nothing"}


def test_the_best_is_never_beaten_by_another() -> None:
    random = Random(7)
    for _ in range(300):
        packages = [
            club(f"p{n}", random.randrange(0, 20_000), random.randrange(0, 30_000),
                 random.choice([0, 6, 18]))
            for n in range(random.randrange(1, 6))
        ]  # fmt: skip
        habit = random.choice([0, 500, 12_345, 10**6])
        (found,), _ = offered(redeemed=habit, packages=packages, factor="73")
        gains = {}
        for one in packages:
            p = one["package"]
            months = 12 if p["months_min"] < 12 else p["months_min"]
            used = min(p["points_a_month"] * months, habit * months // 12)
            gains[one["key"]] = used * 100 // 73 - p["price_minor"] * months
        assert gains[found.offer] == max(gains.values())
        assert found.personal["gain"] == Money(gains[found.offer], "BRL")
