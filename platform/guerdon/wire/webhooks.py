"""Webhooks on the wire: endpoints, deliveries and their attempts."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar.params import PathParameter, QueryParameter

from guerdon.webhooks_out.schemas import AttemptRow, DeliveryRow, EndpointState

EndpointKey = Annotated[str, PathParameter(pattern="^[a-z0-9](-?[a-z0-9]){0,39}$")]
Status = Annotated[
    Literal["pending", "delivered", "failed", "discarded"] | None,
    QueryParameter(description="Deliveries in this state only"),
]


class Endpoint(msgspec.Struct, frozen=True, rename="camel"):
    """A webhook endpoint of the programme's parameters."""

    key: str
    url: str
    events: tuple[str, ...]
    enabled: bool
    disabled_at: datetime | None
    disabled_reason: str | None
    secret_rotated_at: datetime | None

    @classmethod
    def of(cls, row: EndpointState) -> "Endpoint":
        return msgspec.convert(row, cls, from_attributes=True)


class Delivery(msgspec.Struct, frozen=True, rename="camel"):
    """One event at one endpoint."""

    id: UUID
    endpoint_key: str
    event_id: UUID
    event_type: str
    member_id: UUID
    sequence: int
    status: Literal["pending", "delivered", "failed", "discarded"]
    attempts: int
    next_attempt_at: datetime | None
    last_status: int | None
    last_error: str | None
    created_at: datetime
    delivered_at: datetime | None

    @classmethod
    def of(cls, row: DeliveryRow) -> "Delivery":
        return msgspec.convert(row, cls, from_attributes=True)


class Attempt(msgspec.Struct, frozen=True, rename="camel"):
    """One POST: when, how long, what was answered."""

    attempt: int
    at: datetime
    duration_ms: int
    status: int | None
    error: str | None

    @classmethod
    def of(cls, row: AttemptRow) -> "Attempt":
        return msgspec.convert(row, cls, from_attributes=True)


class Endpoints(msgspec.Struct, frozen=True):
    """All endpoints."""

    items: list[Endpoint]


class Attempts(msgspec.Struct, frozen=True):
    """Every try of one delivery."""

    items: list[Attempt]


class Secret(msgspec.Struct, frozen=True):
    """A signing secret, shown once: null when the call is repeated with its key."""

    secret: str | None


class ReplayIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From which instant on."""

    since: Annotated[datetime, msgspec.Meta(tz=True)]


class Replayed(msgspec.Struct, frozen=True):
    """How many deliveries were queued; 10,000 means: ask again."""

    queued: int
