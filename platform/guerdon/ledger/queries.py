"""Reading wallets."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from guerdon.kit.paging import Page, check_page_size, decode_cursor, encode_cursor
from guerdon.ledger.errors import AccountNotFoundError, TransactionNotFoundError
from guerdon.ledger.expiry import NEVER
from guerdon.ledger.schemas import Balance, Buckets, Explained, Lot, LotChange, Movement
from guerdon.plumbing.db import ReadSession

BALANCE_SQL = """
SELECT a.id AS account_id, a.posted, a.held, a.debt,
       a.posted - a.held - l.overdue AS available, l.overdue, l.next_expiry,
       coalesce((SELECT sum(n.remaining)::bigint FROM app.ledger_lot n
                  WHERE n.tenant_id = %(tenant_id)s AND n.account_id = a.id
                    AND n.expires_on = l.next_expiry), 0) AS next_expiry_points
  FROM app.ledger_account a
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(x.remaining) FILTER (WHERE x.expires_on < %(today)s), 0)::bigint AS overdue,
           min(x.expires_on) FILTER (WHERE x.expires_on >= %(today)s
                                       AND x.expires_on < DATE '9999-12-31') AS next_expiry
      FROM app.ledger_lot x WHERE x.tenant_id = %(tenant_id)s AND x.account_id = a.id) l
 WHERE a.tenant_id = %(tenant_id)s AND a.id = %(account_id)s
"""

_MOVEMENT = """
t.id, t.kind, t.points, t.balance_after, t.occurred_at, t.recorded_at, t.parameters_version,
t.source, t.event_id, t.reverses, t.hold_id, t.explanation,
(SELECT nullif(min(m.expires_on), DATE '9999-12-31') FROM app.ledger_lot_move m
  WHERE m.tenant_id = %(tenant_id)s AND m.txn_id = t.id AND m.points > 0
    AND m.lot <> '00000000-0000-0000-0000-000000000000') AS expires_on
"""


async def balance(s: ReadSession, *, account_id: UUID, today: date) -> Balance:
    """The wallet as it is; `today` is the date in the programme's zone."""
    found = await s.one_or_none(Balance, BALANCE_SQL, {"account_id": account_id, "today": today})
    if found is None:
        raise AccountNotFoundError
    return found


class _Free(msgspec.Struct):
    id: UUID
    free: int


async def free_points(s: ReadSession, *, account_ids: Sequence[UUID]) -> dict[UUID, int]:
    """What each wallet holds less what is set aside, for a list."""
    rows = await s.all(
        _Free,
        "SELECT id, posted - held AS free FROM app.ledger_account"
        " WHERE tenant_id = %(tenant_id)s AND id = ANY (%(ids)s::uuid[])",
        {"ids": list(account_ids)},
    )
    return {row.id: row.free for row in rows}


async def balance_at(s: ReadSession, *, account_id: UUID, at: datetime) -> int:
    """The posted balance as far as things had happened by `at`, whenever they were told."""
    total: int = await s.value(
        "SELECT coalesce(sum(points), 0)::bigint FROM app.ledger_txn"
        " WHERE tenant_id = %(tenant_id)s AND account_id = %(account_id)s"
        " AND occurred_at <= %(at)s",
        {"account_id": account_id, "at": at},
    )
    return total


async def buckets(s: ReadSession, *, account_id: UUID, today: date) -> Buckets:
    """What a wallet got and gave in its whole life, by kind."""
    now = await balance(s, account_id=account_id, today=today)
    sums = await s.one(
        _Sums,
        """
        SELECT coalesce(sum(points) FILTER (WHERE kind = 'earn'), 0)::bigint AS earned,
               coalesce(-sum(points) FILTER (WHERE kind = 'reverse'), 0)::bigint AS reversed,
               coalesce(-sum(points) FILTER (WHERE kind = 'redeem'), 0)::bigint AS spent,
               coalesce(sum(points) FILTER (WHERE kind = 'refund'), 0)::bigint AS refunded,
               coalesce(-sum(points) FILTER (WHERE kind = 'expire'), 0)::bigint AS expired,
               coalesce(sum(points) FILTER (WHERE kind = 'adjust'), 0)::bigint AS adjusted
          FROM app.ledger_txn WHERE tenant_id = %(tenant_id)s AND account_id = %(account_id)s
        """,
        {"account_id": account_id},
    )
    return Buckets(
        earned=sums.earned,
        reversed=sums.reversed,
        spent=sums.spent,
        refunded=sums.refunded,
        expired=sums.expired,
        adjusted=sums.adjusted,
        posted=now.posted,
        held=now.held,
        available=now.available,
    )


