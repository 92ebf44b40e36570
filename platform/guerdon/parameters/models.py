"""Versions of a tenant's whole programme, and the change sets they come from."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    Uuid,
    text,
)
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.plumbing.models import Base

_INSTANT = TIMESTAMP(timezone=True)


class ParameterVersionRow(Base):
    """One immutable version: the content of every section, from an instant on.

    `scheduled`: it was written before its instant. `restores`: the version it went back to.
    """

    __tablename__ = "parameter_version"
    __table_args__ = (
        Unique("tenant_id", "version", "effective_at", name="parameter_version_moment"),
        ForeignKeyConstraint(
            ["tenant_id", "restores"],
            ["app.parameter_version.tenant_id", "app.parameter_version.version"],
            name="parameter_version_restores",
        ),
        Index("parameter_version_effective", "tenant_id", "effective_at", "version"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary)
    effective_at: Mapped[datetime] = mapped_column(_INSTANT)
    author: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, server_default="")
    recorded_at: Mapped[datetime] = mapped_column(
        _INSTANT, server_default=text("clock_timestamp()")
    )
    scheduled: Mapped[bool] = mapped_column(server_default=text("false"))
    restores: Mapped[int | None] = mapped_column(Integer)


class ParameterWithdrawalRow(Base):
    """A scheduled version that will not take effect; it was taken back before its instant."""

    __tablename__ = "parameter_withdrawal"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "version", "effective_at"],
            [
                "app.parameter_version.tenant_id",
                "app.parameter_version.version",
                "app.parameter_version.effective_at",
            ],
            name="parameter_withdrawal_version",
        ),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    effective_at: Mapped[datetime] = mapped_column(_INSTANT)
    withdrawn_at: Mapped[datetime] = mapped_column(_INSTANT)
    withdrawn_by: Mapped[str] = mapped_column(Text)


class ChangeSetRow(Base):
    """Edits on their way: against `base_version` until they are a `version` of their own."""

    __tablename__ = "change_set"
    __table_args__ = (
        Unique("tenant_id", "version", name="change_set_version"),
        ForeignKeyConstraint(
            ["tenant_id", "base_version"],
            ["app.parameter_version.tenant_id", "app.parameter_version.version"],
            name="change_set_base",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "version", "effective_at"],
            [
                "app.parameter_version.tenant_id",
                "app.parameter_version.version",
                "app.parameter_version.effective_at",
            ],
            name="change_set_release",
        ),
        Index("change_set_recent", "tenant_id", "created_at", "id"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    base_version: Mapped[int] = mapped_column(Integer)
    row_version: Mapped[int] = mapped_column(Integer)
    edits: Mapped[list[Any]] = mapped_column(JSONB)
    author: Mapped[str] = mapped_column(Text)
    editors: Mapped[list[str]] = mapped_column(ARRAY(Text))
    version: Mapped[int | None] = mapped_column(Integer)
    effective_at: Mapped[datetime | None] = mapped_column(_INSTANT)
    created_at: Mapped[datetime] = mapped_column(_INSTANT)
    updated_at: Mapped[datetime] = mapped_column(_INSTANT)


class ChangeSetEventRow(Base):
    """What happened to a change set: who did what, and what they said about it."""

    __tablename__ = "change_set_event"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "change_set_id"],
            ["app.change_set.tenant_id", "app.change_set.id"],
            name="change_set_event_of",
        ),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    change_set_id: Mapped[UUID] = mapped_column(primary_key=True)
    row_version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    occurred_at: Mapped[datetime] = mapped_column(_INSTANT)
    actor: Mapped[str] = mapped_column(Text)
    comment: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)


class ParameterRolloutRow(Base):
    """A change set that some members have before the others."""

    __tablename__ = "parameter_rollout"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "change_set_id"],
            ["app.change_set.tenant_id", "app.change_set.id"],
            name="parameter_rollout_of",
        ),
        Index(
            "parameter_rollout_running",
            "tenant_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    first_version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    change_set_id: Mapped[UUID]
    started_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    started_by: Mapped[str] = mapped_column(Text)
    percent: Mapped[int] = mapped_column(SmallInteger)
    members: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    ended_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    outcome: Mapped[str | None] = mapped_column(Text)
