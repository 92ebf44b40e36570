"""What could be offered to one member, and why something could not: a kind writes these, the slate
chooses among them.

A kind is a pure function `candidates(facts, parameters) -> Found`: it reads no clock and no store.
What it scores is *how much this is worth to this member*, before weights and factors.
"""

from collections.abc import Mapping, Set
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import field

from guerdon.kit.money import Money
from guerdon.recommendations.offers import Kind
from guerdon.recommendations.parameters import RecommendationParameters

# Scores are whole numbers in millionths: 1,000,000 is the best a candidate can be by itself.
ONE = 1_000_000

Value = str | int | date | Money


class Reason(msgspec.Struct, frozen=True, gc=False):
    """Why, as a code and what fills its sentence; a face renders it in the reader's language."""

    code: str
    params: Mapping[str, Value] = field(default_factory=dict)


class ScorePart(msgspec.Struct, frozen=True, gc=False):
    """One summand of a base score, in millionths."""

    name: str
    value: int


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """Something that could be offered to this member now."""

    kind: Kind
    reason: Reason
    # What the base score is the sum of; each at least 0, together at most ONE.
    parts: tuple[ScorePart, ...]
    # The offer of the parameters it comes from; empty for a product that the model found.
    offer: str = ""
    sku: str | None = None
    # Given by the kind where the member has just one (a card's approved variant), else drawn.
    variant: str | None = None
    # Counted by the caps per category; empty: the offer's own.
    category: str = ""
    # When what it rests on was computed or imported, for the greatest age; None: now.
    generated_at: datetime | None = None
    # After this it is wrong whatever the parameters say (an approval ends, a flight leaves).
    expires_at: datetime | None = None
    # What fills the words of this member's offer: bank, limit, nights, the arithmetic.
    personal: Mapping[str, Value] = field(default_factory=dict)

    @property
    def base(self) -> int:
        """The score before weights and factors, in millionths."""
        total = 0
        for part in self.parts:
            total += part.value
        return total

    @property
    def key(self) -> str:
        """What distinguishes it from the others of its kind."""
        return self.offer or self.sku or ""


class Withheld(msgspec.Struct, frozen=True, gc=False):
    """Something that is not offered, and why."""

    kind: Kind
    key: str
    code: str
    params: Mapping[str, Value] = field(default_factory=dict)
    variant: str | None = None


Found = tuple[list[Candidate], list[Withheld]]


class MemberFacts(msgspec.Struct, frozen=True):
    """What is known of a member. Of one who does not want to be profiled: nothing they did.

    Then `profiled` is false, `tier` is empty and `balance`, `earned_12m` and `redeemed_12m` are 0.
    """

    id: UUID
    joined_at: datetime
    language: str = "en"
    tier: str = ""
    country: str = ""
    tags: tuple[str, ...] = ()
    balance: int = 0
    earned_12m: int = 0
    redeemed_12m: int = 0
    profiled: bool = True


class ApprovedCard(msgspec.Struct, frozen=True):
    """A bank's approval of this member for one variant of a card, as the CRM's base has it."""

    bank: str
    variant: str
    # The last day on which it holds.
    valid_until: date
    imported_at: datetime
    limit_minor: int | None = None
    currency: str = ""


class SlateFacts(msgspec.Struct, frozen=True):
    """All that a kind may look at."""

    member: MemberFacts
    now: datetime
    # The programme's day.
    today: date
    # Version of the parameters.
    version: int
    # Of bases that are in force, consented and not over.
    approved_cards: tuple[ApprovedCard, ...] = ()
    # A ticket, a stay, a policy, a basket; None where the caller sent none.
    context: msgspec.Struct | None = None
    # The programme's, for places that nobody described.
    zone: ZoneInfo = ZoneInfo("UTC")
    currency: str = "USD"
    # What the programme asks for one major unit of value.
    points_per_unit: Decimal = Decimal(100)
    # Offers that the version's rules close to this member.
    closed: Set[str] = frozenset()


class CandidateSource(Protocol):
    """What each kind is to the slate."""

    def __call__(self, facts: SlateFacts, parameters: RecommendationParameters) -> Found:
        """What could be offered, and what could not with the reason."""
        ...
