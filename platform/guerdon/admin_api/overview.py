"""How the programme is doing, what changed, what waits: five seconds' worth."""

import time as stopwatch
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get

from guerdon.admin_api.requests import AdminRequest, answer
from guerdon.catalogue import pricing
from guerdon.catalogue.rules import price_rules
from guerdon.identity.policy import staff
from guerdon.kit.money import Money as Amount
from guerdon.ledger import adjustments, statistics
from guerdon.ledger.expiry import local_day
from guerdon.members import queries as members
from guerdon.parameters import change_sets, timeline
from guerdon.parameters import queries as parameters
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plumbing.db import ReadSession
from guerdon.redemption import desk
from guerdon.theming.translations import LANGUAGES, choose_language, translator
from guerdon.wire.openapi import Read
from guerdon.wire.values import Money, Out

TAGS = ["Overview"]
PERIOD_DAYS: Final = 30
_LISTED_MAX: Final = 100
# Sums over a whole ledger are not made anew at every glance.
_KEPT_S: Final = 30.0
_KEPT_MAX: Final = 256


class OverviewDay(Out, frozen=True):
    """Points of one local day."""

    day: date
    issued: int
    redeemed: int
    expired: int


class Compared(Out, frozen=True):
    """A sum of the last 30 days, today included, and of the 30 days before."""

    now: int
    before: int


class OverviewFinding(Out, frozen=True):
    """What a rule says of the version in force."""

    path: str
    code: str
    message: str
    severity: str


class InForce(Out, frozen=True):
    """The version that members see."""

    version: int
    effective_at: datetime
    note: str


class Waiting(Out, frozen=True):
    """What waits for somebody; each counts up to 100."""

    in_review: int
    returned: int
    scheduled: int
    adjustments: int
    orders: int


class Overview(Out, frozen=True):
    """The programme at a glance. `days` holds 60 days, quiet ones too, the last is today."""

    days: list[OverviewDay]
    issued: Compared
    redeemed: Compared
    expired: Compared
    joined: Compared
    members: int
    outstanding: int
    held: int
    liability: Money
    in_force: InForce | None
    waiting: Waiting
    findings: list[OverviewFinding]


class _Sums(msgspec.Struct, frozen=True):
    days: list[statistics.Day]
    outstanding: statistics.Outstanding
    counts: members.Counts


_kept: dict[tuple[UUID, date], tuple[float, _Sums]] = {}


@get(
    "/{brand:str}/overview", operation_id="readOverview", operation_class=Read,
    opt={"policy": staff("overview:read")}, tags=TAGS,
)  # fmt: skip
async def overview(request: AdminRequest) -> Response[Overview]:
    """What is in force, what happened in 30 days, what waits; sums are at most 30 s old."""
    programme = request.snapshot[ProgrammeParameters]
    rules = price_rules(request.snapshot)
    registry = request.rt.snapshots.registry
    language = choose_language(
        LANGUAGES, accept_language=request.headers.get("accept-language", "")
    )
    async with request.rt.db.read(request.tenant.id) as s:
        sums = await _sums(s, now=request.now, zone=ZoneInfo(programme.time_zone))
        current = await timeline.in_force(s, request.now)
        found = change_sets.findings(registry, current.content) if current else []
        waiting = await _waiting(s, now=request.now)
    text = translator(language).text
    held, points = sums.outstanding.held, sums.outstanding.points
    return answer(
        Overview(
            days=[OverviewDay(d.day, d.issued, d.redeemed, d.expired) for d in sums.days],
            issued=_compared([d.issued for d in sums.days]),
            redeemed=_compared([d.redeemed for d in sums.days]),
            expired=_compared([d.expired for d in sums.days]),
            joined=Compared(sums.counts.joined, sums.counts.joined_before),
            members=sums.counts.members,
            outstanding=points,
            held=held,
            liability=Money.of(Amount(pricing.worth_minor(points, rules), rules.currency)),
            in_force=InForce(current.version, current.effective_at, current.note)
            if current
            else None,
            waiting=waiting,
            findings=[OverviewFinding(f.path, f.code, f.text(text), f.severity) for f in found],
        )
    )


async def _sums(s: ReadSession, *, now: datetime, zone: ZoneInfo) -> _Sums:
    last = local_day(now, zone)
    kept = _kept.get((s.tenant_id, last))
    if kept is not None and stopwatch.monotonic() - kept[0] < _KEPT_S:
        return kept[1]
    period = timedelta(days=PERIOD_DAYS)
    since = last - period + timedelta(days=1)
    made = _Sums(
        days=await statistics.by_day(s, first=since - period, last=last, zone=zone),
        outstanding=await statistics.outstanding(s),
        counts=await members.counts(
            s,
            before=_midnight(since - period, zone),
            since=_midnight(since, zone),
            until=_midnight(last + timedelta(days=1), zone),
        ),
    )
    if len(_kept) >= _KEPT_MAX:
        _kept.clear()
    _kept[s.tenant_id, last] = (stopwatch.monotonic(), made)
    return made


async def _waiting(s: ReadSession, *, now: datetime) -> Waiting:
    async def sets(*states: change_sets.State) -> int:
        page = await parameters.change_sets(
            s, states=states, now=now, cursor=None, limit=_LISTED_MAX
        )
        return len(page.items)

    orders = await desk.listing(s, find=desk.Find(attention=True), limit=_LISTED_MAX)
    return Waiting(
        in_review=await sets("in_review"),
        returned=await sets("returned"),
        scheduled=len(await parameters.scheduled(s, now=now)),
        adjustments=len(await adjustments.awaiting(s, limit=_LISTED_MAX)),
        orders=len(orders.items),
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock_time(0), tzinfo=zone)


def _compared(values: list[int]) -> Compared:
    return Compared(sum(values[-PERIOD_DAYS:]), sum(values[:-PERIOD_DAYS]))


HANDLERS = [overview]
