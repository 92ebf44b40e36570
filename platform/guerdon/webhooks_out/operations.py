"""Changing webhooks out: record an event, replay deliveries, rotate a secret."""

from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

import msgspec

from guerdon.kit.ids import uuid7
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.events import DomainEvent
from guerdon.runtime import Runtime
from guerdon.webhooks_out import queries
from guerdon.webhooks_out.parameters import IntegrationParameters, WebhookEndpoint
from guerdon.webhooks_out.schemas import DeliveryRow
from guerdon.webhooks_out.signing import new_secret

# After the first try: the schedule of Standard Webhooks, ten tries in about 75 hours.
RETRY_AFTER: Final = (
    timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2),
    timedelta(hours=5), timedelta(hours=10), timedelta(hours=14), timedelta(hours=20),
    timedelta(hours=24),
)  # fmt: skip
TRIES = len(RETRY_AFTER) + 1
SECRET_OVERLAP: Final = timedelta(hours=24)
REPLAY_MAX: Final = 10_000


class DeliverWebhook(outbox.Message, frozen=True):
    """Post one event to one endpoint, once."""

    topic: ClassVar[str] = "webhooks.deliver"
    queue: ClassVar[str] = "bulk"
    real_time: ClassVar[bool] = True

    delivery_id: UUID
    attempt: int


def secret_name(key: str, age: str) -> str:
    """Where an endpoint's `current` or `previous` secret is sealed."""
    return f"webhook:{key}:{age}"


def wants(endpoint: WebhookEndpoint, event_type: str) -> bool:
    """Whether an endpoint asked for events of this type."""
    return endpoint.enabled and (not endpoint.events or event_type in endpoint.events)


async def record_event(
    s: WriteSession, *, event: DomainEvent, parameters: IntegrationParameters
) -> int:
    """Give the event the member's next sequence number and queue its deliveries.

    Returns the sequence; an event that was recorded before keeps its number and is not queued
    again.
    """
    known = await s.value(
        "SELECT sequence FROM app.webhook_event WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": event.event_id},
    )
    if known is not None:
        return int(known)
    sequence = await s.value(
        """
        INSERT INTO app.webhook_sequence AS q (tenant_id, member_id, last)
        VALUES (%(tenant_id)s, %(member_id)s, 1)
        ON CONFLICT (tenant_id, member_id) DO UPDATE SET last = q.last + 1
        RETURNING last
        """,
        {"member_id": event.member_id},
    )
    await s.execute(
        """
        INSERT INTO app.webhook_event
          (tenant_id, id, member_id, sequence, type, occurred_at, data)
        VALUES (%(tenant_id)s, %(id)s, %(member_id)s, %(sequence)s, %(type)s, %(occurred_at)s,
                %(data)s::jsonb)
        """,
        {
            "id": event.event_id,
            "member_id": event.member_id,
            "sequence": sequence,
            "type": event.type,
            "occurred_at": event.occurred_at,
            "data": msgspec.json.encode(event.data).decode(),
        },
    )
    for endpoint in parameters.webhooks:
        if wants(endpoint, event.type):
            await _queue(s, endpoint.key, event.event_id)
    return int(sequence)


async def _queue(s: WriteSession, key: str, event_id: UUID) -> None:
    """A fresh delivery, or the present one from the start again; at most one try is under way."""
    row = await s.one(
        _Queued,
        """
        INSERT INTO app.webhook_delivery AS d
          (tenant_id, id, endpoint_key, event_id, status, attempts, tries_left, next_attempt_at)
        VALUES (%(tenant_id)s, %(id)s, %(key)s, %(event_id)s, 'pending', 0, %(tries)s, now())
        ON CONFLICT (tenant_id, endpoint_key, event_id) DO UPDATE
          SET status = 'pending', tries_left = %(tries)s, next_attempt_at = now(),
              delivered_at = NULL
        RETURNING id, attempts
        """,
        {"id": uuid7(), "key": key, "event_id": event_id, "tries": TRIES},
    )
    await outbox.put(s, DeliverWebhook(delivery_id=row.id, attempt=row.attempts + 1))


class _Queued(msgspec.Struct):
    id: UUID
    attempts: int


async def replay_delivery(
    s: WriteSession, *, delivery_id: UUID, parameters: IntegrationParameters
) -> DeliveryRow:
    """Post one event again, whatever became of it before."""
    row = await queries.delivery(s, delivery_id)
    queries.endpoint(parameters, row.endpoint_key)
    await _queue(s, row.endpoint_key, row.event_id)
    return await queries.delivery(s, delivery_id)


async def replay_since(
    s: WriteSession, *, key: str, since: datetime, parameters: IntegrationParameters
) -> int:
    """Post every event recorded at or after `since` that the endpoint asks for and has not taken.

    Returns how many were queued, at most 10,000 a call, oldest first.
    """
    endpoint = queries.endpoint(parameters, key)
    event_ids = await s.all(
        UUID,
        """
        SELECT e.id FROM app.webhook_event e
         WHERE e.tenant_id = %(tenant_id)s AND e.recorded_at >= %(since)s
           AND (cardinality(%(types)s::text[]) = 0 OR e.type = ANY (%(types)s::text[]))
           AND NOT EXISTS (
             SELECT 1 FROM app.webhook_delivery d
              WHERE d.tenant_id = e.tenant_id AND d.endpoint_key = %(key)s AND d.event_id = e.id
                AND d.status = 'delivered')
         ORDER BY e.recorded_at, e.id LIMIT %(limit)s
        """,
        {"since": since, "types": list(endpoint.events), "key": key, "limit": REPLAY_MAX},
    )
    for event_id in event_ids:
        await _queue(s, key, event_id)
    return len(event_ids)


async def rotate_secret(rt: Runtime, s: WriteSession, *, key: str, now: datetime) -> str:
    """A new secret, shown this once; the one before stays valid for 24 hours."""
    queries.endpoint(
        (await rt.snapshot(s.tenant_id, await rt.now(s.tenant_id)))[IntegrationParameters], key
    )
    secret = new_secret()
    present = await rt.secrets.get(s, secret_name(key, "current"))
    if present is not None:
        await rt.secrets.put(s, secret_name(key, "previous"), present)
    await rt.secrets.put(s, secret_name(key, "current"), secret)
    await s.execute(
        """
        INSERT INTO app.webhook_endpoint (tenant_id, key, secret_rotated_at)
        VALUES (%(tenant_id)s, %(key)s, %(now)s)
        ON CONFLICT (tenant_id, key) DO UPDATE SET secret_rotated_at = %(now)s
        """,
        {"key": key, "now": now},
    )
    return secret


async def enable(s: WriteSession, *, key: str, parameters: IntegrationParameters) -> None:
    """Deliver again to an endpoint that had been switched off after answering 410."""
    queries.endpoint(parameters, key)
    await s.execute(
        """
        UPDATE app.webhook_endpoint SET disabled_at = NULL, disabled_reason = NULL
         WHERE tenant_id = %(tenant_id)s AND key = %(key)s
        """,
        {"key": key},
    )
