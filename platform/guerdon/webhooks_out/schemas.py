"""Rows and wire shapes of webhooks out."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from guerdon.plumbing.events import MANY


class EventEnvelope(msgspec.Struct, frozen=True, rename="camel"):
    """The body of a delivery.

    `sequence` counts the events of one member without a gap, from 1: a receiver that sees 7 after
    5 has missed 6 and can ask for a replay. `id` is the idempotency key of the event. `memberId` is
    null where an event tells of many members (`member.imported`): those count together.
    """

    id: UUID
    type: str
    occurred_at: datetime
    member_id: UUID | None
    sequence: int
    data: dict[str, Any]


class EventRow(msgspec.Struct, frozen=True):
    """An event as stored."""

    id: UUID
    type: str
    occurred_at: datetime
    member_id: UUID
    sequence: int
    data: dict[str, Any]
    recorded_at: datetime

    def envelope(self) -> EventEnvelope:
        """As receivers see it."""
        member_id = None if self.member_id == MANY else self.member_id
        return EventEnvelope(
            self.id, self.type, self.occurred_at, member_id, self.sequence, self.data
        )


class DeliveryRow(msgspec.Struct, frozen=True):
    """The state of one event at one endpoint."""

    id: UUID
    endpoint_key: str
    event_id: UUID
    event_type: str
    member_id: UUID
    sequence: int
    status: str
    attempts: int
    next_attempt_at: datetime | None
    last_status: int | None
    last_error: str | None
    created_at: datetime
    delivered_at: datetime | None


class AttemptRow(msgspec.Struct, frozen=True):
    """One POST."""

    attempt: int
    at: datetime
    duration_ms: int
    status: int | None
    error: str | None


class EndpointState(msgspec.Struct, frozen=True):
    """An endpoint of the parameters with what the platform knows about it."""

    key: str
    url: str
    events: tuple[str, ...]
    enabled: bool
    disabled_at: datetime | None
    disabled_reason: str | None
    secret_rotated_at: datetime | None
