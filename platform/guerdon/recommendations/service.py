"""Slates for members: reads what a slate follows from, asks the kinds, and puts it into words.

What is the same for every member is kept in the process; a member costs one statement.
"""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, cast
from uuid import UUID
from weakref import WeakKeyDictionary

import msgspec

from guerdon.kit.ids import uuid7
from guerdon.kit.rules import Fact
from guerdon.ledger.parameters import PointsParameters
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.recommendations import ancillary, cards, clubs
from guerdon.recommendations.candidates import (
    Candidate,
    CandidateSource,
    Found,
    ScorePart,
    SlateFacts,
    Withheld,
)
from guerdon.recommendations.contexts import Context, checked
from guerdon.recommendations.draws import held_out, seed_of
from guerdon.recommendations.eligibility import DEFAULTS
from guerdon.recommendations.errors import PlacementNotFoundError
from guerdon.recommendations.feedback import Place, sign
from guerdon.recommendations.figures import Figures
from guerdon.recommendations.journeys import Journey, purchase_facts
from guerdon.recommendations.kept_contexts import places_of
from guerdon.recommendations.offers import Kind
from guerdon.recommendations.parameters import Placement, RecommendationParameters
from guerdon.recommendations.products import Products, Shown
from guerdon.recommendations.ranking import products_for
from guerdon.recommendations.reading import Known, known
from guerdon.recommendations.scores import NONE, External, Scores, Source
from guerdon.recommendations.slate import Chosen, Question, Slate, choose
from guerdon.recommendations.steering import Steering, Verdicts
from guerdon.runtime import Runtime

SOURCES: Final[Mapping[Kind, CandidateSource]] = {
    "co_branded_card": cards.candidates,
    "ancillary": ancillary.candidates,
    "club": clubs.candidates,
}
_STEERINGS_MAX: Final = 500
# How long a slate stands before the caller should ask again.
_STANDS: Final = timedelta(hours=1)


class Item(msgspec.Struct, frozen=True):
    """One place, with everything that is shown of it."""

    chosen: Chosen
    place: Place
    feedback_id: str
    product: Shown | None
    expires_at: datetime


