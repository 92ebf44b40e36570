"""What a member bought, as far as offers follow from it: a ticket, a stay, a policy, a basket.

Shapes are bounded by type; `checked` refuses what cannot be, naming the field and the reason.
Instants carry an offset; a local day stands where no hour is known. Days are those of the place.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from guerdon.kit.errors import InvalidError
from guerdon.recommendations.offers import Cabin, Product
from guerdon.recommendations.places import PlaceCode, Places

SEGMENTS_MAX: Final = 16
PASSENGERS_MAX: Final = 20
ITEMS_MAX: Final = 100
AHEAD_DAYS_MAX: Final = 730
STAY_NIGHTS_MAX: Final = 180
_SEGMENT_DAYS_MAX: Final = 2
_YEARS_MAX: Final = 50
_AGES: Final[dict[str, tuple[int, int]]] = {"adult": (12, 120), "child": (2, 17), "infant": (0, 2)}

_DAYS_OF_POLICY: Final = ("/startsOn", "/endsOn")

Passengers = Annotated[tuple["Passenger", ...], Meta(min_length=1, max_length=PASSENGERS_MAX)]
Bought = Annotated[tuple[Product, ...], Meta(max_length=9)]


class ContextInvalidError(InvalidError):
    """What was bought cannot be as it is told; `field` names where and `reason` why."""

    code = "context_invalid"
    title = "This purchase cannot be as it is told"


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Base of what is sent."""


class Passenger(Shape, frozen=True):
    """Somebody who travels, stays or is insured. Names are not wanted here."""

    type: Literal["adult", "child", "infant"] = "adult"
    age: Annotated[int, Meta(ge=0, le=120)] | None = None


class Segment(Shape, frozen=True):
    """One leg. Of each end, either the instant or the local day."""

    origin: PlaceCode
    destination: PlaceCode
    departs_at: Annotated[datetime, Meta(tz=True)] | None = None
    departs_on: date | None = None
    arrives_at: Annotated[datetime, Meta(tz=True)] | None = None
    arrives_on: date | None = None
    cabin: Cabin = "economy"
    carrier: Annotated[str, Meta(pattern="^([A-Z0-9]{2,3})?$")] = ""
    # Checked bags that the fare has for each passenger.
    bags_included: Annotated[int, Meta(ge=0, le=9)] = 0
    # Whether all who need a seat have chosen theirs.
    seats_chosen: bool = False


class Itinerary(Shape, frozen=True, tag="itinerary", tag_field="kind"):
    """A ticket. `stay_until`: how long they stay at the last place, if it is known."""

    segments: Annotated[tuple[Segment, ...], Meta(min_length=1, max_length=SEGMENTS_MAX)]
    passengers: Passengers
    bought: Bought = ()
    stay_until: date | None = None


class Stay(Shape, frozen=True, tag="stay", tag_field="kind"):
    """A hotel booking: nights from `check_in` to `check_out`."""

    place: PlaceCode
    check_in: date
    check_out: date
    passengers: Passengers
    bought: Bought = ()


class Policy(Shape, frozen=True, tag="policy", tag_field="kind"):
    """An insurance policy, from `starts_on` until the day before `ends_on`."""

    line: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,39}$")]
    starts_on: date
    ends_on: date
    passengers: Passengers
    place: PlaceCode | None = None
    bought: Bought = ()


class Item(Shape, frozen=True):
    """One line of a basket."""

    sku: Annotated[str, Meta(min_length=1, max_length=60)]
    quantity: Annotated[int, Meta(ge=1, le=10_000)] = 1
    category: Annotated[str, Meta(pattern=r"^([a-z0-9]([_-]?[a-z0-9]){0,39})?$")] = ""


class Basket(Shape, frozen=True, tag="basket", tag_field="kind"):
    """Anything else that was bought."""

    items: Annotated[tuple[Item, ...], Meta(min_length=1, max_length=ITEMS_MAX)]
    bought: Bought = ()


Context = Itinerary | Stay | Policy | Basket


def departure_day(segment: Segment, places: Places) -> date:
    """The day on which it leaves, where it leaves from."""
    if segment.departs_at is not None:
        return segment.departs_at.astimezone(places.zone(segment.origin)).date()
    assert segment.departs_on is not None
    return segment.departs_on


