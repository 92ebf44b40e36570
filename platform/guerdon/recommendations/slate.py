"""A slate: which candidates stand in which order, and why the others do not. Pure functions.

Weights draw, scores rank. A slot goes to a kind by the kinds' weights; in a kind, an offer is drawn
by weight times score; products that the model found share one weight and stand by score.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import log
from typing import Final, Literal

import msgspec

from guerdon.recommendations.admission import Entry, Gate, Question, Seen, of_all
from guerdon.recommendations.candidates import ONE, Candidate, Withheld
from guerdon.recommendations.draws import hash_of_text, ring, uniform
from guerdon.recommendations.offers import Kind, Offer, Variant
from guerdon.recommendations.steering import FACTOR_ONE, Refusal, Sum

Arm = Literal["shown", "holdout"]
# Of the products that no offer names, all together; an offer's default.
MODEL_WEIGHT: Final = 50
# A score is a base in millionths times two factors in ten thousandths.
SCORE_ONE: Final = ONE * FACTOR_ONE * FACTOR_ONE
__all__ = ["SCORE_ONE", "Arm", "Chosen", "Question", "Seen", "Slate", "Sum", "choose", "of_all"]


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


def choose(q: Question, found: Iterable[tuple[Sequence[Candidate], Sequence[Withheld]]]) -> Slate:
    """The slate of one member at one placement."""
    withheld: list[Withheld] = []
    entries: dict[Kind, dict[str, list[Entry]]] = {kind: {} for kind in q.placement.kinds}
    gates: dict[Kind, Gate] = {}
    explain = q.explain
    for candidates, missing in found:
        if explain:
            withheld += missing
        for candidate in candidates:
            kind = candidate.kind
            gate = gates.get(kind)
            if gate is None:
                gate = gates[kind] = Gate(q, kind)
            admitted = gate.admit(candidate)
            if isinstance(admitted, Entry):
                groups = entries[kind]
                offer = candidate.offer
                if offer in groups:
                    groups[offer].append(admitted)
                else:
                    groups[offer] = [admitted]
            elif explain:
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


def draw_variant(variants: Sequence[Variant], seed: int) -> str:
    """One of them by weight; each has one."""
    if len(variants) == 1:
        return variants[0].key
    return min(variants, key=lambda v: ring(seed, hash_of_text(v.key), v.weight)).key


def _order(q: Question, kind: Kind, groups: Mapping[str, list[Entry]]) -> list[Entry]:
    """The candidates of one kind in the order in which they would fill its slots."""
    rings: list[tuple[float, int, Entry]] = []
    rest: list[Entry] = []
    seed, slots = q.seed, q.placement.slots
    for group in groups.values():
        steered = group[0].steered
        weight, name = (steered.weight, steered.hash) if steered else (MODEL_WEIGHT, 0)
        if len(group) == 1:
            score = group[0].score or 1
            rings.append((ring(seed, name, weight * score), len(rings), group[0]))
            continue
        if group[0].candidate.offer:
            group.sort(key=_score)
        else:
            # As `key=lambda e: (-e.score, e.key)`, without a call for each.
            group = [
                e for _, _, _, e in sorted((-e.score, e.key, n, e) for n, e in enumerate(group))
            ]
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


def _score(entry: Entry) -> int:
    return -entry.score


def _explore(q: Question, kind: Kind, entries: list[Entry], percent: int) -> None:
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


def _least_shown(q: Question, entries: Sequence[Entry], drawn: float) -> int:
    """The place of one that was shown least with all members together."""
    sums = q.sums
    times = [one.impressions if (one := sums.get(entry.key)) else 0 for entry in entries]
    least = min(times)
    tied = [place for place, shown in enumerate(times) if shown == least]
    return tied[min(int(drawn * len(tied)), len(tied) - 1)]


def _fill(
    q: Question, ordered: Mapping[Kind, list[Entry]]
) -> tuple[list[tuple[Kind, Entry]], list[tuple[Entry, Refusal]]]:
    """Slots in turn: a kind by weight, then its next candidate that no cap per category stops."""
    places: list[tuple[Kind, Entry]] = []
    missed: list[tuple[Entry, Refusal]] = []
    taken: dict[tuple[Kind, str], int] = {}
    lines = {kind: iter(entries) for kind, entries in ordered.items()}
    turns = dict.fromkeys(ordered, 0)
    kinds = {kind: (hash_of_text(kind), q.steering.kind(kind)) for kind in ordered}
    seed, slots = q.seed, q.placement.slots
    clocks = {kind: ring(seed, name, of.weight) for kind, (name, of) in kinds.items()}
    while clocks and len(places) < slots:
        kind = min(clocks, key=clocks.__getitem__) if len(clocks) > 1 else next(iter(clocks))
        name, of = kinds[kind]
        if of.category_caps:
            entry = _next(of.category_caps, kind, lines[kind], taken, missed)
        else:
            entry = next(lines[kind], None)
        if entry is None:
            del clocks[kind]
            continue
        places.append((kind, entry))
        turns[kind] += 1
        clocks[kind] += ring(seed, name, of.weight, turns[kind])
    return places, missed


def _next(
    caps: Mapping[str, int],
    kind: Kind,
    line: Iterator[Entry],
    taken: dict[tuple[Kind, str], int],
    missed: list[tuple[Entry, Refusal]],
) -> Entry | None:
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


def _chosen(q: Question, kind: Kind, entry: Entry) -> Chosen:
    arm: Arm | None = None
    if q.facts.member.profiled:
        arm = "holdout" if kind in q.holdout else "shown"
    candidate, steered = entry.candidate, entry.steered
    variant = candidate.variant or ""
    if not variant and steered is not None and steered.variants:
        variant = draw_variant(steered.weighted, q.seed ^ steered.hash)
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
