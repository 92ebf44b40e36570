"""Tables of recommendations, described for the drift check."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.plumbing.models import Base

_TIME = TIMESTAMP(timezone=True)
_NONE = text("0")
_EMPTY = text("''")


class EventRow(Base):
    """Something that happened to a recommendation."""

    __tablename__ = "recommendation_event"
    __table_args__ = (
        Index("recommendation_event_at", "at", postgresql_using="brin"),
        Index(
            "recommendation_event_member",
            "tenant_id",
            "member_id",
            "at",
            postgresql_where=text("member_id IS NOT NULL"),
        ),
        Index(
            "recommendation_event_once",
            "tenant_id",
            "slate_id",
            "position",
            "type",
            unique=True,
            postgresql_where=text("slate_id IS NOT NULL"),
        ),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(_TIME)
    type: Mapped[str] = mapped_column(Text)
    member_id: Mapped[UUID | None]
    slate_id: Mapped[UUID | None]
    position: Mapped[int | None] = mapped_column(SmallInteger)
    placement: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    kind: Mapped[str] = mapped_column(Text)
    offer: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    sku: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    variant: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    arm: Mapped[str | None] = mapped_column(Text)
    parameters_version: Mapped[int] = mapped_column(Integer)
    model_version: Mapped[str] = mapped_column(Text, server_default=_EMPTY)
    generated: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    source: Mapped[str] = mapped_column(Text, server_default=text("'api'"))


class DayRow(Base):
    """What happened to an offer or a product on a day of the programme."""

    __tablename__ = "recommendation_day"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    impressions: Mapped[int] = mapped_column(BigInteger, server_default=_NONE)
    clicks: Mapped[int] = mapped_column(BigInteger, server_default=_NONE)
    dismissals: Mapped[int] = mapped_column(BigInteger, server_default=_NONE)
    conversions: Mapped[int] = mapped_column(BigInteger, server_default=_NONE)


class TotalRow(Base):
    """What happened to an offer over its whole life."""

    __tablename__ = "recommendation_total"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    offer: Mapped[str] = mapped_column(Text, primary_key=True)
    impressions: Mapped[int] = mapped_column(BigInteger, server_default=_NONE)
    clicks: Mapped[int] = mapped_column(BigInteger, server_default=_NONE)
    dismissals: Mapped[int] = mapped_column(BigInteger, server_default=_NONE)
    conversions: Mapped[int] = mapped_column(BigInteger, server_default=_NONE)


class MemberRow(Base):
    """What a member saw and how often, what they sent away, and their latest dealings."""

    __tablename__ = "recommendation_member"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="recommendation_member_of",
        ),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    seen: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    lately: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    updated_at: Mapped[datetime] = mapped_column(_TIME)


class PopularRow(Base):
    """How often a product was redeemed, in a quarter and lately."""

    __tablename__ = "recommendation_popular"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    product_id: Mapped[UUID] = mapped_column(primary_key=True)
    redeemed: Mapped[int] = mapped_column(BigInteger)
    redeemed_lately: Mapped[int] = mapped_column(BigInteger)
    refreshed_at: Mapped[datetime] = mapped_column(_TIME)


class ContextRow(Base):
    """What a member bought, until it is over."""

    __tablename__ = "recommendation_context"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="recommendation_context_member",
        ),
        UniqueConstraint(
            "tenant_id", "member_id", "reference", name="recommendation_context_reference"
        ),
        Index("recommendation_context_over", "tenant_id", "expires_at"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID]
    reference: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    recorded_at: Mapped[datetime] = mapped_column(_TIME)
    expires_at: Mapped[datetime] = mapped_column(_TIME)


class ModelRow(Base):
    """A trained model: what it was worth, and whether it serves."""

    __tablename__ = "recommendation_model"
    __table_args__ = (
        Index(
            "recommendation_model_in_force",
            "tenant_id",
            unique=True,
            postgresql_where=text("state = 'in_force'"),
        ),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text)
    engine: Mapped[str] = mapped_column(Text)
    file_hash: Mapped[str | None] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigInteger, server_default=_NONE)
    reason: Mapped[str | None] = mapped_column(Text)
    members: Mapped[int] = mapped_column(BigInteger)
    products: Mapped[int] = mapped_column(BigInteger)
    events: Mapped[int] = mapped_column(BigInteger)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    metrics: Mapped[dict[str, Any]] = mapped_column(JSONB)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(_TIME)


class CardBaseRow(Base):
    """A base of approved cards, from being filled to being replaced."""

    __tablename__ = "card_base"
    __table_args__ = (
        Index(
            "card_base_in_force",
            "tenant_id",
            "name",
            unique=True,
            postgresql_where=text("state = 'in_force'"),
        ),
        Index("card_base_latest", "tenant_id", text("created_at DESC"), text("id DESC")),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    rows: Mapped[int] = mapped_column(Integer, server_default=_NONE)
    rejected: Mapped[int] = mapped_column(Integer, server_default=_NONE)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    in_force_at: Mapped[datetime | None] = mapped_column(_TIME)
    ended_at: Mapped[datetime | None] = mapped_column(_TIME)


class PreapprovalRow(Base):
    """A bank's approval of one member for one variant of its card."""

    __tablename__ = "card_preapproval"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "base_id"],
            ["app.card_base.tenant_id", "app.card_base.id"],
            name="card_preapproval_base",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="card_preapproval_member",
        ),
        Index("card_preapproval_of", "tenant_id", "member_id", "base_id"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    base_id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    bank: Mapped[str] = mapped_column(Text, primary_key=True)
    variant: Mapped[str] = mapped_column(Text)
    limit_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    valid_until: Mapped[date] = mapped_column(Date)
    consent: Mapped[bool] = mapped_column(Boolean)
    line: Mapped[int] = mapped_column(Integer)
