"""Tables of tiers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Integer
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.plumbing.models import Base


class StandingRow(Base):
    """Qualifying points of a wallet in a period: a calendar year, or 0 for the whole life."""

    __tablename__ = "tier_standing"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    period: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    qualifying: Mapped[int] = mapped_column(BigInteger)


class TurnRow(Base):
    """A year that has begun: up to which wallet the tiers it took were told."""

    __tablename__ = "tier_turn"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    period: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    account_id: Mapped[UUID]
    done_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
