"""Orders as whoever serves members works with them: where each is, and what can be done."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter

from guerdon.admin_api.requests import AdminRequest, answer
from guerdon.admin_api.viewing import tell_viewed
from guerdon.identity.policy import staff
from guerdon.kit.errors import InvalidError
from guerdon.members import search as members
from guerdon.notifications.queries import sent
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plumbing.db import ReadSession
from guerdon.redemption import desk, queries, schemas
from guerdon.redemption.quotes import LINES_MAX
from guerdon.redemption.refunds import Piece
from guerdon.redemption.schemas import CANCELLABLE
from guerdon.wire.openapi import Read
from guerdon.wire.parameters import Cursor, Limit, MemberFilter, PathId
from guerdon.wire.values import Out

TAGS = ["Orders"]
READ = {"policy": staff("orders:read")}
ACT = {"policy": staff("orders:act")}
REFUND = {"policy": staff("orders:refund")}
_REFUNDABLE = frozenset({"confirmed", "shipped", "delivered", "settled", "returned"})
Day = Annotated[date | None, QueryParameter(description="A day in the programme's time zone")]


class Buyer(Out, frozen=True):
    """Whose order it is; the name only for who may see members."""

    id: UUID
    number: str | None
    name: str | None


class OrderRow(Out, frozen=True):
    """An order in the list. `attention` or `parked` steps mean that somebody is needed."""

    id: UUID
    number: str
    member: Buyer
    supplier: str
    state: schemas.State
    attention: str | None
    parked: int
    reason: str | None
    title: dict[str, str]
    lines: int
    points: int
    money_minor: int
    fee_minor: int
    currency: str
    placed_at: datetime
    ended_at: datetime | None


class OrderPage(Out, frozen=True):
    """A page of orders: those that need somebody, then the others, the latest first."""

    items: list[OrderRow]
    next_cursor: str | None


class OrderLine(Out, frozen=True):
    """A line; `accepted` is the supplier's word, `left` what can still be refunded."""

    line: int
    sku: str
    title: dict[str, str]
    picture: str | None
    quantity: int
    points: int
    money_minor: int
    accepted: int | None
    left: int
    refunded_quantity: int
    refunded_points: int
    refunded_minor: int


class OrderParcel(Out, frozen=True):
    """A parcel as the supplier tells it."""

    reference: str
    state: str
    carrier: str
    tracking_number: str
    expected_from: datetime | None
    expected_to: datetime | None
    occurred_at: datetime


class OrderRefund(Out, frozen=True):
    """Points and money given back."""

    id: UUID
    reason: str
    points: int
    money_minor: int
    money_leg: str
    created_at: datetime


class OrderStep(Out, frozen=True):
    """One entry of the timeline."""

    kind: str
    detail: dict[str, Any]
    at: datetime


class ParkedStep(Out, frozen=True):
    """A job that was given up and waits for a hand."""

    id: UUID
    topic: str
    attempts: int
    parked_at: datetime
    last_error: str | None


class OrderMessage(Out, frozen=True):
    """What was written to the member about the order."""

    id: UUID
    kind: str
    channel: str
    state: str
    reason: str | None
    created_at: datetime
    sent_at: datetime | None


class Back(Out, frozen=True):
    """What an action gives back to the member."""

    points: int
    money_minor: int


class OrderCan(Out, frozen=True):
    """What can be done now; null or false where it cannot, `whyNotCancel` says why."""

    cancel: Back | None
    why_not_cancel: str | None
    refund: Back | None
    ask_supplier: bool
    replay: int


class DeskOrder(Out, frozen=True):
    """An order with everything that happened to it."""

    id: UUID
    number: str
    member: Buyer
    supplier: str
    state: schemas.State
    attention: str | None
    reason: str | None
    points: int
    money_minor: int
    fee_minor: int
    captured_minor: int
    currency: str
    parameters_version: int
    points_leg: str
    money_leg: str
    order_leg: str
    stock_leg: str
    language: str
    pickup_code: str | None
    payment_due_at: datetime | None
    delivery_from: datetime | None
    delivery_to: datetime | None
    ship_to: dict[str, Any] | None
    placed_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None
    lines: list[OrderLine]
    parcels: list[OrderParcel]
    refunds: list[OrderRefund]
    steps: list[OrderStep]
    parked: list[ParkedStep]
    messages: list[OrderMessage]
    can: OrderCan


def buyer_of(request: AdminRequest, row: Any, member_id: UUID) -> Buyer:
    """The member, with a name for who may see it."""
    may = "members:read" in request.staff.permissions
    return Buyer(member_id, row.number if row else None, row.name if row and may else None)


