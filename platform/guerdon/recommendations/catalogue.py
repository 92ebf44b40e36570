"""The kind `catalogue`: products for one member, by the brand's model where there is one, else by
what its members redeem most, within reach of the balance or just above it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from guerdon.recommendations.candidates import (
    ONE,
    Candidate,
    Found,
    Reason,
    ScorePart,
    SlateFacts,
    Withheld,
)
from guerdon.recommendations.figures import Popular
from guerdon.recommendations.offers import Offer
from guerdon.recommendations.products import Shown
from guerdon.recommendations.steering import Steering

LISTED: Final = 50
# Just above the balance: what a member can look forward to.
REACH: Final = (3, 2)
_WANTED: Final = 400_000
_REACHABLE: Final = 200_000
_LATELY: Final = 200_000
NO_REASONS: Final[Mapping[UUID, Reason]] = {}
_OFFERED: Final = ScorePart("offered", _WANTED)
_NEAR: Final = ScorePart("within_reach", _REACHABLE)


def popular_scores(popular: Sequence[Popular]) -> list[tuple[UUID, int]]:
    """Products best first with scores in millionths: a quarter counts, and lately counts more."""
    most = max((p.redeemed for p in popular), default=0)
    lately = max((p.redeemed_lately for p in popular), default=0)
    scored = [
        (
            p.product_id,
            (ONE - _LATELY) * p.redeemed // most
            + (_LATELY * p.redeemed_lately // lately if lately else 0),
        )
        for p in popular
        if most
    ]
    return sorted(scored, key=lambda one: (-one[1], one[0]))


def candidates(
    facts: SlateFacts,
    steering: Steering,
    *,
    ranked: Sequence[tuple[UUID, int]],
    personal: bool,
    made_at: datetime | None,
    by_id: Mapping[UUID, Shown | None],
    by_sku: Mapping[str, Shown | None],
    because: Mapping[UUID, Reason] = NO_REASONS,
) -> Found:
    """Products by their rank, and those that an offer names whatever their rank.

    `ranked` is best first with scores in millionths; `personal` says that they are this member's,
    `made_at` when the model was made that ranked them. `because` has the reasons of products that
    stand there for something the member did lately.
    """
    found: list[Candidate] = []
    withheld: list[Withheld] = []
    named = set()
    code = "liked_alike" if personal else "redeemed_often"
    balance = facts.member.balance if facts.member.profiled else None
    ceiling = None if balance is None else balance * REACH[0] // REACH[1]
    for product_id, score in ranked[:LISTED]:
        shown = by_id.get(product_id)
        if shown is None:
            withheld.append(Withheld("catalogue", str(product_id), "not_offered"))
            continue
        offer = steering.of_sku.get(shown.sku)
        if offer is not None:
            named.add(offer.key)
        if ceiling is not None and shown.card.points > ceiling and offer is None:
            withheld.append(
                Withheld("catalogue", shown.sku, "out_of_reach", {"points": shown.card.points})
            )
            continue
        lately = because.get(product_id) if because else None
        reason = lately or Reason(code, {"points": shown.card.points})
        # What rests on a minute ago is not as old as the model.
        found.append(_candidate(shown, score, reason, balance, offer, None if lately else made_at))
    for offer in steering.of_sku.values():
        if offer.key in named:
            continue
        shown = by_sku.get(offer.sku)
        if shown is None:
            withheld.append(Withheld("catalogue", offer.key, "not_offered", {"sku": offer.sku}))
        else:
            picked = Reason("chosen_for_you", {"points": shown.card.points})
            found.append(_candidate(shown, 0, picked, balance, offer, None))
    return found, withheld


def _candidate(
    shown: Shown,
    score: int,
    reason: Reason,
    balance: int | None,
    offer: Offer | None,
    made_at: datetime | None,
) -> Candidate:
    """A rank is worth the most; that it can be had now, and that it can be had at all, the rest."""
    points = shown.card.points
    rank = ScorePart("rank", score * _WANTED // ONE)
    near = balance is not None and points <= balance
    return Candidate(
        kind="catalogue",
        reason=reason,
        parts=(_OFFERED, rank, _NEAR) if near else (_OFFERED, rank),
        offer=offer.key if offer else "",
        sku=shown.sku,
        category=(offer.category if offer else "") or shown.card.category,
        generated_at=made_at,
        personal={"points": points, "product": shown.card.name},
    )
