"""Points by day, and what is outstanding: sums for those who run the programme."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from guerdon.plumbing.db import ReadSession


class Day(msgspec.Struct, frozen=True):
    """What happened to all wallets on one local day; all three are positive."""

    day: date
    issued: int
    redeemed: int
    expired: int


class Outstanding(msgspec.Struct, frozen=True):
    """Points in all wallets, debts left aside; `held` of them are set aside for orders."""

    points: int
    held: int


async def by_day(s: ReadSession, *, first: date, last: date, zone: ZoneInfo) -> list[Day]:
    """Each local day from `first` to `last`, quiet ones too."""
    return await s.all(
        Day,
        """
        SELECT d::date AS day, coalesce(t.issued, 0)::bigint AS issued,
               coalesce(t.redeemed, 0)::bigint AS redeemed,
               coalesce(t.expired, 0)::bigint AS expired
          FROM generate_series(%(first)s::timestamp, %(last)s::timestamp, '1 day') d
          LEFT JOIN (
               SELECT (occurred_at AT TIME ZONE %(zone)s)::date AS day,
                      sum(points) FILTER (WHERE kind = 'earn') AS issued,
                      -sum(points) FILTER (WHERE kind = 'redeem') AS redeemed,
                      -sum(points) FILTER (WHERE kind = 'expire') AS expired
                 FROM app.ledger_txn
                WHERE tenant_id = %(tenant_id)s
                  AND occurred_at >= %(since)s AND occurred_at < %(until)s
                GROUP BY 1) t ON t.day = d::date
         ORDER BY d
        """,
        {
            "first": first,
            "last": last,
            "zone": zone.key,
            "since": datetime.combine(first, time(0), tzinfo=zone),
            "until": datetime.combine(last + timedelta(days=1), time(0), tzinfo=zone),
        },
    )


async def outstanding(s: ReadSession) -> Outstanding:
    """What could be spent if everybody came today."""
    return await s.one(
        Outstanding,
        """
        SELECT coalesce(sum(greatest(posted, 0)), 0)::bigint AS points,
               coalesce(sum(held), 0)::bigint AS held
          FROM app.ledger_account WHERE tenant_id = %(tenant_id)s AND closed_at IS NULL
        """,
    )
