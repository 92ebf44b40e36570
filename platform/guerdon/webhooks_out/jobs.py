"""Handlers: put an event into its member's sequence, and post it to an endpoint."""

import time
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from guerdon.kit.errors import UnavailableError
from guerdon.plumbing import outbox
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.plumbing.egress import EgressRefusedError
from guerdon.plumbing.events import DomainEvent, listeners
from guerdon.plumbing.jobs import Effect, Job
from guerdon.runtime import Runtime
from guerdon.webhooks_out import operations
from guerdon.webhooks_out.operations import RETRY_AFTER, TRIES, DeliverWebhook
from guerdon.webhooks_out.parameters import IntegrationParameters
from guerdon.webhooks_out.schemas import EventRow
from guerdon.webhooks_out.signing import headers

TIMEOUT_S = 15
GONE = 410


class RecordEvent(Effect[DomainEvent]):
    """A domain event becomes a numbered event with one delivery per endpoint that wants it, and
    features that asked to be told take part."""

    message = DomainEvent

    async def apply(self, rt: Runtime, s: WriteSession, m: DomainEvent, now: datetime) -> None:
        parameters = (await rt.snapshot(s.tenant_id, now))[IntegrationParameters]
        await operations.record_event(s, event=m, parameters=parameters)
        for listener in listeners(m.type):
            await listener(rt, s, m, now)


class Post(msgspec.Struct, frozen=True):
    """What one try needs, read in one transaction."""

    url: str | None
    event_id: UUID
    body: bytes
    headers: dict[str, str]
    refusal: str | None = None


class Outcome(msgspec.Struct, frozen=True):
    """What came of one try. `status` is None where there was no answer."""

    status: int | None
    error: str | None
    duration_ms: int
    discard: bool = False


class _Delivery(msgspec.Struct):
    status: str
    attempts: int
    tries_left: int
    endpoint_key: str
    event_id: UUID
    disabled_at: datetime | None
    secret_rotated_at: datetime | None


