"""Parked messages of one tenant, and putting them back to work."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from guerdon.audit.operations import record
from guerdon.kit.errors import NotFoundError
from guerdon.plumbing import outbox
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.tenancy.lifecycle import Act
from guerdon.tenancy.maintenance import NO_WORDS, Maintenance
from guerdon.tenancy.schemas import Tenant

BATCH_MAX: Final = 500
# Errors quote what they met. Nobody needs an address or a long number to see what is wrong.
_PERSONAL: Final = re.compile(r"[^\s<>\"'=(]+@[^\s<>\"')]+|\+?\d[\d .-]{7,}\d")

# What a message names is shown; texts in it may be anybody's.
_PLAIN: Final = "^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9]{1,6})$"


class Parked(msgspec.Struct, frozen=True):
    """A message that was given up for now; `error` without addresses and numbers, `about` what it
    names by id or number."""

    id: UUID
    topic: str
    queue: str
    attempts: int
    created_at: datetime
    parked_at: datetime
    error: str
    about: dict[str, str]


class Replayed(msgspec.Struct, frozen=True):
    """How many messages were put back to work, and how many are parked still."""

    replayed: int
    left: int


async def parked(s: ReadSession, *, topic: str | None = None, limit: int = 100) -> list[Parked]:
    """The tenant's parked messages, the one parked first at the top."""
    rows = await s.all(
        Parked,
        """
        SELECT id, topic, queue, attempts, created_at, parked_at,
               coalesce(last_error, '') AS error,
               (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each_text(payload)
                 WHERE value ~ %(plain)s) AS about
          FROM app.outbox
         WHERE tenant_id = %(tenant_id)s AND parked_at IS NOT NULL AND done_at IS NULL
           AND (%(topic)s::text IS NULL OR topic = %(topic)s)
         ORDER BY parked_at, id LIMIT %(limit)s
        """,
        {"topic": topic, "limit": limit, "plain": _PLAIN},
    )
    return [msgspec.structs.replace(row, error=without_personal(row.error)) for row in rows]


def without_personal(text: str) -> str:
    """The text with e-mail addresses and long numbers blotted out."""
    return _PERSONAL.sub("…", text)


def _require(tenant: Tenant, maintenance: Maintenance, now: datetime) -> None:
    """What runs by itself has to be allowed to run: else the message would be parked again."""
    tenant.require(Act.SCHEDULE)
    maintenance.require(tenant.id, now)


async def replay(
    s: WriteSession, *, tenant: Tenant, maintenance: Maintenance, message_id: UUID, actor: str,
    now: datetime, address: str = "", request_id: str = "", words: Mapping[str, Any] = NO_WORDS,
) -> bool:  # fmt: skip
    """Put one parked message back to work; False where it is at work already, or done.

    Raises NotFoundError, TenantStateError, MaintenanceError.
    """
    _require(tenant, maintenance, now)
    topic = await s.value(
        "SELECT topic FROM app.outbox WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": message_id},
    )
    if topic is None:
        raise NotFoundError("There is no such message.", field="message")
    if not await outbox.replay(s, message_id):
        return False
    await record(
        s, actor=actor, action="message.replayed", subject=f"message:{message_id}",
        summary={"topic": topic, **words}, now=now, address=address, request_id=request_id,
    )  # fmt: skip
    return True


async def replay_all(
    s: WriteSession, *, tenant: Tenant, maintenance: Maintenance, topic: str | None, actor: str,
    now: datetime, address: str = "", request_id: str = "", words: Mapping[str, Any] = NO_WORDS,
) -> Replayed:  # fmt: skip
    """Put the tenant's parked messages back to work, of one topic or all, at most 500 at once."""
    _require(tenant, maintenance, now)
    ids = await s.all(
        UUID,
        """
        SELECT id FROM app.outbox
         WHERE tenant_id = %(tenant_id)s AND parked_at IS NOT NULL AND done_at IS NULL
           AND (%(topic)s::text IS NULL OR topic = %(topic)s)
         ORDER BY parked_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
        """,
        {"topic": topic, "limit": BATCH_MAX},
    )
    done = [one for one in ids if await outbox.replay(s, one)]
    left = await s.value(
        "SELECT count(*) FROM app.outbox WHERE tenant_id = %(tenant_id)s AND done_at IS NULL"
        " AND parked_at IS NOT NULL AND (%(topic)s::text IS NULL OR topic = %(topic)s)",
        {"topic": topic},
    )
    if done:
        await record(
            s, actor=actor, action="messages.replayed", subject=f"topic:{topic or '*'}",
            summary={"replayed": len(done), "left": left, **words}, now=now, address=address,
            request_id=request_id,
        )  # fmt: skip
    return Replayed(len(done), left)
