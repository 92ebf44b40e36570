"""What a member would be offered, now and with a draft: asked of the engine that serves members.

Nothing is written: no impression, no cap, no fatigue. A member whom somebody chose is personal data
and asks for that right; one who is drawn has no name here.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID
from weakref import WeakKeyDictionary

import msgspec
from litestar import Response, post
from litestar.params import JSONBody
from msgspec import Meta

from guerdon.admin_api.drafts import both, shown_language
from guerdon.admin_api.effects import sound
from guerdon.admin_api.requests import AdminRequest, answer
from guerdon.admin_api.viewing import tell_viewed
from guerdon.identity.errors import PermissionMissingError
from guerdon.identity.policy import staff
from guerdon.kit.errors import NotFoundError
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.recommendations.candidates import Withheld
from guerdon.recommendations.contexts import Context
from guerdon.recommendations.offers import Kind, called
from guerdon.recommendations.parameters import RecommendationParameters
from guerdon.recommendations.reasons import said
from guerdon.recommendations.samples import SAMPLED_MAX, sampled
from guerdon.recommendations.scores import Source
from guerdon.recommendations.service import Answered, Asked, Engine, Item, engine
from guerdon.recommendations.slate import SCORE_ONE, Arm
from guerdon.recommendations.wording import formats_of, words
from guerdon.runtime import Runtime
from guerdon.simulation.drafts import renumbered
from guerdon.theming.formats import Formats
from guerdon.wire.openapi import Ask
from guerdon.wire.parameters import PathId
from guerdon.wire.values import In, Out

TAGS = ["Recommendations"]
_PARTS: Final = 1_000_000


class SlateTryIn(In, frozen=True):
    """Where, after buying what, and with which change set's draft beside what is in force.

    Without a `context`, the member's latest purchase counts.
    """

    placement: Annotated[str, Meta(min_length=1, max_length=60)]
    context: Context | None = None
    change_set: UUID | None = None


class SampleSlateIn(SlateTryIn, frozen=True):
    """The same for a member who is drawn: the first, the second, and so on."""

    nth: Annotated[int, Meta(ge=0, lt=SAMPLED_MAX)] = 0


class TriedPart(Out, frozen=True):
    """A summand of the score before factors."""

    name: str
    value: str


class TriedItem(Out, frozen=True):
    """A place: what stands there and how it came there. `score` is its parts' sum × `factor`."""

    kind: Kind
    key: str
    offer: str | None
    variant: str | None
    title: str
    text: str
    reason: str
    score: str
    parts: list[TriedPart]
    factor: str
    weight: int | None
    rule: str | None
    explored: bool
    arm: Arm | None


class TriedMissing(Out, frozen=True):
    """What has no place, and why: a code, with its values as they are read."""

    kind: Kind
    key: str
    name: str
    variant: str | None
    code: str
    params: dict[str, str]


class TriedSlate(Out, frozen=True):
    """A slate and what is missing from it."""

    enabled: bool
    external_scores: Source
    items: list[TriedItem]
    missing: list[TriedMissing]


class TriedMember(Out, frozen=True):
    """For whom, as rules see them. `id` only of one who was chosen."""

    id: UUID | None
    tier: str | None
    balance: int
    language: str
    profiled: bool
    context: str | None


class SlateTried(Out, frozen=True):
    """What is in force, and what it would be with the draft; `sampled`: who can be drawn."""

    member: TriedMember
    sampled: int
    before: TriedSlate
    after: TriedSlate | None


@post("/{brand:str}/members/{member_id:uuid}/slate", operation_id="trySlateOfMember",
      operation_class=Ask, opt={"policy": staff("members:read")}, tags=TAGS,
      status_code=200)  # fmt: skip
async def of_member(
    request: AdminRequest, member_id: PathId, data: JSONBody[SlateTryIn]
) -> Response[SlateTried]:
    """Show what a member is offered at a placement, and what the draft would make of it."""
    if data.change_set is not None and "parameters:read" not in request.staff.permissions:
        raise PermissionMissingError(permission="parameters:read")
    tried = await _tried(request, member_id, data, sampled=0, named=True)
    await tell_viewed(request, member_id)
    return answer(tried)


@post("/{brand:str}/recommendations/sample-slate", operation_id="trySlateOfSample",
      operation_class=Ask, opt={"policy": staff("simulation:run")}, tags=TAGS,
      status_code=200)  # fmt: skip
