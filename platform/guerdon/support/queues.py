"""What lies in the queues of all tenants, as a relay saw it last, and how long it waits.

A relay may see ids and times of every tenant's messages, and nothing else does. It counts them
every few seconds; pages read what it counted, whatever the backlog.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from guerdon.plumbing.db import ReadSession
from guerdon.runtime import Runtime

LOOK_EVERY_S: Final = 5
DELAYS_KEPT_H: Final = 24
# Asked for at an instant to come: these are not late because they were written long ago.
LATER: Final = (
    "redemption.payment_due",
    "redemption.sync_payment",
    "redemption.track",
    "webhooks.deliver",
    "identity.codes_refused",
)


class Queue(msgspec.Struct, frozen=True):
    """One tenant's messages of one topic.

    `ready` could be worked on now and wait for a worker, the longest since `ready_since`; `leased`
    are in hand; `retrying` failed before; `parked` were given up, the first at `parked_since`.
    """

    tenant_id: UUID
    slug: str
    name: str
    status: str
    topic: str
    queue: str
    waiting: int
    ready: int
    leased: int
    retrying: int
    parked: int
    ready_since: datetime | None
    oldest_at: datetime | None
    parked_since: datetime | None


class Delay(msgspec.Struct, frozen=True):
    """How long a tenant's messages waited for a worker in one minute, at worst."""

    minute: datetime
    tenant_id: UUID
    slug: str
    ready: int
    delay_s: int


async def look(rt: Runtime, *, again_s: float) -> bool:
    """Count what lies in the outbox, as a relay; False where another relay has just done so."""
    async with rt.db.control() as s:
        looked: bool = await s.value(
            "SELECT ctl.watch_queues_v1(%(every)s, %(again)s, %(later)s, %(kept)s)",
            {
                "every": LOOK_EVERY_S,
                "again": again_s,
                "later": list(LATER),
                "kept": DELAYS_KEPT_H,
            },
        )
    return looked


async def seen_at(s: ReadSession) -> datetime | None:
    """When a relay counted last; None before the first time."""
    found: datetime | None = await s.value("SELECT ctl.queue_seen_v1()")
    return found


async def states(s: ReadSession, *, tenant_id: UUID | None = None) -> list[Queue]:
    """Queues with something in them: parked first, then by how long they wait."""
    return await s.all(
        Queue, "SELECT * FROM ctl.queue_states_v1(%(tenant)s::uuid)", {"tenant": tenant_id}
    )


async def delays(s: ReadSession, *, since: datetime) -> list[Delay]:
    """Delays per minute of the five tenants that waited longest."""
    return await s.all(Delay, "SELECT * FROM ctl.queue_delays_v1(%(since)s)", {"since": since})
