"""The runner: takes one outbox row under a lease, runs its handler, and accounts for the result.

Only the runner opens transactions for a job. `attempts` is the fencing token: whoever lost the
lease cannot record. Workers use it on being rung; a face may run a message it has just written,
and if it dies half-way a worker does the same again.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

import msgspec
import structlog
from opentelemetry import trace

from guerdon.kit.clock import Clock, TenantClock
from guerdon.kit.tasks import ended
from guerdon.plumbing import failpoints
from guerdon.plumbing.db import Database, WriteSession
from guerdon.plumbing.jobs import Effect, Handler, Handlers, Job, PostponeError
from guerdon.plumbing.outbox import Message, messages
from guerdon.plumbing.tracing import part_of

log = structlog.get_logger(__name__)
tracer = trace.get_tracer("guerdon.jobs")

BACKOFF_S_MAX = 300.0
ERROR_TEXT_MAX = 500


class Ran(StrEnum):
    """What came of running a message."""

    DONE = "done"
    GONE = "gone"
    RESTING = "resting"
    POSTPONED = "postponed"
    FAILED = "failed"
    PARKED = "parked"


class LeaseLostError(Exception):
    """Somebody else took the message over while this process was at it."""


class NoHandlerError(Exception):
    """This deployment has nobody for the topic."""


class Rests(Protocol):
    """Who is read-only for now."""

    def rests(self, tenant_id: UUID) -> bool:
        """Whether nothing of the tenant may be changed."""
        ...


class Resources(Protocol):
    """What the runner itself needs of a Runtime."""

    @property
    def db(self) -> Database: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def maintenance(self) -> Rests: ...


class Taken(msgspec.Struct, frozen=True):
    """A leased outbox row."""

    id: UUID
    topic: str
    payload: msgspec.Raw
    attempt: int
    traceparent: str | None
    clock: TenantClock = TenantClock()


class _TakenRow(msgspec.Struct, frozen=True):
    id: UUID | None
    topic: str | None
    payload: str | None
    attempt: int | None
    traceparent: str | None
    ahead: timedelta | None
    stands_at: datetime | None


def backoff_s(attempt: int) -> float:
    """Seconds to wait after failure number `attempt`: doubling, capped, half of it random."""
    whole = min(BACKOFF_S_MAX, 2.0 ** min(attempt - 1, 12))
    return whole * (0.5 + secrets.randbelow(1000) / 2000)


class Runner:
    """Runs messages with the handlers it is given.

    A call is cut off well before its lease ends, so that two runners are never outside with the
    same message at once unless a machine stands still.
    """

    def __init__(
        self,
        rt: Resources,
        handlers: Handlers,
        *,
        lease_s: int = 45,
        attempts_max: int = 12,
        observe: Callable[[UUID, bool, float], None] | None = None,
    ) -> None:
        """`observe` is told the tenant, whether the job calls outside, and how long it took."""
        self._rt = rt
        self._handlers = handlers
        self._lease_s = lease_s
        self._attempts_max = attempts_max
        self._observe = observe

    async def run(self, tenant_id: UUID, outbox_id: UUID) -> Ran:
        """Take the message if it is there to be taken, and see it through.

        Of a tenant that is read-only nothing is taken: the row waits and is rung again.
        """
        if self._rt.maintenance.rests(tenant_id):
            return Ran.RESTING
        taken = await self._take(tenant_id, outbox_id)
        if taken is None:
            return Ran.GONE
        attributes: dict[str, str | int] = {
            "guerdon.tenant": str(tenant_id),
            "guerdon.attempt": taken.attempt,
        }
        with part_of(taken.traceparent):
            with tracer.start_as_current_span(f"job {taken.topic}", attributes=attributes):
                started = time.perf_counter()
                try:
                    return await self._see_through(tenant_id, taken)
                finally:
                    self._told(tenant_id, taken, time.perf_counter() - started)

    def _told(self, tenant_id: UUID, taken: Taken, seconds: float) -> None:
        if self._observe is not None:
            outside = isinstance(self._handlers.find(taken.topic), Job)
            self._observe(tenant_id, outside, seconds)

    async def _see_through(self, tenant_id: UUID, taken: Taken) -> Ran:
        bound = log.bind(tenant_id=str(tenant_id), topic=taken.topic, message_id=str(taken.id))
        handler = self._handlers.find(taken.topic)
        kind = messages().get(taken.topic)
        if handler is None or kind is None:
            return await self._failed(
                tenant_id, taken, None, None, NoHandlerError("no handler for this topic")
            )
        try:
            message = msgspec.json.decode(taken.payload, type=kind)
        except msgspec.MsgspecError as error:
            return await self._failed(tenant_id, taken, handler, None, error, give_up=True)
        try:
            if isinstance(handler, Job):
                await self._job(tenant_id, taken, handler, message)
            else:
                await self._effect(tenant_id, taken, handler, message)
        except LeaseLostError:
            bound.warning("job.lease_lost", attempt=taken.attempt)
            return Ran.GONE
        except PostponeError as wait:
            await self._postponed(tenant_id, taken, wait)
            return Ran.POSTPONED
        except Exception as error:
            return await self._failed(tenant_id, taken, handler, message, error)
        bound.info("job.done", attempt=taken.attempt)
        return Ran.DONE

    async def _take(self, tenant_id: UUID, outbox_id: UUID) -> Taken | None:
        with failpoints.step("outbox.take"):
            row = await self._rt.db.call(
                tenant_id,
                _TakenRow,
                "SELECT (t).* FROM app.outbox_take_v2(%(ctx)s, %(id)s, %(lease)s) t",
                {"id": outbox_id, "lease": self._lease_s},
            )
        if row.id is None or row.topic is None or row.attempt is None:
            return None
        return Taken(
            id=row.id,
            topic=row.topic,
            payload=msgspec.Raw((row.payload or "").encode()),
            attempt=row.attempt,
            traceparent=row.traceparent,
            clock=TenantClock(row.ahead or timedelta(0), row.stands_at),
        )

    def _now(self, taken: Taken) -> datetime:
        """The instant for the message: the programme's, unless it goes by real time."""
        kind, real = messages().get(taken.topic), self._rt.clock.now()
        return real if kind is not None and kind.real_time else taken.clock.at(real)

    async def _job(
        self, tenant_id: UUID, taken: Taken, job: Job[Any, Any, Any], message: Message
    ) -> None:
        rt, topic = self._rt, taken.topic
        with failpoints.step(f"{topic}.prepare"):
            async with rt.db.write(tenant_id) as s:
                call = await job.prepare(rt, s, message, self._now(taken))
                if call is None:
                    await _done(s, taken)
        if call is None:
            return
        with failpoints.step(f"{topic}.perform"):
            failpoints.passing("call", "before")
            async with self._time_for(tenant_id, taken, job):
                outcome = await job.ask(rt, call) if taken.attempt > 1 else None
                if outcome is None:
                    outcome = await job.perform(rt, call)
            failpoints.passing("call", "after")
        with failpoints.step(f"{topic}.record"):
            async with rt.db.write(tenant_id) as s:
                await _done(s, taken)
                await job.record(rt, s, message, outcome, self._now(taken))

    @asynccontextmanager
    async def _time_for(
        self, tenant_id: UUID, taken: Taken, job: Job[Any, Any, Any]
    ) -> AsyncIterator[None]:
        """The time that a call has. A long job keeps its lease alive while it is at it."""
        if not job.long:
            async with asyncio.timeout(min(job.perform_timeout_s, self._lease_s * 0.8)):
                yield
            return
        async with asyncio.timeout(job.perform_timeout_s):
            keeper = asyncio.create_task(self._keep_lease(tenant_id, taken))
            try:
                yield
            finally:
                with suppress(Exception):
                    await ended(keeper)

    async def _keep_lease(self, tenant_id: UUID, taken: Taken) -> None:
        """Renew until cancelled. Whoever lost the lease all the same cannot record."""
        while True:
            await asyncio.sleep(self._lease_s / 3)
            async with self._rt.db.write(tenant_id) as s:
                await s.execute(
                    """
                    UPDATE app.outbox
                       SET leased_until = clock_timestamp() + make_interval(secs => %(lease)s)
                     WHERE tenant_id = %(tenant_id)s AND id = %(id)s
                       AND attempts = %(attempt)s AND done_at IS NULL
                    """,
                    {"id": taken.id, "attempt": taken.attempt, "lease": self._lease_s},
                )

    async def _effect(
        self, tenant_id: UUID, taken: Taken, effect: Effect[Any], message: Message
    ) -> None:
        with failpoints.step(f"{taken.topic}.apply"):
            async with self._rt.db.write(tenant_id) as s:
                await _done(s, taken)
                await effect.apply(self._rt, s, message, self._now(taken))

    async def _postponed(self, tenant_id: UUID, taken: Taken, wait: PostponeError) -> None:
        with failpoints.step("outbox.postpone"):
            async with self._rt.db.write(tenant_id) as s:
                await s.execute(
                    """
                    UPDATE app.outbox
                       SET attempts = attempts - 1, leased_until = NULL, rung_at = NULL,
                           next_at = now() + make_interval(secs => %(after)s)
                     WHERE tenant_id = %(tenant_id)s AND id = %(id)s
                       AND attempts = %(attempt)s AND done_at IS NULL
                    """,
                    {"id": taken.id, "attempt": taken.attempt, "after": wait.after_s},
                )

    async def _failed(
        self,
        tenant_id: UUID,
        taken: Taken,
        handler: Handler | None,
        message: Message | None,
        error: Exception,
        *,
        give_up: bool = False,
    ) -> Ran:
        kind = messages().get(taken.topic)
        own = kind.attempts_max if kind is not None else None
        attempts_max = self._attempts_max if own is None else min(own, self._attempts_max)
        park = give_up or taken.attempt >= attempts_max
        text = f"{type(error).__name__}: {error}"[:ERROR_TEXT_MAX]
        log.warning(
            "job.parked" if park else "job.failed",
            tenant_id=str(tenant_id),
            topic=taken.topic,
            message_id=str(taken.id),
            attempt=taken.attempt,
            error=text,
            exc_info=error if park else None,
        )
        with failpoints.step("outbox.failed"):
            async with self._rt.db.write(tenant_id) as s:
                touched = await s.execute(
                    """
                    UPDATE app.outbox
                       SET last_error = %(error)s, leased_until = NULL, rung_at = NULL,
                           next_at = now() + make_interval(secs => %(wait)s),
                           parked_at = CASE WHEN %(park)s THEN now() END
                     WHERE tenant_id = %(tenant_id)s AND id = %(id)s
                       AND attempts = %(attempt)s AND done_at IS NULL
                    """,
                    {
                        "id": taken.id,
                        "attempt": taken.attempt,
                        "error": text,
                        "park": park,
                        "wait": backoff_s(taken.attempt),
                    },
                )
                if park and touched and handler is not None and message is not None:
                    await handler.parked(self._rt, s, message, self._now(taken))
        return Ran.PARKED if park else Ran.FAILED


async def _done(s: WriteSession, taken: Taken) -> None:
    """Mark done first: it also locks the row, so that a second runner cannot get here."""
    touched = await s.execute(
        """
        UPDATE app.outbox SET done_at = now(), leased_until = NULL, last_error = NULL
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s
           AND attempts = %(attempt)s AND done_at IS NULL AND parked_at IS NULL
        """,
        {"id": taken.id, "attempt": taken.attempt},
    )
    if not touched:
        raise LeaseLostError
