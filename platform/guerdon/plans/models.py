"""Tables of plans, usage, statements and charges, described for the drift check."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.plumbing.models import Base

_Time = TIMESTAMP(timezone=True)


class TenantPlanRow(Base):
    """The plan of a brand, and the quotas of its own."""

    __tablename__ = "tenant_plan"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    plan: Mapped[str] = mapped_column(Text)
    overrides: Mapped[Any] = mapped_column(JSONB, server_default="{}")
    since: Mapped[datetime] = mapped_column(_Time)
    changed_by: Mapped[str] = mapped_column(Text)


class UsageHourRow(Base):
    """What processes counted for a brand in an hour: no rows of its own tell of it."""

    __tablename__ = "usage_hour"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(_Time, primary_key=True)
    api_calls: Mapped[int] = mapped_column(BigInteger)
    cpu_us: Mapped[int] = mapped_column(BigInteger)
    outside_calls: Mapped[int] = mapped_column(BigInteger)


class QuotaNoticeRow(Base):
    """That owners were told of a quota in a period."""

    __tablename__ = "quota_notice"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    period: Mapped[date] = mapped_column(Date, primary_key=True)
    meter: Mapped[str] = mapped_column(Text, primary_key=True)
    percent: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    used: Mapped[int] = mapped_column(BigInteger)
    quota: Mapped[int] = mapped_column(BigInteger)
    told_at: Mapped[datetime] = mapped_column(_Time)


class UsageStatementRow(Base):
    """The statement of a closed period; never changed."""

    __tablename__ = "usage_statement"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    period: Mapped[date] = mapped_column(Date, primary_key=True)
    plan: Mapped[str] = mapped_column(Text)
    lines: Mapped[Any] = mapped_column(JSONB)
    cost: Mapped[Any] = mapped_column(JSONB)
    total_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    closed_at: Mapped[datetime] = mapped_column(_Time)


class PlanChargeRow(Base):
    """What became of the money of a statement. `attempt` is the payment page that is open."""

    __tablename__ = "plan_charge"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "period"],
            ["app.usage_statement.tenant_id", "app.usage_statement.period"],
            name="plan_charge_statement",
        ),
        Index(
            "plan_charge_unpaid", "tenant_id", "due_at", postgresql_where=text("state <> 'paid'")
        ),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    period: Mapped[date] = mapped_column(Date, primary_key=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime] = mapped_column(_Time)
    attempt: Mapped[UUID | None]
    reference: Mapped[str | None] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    decline: Mapped[str | None] = mapped_column(Text)
    card: Mapped[str | None] = mapped_column(Text)
    paid_at: Mapped[datetime | None] = mapped_column(_Time)


class TenantUsageRow(Base):
    """Plan and usage of a brand as last counted, for lists of many brands."""

    __tablename__ = "tenant_usage"
    __table_args__ = {"schema": "ctl"}
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("ctl.tenant.id"), primary_key=True)
    plan: Mapped[str] = mapped_column(Text)
    usage: Mapped[Any] = mapped_column(JSONB)
    fullest_percent: Mapped[int] = mapped_column(Integer)
    counted_at: Mapped[datetime] = mapped_column(_Time)