class Answered(msgspec.Struct, frozen=True):
    """A slate of one member. `scores`: where the scores of the brand's own model come from."""

    slate_id: UUID
    placement: Placement
    version: int
    model: str
    member: Known
    language: str
    items: list[Item]
    withheld: list[Withheld]
    scores: Source


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a slate is asked with. Without a context, the member's latest purchase counts.

    `looking_at`: the SKU of the product whose page it stands on.
    """

    member_id: UUID
    placement: str
    context: Context | None = None
    looking_at: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    explain: bool = False


class Engine:
    """What this process keeps between slates."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self.figures = Figures(rt.db)
        self.products = Products(rt.db)
        self.external = External(rt)
        self._steerings: OrderedDict[tuple[UUID, int], Steering] = OrderedDict()
        rt.changes.listen("catalogue", self._catalogue_changed)

    async def _catalogue_changed(self, tenant_id: UUID) -> None:
        self.products.forget(tenant_id)

    def steering(self, snapshot: Snapshot) -> Steering:
        """The version's parameters, made ready once."""
        key = (snapshot.tenant_id, snapshot.version)
        found = self._steerings.get(key)
        if found is None:
            found = Steering(snapshot[RecommendationParameters], version=snapshot.version)
            self._steerings[key] = found
            if len(self._steerings) > _STEERINGS_MAX:
                self._steerings.popitem(last=False)
        return found

    async def slate(self, asked: Asked, *, snapshot: Snapshot, now: datetime) -> Answered:
        """The slate of a member at a placement.

        Raises PlacementNotFoundError, MemberNotFoundError, MemberNotActiveError,
        ContextInvalidError.
        """
        steering = self.steering(snapshot)
        placement = steering.placements.get(asked.placement)
        if placement is None:
            raise PlacementNotFoundError(field="placement", placement=asked.placement)
        if asked.context is not None:
            checked(asked.context, places=places_of(snapshot), now=now)
        tenant_id = snapshot.tenant_id
        member = await known(
            self._rt.db,
            tenant_id=tenant_id,
            member_id=asked.member_id,
            snapshot=snapshot,
            tags=asked.tags,
            turnover="club" in placement.kinds or steering.needs("earned_12m", "redeemed_12m"),
            now=now,
        )
        programme = snapshot[ProgrammeParameters]
        today = now.astimezone(programme.zone).date()
        language = _spoken(asked.language or member.facts.language, programme)
        facts = SlateFacts(
            member=msgspec.structs.replace(member.facts, language=language),
            now=now,
            today=today,
            version=snapshot.version,
            approved_cards=member.cards,
            context=asked.context or member.context,
            zone=programme.zone,
            currency=programme.currency,
            points_per_unit=Decimal(snapshot[PointsParameters].price_factor),
        )
        verdicts = steering.verdicts(_facts(facts, snapshot), day=facts.today)
        facts = msgspec.structs.replace(facts, closed=verdicts.closed)
        return await self._answer(asked, snapshot, steering, verdicts, placement, member, facts)

    async def facts_of(
        self, member_id: UUID, *, snapshot: Snapshot, now: datetime
    ) -> dict[str, Fact]:
        """What rules may ask about a member; MemberNotFoundError, MemberNotActiveError."""
        member = await known(
            self._rt.db,
            tenant_id=snapshot.tenant_id,
            member_id=member_id,
            snapshot=snapshot,
            tags=(),
            turnover=True,
            now=now,
        )
        programme = snapshot[ProgrammeParameters]
        facts = SlateFacts(
            member=member.facts,
            now=now,
            today=now.astimezone(programme.zone).date(),
            version=snapshot.version,
            context=member.context,
            zone=programme.zone,
        )
        return _facts(facts, snapshot)

    async def _answer(
        self,
        asked: Asked,
        snapshot: Snapshot,
        steering: Steering,
        verdicts: Verdicts,
        placement: Placement,
        member: Known,
        facts: SlateFacts,
    ) -> Answered:
        tenant_id, slate_id = snapshot.tenant_id, uuid7()
        off = not steering.parameters.enabled or not placement.enabled
        made, scores, model = Slate([], []), NONE, ""
        of_sku: Mapping[str, Shown] = {}
        if not off:
            sums, popular = await self.figures.of(tenant_id, day=facts.today)
            holdout = _holdout(steering, tenant_id, facts) if facts.member.profiled else _NOBODY
            found: list[Found] = []
            for kind in placement.kinds:
                if kind == "catalogue":
                    products = await products_for(
                        self._rt, self.products, snapshot=snapshot, steering=steering,
                        member=member, facts=facts, popular=popular, held=kind in holdout,
                        looking_at=asked.looking_at,
                    )  # fmt: skip
                    of_sku, model = products.of_sku, products.model
                    found.append(products.found)
                else:
                    found.append(SOURCES[kind](facts, steering.parameters))
            if facts.member.profiled:
                found, scores = await self._scored(asked, tenant_id, steering, found, holdout)
            made = choose(
                Question(
                    steering=steering,
                    verdicts=verdicts,
                    placement=placement,
                    facts=facts,
                    seen=member.seen,
                    sums=sums,
                    holdout=holdout,
                    seed=seed_of(tenant_id, facts.member.id, placement.key, facts.today),
                    explain=asked.explain,
                ),
                found,
            )
        items = [
            self._item(one, n, slate_id, placement.key, snapshot, facts, model, of_sku)
            for n, one in enumerate(made.places)
        ]
        return Answered(
            slate_id, placement, snapshot.version, model, member, facts.member.language, items,
            made.withheld, scores.source,
        )  # fmt: skip

    async def _scored(
        self,
        asked: Asked,
        tenant_id: UUID,
        steering: Steering,
        found: list[Found],
        holdout: frozenset[Kind],
    ) -> tuple[list[Found], Scores]:
        """The candidates with the scores of the brand's own model, where it knows them."""
        parameters = steering.parameters.external_scores
        if not parameters.url:
            return found, NONE
        keys = [c.key for some, _ in found for c in some if c.kind not in holdout]
        scores = await self.external.ask(
            parameters, tenant_id=tenant_id, member_id=asked.member_id,
            placement=asked.placement, keys=keys,
        )  # fmt: skip
        if not scores.by_key:
            return found, scores

        def scored(one: Candidate) -> Candidate:
            score = scores.by_key.get(one.key)
            if score is None or one.kind in holdout:
                return one
            return msgspec.structs.replace(one, parts=(ScorePart("external", score),))

        return [([scored(c) for c in some], missing) for some, missing in found], scores

    def _item(
        self,
        chosen: Chosen,
        position: int,
        slate_id: UUID,
        placement: str,
        snapshot: Snapshot,
        facts: SlateFacts,
        model: str,
        of_sku: Mapping[str, Shown],
    ) -> Item:
        candidate = chosen.candidate
        place = Place(
            slate_id, position, placement, candidate.kind, candidate.offer, candidate.sku or "",
            chosen.variant, chosen.arm, snapshot.version, model,
            facts.member.id if facts.member.profiled else None,
        )  # fmt: skip
        sku = candidate.sku or (chosen.offer.sku if chosen.offer else "")
        return Item(
            chosen,
            place,
            sign(self._rt.settings, snapshot.tenant_id, place),
            of_sku.get(sku),
            _expires(chosen, facts),
        )


