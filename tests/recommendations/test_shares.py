"""Shares: what weights come to, to the millionth."""

from datetime import date
from typing import Any

from guerdon.recommendations.offers import Lifespan, Offer, Variant
from guerdon.recommendations.parameters import (
    KindParameters,
    Kinds,
    Placement,
    RecommendationParameters,
)
from guerdon.recommendations.shares import WHOLE, shares

DAY = date(2026, 11, 12)


def offer(key: str, weight: int, **more: Any) -> Offer:
    return Offer(key=key, kind="ancillary", weight=weight, **more)


def of(*offers: Offer, **more: Any) -> dict[str, tuple[int, str]]:
    found = shares(RecommendationParameters(offers=offers, **more), day=DAY)
    return {o.key: (o.share, o.state) for o in found.offers}


def test_weights_become_shares_of_their_kind() -> None:
    assert of(offer("bag", 70), offer("seat", 30)) == {
        "bag": (700_000, "live"),
        "seat": (300_000, "live"),
    }


def test_what_cannot_be_split_evenly_still_sums_to_the_whole() -> None:
    found = of(*(offer(f"o{n}", 50) for n in range(3)))
    assert [share for share, _ in found.values()] == [333_334, 333_333, 333_333]
    many = of(*(offer(f"o{n}", n % 101) for n in range(2000)))
    assert sum(share for share, _ in many.values()) == WHOLE


def test_only_what_can_be_chosen_today_has_a_share() -> None:
    assert of(
        offer("now", 10, lifespan=Lifespan(valid_from=DAY)),
        offer("off", 90, enabled=False),
        offer("soon", 90, lifespan=Lifespan(valid_from=date(2026, 11, 13))),
        offer("past", 90, lifespan=Lifespan(valid_to=DAY)),
        offer("none", 0),
    ) == {
        "now": (1_000_000, "live"), "off": (0, "off"), "soon": (0, "not_yet"),
        "past": (0, "over"), "none": (0, "weightless"),
    }  # fmt: skip


def test_a_placement_is_shared_among_its_enabled_kinds() -> None:
    kinds = Kinds(
        ancillary=KindParameters(enabled=True, weight=75),
        club=KindParameters(enabled=True, weight=25),
        catalogue=KindParameters(weight=100),
    )
    found = shares(
        RecommendationParameters(
            kinds=kinds,
            placements=(Placement(key="home", kinds=("ancillary", "club", "catalogue")),),
        ),
        day=DAY,
    )
    (home,) = found.placements
    assert [(k.key, k.share, k.state) for k in home.kinds] == [
        ("ancillary", 750_000, "live"), ("club", 250_000, "live"), ("catalogue", 0, "off"),
    ]  # fmt: skip


def test_variants_share_their_offer() -> None:
    card = Offer(
        key="card",
        kind="co_branded_card",
        variants=(
            Variant(key="gold", name={"en": "Gold"}, weight=60),
            Variant(key="black", name={"en": "Black"}, weight=40),
            Variant(key="old", name={"en": "Old"}, weight=40, enabled=False),
        ),
    )
    (found,) = shares(RecommendationParameters(offers=(card,)), day=DAY).offers
    assert [(v.key, v.share) for v in found.variants] == [
        ("gold", 600_000), ("black", 400_000), ("old", 0)
    ]  # fmt: skip
