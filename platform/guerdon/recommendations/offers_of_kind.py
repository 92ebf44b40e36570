"""The offers of one kind, looked up once for each version of the parameters."""

from collections import OrderedDict
from typing import Final

from guerdon.recommendations.offers import Kind, Offer
from guerdon.recommendations.parameters import RecommendationParameters

KEPT_MAX: Final = 256
_Sorted = tuple[RecommendationParameters, dict[Kind, tuple[Offer, ...]]]
# By identity: parameters are immutable and one object per version, and hashing them costs as much
# as looking through them. What is kept holds its parameters, so that no identity comes twice.
_kept: OrderedDict[int, _Sorted] = OrderedDict()


def of_kind(parameters: RecommendationParameters, kind: Kind) -> tuple[Offer, ...]:
    """Every offer of the kind, enabled or not, in its order."""
    found = _kept.get(id(parameters))
    if found is None:
        by_kind: dict[Kind, list[Offer]] = {}
        for offer in parameters.offers:
            by_kind.setdefault(offer.kind, []).append(offer)
        found = parameters, {k: tuple(offers) for k, offers in by_kind.items()}
        _kept[id(parameters)] = found
        if len(_kept) > KEPT_MAX:
            _kept.popitem(last=False)
    return found[1].get(kind, ())
