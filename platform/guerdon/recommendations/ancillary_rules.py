"""The nine rules: when an ancillary product makes sense with a journey, and why not."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final

import msgspec

from guerdon.recommendations.candidates import ScorePart, Value
from guerdon.recommendations.context_parameters import ContextParameters
from guerdon.recommendations.contexts import Basket, Itinerary, Policy, Stay
from guerdon.recommendations.journeys import Journey, Visit
from guerdon.recommendations.offers import Product


class Fits(msgspec.Struct, frozen=True):
    """It makes sense: why, what this journey adds to its worth, and until when."""

    code: str
    params: Mapping[str, Value]
    added: tuple[ScorePart, ...]
    expires_at: datetime | None


class Unfit(msgspec.Struct, frozen=True):
    """It does not, and why."""

    code: str
    params: Mapping[str, Value] = {}


class Seen(msgspec.Struct, frozen=True):
    """What a rule looks at."""

    journey: Journey
    parameters: ContextParameters
    language: str


Verdict = Fits | Unfit


def _baggage(seen: Seen) -> Verdict:
    journey = seen.journey
    if not isinstance(journey.context, Itinerary):
        return Unfit("no_ticket")
    if not journey.legs_ahead:
        return Unfit("departed")
    for leg in journey.legs_ahead:
        if not leg.bags_included and leg.cabin not in seen.parameters.cabins_with_bag:
            return Fits(
                "bag_not_included",
                _route(seen, leg.origin, leg.destination) | {"people": len(journey.people)},
                (_people(len(journey.people)),),
                _leaves(journey, leg.origin, leg.departs_at, leg.departs_on),
            )
    return Unfit("bag_included")


def _seat(seen: Seen) -> Verdict:
    journey = seen.journey
    if not isinstance(journey.context, Itinerary):
        return Unfit("no_ticket")
    if not journey.legs_ahead:
        return Unfit("departed")
    seats = sum(person.type != "infant" for person in journey.people)
    for leg in journey.legs_ahead:
        if not leg.seats_chosen:
            return Fits(
                "seat_open",
                _route(seen, leg.origin, leg.destination) | {"seats": seats},
                (_people(seats),),
                _leaves(journey, leg.origin, leg.departs_at, leg.departs_on),
            )
    return Unfit("seat_chosen")


def _travel_insurance(seen: Seen) -> Verdict:
    journey = seen.journey
    match journey.context:
        case Basket():
            return Unfit("no_journey")
        case Policy(line="travel"):
            return Unfit("already_insured")
        case Policy(place=None):
            return Unfit("no_destination")
    begins = journey.begins_at
    if begins is None or begins <= journey.now:
        return Unfit("already_begun")
    return Fits(
        "insurance_abroad" if journey.abroad else "insurance_before",
        {"people": len(journey.people), "from": _day(journey, begins)},
        (ScorePart("abroad", 200_000 if journey.abroad else 0),),
        begins,
    )


def _hotel(seen: Seen) -> Verdict:
    if isinstance(seen.journey.context, Stay):
        return Unfit("already_staying")
    stay = _longest(seen.journey)
    if isinstance(stay, Unfit):
        return stay
    today = seen.journey.today(stay.place)
    nights = stay.nights(today)
    return Fits(
        "hotel_nights",
        _at(seen, stay) | {"nights": nights, "from": max(stay.arrives_on, today), "to": _end(stay)},
        (ScorePart("nights", 10_000 * min(nights, 10)),),
        seen.journey.midnight(_end(stay), stay.place),
    )


def _car_rental(seen: Seen) -> Verdict:
    stay = _longest(seen.journey)
    if isinstance(stay, Unfit):
        return stay
    youngest = seen.parameters.driving_age_min
    if not any(
        person.type == "adult" if person.age is None else person.age >= youngest
        for person in seen.journey.people
    ):
        return Unfit("too_young", {"age": youngest})
    days = stay.nights(seen.journey.today(stay.place))
    return Fits(
        "car_days",
        _at(seen, stay) | {"days": days},
        (ScorePart("nights", 10_000 * min(days, 10)),),
        seen.journey.midnight(_end(stay), stay.place),
    )


def _ride_credit(seen: Seen) -> Verdict:
    journey = seen.journey
    stops = [leg.destination for leg in journey.legs_under_way]
    for leg in journey.legs_ahead:
        stops += [leg.origin, leg.destination]
    if not stops:
        if isinstance(journey.context, Itinerary):
            return Unfit("departed")
        stops = [visit.place for visit in journey.visits]
    if not stops:
        return Unfit("no_destination")
    places = [journey.place(code) for code in stops]
    for code, place in zip(stops, places, strict=True):
        if place is not None and place.airport:
            return Fits("ride_airport", _named(seen, code), (), None)
    return Unfit("unknown_place" if None in places else "no_airport", {"place": stops[0]})


def _theme_parks(seen: Seen) -> Verdict:
    children = seen.journey.children

    def judge(stay: Visit) -> Verdict:
        place = seen.journey.place(stay.place)
        if place is None:
            return Unfit("unknown_place", {"place": stay.place})
        if not place.parks:
            return Unfit("no_parks_near", _named(seen, stay.place))
        days = stay.whole_days(seen.journey.today(stay.place))
        if days < seen.parameters.park_days_min:
            return _too_short(days, seen.parameters.park_days_min)
        return Fits(
            "parks_children" if children else "parks_near",
            _at(seen, stay) | {"days": days, "children": children},
            (ScorePart("children", 300_000 if children else 0), _days(days)),
            seen.journey.midnight(_end(stay), stay.place),
        )

    return _first(seen.journey, judge)


def _excursions(seen: Seen) -> Verdict:
    def judge(stay: Visit) -> Verdict:
        days = stay.whole_days(seen.journey.today(stay.place))
        if days < seen.parameters.excursion_days_min:
            return _too_short(days, seen.parameters.excursion_days_min)
        return Fits(
            "days_to_spend",
            _at(seen, stay) | {"days": days},
            (_days(days),),
            seen.journey.midnight(_end(stay), stay.place),
        )

    return _first(seen.journey, judge)


def _cruise(seen: Seen) -> Verdict:
    def judge(stay: Visit) -> Verdict:
        place = seen.journey.place(stay.place)
        if place is None:
            return Unfit("unknown_place", {"place": stay.place})
        if not place.port:
            return Unfit("no_port_near", _named(seen, stay.place))
        nights = stay.nights(seen.journey.today(stay.place))
        if nights < seen.parameters.cruise_nights_min:
            return _too_short(nights, seen.parameters.cruise_nights_min)
        return Fits(
            "cruise_port",
            _at(seen, stay) | {"port": place.port_called(seen.language), "nights": nights},
            (ScorePart("nights", 10_000 * min(nights, 10)),),
            seen.journey.midnight(_end(stay), stay.place),
        )

    return _first(seen.journey, judge)


RULES: Final[Mapping[Product, Callable[[Seen], Verdict]]] = {
    "baggage": _baggage,
    "seat": _seat,
    "travel_insurance": _travel_insurance,
    "hotel": _hotel,
    "car_rental": _car_rental,
    "ride_credit": _ride_credit,
    "theme_parks": _theme_parks,
    "excursions": _excursions,
    "cruise": _cruise,
}


def _longest(journey: Journey) -> Visit | Unfit:
    """The longest stay that has nights left, or why there is none."""
    if journey.visits_ahead:
        return journey.visits_ahead[0]
    if not journey.visits:
        # A ticket that leads nowhere but home was a day trip.
        day_trip = isinstance(journey.context, Itinerary)
        return Unfit("same_day_return" if day_trip else "no_destination")
    if any(visit.leaves_on is None for visit in journey.visits):
        return Unfit("no_return")
    if all(visit.leaves_on == visit.arrives_on for visit in journey.visits):
        return Unfit("same_day_return")
    return Unfit("stay_over")


def _first(journey: Journey, judge: Callable[[Visit], Verdict]) -> Verdict:
    """The longest stay for which it makes sense, else why it does not for the longest."""
    longest = _longest(journey)
    if isinstance(longest, Unfit):
        return longest
    verdicts = [judge(visit) for visit in journey.visits_ahead]
    return next((v for v in verdicts if isinstance(v, Fits)), verdicts[0])


def _too_short(there: int, needed: int) -> Unfit:
    return Unfit("too_short", {"there": there, "needed": needed})


def _end(visit: Visit) -> date:
    assert visit.leaves_on is not None
    return visit.leaves_on


def _named(seen: Seen, code: str) -> dict[str, Value]:
    return {"place": seen.journey.called(code, seen.language)}


def _at(seen: Seen, visit: Visit) -> dict[str, Value]:
    return _named(seen, visit.place)


def _route(seen: Seen, origin: str, destination: str) -> dict[str, Value]:
    return {
        "origin": seen.journey.called(origin, seen.language),
        "destination": seen.journey.called(destination, seen.language),
    }


def _leaves(journey: Journey, origin: str, at: datetime | None, on: date | None) -> datetime:
    if at is not None:
        return at
    assert on is not None
    return journey.midnight(on, origin)


def _day(journey: Journey, instant: datetime) -> date:
    context = journey.context
    at = context.segments[0].origin if isinstance(context, Itinerary) else ""
    return instant.astimezone(journey.places.zone(at)).date() if at else instant.date()


def _people(count: int) -> ScorePart:
    return ScorePart("people", 20_000 * min(max(0, count - 1), 5))


def _days(days: int) -> ScorePart:
    return ScorePart("days", 20_000 * min(days, 5))
