"""Tables of redemption, described for the drift check."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.plumbing.models import Base

_Time = TIMESTAMP(timezone=True)


def _of_redemption(name: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", "redemption_id"],
        ["app.redemption.tenant_id", "app.redemption.id"],
        name=name,
    )


class QuoteRow(Base):
    """A promise with its expiry."""

    __tablename__ = "quote"
    __table_args__ = (Index("quote_expiry", "tenant_id", "expires_at"), {"schema": "app"})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID]
    account_id: Mapped[UUID]
    supplier: Mapped[str] = mapped_column(Text)
    points: Mapped[int] = mapped_column(BigInteger)
    money_minor: Mapped[int] = mapped_column(BigInteger)
    fee_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    parameters_version: Mapped[int] = mapped_column(Integer)
    tier: Mapped[str | None] = mapped_column(Text)
    ships: Mapped[bool] = mapped_column(Boolean)
    lines: Mapped[Any] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(_Time)
    expires_at: Mapped[datetime] = mapped_column(_Time)
    redemption_id: Mapped[UUID | None]


class RedemptionRow(Base):
    """The journey: one state, and how far each leg got."""

    __tablename__ = "redemption"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number", name="redemption_number"),
        UniqueConstraint("tenant_id", "quote_id", name="redemption_quote"),
        Index("redemption_member", "tenant_id", "member_id", text("placed_at DESC"), "id"),
        Index("redemption_placed", "tenant_id", text("placed_at DESC"), "id"),
        Index("redemption_supplier", "tenant_id", "supplier", text("placed_at DESC"), "id"),
        Index(
            "redemption_attention",
            "tenant_id",
            text("placed_at DESC"),
            "id",
            postgresql_where=text("attention IS NOT NULL"),
        ),
        Index(
            "redemption_ended_state",
            "tenant_id",
            "state",
            text("placed_at DESC"),
            "id",
            postgresql_where=text("state IN ('refused','cancelled','expired','returned')"),
        ),
        Index(
            "redemption_open_state",
            "tenant_id",
            "state",
            postgresql_where=text(
                "state NOT IN ('settled','refused','cancelled','expired','returned')"
            ),
        ),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(Text)
    member_id: Mapped[UUID]
    account_id: Mapped[UUID]
    quote_id: Mapped[UUID]
    supplier: Mapped[str] = mapped_column(Text)
    points: Mapped[int] = mapped_column(BigInteger)
    money_minor: Mapped[int] = mapped_column(BigInteger)
    fee_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    parameters_version: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(Text)
    points_leg: Mapped[str] = mapped_column(Text)
    money_leg: Mapped[str] = mapped_column(Text)
    order_leg: Mapped[str] = mapped_column(Text)
    stock_leg: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    attention: Mapped[str | None] = mapped_column(Text)
    ship_to: Mapped[Any | None] = mapped_column(JSONB)
    language: Mapped[str] = mapped_column(Text)
    return_url: Mapped[str | None] = mapped_column(Text)
    payment_provider: Mapped[str | None] = mapped_column(Text)
    payment_reference: Mapped[str | None] = mapped_column(Text)
    payment_url: Mapped[str | None] = mapped_column(Text)
    payment_due_at: Mapped[datetime | None] = mapped_column(_Time)
    captured_minor: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    supplier_charge_minor: Mapped[int | None] = mapped_column(BigInteger)
    supplier_charge_currency: Mapped[str | None] = mapped_column(Text)
    supplier_reference: Mapped[str | None] = mapped_column(Text)
    pickup_code: Mapped[str | None] = mapped_column(Text)
    delivery_from: Mapped[datetime | None] = mapped_column(_Time)
    delivery_to: Mapped[datetime | None] = mapped_column(_Time)
    placed_at: Mapped[datetime] = mapped_column(_Time)
    confirmed_at: Mapped[datetime | None] = mapped_column(_Time)
    ended_at: Mapped[datetime | None] = mapped_column(_Time)


class RedemptionLineRow(Base):
    """A line; refunds add up here."""

    __tablename__ = "redemption_line"
    __table_args__ = (_of_redemption("line_redemption"), {"schema": "app"})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    redemption_id: Mapped[UUID] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    variant_id: Mapped[UUID]
    sku: Mapped[str] = mapped_column(Text)
    supplier_sku: Mapped[str] = mapped_column(Text)
    offer: Mapped[str | None] = mapped_column(Text)
    title: Mapped[Any] = mapped_column(JSONB)
    picture: Mapped[str | None] = mapped_column(Text)
    quantity: Mapped[int] = mapped_column(Integer)
    points: Mapped[int] = mapped_column(BigInteger)
    money_minor: Mapped[int] = mapped_column(BigInteger)
    cost_minor: Mapped[int] = mapped_column(BigInteger)
    cost_currency: Mapped[str] = mapped_column(Text)
    fx_rate: Mapped[Decimal] = mapped_column(Numeric)
    accepted: Mapped[int | None] = mapped_column(Integer)
    refunded_quantity: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    refunded_points: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    refunded_minor: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))


class RedemptionStepRow(Base):
    """An entry of the timeline."""

    __tablename__ = "redemption_step"
    __table_args__ = (_of_redemption("step_redemption"), {"schema": "app"})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    redemption_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    detail: Mapped[Any] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    occurred_at: Mapped[datetime] = mapped_column(_Time)
    recorded_at: Mapped[datetime] = mapped_column(_Time, server_default=text("clock_timestamp()"))


class RedemptionRefundRow(Base):
    """Points and money given back."""

    __tablename__ = "redemption_refund"
    __table_args__ = (
        _of_redemption("refund_redemption"),
        Index("refund_of", "tenant_id", "redemption_id"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    redemption_id: Mapped[UUID]
    reason: Mapped[str] = mapped_column(Text)
    points: Mapped[int] = mapped_column(BigInteger)
    money_minor: Mapped[int] = mapped_column(BigInteger)
    money_leg: Mapped[str] = mapped_column(Text)
    lines: Mapped[Any] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(_Time)


class ShipmentRow(Base):
    """A parcel as the supplier tells it."""

    __tablename__ = "shipment"
    __table_args__ = (_of_redemption("shipment_redemption"), {"schema": "app"})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    redemption_id: Mapped[UUID] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(Text, primary_key=True)
    state: Mapped[str] = mapped_column(Text)
    carrier: Mapped[str] = mapped_column(Text, server_default=text("''::text"))
    tracking_number: Mapped[str] = mapped_column(Text, server_default=text("''::text"))
    lines: Mapped[Any] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    expected_from: Mapped[datetime | None] = mapped_column(_Time)
    expected_to: Mapped[datetime | None] = mapped_column(_Time)
    occurred_at: Mapped[datetime] = mapped_column(_Time)
