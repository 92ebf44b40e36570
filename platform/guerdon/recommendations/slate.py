"""A slate: which candidates stand in which order, and why the others do not. Pure functions.

Weights draw, scores rank. A slot goes to a kind by the kinds' weights; in a kind, an offer is drawn
by weight times score; products that the model found share one weight and stand by score.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from math import log
from typing import Final, Literal

import msgspec

from guerdon.recommendations.candidates import ONE, Candidate, SlateFacts, Withheld
from guerdon.recommendations.draws import hash_of_text, ring, uniform
from guerdon.recommendations.offers import Kind, Offer, Variant
from guerdon.recommendations.parameters import Placement
from guerdon.recommendations.steering import FACTOR_ONE, Refusal, Steered, Steering, Verdicts

Arm = Literal["shown", "holdout"]
# Of the products that no offer names, all together; an offer's default.
MODEL_WEIGHT: Final = 50
# A score is a base in millionths times two factors in ten thousandths.
SCORE_ONE: Final = ONE * FACTOR_ONE * FACTOR_ONE
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


class Sum(msgspec.Struct, frozen=True):
    """What happened to an offer with all members together."""

    impressions: int = 0
    impressions_today: int = 0
    accepted: int = 0


class Chosen(msgspec.Struct, frozen=True):
    """One place of a slate. `score` is in units of 1/SCORE_ONE."""

    candidate: Candidate
    offer: Offer | None
    variant: str
    base: int
    factor: int
    score: int
    explored: bool
    arm: Arm | None


class Slate(msgspec.Struct, frozen=True):
    """The places in order, and everything that has none."""

    places: list[Chosen]
    withheld: list[Withheld]


class _Entry(msgspec.Struct, gc=False):
    candidate: Candidate
    steered: Steered | None
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


def choose(q: Question, found: Iterable[tuple[Sequence[Candidate], Sequence[Withheld]]]) -> Slate:
    """The slate of one member at one placement."""
    withheld: list[Withheld] = []
    entries: dict[Kind, dict[str, list[_Entry]]] = {kind: {} for kind in q.placement.kinds}
    for candidates, missing in found:
        if q.explain:
            withheld += missing
        for candidate in candidates:
            admitted = _admit(q, candidate)
            if isinstance(admitted, _Entry):
                groups = entries[candidate.kind]
                group = groups.get(candidate.offer)
                if group is None:
                    groups[candidate.offer] = [admitted]
                else:
                    group.append(admitted)
            elif q.explain:
                withheld.append(_withhold(candidate, admitted))
    ordered = {kind: _order(q, kind, groups) for kind, groups in entries.items() if groups}
    places, missed = _fill(q, ordered)
    if q.explain:
        stand = {id(entry) for _, entry in places} | {id(entry) for entry, _ in missed}
        withheld += [_withhold(entry.candidate, why) for entry, why in missed]
        withheld += [
            _withhold(entry.candidate, _NO_SLOT)
            for order in ordered.values()
            for entry in order
            if id(entry) not in stand
        ]
    return Slate([_chosen(q, kind, entry) for kind, entry in places], withheld)


def _withhold(candidate: Candidate, why: Refusal) -> Withheld:
    return Withheld(candidate.kind, candidate.key, why.code, why.params, candidate.variant)


def _admit(q: Question, candidate: Candidate) -> _Entry | Refusal:
    kind = candidate.kind
    if kind not in q.placement.kinds:
        return Refusal("not_here")
    refused = q.verdicts.kinds[kind]
    if refused is not None:
        return refused
    of_kind = q.steering.kind(kind)
    key = candidate.key
    seen = q.seen.get(key)
    days_max = of_kind.lifespan.age_days_max
    if days_max is not None or candidate.expires_at is not None:
        refused = _aged(q, candidate, seen, days_max)
        if refused is not None:
            return refused
    if of_kind.lifespan.impressions_max is not None:
        total = q.sums.get(of_all(kind))
        if total is not None and total.impressions >= of_kind.lifespan.impressions_max:
            return Refusal("kind_shown_out", {"times": of_kind.lifespan.impressions_max})
    if seen is not None:
        fatigue = of_kind.fatigue
        if seen.dismissed is not None and fatigue.dismissed_days:
            back = seen.dismissed + timedelta(days=fatigue.dismissed_days)
            if q.facts.today < back:
                return Refusal("dismissed", {"back": back})
        if seen.total >= fatigue.impressions_max:
            since = q.facts.today - timedelta(days=fatigue.days - 1)
            if seen.since(since) >= fatigue.impressions_max:
                return Refusal("fatigue", {"times": fatigue.impressions_max, "days": fatigue.days})
    base = _HALF if kind in q.holdout and kind != "catalogue" else candidate.base
    if not candidate.offer:
        factor = q.steering.factors[kind] * FACTOR_ONE
        return _Entry(candidate, None, base, factor, base * factor)
    steered = q.verdicts.offers.get(candidate.offer)
    if steered is None:
        return Refusal("unknown_offer")
    if isinstance(steered, Refusal):
        return steered
    refused = _capped(q, candidate, steered.offer, seen)
    if refused is not None:
        return refused
    if steered.offer.variants:
        refused = _closed(candidate, steered)
        if refused is not None:
            return refused
    return _Entry(candidate, steered, base, steered.factor, base * steered.factor)


def of_all(kind: Kind) -> str:
    """The name under which a kind's own sum stands; no offer's key begins so."""
    return f"@{kind}"


def _aged(
    q: Question, candidate: Candidate, seen: Seen | None, days_max: int | None
) -> Refusal | None:
    """Whether its time is over. What rests on nothing that has an age is as old as its first
    showing to this member."""
    if candidate.expires_at is not None and candidate.expires_at <= q.facts.now:
        return Refusal("expired", {"at": candidate.expires_at.date()})
    if days_max is None:
        return None
    if candidate.generated_at is not None:
        old = q.facts.now - candidate.generated_at >= timedelta(days=days_max)
    else:
        first = seen.first if seen is not None else None
        old = first is not None and (q.facts.today - first).days >= days_max
    return Refusal("too_old", {"days": days_max}) if old else None


def _capped(q: Question, candidate: Candidate, offer: Offer, seen: Seen | None) -> Refusal | None:
    lifespan, caps = offer.lifespan, offer.caps
    if lifespan.age_days_max is not None:
        refused = _aged(q, candidate, seen, lifespan.age_days_max)
        if refused is not None:
            return refused
    most = caps.impressions_per_member
    if most is not None and seen is not None and seen.total >= most:
        return Refusal("member_cap", {"times": most})
    total = q.sums.get(offer.key)
    if total is None:
        return None
    if lifespan.impressions_max is not None and total.impressions >= lifespan.impressions_max:
        return Refusal("shown_out", {"times": lifespan.impressions_max})
    if caps.impressions_per_day is not None and total.impressions_today >= caps.impressions_per_day:
        return Refusal("day_cap", {"times": caps.impressions_per_day})
    if caps.accepted_max is not None and total.accepted >= caps.accepted_max:
        return Refusal("taken_out", {"times": caps.accepted_max})
    return None


def _closed(candidate: Candidate, steered: Steered) -> Refusal | None:
    """Whether the variant that the kind names, or every one, is closed."""
    if candidate.variant is None:
        if any(v.weight for v in steered.variants):
            return None
        return Refusal("no_variant")
    if any(v.key == candidate.variant for v in steered.variants):
        return None
    return Refusal("variant_closed", {"variant": candidate.variant})


def draw_variant(variants: Sequence[Variant], seed: int) -> str:
    """One of those with a weight, by weight."""
    weighted = [v for v in variants if v.weight]
    if len(weighted) == 1:
        return weighted[0].key
    return min(weighted, key=lambda v: ring(seed, hash_of_text(v.key), v.weight)).key


def _order(q: Question, kind: Kind, groups: Mapping[str, list[_Entry]]) -> list[_Entry]:
    """The candidates of one kind in the order in which they would fill its slots."""
    rings: list[tuple[float, int, _Entry]] = []
    rest: list[_Entry] = []
    seed, slots = q.seed, q.placement.slots
    for group in groups.values():
        steered = group[0].steered
        weight, name = (steered.weight, steered.hash) if steered else (MODEL_WEIGHT, 0)
        if len(group) == 1:
            score = group[0].score or 1
            rings.append((ring(seed, name, weight * score), len(rings), group[0]))
            continue
        group.sort(key=_by_score)
        rest += group[slots:]
        at = 0.0
        for turn, entry in enumerate(group[:slots]):
            at += ring(seed, name, weight * (entry.score or 1), turn)
            rings.append((at, len(rings), entry))
    rings.sort()
    ordered = [entry for _, _, entry in rings]
    ordered += rest
    percent = q.steering.kind(kind).exploration_percent
    if percent and kind not in q.holdout:
        _explore(q, kind, ordered, percent)
    return ordered


def _by_score(entry: _Entry) -> tuple[int, str]:
    return -entry.score, entry.candidate.key


def _explore(q: Question, kind: Kind, entries: list[_Entry], percent: int) -> None:
    """Give `percent` of the places to what was shown least, as nobody knows yet how it does."""
    seed = q.seed ^ hash_of_text(kind)
    misses = log(1 - percent / 100)
    last = min(q.placement.slots, len(entries))
    # How many places are passed over until the next one: geometrically distributed.
    place, turn = int(log(uniform(seed, 1)) / misses), 1
    while place < last:
        entry = entries.pop(place + _least_shown(q, entries[place:], uniform(seed, 2, turn)))
        entry.explored = True
        entries.insert(place, entry)
        place += 1 + int(log(uniform(seed, 1, turn)) / misses)
        turn += 1


def _least_shown(q: Question, entries: Sequence[_Entry], drawn: float) -> int:
    """The place of one that was shown least with all members together."""
    sums = q.sums
    times = [
        sums[key].impressions if (key := entry.candidate.key) in sums else 0 for entry in entries
    ]
    least = min(times)
    tied = [place for place, shown in enumerate(times) if shown == least]
    return tied[min(int(drawn * len(tied)), len(tied) - 1)]


def _fill(
    q: Question, ordered: Mapping[Kind, list[_Entry]]
) -> tuple[list[tuple[Kind, _Entry]], list[tuple[_Entry, Refusal]]]:
    """Slots in turn: a kind by weight, then its next candidate that no cap per category stops."""
    places: list[tuple[Kind, _Entry]] = []
    missed: list[tuple[_Entry, Refusal]] = []
    taken: dict[tuple[Kind, str], int] = {}
    lines = {kind: iter(entries) for kind, entries in ordered.items()}
    turns = dict.fromkeys(ordered, 0)
    clocks = {kind: _kind_ring(q, kind, 0) for kind in ordered}
    while clocks and len(places) < q.placement.slots:
        kind = min(clocks, key=clocks.__getitem__)
        entry = _next(q, kind, lines[kind], taken, missed)
        if entry is None:
            del clocks[kind]
            continue
        places.append((kind, entry))
        turns[kind] += 1
        clocks[kind] += _kind_ring(q, kind, turns[kind])
    return places, missed


def _kind_ring(q: Question, kind: Kind, turn: int) -> float:
    return ring(q.seed, hash_of_text(kind), q.steering.kind(kind).weight, turn)


def _next(
    q: Question,
    kind: Kind,
    line: Iterator[_Entry],
    taken: dict[tuple[Kind, str], int],
    missed: list[tuple[_Entry, Refusal]],
) -> _Entry | None:
    caps = q.steering.kind(kind).category_caps
    for entry in line:
        category = entry.candidate.category
        if not category and entry.steered is not None:
            category = entry.steered.offer.category
        most = caps.get(category)
        if most is not None:
            times = taken.get((kind, category), 0)
            if times >= most:
                why = Refusal("category_cap", {"category": category, "most": most})
                missed.append((entry, why))
                continue
            taken[kind, category] = times + 1
        return entry
    return None


_NO_SLOT: Final = Refusal("no_slot")


def _chosen(q: Question, kind: Kind, entry: _Entry) -> Chosen:
    arm: Arm | None = None
    if q.facts.member.profiled:
        arm = "holdout" if kind in q.holdout else "shown"
    candidate, steered = entry.candidate, entry.steered
    variant = candidate.variant or ""
    if not variant and steered is not None and steered.variants:
        variant = draw_variant(steered.variants, q.seed ^ steered.hash)
    return Chosen(
        candidate=candidate,
        offer=steered.offer if steered else None,
        variant=variant,
        base=entry.base,
        factor=entry.factor,
        score=entry.score,
        explored=entry.explored,
        arm=arm,
    )
