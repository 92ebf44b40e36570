"""Table of exports, described for the drift check."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.plumbing.models import Base

_Time = TIMESTAMP(timezone=True)


class TenantExportRow(Base):
    """An export that somebody asked for: how far it is, until when it can be downloaded."""

    __tablename__ = "tenant_export"
    __table_args__ = (
        Index("tenant_export_recent", "tenant_id", "requested_at", "id"),
        Index(
            "tenant_export_one",
            "tenant_id",
            unique=True,
            postgresql_where=text("state IN ('waiting', 'running')"),
        ),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(Text, server_default=text("'waiting'"))
    requested_by: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(_Time)
    done: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    total: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    ready_at: Mapped[datetime | None] = mapped_column(_Time)
    expires_at: Mapped[datetime | None] = mapped_column(_Time)
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    row_count: Mapped[int | None] = mapped_column(BigInteger)
    file_count: Mapped[int | None] = mapped_column(Integer)
    content_hash: Mapped[str | None] = mapped_column(Text)
