"""How a brand reads what its members bought: a ticket, a stay, a policy, a basket."""

from collections.abc import Iterator
from typing import Annotated

import msgspec

from guerdon.parameters.sections import Finding, field_meta
from guerdon.recommendations.offers import CABINS, Cabin
from guerdon.recommendations.places import PLACES_MAX, Place, check_places


class ContextParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What counts, and for how long, when offers follow from a purchase."""

    days_max: Annotated[
        int,
        field_meta(
            "Kept at most", "A journey is kept until its end.", unit="days", ge=1, le=730,
            risk="medium",
        ),
    ] = 400  # fmt: skip
    undated_days: Annotated[
        int,
        field_meta("Kept without a date", "A basket, a policy.", unit="days", ge=1, le=365),
    ] = 7
    cabins_with_bag: Annotated[
        tuple[Cabin, ...],
        field_meta("Cabins with a bag", "No bag is offered there.", max_length=4, labels=CABINS),
    ] = ("business", "first")
    driving_age_min: Annotated[
        int, field_meta("Youngest driver", "Of a rented car.", unit="years", ge=16, le=30)
    ] = 21
    park_days_min: Annotated[
        int,
        field_meta("Days for theme parks", "Whole days at the destination.", unit="days", ge=0,
                   le=30),
    ] = 1  # fmt: skip
    excursion_days_min: Annotated[
        int,
        field_meta("Days for excursions", "Whole days at the destination.", unit="days", ge=0,
                   le=30),
    ] = 1  # fmt: skip
    cruise_nights_min: Annotated[
        int,
        field_meta("Nights for a cruise", "Of the stay near the port.", unit="nights", ge=1,
                   le=60),
    ] = 4  # fmt: skip
    places: Annotated[
        tuple[Place, ...],
        field_meta("Places", "Your own, and corrections of known ones.", max_length=PLACES_MAX),
    ] = ()

    def check(self, at: str) -> Iterator[Finding]:
        yield from check_places(self.places, f"{at}.places")
