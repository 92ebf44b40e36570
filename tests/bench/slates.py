"""What a slate costs the processor: 20 places from 60 offers, each with a rule, and 50 products.

In the domain's code, as a request runs it: the kinds write candidates, rules are asked (or their
answers found), and the slate is drawn.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from guerdon.catalogue.schemas import Card
from guerdon.kit.money import Money
from guerdon.parameters.sections import Registry
from guerdon.plumbing.process import settle
from guerdon.programme import SECTIONS
from guerdon.recommendations import ancillary, catalogue
from guerdon.recommendations.candidates import MemberFacts, SlateFacts
from guerdon.recommendations.contexts import Itinerary, Passenger, Segment
from guerdon.recommendations.eligibility import DEFAULTS
from guerdon.recommendations.parameters import RecommendationParameters
from guerdon.recommendations.products import Shown
from guerdon.recommendations.slate import Question, Seen, Slate, Sum, choose
from guerdon.recommendations.steering import Steering

OFFERS, PRODUCTS, SLOTS = 60, 50, 20
_NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
_DAY = date(2026, 4, 1)


def content(enabled: Sequence[str]) -> dict[str, Any]:
    """The section `recommendations`: the offers, and one placement of these kinds."""
    products = ("baggage", "seat", "travel_insurance", "hotel", "car_rental", "excursions")
    offers = [
        {
            "key": f"offer-{n}",
            "kind": "ancillary",
            "product": products[n % len(products)],
            "name": {"en": f"Offer {n}", "pt-BR": f"Oferta {n}", "es": f"Oferta {n}"},
            "eligibility": f'balance >= {n * 10} && !(tier in ["none", "t{n}"]) && nights > 0',
            "caps": {"impressions_per_day": 1_000_000},
            "variants": [
                {"key": "a", "name": {"en": "A"}, "weight": 70},
                {"key": "b", "name": {"en": "B"}, "weight": 30},
            ],
        }
        for n in range(OFFERS)
    ]
    return {
        "kinds": {kind: {"enabled": True} for kind in enabled},
        "placements": [{"key": "home", "kinds": list(enabled), "slots": SLOTS}],
        "offers": offers,
    }


def _steering() -> Steering:
    ours = content(enabled=("ancillary", "catalogue"))
    section = Registry(SECTIONS).decode({"recommendations": ours})[RecommendationParameters]
    assert isinstance(section, RecommendationParameters)
    return Steering(section, version=1)


def _card(product_id: UUID, n: int) -> Card:
    return Card(
        id=product_id, slug=f"p-{n}", name=f"P {n}", summary="", category="home", picture=None,
        alt="", points=100 * n, list_points=100 * n, value=Money(100 * n, "USD"), several=False,
        delivery="parcel", delivery_days=(1, 3), stock=None,
    )  # fmt: skip


class Bench:
    """A brand, a member with a ticket, and what they saw before."""

    def __init__(self, products: Sequence[UUID] = ()) -> None:
        self.steering = _steering()
        self.ranked = [(uuid4(), 1_000_000 - n * 1_000) for n in range(PRODUCTS)]
        known = products or [one for one, _ in self.ranked]
        self.by_id = {one: Shown(f"S{n}", _card(one, n % 90)) for n, one in enumerate(known)}
        back = _DAY + timedelta(days=7)
        ticket = Itinerary(
            segments=(
                Segment("GRU", "LIS", departs_on=_DAY, arrives_on=_DAY + timedelta(days=1)),
                Segment("LIS", "GRU", departs_on=back, arrives_on=back),
            ),
            passengers=(Passenger(), Passenger()),
        )
        member = MemberFacts(id=uuid4(), joined_at=_NOW, tier="gold", balance=9_000)
        self.facts = SlateFacts(member, _NOW, _NOW.date(), 1, context=ticket)
        keys = [f"offer-{n}" for n in range(OFFERS)]
        self.seen = {key: Seen(3, None, {_NOW.toordinal(): 3}) for key in keys}
        self.sums = {key: Sum(500, 20, 3) for key in keys}

    def slate(
        self, seed: int, balance: int, ranked: Sequence[tuple[UUID, int]] | None = None
    ) -> Slate:
        """One slate of a member with `balance`, and a list of their own or everybody's."""
        known = {**DEFAULTS, "tier": "gold", "balance": balance, "nights": 6}
        verdicts = self.steering.verdicts(known, day=self.facts.today)
        products = catalogue.candidates(
            self.facts, self.steering, ranked=self.ranked if ranked is None else ranked,
            personal=True, made_at=None, by_id=self.by_id, by_sku={},
        )  # fmt: skip
        return choose(
            Question(
                steering=self.steering,
                verdicts=verdicts,
                placement=self.steering.parameters.placements[0],
                facts=self.facts,
                seen=self.seen,
                sums=self.sums,
                holdout=frozenset(),
                seed=seed,
            ),
            [ancillary.candidates(self.facts, self.steering.parameters), products],
        )


def _milliseconds(bench: Bench, balances: Iterator[int], slates: int) -> float:
    begun = time.thread_time()
    for seed in range(slates):
        bench.slate(seed, next(balances))
    return (time.thread_time() - begun) * 1_000 / slates


def costs(runs: int, *, slates: int = 300) -> tuple[list[float], list[float]]:
    """Milliseconds of the processor for one slate, with answers of rules kept and without."""
    # As a web process does once it is loaded: else what the bench has in memory is looked through
    # for garbage again and again.
    settle()
    bench = Bench()
    assert len(bench.slate(0, 9_000).places) == SLOTS
    kept = [_milliseconds(bench, iter([9_000] * slates), slates) for _ in range(runs)]
    # A balance that was never asked about: every rule is asked anew.
    fresh = (n for n in range(10_000, 10**9))
    cold = [_milliseconds(bench, fresh, slates) for _ in range(runs)]
    return kept, cold