def arrival_day(segment: Segment, places: Places) -> date:
    """The day on which it arrives, where it arrives."""
    if segment.arrives_at is not None:
        return segment.arrives_at.astimezone(places.zone(segment.destination)).date()
    assert segment.arrives_on is not None
    return segment.arrives_on


def departure(segment: Segment, places: Places) -> datetime:
    """The instant when it leaves; where only a day is known, the day's beginning."""
    return segment.departs_at or _midnight(departure_day(segment, places), segment.origin, places)


def last_day(context: Context, places: Places) -> tuple[date, str] | None:
    """The day on which it is over and whose day that is; None where no day is known."""
    match context:
        case Itinerary():
            last = context.segments[-1]
            day = context.stay_until or arrival_day(last, places)
            return day, last.destination
        case Stay():
            return context.check_out, context.place
        case Policy():
            return context.ends_on - timedelta(days=1), context.place or ""
        case Basket():
            return None


def over_at(context: Context, places: Places) -> datetime | None:
    """The instant from which it says nothing any more: the end of its last day."""
    last = last_day(context, places)
    return None if last is None else _midnight(last[0] + timedelta(days=1), last[1], places)


def checked(context: Context, *, places: Places, now: datetime, at: str = "/context") -> None:
    """ContextInvalidError for the first thing that cannot be; fields start at `at`."""
    for path, reason, text in _faults(context, places, now):
        raise ContextInvalidError(text, field=f"{at}{path}", reason=reason)


Fault = tuple[str, str, str]


def _faults(context: Context, places: Places, now: datetime) -> Iterator[Fault]:
    yield from _years(context, now)
    match context:
        case Itinerary():
            yield from _itinerary(context, places, now)
        case Stay():
            yield from _period(context, context.check_in, context.check_out, places, now)
            if (context.check_out - context.check_in).days > STAY_NIGHTS_MAX:
                yield "/checkOut", "too_long", f"A stay has at most {STAY_NIGHTS_MAX} nights."
        case Policy():
            yield from _period(context, context.starts_on, context.ends_on, places, now)
        case Basket():
            pass
    if not isinstance(context, Basket):
        yield from _people(context.passengers)
    if len(set(context.bought)) != len(context.bought):
        yield "/bought", "duplicate", "Name each product that was bought once."


def _years(context: Context, now: datetime) -> Iterator[Fault]:
    """Before any arithmetic: no day may be so far away that a calendar ends."""
    named: list[tuple[str, date | None]] = []
    match context:
        case Itinerary():
            for number, leg in enumerate(context.segments):
                at = f"/segments/{number}"
                named += [
                    (f"{at}/departsAt", leg.departs_at), (f"{at}/departsOn", leg.departs_on),
                    (f"{at}/arrivesAt", leg.arrives_at), (f"{at}/arrivesOn", leg.arrives_on),
                ]  # fmt: skip
            named.append(("/stayUntil", context.stay_until))
        case Stay():
            named += [("/checkIn", context.check_in), ("/checkOut", context.check_out)]
        case Policy():
            named += [("/startsOn", context.starts_on), ("/endsOn", context.ends_on)]
        case Basket():
            pass
    for field, day in named:
        if day is not None and abs(day.year - now.year) > _YEARS_MAX:
            reason = "past" if day.year < now.year else "too_far"
            yield field, reason, f"A day is at most {_YEARS_MAX} years away."


def _itinerary(ticket: Itinerary, places: Places, now: datetime) -> Iterator[Fault]:
    for number, segment in enumerate(ticket.segments):
        at = f"/segments/{number}"
        yield from _segment(segment, at, places)
        if number:
            yield from _connection(ticket.segments[number - 1], segment, at, places)
    last = ticket.segments[-1]
    arrived = arrival_day(last, places)
    if ticket.stay_until is not None:
        if ticket.stay_until < arrived:
            yield "/stayUntil", "before_arrival", f"They arrive on {arrived}; end the stay later."
        if (ticket.stay_until - arrived).days > STAY_NIGHTS_MAX:
            yield "/stayUntil", "too_long", f"A stay has at most {STAY_NIGHTS_MAX} nights."
    end = over_at(ticket, places)
    if end is not None and end <= now:
        field = f"/segments/{len(ticket.segments) - 1}/arrives"
        field += "At" if last.arrives_at is not None else "On"
        yield field, "past", "The journey is over; send one that is still to come."
    first = ticket.segments[0]
    field = "/segments/0/departs" + ("At" if first.departs_at is not None else "On")
    yield from _ahead(departure_day(first, places), field, first.origin, places, now)


