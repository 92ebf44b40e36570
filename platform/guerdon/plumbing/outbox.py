"""The queue of record: a row per message, written in the transaction that makes it necessary.

The row is done when the *effect* is committed, not when somebody was told about it. The relay
rings workers for rows that are due; a worker takes the row under a lease (`plumbing.jobs`).
Scheduling uses the database's real time, never the programme's.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

import msgspec

from guerdon.kit.ids import uuid7
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.plumbing.tracing import current_traceparent

QUEUES: Final = ("money", "default", "mail", "bulk")

_messages: dict[str, type["Message"]] = {}


class Message(msgspec.Struct, frozen=True):
    """What a job needs to find its row: ids, not state. Subclasses name a `topic`.

    `attempts_max` is for what is better given up earlier than the deployment does. A `real_time`
    message has nothing to do with the programme's time, which a sandbox may have moved.
    """

    topic: ClassVar[str]
    queue: ClassVar[str] = "default"
    attempts_max: ClassVar[int | None] = None
    real_time: ClassVar[bool] = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        topic = cls.__dict__.get("topic")
        if topic is None or cls.queue not in QUEUES:
            raise TypeError(f"{cls.__name__} needs a topic, and a queue of {QUEUES}")
        known = _messages.get(topic)
        if known is not None and known.__qualname__ != cls.__qualname__:
            raise TypeError(f"two messages with topic {topic}")
        _messages[topic] = cls


def messages() -> Mapping[str, type[Message]]:
    """Every message class that has been imported, by topic."""
    return _messages


async def put(
    s: WriteSession,
    message: Message,
    *,
    id: UUID | None = None,  # noqa: A002
    not_before: datetime | None = None,
    delay_s: float = 0,
) -> UUID:
    """Write `message` in the caller's transaction; its id. With a given `id`, at most once.

    `not_before` is an instant of real time; `delay_s` counts from the database's now.
    """
    row_id = id or uuid7()
    await s.execute(
        """
        INSERT INTO app.outbox (tenant_id, id, topic, queue, payload, traceparent, next_at)
        VALUES (%(tenant_id)s, %(id)s, %(topic)s, %(queue)s, %(payload)s::jsonb, %(traceparent)s,
                greatest(coalesce(%(not_before)s::timestamptz, now()),
                         now() + make_interval(secs => %(delay)s)))
        ON CONFLICT (tenant_id, id) DO NOTHING
        """,
        {
            "id": row_id,
            "topic": message.topic,
            "queue": message.queue,
            "payload": msgspec.json.encode(message).decode(),
            "traceparent": current_traceparent(),
            "not_before": not_before,
            "delay": delay_s,
        },
    )
    return row_id


class Parked(msgspec.Struct, frozen=True):
    """A message that was given up for now."""

    id: UUID
    topic: str
    queue: str
    attempts: int
    created_at: datetime
    parked_at: datetime
    last_error: str | None


async def parked(s: ReadSession, *, limit: int = 100) -> list[Parked]:
    """The tenant's parked messages, oldest first."""
    return await s.all(
        Parked,
        """
        SELECT id, topic, queue, attempts, created_at, parked_at, last_error FROM app.outbox
         WHERE tenant_id = %(tenant_id)s AND parked_at IS NOT NULL AND done_at IS NULL
         ORDER BY parked_at, id LIMIT %(limit)s
        """,
        {"limit": limit},
    )


class Backlog(msgspec.Struct, frozen=True):
    """What a tenant's queue holds. `late_s`: how long the oldest message that is due has waited."""

    parked: int
    due: int
    late_s: int


async def backlog(s: ReadSession) -> Backlog:
    """How far behind the tenant's messages are."""
    return await s.one(
        Backlog,
        """
        SELECT (SELECT count(*) FROM app.outbox
                 WHERE tenant_id = %(tenant_id)s AND parked_at IS NOT NULL AND done_at IS NULL)
                 AS parked,
               count(*) AS due,
               coalesce(extract(epoch FROM now() - min(next_at)), 0)::bigint AS late_s
          FROM app.outbox
         WHERE tenant_id = %(tenant_id)s AND done_at IS NULL AND parked_at IS NULL
           AND next_at <= now()
        """,
    )


class Waiting(msgspec.Struct, frozen=True):
    """A message that is not done yet. `due` tells whether its time has come."""

    id: UUID
    topic: str
    queue: str
    attempts: int
    next_at: datetime
    due: bool
    leased: bool
    last_error: str | None


async def waiting(s: ReadSession, *, limit: int = 100) -> list[Waiting]:
    """The tenant's messages that are neither done nor parked, by the time they are due."""
    return await s.all(
        Waiting,
        """
        SELECT id, topic, queue, attempts, next_at, next_at <= now() AS due,
               coalesce(leased_until > now(), false) AS leased, last_error
          FROM app.outbox
         WHERE tenant_id = %(tenant_id)s AND done_at IS NULL AND parked_at IS NULL
         ORDER BY next_at, id LIMIT %(limit)s
        """,
        {"limit": limit},
    )


async def replay(s: WriteSession, message_id: UUID) -> bool:
    """Put a parked message back to work, with fresh attempts; False if it is not parked."""
    touched = await s.execute(
        """
        UPDATE app.outbox
           SET parked_at = NULL, attempts = 1, leased_until = NULL, next_at = now()
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s
           AND parked_at IS NOT NULL AND done_at IS NULL
        """,
        {"id": message_id},
    )
    return touched == 1
