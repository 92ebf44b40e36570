"""What whoever serves members does with an order; each says in numbers what it gives back."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Response, post
from litestar.params import JSONBody
from msgspec import Meta

from guerdon.admin_api.orders import DeskOrder, order_of
from guerdon.admin_api.requests import AdminRequest, Done, act
from guerdon.identity.policy import staff
from guerdon.kit.errors import ConflictError, InvalidError
from guerdon.kit.ids import uuid7
from guerdon.notifications import operations as notifications
from guerdon.plumbing.db import WriteSession
from guerdon.redemption import desk, operations, queries
from guerdon.redemption.quotes import LINES_MAX, QUANTITY_MAX
from guerdon.redemption.refunds import Piece
from guerdon.wire.openapi import Write
from guerdon.wire.parameters import PathId
from guerdon.wire.values import In

TAGS = ["Orders"]
ACT = {"policy": staff("orders:act")}
REFUND = {"policy": staff("orders:refund")}


class NothingParkedError(ConflictError):
    """No job of the order was given up."""

    code = "nothing_parked"
    title = "No step of this order waits for a hand"


class CancelOrderIn(In, frozen=True):
    """Why; the member reads it."""

    reason: Annotated[str, Meta(min_length=3, max_length=200)]


class PieceIn(In, frozen=True):
    """So many pieces of a line."""

    line: Annotated[int, Meta(ge=1, le=LINES_MAX)]
    quantity: Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]


class RefundOrderIn(In, frozen=True):
    """Which pieces come back (all that is left if none are named), and why."""

    reason: Annotated[str, Meta(min_length=3, max_length=200)]
    pieces: Annotated[tuple[PieceIn, ...], Meta(min_length=1, max_length=LINES_MAX)] | None = None


@post("/{brand:str}/orders/{order_id:uuid}/cancel", operation_id="cancelOrder",
      operation_class=Write, opt=ACT, tags=TAGS, status_code=200)  # fmt: skip
async def cancel(
    request: AdminRequest, order_id: PathId, data: JSONBody[CancelOrderIn]
) -> Response[DeskOrder]:
    """Give everything back, as long as the order was not sent to the supplier."""

    async def work(s: WriteSession, now: datetime) -> Done:
        before = await queries.redemption(s, order_id)
        await operations.cancel(
            s, redemption_id=order_id, member_id=None, reason=data.reason, now=now
        )
        return Done(
            await order_of(request, s, order_id),
            {
                "number": before.number, "from": before.state, "points": before.points,
                "moneyMinor": before.money_minor + before.fee_minor, "reason": data.reason,
            },
            changed=before.state != "cancelled",
        )  # fmt: skip

    return await act(
        request, action="order.cancelled", subject=f"order:{order_id}", work=work, given=data
    )


@post("/{brand:str}/orders/{order_id:uuid}/refund", operation_id="refundOrder",
      operation_class=Write, opt=REFUND, tags=TAGS, status_code=200)  # fmt: skip
async def refund(
    request: AdminRequest, order_id: PathId, data: JSONBody[RefundOrderIn]
) -> Response[DeskOrder]:
    """Give pieces back, in the mix they were paid in."""

    async def work(s: WriteSession, now: datetime) -> Done:
        pieces = None if data.pieces is None else [Piece(p.line, p.quantity) for p in data.pieces]
        refund_id = await operations.refund(
            s, redemption_id=order_id, refund_id=uuid7(), pieces=pieces, reason=data.reason,
            now=now,
        )  # fmt: skip
        after = await order_of(request, s, order_id)
        made = next(one for one in after.refunds if one.id == refund_id)
        return Done(
            after,
            {
                "number": after.number, "points": made.points, "moneyMinor": made.money_minor,
                "reason": data.reason,
            },
        )  # fmt: skip

    return await act(
        request, action="order.refunded", subject=f"order:{order_id}", work=work, given=data
    )


@post("/{brand:str}/orders/{order_id:uuid}/replay", operation_id="replayOrder",
      operation_class=Write, opt=ACT, tags=TAGS, status_code=200)  # fmt: skip
async def replay(request: AdminRequest, order_id: PathId) -> Response[DeskOrder]:
    """Try every step again that was given up; an order is asked for at the supplier first."""

    async def work(s: WriteSession, now: datetime) -> Done:
        topics = await desk.replay(s, redemption_id=order_id)
        if not topics:
            raise NothingParkedError
        after = await order_of(request, s, order_id)
        return Done(after, {"number": after.number, "steps": topics})

    return await act(request, action="order.replayed", subject=f"order:{order_id}", work=work)


@post("/{brand:str}/orders/{order_id:uuid}/ask-supplier", operation_id="askSupplier",
      operation_class=Write, opt=ACT, tags=TAGS, status_code=200)  # fmt: skip
async def ask_supplier(request: AdminRequest, order_id: PathId) -> Response[DeskOrder]:
    """Ask the supplier now how far the parcels are."""

    async def work(s: WriteSession, now: datetime) -> Done:
        await desk.ask_supplier(s, redemption_id=order_id, now=now)
        after = await order_of(request, s, order_id)
        return Done(after, {"number": after.number})

    return await act(request, action="order.supplier_asked", subject=f"order:{order_id}", work=work)


@post("/{brand:str}/orders/{order_id:uuid}/messages/{message_id:uuid}/send-again",
      operation_id="sendOrderMessageAgain", operation_class=Write, opt=ACT, tags=TAGS,
      status_code=200)  # fmt: skip
async def send_again(
    request: AdminRequest, order_id: PathId, message_id: PathId
) -> Response[DeskOrder]:
    """Send a message about the order once more."""

    async def work(s: WriteSession, now: datetime) -> Done:
        before = await order_of(request, s, order_id)
        told = next((one for one in before.messages if one.id == message_id), None)
        if told is None:
            raise InvalidError("This message is not about this order.", field="messageId")
        changed = await notifications.send_again(s, log_id=message_id, now=now)
        return Done(
            await order_of(request, s, order_id),
            {"number": before.number, "kind": told.kind, "channel": told.channel},
            changed=changed,
        )

    return await act(
        request, action="order.message_sent_again", subject=f"order:{order_id}", work=work
    )


HANDLERS: list[Any] = [cancel, refund, replay, ask_supplier, send_again]
