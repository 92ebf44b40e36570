"""Quotes and redemptions as others see them. Amounts are points and minor units."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

State = Literal[
    "held", "awaiting_payment", "authorised", "ordered", "confirmed", "shipped", "delivered",
    "settled", "refused", "cancelled", "expired", "returned",
]  # fmt: skip

ENDED = frozenset({"refused", "cancelled", "expired"})
CANCELLABLE = ("held", "awaiting_payment", "authorised")


class QuoteLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a promise, complete in itself. `title` is by language."""

    line: int
    variant_id: UUID
    sku: str
    supplier_sku: str
    offer: str | None
    title: dict[str, str]
    picture: str | None
    quantity: int
    points: int
    money_minor: int
    cost_minor: int
    cost_currency: str
    fx_rate: str
    price: dict[str, Any] = {}


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """What a member was promised until `expires_at`; `fee_minor` comes on top of `money_minor`."""

    id: UUID
    member_id: UUID
    account_id: UUID
    supplier: str
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
    redemption_id: UUID | None = None

    @property
    def due_minor(self) -> int:
        """What is paid in money."""
        return self.money_minor + self.fee_minor


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to placing. `available` is what is left in the wallet; absent in a replay."""

    id: UUID
    number: str
    state: State
    points: int
    money_minor: int
    fee_minor: int
    currency: str
    available: int | None
    replayed: bool


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a redemption. `accepted` is the supplier's word, once it has spoken."""

    line: int
    variant_id: UUID
    sku: str
    title: dict[str, str]
    picture: str | None
    quantity: int
    points: int
    money_minor: int
    accepted: int | None
    refunded_quantity: int
    refunded_points: int
    refunded_minor: int


class Shipment(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel."""

    reference: str
    state: str
    carrier: str
    tracking_number: str
    expected_from: datetime | None
    expected_to: datetime | None
    occurred_at: datetime


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the timeline."""

    id: UUID
    kind: str
    detail: dict[str, Any]
    occurred_at: datetime


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """Points and money given back, in the mix they were paid in."""

    id: UUID
    reason: str
    points: int
    money_minor: int
    money_leg: str
    created_at: datetime


class Redemption(msgspec.Struct, frozen=True, kw_only=True):
    """The whole journey as it stands."""

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
    state: State
    points_leg: str
    money_leg: str
    order_leg: str
    stock_leg: str
    reason: str | None
    attention: str | None
    language: str
    payment_url: str | None
    payment_due_at: datetime | None
    captured_minor: int
    pickup_code: str | None
    delivery_from: datetime | None
    delivery_to: datetime | None
    ship_to: dict[str, Any] | None
    placed_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None
    lines: list[Line]
    shipments: list[Shipment]
    refunds: list[Refund]
