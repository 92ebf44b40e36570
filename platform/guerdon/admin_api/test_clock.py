"""A sandbox's clock: what time it is, what lies ahead, moving on, and what happened on the way."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.identity.policy import staff
from guerdon.kit.clock import TenantClock
from guerdon.kit.errors import InvalidError
from guerdon.ledger.expiry import local_day
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.wall_clock import instant_of
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.tenancy.lifecycle import State
from guerdon.test_clock import due, operations
from guerdon.test_clock.errors import ClockTargetError
from guerdon.wire.openapi import Read, Write
from guerdon.wire.values import In, Out

TAGS = ["Test clock"]
READ = {"policy": staff("overview:read")}
MOVE = {"policy": staff("test_clock:move")}
ALL = "/{brand:str}/test-clock"
Steps = Annotated[int, Meta(ge=0, le=3_660)]
StepsInQuery = Annotated[int, QueryParameter(ge=0, le=3_660)]
_SHOWN = 200


class ClockMove(Out, frozen=True):
    """A move of the clock: under way while `endedAt` is null, and at `reachedAt` so far."""

    from_at: datetime
    target_at: datetime
    reached_at: datetime
    happenings: int
    asked_at: datetime
    ended_at: datetime | None


class ClockHappening(Out, frozen=True):
    """What fell due at an instant: `version`, `tier_year`, `hold`, `payment`, `points`,
    `notice`, `stopped`.

    `detail` says which version, how many points, how many members in which tier.
    """

    seq: int
    at: datetime
    kind: str
    count: int
    detail: dict[str, Any]


class TestClock(Out, frozen=True):
    """The programme's time. `movable`: the brand is a sandbox and its clock is not under way."""

    now: datetime
    real_now: datetime
    moved: bool
    movable: bool
    time_zone: str
    move: ClockMove | None
    happenings: list[ClockHappening]


class DueAhead(Out, frozen=True):
    """How much of a kind falls due, and when first and last."""

    kind: str
    count: int
    points: int
    first_at: datetime
    last_at: datetime


class ClockAhead(Out, frozen=True):
    """What falls due before an instant, as things stand."""

    until: datetime
    items: list[DueAhead]


class MoveTestClock(In, frozen=True):
    """How far: by days, months and years of the programme's calendar, or to the beginning of a
    day."""

    days: Steps = 0
    months: Steps = 0
    years: Annotated[int, Meta(ge=0, le=10)] = 0
    to_day: date | None = None


@get(ALL, operation_id="readTestClock", operation_class=Read, opt=READ, tags=TAGS)
async def read(
    request: AdminRequest,
    after: FromQuery[Annotated[int, QueryParameter(ge=0, le=10**9)]] = 0,
) -> Response[TestClock]:
    """Read the programme's time, and what happened since `after` on the last move."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(await _told(request, s, after))


@get(f"{ALL}/ahead", operation_id="readTestClockAhead", operation_class=Read, opt=READ, tags=TAGS)
async def ahead(
    request: AdminRequest,
    days: FromQuery[StepsInQuery] = 0,
    months: FromQuery[StepsInQuery] = 0,
    years: FromQuery[Annotated[int, QueryParameter(ge=0, le=10)]] = 0,
    to_day: FromQuery[Annotated[date | None, QueryParameter(name="toDay")]] = None,
) -> Response[ClockAhead]:
    """Count what falls due before an instant: real rows, as things stand."""
    wanted = MoveTestClock(days, months, years, to_day)
    async with request.rt.db.read(request.tenant.id) as s:
        now = (await _clock(s)).at(request.real_now)
        until = _target(request, wanted, now)
        snapshot = await request.rt.snapshot(request.tenant.id, now)
        found = await due.ahead(s, now=now, until=until, snapshot=snapshot)
    items = [msgspec.convert(one, DueAhead, from_attributes=True) for one in found]
    return answer(ClockAhead(until, items))


@post(f"{ALL}/move", operation_id="moveTestClock", operation_class=Write, opt=MOVE, tags=TAGS,
      status_code=202)  # fmt: skip
async def move(request: AdminRequest, data: JSONBody[MoveTestClock]) -> Response[TestClock]:
    """Move the sandbox's time forward; what falls due on the way happens in its order."""

    async def work(s: WriteSession, now: datetime) -> Done:
        standing = await operations.lock(s)
        now = standing.clock.at(request.real_now)
        to = _target(request, data, now)
        made = await operations.move(
            s,
            to=to,
            snapshot=await request.rt.snapshot(request.tenant.id, now),
            asked_by=request.staff.label,
            real=request.real_now,
        )
        summary = {"from": made.from_at.isoformat(), "to": made.target_at.isoformat()}
        return Done(await _told(request, s, 0), summary)

    done = await act(
        request, action="test_clock.moved", subject="test_clock", work=work, given=data, status=202
    )
    await request.rt.directory.refresh(request.tenant.id)
    return done


def _target(request: AdminRequest, data: MoveTestClock, now: datetime) -> datetime:
    by = data.days or data.months or data.years
    if bool(by) == (data.to_day is not None):
        raise InvalidError("Say how many days, months or years, or to which day.", field="days")
    if data.to_day is not None:
        zone = request.snapshot[ProgrammeParameters].zone
        if data.to_day <= local_day(now, zone):
            raise ClockTargetError("Choose a later day than the one it is.", field="toDay")
        return instant_of(f"{data.to_day.isoformat()}T00:00", zone, "earlier")
    return operations.later(
        now, request.snapshot, days=data.days, months=data.months, years=data.years
    )


async def _clock(s: ReadSession) -> TenantClock:
    return await s.one(TenantClock, "SELECT * FROM ctl.tenant_clock_v1(%(tenant_id)s)")


async def _told(request: AdminRequest, s: ReadSession, after: int) -> TestClock:
    clock = await _clock(s)
    last = await operations.last_move(s)
    happened = (
        []
        if last is None
        else await operations.happenings(s, move_id=last.id, after=after, limit=_SHOWN)
    )
    sandbox = request.tenant.status is State.SANDBOX
    return TestClock(
        now=clock.at(request.real_now),
        real_now=request.real_now,
        moved=clock.moved,
        movable=sandbox and clock.stands_at is None,
        time_zone=request.snapshot[ProgrammeParameters].zone.key,
        move=None if last is None else msgspec.convert(last, ClockMove, from_attributes=True),
        happenings=[msgspec.convert(one, ClockHappening, from_attributes=True) for one in happened],
    )


HANDLERS = [read, ahead, move]
