"""The moves of the journey. Each locks the redemption's row, looks where it stands, and changes
all legs of it in the caller's transaction; what has to happen outside becomes an outbox message.

Locks are taken in one order everywhere: redemption, wallet, stock.
"""

from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from guerdon.catalogue import stock
from guerdon.kit.ids import uuid7
from guerdon.ledger import operations as ledger
from guerdon.notifications.operations import notify
from guerdon.plumbing import events, outbox
from guerdon.plumbing.db import ReadSession, WriteSession, jsonb
from guerdon.redemption.messages import PlaceOrder, ReleasePayment
from guerdon.redemption.schemas import ENDED

Ending = Literal["refused", "cancelled", "expired"]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A redemption as its moves see it."""

    id: UUID
    number: str
    member_id: UUID
    account_id: UUID
    supplier: str
    points: int
    money_minor: int
    fee_minor: int
    currency: str
    parameters_version: int
    state: str
    points_leg: str
    money_leg: str
    order_leg: str
    stock_leg: str
    ship_to: dict[str, Any] | None
    language: str
    return_url: str | None
    payment_provider: str | None
    payment_reference: str | None
    payment_due_at: datetime | None
    captured_minor: int

    @property
    def due_minor(self) -> int:
        """What is paid in money, fee included."""
        return self.money_minor + self.fee_minor


class LineRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line as the moves see it."""

    line: int
    variant_id: UUID
    sku: str
    supplier_sku: str
    offer: str | None
    title: dict[str, str]
    quantity: int
    points: int
    money_minor: int
    cost_minor: int
    cost_currency: str
    accepted: int | None
    refunded_quantity: int
    refunded_points: int
    refunded_minor: int


_COLUMNS: Final = ", ".join(Row.__struct_fields__)
_LINE_COLUMNS: Final = ", ".join(LineRow.__struct_fields__)


async def locked(s: WriteSession, redemption_id: UUID) -> Row:
    """The redemption, locked until the transaction ends; NotFoundError if there is none."""
    return await s.one(
        Row,
        f"""
        SELECT {_COLUMNS} FROM app.redemption
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s FOR NO KEY UPDATE
        """,  # noqa: S608
        {"id": redemption_id},
    )


async def lines(s: ReadSession, redemption_id: UUID) -> list[LineRow]:
    """The lines of a redemption; to change them, the caller has locked its row."""
    return await s.all(
        LineRow,
        f"""
        SELECT {_LINE_COLUMNS} FROM app.redemption_line
         WHERE tenant_id = %(tenant_id)s AND redemption_id = %(id)s ORDER BY line
        """,  # noqa: S608
        {"id": redemption_id},
    )


async def note(
    s: WriteSession, redemption_id: UUID, kind: str, now: datetime, **detail: Any
) -> None:
    """An entry of the timeline."""
    await s.execute(
        """
        INSERT INTO app.redemption_step (tenant_id, redemption_id, id, kind, detail, occurred_at)
        VALUES (%(tenant_id)s, %(redemption)s, %(id)s, %(kind)s, %(detail)s, %(now)s)
        """,
        {
            "redemption": redemption_id,
            "id": uuid7(),
            "kind": kind,
            "detail": jsonb(detail),
            "now": now,
        },
    )


async def tell(s: WriteSession, row: Row, what: str, now: datetime, **data: Any) -> None:
    """Emit the event `redemption.<what>`."""
    await events.emit(
        s,
        kind=f"redemption.{what}",
        member_id=row.member_id,
        occurred_at=now,
        data={
            "redemptionId": str(row.id),
            "number": row.number,
            "points": row.points,
            "money": {"minor": row.due_minor, "currency": row.currency},
            **data,
        },
    )


async def end(s: WriteSession, row: Row, to: Ending, reason: str, now: datetime) -> None:
    """Give everything back: points, stock, and (by a message) the money that was authorised."""
    if row.points_leg == "held":
        await ledger.void_hold(s, hold_id=row.id, now=now)
    releasing = row.payment_reference is not None and row.money_leg in {"open", "authorised"}
    await s.execute(
        """
        UPDATE app.redemption
           SET state = %(to)s, reason = %(reason)s, ended_at = %(now)s, attention = NULL,
               points_leg = CASE points_leg WHEN 'held' THEN 'voided' ELSE points_leg END,
               stock_leg = CASE stock_leg WHEN 'reserved' THEN 'released' ELSE stock_leg END,
               order_leg = CASE order_leg WHEN 'sending' THEN 'refused' ELSE order_leg END,
               money_leg = CASE WHEN %(releasing)s THEN 'releasing' ELSE money_leg END,
               payment_url = NULL
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s
        """,
        {"id": row.id, "to": to, "reason": reason, "now": now, "releasing": releasing},
    )
    if releasing:
        await outbox.put(s, ReleasePayment(redemption_id=row.id, key=uuid7()))
    await note(s, row.id, to, now, reason=reason)
    await tell(s, row, to, now, reason=reason)
    await notify(
        s,
        kind=f"redemption_{to}",
        member_id=row.member_id,
        subject_id=row.id,
        language=row.language,
        values={
            "number": row.number,
            "reason": reason,
            "points": row.points,
            "money_minor": row.due_minor if releasing else 0,
            "currency": row.currency,
        },
        now=now,
    )
    if row.stock_leg == "reserved":
        parts = await lines(s, row.id)
        for part in sorted(parts, key=lambda one: one.variant_id):
            await stock.release(s, variant_id=part.variant_id, quantity=part.quantity)


async def authorised(s: WriteSession, row: Row, now: datetime, *, reference: str) -> None:
    """The money is reserved at the provider under `reference`: the order may go out."""
    await s.execute(
        """
        UPDATE app.redemption
           SET state = 'authorised', money_leg = 'authorised', payment_url = NULL,
               payment_reference = %(reference)s
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s
        """,
        {"id": row.id, "reference": reference},
    )
    await note(s, row.id, "authorised", now, money=row.due_minor, currency=row.currency)
    await outbox.put(s, PlaceOrder(redemption_id=row.id))


async def release_late(s: WriteSession, row: Row, now: datetime) -> None:
    """Money was authorised although the redemption is over: let it go, once."""
    if row.state not in ENDED or row.money_leg == "releasing":
        return
    await s.execute(
        """
        UPDATE app.redemption SET money_leg = 'releasing'
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s
        """,
        {"id": row.id},
    )
    await note(s, row.id, "late_payment", now)
    await outbox.put(s, ReleasePayment(redemption_id=row.id, key=uuid7()))
