"""Versions of a tenant's whole programme; rows are never changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.plumbing.models import Base


class ParameterVersionRow(Base):
    """One immutable version: the content of every section, from an instant on."""

    __tablename__ = "parameter_version"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary)
    effective_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    author: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, server_default="")
    recorded_at: Mapped[datetime] = mapped_column(
        TIMESTAMP(timezone=True), server_default=text("clock_timestamp()")
    )
