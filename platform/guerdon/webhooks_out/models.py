"""Tables of webhooks out."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.plumbing.models import Base

_NOW = text("now()")


class WebhookSequenceRow(Base):
    """The number of a member's last event."""

    __tablename__ = "webhook_sequence"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)


class WebhookEventRow(Base):
    """One event of one member, numbered."""

    __tablename__ = "webhook_event"
    __table_args__ = (
        UniqueConstraint("tenant_id", "member_id", "sequence", name="webhook_event_sequence"),
        Index("webhook_event_recorded", "tenant_id", "recorded_at", "id"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID]
    sequence: Mapped[int] = mapped_column(BigInteger)
    type: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    recorded_at: Mapped[datetime] = mapped_column(
        TIMESTAMP(timezone=True), server_default=text("clock_timestamp()")
    )


class WebhookEndpointRow(Base):
    """What the platform knows about an endpoint of the parameters."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    disabled_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    disabled_reason: Mapped[str | None] = mapped_column(Text)
    secret_rotated_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class WebhookDeliveryRow(Base):
    """One event at one endpoint."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("tenant_id", "endpoint_key", "event_id", name="webhook_delivery_once"),
        ForeignKeyConstraint(
            ["tenant_id", "event_id"],
            ["app.webhook_event.tenant_id", "app.webhook_event.id"],
            name="webhook_delivery_event",
        ),
        Index("webhook_delivery_log", "tenant_id", "endpoint_key", "created_at", "id"),
        Index(
            "webhook_delivery_failing",
            "tenant_id",
            "created_at",
            postgresql_where=text("status IN ('pending', 'failed')"),
        ),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    endpoint_key: Mapped[str] = mapped_column(Text)
    event_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer)
    tries_left: Mapped[int] = mapped_column(Integer)
    next_attempt_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    last_status: Mapped[int | None] = mapped_column(Integer)
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=_NOW)
    delivered_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class WebhookAttemptRow(Base):
    """One POST of one delivery."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "delivery_id"],
            ["app.webhook_delivery.tenant_id", "app.webhook_delivery.id"],
            name="webhook_attempt_delivery",
        ),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    duration_ms: Mapped[int] = mapped_column(Integer)
    status: Mapped[int | None] = mapped_column(Integer)
    error: Mapped[str | None] = mapped_column(Text)
