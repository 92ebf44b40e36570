"""The shares that weights come to: of kinds in a placement, of offers in a kind, of variants.

A share is in millionths and the shares of one level sum to 1,000,000 exactly (largest remainder),
or to nothing where nothing can be chosen.
"""

from collections.abc import Iterable
from datetime import date
from typing import Literal

import msgspec

from guerdon.kit.money import allocate
from guerdon.recommendations.offers import Lifespan, Offer
from guerdon.recommendations.parameters import Kinds, Placement, RecommendationParameters

WHOLE = 1_000_000
State = Literal["live", "off", "not_yet", "over", "weightless"]


class Shared(msgspec.Struct, frozen=True):
    """One candidate: its weight, its share in millionths, and why it has none."""

    key: str
    weight: int
    share: int
    state: State


class PlacementShares(msgspec.Struct, frozen=True):
    """A placement and the shares of its kinds."""

    key: str
    enabled: bool
    slots: int
    kinds: list[Shared]


class OfferShares(msgspec.Struct, frozen=True):
    """An offer's share among its kind, and the shares of its variants."""

    key: str
    kind: str
    weight: int
    share: int
    state: State
    variants: list[Shared]


class Shares(msgspec.Struct, frozen=True):
    """All shares of a programme's recommendations on a day."""

    enabled: bool
    placements: list[PlacementShares]
    offers: list[OfferShares]


def shares(parameters: RecommendationParameters, *, day: date) -> Shares:
    """What the weights come to on `day`, the programme's."""
    kinds = parameters.kinds
    offers: list[OfferShares] = []
    for kind in Kinds.__struct_fields__:
        mine = [o for o in parameters.offers if o.kind == kind]
        divided = _divide((o.key, o.weight, _state(o.enabled, o.lifespan, day)) for o in mine)
        offers.extend(_offer(o, d) for o, d in zip(mine, divided, strict=True))
    return Shares(
        enabled=parameters.enabled,
        placements=[_placement(p, kinds, day) for p in parameters.placements],
        offers=offers,
    )


def _offer(offer: Offer, divided: Shared) -> OfferShares:
    return OfferShares(
        key=offer.key,
        kind=offer.kind,
        weight=offer.weight,
        share=divided.share,
        state=divided.state,
        variants=_divide((v.key, v.weight, "live" if v.enabled else "off") for v in offer.variants),
    )


def _placement(placement: Placement, kinds: Kinds, day: date) -> PlacementShares:
    return PlacementShares(
        key=placement.key,
        enabled=placement.enabled,
        slots=placement.slots,
        kinds=_divide(
            (k, kinds.of(k).weight, _state(kinds.of(k).enabled, kinds.of(k).lifespan, day))
            for k in placement.kinds
        ),
    )


def _state(enabled: bool, lifespan: Lifespan, day: date) -> State:
    if not enabled:
        return "off"
    if lifespan.valid_from and day < lifespan.valid_from:
        return "not_yet"
    if lifespan.valid_to and lifespan.valid_to <= day:
        return "over"
    return "live"


def _divide(candidates: Iterable[tuple[str, int, State]]) -> list[Shared]:
    listed = list(candidates)
    weights = [weight if state == "live" else 0 for _, weight, state in listed]
    parts = allocate(WHOLE, weights) if any(weights) else [0] * len(listed)
    return [
        Shared(key, weight, part, "weightless" if state == "live" and not weight else state)
        for (key, weight, state), part in zip(listed, parts, strict=True)
    ]
