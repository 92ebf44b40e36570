"""Tables of members, as `alembic check` sees them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.plumbing.models import Base

_TIME = TIMESTAMP(timezone=True)
_TO_MEMBER = (["tenant_id", "member_id"], ["app.member.tenant_id", "app.member.id"])


class MemberRow(Base):
    """A member; what identifies a person is null once erased."""

    __tablename__ = "member"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["app.ledger_account.tenant_id", "app.ledger_account.id"],
            name="member_wallet",
            deferrable=True,
            initially="DEFERRED",
        ),
        UniqueConstraint("tenant_id", "number", name="member_number"),
        UniqueConstraint("tenant_id", "email_norm", name="member_email"),
        UniqueConstraint("tenant_id", "external_id", name="member_external_id"),
        UniqueConstraint("tenant_id", "account_id", name="member_account"),
        Index("member_joined", "tenant_id", "joined_at", "id"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(Text, server_default="active")
    number: Mapped[str | None] = mapped_column(Text)
    external_id: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    email_norm: Mapped[str | None] = mapped_column(Text)
    email_verified_at: Mapped[datetime | None] = mapped_column(_TIME)
    name: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(Text)
    joined_at: Mapped[datetime] = mapped_column(_TIME)
    updated_at: Mapped[datetime] = mapped_column(_TIME)
    erased_at: Mapped[datetime | None] = mapped_column(_TIME)


class AddressRow(Base):
    """Where a member's parcels go."""

    __tablename__ = "member_address"
    __table_args__ = (
        ForeignKeyConstraint(*_TO_MEMBER),
        Index(
            "member_address_default",
            "tenant_id",
            "member_id",
            unique=True,
            postgresql_where=text("is_default"),
        ),
        Index("member_address_member", "tenant_id", "member_id"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID]
    label: Mapped[str] = mapped_column(Text, server_default="")
    recipient: Mapped[str] = mapped_column(Text)
    line1: Mapped[str] = mapped_column(Text)
    line2: Mapped[str] = mapped_column(Text, server_default="")
    district: Mapped[str] = mapped_column(Text, server_default="")
    city: Mapped[str] = mapped_column(Text, server_default="")
    region: Mapped[str] = mapped_column(Text, server_default="")
    postal_code: Mapped[str] = mapped_column(Text, server_default="")
    country: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(Text, server_default="")
    is_default: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    updated_at: Mapped[datetime] = mapped_column(_TIME)


class ConsentRow(Base):
    """What a member agreed to or took back, and when."""

    __tablename__ = "member_consent"
    __table_args__ = (
        ForeignKeyConstraint(*_TO_MEMBER),
        Index("member_consent_latest", "tenant_id", "member_id", "purpose", "id"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID]
    purpose: Mapped[str] = mapped_column(Text)
    granted: Mapped[bool] = mapped_column(Boolean)
    text_version: Mapped[str] = mapped_column(Text)
    text_hash: Mapped[bytes] = mapped_column(LargeBinary)
    language: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime] = mapped_column(_TIME)


class WordRow(Base):
    """A word that a member is found by; triggers of `member` keep it."""

    __tablename__ = "member_word"
    __table_args__ = (
        ForeignKeyConstraint(*_TO_MEMBER, name="member_word_of"),
        Index("member_word_member", "tenant_id", "member_id", "word"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(primary_key=True)


class TombstoneRow(Base):
    """Who was erased: erased again after a restore."""

    __tablename__ = "member_tombstone"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    erased_at: Mapped[datetime] = mapped_column(_TIME)
    requested_by: Mapped[str] = mapped_column(Text)


class ImportRow(Base):
    """A file of members on its way: looked through, then taken in."""

    __tablename__ = "member_import"
    __table_args__ = (
        Index("member_import_time", "tenant_id", text("created_at DESC"), "id"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    file_name: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(BigInteger, server_default="0")
    line: Mapped[int] = mapped_column(Integer, server_default="0")
    totals: Mapped[dict[str, Any]] = mapped_column(JSONB)
    checked_totals: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    errors: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    fault: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    applied_by: Mapped[str | None] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(_TIME)
    fault_code: Mapped[str | None] = mapped_column(Text)
