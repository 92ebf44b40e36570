"""What is offered to a member, and what became of it: for a brand's systems and members' apps."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from litestar import Response, get, post, put
from litestar.params import JSONBody
from msgspec import Meta

from guerdon.brand_api.contexts import whose
from guerdon.brand_api.slates import Recommended, recommended
from guerdon.identity.policy import api_key, member_token
from guerdon.kit.errors import InvalidError
from guerdon.members import consents
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plumbing.db import WriteSession
from guerdon.recommendations import feedback
from guerdon.recommendations.contexts import Context
from guerdon.recommendations.errors import FeedbackInvalidError
from guerdon.recommendations.feedback import Happening, Type
from guerdon.recommendations.parameters import RecommendationParameters
from guerdon.recommendations.reading import profiled
from guerdon.recommendations.service import Asked, engine
from guerdon.wire.openapi import Ask, Read, Write
from guerdon.wire.requests import ApiRequest, answer, once
from guerdon.wire.values import ExternalId, In, Language, Out

TAGS = ["Recommendations"]
MY_TAGS = ["Me"]
READ = {"policy": api_key("recommendations:read")}
WRITE = {"policy": api_key("recommendations:write")}
MY_READ = {"policy": member_token("me:read")}
MY_WRITE = {"policy": member_token("me:write")}
_LATE: Final = timedelta(days=30)
_AHEAD: Final = timedelta(minutes=5)

PlacementKey = Annotated[str, Meta(min_length=1, max_length=60)]
Sku = Annotated[str, Meta(min_length=1, max_length=60)]
FeedbackId = Annotated[str, Meta(min_length=24, max_length=1200, pattern="^[A-Za-z0-9_-]+$")]


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
    return answer(recommended(request, found, explain=data.explain))


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
    return answer(recommended(request, found, explain=False))


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
