"""Redemptions as whoever serves members works with them: what needs somebody comes first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, get_args
from uuid import UUID

import msgspec

from guerdon.kit.errors import ConflictError, InvalidError
from guerdon.kit.paging import Page, check_page_size, decode_cursor, encode_cursor
from guerdon.plumbing import outbox
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.redemption import journey
from guerdon.redemption.messages import TrackOrder
from guerdon.redemption.refunds import Piece, share
from guerdon.redemption.schemas import State

_STATES: Final = frozenset(get_args(State))
_PARKED_MAX: Final = 500


class NothingToAskError(ConflictError):
    """The supplier has nothing to tell at this point (`state`)."""

    code = "nothing_to_ask"
    title = "There is nothing to ask the supplier now"


class Find(msgspec.Struct, frozen=True, kw_only=True):
    """Which redemptions; empty means no filter. The period is half-open `[since, until)`."""

    states: Sequence[State] = ()
    number: str = ""
    member_id: UUID | None = None
    supplier: str = ""
    since: datetime | None = None
    until: datetime | None = None
    attention: bool = False


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A redemption in the list. `parked` counts its jobs that were given up for now."""

    id: UUID
    number: str
    member_id: UUID
    supplier: str
    state: State
    attention: str | None
    reason: str | None
    points: int
    money_minor: int
    fee_minor: int
    currency: str
    placed_at: datetime
    ended_at: datetime | None
    title: dict[str, str]
    lines: int
    parked: int


class Parked(msgspec.Struct, frozen=True, kw_only=True):
    """A job of a redemption that was given up for now."""

    id: UUID
    topic: str
    attempts: int
    parked_at: datetime
    last_error: str | None


# Few are parked at any time, so that they can be looked through by their payload.
_PARKED = """
parked AS MATERIALIZED (
  SELECT p.redemption_id, count(*) AS jobs FROM (
    SELECT coalesce((o.payload ->> 'redemption_id')::uuid, f.redemption_id) AS redemption_id
      FROM (SELECT o.payload FROM app.outbox o
             WHERE o.tenant_id = %(tenant_id)s AND o.parked_at IS NOT NULL AND o.done_at IS NULL
               AND o.topic LIKE 'redemption.%%' ORDER BY o.parked_at LIMIT %(parked_max)s) o
      LEFT JOIN app.redemption_refund f
        ON f.tenant_id = %(tenant_id)s AND f.id = (o.payload ->> 'refund_id')::uuid) p
   WHERE p.redemption_id IS NOT NULL GROUP BY p.redemption_id)"""
_COLUMNS = """
r.id, r.number, r.member_id, r.supplier, r.state, r.attention, r.reason, r.points, r.money_minor,
r.fee_minor, r.currency, r.placed_at, r.ended_at,
(SELECT l.title FROM app.redemption_line l
  WHERE l.tenant_id = r.tenant_id AND l.redemption_id = r.id ORDER BY l.line LIMIT 1) AS title,
(SELECT count(*) FROM app.redemption_line l
  WHERE l.tenant_id = r.tenant_id AND l.redemption_id = r.id) AS lines,
coalesce((SELECT p.jobs FROM parked p WHERE p.redemption_id = r.id), 0) AS parked"""
_NEEDS = "(r.attention IS NOT NULL OR r.id IN (SELECT p.redemption_id FROM parked p))"


async def listing(
    s: ReadSession, *, find: Find, cursor: str | None = None, limit: int = 50
) -> Page[Row]:
    """Redemptions that need somebody, then all others; the latest first among either."""
    check_page_size(limit)
    phase, after = "needs", None
    if cursor:
        phase, *rest = decode_cursor(cursor, str, datetime | None, UUID | None)
        if phase not in ("needs", "rest"):
            raise InvalidError("This cursor was not issued here.", field="cursor")
        after = rest if rest[0] is not None else None
    rows: list[Row] = []
    if phase == "needs":
        rows = await _rows(s, find, needs=True, after=after, limit=limit + 1)
        if len(rows) > limit:
            last = rows[limit - 1]
            return Page(rows[:limit], encode_cursor("needs", last.placed_at, last.id))
        after = None
        if find.attention:
            return Page(rows)
    more = await _rows(s, find, needs=False, after=after, limit=limit - len(rows) + 1)
    room = limit - len(rows)
    if len(more) <= room:
        return Page(rows + more)
    if not room:
        return Page(rows, encode_cursor("rest", None, None))
    last = more[room - 1]
    return Page(rows + more[:room], encode_cursor("rest", last.placed_at, last.id))


