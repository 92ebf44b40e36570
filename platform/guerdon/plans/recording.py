"""What leaves no row of its own: calls of the API, computing time, calls to the outside.

Each process adds up in memory and writes one row per brand and hour every so often, off the path
of requests. A process that is killed loses what it had not written: less than `FLUSH_S`. So does
one that ends while the database is gone.

Computing time is what the process used since the last time, shared out by how long each brand's
requests and jobs took; what belongs to nobody stays with the platform. So the sum over brands
never exceeds what the processes used. Of a brand whose data is being removed or is gone nothing is
written: its address still answers that it has ended.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec
import structlog

from guerdon.kit.tasks import ended
from guerdon.plans import meters, quotas
from guerdon.plans.periods import period_of
from guerdon.plans.queries import chosen
from guerdon.plumbing.db import Database, ReadSession, WriteSession
from guerdon.tenancy.changes import Changes

FLUSH_S: Final = 20.0
# A process that ends writes what it can in this time.
LAST_FLUSH_S: Final = 3.0
log = structlog.get_logger(__name__)


class _Sum(msgspec.Struct):
    api_calls: int = 0
    outside_calls: int = 0
    busy_ns: int = 0
    cpu_us: int = 0


class Recorder:
    """One process' count since it last wrote."""

    def __init__(self, cpu_ns: Callable[[], int] = time.process_time_ns) -> None:
        self._cpu_ns = cpu_ns
        self._cpu_seen = cpu_ns()
        self._sums: dict[UUID, _Sum] = {}
        self._nobody_ns = 0
        # Brands whose calls of the month are used up, as of the last time that was written.
        self.spent: dict[UUID, int] = {}

    def request(self, tenant_id: UUID | None, seconds: float, *, api_call: bool) -> None:
        """A request was answered."""
        found = self._of(tenant_id, seconds)
        if found is not None and api_call:
            found.api_calls += 1

    def job(self, tenant_id: UUID, outside: bool, seconds: float) -> None:
        """A job ran; `outside`: it is of the sort that calls somebody."""
        found = self._of(tenant_id, seconds)
        if found is not None and outside:
            found.outside_calls += 1

    def _of(self, tenant_id: UUID | None, seconds: float) -> _Sum | None:
        busy_ns = int(seconds * 1e9)
        if tenant_id is None:
            self._nobody_ns += busy_ns
            return None
        found = self._sums.get(tenant_id)
        if found is None:
            found = self._sums[tenant_id] = _Sum()
        found.busy_ns += busy_ns
        return found

    async def flush(self, db: Database, *, now: datetime) -> None:
        """Write what was counted; what cannot be written stays for the next time."""
        self._share()
        sums, self._sums = self._sums, {}
        hour = now.replace(minute=0, second=0, microsecond=0)
        for tenant_id in [*sums, *(one for one in self.spent if one not in sums)]:
            try:
                async with db.write(tenant_id) as s:
                    if tenant_id in sums:
                        await _add(s, hour, sums[tenant_id])
                    spent = await _spent(s, now)
            except Exception as error:
                log.warning("usage.unwritten", tenant_id=str(tenant_id), error=type(error).__name__)
                if tenant_id in sums:
                    self._keep(tenant_id, sums[tenant_id])
                continue
            self._note(tenant_id, spent)

    async def look_again(self, db: Database, tenant_id: UUID, *, now: datetime) -> None:
        """A brand's plan changed: whether its calls are used up follows at once."""
        async with db.read(tenant_id) as s:
            self._note(tenant_id, await _spent(s, now))

    def _note(self, tenant_id: UUID, spent: int | None) -> None:
        if spent is None:
            self.spent.pop(tenant_id, None)
        else:
            self.spent[tenant_id] = spent

    def _share(self) -> None:
        cpu_ns = self._cpu_ns()
        used_us, self._cpu_seen = (cpu_ns - self._cpu_seen) // 1_000, cpu_ns
        busy = self._nobody_ns + sum(one.busy_ns for one in self._sums.values())
        self._nobody_ns = 0
        for one in self._sums.values():
            one.cpu_us += used_us * one.busy_ns // busy if busy else 0
            one.busy_ns = 0

    def _keep(self, tenant_id: UUID, unwritten: _Sum) -> None:
        later = self._sums.setdefault(tenant_id, _Sum())
        later.api_calls += unwritten.api_calls
        later.outside_calls += unwritten.outside_calls
        later.cpu_us += unwritten.cpu_us


def follow(recorder: Recorder, db: Database, changes: Changes) -> None:
    """In this process, a change of a brand's plan is in force once it is heard of."""

    async def changed(tenant_id: UUID) -> None:
        quotas.forget(tenant_id)
        await recorder.look_again(db, tenant_id, now=datetime.now(UTC))

    changes.listen("allowances", changed)


@asynccontextmanager
async def recording(recorder: Recorder, db: Database) -> AsyncIterator[None]:
    """Write every `FLUSH_S` of real time, and once more at the end."""

    async def again_and_again() -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            await recorder.flush(db, now=datetime.now(UTC))

    task = asyncio.create_task(again_and_again(), name="usage")
    try:
        yield
    finally:
        await ended(task)
        try:
            async with asyncio.timeout(LAST_FLUSH_S):
                await recorder.flush(db, now=datetime.now(UTC))
        except TimeoutError:
            log.warning("usage.lost", reason="the database did not take it in time")


async def _add(s: WriteSession, hour: datetime, one: _Sum) -> None:
    await s.execute(
        """
        INSERT INTO app.usage_hour AS u (tenant_id, hour, api_calls, cpu_us, outside_calls)
        SELECT %(tenant_id)s, %(hour)s, %(api_calls)s, %(cpu_us)s, %(outside_calls)s
         WHERE NOT ctl.is_removed_v1()
        ON CONFLICT (tenant_id, hour) DO UPDATE
          SET api_calls = u.api_calls + excluded.api_calls, cpu_us = u.cpu_us + excluded.cpu_us,
              outside_calls = u.outside_calls + excluded.outside_calls
        """,
        {
            "hour": hour, "api_calls": one.api_calls, "cpu_us": one.cpu_us,
            "outside_calls": one.outside_calls,
        },
    )  # fmt: skip


async def _spent(s: ReadSession, now: datetime) -> int | None:
    """The hard limit of calls that is reached, if one is."""
    quota = (await chosen(s)).quotas["api_calls"]
    if quota.limit is None or quota.policy == "soft":
        return None
    used = await meters.count(s, "api_calls", period=period_of(now))
    return quota.limit if used >= quota.limit else None
