"""Tables of notifications, described for the drift check."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.plumbing.models import Base

_Time = TIMESTAMP(timezone=True)


class MessageLogRow(Base):
    """One message to one member by one channel: what became of it."""

    __tablename__ = "message_log"
    __table_args__ = (
        UniqueConstraint("tenant_id", "kind", "subject_id", "channel", name="message_once"),
        Index("message_member", "tenant_id", "member_id", "created_at"),
        Index("message_subject", "tenant_id", "subject_id"),
        Index(
            "message_failed",
            "tenant_id",
            "created_at",
            postgresql_where=text("state = 'failed'"),
        ),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    member_id: Mapped[UUID]
    subject_id: Mapped[UUID]
    language: Mapped[str] = mapped_column(Text)
    values: Mapped[Any] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    provider_reference: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_Time)
    sent_at: Mapped[datetime | None] = mapped_column(_Time)


class ExpiryMarkRow(Base):
    """How far a notice of expiries has got: all days before, and of `day` up to a wallet."""

    __tablename__ = "expiry_mark"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    days: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date)
    account_id: Mapped[UUID]
