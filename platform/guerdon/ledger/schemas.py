"""What the ledger tells."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """A wallet at an instant. `available` is what can be spent: free lots less debt.

    `overdue` points have passed their last day and wait for the expiry job: they are part of
    `posted` and cannot be spent. `next_expiry` is the last day of the points that go first.
    """

    account_id: UUID
    posted: int
    held: int
    debt: int
    available: int
    overdue: int
    next_expiry: date | None
    next_expiry_points: int


class Buckets(msgspec.Struct, frozen=True, kw_only=True):
    """Where all points of a wallet went: `earned` - ... adds up to `posted`, see `check`."""

    earned: int
    reversed: int
    spent: int
    refunded: int
    expired: int
    adjusted: int
    posted: int
    held: int
    available: int

    def check(self) -> bool:
        """Whether the buckets add up to the balance."""
        gained = self.earned + self.refunded + self.adjusted
        return gained - self.reversed - self.spent - self.expired == self.posted


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a wallet's history."""

    id: UUID
    kind: str
    points: int
    balance_after: int
    occurred_at: datetime
    recorded_at: datetime
    parameters_version: int
    source: str | None
    event_id: str | None
    reverses: UUID | None
    hold_id: UUID | None
    expires_on: date | None
    explanation: dict[str, Any]


class LotChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a transaction did to a lot. `earned_at` is when the lot was made; None is debt."""

    lot: UUID | None
    points: int
    expires_on: date | None
    earned_at: datetime | None


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """One transaction with everything that made it: rule, inputs, arithmetic, version, lots."""

    movement: Movement
    lots: list[LotChange]
    undone_by: list[UUID]


class Lot(msgspec.Struct, frozen=True, kw_only=True):
    """Points that can be spent; `expires_on` is their last day, None if they live for ever."""

    lot: UUID
    remaining: int
    expires_on: date | None
    earned_at: datetime


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """The wallet after a change by hand, refund or reversal.

    `points` is what the balance changed by; `due` and `uncollected` are set by a reversal.
    """

    transaction_id: UUID
    points: int
    posted: int
    held: int
    due: int | None = None
    uncollected: int = 0
    replayed: bool = False


class Adjustment(msgspec.Struct, frozen=True, kw_only=True):
    """A correction: done (`change` is set), or waiting for a second person (`request_id` is)."""

    change: Change | None
    request_id: UUID | None
    replayed: bool = False


class AdjustmentRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A correction above the limit."""

    id: UUID
    account_id: UUID
    points: int
    reason: str
    state: str
    requested_by: str
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    txn_id: UUID | None


class ExpiredLots(msgspec.Struct, frozen=True):
    """What an expiry step did: one transaction per wallet."""

    lots: int
    points: int
    transactions: list[UUID]
