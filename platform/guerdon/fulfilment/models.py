"""Tables of fulfilment, described for the drift check."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.plumbing.models import Base

_Time = TIMESTAMP(timezone=True)


class CounterOrderRow(Base):
    """An order that waits at the counter, or was handed over."""

    __tablename__ = "counter_order"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code_hash", name="counter_order_code"),
        CheckConstraint(
            "collected_at IS NULL OR withdrawn_at IS NULL", name="counter_order_one_end"
        ),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    supplier: Mapped[str] = mapped_column(Text)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    lines: Mapped[Any] = mapped_column(JSONB)
    purchase_order: Mapped[str] = mapped_column(Text, server_default=text("''"))
    placed_at: Mapped[datetime] = mapped_column(_Time)
    collected_at: Mapped[datetime | None] = mapped_column(_Time)
    collected_by: Mapped[str | None] = mapped_column(Text)
    withdrawn_at: Mapped[datetime | None] = mapped_column(_Time)
