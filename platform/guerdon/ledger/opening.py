"""Wallets and opening balances for many members at once: what an import needs."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from guerdon.kit.ids import uuid7
from guerdon.ledger.expiry import last_day, local_day
from guerdon.ledger.parameters import PointsParameters
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing.db import ReadSession, WriteSession, jsonb
from guerdon.plumbing.idempotency import fingerprint

_KEY = "opening:"


class OpeningBalance(msgspec.Struct, frozen=True):
    """Points that a member brings along. `owner_id` makes the key: one opening each."""

    owner_id: UUID
    account_id: UUID
    points: int
    expires_on: date | None
    line: int


class _Opened(msgspec.Struct, frozen=True):
    key: str
    points: int


async def open_accounts(s: WriteSession, *, ids: Sequence[UUID], now: datetime) -> None:
    """New, empty wallets with these ids."""
    await s.execute(
        "INSERT INTO app.ledger_account (tenant_id, id, opened_at)"
        " SELECT %(tenant_id)s, u, %(now)s FROM unnest(%(ids)s::uuid[]) AS u",
        {"ids": list(ids), "now": now},
    )


async def known_openings(s: ReadSession, *, member_ids: Sequence[UUID]) -> dict[UUID, int]:
    """The opening balances booked already, by owner."""
    rows = await s.all(
        _Opened,
        "SELECT idempotency_key AS key, points FROM app.ledger_txn"
        " WHERE tenant_id = %(tenant_id)s AND idempotency_key = ANY (%(keys)s)",
        {"keys": [f"{_KEY}{member_id}" for member_id in member_ids]},
    )
    return {UUID(row.key.removeprefix(_KEY)): row.points for row in rows}


async def opening_balances(
    s: WriteSession, rows: Sequence[OpeningBalance], *, snapshot: Snapshot, now: datetime
) -> int:
    """Book opening balances, each at most once; the points booked.

    Without a last day of their own, points live as long as points earned today.
    """
    if not rows:
        return 0
    rules = snapshot[PointsParameters]
    today = local_day(now, snapshot[ProgrammeParameters].zone)
    usual = last_day(rules.validity, today)
    booked: int = await s.value(
        """
        SELECT coalesce(sum(u.points) FILTER (WHERE NOT a.replayed), 0)::bigint
          FROM unnest(%(txns)s::uuid[], %(accounts)s::uuid[], %(points)s::bigint[],
                      %(expires)s::date[], %(keys)s::text[], %(prints)s::bytea[],
                      %(explanations)s::jsonb[])
            AS u(txn, account, points, expires_on, key, print, explanation)
          CROSS JOIN LATERAL app.ledger_adjust_v1(%(tenant_id)s, u.txn, u.account, u.points,
            u.expires_on, %(version)s::integer, NULL, NULL, u.key, u.print, u.explanation,
            %(now)s, %(today)s) AS a
        """,
        {
            "txns": [uuid7() for _ in rows],
            "accounts": [row.account_id for row in rows],
            "points": [row.points for row in rows],
            "expires": [row.expires_on or usual for row in rows],
            "keys": [f"{_KEY}{row.owner_id}" for row in rows],
            "prints": [fingerprint("ledger.opening", row.account_id, row.points) for row in rows],
            "explanations": [
                jsonb({"rule": "opening_balance", "points": row.points, "line": row.line})
                for row in rows
            ],
            "version": snapshot.version,
            "now": now,
            "today": today,
        },
    )
    return booked