class Deliver(Job[DeliverWebhook, Post, Outcome]):
    """One POST. A try that fails queues the next one by the schedule; none is made twice."""

    message = DeliverWebhook

    async def prepare(
        self, rt: Runtime, s: ReadSession, m: DeliverWebhook, now: datetime
    ) -> Post | None:
        row = await s.one_or_none(
            _Delivery,
            """
            SELECT d.status, d.attempts, d.tries_left, d.endpoint_key, d.event_id,
                   p.disabled_at, p.secret_rotated_at
              FROM app.webhook_delivery d
              LEFT JOIN app.webhook_endpoint p
                ON p.tenant_id = d.tenant_id AND p.key = d.endpoint_key
             WHERE d.tenant_id = %(tenant_id)s AND d.id = %(id)s
            """,
            {"id": m.delivery_id},
        )
        if row is None or row.status != "pending" or row.attempts != m.attempt - 1:
            return None
        event = await s.one(
            EventRow,
            """
            SELECT id, type, occurred_at, member_id, sequence, data, recorded_at
              FROM app.webhook_event WHERE tenant_id = %(tenant_id)s AND id = %(id)s
            """,
            {"id": row.event_id},
        )
        parameters = (await rt.snapshot(s.tenant_id, await rt.now(s.tenant_id)))[
            IntegrationParameters
        ]
        endpoint = next((e for e in parameters.webhooks if e.key == row.endpoint_key), None)
        if endpoint is None or not endpoint.enabled or row.disabled_at is not None:
            return Post(None, event.id, b"", {}, refusal="the endpoint is switched off")
        secrets = await self._secrets(rt, s, row, now)
        if not secrets:
            return Post(endpoint.url, event.id, b"", {}, refusal="rotate the secret first")
        body = msgspec.json.encode(event.envelope())
        sent = headers(secrets, str(event.id), int(now.timestamp()), body)
        sent["content-type"] = "application/json"
        sent["user-agent"] = "Guerdon-Webhooks/1"
        return Post(endpoint.url, event.id, body, sent)

    async def _secrets(
        self, rt: Runtime, s: ReadSession, row: _Delivery, now: datetime
    ) -> list[str]:
        current = await rt.secrets.get(s, operations.secret_name(row.endpoint_key, "current"))
        if current is None:
            return []
        rotated = row.secret_rotated_at
        if rotated is None or now - rotated > operations.SECRET_OVERLAP:
            return [current]
        previous = await rt.secrets.get(s, operations.secret_name(row.endpoint_key, "previous"))
        return [current] if previous is None else [current, previous]

    async def perform(self, rt: Runtime, call: Post) -> Outcome:
        if call.url is None:
            return Outcome(None, call.refusal, 0, discard=True)
        if call.refusal is not None:
            return Outcome(None, call.refusal, 0)
        started = time.monotonic_ns()
        status: int | None = None
        error: str | None = None
        try:
            answer = await rt.egress.request(
                "POST", call.url, headers=call.headers, content=call.body, timeout_s=TIMEOUT_S
            )
            status = answer.status
            error = None if 200 <= status < 300 else f"answered {status}"
        except (EgressRefusedError, UnavailableError) as failure:
            error = str(failure)
        return Outcome(status, error, (time.monotonic_ns() - started) // 1_000_000)

    async def record(
        self, rt: Runtime, s: WriteSession, m: DeliverWebhook, outcome: Outcome, now: datetime
    ) -> None:
        done = outcome.error is None
        given_up = outcome.discard or outcome.status == GONE
        row = await s.one_or_none(
            _Recorded,
            """
            UPDATE app.webhook_delivery
               SET attempts = attempts + 1,
                   tries_left = CASE WHEN %(over)s THEN 0 ELSE greatest(tries_left - 1, 0) END,
                   status = CASE WHEN %(done)s THEN 'delivered'
                                 WHEN %(discard)s THEN 'discarded'
                                 WHEN %(over)s OR tries_left <= 1 THEN 'failed'
                                 ELSE 'pending' END,
                   last_status = %(status)s, last_error = %(error)s,
                   delivered_at = CASE WHEN %(done)s THEN %(now)s ELSE delivered_at END
             WHERE tenant_id = %(tenant_id)s AND id = %(id)s
               AND status = 'pending' AND attempts = %(before)s
         RETURNING endpoint_key, status, tries_left
            """,
            {
                "id": m.delivery_id,
                "before": m.attempt - 1,
                "done": done,
                "over": done or given_up,
                "discard": outcome.discard,
                "status": outcome.status,
                "error": outcome.error,
                "now": now,
            },
        )
        if row is None:
            return
        await s.execute(
            """
            INSERT INTO app.webhook_attempt
              (tenant_id, delivery_id, attempt, at, duration_ms, status, error)
            VALUES (%(tenant_id)s, %(id)s, %(attempt)s, %(now)s, %(ms)s, %(status)s, %(error)s)
            """,
            {
                "id": m.delivery_id,
                "attempt": m.attempt,
                "now": now,
                "ms": outcome.duration_ms,
                "status": outcome.status,
                "error": outcome.error,
            },
        )
        if outcome.status == GONE:
            await self._disable(s, row.endpoint_key, now)
        wait = RETRY_AFTER[TRIES - 1 - row.tries_left] if row.status == "pending" else None
        await self._schedule(s, m, wait)

    async def _disable(self, s: WriteSession, key: str, now: datetime) -> None:
        await s.execute(
            """
            INSERT INTO app.webhook_endpoint (tenant_id, key, disabled_at, disabled_reason)
            VALUES (%(tenant_id)s, %(key)s, %(now)s, 'answered 410 Gone')
            ON CONFLICT (tenant_id, key) DO UPDATE
              SET disabled_at = %(now)s, disabled_reason = 'answered 410 Gone'
            """,
            {"key": key, "now": now},
        )

    async def _schedule(self, s: WriteSession, m: DeliverWebhook, wait: timedelta | None) -> None:
        if wait is None:
            await s.execute(
                """
                UPDATE app.webhook_delivery SET next_attempt_at = NULL
                 WHERE tenant_id = %(tenant_id)s AND id = %(id)s
                """,
                {"id": m.delivery_id},
            )
            return
        await s.execute(
            """
            UPDATE app.webhook_delivery SET next_attempt_at = now() + %(wait)s
             WHERE tenant_id = %(tenant_id)s AND id = %(id)s
            """,
            {"id": m.delivery_id, "wait": wait},
        )
        await outbox.put(
            s,
            DeliverWebhook(delivery_id=m.delivery_id, attempt=m.attempt + 1),
            delay_s=wait.total_seconds(),
        )


class _Recorded(msgspec.Struct):
    endpoint_key: str
    status: str
    tries_left: int
