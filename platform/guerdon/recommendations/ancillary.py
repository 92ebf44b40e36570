"""What goes with what was bought: for each ancillary product, when it makes sense and why not.

A rule answers with `Fits` or with the reason for which the product is withheld. Reasons:

    no_purchase, journey_over, other_purchase, already_bought       for every product
    no_ticket, departed, bag_included, seat_chosen                  baggage, seat
    no_journey, already_insured, already_begun                      travel insurance
    no_destination, no_return, same_day_return, stay_over           whatever needs a stay
    already_staying, too_young, too_short                           hotel, car, days to spend
    unknown_place, no_airport, no_parks_near, no_port_near          what a place has
"""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Final, cast

import msgspec

from guerdon.recommendations.ancillary_rules import RULES, Fits, Seen, Unfit, Verdict
from guerdon.recommendations.candidates import (
    Candidate,
    Found,
    Reason,
    ScorePart,
    SlateFacts,
    Withheld,
)
from guerdon.recommendations.contexts import Context
from guerdon.recommendations.journeys import Journey, steady_until
from guerdon.recommendations.offers import Offer, Product
from guerdon.recommendations.offers_of_kind import of_kind
from guerdon.recommendations.parameters import RecommendationParameters
from guerdon.recommendations.places import Places

# How much of a kind of product is worth by itself, in millionths, before what this journey adds.
_WORTH: Final[Mapping[Product, int]] = {
    "baggage": 800_000,
    "seat": 700_000,
    "hotel": 650_000,
    "travel_insurance": 600_000,
    "car_rental": 550_000,
    "ride_credit": 500_000,
    "excursions": 450_000,
    "theme_parks": 400_000,
    "cruise": 300_000,
}
_ANYTHING: Final = 500_000


KEPT_MAX: Final = 1_000


class _Kept(msgspec.Struct, frozen=True):
    """What followed from a purchase, and between which instants. It holds its parameters, so that
    no identity comes twice."""

    parameters: RecommendationParameters
    since: datetime
    until: datetime
    found: Found


_kept: OrderedDict[tuple[object, ...], _Kept] = OrderedDict()


def candidates(facts: SlateFacts, parameters: RecommendationParameters) -> Found:
    """Every ancillary offer: a candidate, or withheld with the reason."""
    if facts.context is None:
        missing = [
            Withheld("ancillary", o.key, "no_purchase") for o in of_kind(parameters, "ancillary")
        ]
        return [], missing
    context = cast(Context, facts.context)
    # A member looks at several pages between two changes of a journey.
    key = (id(parameters), facts.zone.key, facts.member.language, context)
    kept = _kept.get(key)
    if kept is None or not kept.since <= facts.now < kept.until:
        made = _candidates(facts, context, parameters)
        kept = _Kept(parameters, facts.now, steady_until(context, facts.now), made)
        _kept[key] = kept
        if len(_kept) > KEPT_MAX:
            _kept.popitem(last=False)
    return kept.found


def _candidates(facts: SlateFacts, context: Context, parameters: RecommendationParameters) -> Found:
    places = Places(parameters.contexts.places, facts.zone)
    journey = Journey(context, places, facts.now)
    seen = Seen(journey, parameters.contexts, facts.member.language)
    verdicts: dict[Product | None, Verdict] = {}
    shown: list[Candidate] = []
    withheld: list[Withheld] = []
    for offer in of_kind(parameters, "ancillary"):
        verdict = _of_offer(offer, seen, verdicts)
        if isinstance(verdict, Unfit):
            withheld.append(Withheld("ancillary", offer.key, verdict.code, verdict.params))
            continue
        worth = _ANYTHING if offer.product is None else _WORTH[offer.product]
        shown.append(
            Candidate(
                kind="ancillary",
                offer=offer.key,
                reason=Reason(verdict.code, verdict.params),
                parts=(ScorePart("fit", worth), *verdict.added),
                expires_at=verdict.expires_at,
                personal=verdict.params,
            )
        )
    return shown, withheld


def _of_offer(offer: Offer, seen: Seen, known: dict[Product | None, Verdict]) -> Verdict:
    kind = seen.journey.context.__struct_config__.tag
    if seen.journey.over:
        return Unfit("journey_over")
    if offer.contexts and kind not in offer.contexts:
        return Unfit("other_purchase", {"purchase": str(kind)})
    if offer.product not in known:
        known[offer.product] = verdict(offer.product, seen)
    return known[offer.product]


def verdict(product: Product | None, seen: Seen) -> Verdict:
    """Whether a product makes sense with a journey that is not over."""
    if product is None:
        return Fits("follows_purchase", {}, (), None)
    if product in seen.journey.context.bought:
        return Unfit("already_bought")
    return RULES[product](seen)
