"""What falls due in a programme by its own time: the next instant, and how much until another.

Each kind says what lies ahead in SQL of one pass over an index; whatever acts on it is the job
that the scheduler fires for every brand (`jobs.ACTS`). What changes by the clock alone (a version
coming into force, a tier's year ending) is told and not acted on.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from guerdon.notifications.expiring import count_notices, next_notice
from guerdon.notifications.parameters import NotificationParameters
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing.db import ReadSession
from guerdon.tiers.ladder import period_of
from guerdon.tiers.parameters import TierParameters

# In the order in which they happen at one instant: the parameters first, by which the rest goes.
KINDS: Final = ("version", "tier_year", "hold", "payment", "points", "notice")


class Due(msgspec.Struct, frozen=True):
    """Something of `kind` that falls due at an instant."""

    kind: str
    at: datetime


class Ahead(msgspec.Struct, frozen=True):
    """How much of a kind falls due until an instant, and when first and last."""

    kind: str
    count: int
    points: int
    first_at: datetime
    last_at: datetime


# The day after a lot's last one begins in the programme's zone.
_GONE = "((l.expires_on + 1)::timestamp AT TIME ZONE %(zone)s)"
_HOLDS = "FROM app.ledger_hold h WHERE h.tenant_id = %(tenant_id)s AND h.state = 'pending'"
_LOTS = "FROM app.ledger_lot l WHERE l.tenant_id = %(tenant_id)s AND l.expires_on < '9999-12-31'"
_PAYMENTS = """FROM app.redemption r
 WHERE r.tenant_id = %(tenant_id)s AND r.state IN ('held', 'awaiting_payment')
   AND r.payment_due_at > %(paid)s"""
_VERSIONS = """FROM app.parameter_version v
 WHERE v.tenant_id = %(tenant_id)s AND v.scheduled AND v.effective_at > %(now)s
   AND v.effective_at < '9999-12-31'
   AND NOT EXISTS (SELECT FROM app.parameter_withdrawal w
                    WHERE w.tenant_id = v.tenant_id AND w.version = v.version)"""

_NEXT = f"""
SELECT d.kind, greatest(d.at, %(now)s) AS at FROM (
  SELECT 'version' AS kind, (SELECT min(v.effective_at) {_VERSIONS}) AS at
  UNION ALL SELECT 'hold', (SELECT min(h.expires_at) {_HOLDS})
  UNION ALL SELECT 'payment', (SELECT min(r.payment_due_at) {_PAYMENTS})
  UNION ALL SELECT 'points', (SELECT {_GONE} {_LOTS} ORDER BY l.expires_on LIMIT 1)
) d WHERE d.at <= %(until)s
"""  # noqa: S608

_AHEAD = f"""
SELECT * FROM (
  SELECT 'version' AS kind, count(*) AS count, 0::bigint AS points,
         min(v.effective_at) AS first_at, max(v.effective_at) AS last_at
    {_VERSIONS} AND v.effective_at <= %(until)s
  UNION ALL
  SELECT 'hold', count(*), coalesce(sum(h.points), 0)::bigint, min(h.expires_at), max(h.expires_at)
    {_HOLDS} AND h.expires_at <= %(until)s
  UNION ALL
  SELECT 'payment', count(*), coalesce(sum(r.points), 0)::bigint, min(r.payment_due_at),
         max(r.payment_due_at)
    {_PAYMENTS} AND r.payment_due_at <= %(until)s
  UNION ALL
  SELECT 'points', count(*), coalesce(sum(l.remaining), 0)::bigint, min({_GONE}), max({_GONE})
    {_LOTS} AND l.expires_on < (%(until)s AT TIME ZONE %(zone)s)::date
) a WHERE a.count > 0
"""  # noqa: S608

_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


async def upcoming(
    s: ReadSession,
    *,
    now: datetime,
    until: datetime,
    snapshot: Snapshot,
    paid: datetime = _EPOCH,
) -> list[Due]:
    """What comes next after `now` and not after `until`: all of it at one instant, in order.

    What is overdue is due now. Payments due at `paid` or before have had their turn.
    """
    zone, ladder = snapshot[ProgrammeParameters].zone, snapshot[TierParameters]
    params = {"now": now, "until": until, "zone": zone.key, "paid": paid}
    found = await s.all(Due, _NEXT, params)
    notices = snapshot[NotificationParameters].expiry_notices
    told = await next_notice(s, notices=notices, now=now, until=until, zone=zone)
    if told is not None:
        found.append(Due("notice", told))
    ends = year_end(now, zone)
    if ladder.period == "calendar_year" and ladder.tiers and ends <= until:
        found.append(Due("tier_year", ends))
    if not found:
        return []
    first = min(one.at for one in found)
    at_once = [one for one in found if one.at == first]
    return sorted(at_once, key=lambda one: KINDS.index(one.kind))


async def ahead(
    s: ReadSession, *, now: datetime, until: datetime, snapshot: Snapshot
) -> list[Ahead]:
    """How much falls due after `now` and not after `until`, by kind, as things stand."""
    zone, ladder = snapshot[ProgrammeParameters].zone, snapshot[TierParameters]
    params: dict[str, Any] = {"now": now, "until": until, "zone": zone.key, "paid": _EPOCH}
    found = await s.all(Ahead, _AHEAD, params)
    if ladder.period == "calendar_year" and ladder.tiers:
        first = year_end(now, zone)
        years = period_of(ladder, until, zone) - period_of(ladder, now, zone)
        if years:
            last = first.astimezone(zone).replace(year=first.astimezone(zone).year + years - 1)
            found.append(Ahead("tier_year", years, 0, first, last))
    notices = snapshot[NotificationParameters].expiry_notices
    told = await count_notices(s, notices=notices, now=now, until=until, zone=zone)
    if told.first_at is not None and told.last_at is not None:
        found.append(Ahead("notice", told.count, told.points, told.first_at, told.last_at))
    return sorted(found, key=lambda one: KINDS.index(one.kind))


def year_end(now: datetime, zone: ZoneInfo) -> datetime:
    """When the year after that of `now` begins in `zone`."""
    return datetime(now.astimezone(zone).year + 1, 1, 1, tzinfo=zone).astimezone(now.tzinfo)


class Weight(msgspec.Struct, frozen=True):
    """How much is due at an instant."""

    count: int
    points: int


_WEIGHTS: Final = {
    "hold": f"SELECT count(*) AS count, coalesce(sum(h.points), 0)::bigint AS points {_HOLDS}"
    " AND h.expires_at <= %(now)s",
    "points": f"SELECT count(*) AS count, coalesce(sum(l.remaining), 0)::bigint AS points {_LOTS}"
    " AND l.expires_on < (%(now)s AT TIME ZONE %(zone)s)::date",
    "payment": f"SELECT count(*) AS count, coalesce(sum(r.points), 0)::bigint AS points {_PAYMENTS}"
    " AND r.payment_due_at <= %(now)s",
}


async def weight(
    s: ReadSession, kind: str, *, now: datetime, zone: ZoneInfo, paid: datetime = _EPOCH
) -> Weight:
    """How much of `kind` is due at `now`."""
    return await s.one(Weight, _WEIGHTS[kind], {"now": now, "zone": zone.key, "paid": paid})


class Published(msgspec.Struct, frozen=True):
    """A version that comes into force."""

    version: int
    note: str


async def versions_at(s: ReadSession, at: datetime) -> Sequence[Published]:
    """The scheduled versions of one instant."""
    return await s.all(
        Published,
        "SELECT v.version, v.note " + _VERSIONS.replace("> %(now)s", "= %(now)s")
        + " ORDER BY v.version",
        {"now": at},
    )  # fmt: skip


class Stood(msgspec.Struct, frozen=True):
    """How many wallets had so many qualifying points in a year that has ended."""

    tier: str
    members: int


async def stood(s: ReadSession, *, period: int, ladder: TierParameters) -> list[Stood]:
    """How many stood in each tier above the first in the year that has ended."""
    steps = ladder.tiers[1:]
    rows = await s.all(
        _Cell,
        """
        SELECT width_bucket(t.qualifying, %(edges)s::bigint[]) AS cell, count(*) AS members
          FROM app.tier_standing t
         WHERE t.tenant_id = %(tenant_id)s AND t.period = %(period)s::integer
         GROUP BY 1 HAVING width_bucket(t.qualifying, %(edges)s::bigint[]) > 0 ORDER BY 1
        """,
        {"period": period, "edges": [step.threshold for step in steps] or [10**13]},
    )
    return [Stood(steps[row.cell - 1].key, row.members) for row in rows]


class _Cell(msgspec.Struct):
    cell: int
    members: int
