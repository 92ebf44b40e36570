"""The supplier's leg: the order, its confirmation, the parcels."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from guerdon.fulfilment.errors import SupplierRefusedError
from guerdon.fulfilment.port import (
    Order,
    OrderLine,
    OrderStatus,
    Package,
    Placed,
    Refused,
    ShipTo,
    Supplier,
)
from guerdon.fulfilment.providers import connect
from guerdon.kit.money import Money
from guerdon.ledger import operations as ledger
from guerdon.notifications.operations import notify
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession, jsonb
from guerdon.plumbing.jobs import Job
from guerdon.redemption import journey
from guerdon.redemption.messages import CapturePayment, PlaceOrder, SettleRedemption, TrackOrder
from guerdon.redemption.payment_jobs import flag
from guerdon.redemption.refunds import Piece, give_back, share
from guerdon.runtime import Runtime

LOOK_S_MAX: Final = 1800
_RANK: Final = {
    "preparing": 0, "shipped": 1, "in_transit": 2, "out_for_delivery": 3,
    "delivered": 4, "undeliverable": 4, "returned": 5,
}  # fmt: skip


def look_delay_s(look: int) -> int:
    """Seconds until the next look at the supplier; pushes usually come first."""
    return min(LOOK_S_MAX, 4 + look * look)


class OrderCall(msgspec.Struct, frozen=True):
    """An order and who takes it."""

    supplier: Supplier
    order: Order


class Send(Job[PlaceOrder, OrderCall, Placed | Refused]):
    """authorised -> ordered -> confirmed or refused. From `ordered` on nobody can cancel."""

    message = PlaceOrder

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: PlaceOrder, now: datetime
    ) -> OrderCall | None:
        row = await journey.locked(s, m.redemption_id)
        if row.state == "authorised":
            await s.execute(
                """
                UPDATE app.redemption SET state = 'ordered', order_leg = 'sending'
                 WHERE tenant_id = %(tenant_id)s AND id = %(id)s
                """,
                {"id": row.id},
            )
            await journey.note(s, row.id, "ordered", now)
            await journey.tell(s, row, "placed", now)
        elif row.order_leg != "sending":
            return None
        parts = await journey.lines(s, row.id)
        return OrderCall(
            await connect(rt, s, row.supplier, now=now),
            Order(
                id=row.id,
                lines=[
                    OrderLine(
                        id=str(part.line),
                        sku=part.supplier_sku,
                        offer=part.offer,
                        quantity=part.quantity,
                        expected_unit_price=Money(part.cost_minor, part.cost_currency),
                    )
                    for part in parts
                ],
                ship_to=None if row.ship_to is None else msgspec.convert(row.ship_to, ShipTo),
                purchase_order=row.number,
            ),
        )

    async def ask(self, rt: Runtime, call: OrderCall) -> Placed | Refused | None:
        try:
            status = await call.supplier.status(call.order.id)
        except SupplierRefusedError:
            return None
        return None if status is None else status.answer

    async def perform(self, rt: Runtime, call: OrderCall) -> Placed | Refused:
        return await call.supplier.place(call.order)

    async def record(
        self,
        rt: Runtime,
        s: WriteSession,
        m: PlaceOrder,
        outcome: Placed | Refused,
        now: datetime,
    ) -> None:
        row = await journey.locked(s, m.redemption_id)
        if row.order_leg != "sending":
            return
        if isinstance(outcome, Refused):
            await journey.note(
                s, row.id, "supplier_refused", now, reason=outcome.reason, detail=outcome.detail
            )
            await journey.end(s, row, "refused", f"supplier_{outcome.reason}", now)
        else:
            await confirm(s, row, outcome, now)

    async def parked(self, rt: Runtime, s: WriteSession, m: PlaceOrder, now: datetime) -> None:
        await flag(s, m.redemption_id, "order_unknown", now)


async def confirm(s: WriteSession, row: journey.Row, placed: Placed, now: datetime) -> None:
    """Points are posted and money is captured for what the supplier accepted."""
    parts = await journey.lines(s, row.id)
    accepted = {answer.id: answer.accepted for answer in placed.lines}
    missing = [
        Piece(part.line, part.quantity - accepted.get(str(part.line), part.quantity))
        for part in parts
    ]
    missing = [piece for piece in missing if piece.quantity > 0]
    unwanted = [share(part, m.quantity) for m in missing for part in parts if part.line == m.line]
    if row.points_leg == "held":
        await ledger.post_hold(
            s,
            hold_id=row.id,
            txn_id=row.id,
            points=row.points - sum(points for points, _ in unwanted),
            explanation={"redemption": row.number, "title": parts[0].title},
            now=now,
        )
    amount = row.due_minor - sum(money for _, money in unwanted)
    charge = placed.charge
    await s.execute(
        """
        UPDATE app.redemption
           SET state = 'confirmed', order_leg = 'placed', confirmed_at = %(now)s, attention = NULL,
               points_leg = CASE points_leg WHEN 'held' THEN 'posted' ELSE points_leg END,
               stock_leg = CASE stock_leg WHEN 'reserved' THEN 'taken' ELSE stock_leg END,
               money_leg = CASE money_leg WHEN 'authorised' THEN 'capturing' ELSE money_leg END,
               supplier_charge_minor = %(charge)s, supplier_charge_currency = %(charge_currency)s,
               supplier_reference = %(reference)s, pickup_code = %(code)s,
               delivery_from = %(from)s, delivery_to = %(to)s
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s
        """,
        {
            "id": row.id,
            "now": now,
            "charge": None if charge is None else charge.minor,
            "charge_currency": None if charge is None else charge.currency,
            "reference": ", ".join(placed.supplier_references) or None,
            "code": placed.pickup_code,
            "from": placed.delivery_from,
            "to": placed.delivery_to,
        },
    )
    await s.execute_many(
        """
        UPDATE app.redemption_line SET accepted = %(accepted)s
         WHERE tenant_id = %(tenant_id)s AND redemption_id = %(id)s AND line = %(line)s
        """,
        [
            {"id": row.id, "line": p.line, "accepted": accepted.get(str(p.line), p.quantity)}
            for p in parts
        ],
    )
    if row.money_leg == "authorised":
        await outbox.put(s, CapturePayment(redemption_id=row.id, amount_minor=amount))
    await journey.note(s, row.id, "confirmed", now, partial=bool(missing))
    await journey.tell(s, row, "confirmed", now, partial=bool(missing))
    if missing:
        await give_back(
            s, row, parts, pieces=missing, reason="supplier_partial", taken=False, now=now
        )
    await outbox.put(s, TrackOrder(redemption_id=row.id, look=1), delay_s=look_delay_s(0))
    await notify(
        s,
        kind="redemption_confirmed",
        member_id=row.member_id,
        subject_id=row.id,
        language=row.language,
        values={
            "number": row.number,
            "title": parts[0].title,
            "points": row.points,
            "money_minor": row.due_minor,
            "currency": row.currency,
            "pickupCode": placed.pickup_code,
        },
        now=now,
    )


class TrackCall(msgspec.Struct, frozen=True):
    """A question to the supplier."""

    supplier: Supplier
    external_id: UUID


class Track(Job[TrackOrder, TrackCall, OrderStatus]):
    """confirmed -> shipped -> delivered, as the supplier tells it."""

    message = TrackOrder

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: TrackOrder, now: datetime
    ) -> TrackCall | None:
        row = await journey.locked(s, m.redemption_id)
        if row.state not in {"confirmed", "shipped"}:
            return None
        return TrackCall(await connect(rt, s, row.supplier, now=now), row.id)

    async def perform(self, rt: Runtime, call: TrackCall) -> OrderStatus:
        status = await call.supplier.status(call.external_id)
        if status is None:
            raise LookupError("the supplier does not know an order it has confirmed")
        return status

    async def record(
        self, rt: Runtime, s: WriteSession, m: TrackOrder, outcome: OrderStatus, now: datetime
    ) -> None:
        row = await journey.locked(s, m.redemption_id)
        if row.state not in {"confirmed", "shipped"}:
            return
        state = await packages_told(s, row, outcome.packages, now)
        if state != "delivered" and m.look > 0:
            await outbox.put(
                s,
                TrackOrder(redemption_id=row.id, look=m.look + 1),
                delay_s=look_delay_s(m.look),
            )


async def packages_told(
    s: WriteSession, row: journey.Row, packages: Sequence[Package], now: datetime
) -> str:
    """Take in what is known of the parcels; the state that follows. Old news change nothing."""
    if row.state not in {"confirmed", "shipped"}:
        return row.state
    for package in packages:
        await s.execute(
            """
            INSERT INTO app.shipment AS p (tenant_id, redemption_id, reference, state, carrier,
                tracking_number, lines, expected_from, expected_to, occurred_at)
            VALUES (%(tenant_id)s, %(id)s, %(reference)s, %(state)s, %(carrier)s, %(tracking)s,
                    %(lines)s, %(from)s, %(to)s, %(at)s)
            ON CONFLICT (tenant_id, redemption_id, reference) DO UPDATE
               SET state = excluded.state, carrier = excluded.carrier,
                   tracking_number = excluded.tracking_number,
                   lines = CASE WHEN excluded.lines = '{}' THEN p.lines ELSE excluded.lines END,
                   expected_from = coalesce(excluded.expected_from, p.expected_from),
                   expected_to = coalesce(excluded.expected_to, p.expected_to),
                   occurred_at = excluded.occurred_at
             WHERE %(rank)s > CASE p.state WHEN 'preparing' THEN 0 WHEN 'shipped' THEN 1
                     WHEN 'in_transit' THEN 2 WHEN 'out_for_delivery' THEN 3
                     WHEN 'returned' THEN 5 ELSE 4 END
            """,
            {
                "id": row.id,
                "reference": package.reference,
                "state": package.state,
                "carrier": package.carrier,
                "tracking": package.tracking_number,
                "lines": jsonb(dict(package.lines)),
                "from": package.expected_from,
                "to": package.expected_to,
                "at": package.occurred_at or now,
                "rank": _RANK[package.state],
            },
        )
    return await _follow(s, row, now)


class Told(msgspec.Struct, frozen=True):
    """A parcel as stored."""

    reference: str
    state: str
    carrier: str
    tracking_number: str
    lines: dict[str, int]


async def _follow(s: WriteSession, row: journey.Row, now: datetime) -> str:
    told = await s.all(
        Told,
        """
        SELECT reference, state, carrier, tracking_number, lines FROM app.shipment
         WHERE tenant_id = %(tenant_id)s AND redemption_id = %(id)s ORDER BY reference
        """,
        {"id": row.id},
    )
    under_way = [parcel for parcel in told if parcel.state != "preparing"]
    if not under_way:
        return row.state
    parts = await journey.lines(s, row.id)
    state = "delivered" if _complete(parts, told) else "shipped"
    if state == row.state:
        return state
    if row.state == "confirmed" and state == "delivered" and row.ship_to is not None:
        await _announce(s, row, "shipped", under_way, parts, now)
    await s.execute(
        """
        UPDATE app.redemption SET state = %(state)s
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s
        """,
        {"id": row.id, "state": state},
    )
    await _announce(s, row, state, under_way, parts, now)
    if state == "delivered":
        await outbox.put(s, SettleRedemption(redemption_id=row.id))
    return state


def _complete(parts: Sequence[journey.LineRow], told: Sequence[Told]) -> bool:
    """Every parcel has arrived, and where they say what is in them, everything is in them."""
    if any(parcel.state != "delivered" for parcel in told):
        return False
    arrived: dict[str, int] = {}
    for parcel in told:
        for line, quantity in parcel.lines.items():
            arrived[line] = arrived.get(line, 0) + quantity
    if not arrived:
        return True
    return all(
        arrived.get(str(part.line), 0)
        >= (part.quantity if part.accepted is None else part.accepted)
        for part in parts
    )


async def _announce(
    s: WriteSession,
    row: journey.Row,
    state: str,
    parcels: Sequence[Told],
    parts: Sequence[journey.LineRow],
    now: datetime,
) -> None:
    first = parcels[0]
    tracking = {"carrier": first.carrier, "trackingNumber": first.tracking_number}
    await journey.note(s, row.id, state, now, **tracking)
    await journey.tell(s, row, state, now, **tracking)
    await notify(
        s,
        kind=f"redemption_{state}",
        member_id=row.member_id,
        subject_id=row.id,
        language=row.language,
        values={"number": row.number, "title": parts[0].title, **tracking},
        now=now,
    )
