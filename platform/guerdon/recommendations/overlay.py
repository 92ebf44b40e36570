"""What is at hand, and what a member looked at or redeemed since the last training, laid over the
ranking.

What goes with the product of a page or with a basket comes before anything else. A view makes the
product and its neighbours stand higher, for a week and less every day; what was redeemed makes way
for its neighbours. Whoever is not profiled has nothing of their past in this.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from guerdon.recommendations.candidates import ONE, Reason
from guerdon.recommendations.products import Shown

# What was dealt with longest ago is forgotten first.
LATELY_MAX: Final = 20
LASTS: Final = timedelta(days=7)
# Just after it was looked at, a product is worth this, and its nearest neighbour half of it.
_VIEWED: Final = 900_000
_NEAR: Final = 450_000
# Of a basket, so many products say what goes with it.
AT_HAND_MAX: Final = 5

Ranked = Sequence[tuple[UUID, int]]
# Why something stands there: what is looked at now, what lies in the basket.
LOOKED_AT: Final = "goes_with_this"
IN_BASKET: Final = "goes_with_basket"
NOTHING: Final[Mapping[str, str]] = {}


class Dealing(msgspec.Struct, array_like=True, frozen=True):
    """When a member dealt with a product last, in seconds, and whether they redeemed it."""

    at: int
    redeemed: bool = False


def overlaid(
    ranked: Ranked,
    lately: Mapping[str, Dealing],
    products: Mapping[str, Shown | None],
    *,
    similar: Callable[[UUID], Ranked],
    own: bool,
    now: datetime,
    at_hand: Mapping[str, str] = NOTHING,
) -> tuple[Ranked, Mapping[UUID, Reason]]:
    """The ranking with what happened lately, and the reasons of what stands there for it.

    `similar` gives a product's neighbours, best first in millionths; `own`: the ranking is this
    member's, so that what they have got leaves it. `at_hand`: SKUs of what is looked at or lies in
    the basket, each with the reason for what goes with it.
    """
    scores = dict(ranked)
    because: dict[UUID, Reason] = {}
    gone: set[UUID] = set()

    def lift(product_id: UUID, score: int, reason: Reason) -> None:
        if score > scores.get(product_id, 0):
            scores[product_id] = score
            because[product_id] = reason

    goes = {sku: similar(shown.card.id) for sku in at_hand if (shown := products.get(sku))}
    if any(goes.values()):
        scores = {product_id: score // 2 for product_id, score in ranked}
    for sku, neighbours in goes.items():
        shown = products[sku]
        assert shown is not None
        for neighbour, score in neighbours:
            lift(neighbour, score, Reason(at_hand[sku], {"product": shown.card.name}))
        if at_hand[sku] == LOOKED_AT:
            gone.add(shown.card.id)
    for sku, dealing in lately.items():
        shown = products.get(sku)
        left = LASTS - (now - datetime.fromtimestamp(dealing.at, now.tzinfo))
        if shown is None or left <= timedelta(0):
            continue
        card, fresh = shown.card, min(left / LASTS, 1.0)
        near = "like_redeemed" if dealing.redeemed else "like_viewed"
        for neighbour, score in similar(card.id):
            worth = int(_NEAR * fresh) * score // ONE
            lift(neighbour, worth, Reason(near, {"product": card.name}))
        if not dealing.redeemed:
            lift(card.id, int(_VIEWED * fresh), Reason("viewed_lately"))
        elif own:
            gone.add(card.id)
    order = sorted(scores.items(), key=lambda one: (-one[1], one[0]))
    return [one for one in order if one[0] not in gone], because
