"""Quotes and redemptions."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody
from msgspec import Meta

from guerdon.fulfilment.port import ShipTo
from guerdon.identity.policy import api_key
from guerdon.kit.errors import InvalidError
from guerdon.kit.ids import uuid7
from guerdon.kit.money import POINTS_MAX
from guerdon.kit.paging import PAGE_SIZE_DEFAULT, Page
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plumbing.db import WriteSession
from guerdon.redemption import operations, queries, schemas
from guerdon.redemption.quotes import LINES_MAX, QUANTITY_MAX, Wanted
from guerdon.redemption.refunds import Piece
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import Cursor, Limit, MemberFilter, PathId
from guerdon.wire.requests import ApiRequest, answer, once
from guerdon.wire.values import In, Language, Note, Out

TAGS = ["Redemptions"]
READ = {"policy": api_key("redemptions:read")}
WRITE = {"policy": api_key("redemptions:write")}
AddressLine = Annotated[str, Meta(min_length=1, max_length=120)]


class WantedIn(In, frozen=True):
    """So many pieces of a variant."""

    variant_id: UUID
    quantity: Annotated[int, Meta(ge=1, le=QUANTITY_MAX)] = 1


Lines = Annotated[tuple[WantedIn, ...], Meta(min_length=1, max_length=LINES_MAX)]


class QuoteIn(In, frozen=True):
    """What the member wants; `points` is their share, all of the price if it is absent."""

    member_id: UUID
    lines: Lines
    points: Annotated[int, Meta(ge=0, le=POINTS_MAX)] | None = None
    language: Language | None = None


class QuoteLine(Out, frozen=True):
    """One line of a promise."""

    line: int
    variant_id: UUID
    sku: str
    title: dict[str, str]
    quantity: int
    points: int
    money_minor: int


class Quote(Out, frozen=True):
    """What the member is promised until `expiresAt`; the fee comes on top of the money."""

    id: UUID
    member_id: UUID
    points: int
    money_minor: int
    fee_minor: int
    currency: str
    parameters_version: int
    tier: str | None
    ships: bool
    lines: list[QuoteLine]
    created_at: datetime
    expires_at: datetime
    redemption_id: UUID | None

    @classmethod
    def of(cls, quote: schemas.Quote) -> "Quote":
        """As the domain has it."""
        return msgspec.convert(quote, cls, from_attributes=True)


class ShipToIn(In, frozen=True):
    """Where a parcel goes."""

    name: AddressLine
    line1: AddressLine
    city: AddressLine
    postal_code: Annotated[str, Meta(min_length=1, max_length=20)]
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    line2: Annotated[str, Meta(max_length=120)] = ""
    region: Annotated[str, Meta(max_length=80)] = ""
    phone: Annotated[str, Meta(max_length=40)] = ""

    def address(self) -> ShipTo:
        """As the domain wants it."""
        return ShipTo(
            name=self.name,
            line1=self.line1,
            line2=self.line2,
            city=self.city,
            region=self.region,
            postal_code=self.postal_code,
            country=self.country,
            phone=self.phone,
        )


class PlaceIn(In, frozen=True):
    """Redeem a quote (`quoteId`), or lines all in points at a price you know.

    With `lines`, `expectedPoints` is the price that the member saw: another price is refused.
    `returnUrl` is where the payment page sends the member back, when money is due.
    """

    member_id: UUID
    quote_id: UUID | None = None
    lines: Lines | None = None
    expected_points: Annotated[int, Meta(ge=1, le=POINTS_MAX)] | None = None
    ship_to: ShipToIn | None = None
    language: Language | None = None
    return_url: Annotated[str, Meta(max_length=500, pattern="^https?://")] | None = None


class Placed(Out, frozen=True):
    """The redemption under way. With money due, the member pays at its `paymentUrl`."""

    id: UUID
    number: str
    state: str
    points: int
    money_minor: int
    fee_minor: int
    currency: str


class Line(Out, frozen=True):
    """One line of a redemption; `accepted` is the supplier's word."""

    line: int
    variant_id: UUID
    sku: str
    title: dict[str, str]
    quantity: int
    points: int
    money_minor: int
    accepted: int | None
    refunded_quantity: int
    refunded_points: int
    refunded_minor: int


