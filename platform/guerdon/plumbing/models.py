"""The schema's description: declarative models, compared with the migrated database by a test.

They describe; at run time statements are SQL (docs/decisions/0003).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, LargeBinary, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Base of all models. A tenant's tables stand in the schema `app`, `tenant_id` first."""


class DataKeyRow(Base):
    """A tenant's data key, wrapped by the master key."""

    __tablename__ = "data_key"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(
        TIMESTAMP(timezone=True), server_default=text("now()")
    )


class SecretRow(Base):
    """A sealed secret of a tenant, by name."""

    __tablename__ = "secret"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    updated_at: Mapped[datetime] = mapped_column(
        TIMESTAMP(timezone=True), server_default=text("now()")
    )


class OutboxRow(Base):
    """A job: what must happen after a commit, until its effect is committed."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "outbox_due",
            "tenant_id",
            "next_at",
            postgresql_where=text("done_at IS NULL AND parked_at IS NULL"),
        ),
        Index(
            "outbox_in_flight",
            "tenant_id",
            "queue",
            "rung_at",
            postgresql_where=text("done_at IS NULL AND parked_at IS NULL AND rung_at IS NOT NULL"),
        ),
        Index("outbox_done", "tenant_id", "done_at", postgresql_where=text("done_at IS NOT NULL")),
        Index(
            "outbox_parked",
            "tenant_id",
            "parked_at",
            postgresql_where=text("parked_at IS NOT NULL"),
        ),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(Text)
    queue: Mapped[str] = mapped_column(Text, server_default="default")
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(
        TIMESTAMP(timezone=True), server_default=text("now()")
    )
    next_at: Mapped[datetime] = mapped_column(
        TIMESTAMP(timezone=True), server_default=text("now()")
    )
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    leased_until: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    rung_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    done_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    parked_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    last_error: Mapped[str | None] = mapped_column(Text)
    traceparent: Mapped[str | None] = mapped_column(Text)


class IdempotencyRow(Base):
    """A write's key, the fingerprint of its input, and the committed answer."""

    __tablename__ = "idempotency"
    __table_args__ = (Index("idempotency_age", "tenant_id", "created_at"), {"schema": "app"})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    principal: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    operation: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    response: Mapped[Any | None] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(
        TIMESTAMP(timezone=True), server_default=text("now()")
    )


class ScheduleRow(Base):
    """Something that happens again and again, for every tenant."""

    __tablename__ = "schedule"
    __table_args__ = {"schema": "ctl"}
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    topic: Mapped[str] = mapped_column(Text)
    queue: Mapped[str] = mapped_column(Text)
    every_s: Mapped[int] = mapped_column(Integer)
    next_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    fired_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class ProviderEventRow(Base):
    """An event of a provider that was taken in; its id is the whole memory."""

    __tablename__ = "provider_event"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(Text, primary_key=True)
    event_id: Mapped[str] = mapped_column(Text, primary_key=True)
    received_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
