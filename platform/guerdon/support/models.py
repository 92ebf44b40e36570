"""Tables of the control plane that the platform's staff look at, as `alembic check` sees them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.plumbing.models import Base

_Time = TIMESTAMP(timezone=True)


class MaintenanceRow(Base):
    """Somebody who is read-only for now; the operator for all."""

    __tablename__ = "maintenance"
    __table_args__ = {"schema": "ctl"}
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("ctl.tenant.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(_Time)
    expected_end: Mapped[datetime] = mapped_column(_Time)
    reason: Mapped[str] = mapped_column(Text)
    begun_by: Mapped[str] = mapped_column(Text)


class AnnouncementRow(Base):
    """Something that all consoles tell for a while."""

    __tablename__ = "announcement"
    __table_args__ = (Index("announcement_until", "until_at"), {"schema": "ctl"})
    id: Mapped[UUID] = mapped_column(primary_key=True)
    level: Mapped[str] = mapped_column(Text)
    texts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    from_at: Mapped[datetime] = mapped_column(_Time)
    until_at: Mapped[datetime] = mapped_column(_Time)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_Time)
    withdrawn_at: Mapped[datetime | None] = mapped_column(_Time)


class QueueLookRow(Base):
    """When a relay looked at the queues last; one row."""

    __tablename__ = "queue_look"
    __table_args__ = {"schema": "ctl"}
    one: Mapped[bool] = mapped_column(Boolean, primary_key=True, server_default=text("true"))
    at: Mapped[datetime] = mapped_column(_Time)


class QueueStateRow(Base):
    """What lies in the outbox of a tenant, by topic."""

    __tablename__ = "queue_state"
    __table_args__ = {"schema": "ctl"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(Text, primary_key=True)
    queue: Mapped[str] = mapped_column(Text)
    waiting: Mapped[int] = mapped_column(Integer)
    ready: Mapped[int] = mapped_column(Integer)
    leased: Mapped[int] = mapped_column(Integer)
    retrying: Mapped[int] = mapped_column(Integer)
    parked: Mapped[int] = mapped_column(Integer)
    ready_since: Mapped[datetime | None] = mapped_column(_Time)
    oldest_at: Mapped[datetime | None] = mapped_column(_Time)
    parked_since: Mapped[datetime | None] = mapped_column(_Time)


class QueueMinuteRow(Base):
    """How long a tenant's messages waited for a worker in one minute."""

    __tablename__ = "queue_minute"
    __table_args__ = {"schema": "ctl"}
    minute: Mapped[datetime] = mapped_column(_Time, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    ready: Mapped[int] = mapped_column(Integer)
    delay_s: Mapped[int] = mapped_column(Integer)


class TrafficMinuteRow(Base):
    """What the web answered in one minute: the deployment by face, and each tenant."""

    __tablename__ = "traffic_minute"
    __table_args__ = {"schema": "ctl"}
    minute: Mapped[datetime] = mapped_column(_Time, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    face: Mapped[str] = mapped_column(Text, primary_key=True)
    requests: Mapped[int] = mapped_column(Integer)
    refused: Mapped[int] = mapped_column(Integer)
    failed: Mapped[int] = mapped_column(Integer)
    buckets: Mapped[list[int]] = mapped_column(ARRAY(Integer))


class AbuseSignRow(Base):
    """A sign of abuse at one tenant."""

    __tablename__ = "abuse_sign"
    __table_args__ = (
        Index(
            "abuse_sign_open", "tenant_id", "kind", "subject", unique=True,
            postgresql_where=text("settled_at IS NULL"),
        ),
        Index("abuse_sign_last", text("last_at DESC"), "id"),
        {"schema": "ctl"},
    )  # fmt: skip
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("ctl.tenant.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    first_at: Mapped[datetime] = mapped_column(_Time)
    last_at: Mapped[datetime] = mapped_column(_Time)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    settled_at: Mapped[datetime | None] = mapped_column(_Time)
    settled_by: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)


class PulseRow(Base):
    """What a tenant's own job found of its health."""

    __tablename__ = "pulse"
    __table_args__ = {"schema": "ctl"}
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("ctl.tenant.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(_Time)
    found: Mapped[dict[str, Any]] = mapped_column(JSONB)


class AllowanceRow(Base):
    """A brand's own limit, or a flag that is off for it."""

    __tablename__ = "allowance"
    __table_args__ = {"schema": "ctl"}
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("ctl.tenant.id"), primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[int] = mapped_column(Integer)
    until: Mapped[datetime | None] = mapped_column(_Time)
    reason: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(_Time)
