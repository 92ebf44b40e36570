"""Table of back-tests, described for the drift check."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.plumbing.models import Base

_Time = TIMESTAMP(timezone=True)


class SimulationRunRow(Base):
    """A back-test: what was asked, how far it is, what it found."""

    __tablename__ = "simulation_run"
    __table_args__ = (
        Index("simulation_run_of", "tenant_id", "change_set_id", text("requested_at DESC"), "id"),
        Index(
            "simulation_run_at_work",
            "tenant_id",
            unique=True,
            postgresql_where=text("state = 'running'"),
        ),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    change_set_id: Mapped[UUID]
    row_version: Mapped[int] = mapped_column(Integer)
    base_version: Mapped[int] = mapped_column(Integer)
    draft: Mapped[dict[str, Any]] = mapped_column(JSONB)
    days: Mapped[int] = mapped_column(Integer)
    requested_by: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(_Time)
    state: Mapped[str] = mapped_column(Text, server_default=text("'queued'"))
    processed: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    total: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    report: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    report_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    fingerprint: Mapped[str | None] = mapped_column(Text)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    started_at: Mapped[datetime | None] = mapped_column(_Time)
    ended_at: Mapped[datetime | None] = mapped_column(_Time)
