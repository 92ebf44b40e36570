"""What is offered to a member, and what became of it: for a brand's systems and members' apps."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

from litestar import Response, get, post, put
from litestar.params import JSONBody
from msgspec import Meta

from guerdon.brand_api.contexts import whose
from guerdon.identity.policy import api_key, member_token
from guerdon.kit.errors import InvalidError
from guerdon.kit.money import Money as Amount
from guerdon.members import consents
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plumbing.db import WriteSession
from guerdon.recommendations import feedback
from guerdon.recommendations.candidates import Value
from guerdon.recommendations.contexts import Context
from guerdon.recommendations.errors import FeedbackInvalidError
from guerdon.recommendations.feedback import Happening, Type
from guerdon.recommendations.offers import Kind
from guerdon.recommendations.parameters import RecommendationParameters
from guerdon.recommendations.reading import profiled
from guerdon.recommendations.scores import Source
from guerdon.recommendations.service import Answered, Asked, Item, engine
from guerdon.recommendations.slate import SCORE_ONE, Arm
from guerdon.recommendations.wording import formats_of, words
from guerdon.theming.formats import Formats
from guerdon.wire.openapi import Ask, Read, Write
from guerdon.wire.requests import ApiRequest, answer, once
from guerdon.wire.values import ExternalId, In, Language, Money, Out

TAGS = ["Recommendations"]
MY_TAGS = ["Me"]
READ = {"policy": api_key("recommendations:read")}
WRITE = {"policy": api_key("recommendations:write")}
MY_READ = {"policy": member_token("me:read")}
MY_WRITE = {"policy": member_token("me:write")}
_PARTS: Final = 1_000_000
_LATE: Final = timedelta(days=30)
_AHEAD: Final = timedelta(minutes=5)

PlacementKey = Annotated[str, Meta(min_length=1, max_length=60)]
Sku = Annotated[str, Meta(min_length=1, max_length=60)]
FeedbackId = Annotated[str, Meta(min_length=24, max_length=1200, pattern="^[A-Za-z0-9_-]+$")]


Detail = str | int | Money


class SlateIn(In, frozen=True):
    """Who is offered something, where, and what they just bought.

    Name the member by exactly one of the three. Without a `context`, the latest purchase that was
    sent ahead counts. `lookingAt`: the SKU of the product whose page it is; what goes with it comes
    first. `tags` are what your systems know of the member; rules can ask for them.
    """

    placement: PlacementKey
    member_id: UUID | None = None
    external_id: ExternalId | None = None
    member_number: Annotated[str, Meta(pattern="^[0-9]{12}$")] | None = None
    context: Context | None = None
    looking_at: Sku | None = None
    tags: Annotated[tuple[Annotated[str, Meta(max_length=60)], ...], Meta(max_length=50)] = ()
    language: Language | None = None
    explain: bool = False


class MySlateIn(In, frozen=True):
    """Where something is offered, what was just bought, and the product whose page it is."""

    placement: PlacementKey
    context: Context | None = None
    looking_at: Sku | None = None
    language: Language | None = None


class Why(Out, frozen=True):
    """A reason: a code, what it speaks of, and the sentence."""

    code: str
    params: dict[str, Detail]
    text: str


class Part(Out, frozen=True):
    """A summand of the score before factors, as a decimal."""

    name: str
    value: str


class OfferedProduct(Out, frozen=True):
    """A product of the catalogue, priced for this member."""

    id: UUID
    slug: str
    sku: str
    name: str
    points: int
    picture: str | None


class Offered(Out, frozen=True):
    """One place of a slate. `score` is the sum of its parts times its factor.

    `arm` says whether the member sees the baseline, so that the lift can be measured. `url`: where
    the offer leads, an https address or a path of the member site.
    """

    kind: Kind
    offer: str | None
    variant: str | None
    variant_name: str | None
    product: OfferedProduct | None
    title: str
    text: str
    call_to_action: str
    picture: str | None
    url: str | None
    details: dict[str, Detail]
    reason: Why
    score: str
    score_parts: list[Part]
    factor: str
    weight: int | None
    explored: bool
    arm: Arm | None
    expires_at: datetime
    feedback_id: str


class Missing(Out, frozen=True):
    """Something that has no place, and why."""

    kind: Kind
    key: str
    variant: str | None
    code: str
    params: dict[str, Detail]


class Recommended(Out, frozen=True):
    """A slate, best first. `externalScores`: whether your own model's scores count, and of when."""

    slate_id: UUID
    placement: str
    heading: str
    language: str
    parameters_version: int
    model_version: str | None
    external_scores: Source
    items: list[Offered]
    missing: list[Missing] | None


class MyEventIn(In, frozen=True):
    """What the member did: with an offer, by its `feedbackId`, or a view of a product's page."""

    type: Type
    feedback_id: FeedbackId | None = None
    sku: Sku | None = None
    at: Annotated[datetime, Meta(tz=True)] | None = None