class Shipment(Out, frozen=True):
    """A parcel."""

    reference: str
    state: str
    carrier: str
    tracking_number: str
    expected_from: datetime | None
    expected_to: datetime | None
    occurred_at: datetime


class Refund(Out, frozen=True):
    """Points and money given back, in the mix they were paid in."""

    id: UUID
    reason: str
    points: int
    money_minor: int
    money_leg: str
    created_at: datetime


class Redemption(Out, frozen=True):
    """The whole journey as it stands."""

    id: UUID
    number: str
    member_id: UUID
    state: str
    points: int
    money_minor: int
    fee_minor: int
    captured_minor: int
    currency: str
    parameters_version: int
    points_leg: str
    money_leg: str
    order_leg: str
    reason: str | None
    payment_url: str | None
    payment_due_at: datetime | None
    pickup_code: str | None
    delivery_from: datetime | None
    delivery_to: datetime | None
    placed_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None
    lines: list[Line]
    shipments: list[Shipment]
    refunds: list[Refund]

    @classmethod
    def of(cls, row: schemas.Redemption) -> "Redemption":
        """As the domain has it."""
        return msgspec.convert(row, cls, from_attributes=True)


class Step(Out, frozen=True):
    """One entry of the timeline."""

    id: UUID
    kind: str
    detail: dict[str, Any]
    occurred_at: datetime


class Timeline(Out, frozen=True):
    """What happened, oldest first."""

    items: list[Step]


class CancelIn(In, frozen=True):
    """Why; shown to the member."""

    reason: Annotated[str, Meta(min_length=1, max_length=200)] = "brand"


class PieceIn(In, frozen=True):
    """So many pieces of a line."""

    line: Annotated[int, Meta(ge=1, le=LINES_MAX)]
    quantity: Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]


class RefundIn(In, frozen=True):
    """Which pieces come back; all that is left if none are named."""

    pieces: Annotated[tuple[PieceIn, ...], Meta(min_length=1, max_length=LINES_MAX)] | None = None
    reason: Note = ""


def language(request: ApiRequest, asked: str | None) -> str:
    """The language asked for, if the programme speaks it; its first otherwise."""
    spoken = request.snapshot[ProgrammeParameters].languages
    return next((one for one in spoken if one == asked), spoken[0])


def wanted(lines: tuple[WantedIn, ...]) -> list[Wanted]:
    """As the domain wants it."""
    return [Wanted(line.variant_id, line.quantity) for line in lines]


async def make_quote(
    request: ApiRequest, member_id: UUID, data: Any, *, given: Any
) -> Response[Quote]:
    """Quote for a member, once per key."""

    async def work(s: WriteSession, now: datetime) -> Quote:
        made = await operations.quote(
            request.rt,
            s,
            member_id=member_id,
            wanted=wanted(data.lines),
            points=data.points,
            language=language(request, data.language),
            now=now,
        )
        return Quote.of(made)

    return await once(request, work, given=given, status=201)


async def make_redemption(
    request: ApiRequest, member_id: UUID, data: Any, *, return_url: str | None
) -> Response[Placed]:
    """Place for a member; the domain keeps the key."""
    ship_to = None if data.ship_to is None else data.ship_to.address()
    principal, key, spoken = (
        request.principal,
        request.idempotency_key,
        language(request, data.language),
    )
    if data.quote_id is not None and data.lines is None and data.expected_points is None:
        placed = await operations.place(
            request.rt,
            tenant_id=principal.tenant_id,
            member_id=member_id,
            quote_id=data.quote_id,
            ship_to=ship_to,
            language=spoken,
            return_url=return_url,
            principal=principal.label,
            key=key,
            now=request.now,
        )
    elif data.quote_id is None and data.lines is not None and data.expected_points is not None:
        placed = await operations.place_for_points(
            request.rt,
            tenant_id=principal.tenant_id,
            member_id=member_id,
            wanted=wanted(data.lines),
            expected_points=data.expected_points,
            ship_to=ship_to,
            language=spoken,
            principal=principal.label,
            key=key,
            now=request.now,
        )
    else:
        raise InvalidError("Send either a quoteId, or lines with expectedPoints.", field="/quoteId")
    body = Placed(
        placed.id,
        placed.number,
        placed.state,
        placed.points,
        placed.money_minor,
        placed.fee_minor,
        placed.currency,
    )
    response = answer(body, status=201)
    if placed.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


