"""Tables of single sign-on, as `alembic check` sees them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.plumbing.models import Base

_TIME = TIMESTAMP(timezone=True)
_TO_STAFF = (["tenant_id", "staff_id"], ["app.staff.tenant_id", "app.staff.id"])
_TO_CONNECTION = (
    ["tenant_id", "connection_id"],
    ["app.staff_connection.tenant_id", "app.staff_connection.id"],
)


class StaffConnectionRow(Base):
    """A brand's own identity provider for its people."""

    __tablename__ = "staff_connection"
    __table_args__ = (
        UniqueConstraint("tenant_id", "endpoint_id", name="staff_connection_endpoint"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    endpoint_id: Mapped[str] = mapped_column(Text)
    draft: Mapped[dict[str, Any]] = mapped_column(JSONB)
    in_force: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    tested_hash: Mapped[str] = mapped_column(Text, server_default="")
    row_version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    updated_at: Mapped[datetime] = mapped_column(_TIME)


class StaffConnectionTestRow(Base):
    """A test login and what the provider said."""

    __tablename__ = "staff_connection_test"
    __table_args__ = (
        ForeignKeyConstraint(*_TO_CONNECTION),
        Index("staff_connection_test_time", "tenant_id", "connection_id", "started_at"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    connection_id: Mapped[UUID]
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    settings_hash: Mapped[str] = mapped_column(Text)
    started_by: Mapped[UUID]
    started_at: Mapped[datetime] = mapped_column(_TIME)
    finished_at: Mapped[datetime | None] = mapped_column(_TIME)
    outcome: Mapped[str] = mapped_column(Text, server_default="waiting")
    reason: Mapped[str] = mapped_column(Text, server_default="")
    detail: Mapped[str] = mapped_column(Text, server_default="")
    claims: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    groups: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))


class StaffIdentityRow(Base):
    """Somebody's login at a provider: (connection, issuer, subject), nothing else."""

    __tablename__ = "staff_identity"
    __table_args__ = (
        ForeignKeyConstraint(*_TO_CONNECTION),
        ForeignKeyConstraint(*_TO_STAFF),
        Index("staff_identity_staff", "tenant_id", "staff_id"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    connection_id: Mapped[UUID] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    staff_id: Mapped[UUID]
    email: Mapped[str] = mapped_column(Text)
    groups: Mapped[list[str]] = mapped_column(ARRAY(Text))
    linked_at: Mapped[datetime] = mapped_column(_TIME)
    seen_at: Mapped[datetime] = mapped_column(_TIME)


class StaffConnectionInviteRow(Base):
    """An account that a connection may open once, by its e-mail."""

    __tablename__ = "staff_connection_invite"
    __table_args__ = (
        ForeignKeyConstraint(*_TO_CONNECTION),
        ForeignKeyConstraint(*_TO_STAFF),
        Index("staff_connection_invite_staff", "tenant_id", "staff_id"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    connection_id: Mapped[UUID] = mapped_column(primary_key=True)
    email_norm: Mapped[str] = mapped_column(Text, primary_key=True)
    staff_id: Mapped[UUID]
    invited_by: Mapped[UUID]
    invited_at: Mapped[datetime] = mapped_column(_TIME)


class StaffDomainRow(Base):
    """An e-mail domain that the brand proves to be its own."""

    __tablename__ = "staff_domain"
    __table_args__ = ({"schema": "app"},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(Text, primary_key=True)
    token: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    verified_at: Mapped[datetime | None] = mapped_column(_TIME)
    checked_at: Mapped[datetime | None] = mapped_column(_TIME)
    problem: Mapped[str] = mapped_column(Text, server_default="")
    missing_since: Mapped[datetime | None] = mapped_column(_TIME)


class StaffEndpointRow(Base):
    """Whose address an endpoint id is; the id is kept as its hash."""

    __tablename__ = "staff_endpoint"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["ctl.tenant.id"]),
        UniqueConstraint("tenant_id", "connection_id"),
        {"schema": "ctl"},
    )
    id_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    tenant_id: Mapped[UUID]
    connection_id: Mapped[UUID]


class ProvedDomainRow(Base):
    """Which brands have proved an e-mail domain."""

    __tablename__ = "proved_domain"
    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["ctl.tenant.id"]), {"schema": "ctl"})
    domain: Mapped[str] = mapped_column(Text, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
