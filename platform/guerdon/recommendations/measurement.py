"""What became of recommendations in a period: counted by place, kind and day, and the lift.

Every figure is a count of the rows of `recommendation_event` that somebody told, so that it can be
recounted. Rows that a generator made are told apart by their source and count only if asked for.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from guerdon.kit.errors import InvalidError
from guerdon.plumbing.db import ReadSession
from guerdon.recommendations.feedback import Source
from guerdon.recommendations.lift import Arm, Lift, lift
from guerdon.recommendations.offers import Kind

DAYS_MAX: Final = 92
REAL: Final[tuple[Source, ...]] = ("site", "api")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Days of the programme, both included; empty filters mean everything."""

    first: date
    last: date
    sources: tuple[Source, ...] = REAL
    placement: str = ""
    kind: Kind | None = None


class Counts(msgspec.Struct, frozen=True):
    """Events."""

    impressions: int = 0
    clicks: int = 0
    conversions: int = 0
    dismissals: int = 0


class Line(msgspec.Struct, frozen=True):
    """One kind at one placement; `placement` is None for all of them together.

    `mixed` members were in both arms, since the share of the holdout was changed: they are in
    neither.
    """

    placement: str | None
    kind: Kind
    counts: Counts
    shown: Arm
    holdout: Arm
    mixed: int
    lift: Lift


class OnDay(msgspec.Struct, frozen=True):
    """What happened on a day."""

    day: date
    counts: Counts


class Measured(msgspec.Struct, frozen=True):
    """All of it. `sources`: how many events each source told in the period, chosen or not."""

    lines: list[Line]
    days: list[OnDay]
    sources: dict[Source, int]


_OF = """
  FROM app.recommendation_event e
 WHERE e.tenant_id = %(tenant_id)s AND e.at >= %(since)s AND e.at < %(until)s
   AND e.type <> 'view'
   AND (%(placement)s = '' OR e.placement = %(placement)s)
   AND (%(kind)s::text IS NULL OR e.kind = %(kind)s)"""
_CHOSEN = f"{_OF} AND e.source = ANY (%(sources)s)"
_COUNTS = """
       count(*) FILTER (WHERE e.type = 'impression') AS impressions,
       count(*) FILTER (WHERE e.type = 'click') AS clicks,
       count(*) FILTER (WHERE e.type = 'conversion') AS conversions,
       count(*) FILTER (WHERE e.type = 'dismissal')
         - count(*) FILTER (WHERE e.type = 'dismissal_undone') AS dismissals"""
_BY_PLACE: Final = f"""
SELECT e.placement, e.kind, {_COUNTS} {_CHOSEN}
 GROUP BY GROUPING SETS ((e.kind), (e.placement, e.kind))
"""
_BY_DAY: Final = f"""
SELECT (e.at AT TIME ZONE %(zone)s)::date AS day, {_COUNTS} {_CHOSEN} GROUP BY 1
"""
# A member who took something up was reached, whether or not anybody told of the showing.
_ARMS: Final = f"""
SELECT d.placement, d.kind, d.arm, d.mixed, count(*) AS reached,
       count(*) FILTER (WHERE d.converted) AS converted
  FROM (SELECT e.placement, e.kind, e.member_id, min(e.arm) AS arm,
               min(e.arm) <> max(e.arm) AS mixed, bool_or(e.type = 'conversion') AS converted
          {_CHOSEN} AND e.member_id IS NOT NULL AND e.arm IS NOT NULL
         GROUP BY GROUPING SETS ((e.kind, e.member_id), (e.placement, e.kind, e.member_id))) d
 GROUP BY d.placement, d.kind, d.arm, d.mixed
"""  # noqa: S608
_SOURCES: Final = f"SELECT e.source, count(*) AS events {_OF} GROUP BY 1"


class _Place(Counts, frozen=True):
    placement: str | None = None
    kind: Kind = "catalogue"


class _Day(Counts, frozen=True, kw_only=True):
    day: date


class _Arm(msgspec.Struct, frozen=True):
    placement: str | None
    kind: Kind
    arm: str
    mixed: bool
    reached: int
    converted: int


class _Source(msgspec.Struct, frozen=True):
    source: Source
    events: int


async def measure(s: ReadSession, asked: Asked, *, zone: ZoneInfo) -> Measured:
    """Count the period's events. InvalidError for a period that is none or too long."""
    days = (asked.last - asked.first).days + 1
    if days < 1:
        raise InvalidError("The period ends before it begins.", field="last")
    if days > DAYS_MAX:
        raise InvalidError(
            f"A period has at most {DAYS_MAX} days; this one has {days}.", field="first"
        )
    params = {
        "since": _midnight(asked.first, zone),
        "until": _midnight(asked.last + timedelta(days=1), zone),
        "placement": asked.placement,
        "kind": asked.kind,
        "sources": list(asked.sources),
        "zone": zone.key,
    }
    places = await s.all(_Place, _BY_PLACE, params)
    arms = await s.all(_Arm, _ARMS, params)
    by_day = {row.day: _counts(row) for row in await s.all(_Day, _BY_DAY, params)}
    told = await s.all(_Source, _SOURCES, params)
    return Measured(
        sorted(
            (_line(row, arms) for row in places), key=lambda one: (one.kind, one.placement or "")
        ),
        [
            OnDay(day, by_day.get(day, Counts()))
            for day in (asked.first + timedelta(days=n) for n in range(days))
        ],
        {row.source: row.events for row in told},
    )


def _line(row: _Place, arms: Sequence[_Arm]) -> Line:
    mine = [one for one in arms if (one.placement, one.kind) == (row.placement, row.kind)]
    by_arm = {one.arm: Arm(one.reached, one.converted) for one in mine if not one.mixed}
    shown, holdout = by_arm.get("shown", Arm()), by_arm.get("holdout", Arm())
    return Line(
        row.placement,
        row.kind,
        _counts(row),
        shown,
        holdout,
        sum(one.reached for one in mine if one.mixed),
        lift(shown, holdout),
    )


def _counts(row: Counts) -> Counts:
    return Counts(row.impressions, row.clicks, row.conversions, row.dismissals)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
