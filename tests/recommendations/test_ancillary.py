"""Ancillary products: a thousand tickets against an oracle, then each rule at its edges."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest
from tests.recommendations import itineraries
from tests.recommendations.itineraries import HOME, NOW, OWN, PRODUCTS, Oracle, tickets

from guerdon.recommendations.ancillary import candidates
from guerdon.recommendations.blanks import known_blanks
from guerdon.recommendations.candidates import ONE, Candidate, MemberFacts, SlateFacts, Withheld
from guerdon.recommendations.contexts import Context, checked
from guerdon.recommendations.journeys import Journey, purchase_facts
from guerdon.recommendations.offers import Product
from guerdon.recommendations.parameters import RecommendationParameters
from guerdon.recommendations.places import Places

OFFERS: list[dict[str, Any]] = [
    {"key": product, "kind": "ancillary", "product": product} for product in PRODUCTS
]
FIGURES = ("nights", "days", "seats", "people")


def parameters(**more: Any) -> RecommendationParameters:
    contexts = {"places": [OWN]} | more.pop("contexts", {})
    given = {"offers": OFFERS, "contexts": contexts} | more
    return msgspec.convert(given, RecommendationParameters)


def facts(raw: dict[str, Any] | None, *, now: datetime = NOW, language: str = "en") -> SlateFacts:
    context: Context | None = None
    if raw is not None:
        context = msgspec.json.decode(msgspec.json.encode(raw), type=Context)
    return SlateFacts(
        member=MemberFacts(id=UUID(int=1), joined_at=now, language=language),
        now=now, today=now.astimezone(HOME).date(), version=1, context=context, zone=HOME,
    )  # fmt: skip


def said(raw: dict[str, Any] | None, *, now: datetime = NOW, **more: Any) -> dict[str, str]:
    """The reason for each offer; one that is withheld begins with a minus."""
    shown, withheld = candidates(facts(raw, now=now), parameters(**more))
    return {c.offer: c.reason.code for c in shown} | {w.key: f"-{w.code}" for w in withheld}


def test_a_thousand_tickets_get_what_the_oracle_says() -> None:
    rules = parameters()
    places = Places(rules.contexts.places, HOME)
    counted: Counter[tuple[str, bool]] = Counter()
    reasons: set[str] = set()
    differing = []
    for number, raw in enumerate(tickets(1_000)):
        given = facts(raw)
        oracle = Oracle(raw)
        found: dict[str, tuple[bool, str, int | None]] = {}
        shown, withheld = candidates(given, rules)
        for one in shown:
            figure = next((one.personal[f] for f in FIGURES if f in one.personal), None)
            assert figure is None or isinstance(figure, int)
            found[one.offer] = True, one.reason.code, figure
            assert known_blanks("ancillary", one.offer) - {"bank", "variant"} == set(one.personal)
            assert 0 < one.base <= ONE
            assert one.expires_at is None or one.expires_at > NOW
        for no in withheld:
            found[no.key] = False, no.code, None
        for product in PRODUCTS:
            expected = oracle.says(product)
            if found[product] != expected:
                differing.append((number, product, found[product], expected))
            counted[product, expected[0]] += 1
            reasons.add(expected[1])
        over = [w.code for w in withheld] == ["journey_over"] * 9
        if not over:
            assert isinstance(given.context, get_args(Context))
            checked(given.context, places=places, now=NOW)
    assert differing == []
    assert min(counted[product, shown] for product in PRODUCTS for shown in (True, False)) >= 50
    assert reasons == {
        "journey_over", "already_bought", "departed", "bag_included", "bag_not_included",
        "seat_chosen", "seat_open", "already_begun", "insurance_abroad", "insurance_before",
        "no_return", "same_day_return", "stay_over", "hotel_nights", "too_young", "car_days",
        "ride_airport", "unknown_place", "no_airport", "no_parks_near", "too_short",
        "parks_children", "parks_near", "days_to_spend", "no_port_near", "cruise_port",
    }  # fmt: skip


def test_what_is_kept_of_a_ticket_is_what_it_says_at_any_minute() -> None:
    """Candidates are kept while nothing about a journey changes, and no longer."""
    kept = parameters()
    for number, raw in enumerate(tickets(60)):
        for step in range(40):
            now = NOW + timedelta(minutes=step * (7 + number))
            fresh = parameters(offers=list(OFFERS))
            given = facts(raw, now=now)
            assert candidates(given, kept) == candidates(given, fresh), (number, step)


def test_there_are_nine_products_and_each_has_a_rule() -> None:
    assert set(get_args(Product)) == set(PRODUCTS)
    assert len(PRODUCTS) == 9


def ticket(*route: tuple[str, str, str, str], **more: Any) -> dict[str, Any]:
    legs = [
        {"origin": o, "destination": d, "departsAt": leaves, "arrivesAt": arrives}
        for o, d, leaves, arrives in route
    ]
    return {"kind": "itinerary", "segments": legs, "passengers": [{"age": 35}, {}]} | more


LISBON = (
    ("GRU", "LIS", "2026-12-01T20:30:00-03:00", "2026-12-02T10:00:00Z"),
    ("LIS", "GRU", "2026-12-12T12:00:00Z", "2026-12-12T18:30:00-03:00"),
)


def test_a_ticket_with_a_bag_is_offered_all_else_and_no_bag() -> None:
    shown, withheld = candidates(facts(ticket(*LISBON, bought=["baggage"])), parameters())
    assert withheld == [
        Withheld("ancillary", "baggage", "already_bought"),
        Withheld("ancillary", "theme_parks", "no_parks_near", {"place": "Lisbon"}),
    ]
    found = {c.offer: c for c in shown}
    hotel = found["hotel"]
    assert (hotel.reason.code, dict(hotel.personal)) == (
        "hotel_nights",
        {"place": "Lisbon", "nights": 10, "from": day(2), "to": day(12)},
    )
    assert hotel.expires_at == datetime(2026, 12, 12, tzinfo=UTC)
    assert found["seat"].expires_at == datetime(2026, 12, 1, 23, 30, tzinfo=UTC)
    assert found["cruise"].personal == {"place": "Lisbon", "port": "Lisbon", "nights": 10}
    assert found["excursions"].personal == {"place": "Lisbon", "days": 9}
    assert [(p.name, p.value) for p in found["travel_insurance"].parts] == [
        ("fit", 600_000), ("abroad", 200_000)
    ]  # fmt: skip


def day(number: int) -> Any:
    return datetime(2026, 12, number, tzinfo=UTC).date()


def test_the_place_is_called_as_the_member_speaks() -> None:
    given = facts(ticket(*LISBON), language="pt-BR")
    found = {c.offer: c for c in candidates(given, parameters())[0]}
    assert found["hotel"].personal["place"] == "Lisboa"
    # A port that bears its city's name is called like the city.
    assert found["cruise"].personal["port"] == "Lisboa"


def test_children_bring_parks_to_the_front() -> None:
    orlando = (
        ("GRU", "MCO", "2026-12-01T10:00:00-03:00", "2026-12-01T18:00:00-05:00"),
        ("MCO", "GRU", "2026-12-09T10:00:00-05:00", "2026-12-09T22:00:00-03:00"),
    )

    def parks(people: list[dict[str, Any]]) -> Candidate:
        shown, _ = candidates(facts(ticket(*orlando, passengers=people)), parameters())
        return next(c for c in shown if c.offer == "theme_parks")

    alone, family = parks([{}]), parks([{}, {"type": "child", "age": 8}, {"age": 14}])
    assert (alone.reason.code, alone.base) == ("parks_near", 500_000)
    assert (family.reason.code, family.base) == ("parks_children", 800_000)
    assert family.personal == {"place": "Orlando", "days": 7, "children": 2}


def test_nights_that_are_over_are_not_offered() -> None:
    midway = datetime(2026, 12, 8, 12, tzinfo=UTC)
    shown, _ = candidates(facts(ticket(*LISBON), now=midway), parameters())
    found = {c.offer: c for c in shown}
    assert found["hotel"].personal["nights"] == 4
    assert found["hotel"].personal["from"] == day(8)
    reasons = said(ticket(*LISBON), now=midway)
    assert (reasons["travel_insurance"], reasons["baggage"]) == (
        "-already_begun", "bag_not_included"
    )  # fmt: skip
    leaving = said(ticket(*LISBON), now=datetime(2026, 12, 12, 13, tzinfo=UTC))
    assert (leaving["hotel"], leaving["seat"], leaving["ride_credit"]) == (
        "-stay_over", "-departed", "ride_airport"
    )  # fmt: skip
    assert set(said(ticket(*LISBON), now=datetime(2026, 12, 13, 3, tzinfo=UTC)).values()) == {
        "-journey_over"
    }


def test_a_stop_between_flights_is_no_stay() -> None:
    through = ticket(
        ("POA", "GRU", "2026-12-01T18:00:00-03:00", "2026-12-01T20:00:00-03:00"),
        ("GRU", "LIS", "2026-12-02T01:00:00-03:00", "2026-12-02T14:00:00Z"),
    )
    assert said(through)["hotel"] == "-no_return"
    assert said(through | {"stayUntil": "2026-12-05"})["hotel"] == "hotel_nights"
    night = ticket(
        ("POA", "GRU", "2026-12-01T12:00:00-03:00", "2026-12-01T14:00:00-03:00"),
        ("GRU", "LIS", "2026-12-02T01:00:00-03:00", "2026-12-02T14:00:00Z"),
    )
    assert said(night)["hotel"] == "hotel_nights"


def test_every_bound_is_the_brands() -> None:
    short = ticket(
        ("GRU", "BCN", "2026-12-01T10:00:00-03:00", "2026-12-01T23:00:00+01:00"),
        ("BCN", "GRU", "2026-12-04T12:00:00+01:00", "2026-12-04T22:00:00-03:00"),
        passengers=[{"age": 22}],
    )
    reasons = said(short)
    assert (reasons["cruise"], reasons["theme_parks"], reasons["car_rental"]) == (
        "-too_short", "parks_near", "car_days"
    )  # fmt: skip
    bounds = {
        "cruise_nights_min": 3, "park_days_min": 3, "excursion_days_min": 3, "driving_age_min": 23,
        "cabins_with_bag": ["economy"],
    }  # fmt: skip
    moved = said(short, contexts=bounds)
    assert (moved["cruise"], moved["theme_parks"], moved["excursions"], moved["car_rental"],
            moved["baggage"]) == (
        "cruise_port", "-too_short", "-too_short", "-too_young", "-bag_included"
    )  # fmt: skip
    own = {"code": "BCN", "name": {"en": "Barcelona"}, "airport": False}
    corrected = said(short, contexts={"places": [own, {"code": "GRU", "name": {"en": "SP"}}]})
    assert (corrected["cruise"], corrected["theme_parks"], corrected["ride_credit"]) == (
        "-no_port_near", "-no_parks_near", "-no_airport"
    )  # fmt: skip


def test_a_hotel_booking_works_by_parameters_alone() -> None:
    spa = {"code": "SERRA", "name": {"en": "Serra"}, "parks": True}
    booking = {
        "kind": "stay", "place": "SERRA", "checkIn": "2026-12-01", "checkOut": "2026-12-05",
        "passengers": [{}, {"type": "child", "age": 5}],
    }  # fmt: skip
    offers = [
        {"key": "late-check-out", "kind": "ancillary", "contexts": ["stay"]},
        {"key": "bag", "kind": "ancillary", "product": "baggage", "contexts": ["itinerary"]},
        *OFFERS,
    ]
    assert said(booking, offers=offers, contexts={"places": [spa]}) == {
        "late-check-out": "follows_purchase", "bag": "-other_purchase", "baggage": "-no_ticket",
        "seat": "-no_ticket", "travel_insurance": "insurance_before", "hotel": "-already_staying",
        "car_rental": "car_days", "ride_credit": "-no_airport", "theme_parks": "parks_children",
        "excursions": "days_to_spend", "cruise": "-no_port_near",
    }  # fmt: skip


def test_a_policy_and_a_basket_say_what_they_can() -> None:
    policy = {
        "kind": "policy", "line": "auto", "startsOn": "2026-12-01", "endsOn": "2027-12-01",
        "passengers": [{}],
    }  # fmt: skip
    assert set(said(policy).values()) == {"-no_ticket", "-no_destination"}
    assert said(policy | {"line": "travel"})["travel_insurance"] == "-already_insured"
    travel = said(policy | {"line": "travel", "place": "MIA", "endsOn": "2026-12-09"})
    assert (travel["hotel"], travel["cruise"], travel["ride_credit"]) == (
        "hotel_nights", "cruise_port", "ride_airport"
    )  # fmt: skip
    basket = {"kind": "basket", "items": [{"sku": "MUG"}]}
    assert set(said(basket).values()) == {"-no_ticket", "-no_journey", "-no_destination"}
    assert set(said(None).values()) == {"-no_purchase"}


def test_rules_may_ask_of_the_purchase() -> None:
    given = facts(ticket(*LISBON, bought=["seat"]))
    assert given.context is not None
    journey = Journey(given.context, Places((), HOME), NOW)  # type: ignore[arg-type]
    assert purchase_facts(journey) == {
        "context": "itinerary", "origin": "GRU", "destination": "LIS", "cabin": "economy",
        "passengers": 2, "nights": 10, "days_until": 19, "bought": ("seat",),
    }  # fmt: skip


@pytest.mark.parametrize("code", ["GRU", "GIG", "BSB", "SSA", "REC", "FOR", "CWB", "POA", "MAO"])
def test_a_large_brazilian_airport_is_known(code: str) -> None:
    place = Places((), ZoneInfo("UTC")).find(code)
    assert place is not None
    assert (place.country, place.airport) == ("BR", True)


def test_every_place_of_ours_is_complete() -> None:
    places = Places((), ZoneInfo("UTC"))
    codes = [code for code in itineraries.KNOWN if code != "BUS1"]
    assert len(codes) >= 150
    for code in codes:
        place = places.find(code)
        assert place is not None
        assert list(place.check("place")) == []
        assert place.called("en") != code
        assert len(place.country) == 2