@post("/quotes", operation_id="createQuote", operation_class=Write, opt=WRITE, tags=TAGS)
async def quote(request: ApiRequest, data: JSONBody[QuoteIn]) -> Response[Quote]:
    """Promise a member a price, all in points or in points and money, until it expires."""
    return await make_quote(request, data.member_id, data, given=data)


@get("/members/{member_id:uuid}/quotes/{quote_id:uuid}", operation_id="getQuote",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def get_quote(request: ApiRequest, member_id: PathId, quote_id: PathId) -> Response[Quote]:
    """Read a quote."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(Quote.of(await queries.quote(s, quote_id=quote_id, member_id=member_id)))


@post("/redemptions", operation_id="placeRedemption", operation_class=Write, opt=WRITE, tags=TAGS)
async def place(request: ApiRequest, data: JSONBody[PlaceIn]) -> Response[Placed]:
    """Redeem: points are held, stock is reserved, the journey starts. Everything or nothing."""
    return await make_redemption(request, data.member_id, data, return_url=data.return_url)


@get("/redemptions", operation_id="listRedemptions", operation_class=Read, opt=READ, tags=TAGS)
async def listing(
    request: ApiRequest,
    member_id: MemberFilter = None,
    cursor: Cursor = None,
    limit: Limit = PAGE_SIZE_DEFAULT,
) -> Response[Page[Redemption]]:
    """List redemptions, the latest first."""
    async with request.rt.db.read(request.tenant.id) as s:
        page = await queries.orders(s, member_id=member_id, cursor=cursor, limit=limit)
    return answer(Page([Redemption.of(row) for row in page.items], page.next_cursor))


@get("/redemptions/{redemption_id:uuid}", operation_id="getRedemption", operation_class=Read,
     opt=READ, tags=TAGS)  # fmt: skip
async def one(request: ApiRequest, redemption_id: PathId) -> Response[Redemption]:
    """Read a redemption as it stands."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(Redemption.of(await queries.redemption(s, redemption_id)))


@get("/redemptions/{redemption_id:uuid}/timeline", operation_id="getRedemptionTimeline",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def timeline(request: ApiRequest, redemption_id: PathId) -> Response[Timeline]:
    """Read what happened to a redemption, step by step."""
    async with request.rt.db.read(request.tenant.id) as s:
        await queries.redemption(s, redemption_id)
        rows = await queries.timeline(s, redemption_id)
    return answer(Timeline([msgspec.convert(row, Step, from_attributes=True) for row in rows]))


@post("/redemptions/{redemption_id:uuid}/cancel", operation_id="cancelRedemption",
      operation_class=Write, opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def cancel(
    request: ApiRequest, redemption_id: PathId, data: JSONBody[CancelIn]
) -> Response[Redemption]:
    """Give everything back, as long as the order was not sent to the supplier."""

    async def work(s: WriteSession, now: datetime) -> Redemption:
        await operations.cancel(
            s, redemption_id=redemption_id, member_id=None, reason=data.reason, now=now
        )
        return Redemption.of(await queries.redemption(s, redemption_id))

    return await once(request, work, given=data)


@post("/redemptions/{redemption_id:uuid}/refund", operation_id="refundRedemption",
      operation_class=Write, opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def refund(
    request: ApiRequest, redemption_id: PathId, data: JSONBody[RefundIn]
) -> Response[Redemption]:
    """Give pieces of a delivered redemption back, in the mix they were paid in."""

    async def work(s: WriteSession, now: datetime) -> Redemption:
        await operations.refund(
            s,
            redemption_id=redemption_id,
            refund_id=uuid7(),
            pieces=None
            if data.pieces is None
            else [Piece(piece.line, piece.quantity) for piece in data.pieces],
            reason=data.reason,
            now=now,
        )
        return Redemption.of(await queries.redemption(s, redemption_id))

    return await once(request, work, given=data)


HANDLERS = [quote, get_quote, place, listing, one, timeline, cancel, refund]
