"""A version's parameters, made ready for many slates: rules compiled, factors as whole numbers.

What follows from the version, the day and what is known of the member is worked out once for each
combination and kept; the rest (what was seen, counted and drawn) is the slate's.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

import msgspec

from guerdon.kit.rules import Fact, Facts, Rule, RuleError
from guerdon.recommendations.candidates import Value
from guerdon.recommendations.draws import hash_of_text
from guerdon.recommendations.eligibility import DEFAULTS, VOCABULARY
from guerdon.recommendations.offers import Kind, Lifespan, Offer, Variant
from guerdon.recommendations.parameters import KindParameters, Placement, RecommendationParameters

# A factor has four digits after its point; a score is base × kind's × offer's.
FACTOR_ONE: Final = 10_000
KEPT_MAX: Final = 2_000


class Refusal(msgspec.Struct, frozen=True):
    """Why something is not offered, whoever draws."""

    code: str
    params: Mapping[str, Value] = {}


class Sum(msgspec.Struct, frozen=True):
    """What happened to an offer with all members together."""

    impressions: int = 0
    impressions_today: int = 0
    accepted: int = 0


class Steered(msgspec.Struct, frozen=True):
    """An offer that may be shown: its multiplier, its weight, the variants that are open."""

    offer: Offer
    # The kind's factor and the offer's, in 10⁻⁸.
    factor: int
    weight: int
    variants: tuple[Variant, ...]
    # Those that may be drawn.
    weighted: tuple[Variant, ...]
    hash: int
    # Whether anything limits how often or how long it is shown to one member.
    capped: bool


class Verdicts(msgspec.Struct, frozen=True):
    """What the version says of every kind and offer, on one day, of members who are alike."""

    kinds: Mapping[Kind, Refusal | None]
    offers: Mapping[str, Steered | Refusal]
    # Offers that are not open.
    closed: frozenset[str]


class Steering:
    """One version's parameters."""

    def __init__(self, parameters: RecommendationParameters, *, version: int) -> None:
        self.parameters = parameters
        self.version = version
        self.placements: dict[str, Placement] = {p.key: p for p in parameters.placements}
        self.offers: dict[str, Offer] = {o.key: o for o in parameters.offers}
        self.of_sku: dict[str, Offer] = {
            o.sku: o for o in parameters.offers if o.kind == "catalogue" and o.sku
        }
        self._kinds: dict[Kind, KindParameters] = {
            k: parameters.kinds.of(k) for k in ("co_branded_card", "ancillary", "club", "catalogue")
        }
        self.factors: dict[Kind, int] = {k: whole(p.factor) for k, p in self._kinds.items()}
        self._offer_factors = {o.key: whole(o.factor) for o in parameters.offers}
        self._hashes = {o.key: hash_of_text(o.key) for o in parameters.offers}
        texts = [p.eligibility for p in self._kinds.values()]
        texts += [o.eligibility for o in parameters.offers]
        texts += [v.eligibility for o in parameters.offers for v in o.variants]
        self._rules = {text: _rule(text) for text in set(texts) if text}
        named = set(re.findall(r"\w+", " ".join(self._rules)))
        # Only these can change a verdict.
        self.terms: tuple[str, ...] = tuple(name for name in DEFAULTS if name in named)
        self._kept: OrderedDict[tuple[object, ...], Verdicts] = OrderedDict()
        self._spent_of: Mapping[str, Sum] = {}
        self._spent: Mapping[str, Refusal] = {}

    def kind(self, kind: Kind) -> KindParameters:
        """The parameters of one kind."""
        return self._kinds[kind]

    def needs(self, *terms: str) -> bool:
        """Whether a rule names one of these."""
        return any(term in self.terms for term in terms)

    def verdicts(self, known: Mapping[str, Fact], *, day: date) -> Verdicts:
        """What holds on `day` for a member of whom `known` is known."""
        key = (day, *(known[term] for term in self.terms))
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept
        made = self._verdicts(VOCABULARY.facts({**DEFAULTS, **known}), day)
        self._kept[key] = made
        if len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        return made

    def _verdicts(self, facts: Facts, day: date) -> Verdicts:
        answers: dict[str, Refusal | None] = {"": None}
        for text, rule in self._rules.items():
            answers[text] = _answer(rule, facts)
        kinds = {kind: self._kind_verdict(p, answers, day) for kind, p in self._kinds.items()}
        offers = {o.key: self._offer_verdict(o, answers, day) for o in self.offers.values()}
        closed = frozenset(k for k, verdict in offers.items() if isinstance(verdict, Refusal))
        return Verdicts(kinds, offers, closed)

    def _kind_verdict(
        self, of: KindParameters, answers: Mapping[str, Refusal | None], day: date
    ) -> Refusal | None:
        if not of.enabled:
            return Refusal("kind_off")
        refused = period(of.lifespan, day)
        if refused is not None:
            return Refusal(f"kind_{refused.code}", refused.params)
        if not of.weight:
            return Refusal("kind_weightless")
        refused = answers[of.eligibility]
        return None if refused is None else Refusal(f"kind_{refused.code}", refused.params)

    def _offer_verdict(
        self, offer: Offer, answers: Mapping[str, Refusal | None], day: date
    ) -> Steered | Refusal:
        if not offer.enabled:
            return Refusal("off")
        refused = period(offer.lifespan, day)
        if refused is not None:
            return refused
        if not offer.weight:
            return Refusal("weightless")
        refused = answers[offer.eligibility]
        if refused is not None:
            return refused
        open_ones = tuple(v for v in offer.variants if v.enabled and answers[v.eligibility] is None)
        if offer.variants and not open_ones:
            return Refusal("no_variant")
        return Steered(
            offer,
            self.factors[offer.kind] * self._offer_factors[offer.key],
            offer.weight,
            open_ones,
            tuple(v for v in open_ones if v.weight),
            self._hashes[offer.key],
            offer.caps.impressions_per_member is not None
            or offer.lifespan.age_days_max is not None,
        )

    def spent(self, sums: Mapping[str, Sum]) -> Mapping[str, Refusal]:
        """Offers of which all members together have had enough; asked once for the same sums."""
        if self._spent_of is not sums:
            found = {key: why for key, one in sums.items() if (why := self._enough(key, one))}
            self._spent_of, self._spent = sums, found
        return self._spent

    def _enough(self, key: str, sum_: Sum) -> Refusal | None:
        offer = self.offers.get(key)
        if offer is None:
            return None
        most, caps = offer.lifespan.impressions_max, offer.caps
        if most is not None and sum_.impressions >= most:
            return Refusal("shown_out", {"times": most})
        if (
            caps.impressions_per_day is not None
            and sum_.impressions_today >= caps.impressions_per_day
        ):
            return Refusal("day_cap", {"times": caps.impressions_per_day})
        if caps.accepted_max is not None and sum_.accepted >= caps.accepted_max:
            return Refusal("taken_out", {"times": caps.accepted_max})
        return None


def whole(factor: str) -> int:
    """A factor in ten thousandths."""
    return int(Decimal(factor) * FACTOR_ONE)


def period(lifespan: Lifespan, day: date) -> Refusal | None:
    """Whether `day` lies outside the lifespan."""
    if lifespan.valid_from and day < lifespan.valid_from:
        return Refusal("not_yet", {"from": lifespan.valid_from})
    if lifespan.valid_to and lifespan.valid_to <= day:
        return Refusal("over", {"ended": lifespan.valid_to})
    return None


def _rule(text: str) -> Rule | RuleError:
    """Versions from before rules were checked may hold one that is none: nobody is eligible."""
    try:
        return VOCABULARY.rule(text)
    except RuleError as error:
        return error


def _answer(rule: Rule | RuleError, facts: Facts) -> Refusal | None:
    if isinstance(rule, RuleError):
        return Refusal("rule_broken", {"said": rule.said})
    try:
        return None if rule.holds(facts) else Refusal("not_eligible", {"rule": rule.text})
    except RuleError as error:
        return Refusal("rule_failed", {"said": error.said})
