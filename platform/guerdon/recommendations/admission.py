"""Which candidates may stand in a slate at all: nothing is drawn yet. Pure functions.

What a kind asks of each of its candidates alike is worked out once for a slate.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

import msgspec

from guerdon.recommendations.candidates import ONE, Candidate, SlateFacts
from guerdon.recommendations.offers import Kind, Offer
from guerdon.recommendations.parameters import Placement
from guerdon.recommendations.steering import (
    FACTOR_ONE,
    Refusal,
    Steered,
    Steering,
    Sum,
    Verdicts,
)

_HALF: Final = ONE // 2


class Seen(msgspec.Struct, array_like=True):
    """How often a member saw an offer or a product, on which days, and when they sent it away."""

    total: int = 0
    dismissed: date | None = None
    # Times by day, as its ordinal.
    days: dict[int, int] = {}
    first: date | None = None

    def since(self, day: date) -> int:
        """How often it was seen on `day` or later."""
        first = day.toordinal()
        return sum(times for ordinal, times in self.days.items() if ordinal >= first)


class Entry(msgspec.Struct, gc=False):
    """A candidate that may stand: its base, its factor in 10⁻⁸, and their product."""

    candidate: Candidate
    steered: Steered | None
    # The candidate's.
    key: str
    base: int
    factor: int
    score: int
    explored: bool = False


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a slate follows from."""

    steering: Steering
    verdicts: Verdicts
    placement: Placement
    facts: SlateFacts
    seen: Mapping[str, Seen]
    sums: Mapping[str, Sum]
    # Kinds in which this member sees the baseline.
    holdout: frozenset[Kind]
    seed: int
    # Whether it is told why the others are missing.
    explain: bool = False


def of_all(kind: Kind) -> str:
    """The name under which a kind's own sum stands; no offer's key begins so."""
    return f"@{kind}"


class Gate:
    """What one kind asks of its candidates in one slate."""

    def __init__(self, q: Question, kind: Kind) -> None:
        of_kind = q.steering.kind(kind)
        self._q = q
        self._refused = q.verdicts.kinds[kind]
        if kind not in q.placement.kinds:
            self._refused = Refusal("not_here")
        self._days_max = of_kind.lifespan.age_days_max
        self._shown_out = _shown_out(q, kind, of_kind.lifespan.impressions_max)
        self._fatigue = of_kind.fatigue
        self._enough = of_kind.fatigue.impressions_max
        self._now = q.facts.now
        self._spent = q.steering.spent(q.sums)
        self._factor = q.steering.factors[kind] * FACTOR_ONE
        # The baseline of the catalogue is another list, not another score.
        self._level = kind in q.holdout and kind != "catalogue"

    def admit(self, candidate: Candidate) -> Entry | Refusal:
        """The candidate with its score, or why it cannot stand."""
        if self._refused is not None:
            return self._refused
        offer, q = candidate.offer, self._q
        key = offer or candidate.sku or ""
        seen = q.seen.get(key)
        ends = candidate.expires_at
        if ends is not None and ends <= self._now:
            return Refusal("expired", {"at": ends.date()})
        if self._days_max is not None:
            refused = _aged(q, candidate, seen, self._days_max)
            if refused is not None:
                return refused
        if self._shown_out is not None:
            return self._shown_out
        if seen is not None and (seen.dismissed is not None or seen.total >= self._enough):
            refused = self._tired(seen)
            if refused is not None:
                return refused
        base = _HALF if self._level else candidate.base
        if not offer:
            return Entry(candidate, None, key, base, self._factor, base * self._factor)
        steered = q.verdicts.offers.get(offer)
        if steered is None:
            return Refusal("unknown_offer")
        if isinstance(steered, Refusal):
            return steered
        if steered.capped:
            refused = _capped(q, candidate, steered.offer, seen)
            if refused is not None:
                return refused
        if offer in self._spent:
            return self._spent[offer]
        if steered.offer.variants:
            refused = _closed(candidate, steered)
            if refused is not None:
                return refused
        return Entry(candidate, steered, key, base, steered.factor, base * steered.factor)

    def _tired(self, seen: Seen) -> Refusal | None:
        """Whether this member sent it away or has seen enough of it."""
        fatigue, today = self._fatigue, self._q.facts.today
        if seen.dismissed is not None and fatigue.dismissed_days:
            back = seen.dismissed + timedelta(days=fatigue.dismissed_days)
            if today < back:
                return Refusal("dismissed", {"back": back})
        if seen.total >= fatigue.impressions_max:
            since = today - timedelta(days=fatigue.days - 1)
            if seen.since(since) >= fatigue.impressions_max:
                return Refusal("fatigue", {"times": fatigue.impressions_max, "days": fatigue.days})
        return None


def _shown_out(q: Question, kind: Kind, most: int | None) -> Refusal | None:
    if most is None:
        return None
    total = q.sums.get(of_all(kind))
    if total is None or total.impressions < most:
        return None
    return Refusal("kind_shown_out", {"times": most})


def _aged(q: Question, candidate: Candidate, seen: Seen | None, days_max: int) -> Refusal | None:
    """Whether it is too old. What rests on nothing that has an age is as old as its first showing
    to this member."""
    if candidate.generated_at is not None:
        old = q.facts.now - candidate.generated_at >= timedelta(days=days_max)
    else:
        first = seen.first if seen is not None else None
        old = first is not None and (q.facts.today - first).days >= days_max
    return Refusal("too_old", {"days": days_max}) if old else None


def _capped(q: Question, candidate: Candidate, offer: Offer, seen: Seen | None) -> Refusal | None:
    """Whether this member has had it for too long or too often."""
    lifespan, caps = offer.lifespan, offer.caps
    if lifespan.age_days_max is not None:
        refused = _aged(q, candidate, seen, lifespan.age_days_max)
        if refused is not None:
            return refused
    most = caps.impressions_per_member
    if most is not None and seen is not None and seen.total >= most:
        return Refusal("member_cap", {"times": most})
    return None


def _closed(candidate: Candidate, steered: Steered) -> Refusal | None:
    """Whether the variant that the kind names, or every one, is closed."""
    if candidate.variant is None:
        return None if steered.weighted else Refusal("no_variant")
    if any(v.key == candidate.variant for v in steered.variants):
        return None
    return Refusal("variant_closed", {"variant": candidate.variant})