async def order_of(request: AdminRequest, s: ReadSession, order_id: UUID) -> DeskOrder:
    """An order with everything that happened to it and can be done now."""
    found = await queries.redemption(s, order_id)
    steps = await queries.timeline(s, order_id)
    parked = await desk.parked_jobs(s, redemption_id=order_id)
    messages = await sent(s, subject_id=order_id)
    for made in found.refunds:
        messages += await sent(s, subject_id=made.id)
    who = (await members.by_ids(s, ids=[found.member_id])).get(found.member_id)
    may_see = "members:read" in request.staff.permissions
    left = [Piece(x.line, x.quantity - x.refunded_quantity) for x in found.lines]
    refunds: Back | None = None
    pieces = [piece for piece in left if piece.quantity > 0]
    if found.state in _REFUNDABLE and pieces:
        given = desk.refund_preview(await desk.refundable(s, redemption_id=order_id), pieces)
        refunds = Back(given.points, given.money_minor)
    can_cancel = found.state in CANCELLABLE
    return DeskOrder(
        id=found.id,
        number=found.number,
        member=buyer_of(request, who, found.member_id),
        supplier=found.supplier,
        state=found.state,
        attention=found.attention,
        reason=found.reason,
        points=found.points,
        money_minor=found.money_minor,
        fee_minor=found.fee_minor,
        captured_minor=found.captured_minor,
        currency=found.currency,
        parameters_version=found.parameters_version,
        points_leg=found.points_leg,
        money_leg=found.money_leg,
        order_leg=found.order_leg,
        stock_leg=found.stock_leg,
        language=found.language,
        pickup_code=found.pickup_code,
        payment_due_at=found.payment_due_at,
        delivery_from=found.delivery_from,
        delivery_to=found.delivery_to,
        ship_to=found.ship_to if may_see else None,
        placed_at=found.placed_at,
        confirmed_at=found.confirmed_at,
        ended_at=found.ended_at,
        lines=[
            OrderLine(
                line=x.line,
                sku=x.sku,
                title=x.title,
                picture=x.picture,
                quantity=x.quantity,
                points=x.points,
                money_minor=x.money_minor,
                accepted=x.accepted,
                left=x.quantity - x.refunded_quantity,
                refunded_quantity=x.refunded_quantity,
                refunded_points=x.refunded_points,
                refunded_minor=x.refunded_minor,
            )
            for x in found.lines
        ],
        parcels=[msgspec.convert(x, OrderParcel, from_attributes=True) for x in found.shipments],
        refunds=[msgspec.convert(x, OrderRefund, from_attributes=True) for x in found.refunds],
        steps=[OrderStep(x.kind, x.detail, x.occurred_at) for x in steps],
        parked=[msgspec.convert(x, ParkedStep, from_attributes=True) for x in parked],
        messages=[msgspec.convert(x, OrderMessage, from_attributes=True) for x in messages],
        can=OrderCan(
            cancel=Back(found.points, found.money_minor + found.fee_minor) if can_cancel else None,
            why_not_cancel=None if can_cancel else found.state,
            refund=refunds,
            ask_supplier=found.state in ("confirmed", "shipped"),
            replay=len(parked),
        ),
    )


@get("/{brand:str}/orders", operation_id="listOrders", operation_class=Read, opt=READ, tags=TAGS)
async def listing(
    request: AdminRequest,
    states: Annotated[
        list[schemas.State] | None,
        QueryParameter(name="state", description="In these states only"),
    ] = None,
    number: Annotated[str, QueryParameter(max_length=20, description="This order")] = "",
    member_id: MemberFilter = None,
    supplier: Annotated[str, QueryParameter(max_length=40, description="From this one")] = "",
    since: Day = None,
    until: Day = None,
    attention: Annotated[bool, QueryParameter(description="Only what needs somebody")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response[OrderPage]:
    """List orders: what needs somebody first, then the latest; `since` and `until` are included."""
    zone = request.snapshot[ProgrammeParameters].zone
    find = desk.Find(
        states=states or (), number=number, member_id=member_id, supplier=supplier,
        since=None if since is None else datetime.combine(since, time(), zone),
        until=None if until is None else datetime.combine(until + timedelta(days=1), time(), zone),
        attention=attention,
    )  # fmt: skip
    async with request.rt.db.read(request.tenant.id) as s:
        page = await desk.listing(s, find=find, cursor=cursor, limit=limit)
        who = await members.by_ids(s, ids=[row.member_id for row in page.items])
    rows = [
        OrderRow(
            id=row.id,
            number=row.number,
            member=buyer_of(request, who.get(row.member_id), row.member_id),
            supplier=row.supplier,
            state=row.state,
            attention=row.attention,
            parked=row.parked,
            reason=row.reason,
            title=row.title,
            lines=row.lines,
            points=row.points,
            money_minor=row.money_minor,
            fee_minor=row.fee_minor,
            currency=row.currency,
            placed_at=row.placed_at,
            ended_at=row.ended_at,
        )
        for row in page.items
    ]
    return answer(OrderPage(rows, page.next_cursor))


@get("/{brand:str}/orders/{order_id:uuid}", operation_id="readOrder", operation_class=Read,
     opt=READ, tags=TAGS)  # fmt: skip
async def one(request: AdminRequest, order_id: PathId) -> Response[DeskOrder]:
    """Read an order: its legs, parcels, timeline, and what can be done now."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await order_of(request, s, order_id)
    if found.member.name is not None:
        await tell_viewed(request, found.member.id)
    return answer(found)


@get("/{brand:str}/orders/{order_id:uuid}/refund-preview", operation_id="previewRefund",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def preview(
    request: AdminRequest,
    order_id: PathId,
    piece: Annotated[
        list[str], QueryParameter(min_length=1, max_length=LINES_MAX, description="As `1:2`")
    ],
) -> Response[Back]:
    """Say what a refund of these pieces (`line:quantity`) would give back."""
    pieces = []
    for text in piece:
        line, _, quantity = text.partition(":")
        if not (line.isdigit() and quantity.isdigit()):
            raise InvalidError("Write a piece as line:quantity, such as 1:2.", field="piece")
        pieces.append(Piece(int(line), int(quantity)))
    async with request.rt.db.read(request.tenant.id) as s:
        await queries.redemption(s, order_id)
        given = desk.refund_preview(await desk.refundable(s, redemption_id=order_id), pieces)
    return answer(Back(given.points, given.money_minor))


HANDLERS: list[Any] = [listing, one, preview]