class _Sums(msgspec.Struct):
    earned: int
    reversed: int
    spent: int
    refunded: int
    expired: int
    adjusted: int


async def history(
    s: ReadSession,
    *,
    account_id: UUID,
    kind: str | None = None,
    cursor: str | None = None,
    limit: int = 25,
) -> Page[Movement]:
    """Movements of a wallet (of one kind), the latest first, and where to go on."""
    check_page_size(limit)
    before_at, before_id = decode_cursor(cursor, datetime, UUID) if cursor else (None, None)
    rows = await s.all(
        Movement,
        f"""
        SELECT {_MOVEMENT} FROM app.ledger_txn t
         WHERE t.tenant_id = %(tenant_id)s AND t.account_id = %(account_id)s
           AND (%(kind)s::text IS NULL OR t.kind = %(kind)s)
           AND (%(before_at)s::timestamptz IS NULL
                OR (t.occurred_at, t.id) < (%(before_at)s::timestamptz, %(before_id)s::uuid))
         ORDER BY t.occurred_at DESC, t.id DESC LIMIT %(limit)s
        """,  # noqa: S608
        {
            "account_id": account_id,
            "kind": kind,
            "before_at": before_at,
            "before_id": before_id,
            "limit": limit + 1,
        },
    )
    page = rows[:limit]
    more = len(rows) > limit
    return Page(page, encode_cursor(page[-1].occurred_at, page[-1].id) if more else None)


async def explain(s: ReadSession, *, txn_id: UUID, account_id: UUID | None = None) -> Explained:
    """Why a transaction is what it is. With `account_id`, only if it belongs to that wallet."""
    movement = await s.one_or_none(
        Movement,
        f"""
        SELECT {_MOVEMENT} FROM app.ledger_txn t
         WHERE t.tenant_id = %(tenant_id)s AND t.id = %(id)s
           AND (%(account_id)s::uuid IS NULL OR t.account_id = %(account_id)s::uuid)
        """,  # noqa: S608
        {"id": txn_id, "account_id": account_id},
    )
    if movement is None:
        raise TransactionNotFoundError
    lots = await s.all(
        LotChange,
        """
        SELECT nullif(m.lot, '00000000-0000-0000-0000-000000000000') AS lot, m.points,
               nullif(m.expires_on, DATE '9999-12-31') AS expires_on, o.occurred_at AS earned_at
          FROM app.ledger_lot_move m
          LEFT JOIN app.ledger_txn o ON o.tenant_id = %(tenant_id)s AND o.id = m.lot
         WHERE m.tenant_id = %(tenant_id)s AND m.txn_id = %(id)s ORDER BY m.expires_on, m.lot
        """,
        {"id": txn_id},
    )
    undone_by = await s.all(
        UUID,
        "SELECT id FROM app.ledger_txn WHERE tenant_id = %(tenant_id)s AND reverses = %(id)s"
        " ORDER BY occurred_at, id",
        {"id": txn_id},
    )
    return Explained(movement=movement, lots=lots, undone_by=undone_by)


async def by_event(s: ReadSession, *, source: str, event_id: str) -> UUID:
    """The transaction that a source's event made."""
    found: UUID | None = await s.value(
        "SELECT id FROM app.ledger_txn WHERE tenant_id = %(tenant_id)s"
        " AND source = %(source)s AND event_id = %(event_id)s",
        {"source": source, "event_id": event_id},
    )
    if found is None:
        raise TransactionNotFoundError(field="event_id")
    return found


async def expiring(
    s: ReadSession, *, account_id: UUID, today: date, until: date = NEVER, limit: int = 500
) -> list[Lot]:
    """Every lot that can be spent today and ends by `until`, the first to go first.

    With `until` left out, points that live for ever are in the list too, at its end.
    """
    return await s.all(
        Lot,
        """
        SELECT l.lot, l.remaining, nullif(l.expires_on, DATE '9999-12-31') AS expires_on,
               t.occurred_at AS earned_at
          FROM app.ledger_lot l
          JOIN app.ledger_txn t ON t.tenant_id = %(tenant_id)s AND t.id = l.lot
         WHERE l.tenant_id = %(tenant_id)s AND l.account_id = %(account_id)s
           AND l.expires_on BETWEEN %(today)s AND %(until)s
         ORDER BY l.expires_on, l.lot LIMIT %(limit)s
        """,
        {"account_id": account_id, "today": today, "until": until, "limit": limit},
    )
