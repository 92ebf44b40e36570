"""Wallets and opening balances for many members at once: what an import needs."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec

from guerdon.kit.ids import uuid7
from guerdon.ledger.expiry import last_day, local_day
from guerdon.ledger.parameters import PointsParameters
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing import bulk
from guerdon.plumbing.db import WriteSession, jsonb
from guerdon.plumbing.idempotency import fingerprint

_KEY = "opening:"


class Standing(msgspec.Struct, frozen=True):
    """Points towards a tier that somebody brings along, in a period."""

    period: int
    qualifying: int


class OpeningBalance(msgspec.Struct, frozen=True):
    """Points that a member brings along. `owner_id` makes the key: one opening each."""

    owner_id: UUID
    account_id: UUID
    points: int
    expires_on: date | None
    line: int
    standings: Sequence[Standing] = ()

    @property
    def key(self) -> str:
        """Under which it is booked, once."""
        return f"{_KEY}{self.owner_id}"

    @property
    def print(self) -> bytes:
        """What a repetition has to have in common with it."""
        return fingerprint("ledger.opening", self.account_id, self.points)

    @property
    def explanation(self) -> dict[str, object]:
        """Why these points are there."""
        told: dict[str, object] = {
            "rule": "opening_balance",
            "points": self.points,
            "line": self.line,
        }
        return {**told, "standings": self.standings} if self.standings else told


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


def usual_last_day(snapshot: Snapshot, now: datetime) -> date:
    """The last day of points that come without one: as if they were earned today."""
    today = local_day(now, snapshot[ProgrammeParameters].zone)
    return last_day(snapshot[PointsParameters].validity, today)


async def open_with(
    s: WriteSession,
    *,
    accounts: Sequence[UUID],
    openings: Sequence[OpeningBalance | None],
    snapshot: Snapshot,
    now: datetime,
) -> int:
    """New wallets, each with what its owner brings along, if anything; the points booked.

    Without a last day of their own, points live as long as points earned today.
    """
    if not accounts:
        return 0
    usual = usual_last_day(snapshot, now)
    booked: int = await s.value(
        """
        SELECT app.ledger_open_v1(%(tenant_id)s, %(accounts)s::uuid[], %(txns)s::uuid[],
                 %(points)s::bigint[], %(expires)s::date[], %(keys)s::text[], %(prints)s::bytea[],
                 %(explanations)s::jsonb[], %(version)s::integer, %(now)s)
        """,
        {
            "accounts": bulk.plain(accounts),
            "txns": bulk.plain(uuid7() if o else None for o in openings),
            "points": bulk.plain(o.points if o else None for o in openings),
            "expires": bulk.plain(o.expires_on or usual if o else None for o in openings),
            "keys": bulk.texts(o.key if o else None for o in openings),
            "prints": bulk.blobs(o.print if o else None for o in openings),
            "explanations": bulk.texts(
                msgspec.json.encode(o.explanation).decode() if o else None for o in openings
            ),
            "version": snapshot.version,
            "now": now,
        },
    )
    return booked


_OPENED: Final = """
SELECT t.* FROM unnest(%(keys)s::text[]) AS given(key) CROSS JOIN LATERAL (
  SELECT x.idempotency_key AS key, x.points FROM app.ledger_txn x
   WHERE x.tenant_id = %(tenant_id)s AND x.idempotency_key >= given.key
   ORDER BY x.idempotency_key LIMIT 1) AS t
 WHERE t.key = given.key
"""


async def known_openings(s: WriteSession, *, member_ids: Sequence[UUID]) -> dict[UUID, int]:
    """The opening balances booked already, by owner."""
    if not member_ids:
        return {}
    async with bulk.seeking(s):
        rows = await s.all(
            _Opened,
            _OPENED,
            {"keys": bulk.texts(f"{_KEY}{member_id}" for member_id in member_ids)},
        )
    return {UUID(row.key.removeprefix(_KEY)): row.points for row in rows}


async def lock_accounts(s: WriteSession, *, ids: Sequence[UUID]) -> None:
    """Queue up behind whatever changes these wallets, in the order that everybody takes."""
    if ids:
        await s.execute(
            "SELECT FROM unnest(%(ids)s::uuid[]) AS given(id) CROSS JOIN LATERAL ("
            "  SELECT FROM app.ledger_account a WHERE a.tenant_id = %(tenant_id)s"
            "     AND a.id = given.id LIMIT 1 FOR NO KEY UPDATE) AS locked",
            {"ids": bulk.plain(sorted(ids))},
        )


async def opening_balances(
    s: WriteSession, rows: Sequence[OpeningBalance], *, snapshot: Snapshot, now: datetime
) -> int:
    """Book opening balances in wallets that are there, each at most once; the points booked.

    Without a last day of their own, points live as long as points earned today.
    """
    if not rows:
        return 0
    usual = usual_last_day(snapshot, now)
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
            "keys": [row.key for row in rows],
            "prints": [row.print for row in rows],
            "explanations": [jsonb(row.explanation) for row in rows],
            "version": snapshot.version,
            "now": now,
            "today": local_day(now, snapshot[ProgrammeParameters].zone),
        },
    )
    return booked
