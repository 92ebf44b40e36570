"""Refunds: points and money in the mix they were paid in; points never become cash."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from guerdon.kit.ids import uuid7
from guerdon.kit.money import allocate
from guerdon.ledger import operations as ledger
from guerdon.notifications.operations import notify
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession, jsonb
from guerdon.redemption import journey
from guerdon.redemption.errors import RefundTooLargeError
from guerdon.redemption.messages import RefundPayment


class Piece(msgspec.Struct, frozen=True):
    """So many pieces of a line."""

    line: int
    quantity: int


def share(part: journey.LineRow, quantity: int) -> tuple[int, int]:
    """Points and money of the next `quantity` pieces of a line to go back.

    Taken of the cumulative quantity with the largest-remainder rule, so that any sequence of
    refunds ends at exactly what was paid.
    """
    before, after = part.refunded_quantity, part.refunded_quantity + quantity
    points = _of(part.points, after, part.quantity) - _of(part.points, before, part.quantity)
    money = _of(part.money_minor, after, part.quantity) - _of(
        part.money_minor, before, part.quantity
    )
    return points, money


def _of(total: int, quantity: int, whole: int) -> int:
    return allocate(total, [quantity, whole - quantity])[0]


async def give_back(
    s: WriteSession,
    row: journey.Row,
    parts: Sequence[journey.LineRow],
    *,
    pieces: Sequence[Piece],
    reason: str,
    taken: bool,
    now: datetime,
    refund_id: UUID | None = None,
) -> UUID:
    """Refund pieces of a redemption whose row is locked; the refund's id.

    `taken` is False for what was never taken (a part that the supplier refused): its points and
    its money simply stay with the member.
    """
    by_line = {part.line: part for part in parts}
    points = money = 0
    for piece in pieces:
        part = by_line.get(piece.line)
        left = 0 if part is None else part.quantity - part.refunded_quantity
        if part is None or not 0 < piece.quantity <= left:
            raise RefundTooLargeError(field="lines", line=piece.line, left=left)
        line_points, line_money = share(part, piece.quantity)
        points += line_points
        money += line_money
        await s.execute(
            """
            UPDATE app.redemption_line
               SET refunded_quantity = refunded_quantity + %(quantity)s,
                   refunded_points = refunded_points + %(points)s,
                   refunded_minor = refunded_minor + %(money)s
             WHERE tenant_id = %(tenant_id)s AND redemption_id = %(id)s AND line = %(line)s
            """,
            {
                "id": row.id,
                "line": piece.line,
                "quantity": piece.quantity,
                "points": line_points,
                "money": line_money,
            },
        )
    new_id = refund_id or uuid7()
    back = money if taken else 0
    await s.execute(
        """
        INSERT INTO app.redemption_refund
          (tenant_id, id, redemption_id, reason, points, money_minor, money_leg, lines, created_at)
        VALUES (%(tenant_id)s, %(id)s, %(redemption)s, %(reason)s, %(points)s, %(money)s,
                CASE WHEN %(money)s > 0 THEN 'due' ELSE 'none' END, %(lines)s, %(now)s)
        """,
        {
            "id": new_id,
            "redemption": row.id,
            "reason": reason,
            "points": points,
            "money": back,
            "lines": jsonb(pieces),
            "now": now,
        },
    )
    if points and taken:
        await ledger.refund(s, txn_id=row.id, refund_id=new_id, points=points, now=now)
    if back:
        await outbox.put(s, RefundPayment(refund_id=new_id))
    await journey.note(s, row.id, "refunded", now, points=points, money=back, reason=reason)
    await notify(
        s,
        kind="redemption_refunded",
        member_id=row.member_id,
        subject_id=new_id,
        language=row.language,
        values={
            "number": row.number,
            "reason": reason,
            "points": points,
            "money_minor": back,
            "currency": row.currency,
        },
        now=now,
    )
    return new_id