class EventIn(MyEventIn, frozen=True):
    """What happened: to an offer, by its `feedbackId`, or a member's view of a product's page."""

    member_id: UUID | None = None


class EventsIn(In, frozen=True):
    """Up to 200 events in any order. An offer's event counts once, however often it is sent."""

    events: Annotated[tuple[EventIn, ...], Meta(min_length=1, max_length=200)]


class MyEventsIn(In, frozen=True):
    """Up to 200 events in any order. An offer's event counts once, however often it is sent."""

    events: Annotated[tuple[MyEventIn, ...], Meta(min_length=1, max_length=200)]


class Recorded(Out, frozen=True):
    """How many were new."""

    recorded: int


class Profiling(Out, frozen=True):
    """Whether recommendations may follow from what the member did."""

    allowed: bool


class ProfilingIn(In, frozen=True):
    """Whether they may."""

    allowed: bool


def _details(values: Mapping[str, Value]) -> dict[str, Detail]:
    return {name: _detail(value) for name, value in values.items()}


def _detail(value: Value) -> Detail:
    if isinstance(value, Amount):
        return Money.of(value)
    return value.isoformat() if isinstance(value, date) else value


def _decimal(value: int, one: int) -> str:
    number = (Decimal(value) / one).normalize()
    return f"{number:f}"


