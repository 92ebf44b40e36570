"""Tables of identity, as `alembic check` sees them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.identity.sso import models as _single_sign_on  # noqa: F401
from guerdon.identity.support import models as _support  # noqa: F401
from guerdon.plumbing.models import Base

_TIME = TIMESTAMP(timezone=True)
_TO_STAFF = (["tenant_id", "staff_id"], ["app.staff.tenant_id", "app.staff.id"])
_TO_MEMBER = (["tenant_id", "member_id"], ["app.member.tenant_id", "app.member.id"])


class OneTimeCodeRow(Base):
    """A code that was sent; the code itself is derived from the id."""

    __tablename__ = "one_time_code"
    __table_args__ = (
        ForeignKeyConstraint(*_TO_MEMBER),
        Index("one_time_code_email", "tenant_id", "email_norm"),
        Index("one_time_code_age", "tenant_id", "expires_at"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(Text)
    email_norm: Mapped[str] = mapped_column(Text)
    member_id: Mapped[UUID | None]
    browser_id: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    expires_at: Mapped[datetime] = mapped_column(_TIME)
    tries: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    used_at: Mapped[datetime | None] = mapped_column(_TIME)


class PasswordRow(Base):
    """A member's password, argon2id."""

    __tablename__ = "member_password"
    __table_args__ = (ForeignKeyConstraint(*_TO_MEMBER), {"schema": "app"})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(_TIME)


class ExternalIdentityRow(Base):
    """A member's login at an outside provider."""

    __tablename__ = "external_identity"
    __table_args__ = (
        ForeignKeyConstraint(*_TO_MEMBER),
        Index("external_identity_member", "tenant_id", "member_id"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    connection: Mapped[str] = mapped_column(Text, primary_key=True)
    issuer: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    member_id: Mapped[UUID]
    linked_at: Mapped[datetime] = mapped_column(_TIME)


class TokenGrantRow(Base):
    """An app that a member has let in."""

    __tablename__ = "token_grant"
    __table_args__ = (
        ForeignKeyConstraint(*_TO_MEMBER),
        Index("token_grant_member", "tenant_id", "member_id"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID]
    client_id: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    generation: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    rotated_at: Mapped[datetime] = mapped_column(_TIME)
    expires_at: Mapped[datetime] = mapped_column(_TIME)
    revoked_at: Mapped[datetime | None] = mapped_column(_TIME)


class ApiKeyRow(Base):
    """A key of one of the brand's systems."""

    __tablename__ = "api_key"
    __table_args__ = (
        UniqueConstraint("tenant_id", "secret_hash", name="api_key_secret"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    mode: Mapped[str] = mapped_column(Text)
    hint: Mapped[str] = mapped_column(Text)
    secret_hash: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    requests_per_minute: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    expires_at: Mapped[datetime | None] = mapped_column(_TIME)
    revoked_at: Mapped[datetime | None] = mapped_column(_TIME)


class StaffRow(Base):
    """Somebody who works for the brand."""

    __tablename__ = "staff"
    __table_args__ = (
        UniqueConstraint("tenant_id", "email_norm", name="staff_email"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    email_norm: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    language: Mapped[str] = mapped_column(Text, server_default="en")
    break_glass: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(_TIME)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(_TIME)
    appearance: Mapped[str] = mapped_column(Text, server_default="system")
    sessions_from: Mapped[datetime | None] = mapped_column(_TIME)
    last_sign_in_method: Mapped[str] = mapped_column(Text, server_default="")


class StaffPasswordRow(Base):
    """A password, argon2id."""

    __tablename__ = "staff_password"
    __table_args__ = (ForeignKeyConstraint(*_TO_STAFF), {"schema": "app"})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(_TIME)


class StaffTotpRow(Base):
    """The key of an authenticator app, sealed."""

    __tablename__ = "staff_totp"
    __table_args__ = (ForeignKeyConstraint(*_TO_STAFF), {"schema": "app"})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    pending: Mapped[bytes | None] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    confirmed_at: Mapped[datetime | None] = mapped_column(_TIME)


class StaffRecoveryCodeRow(Base):
    """A recovery code, by its keyed hash."""

    __tablename__ = "staff_recovery_code"
    __table_args__ = (ForeignKeyConstraint(*_TO_STAFF), {"schema": "app"})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(Text, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    used_at: Mapped[datetime | None] = mapped_column(_TIME)


class StaffPasskeyRow(Base):
    """A passkey's public half."""

    __tablename__ = "staff_passkey"
    __table_args__ = (
        ForeignKeyConstraint(*_TO_STAFF),
        UniqueConstraint("tenant_id", "credential_id", name="staff_passkey_credential"),
        Index("staff_passkey_staff", "tenant_id", "staff_id"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID]
    credential_id: Mapped[bytes] = mapped_column(LargeBinary)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    rp_id: Mapped[str] = mapped_column(Text)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    backed_up: Mapped[bool] = mapped_column(Boolean)
    transports: Mapped[list[str]] = mapped_column(ARRAY(Text))
    name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    last_used_at: Mapped[datetime | None] = mapped_column(_TIME)
    blocked_at: Mapped[datetime | None] = mapped_column(_TIME)


class StaffLinkRow(Base):
    """An invitation, or a link for a new password."""

    __tablename__ = "staff_link"
    __table_args__ = (
        ForeignKeyConstraint(*_TO_STAFF),
        Index(
            "staff_link_good", "tenant_id", "staff_id", "purpose", unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        {"schema": "app"},
    )  # fmt: skip
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID]
    purpose: Mapped[str] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    expires_at: Mapped[datetime] = mapped_column(_TIME)
    ended_at: Mapped[datetime | None] = mapped_column(_TIME)
