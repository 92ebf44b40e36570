"""What a brand uses, worked out from the rows that are there, and from nothing else.

A month is cut by the ids of rows: they are made by the machine's clock when a row is written, so
that neither a sandbox's own clock nor a date that somebody sends moves usage into another month.
Calls of the API leave no row of their own; processes add them up by the hour.
"""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

import msgspec

from guerdon.kit.ids import first_id_at
from guerdon.plans.periods import end_of, start_of
from guerdon.plans.plans import METERS, Meter
from guerdon.plumbing.db import ReadSession
from guerdon.plumbing.files import FileStore

Usage = dict[Meter, int]


async def usage(s: ReadSession, files: FileStore, *, period: date) -> Usage:
    """Every meter: of the month where it is monthly, of this moment where it is not."""
    found = {meter: await count(s, meter, period=period) for meter in METERS if meter in _QUERIES}
    found["storage"] = await files.used(s.tenant_id)
    return {meter: found[meter] for meter in METERS}


async def count(s: ReadSession, meter: Meter, *, period: date) -> int:
    """One meter that stands in the database."""
    start, end = start_of(period), end_of(period)
    value = await s.value(
        _QUERIES[meter],
        {"start": start, "end": end, "from": first_id_at(start), "to": first_id_at(end)},
    )
    return int(value)


_QUERIES: Final[Mapping[Meter, str]] = MappingProxyType(
    {
        # Of the last moment of the period: who has come or left since does not count.
        "members": "SELECT count(*) FROM app.member"
        " WHERE tenant_id = %(tenant_id)s AND id < %(to)s"
        " AND (status <> 'erased' OR erased_at >= %(end)s)",
        # Who earned or redeemed; what time or the brand does to a wallet is no activity.
        "active_members": "SELECT count(DISTINCT account_id) FROM app.ledger_txn"
        " WHERE tenant_id = %(tenant_id)s AND id >= %(from)s AND id < %(to)s"
        " AND kind IN ('earn', 'redeem')",
        "orders": "SELECT count(*) FROM app.redemption"
        " WHERE tenant_id = %(tenant_id)s AND id >= %(from)s AND id < %(to)s",
        "api_calls": "SELECT coalesce(sum(api_calls), 0)::bigint FROM app.usage_hour"
        " WHERE tenant_id = %(tenant_id)s AND hour >= %(start)s AND hour < %(end)s",
        "seats": "SELECT count(*) FROM app.staff"
        " WHERE tenant_id = %(tenant_id)s AND status IN ('invited', 'active', 'suspended')",
    }
)


class Work(msgspec.Struct, frozen=True):
    """What processes did for a brand in a period."""

    cpu_us: int
    outside_calls: int


async def work(s: ReadSession, *, period: date) -> Work:
    """Computing time and calls to the outside, as processes added them up."""
    return await s.one(
        Work,
        "SELECT coalesce(sum(cpu_us), 0)::bigint AS cpu_us,"
        " coalesce(sum(outside_calls), 0)::bigint AS outside_calls FROM app.usage_hour"
        " WHERE tenant_id = %(tenant_id)s AND hour >= %(start)s AND hour < %(end)s",
        {"start": start_of(period), "end": end_of(period)},
    )


class Day(msgspec.Struct, frozen=True):
    """What happened on one day."""

    day: date
    orders: int
    api_calls: int


async def days(s: ReadSession, *, since: datetime, until: datetime) -> list[Day]:
    """Orders and calls by day in UTC, quiet days left out."""
    return await s.all(
        Day,
        """
        SELECT day, sum(orders)::bigint AS orders, sum(api_calls)::bigint AS api_calls FROM (
          SELECT (placed.at AT TIME ZONE 'UTC')::date AS day, count(*) AS orders, 0 AS api_calls
            FROM app.redemption r CROSS JOIN LATERAL (
              SELECT to_timestamp(('x' || substr(replace(r.id::text, '-', ''), 1, 12))::bit(48)
                     ::bigint / 1000.0) AS at) placed
           WHERE r.tenant_id = %(tenant_id)s AND r.id >= %(from)s AND r.id < %(to)s GROUP BY 1
          UNION ALL
          SELECT (hour AT TIME ZONE 'UTC')::date, 0, sum(api_calls) FROM app.usage_hour
           WHERE tenant_id = %(tenant_id)s AND hour >= %(since)s AND hour < %(until)s GROUP BY 1
        ) x GROUP BY day ORDER BY day
        """,
        {
            "since": since, "until": until,
            "from": first_id_at(since), "to": first_id_at(until),
        },
    )  # fmt: skip