def _offered(item: Item, answered: Answered, formats: Formats) -> Offered:
    chosen, said = item.chosen, words(item, language=answered.language, formats=formats)
    candidate, card = chosen.candidate, item.product.card if item.product else None
    parts = [Part(part.name, _decimal(part.value, _PARTS)) for part in candidate.parts]
    if chosen.base != candidate.base:
        parts = [Part("baseline", _decimal(chosen.base, _PARTS))]
    return Offered(
        kind=candidate.kind,
        offer=candidate.offer or None,
        variant=chosen.variant or None,
        variant_name=said.variant_name or None,
        product=OfferedProduct(
            card.id, card.slug, item.product.sku, card.name, card.points, card.picture
        )
        if card and item.product
        else None,
        title=said.title,
        text=said.text,
        call_to_action=said.call_to_action,
        picture=card.picture if card else None,
        url=(chosen.offer.url if chosen.offer else "") or None,
        details=_details(candidate.personal),
        reason=Why(candidate.reason.code, _details(candidate.reason.params), said.reason),
        score=_decimal(chosen.score, SCORE_ONE),
        score_parts=parts,
        factor=_decimal(chosen.factor, SCORE_ONE // _PARTS),
        weight=chosen.offer.weight if chosen.offer else None,
        explored=chosen.explored,
        arm=chosen.arm,
        expires_at=item.expires_at,
        feedback_id=item.feedback_id,
    )


def _recommended(request: ApiRequest, answered: Answered, *, explain: bool) -> Recommended:
    formats = formats_of(request.snapshot, answered.language)
    names = {str(language): name for language, name in answered.placement.name.items()}
    return Recommended(
        slate_id=answered.slate_id,
        placement=answered.placement.key,
        heading=names.get(answered.language) or next(iter(names.values()), ""),
        language=answered.language,
        parameters_version=answered.version,
        model_version=answered.model or None,
        external_scores=answered.scores,
        items=[_offered(item, answered, formats) for item in answered.items],
        missing=[
            Missing(w.kind, w.key, w.variant, w.code, _details(w.params)) for w in answered.withheld
        ]
        if explain
        else None,
    )


@post("/recommendations/slate", operation_id="recommend", operation_class=Ask, opt=READ, tags=TAGS,
      status_code=200)  # fmt: skip
async def slate(request: ApiRequest, data: JSONBody[SlateIn]) -> Response[Recommended]:
    """Ask what to offer a member at one of your placements, in order, with the reasons."""
    named = (data.member_id, data.external_id, data.member_number)
    member_id = data.member_id
    if member_id is None or sum(one is not None for one in named) != 1:
        async with request.rt.db.read(request.tenant.id) as s:
            member_id = await whose(s, data)
    asked = Asked(
        member_id=member_id,
        placement=data.placement,
        context=data.context,
        looking_at=data.looking_at,
        tags=data.tags,
        language=data.language,
        explain=data.explain,
    )
    snapshot = request.rt.snapshots.for_member(request.snapshot, member_id)
    found = await engine(request.rt).slate(asked, snapshot=snapshot, now=request.now)
    return answer(_recommended(request, found, explain=data.explain))


@post("/me/recommendations/slate", operation_id="recommendToMe", operation_class=Ask,
      opt=MY_READ, tags=MY_TAGS, status_code=200)  # fmt: skip
async def my_slate(request: ApiRequest, data: JSONBody[MySlateIn]) -> Response[Recommended]:
    """Ask what is offered to the member at one of the brand's placements."""
    asked = Asked(
        member_id=request.member.member_id,
        placement=data.placement,
        context=data.context,
        looking_at=data.looking_at,
        language=data.language,
    )
    found = await engine(request.rt).slate(asked, snapshot=request.snapshot, now=request.now)
    return answer(_recommended(request, found, explain=False))


@post("/recommendations/events", operation_id="tellRecommendationEvents", operation_class=Write,
      opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def events(request: ApiRequest, data: JSONBody[EventsIn]) -> Response[Recorded]:
    """Tell what became of offers, and which products were looked at."""

    async def work(s: WriteSession, now: datetime) -> Recorded:
        viewers = [one.member_id for one in data.events if one.member_id is not None]
        may = await profiled(s, member_ids=viewers) if viewers else {}
        return await _record(s, request, data.events, now, may)

    return await once(request, work, given=data)


@post("/me/recommendations/events", operation_id="tellMyRecommendationEvents",
      operation_class=Write, opt=MY_WRITE, tags=MY_TAGS, status_code=200)  # fmt: skip
async def my_events(request: ApiRequest, data: JSONBody[MyEventsIn]) -> Response[Recorded]:
    """Tell what the member did with offers, and which products they looked at."""
    me = request.member.member_id

    async def work(s: WriteSession, now: datetime) -> Recorded:
        may = await profiled(s, member_ids=[me])
        return await _record(s, request, data.events, now, may, me=me)

    return await once(request, work, given=data)


async def _record(
    s: WriteSession,
    request: ApiRequest,
    told: Sequence[MyEventIn],
    now: datetime,
    may: dict[UUID, bool],
    *,
    me: UUID | None = None,
) -> Recorded:
    programme = request.snapshot[ProgrammeParameters]
    happenings = [
        _happening(request, event, f"/events/{n}", now, may, me) for n, event in enumerate(told)
    ]
    recorded = await feedback.record(
        s,
        happenings=happenings,
        parameters=request.snapshot[RecommendationParameters],
        day=now.astimezone(programme.zone).date(),
        source="api",
        now=now,
    )
    return Recorded(recorded)


def _happening(
    request: ApiRequest,
    event: MyEventIn,
    at: str,
    now: datetime,
    may: dict[UUID, bool],
    me: UUID | None,
) -> Happening:
    instant = event.at or now
    if not now - _LATE <= instant <= now + _AHEAD:
        raise InvalidError(
            "An event is told within 30 days, and not before it happens.", field=f"{at}/at"
        )
    named = event.member_id if isinstance(event, EventIn) else me
    if event.feedback_id is not None:
        if (named is not None and me is None) or event.sku is not None:
            raise InvalidError(
                "A feedbackId names member and product already; leave these out.",
                field=f"{at}/feedbackId",
            )
        try:
            place = feedback.opened(request.rt.settings, request.tenant.id, event.feedback_id)
        except FeedbackInvalidError as error:
            raise FeedbackInvalidError(field=f"{at}/feedbackId") from error
        if me is not None and place.member_id not in (me, None):
            raise FeedbackInvalidError(field=f"{at}/feedbackId")
        return Happening(event.type, place, instant)
    if event.type != "view" or event.sku is None:
        raise InvalidError(
            "Send the feedbackId of the offer, or a view with the sku of a product.",
            field=f"{at}/feedbackId",
        )
    if named is None:
        raise InvalidError("Say who looked at it.", field=f"{at}/memberId")
    return feedback.view(
        member_id=named if may[named] else None,
        sku=event.sku,
        version=request.snapshot.version,
        at=instant,
    )


@get("/me/recommendations/profiling", operation_id="getMyProfiling", operation_class=Read,
     opt=MY_READ, tags=MY_TAGS)  # fmt: skip
async def profiling(request: ApiRequest) -> Response[Profiling]:
    """Read whether recommendations may follow from what the member did."""
    async with request.rt.db.read(request.tenant.id) as s:
        allowed = await consents.profiling_allowed(s, member_id=request.member.member_id)
    return answer(Profiling(allowed))


@put("/me/recommendations/profiling", operation_id="setMyProfiling", operation_class=Write,
     opt=MY_WRITE, tags=MY_TAGS)  # fmt: skip
async def set_profiling(request: ApiRequest, data: JSONBody[ProfilingIn]) -> Response[Profiling]:
    """Allow recommendations that follow from what the member did, or object to them."""

    async def work(s: WriteSession, now: datetime) -> Profiling:
        await consents.allow_profiling(
            s,
            member_id=request.member.member_id,
            allowed=data.allowed,
            language=request.snapshot[ProgrammeParameters].languages[0],
            now=now,
        )
        return Profiling(data.allowed)

    return await once(request, work, given=data)


HANDLERS = [slate, my_slate, events, my_events, profiling, set_profiling]
