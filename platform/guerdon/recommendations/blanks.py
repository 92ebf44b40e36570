"""The blanks that a brand's words may leave for what is the member's own: `{bank}`, `{nights}`."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

_PLACE: Final = re.compile(r"\{([^{}]*)\}")
_EVERY: Final = frozenset({"bank", "variant"})
_OF_KIND: Final[Mapping[str, frozenset[str]]] = {
    "co_branded_card": frozenset({"until", "limit"}),
    "club": frozenset(
        {
            "points_a_month", "price", "months_min", "months", "points", "cost", "value", "used",
            "used_value", "gain",
        }
    ),
}  # fmt: skip
_OF_PRODUCT: Final[Mapping[str, frozenset[str]]] = {
    "baggage": frozenset({"origin", "destination", "people"}),
    "seat": frozenset({"origin", "destination", "seats"}),
    "travel_insurance": frozenset({"people", "from"}),
    "hotel": frozenset({"place", "nights", "from", "to"}),
    "car_rental": frozenset({"place", "days"}),
    "ride_credit": frozenset({"place"}),
    "theme_parks": frozenset({"place", "days", "children"}),
    "excursions": frozenset({"place", "days"}),
    "cruise": frozenset({"place", "port", "nights"}),
}


def known_blanks(kind: str, product: str | None) -> frozenset[str]:
    """What may stand in braces in the words of such an offer."""
    return _EVERY | _OF_KIND.get(kind, frozenset()) | _OF_PRODUCT.get(product or "", frozenset())


def unknown_blanks(text: str, known: frozenset[str]) -> Iterator[str]:
    """Every blank of a text that nothing fills, in its order."""
    for name in _PLACE.findall(text):
        if name not in known:
            yield name
