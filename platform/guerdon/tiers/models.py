"""Tables of tiers."""

from uuid import UUID

from sqlalchemy import BigInteger, Integer
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
