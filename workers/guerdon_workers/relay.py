"""The relay: finds outbox rows that are due and rings a worker for each.

It holds no state. A ring that gets lost (a killed relay, an emptied Valkey, a dead worker) is
repeated because the row is still undone; a ring too many finds the row taken or done.
"""

import asyncio
from typing import Final
from uuid import UUID

import msgspec
import structlog
from dramatiq.brokers.redis import RedisBroker
from opentelemetry import trace
from opentelemetry.trace import SpanKind
from psycopg.types.json import Jsonb

from guerdon.plumbing import failpoints, tracing
from guerdon.plumbing.outbox import QUEUES
from guerdon.runtime import Runtime
from guerdon.support import queues
from guerdon.tenancy.allowances import JOBS_AT_ONCE
from guerdon_workers.broker import TRANSIENT, ring, waiting

log = structlog.get_logger(__name__)
_tracer = trace.get_tracer("guerdon.relay")

ROOM: Final = 200
PER_TENANT: Final = JOBS_AT_ONCE
IDLE_S: Final = 0.1


class _Due(msgspec.Struct, frozen=True):
    tenant_id: UUID
    id: UUID
    topic: str
    queue: str
    traceparent: str | None


def again_s(rt: Runtime) -> float:
    """Seconds after which a row that nobody took is rung again."""
    return max(1.0, rt.settings.job_lease_s / 3)


async def ring_round(rt: Runtime, broker: RedisBroker) -> int:
    """One fair round over all tenants and queues; how many rows were rung.

    Nobody is rung for a tenant that is read-only.
    """
    if rt.maintenance.everywhere is not None:
        return 0
    own = rt.allowances.limits("jobs_at_once")
    lying = await asyncio.to_thread(waiting, broker)
    room = {queue: max(0, ROOM - lying[queue]) for queue in QUEUES}
    with failpoints.step("relay.ring"):
        async with rt.db.control() as s:
            due = await s.all(
                _Due,
                "SELECT * FROM ctl.outbox_ring_v3(%(queues)s, %(room)s, %(per_tenant)s, %(own)s,"
                " %(again)s)",
                {
                    "queues": list(QUEUES),
                    "room": list(room.values()),
                    "per_tenant": PER_TENANT,
                    "own": Jsonb({str(k): n for k, n in own.items()}),
                    "again": again_s(rt),
                },
            )
            if due:
                failpoints.passing("commit", "before")
        if due:
            failpoints.passing("commit", "after")
            failpoints.passing("call", "before")
            awake = [row for row in due if not rt.maintenance.rests(row.tenant_id)]
            await asyncio.to_thread(_ring_all, broker, awake)
            failpoints.passing("call", "after")
    return len(due)


def _ring_all(broker: RedisBroker, due: list[_Due]) -> None:
    for row in due:
        if not tracing.recording():
            broker.enqueue(ring(row.queue, str(row.tenant_id), str(row.id)))
            continue
        with tracing.part_of(row.traceparent):
            with _tracer.start_as_current_span(f"ring {row.topic}", kind=SpanKind.PRODUCER):
                broker.enqueue(ring(row.queue, str(row.tenant_id), str(row.id)))


async def run_relay(rt: Runtime, broker: RedisBroker, stop: asyncio.Event) -> None:
    """Ring until told to stop; outlives restarts of the database and of Valkey."""
    pause = IDLE_S
    while not stop.is_set():
        try:
            rung = await ring_round(rt, broker)
            await queues.look(rt, again_s=again_s(rt))
            pause = 0.0 if rung >= ROOM else IDLE_S
        except TRANSIENT as error:
            log.warning("relay.waits", error=str(error))
            pause = 1.0
        try:
            await asyncio.wait_for(stop.wait(), timeout=pause or 0.001)
        except TimeoutError:
            continue
