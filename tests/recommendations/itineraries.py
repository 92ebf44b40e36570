"""A thousand tickets from one seed, and an oracle that counts nights one by one.

The oracle reads plain data and shares nothing with the product but the list of places.
"""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import guerdon.recommendations

SEED = 20261112
NOW = datetime(2026, 11, 12, 15, 0, tzinfo=UTC)
HOME = ZoneInfo("America/Sao_Paulo")
PRODUCTS = (
    "baggage", "seat", "travel_insurance", "hotel", "car_rental", "ride_credit", "theme_parks",
    "excursions", "cruise",
)  # fmt: skip
# Ports, parks, both, neither; two airports of one city; one that nobody described; and a stop
# of the brand's own that is no airport.
STOPS = ("GRU", "CGH", "MCO", "LIS", "BSB", "MIA", "CDG", "GIG", "BCN", "NRT", "CWB", "QQQ", "BUS1")
OWN = {"code": "BUS1", "name": {"en": "Gramado"}, "country": "BR", "parks": True}
_CSV = Path(guerdon.recommendations.__file__).with_name("places.csv")
KNOWN = {row["code"]: row for row in csv.DictReader(_CSV.read_text("utf-8").splitlines())}
KNOWN["BUS1"] = {
    "area": "BUS1", "country": "BR", "zone": "", "port": "", "parks": "yes", "airport": "no"
}  # fmt: skip


def tickets(count: int) -> Iterator[dict[str, Any]]:
    """Tickets as a brand's system would send them; none is impossible."""
    random = Random(SEED)
    for _ in range(count):
        yield _ticket(random)


def _ticket(random: Random) -> dict[str, Any]:
    start, *others = random.sample(STOPS, 4)
    others = [stop for stop in others if area(stop) != area(start)]
    shape = random.choice(["return", "return", "return", "one_way", "day_trip", "tour", "stop"])
    route = {
        "return": [start, others[0], start],
        "day_trip": [start, others[0], start],
        "one_way": [start, others[0]],
        "tour": [start, *others[:2], start],
        "stop": [start, *others[:2]],
    }[shape]
    day = NOW.date() + timedelta(random.choice([-6, -3, -1, 0, 1, 2, 10, 40, 200]))
    legs: list[dict[str, Any]] = []
    for origin, destination in pairwise(route):
        if origin == destination:
            continue
        leg, day = _leg(random, origin, destination, day, legs[-1] if legs else {})
        legs.append(leg)
        gap = 0 if shape == "day_trip" else random.choice([0, 1, 2, 3, 5, 8, 14])
        day += timedelta(gap)
    made: dict[str, Any] = {"kind": "itinerary", "segments": legs, "passengers": _people(random)}
    made["bought"] = random.sample(PRODUCTS, random.choice([0, 0, 0, 1, 2, 4]))
    if shape in ("one_way", "stop") and random.random() < 0.4:
        made["stayUntil"] = str(_local(legs[-1], "arrives") + timedelta(random.choice([0, 2, 9])))
    return made


def _leg(
    random: Random, origin: str, destination: str, day: date, before: dict[str, Any]
) -> tuple[dict[str, Any], date]:
    leg: dict[str, Any] = {
        "origin": origin, "destination": destination,
        "cabin": random.choice(["economy", "economy", "premium_economy", "business"]),
        "bagsIncluded": random.choice([0, 0, 0, 1]), "seatsChosen": random.random() < 0.3,
    }  # fmt: skip
    if random.random() < 0.5:
        leaves = datetime(day.year, day.month, day.day, random.choice([7, 13, 22]), tzinfo=HOME)
        if "arrivesAt" in before:
            landed = datetime.fromisoformat(before["arrivesAt"])
            leaves = max(leaves, landed + timedelta(hours=random.choice([2, 5, 9])))
        leg["departsAt"] = leaves.isoformat()
        leg["arrivesAt"] = (leaves + timedelta(hours=random.choice([1, 4, 11]))).isoformat()
    else:
        leg["departsOn"] = str(day)
        leg["arrivesOn"] = str(day + timedelta(random.choice([0, 0, 1])))
    return leg, max(day, _local(leg, "arrives"))