async def _rows(
    s: ReadSession, find: Find, *, needs: bool, after: Sequence[Any] | None, limit: int
) -> list[Row]:
    where = ["r.tenant_id = %(tenant_id)s"]
    params: dict[str, Any] = {"parked_max": _PARKED_MAX, "limit": limit}
    if find.states:
        # Spelled out, so that the planner sees which partial index serves.
        known = ", ".join(f"'{state}'" for state in find.states if state in _STATES)
        where.append(f"r.state IN ({known})")
    for name, condition, value in (
        ("number", "r.number = %(number)s", find.number.strip().upper()),
        ("member", "r.member_id = %(member)s", find.member_id),
        ("supplier", "r.supplier = %(supplier)s", find.supplier),
        ("since", "r.placed_at >= %(since)s", find.since),
        ("until", "r.placed_at < %(until)s", find.until),
    ):
        if value:
            where.append(condition)
            params[name] = value
    if after is not None:
        where.append(
            "(r.placed_at < %(at)s OR (r.placed_at = %(at)s AND r.id > %(last)s))"
            " AND r.placed_at <= %(at)s"
        )
        params |= {"at": after[0], "last": after[1]}
    shared = " AND ".join(where)
    order = "ORDER BY r.placed_at DESC, r.id LIMIT %(limit)s"
    if needs:
        # Two short lists, each by its own index.
        ids = (
            f"SELECT id, placed_at FROM (SELECT r.id, r.placed_at FROM app.redemption r"  # noqa: S608
            f" WHERE {shared} AND r.attention IS NOT NULL {order}) a"
            f" UNION SELECT id, placed_at FROM (SELECT r.id, r.placed_at FROM parked p"
            f" JOIN app.redemption r ON r.tenant_id = %(tenant_id)s AND r.id = p.redemption_id"
            f" WHERE {shared} {order}) b"
        )
    else:
        ids = (
            f"SELECT r.id, r.placed_at FROM app.redemption r"  # noqa: S608
            f" WHERE {shared} AND NOT {_NEEDS} {order}"
        )
    return await s.all(
        Row,
        f"WITH {_PARKED}, hits AS ({ids})"  # noqa: S608
        f" SELECT {_COLUMNS} FROM hits h"
        " JOIN app.redemption r ON r.tenant_id = %(tenant_id)s AND r.id = h.id"
        " ORDER BY h.placed_at DESC, h.id LIMIT %(limit)s",
        params,
    )


async def parked_jobs(s: ReadSession, *, redemption_id: UUID) -> list[Parked]:
    """Jobs of a redemption, of its refunds and its messages that were given up for now."""
    return await s.all(
        Parked,
        """
        SELECT o.id, o.topic, o.attempts, o.parked_at, o.last_error FROM app.outbox o
         WHERE o.tenant_id = %(tenant_id)s AND o.parked_at IS NOT NULL AND o.done_at IS NULL
           AND (o.payload ->> 'redemption_id' = %(id)s::text
                OR o.payload ->> 'refund_id' IN (SELECT f.id::text FROM app.redemption_refund f
                     WHERE f.tenant_id = %(tenant_id)s AND f.redemption_id = %(id)s)
                OR o.payload ->> 'log_id' IN (SELECT g.id::text FROM app.message_log g
                     WHERE g.tenant_id = %(tenant_id)s AND g.subject_id = %(id)s))
         ORDER BY o.parked_at, o.id
        """,
        {"id": redemption_id},
    )


async def replay(s: WriteSession, *, redemption_id: UUID) -> list[str]:
    """Put every parked job of a redemption back to work; the topics of those."""
    await journey.locked(s, redemption_id)
    jobs = await parked_jobs(s, redemption_id=redemption_id)
    return [job.topic for job in jobs if await outbox.replay(s, job.id)]


async def ask_supplier(s: WriteSession, *, redemption_id: UUID, now: datetime) -> None:
    """Ask the supplier now how far the parcels are. NothingToAskError before or after that."""
    row = await journey.locked(s, redemption_id)
    if row.state not in ("confirmed", "shipped"):
        raise NothingToAskError(state=row.state)
    await outbox.put(s, TrackOrder(redemption_id=row.id))
    await journey.note(s, row.id, "supplier_asked", now)


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a refund of some pieces gives back."""

    points: int
    money_minor: int


def refund_preview(parts: Sequence[journey.LineRow], pieces: Sequence[Piece]) -> Preview:
    """Points and money of `pieces`, by the rule that a refund follows; InvalidError."""
    by_line = {part.line: part for part in parts}
    points = money = 0
    for piece in pieces:
        part = by_line.get(piece.line)
        left = 0 if part is None else part.quantity - part.refunded_quantity
        if part is None or not 0 < piece.quantity <= left:
            raise InvalidError(
                f"Line {piece.line} has {left} pieces left to refund.", field="pieces"
            )
        line_points, line_money = share(part, piece.quantity)
        points, money = points + line_points, money + line_money
    return Preview(points=points, money_minor=money)


async def refundable(s: ReadSession, *, redemption_id: UUID) -> list[journey.LineRow]:
    """The lines of a redemption with what was refunded of each."""
    return await journey.lines(s, redemption_id)
