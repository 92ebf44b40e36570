"""Control-plane tables: reached through functions of the schema `ctl` only."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL, JSONB, TIMESTAMP, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.plumbing.models import Base


class TenantRow(Base):
    """A brand on the deployment, or its operator."""

    __tablename__ = "tenant"
    __table_args__ = (
        Index("tenant_operator", "kind", unique=True, postgresql_where=text("kind = 'operator'")),
        ForeignKeyConstraint(
            ["id", "chosen_host"],
            ["ctl.tenant_host.tenant_id", "ctl.tenant_host.host"],
            name="tenant_chosen_host",
            ondelete="SET NULL (chosen_host)",
            use_alter=True,
        ),
        {"schema": "ctl"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, server_default="brand")
    status: Mapped[str] = mapped_column(Text, server_default="sandbox")
    status_since: Mapped[datetime] = mapped_column(
        TIMESTAMP(timezone=True), server_default=text("now()")
    )
    came_from: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    canonical_host: Mapped[str] = mapped_column(Text)
    clock_ahead: Mapped[timedelta] = mapped_column(INTERVAL, server_default=text("'0'"))
    clock_stands_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    chosen_host: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(
        TIMESTAMP(timezone=True), server_default=text("now()")
    )


class TenantSheetRow(Base):
    """What a list of all brands shows of one."""

    __tablename__ = "tenant_sheet"
    __table_args__ = (
        Index("tenant_sheet_name", "sort_name", "tenant_id"),
        Index("tenant_sheet_status", "status", "tenant_id"),
        Index("tenant_sheet_created", "created_at", "tenant_id"),
        Index("tenant_sheet_plan", "plan", "tenant_id"),
        Index("tenant_sheet_usage", "usage_percent", "tenant_id"),
        Index("tenant_sheet_members", "members", "tenant_id"),
        Index("tenant_sheet_held", "points_held", "tenant_id"),
        Index("tenant_sheet_orders", "open_orders", "tenant_id"),
        Index("tenant_sheet_parked", "parked", "tenant_id"),
        Index("tenant_sheet_failed", "failed", "tenant_id"),
        Index("tenant_sheet_health", "health", "tenant_id"),
        Index("tenant_sheet_words", "words", postgresql_using="gin"),
        {"schema": "ctl"},
    )
    tenant_id: Mapped[UUID] = mapped_column(
        ForeignKey("ctl.tenant.id", ondelete="CASCADE"), primary_key=True
    )
    slug: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    status_since: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    plan: Mapped[str] = mapped_column(Text, server_default="")
    usage_percent: Mapped[int] = mapped_column(Integer, server_default="0")
    members: Mapped[int] = mapped_column(BigInteger, server_default="0")
    points_outstanding: Mapped[int] = mapped_column(BigInteger, server_default="0")
    points_held: Mapped[int] = mapped_column(BigInteger, server_default="0")
    open_orders: Mapped[int] = mapped_column(BigInteger, server_default="0")
    parked: Mapped[int] = mapped_column(BigInteger, server_default="0")
    late_s: Mapped[int] = mapped_column(BigInteger, server_default="0")
    health: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    problems: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    refreshed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    sort_name: Mapped[str] = mapped_column(Text, Computed("lower(name)", persisted=True))
    requests: Mapped[int] = mapped_column(BigInteger, server_default="0")
    failed: Mapped[int] = mapped_column(BigInteger, server_default="0")
    words: Mapped[Any] = mapped_column(
        TSVECTOR, Computed("to_tsvector('simple'::regconfig, (slug || ' '::text) || name)")
    )


class TenantHostRow(Base):
    """A host name and the tenant that proved it."""

    __tablename__ = "tenant_host"
    __table_args__ = (
        UniqueConstraint("tenant_id", "host", name="tenant_host_of_tenant"),
        {"schema": "ctl"},
    )
    host: Mapped[str] = mapped_column(Text, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("ctl.tenant.id"))
    verified_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    proved: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))


class ChangeRow(Base):
    """What changed lately, for every process to notice."""

    __tablename__ = "change"
    __table_args__ = {"schema": "ctl"}
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("ctl.tenant.id"))
    kind: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(
        TIMESTAMP(timezone=True), server_default=text("clock_timestamp()")
    )


class ChangeCounterRow(Base):
    """The number of the last change; one row."""

    __tablename__ = "change_counter"
    __table_args__ = {"schema": "ctl"}
    one: Mapped[bool] = mapped_column(Boolean, primary_key=True, server_default=text("true"))
    seq: Mapped[int] = mapped_column(BigInteger)


class HookRow(Base):
    """The address of a provider's webhook: an id that cannot be guessed, kept as its hash."""

    __tablename__ = "hook"
    __table_args__ = (UniqueConstraint("tenant_id", "provider"), {"schema": "ctl"})
    id_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("ctl.tenant.id"))
    provider: Mapped[str] = mapped_column(Text)


class TenantRemovalRow(Base):
    """What stays of a brand whose data was removed: the certificate."""

    __tablename__ = "tenant_removal"
    __table_args__ = (
        Index(
            "tenant_removal_slug",
            "slug_free_at",
            postgresql_where=text("slug_free_at IS NOT NULL"),
        ),
        {"schema": "ctl"},
    )
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("ctl.tenant.id"), primary_key=True)
    begun_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    recipients: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    counts: Mapped[dict[str, int]] = mapped_column(JSONB, server_default="{}")
    file_count: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    file_bytes: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    key_count: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    finished_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    certificate: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    certificate_hash: Mapped[str | None] = mapped_column(Text)
    slug_free_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
