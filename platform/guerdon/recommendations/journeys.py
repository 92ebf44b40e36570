"""What a purchase says about a journey: which legs are to come, where they stay and how long.

Whatever was bought is seen through the same window, so that a rule for a hotel or for excursions
holds after a ticket as after a booking or a policy.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final

import msgspec

from guerdon.recommendations.contexts import (
    Basket,
    Context,
    Itinerary,
    Passenger,
    Policy,
    Segment,
    Stay,
    arrival_day,
    departure,
    departure_day,
    over_at,
)
from guerdon.recommendations.places import Place, Places

# Between two flights that are closer than this nobody goes to a hotel, whatever the calendar says.
STAY_HOURS_MIN: Final = 8
_GROWN_UP: Final = 18


class Visit(msgspec.Struct, frozen=True):
    """A stay somewhere; `leaves_on` is None where nobody said until when."""

    place: str
    arrives_on: date
    leaves_on: date | None

    def nights(self, today: date) -> int:
        """Nights that are left, 0 without an end."""
        if self.leaves_on is None:
            return 0
        return max(0, (self.leaves_on - max(self.arrives_on, today)).days)

    def whole_days(self, today: date) -> int:
        """Days without arrival and departure that are left."""
        return max(0, self.nights(today) - 1)


class Journey:
    """A purchase at an instant."""

    def __init__(self, context: Context, places: Places, now: datetime) -> None:
        self.context = context
        self.places = places
        self.now = now

    @cached_property
    def over(self) -> bool:
        """Whether it says nothing any more."""
        end = over_at(self.context, self.places)
        return end is not None and end <= self.now

    @cached_property
    def people(self) -> tuple[Passenger, ...]:
        """Who travels; nobody is known of a basket."""
        return () if isinstance(self.context, Basket) else self.context.passengers

    @cached_property
    def children(self) -> int:
        """How many are children, babies aside."""
        return sum(
            p.type == "child" or (p.age is not None and p.type == "adult" and p.age < _GROWN_UP)
            for p in self.people
        )

    @cached_property
    def legs_ahead(self) -> list[Segment]:
        """Legs that have not left. Where only a day is known, it counts as left from its start."""
        if not isinstance(self.context, Itinerary):
            return []
        return [leg for leg in self.context.segments if departure(leg, self.places) > self.now]

    @cached_property
    def legs_under_way(self) -> list[Segment]:
        """Legs that have left and not arrived; several where only days are known."""
        if not isinstance(self.context, Itinerary):
            return []
        return [
            leg
            for leg in self.context.segments
            if departure(leg, self.places) <= self.now and self._arriving(leg)
        ]

    def _arriving(self, leg: Segment) -> bool:
        if leg.arrives_at is not None:
            return leg.arrives_at > self.now
        return arrival_day(leg, self.places) >= self.today(leg.destination)

    def today(self, place: str) -> date:
        """The day at a place."""
        return self.now.astimezone(self.places.zone(place)).date()

    @cached_property
    def begins_at(self) -> datetime | None:
        """The instant when it begins, or the beginning of that day; None for a basket."""
        match self.context:
            case Itinerary():
                return departure(self.context.segments[0], self.places)
            case Stay():
                return self.midnight(self.context.check_in, self.context.place)
            case Policy():
                return self.midnight(self.context.starts_on, self.context.place or "")
            case Basket():
                return None

    def midnight(self, day: date, place: str) -> datetime:
        """The beginning of a day at a place."""
        return datetime(day.year, day.month, day.day, tzinfo=self.places.zone(place))

    @cached_property
    def visits(self) -> list[Visit]:
        """Every stay, in its order."""
        match self.context:
            case Itinerary():
                return self._of_ticket(self.context)
            case Stay():
                return [Visit(self.context.place, self.context.check_in, self.context.check_out)]
            case Policy() if self.context.place is not None:
                last = self.context.ends_on - timedelta(days=1)
                return [Visit(self.context.place, self.context.starts_on, last)]
            case _:
                return []

    def _of_ticket(self, ticket: Itinerary) -> list[Visit]:
        found = []
        home = self.places.destination(ticket.segments[0].origin)
        following: list[Segment | None] = [*ticket.segments[1:], None]
        for leg, after in zip(ticket.segments, following, strict=True):
            if self.places.destination(leg.destination) == home:
                continue
            arrives = arrival_day(leg, self.places)
            if after is None:
                found.append(Visit(leg.destination, arrives, ticket.stay_until))
            elif not _changes_planes(leg, after):
                leaves = departure_day(after, self.places)
                found.append(Visit(leg.destination, arrives, leaves))
        return found

    @cached_property
    def visits_ahead(self) -> list[Visit]:
        """Stays with an end and with nights left, the longest first."""
        left = [v for v in self.visits if v.nights(self.today(v.place)) > 0]
        return sorted(left, key=lambda v: (-v.nights(self.today(v.place)), v.arrives_on))

    @cached_property
    def abroad(self) -> bool:
        """Whether it leads to another country than the one it begins in, as far as is known."""
        if not isinstance(self.context, Itinerary):
            return False
        legs = self.context.segments
        countries = [self._country(legs[0].origin), *(self._country(x.destination) for x in legs)]
        return len({country for country in countries if country}) > 1

    def _country(self, code: str) -> str:
        place = self.places.find(code)
        return place.country if place is not None else ""

    def place(self, code: str) -> Place | None:
        """What is known of a place."""
        return self.places.find(code)

    def called(self, code: str, language: str) -> str:
        """A place's name in a language; its code where nobody described it."""
        place = self.places.find(code)
        return code if place is None else place.called(language)


def steady_until(context: Context, now: datetime) -> datetime:
    """The instant until which nothing that a journey says changes: the next of its departures and
    arrivals, and the next quarter of an hour, as days begin at quarters of an hour everywhere."""
    ends = [now + timedelta(seconds=900 - now.timestamp() % 900)]
    if isinstance(context, Itinerary):
        for leg in context.segments:
            ends += [at for at in (leg.departs_at, leg.arrives_at) if at is not None and at > now]
    return min(ends)


def _changes_planes(leg: Segment, after: Segment) -> bool:
    if leg.arrives_at is None or after.departs_at is None:
        return False
    return after.departs_at - leg.arrives_at < timedelta(hours=STAY_HOURS_MIN)


Fact = str | int | tuple[str, ...]


def purchase_facts(journey: Journey) -> Mapping[str, Fact]:
    """What rules may ask of a purchase, by term."""
    context = journey.context
    origin = cabin = destination = ""
    match context:
        case Itinerary():
            origin, cabin = context.segments[0].origin, context.segments[0].cabin
            longest = journey.visits_ahead or journey.visits
            destination = longest[0].place if longest else context.segments[-1].destination
        case Stay():
            destination = context.place
        case Policy():
            destination = context.place or ""
        case Basket():
            pass
    nights = max((v.nights(journey.today(v.place)) for v in journey.visits), default=0)
    ahead = journey.begins_at - journey.now if journey.begins_at is not None else timedelta(0)
    return {
        "context": str(context.__struct_config__.tag),
        "origin": origin,
        "destination": destination,
        "cabin": cabin,
        "passengers": len(journey.people),
        "nights": nights,
        "days_until": max(0, ahead.days),
        "bought": tuple(context.bought),
    }
