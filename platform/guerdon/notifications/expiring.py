"""Points that will expire are told of before their last day, once per wallet, day and notice.

A mark per notice says how far its days have been told. What comes into a wallet later, with fewer
days to live than the notice, is told of by the next one: a brand that counts on 30 and 7 days
never tells of both at once.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from guerdon.ledger.expiry import local_day
from guerdon.members.queries import owners
from guerdon.notifications.parameters import NotificationParameters
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plumbing import events, outbox
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.plumbing.jobs import Effect

_CHUNK: Final = 500
_WHOLE_DAY: Final = UUID(int=2**128 - 1)


class AnnounceExpiries(outbox.Message, frozen=True):
    """Tell of what expires soon."""

    topic: ClassVar[str] = "notifications.announce_expiries"
    queue: ClassVar[str] = "bulk"


class Expiring(msgspec.Struct, frozen=True):
    """What a wallet loses after a day."""

    account_id: UUID
    expires_on: date
    points: int


class _Mark(msgspec.Struct, frozen=True):
    day: date
    account_id: UUID


class AnnounceExpiriesDue(Effect[AnnounceExpiries]):
    """One chunk of wallets for each notice; a full chunk asks for the next one."""

    message = AnnounceExpiries

    async def apply(self, rt: Any, s: WriteSession, m: AnnounceExpiries, now: datetime) -> None:
        snapshot = await rt.snapshot(s.tenant_id, now)
        zone = snapshot[ProgrammeParameters].zone
        today = local_day(now, zone)
        begun = datetime(today.year, today.month, today.day, tzinfo=zone).astimezone(now.tzinfo)
        more = False
        below = -1
        for days in snapshot[NotificationParameters].expiry_notices:
            told = await _tell(s, days=days, below=below, today=today, begun=begun)
            more = more or told == _CHUNK
            below = days
        if more:
            await outbox.put(s, AnnounceExpiries())


async def _tell(s: WriteSession, *, days: int, below: int, today: date, begun: datetime) -> int:
    """Tell of the wallets whose turn it is for the notice of `days`; how many they were."""
    mark = await _lock_mark(s, days=days, begin=today + timedelta(days=below))
    last = today + timedelta(days=days)
    found = await s.all(
        Expiring,
        """
        SELECT l.account_id, l.expires_on, sum(l.remaining)::bigint AS points
          FROM app.ledger_lot l
         WHERE l.tenant_id = %(tenant_id)s AND l.expires_on > %(after)s AND l.expires_on <= %(last)s
           AND (l.expires_on, l.account_id) > (%(day)s, %(account)s)
         GROUP BY l.expires_on, l.account_id ORDER BY l.expires_on, l.account_id LIMIT %(limit)s
        """,
        {
            "after": today + timedelta(days=below),
            "last": last,
            "day": mark.day,
            "account": mark.account_id,
            "limit": _CHUNK,
        },
    )
    whose = await owners(s, account_ids=[one.account_id for one in found])
    for one in found:
        if one.account_id in whose:
            await events.emit(
                s,
                kind="points.expiring",
                member_id=whose[one.account_id],
                occurred_at=begun,
                data={
                    "points": one.points,
                    "lastDay": one.expires_on.isoformat(),
                    "days": (one.expires_on - today).days,
                    "notice": days,
                },
            )
    if len(found) == _CHUNK:
        mark = _Mark(found[-1].expires_on, found[-1].account_id)
    elif mark.day < last or mark.account_id != _WHOLE_DAY:
        mark = _Mark(last, _WHOLE_DAY)
    else:
        return len(found)
    await _set_mark(s, days, mark)
    return len(found)


async def _lock_mark(s: WriteSession, *, days: int, begin: date) -> _Mark:
    """How far the notice has got; where there is none yet it begins with what no other tells."""
    await s.execute(
        "INSERT INTO app.expiry_mark (tenant_id, days, day, account_id)"
        " VALUES (%(tenant_id)s, %(days)s, %(day)s, %(account)s) ON CONFLICT DO NOTHING",
        {"days": days, "day": begin, "account": _WHOLE_DAY},
    )
    return await s.one(
        _Mark,
        "SELECT day, account_id FROM app.expiry_mark WHERE tenant_id = %(tenant_id)s"
        " AND days = %(days)s::integer FOR UPDATE",
        {"days": days},
    )


async def _set_mark(s: WriteSession, days: int, mark: _Mark) -> None:
    await s.execute(
        "UPDATE app.expiry_mark SET day = %(day)s, account_id = %(account)s"
        " WHERE tenant_id = %(tenant_id)s AND days = %(days)s::integer",
        {"days": days, "day": mark.day, "account": mark.account_id},
    )


async def pass_quiet_days(s: WriteSession, *, notices: Sequence[int], today: date) -> None:
    """Put the marks where the scheduler would have left them the day before `today`."""
    await s.execute(
        """
        UPDATE app.expiry_mark m SET day = %(today)s::date - 1 + m.days, account_id = %(account)s
         WHERE m.tenant_id = %(tenant_id)s AND m.days = ANY (%(notices)s::integer[])
           AND m.day < %(today)s::date - 1 + m.days
        """,
        {"notices": list(notices), "today": today, "account": _WHOLE_DAY},
    )


# What a clock that is walked has before it: everything after the notice's days of yesterday, or
# from today on where nothing was told yet.
_NOTICES = """
  FROM unnest(%(notices)s::integer[], %(below)s::integer[]) AS w (days, below)
  LEFT JOIN app.expiry_mark m ON m.tenant_id = %(tenant_id)s AND m.days = w.days
