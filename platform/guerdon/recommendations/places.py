"""Places that journeys go to: what is true of a large airport's city, and what a brand adds.

The list is ours, from general knowledge of geography: which city an airport serves, its time zone,
a port nearby from which cruises leave, and whether amusement parks are within a day's trip.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

import msgspec
from msgspec import Meta, field

from guerdon.parameters.sections import Finding, Language, field_meta
from guerdon.recommendations.offers import Names, duplicates

PLACES_MAX = 500
# An airport by its IATA code, or whatever a brand calls a place of its own.
PlaceCode = Annotated[str, Meta(pattern="^[A-Z0-9]{2,12}$")]


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somewhere that a journey can go to. One of a brand's own comes before ours of that code."""

    code: Annotated[PlaceCode, field_meta("Code", "An airport's IATA code, or a code of your own.")]
    name: Annotated[Names, field_meta("City", "Text per language.")] = field(default_factory=dict)
    country: Annotated[str, field_meta("Country", "ISO 3166 code.", pattern="^([A-Z]{2})?$")] = ""
    area: Annotated[
        str,
        field_meta(
            "Area",
            "Places of one area are one destination, as the airports of a city.",
            pattern="^([A-Z0-9]{2,12})?$",
        ),
    ] = ""
    time_zone: Annotated[str, field_meta("Time zone", "Empty: the programme's.", max_length=64)] = (
        ""
    )
    airport: Annotated[bool, field_meta("Airport", "Rides to and from it are offered.")] = False
    port: Annotated[
        str, field_meta("Cruise port nearby", "Empty: there is none.", max_length=80)
    ] = ""
    parks: Annotated[bool, field_meta("Theme parks nearby")] = False

    @property
    def destination(self) -> str:
        """What it is one destination with."""
        return self.area or self.code

    def called(self, language: str) -> str:
        """The city's name in a language, else in English, else any, else the code."""
        named = {str(known): name for known, name in self.name.items()}
        return named.get(language) or named.get("en") or next(iter(named.values()), self.code)

    def port_called(self, language: str) -> str:
        """The port's name: the city's own in a language, where the port bears the city's name."""
        return self.called(language) if self.port == self.called("en") else self.port

    def check(self, at: str) -> Iterator[Finding]:
        if self.time_zone and self.time_zone not in available_timezones():
            yield Finding(
                f"{at}.time_zone",
                "unknown_time_zone",
                "%(zone)s is no time zone.",
                params={"zone": self.time_zone},
            )


class Places:
    """Every place that a brand knows: its own before ours."""

    __slots__ = ("_own", "_zone")

    def __init__(self, own: Sequence[Place], zone: ZoneInfo) -> None:
        self._own = {place.code: place for place in own}
        self._zone = zone

    def find(self, code: str) -> Place | None:
        """The place of this code, or None for one that nobody has described."""
        return self._own.get(code) or _ours().get(code)

    def destination(self, code: str) -> str:
        """What the place is one destination with; an unknown one with itself."""
        place = self.find(code)
        return place.destination if place is not None else code

    def zone(self, code: str) -> ZoneInfo:
        """The time zone of a place; of an unknown one, the programme's."""
        place = self.find(code)
        return ZoneInfo(place.time_zone) if place is not None and place.time_zone else self._zone


def check_places(places: Sequence[Place], at: str) -> Iterator[Finding]:
    """What is wrong with a brand's own places."""
    yield from duplicates((place.code for place in places), at)
    for number, place in enumerate(places):
        yield from place.check(f"{at}[{number}]")


@cache
def _ours() -> dict[str, Place]:
    text = files("guerdon.recommendations").joinpath("places.csv").read_text("utf-8")
    return {row["code"]: _place(row) for row in csv.DictReader(text.splitlines())}


def _place(row: Mapping[str, str]) -> Place:
    written: dict[Language, str] = {"en": row["en"], "pt-BR": row["pt_br"], "es": row["es"]}
    return Place(
        code=row["code"],
        name={language: name for language, name in written.items() if name},
        country=row["country"],
        area=row["area"],
        time_zone=row["zone"],
        airport=True,
        port=row["port"],
        parks=row["parks"] == "yes",
    )
