"""The ledger's tables, as the migrations make them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from guerdon.plumbing.models import Base

Instant = TIMESTAMP(timezone=True)


class AccountRow(Base):
    """A wallet."""

    __tablename__ = "ledger_account"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    posted: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    held: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    debt: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class TransactionRow(Base):
    """Something that happened to a wallet; never changed."""

    __tablename__ = "ledger_txn"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "reverses"], ["app.ledger_txn.tenant_id", "app.ledger_txn.id"]
        ),
        Index(
            "ledger_txn_key",
            "tenant_id",
            "idempotency_key",
            unique=True,
            postgresql_where=text("idempotency_key IS NOT NULL"),
        ),
        Index(
            "ledger_txn_natural_key",
            "tenant_id",
            "source",
            "event_id",
            unique=True,
            postgresql_where=text("event_id IS NOT NULL"),
        ),
        Index(
            "ledger_txn_hold",
            "tenant_id",
            "hold_id",
            unique=True,
            postgresql_where=text("hold_id IS NOT NULL"),
        ),
        Index("ledger_txn_history", "tenant_id", "account_id", "occurred_at", "id"),
        Index("ledger_txn_time", "occurred_at", postgresql_using="brin"),
        Index(
            "ledger_txn_reverses",
            "tenant_id",
            "reverses",
            postgresql_where=text("reverses IS NOT NULL"),
        ),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column()
    kind: Mapped[str] = mapped_column(Text)
    points: Mapped[int] = mapped_column(BigInteger)
    balance_after: Mapped[int] = mapped_column(BigInteger)
    occurred_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant, server_default=text("clock_timestamp()"))
    parameters_version: Mapped[int] = mapped_column(Integer)
    source: Mapped[str | None] = mapped_column(Text)
    event_id: Mapped[str | None] = mapped_column(Text)
    idempotency_key: Mapped[str | None] = mapped_column(Text)
    fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary)
    reverses: Mapped[UUID | None] = mapped_column()
    hold_id: Mapped[UUID | None] = mapped_column()
    explanation: Mapped[dict[str, Any]] = mapped_column(JSONB)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class EntryRow(Base):
    """One side of a transaction; the entries of each add up to zero."""

    __tablename__ = "ledger_entry"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    txn_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)


class LotMoveRow(Base):
    """What a transaction did to a lot."""

    __tablename__ = "ledger_lot_move"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    txn_id: Mapped[UUID] = mapped_column(primary_key=True)
    lot: Mapped[UUID] = mapped_column(primary_key=True)
    expires_on: Mapped[date] = mapped_column(Date, primary_key=True)
    points: Mapped[int] = mapped_column(BigInteger)


class LotRow(Base):
    """Points that can be spent until their last day."""

    __tablename__ = "ledger_lot"
    __table_args__ = (
        Index("ledger_lot_expiry", "tenant_id", "expires_on"),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    expires_on: Mapped[date] = mapped_column(Date, primary_key=True)
    lot: Mapped[UUID] = mapped_column(primary_key=True)
    remaining: Mapped[int] = mapped_column(BigInteger)


class HoldRow(Base):
    """Points set aside, with the lots they were taken from."""

    __tablename__ = "ledger_hold"
    __table_args__ = (
        Index(
            "ledger_hold_due",
            "tenant_id",
            "expires_at",
            postgresql_where=text("state = 'pending'"),
        ),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column()
    points: Mapped[int] = mapped_column(BigInteger)
    lots: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    lot_expires_on: Mapped[list[date]] = mapped_column(ARRAY(Date))
    lot_points: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    purpose: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default=text("'pending'"))
    expires_at: Mapped[datetime] = mapped_column(Instant)
    parameters_version: Mapped[int] = mapped_column(Integer)
    placed_at: Mapped[datetime] = mapped_column(Instant)
    resolved_at: Mapped[datetime | None] = mapped_column(Instant)
    txn_id: Mapped[UUID | None] = mapped_column()
    posted_points: Mapped[int | None] = mapped_column(BigInteger)


class SealRow(Base):
    """A batch of transactions in the hash chain."""

    __tablename__ = "ledger_seal"
    __table_args__ = {"schema": "app"}
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    txns: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    digests: Mapped[bytes] = mapped_column(LargeBinary)
    upto: Mapped[UUID] = mapped_column()
    sealed_at: Mapped[datetime] = mapped_column(Instant, server_default=text("clock_timestamp()"))


class AdjustmentRow(Base):
    """A correction that waits for a second person."""

    __tablename__ = "ledger_adjustment"
    __table_args__ = (
        UniqueConstraint("tenant_id", "idempotency_key"),
        Index(
            "ledger_adjustment_awaiting",
            "tenant_id",
            "requested_at",
            postgresql_where=text("state = 'awaiting'"),
        ),
        {"schema": "app"},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column()
    points: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    requested_by: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(Instant)
    parameters_version: Mapped[int] = mapped_column(Integer)
    idempotency_key: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(Text, server_default=text("'awaiting'"))
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    txn_id: Mapped[UUID | None] = mapped_column()