_NOBODY: Final[frozenset[Kind]] = frozenset()
_engines: WeakKeyDictionary[object, Engine] = WeakKeyDictionary()


def engine(rt: Runtime) -> Engine:
    """The engine of this process."""
    found = _engines.get(rt.changes)
    if found is None:
        found = _engines[rt.changes] = Engine(rt)
    return found


def _spoken(language: str, programme: ProgrammeParameters) -> str:
    return language if language in programme.languages else programme.languages[0]


def _holdout(steering: Steering, tenant_id: UUID, facts: SlateFacts) -> frozenset[Kind]:
    kinds: tuple[Kind, ...] = ("co_branded_card", "ancillary", "club", "catalogue")
    return frozenset(
        kind
        for kind in kinds
        if held_out(tenant_id, facts.member.id, steering.kind(kind).holdout_percent)
    )


def _facts(facts: SlateFacts, snapshot: Snapshot) -> dict[str, Fact]:
    """What rules may ask about."""
    member = facts.member
    bought: Mapping[str, Fact] = {}
    if facts.context is not None:
        context = cast(Context, facts.context)
        bought = purchase_facts(Journey(context, places_of(snapshot), facts.now))
    return {
        **DEFAULTS,
        "tier": member.tier,
        "balance": member.balance,
        "member_days": (facts.today - member.joined_at.astimezone(facts.zone).date()).days,
        "earned_12m": member.earned_12m,
        "redeemed_12m": member.redeemed_12m,
        "language": member.language,
        "country": member.country,
        "tags": member.tags,
        **bought,
    }


def _expires(chosen: Chosen, facts: SlateFacts) -> datetime:
    """Until when this may be shown: its own end, its lifespan's, and an hour at most."""
    ends = [facts.now + _STANDS]
    if chosen.candidate.expires_at is not None:
        ends.append(chosen.candidate.expires_at)
    if chosen.offer is not None and chosen.offer.lifespan.valid_to is not None:
        ends.append(_midnight(chosen.offer.lifespan.valid_to, facts))
    return min(ends)


def _midnight(day: date, facts: SlateFacts) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=facts.zone)
