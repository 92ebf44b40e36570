"""The table of support accesses, as the migrations make it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.plumbing.models import Base

_Time = TIMESTAMP(timezone=True)


class SupportAccessRow(Base):
    """One access that somebody of the platform's staff asked for."""

    __tablename__ = "support_access"
    __table_args__ = (
        Index(
            "support_access_one",
            "tenant_id",
            "staff_id",
            unique=True,
            postgresql_where=text("state IN ('asked', 'open')"),
        ),
        Index("support_access_time", "tenant_id", text("asked_at DESC"), text("id DESC")),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID]
    staff_name: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    minutes: Mapped[int] = mapped_column(Integer)
    asked_writes: Mapped[bool] = mapped_column(Boolean)
    writes: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    state: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(_Time)
    answered_at: Mapped[datetime | None] = mapped_column(_Time)
    answered_by: Mapped[str] = mapped_column(Text, server_default="")
    ends_at: Mapped[datetime | None] = mapped_column(_Time)
    ended_at: Mapped[datetime | None] = mapped_column(_Time)
    ended_by: Mapped[str] = mapped_column(Text, server_default="")