def _people(random: Random) -> list[dict[str, Any]]:
    ages = random.choice(
        [[None], [None, None], [34, 9], [36, 38, 6, 1], [19], [17, 15], [20, None]]
    )
    kinds = {None: "adult", 1: "infant", 9: "child", 6: "child"}
    return [
        {"type": kinds.get(age, "adult")} | ({} if age is None else {"age": age}) for age in ages
    ]


def area(code: str) -> str:
    """What a stop is one destination with."""
    return str(KNOWN[code]["area"]) if code in KNOWN else code


def zone(code: str) -> ZoneInfo:
    """The clock of a stop."""
    named = KNOWN.get(code, {}).get("zone")
    return ZoneInfo(named) if named else HOME


def _local(leg: dict[str, Any], end: str) -> date:
    if f"{end}On" in leg:
        return date.fromisoformat(leg[f"{end}On"])
    stop = leg["origin" if end == "departs" else "destination"]
    return datetime.fromisoformat(leg[f"{end}At"]).astimezone(zone(stop)).date()


def _nights(ticket: dict[str, Any]) -> Iterator[tuple[str, list[date] | None, date]]:
    """For each stop away from home: its nights one by one, or None without an end."""
    legs = ticket["segments"]
    for number, leg in enumerate(legs):
        stop, arrived = leg["destination"], _local(leg, "arrives")
        if area(stop) == area(legs[0]["origin"]):
            continue
        if number + 1 < len(legs):
            after = legs[number + 1]
            if "arrivesAt" in leg and "departsAt" in after:
                between = datetime.fromisoformat(after["departsAt"]) - datetime.fromisoformat(
                    leg["arrivesAt"]
                )
                if between.total_seconds() < 8 * 3600:
                    continue
            end = _local(after, "departs")
        elif "stayUntil" in ticket:
            end = date.fromisoformat(ticket["stayUntil"])
        else:
            yield stop, None, arrived
            continue
        night, found = arrived, []
        while night < end:
            found.append(night)
            night += timedelta(1)
        yield stop, found, arrived