"""
_LOTS = """
  FROM app.ledger_lot l
 WHERE l.tenant_id = %(tenant_id)s AND l.expires_on < '9999-12-31'
   AND l.expires_on > %(today)s::date + CASE WHEN m.days IS NULL THEN w.below
                                             ELSE greatest(w.below, w.days - 1) END
   AND (m.days IS NULL OR (l.expires_on, l.account_id) > (m.day, m.account_id))
"""
_AT = "((l.expires_on - w.days)::timestamp AT TIME ZONE %(zone)s)"
_NEXT = f"""
SELECT min(greatest({_AT}, %(now)s)) {_NOTICES}
 CROSS JOIN LATERAL (SELECT l.expires_on {_LOTS} ORDER BY l.expires_on LIMIT 1) l
"""
_COUNT = f"""
SELECT count(*) AS count, coalesce(sum(l.points), 0)::bigint AS points,
       min(greatest({_AT}, %(now)s)) AS first_at, max(greatest({_AT}, %(now)s)) AS last_at
{_NOTICES} CROSS JOIN LATERAL (
   SELECT l.account_id, l.expires_on, sum(l.remaining) AS points {_LOTS}
      AND l.expires_on <= %(last)s::date + w.days
    GROUP BY l.account_id, l.expires_on) l
"""


def _params(notices: Sequence[int], now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "notices": list(notices),
        "below": [-1, *notices][: len(notices)],
        "today": local_day(now, zone),
        "zone": zone.key,
        "now": now,
    }


async def next_notice(
    s: ReadSession, *, notices: Sequence[int], now: datetime, until: datetime, zone: ZoneInfo
) -> datetime | None:
    """When the next expiry is told of, from `now` on and not after `until`."""
    if not notices:
        return None
    at: datetime | None = await s.value(_NEXT, _params(notices, now, zone))
    return at if at is not None and at <= until else None


class Notices(msgspec.Struct, frozen=True):
    """How many notices there are until an instant, of how many points, the first and the last."""

    count: int
    points: int
    first_at: datetime | None
    last_at: datetime | None


async def count_notices(
    s: ReadSession, *, notices: Sequence[int], now: datetime, until: datetime, zone: ZoneInfo
) -> Notices:
    """The notices from `now` on and not after `until`, as things stand."""
    if not notices:
        return Notices(0, 0, None, None)
    params = {**_params(notices, now, zone), "last": local_day(until, zone)}
    return await s.one(Notices, _COUNT, params)
