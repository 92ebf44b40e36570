"""How a sandbox's clock was moved, and what happened on the way."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.plumbing.models import Base

_Time = TIMESTAMP(timezone=True)


class MoveRow(Base):
    """One move of the clock; under way until `ended_at`."""

    __tablename__ = "clock_move"
    __table_args__ = (
        Index(
            "clock_move_under_way",
            "tenant_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    asked_by: Mapped[str] = mapped_column(Text)
    from_at: Mapped[datetime] = mapped_column(_Time)
    target_at: Mapped[datetime] = mapped_column(_Time)
    reached_at: Mapped[datetime] = mapped_column(_Time)
    happenings: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    asked_at: Mapped[datetime] = mapped_column(_Time, server_default=text("now()"))
    ended_at: Mapped[datetime | None] = mapped_column(_Time)


class HappeningRow(Base):
    """What fell due at an instant of the way."""

    __tablename__ = "clock_happening"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "move_id"], ["app.clock_move.tenant_id", "app.clock_move.id"]
        ),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    move_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(_Time)
    kind: Mapped[str] = mapped_column(Text)
    count: Mapped[int] = mapped_column(BigInteger)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
