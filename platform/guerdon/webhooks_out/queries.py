"""Reading the log of webhooks out."""

from datetime import datetime
from uuid import UUID

import msgspec

from guerdon.kit.paging import Page, check_page_size, decode_cursor, encode_cursor
from guerdon.plumbing.db import ReadSession
from guerdon.webhooks_out.errors import DeliveryNotFoundError, EndpointNotFoundError
from guerdon.webhooks_out.parameters import IntegrationParameters, WebhookEndpoint
from guerdon.webhooks_out.schemas import AttemptRow, DeliveryRow, EndpointState, EventRow

_DELIVERY = """
    SELECT d.id, d.endpoint_key, d.event_id, e.type AS event_type, e.member_id, e.sequence,
           d.status, d.attempts, d.next_attempt_at, d.last_status, d.last_error, d.created_at,
           d.delivered_at
      FROM app.webhook_delivery d
      JOIN app.webhook_event e ON e.tenant_id = d.tenant_id AND e.id = d.event_id
     WHERE d.tenant_id = %(tenant_id)s
"""


class _State(msgspec.Struct):
    key: str
    disabled_at: datetime | None
    disabled_reason: str | None
    secret_rotated_at: datetime | None


def endpoint(parameters: IntegrationParameters, key: str) -> WebhookEndpoint:
    """The endpoint `key` of the parameters in force."""
    for one in parameters.webhooks:
        if one.key == key:
            return one
    raise EndpointNotFoundError(key=key)


async def endpoints(s: ReadSession, parameters: IntegrationParameters) -> list[EndpointState]:
    """Every endpoint in force, in the order of the parameters."""
    rows = await s.all(
        _State,
        """
        SELECT key, disabled_at, disabled_reason, secret_rotated_at
          FROM app.webhook_endpoint WHERE tenant_id = %(tenant_id)s
        """,
    )
    known = {row.key: row for row in rows}
    states = []
    for one in parameters.webhooks:
        row = known.get(one.key) or _State(one.key, None, None, None)
        states.append(
            EndpointState(
                one.key,
                one.url,
                one.events,
                one.enabled,
                row.disabled_at,
                row.disabled_reason,
                row.secret_rotated_at,
            )
        )
    return states


async def events(
    s: ReadSession, *, member_id: UUID | None, cursor: str | None, limit: int
) -> Page[EventRow]:
    """Events in the order of recording; the pull side of webhooks, same ids and sequences.

    The newest two seconds are held back, so that a transaction that commits late is not passed
    by. Any page with items has a cursor to go on from.
    """
    check_page_size(limit)
    after_at, after_id = decode_cursor(cursor, datetime, UUID) if cursor else (None, None)
    rows = await s.all(
        EventRow,
        """
        SELECT id, type, occurred_at, member_id, sequence, data, recorded_at
          FROM app.webhook_event
         WHERE tenant_id = %(tenant_id)s AND recorded_at < now() - interval '2 seconds'
           AND (%(member_id)s::uuid IS NULL OR member_id = %(member_id)s)
           AND (%(after_at)s::timestamptz IS NULL
                OR (recorded_at, id) > (%(after_at)s::timestamptz, %(after_id)s::uuid))
         ORDER BY recorded_at, id
         LIMIT %(limit)s
        """,
        {"member_id": member_id, "after_at": after_at, "after_id": after_id, "limit": limit},
    )
    last = rows[-1] if rows else None
    return Page(rows, encode_cursor(last.recorded_at, last.id) if last else None)


async def deliveries(
    s: ReadSession, *, endpoint_key: str, status: str | None, cursor: str | None, limit: int
) -> Page[DeliveryRow]:
    """The log of one endpoint, newest first."""
    check_page_size(limit)
    before_at, before_id = decode_cursor(cursor, datetime, UUID) if cursor else (None, None)
    rows = await s.all(
        DeliveryRow,
        _DELIVERY
        + """
           AND d.endpoint_key = %(key)s
           AND (%(status)s::text IS NULL OR d.status = %(status)s)
           AND (%(before_at)s::timestamptz IS NULL
                OR (d.created_at, d.id) < (%(before_at)s::timestamptz, %(before_id)s::uuid))
         ORDER BY d.created_at DESC, d.id DESC
         LIMIT %(limit)s
        """,
        {
            "key": endpoint_key,
            "status": status,
            "before_at": before_at,
            "before_id": before_id,
            "limit": limit + 1,
        },
    )
    more = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], encode_cursor(more.created_at, more.id) if more else None)


async def delivery(s: ReadSession, delivery_id: UUID) -> DeliveryRow:
    """One delivery."""
    row = await s.one_or_none(DeliveryRow, _DELIVERY + " AND d.id = %(id)s", {"id": delivery_id})
    if row is None:
        raise DeliveryNotFoundError
    return row


async def attempts(s: ReadSession, delivery_id: UUID) -> list[AttemptRow]:
    """Every POST of one delivery, in order."""
    return await s.all(
        AttemptRow,
        """
        SELECT attempt, at, duration_ms, status, error FROM app.webhook_attempt
         WHERE tenant_id = %(tenant_id)s AND delivery_id = %(id)s ORDER BY attempt
        """,
        {"id": delivery_id},
    )