async def of_sample(request: AdminRequest, data: JSONBody[SampleSlateIn]) -> Response[SlateTried]:
    """Show the same for one of up to a hundred members who are drawn; it is not told who it is."""
    async with request.rt.db.read(request.tenant.id) as s:
        drawn = await sampled(s)
    if not drawn:
        raise NotFoundError("There is no active member yet.", field="nth")
    member_id = drawn[data.nth % len(drawn)]
    return answer(await _tried(request, member_id, data, sampled=len(drawn), named=False))


_drafts: WeakKeyDictionary[object, Engine] = WeakKeyDictionary()


def _draft_engine(rt: Runtime) -> Engine:
    """Of its own, so that what is kept for drafts pushes out nothing that members are served."""
    found = _drafts.get(rt.changes)
    if found is None:
        found = _drafts[rt.changes] = Engine(rt)
        found.external = engine(rt).external
    return found


async def _tried(
    request: AdminRequest, member_id: UUID, data: SlateTryIn, *, sampled: int, named: bool
) -> SlateTried:
    rt, now = request.rt, request.now
    _, after = await both(request, data.change_set)
    before = rt.snapshots.for_member(request.snapshot, member_id)
    language = shown_language(request, before)
    asked = Asked(
        member_id=member_id,
        placement=data.placement,
        context=data.context,
        language=language,
        explain=True,
    )
    found = await engine(rt).slate(asked, snapshot=before, now=now)
    proposed = None
    if data.change_set is not None:
        sound(after, ProgrammeParameters, RecommendationParameters)
        draft = _guarded(after, before)
        made = await _draft_engine(rt).slate(asked, snapshot=draft, now=now)
        proposed = _slate(made, draft)
    facts, context = found.member.facts, data.context or found.member.context
    return SlateTried(
        member=TriedMember(
            id=member_id if named else None,
            tier=found.member.tier,
            balance=facts.balance,
            language=facts.language,
            profiled=facts.profiled,
            context=None if context is None else str(msgspec.to_builtins(context)["kind"]),
        ),
        sampled=sampled,
        before=_slate(found, before),
        after=proposed,
    )


def _guarded(after: Snapshot, before: Snapshot) -> Snapshot:
    """The draft under a number of its own. An address that nobody approved is sent no key: scores
    from outside are asked as in force."""
    section = msgspec.structs.replace(
        after[RecommendationParameters],
        external_scores=before[RecommendationParameters].external_scores,
    )
    return renumbered(after, section)


def _slate(found: Answered, snapshot: Snapshot) -> TriedSlate:
    formats = formats_of(snapshot, found.language)
    parameters = snapshot[RecommendationParameters]
    names = {o.key: called(o.name, found.language) or o.key for o in parameters.offers}
    return TriedSlate(
        enabled=parameters.enabled and found.placement.enabled,
        external_scores=found.scores,
        items=[_item(one, found.language, formats) for one in found.items],
        missing=[_missing(one, names, formats) for one in found.withheld],
    )


def _item(item: Item, language: str, formats: Formats) -> TriedItem:
    chosen, told = item.chosen, words(item, language=language, formats=formats)
    candidate, offer = chosen.candidate, chosen.offer
    parts = [TriedPart(p.name, _decimal(p.value, _PARTS)) for p in candidate.parts if p.value]
    if chosen.base != candidate.base:
        parts = [TriedPart("baseline", _decimal(chosen.base, _PARTS))]
    return TriedItem(
        kind=candidate.kind,
        key=candidate.key,
        offer=candidate.offer or None,
        variant=told.variant_name or chosen.variant or None,
        title=told.title,
        text=told.text,
        reason=told.reason,
        score=_decimal(chosen.score, SCORE_ONE),
        parts=parts,
        factor=_decimal(chosen.factor, SCORE_ONE // _PARTS),
        weight=offer.weight if offer else None,
        rule=(offer.eligibility or None) if offer else None,
        explored=chosen.explored,
        arm=chosen.arm,
    )


def _missing(one: Withheld, names: Mapping[str, str], formats: Formats) -> TriedMissing:
    params = {name: said(value, formats) for name, value in one.params.items()}
    return TriedMissing(
        one.kind, one.key, names.get(one.key, one.key), one.variant, one.code, params
    )


def _decimal(value: int, one: int) -> str:
    number = (Decimal(value) / one).normalize()
    return f"{number:f}"


HANDLERS = [of_member, of_sample]
