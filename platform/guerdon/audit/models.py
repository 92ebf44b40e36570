"""Tables of the audit trail, as `alembic check` sees them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.plumbing.models import Base

_TIME = TIMESTAMP(timezone=True)


class AuditHeadRow(Base):
    """The end of a tenant's chain."""

    __tablename__ = "audit_head"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class AuditEntryRow(Base):
    """One thing that somebody did. Never changed."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("audit_entry_time", "tenant_id", text("occurred_at DESC"), text("seq DESC")),
        Index("audit_entry_actor", "tenant_id", "actor", text("seq DESC")),
        Index("audit_entry_subject", "tenant_id", "subject", text("seq DESC")),
        Index("audit_entry_action", "tenant_id", "action", text("seq DESC")),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    occurred_at: Mapped[datetime] = mapped_column(_TIME)
    recorded_at: Mapped[datetime] = mapped_column(_TIME, server_default=text("clock_timestamp()"))
    actor: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    summary: Mapped[dict[str, Any]] = mapped_column(JSONB)
    address: Mapped[str] = mapped_column(Text, server_default="")
    request_id: Mapped[str] = mapped_column(Text, server_default="")
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