class Oracle:
    """What should be said of one ticket."""

    def __init__(self, ticket: dict[str, Any]) -> None:
        self.ticket = ticket
        self.stops = list(_nights(ticket))
        self.left = [
            (stop, sum(night >= NOW.astimezone(zone(stop)).date() for night in nights), arrived)
            for stop, nights, arrived in self.stops
            if nights is not None
        ]
        self.left = sorted((s for s in self.left if s[1]), key=lambda s: (-s[1], s[2]))

    def says(self, product: str) -> tuple[bool, str, int | None]:
        """Whether it is shown, the reason, and its figure (nights, days, seats) if it has one."""
        last = self.ticket["segments"][-1]
        end = date.fromisoformat(
            self.ticket.get("stayUntil", "0001-01-01")
        ) if "stayUntil" in self.ticket else _local(last, "arrives")  # fmt: skip
        if NOW.astimezone(zone(last["destination"])).date() > end:
            return False, "journey_over", None
        if product in self.ticket["bought"]:
            return False, "already_bought", None
        found: tuple[bool, str, int | None] = getattr(self, f"_{product}")()
        return found

    def _ahead(self) -> list[dict[str, Any]]:
        found = []
        for leg in self.ticket["segments"]:
            if "departsAt" in leg:
                gone = datetime.fromisoformat(leg["departsAt"]) <= NOW
            else:
                gone = (
                    date.fromisoformat(leg["departsOn"])
                    <= NOW.astimezone(zone(leg["origin"])).date()
                )
            if not gone:
                found.append(leg)
        return found

    def _baggage(self) -> tuple[bool, str, int | None]:
        ahead = self._ahead()
        if not ahead:
            return False, "departed", None
        without = [x for x in ahead if x["bagsIncluded"] == 0 and x["cabin"] != "business"]
        if not without:
            return False, "bag_included", None
        return True, "bag_not_included", len(self.ticket["passengers"])

    def _seat(self) -> tuple[bool, str, int | None]:
        ahead = self._ahead()
        if not ahead:
            return False, "departed", None
        if all(x["seatsChosen"] for x in ahead):
            return False, "seat_chosen", None
        return True, "seat_open", sum(p["type"] != "infant" for p in self.ticket["passengers"])

    def _travel_insurance(self) -> tuple[bool, str, int | None]:
        legs = self.ticket["segments"]
        if legs[0] not in self._ahead():
            return False, "already_begun", None
        codes = [legs[0]["origin"], *(x["destination"] for x in legs)]
        countries = {KNOWN[code]["country"] for code in codes if code in KNOWN}
        abroad = len(countries) > 1
        people = len(self.ticket["passengers"])
        return True, "insurance_abroad" if abroad else "insurance_before", people

    def _no_stay(self) -> str:
        if any(nights is None for _, nights, _ in self.stops):
            return "no_return"
        if not any(nights for _, nights, _ in self.stops):
            return "same_day_return"
        return "stay_over"

    def _hotel(self) -> tuple[bool, str, int | None]:
        if not self.left:
            return False, self._no_stay(), None
        return True, "hotel_nights", self.left[0][1]

    def _car_rental(self) -> tuple[bool, str, int | None]:
        if not self.left:
            return False, self._no_stay(), None
        drivers = [
            p for p in self.ticket["passengers"]
            if p.get("age", 99 if p["type"] == "adult" else 0) >= 21
        ]  # fmt: skip
        if not drivers:
            return False, "too_young", None
        return True, "car_days", self.left[0][1]

    def _ride_credit(self) -> tuple[bool, str, int | None]:
        ahead = self._ahead()
        stops = [x[end] for x in ahead for end in ("origin", "destination")]
        for leg in self.ticket["segments"]:
            here = NOW.astimezone(zone(leg["destination"])).date()
            arrived = (
                datetime.fromisoformat(leg["arrivesAt"]) <= NOW
                if "arrivesAt" in leg else date.fromisoformat(leg["arrivesOn"]) < here
            )  # fmt: skip
            if leg not in ahead and not arrived:
                stops.append(leg["destination"])
        if not stops:
            return False, "departed", None
        if any(KNOWN[s].get("airport") != "no" for s in stops if s in KNOWN):
            return True, "ride_airport", None
        return False, "unknown_place" if set(stops) - set(KNOWN) else "no_airport", None

    def _theme_parks(self) -> tuple[bool, str, int | None]:
        young = [p for p in self.ticket["passengers"] if 2 <= p.get("age", 99) < 18]
        good = "parks_children" if young else "parks_near"
        return self._best(
            lambda stop, nights: (
                "unknown_place" if stop not in KNOWN
                else "no_parks_near" if KNOWN[stop]["parks"] != "yes"
                else "too_short" if nights - 1 < 1 else good
            ), good, 1,
        )  # fmt: skip

    def _excursions(self) -> tuple[bool, str, int | None]:
        return self._best(
            lambda _, nights: "too_short" if nights < 2 else "days_to_spend", "days_to_spend", 1
        )

    def _cruise(self) -> tuple[bool, str, int | None]:
        return self._best(
            lambda stop, nights: (
                "unknown_place" if stop not in KNOWN
                else "no_port_near" if not KNOWN[stop]["port"]
                else "too_short" if nights < 4 else "cruise_port"
            ), "cruise_port", 0,
        )  # fmt: skip

    def _best(self, judge: Any, good: str, less: int) -> tuple[bool, str, int | None]:
        if not self.left:
            return False, self._no_stay(), None
        said = [(judge(stop, nights), nights) for stop, nights, _ in self.left]
        for reason, nights in said:
            if reason == good:
                return True, good, nights - less
        return False, said[0][0], None
