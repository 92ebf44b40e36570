"""Asking for a back-test of a draft, and changing one's mind."""

from datetime import datetime
from typing import Final
from uuid import UUID

from guerdon.kit.errors import InvalidError
from guerdon.kit.ids import uuid7
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession, jsonb
from guerdon.runtime import Runtime
from guerdon.simulation.drafts import Proposed
from guerdon.simulation.errors import (
    NothingProposedError,
    SimulationEndedError,
    SimulationsWaitingError,
)
from guerdon.simulation.jobs import RunBackTest
from guerdon.simulation.queries import Run, run

DAYS_MAX: Final = 366
WAITING_MAX: Final = 10


async def ask(
    rt: Runtime,
    s: WriteSession,
    *,
    draft: Proposed,
    days: int,
    principal: str,
    now: datetime,
) -> Run:
    """Put a back-test of `draft` against the version in force in line.

    Raises NothingProposedError, InvalidParametersError for a draft that breaks a rule,
    SimulationsWaitingError.
    """
    if draft.over:
        raise NothingProposedError
    if not 1 <= days <= DAYS_MAX:
        raise InvalidError(f"Choose 1 to {DAYS_MAX} days.", field="days", most=DAYS_MAX)
    rt.snapshots.registry.decode(draft.content)
    waiting: int = await s.value(
        "SELECT count(*) FROM app.simulation_run WHERE tenant_id = %(tenant_id)s"
        " AND state IN ('queued', 'running')"
    )
    if waiting >= WAITING_MAX:
        raise SimulationsWaitingError(most=WAITING_MAX)
    run_id = uuid7()
    await s.execute(
        """
        INSERT INTO app.simulation_run (tenant_id, id, change_set_id, row_version, base_version,
                                        draft, days, requested_by, requested_at)
        VALUES (%(tenant_id)s, %(id)s, %(change_set_id)s, %(row_version)s, %(base_version)s,
                %(draft)s, %(days)s, %(principal)s, %(now)s)
        """,
        {
            "id": run_id,
            "change_set_id": draft.change_set_id,
            "row_version": draft.row_version,
            "base_version": draft.base_version,
            "draft": jsonb(draft.content),
            "days": days,
            "principal": principal,
            "now": now,
        },
    )
    await outbox.put(s, RunBackTest(run_id=run_id))
    return await run(s, change_set_id=draft.change_set_id, run_id=run_id)


async def cancel(s: WriteSession, *, change_set_id: UUID, run_id: UUID, now: datetime) -> Run:
    """Stop a run that waits or is at work; NotFoundError, SimulationEndedError."""
    await run(s, change_set_id=change_set_id, run_id=run_id)
    touched = await s.execute(
        """
        UPDATE app.simulation_run SET state = 'cancelled', ended_at = %(now)s
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND state IN ('queued', 'running')
        """,
        {"id": run_id, "now": now},
    )
    if not touched:
        raise SimulationEndedError
    return await run(s, change_set_id=change_set_id, run_id=run_id)
