"""Tables of sign-ups, described for the drift check."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.plumbing.models import Base

_Time = TIMESTAMP(timezone=True)
_HELD = "state IN ('open', 'founding')"


class SignupRow(Base):
    """A brand on its way to being made."""

    __tablename__ = "signup"
    __table_args__ = (
        Index("signup_of", "tenant_id", "email_norm", unique=True, postgresql_where=text(_HELD)),
        Index(
            "signup_slug",
            "tenant_id",
            "slug",
            unique=True,
            postgresql_where=text(f"slug IS NOT NULL AND {_HELD}"),
        ),
        Index("signup_latest", "tenant_id", "email_norm", text("created_at DESC")),
        Index("signup_ends", "tenant_id", "expires_at", postgresql_where=text("state = 'open'")),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    brand_id: Mapped[UUID]
    email_norm: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    slug: Mapped[str | None] = mapped_column(Text)
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    fault: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[datetime] = mapped_column(_Time)
    changed_at: Mapped[datetime] = mapped_column(_Time)
    expires_at: Mapped[datetime] = mapped_column(_Time)
    founded_at: Mapped[datetime | None] = mapped_column(_Time)


class CompanyRow(Base):
    """The company behind a brand."""

    __tablename__ = "company"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    legal_name: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    tax_id: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(_Time)


class PlatformTermsRow(Base):
    """A version of the platform's terms that a brand's owner accepted."""

    __tablename__ = "platform_terms"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(Text, primary_key=True)
    text_sha256: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    accepted_by: Mapped[str] = mapped_column(Text)
    accepted_at: Mapped[datetime] = mapped_column(_Time)


class PlatformTermsNoticeRow(Base):
    """That owners were written to about a version that waits for them."""

    __tablename__ = "platform_terms_notice"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(Text, primary_key=True)
    stage: Mapped[str] = mapped_column(Text, primary_key=True)
    told_at: Mapped[datetime] = mapped_column(_Time)
