"""Tables of a brand's own domains."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.plumbing.models import Base

_TIME = TIMESTAMP(timezone=True)


class SiteDomainRow(Base):
    """A domain that the brand claims for its member site."""

    __tablename__ = "site_domain"
    __table_args__ = (CheckConstraint("domain = lower(domain)"), {"schema": "app"})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(Text, primary_key=True)
    token: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    verified_at: Mapped[datetime | None] = mapped_column(_TIME)
    checked_at: Mapped[datetime | None] = mapped_column(_TIME)
    problem: Mapped[str] = mapped_column(Text, server_default="")
    missing_since: Mapped[datetime | None] = mapped_column(_TIME)