def _segment(segment: Segment, at: str, places: Places) -> Iterator[Fault]:
    for name, instant, day in (
        ("departs", segment.departs_at, segment.departs_on),
        ("arrives", segment.arrives_at, segment.arrives_on),
    ):
        if (instant is None) == (day is None):
            yield f"{at}/{name}At", "one_of_two", f"Give either {name}At or {name}On."
    if segment.origin == segment.destination:
        yield f"{at}/destination", "same_place", "It ends where it begins; name another place."
    leaves, arrives = departure_day(segment, places), arrival_day(segment, places)
    both = segment.departs_at is not None and segment.arrives_at is not None
    if both and segment.arrives_at <= segment.departs_at:  # type: ignore[operator]
        yield f"{at}/arrivesAt", "arrives_before_departure", "It arrives before it departs."
    # Across the date line one lands on the day before.
    elif not both and (arrives - leaves).days < -1:
        field = "arrivesOn" if segment.arrives_on is not None else "arrivesAt"
        yield f"{at}/{field}", "arrives_before_departure", "It arrives before it departs."
    if (arrives - leaves).days > _SEGMENT_DAYS_MAX:
        yield (
            f"{at}/arrivesAt" if segment.arrives_at is not None else f"{at}/arrivesOn",
            "too_long",
            f"A leg lasts at most {_SEGMENT_DAYS_MAX} days; split it at its stops.",
        )


def _connection(before: Segment, after: Segment, at: str, places: Places) -> Iterator[Fault]:
    if places.destination(before.destination) != places.destination(after.origin):
        yield (
            f"{at}/origin",
            "not_connected",
            f"The leg before ends at {before.destination}; add how they get to {after.origin},"
            " or send two contexts.",
        )
    both = before.arrives_at is not None and after.departs_at is not None
    if (both and after.departs_at < before.arrives_at) or (  # type: ignore[operator]
        not both and departure_day(after, places) < arrival_day(before, places)
    ):
        yield (
            f"{at}/departsAt" if after.departs_at is not None else f"{at}/departsOn",
            "departs_before_arrival",
            "It departs before the leg before it has arrived.",
        )


def _period(
    context: Stay | Policy, begins: date, ends: date, places: Places, now: datetime
) -> Iterator[Fault]:
    first, last = ("/checkIn", "/checkOut") if isinstance(context, Stay) else _DAYS_OF_POLICY
    if ends <= begins:
        yield last, "empty_period", f"It begins on {begins}; set a later end."
    over = over_at(context, places)
    if over is not None and over <= now:
        yield last, "past", "It is over; send one that is still to come."
    yield from _ahead(begins, first, context.place or "", places, now)


def _ahead(day: date, field: str, place: str, places: Places, now: datetime) -> Iterator[Fault]:
    today = now.astimezone(places.zone(place)).date()
    if (day - today).days > AHEAD_DAYS_MAX:
        yield field, "too_far", f"It begins more than {AHEAD_DAYS_MAX} days from now."


def _people(passengers: Sequence[Passenger]) -> Iterator[Fault]:
    for number, person in enumerate(passengers):
        youngest, oldest = _AGES[person.type]
        if person.age is not None and not youngest <= person.age <= oldest:
            yield (
                f"/passengers/{number}/age",
                "age",
                f"Somebody of type {person.type} is {youngest} to {oldest} years old.",
            )
    count = [person.type for person in passengers]
    if count.count("infant") > count.count("adult"):
        yield "/passengers", "infants", "Every infant needs an adult of its own."


def _midnight(day: date, place: str, places: Places) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=places.zone(place))
