"""Running back-tests, one at a time per brand.

A run writes its row and nothing else. Its long read has a transaction of its own that sees one
instant; progress and the wish to cancel pass through the row meanwhile. A worker that dies leaves
the row as it is: the next attempt begins anew and comes to the same report.
"""

import time
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

import msgspec

from guerdon.kit.errors import GuerdonError
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession, jsonb
from guerdon.plumbing.jobs import Handler, Job, PostponeError
from guerdon.runtime import Runtime
from guerdon.simulation.drafts import published, snapshot_of
from guerdon.simulation.engine import back_test
from guerdon.simulation.happenings import window_of
from guerdon.simulation.report import BackTestReport, report_hash

TELL_EVERY_S: Final = 0.4
LOOK_AGAIN_S: Final = 1.0
LONGEST: Final = timedelta(minutes=9)


class RunBackTest(outbox.Message, frozen=True):
    """Run what the row asks for."""

    topic: ClassVar[str] = "simulation.run"
    queue: ClassVar[str] = "bulk"
    run_id: UUID


class Asked(msgspec.Struct, frozen=True):
    """What a run was asked for."""

    tenant_id: UUID
    run_id: UUID
    base_version: int
    draft: dict[str, Any]
    days: int
    requested_at: datetime


class Found(msgspec.Struct, frozen=True):
    """What came of it: a report, a refusal, or neither when it was cancelled."""

    report: BackTestReport | None = None
    error: dict[str, Any] | None = None


class _Row(msgspec.Struct):
    state: str
    base_version: int
    draft: dict[str, Any]
    days: int
    requested_at: datetime
    first: bool


class _CancelledError(Exception):
    """Somebody does not want it any more."""


class BackTest(Job[RunBackTest, Asked, Found]):
    """Replays the window's events and writes the report."""

    message = RunBackTest
    long: ClassVar[bool] = True
    perform_timeout_s: ClassVar[float] = LONGEST.total_seconds()

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: RunBackTest, now: datetime
    ) -> Asked | None:
        row = await s.one_or_none(
            _Row,
            """
            SELECT r.state, r.base_version, r.draft, r.days, r.requested_at,
                   NOT EXISTS (SELECT FROM app.simulation_run o
                                WHERE o.tenant_id = %(tenant_id)s AND o.id <> r.id
                                  AND (o.state = 'running' OR o.state = 'queued'
                                       AND r.state = 'queued'
                                       AND (o.requested_at, o.id) < (r.requested_at, r.id)))
                     AS first
              FROM app.simulation_run r
             WHERE r.tenant_id = %(tenant_id)s AND r.id = %(id)s FOR NO KEY UPDATE
            """,
            {"id": m.run_id},
        )
        if row is None or row.state not in {"queued", "running"}:
            return None
        if not row.first:
            raise PostponeError(LOOK_AGAIN_S, "another back-test of this brand comes first")
        await s.execute(
            """
            UPDATE app.simulation_run SET state = 'running', processed = 0, started_at = %(now)s
             WHERE tenant_id = %(tenant_id)s AND id = %(id)s
            """,
            {"id": m.run_id, "now": now},
        )
        return Asked(s.tenant_id, m.run_id, row.base_version, row.draft, row.days, row.requested_at)

    async def perform(self, rt: Runtime, call: Asked) -> Found:
        try:
            return Found(report=await self._report(rt, call))
        except _CancelledError:
            return Found()
        except GuerdonError as error:
            return Found(
                error={"code": error.code, "detail": error.detail, "params": dict(error.params)}
            )

    async def _report(self, rt: Runtime, call: Asked) -> BackTestReport:
        registry = rt.snapshots.registry
        told_at = 0.0

        async def progress(done: int, total: int) -> None:
            nonlocal told_at
            if time.monotonic() - told_at < TELL_EVERY_S and done < total:
                return
            told_at = time.monotonic()
            if not await _tell(rt, call, done, total):
                raise _CancelledError

        async with rt.db.read_frozen(call.tenant_id) as s:
            before, content = await published(s, registry, version=call.base_version)
            after, draft = snapshot_of(registry, call.tenant_id, call.draft)
            zone = before[ProgrammeParameters].zone
            return await back_test(
                s,
                before=before,
                after=after,
                contents=(content, draft),
                window=window_of(days=call.days, now=call.requested_at, zone=zone),
                days=call.days,
                progress=progress,
            )

    async def record(
        self, rt: Runtime, s: WriteSession, m: RunBackTest, outcome: Found, now: datetime
    ) -> None:
        if outcome.report is None and outcome.error is None:
            return
        report = outcome.report
        await s.execute(
            """
            UPDATE app.simulation_run
               SET state = CASE WHEN %(report)s::jsonb IS NULL THEN 'failed' ELSE 'done' END,
                   processed = CASE WHEN %(report)s::jsonb IS NULL THEN processed ELSE total END,
                   report = %(report)s::jsonb, report_hash = %(hash)s,
                   fingerprint = %(fingerprint)s, error = %(error)s::jsonb, ended_at = %(now)s
             WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND state = 'running'
            """,
            {
                "id": m.run_id,
                "report": None if report is None else jsonb(report),
                "hash": None if report is None else report_hash(report),
                "fingerprint": None if report is None else report.fingerprint,
                "error": None if outcome.error is None else jsonb(outcome.error),
                "now": now,
            },
        )

    async def parked(self, rt: Runtime, s: WriteSession, m: RunBackTest, now: datetime) -> None:
        await s.execute(
            """
            UPDATE app.simulation_run
               SET state = 'failed', error = '{"code": "internal"}', ended_at = %(now)s
             WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND state IN ('queued', 'running')
            """,
            {"id": m.run_id, "now": now},
        )


async def _tell(rt: Runtime, call: Asked, done: int, total: int) -> bool:
    """Write how far it is; False when the run was cancelled."""
    async with rt.aside.write(call.tenant_id) as s:
        touched = await s.execute(
            """
            UPDATE app.simulation_run SET processed = %(done)s, total = %(total)s
             WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND state = 'running'
            """,
            {"id": call.run_id, "done": done, "total": total},
        )
    return touched == 1


HANDLERS: Final[tuple[Handler, ...]] = (BackTest(),)
