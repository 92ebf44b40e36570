"""Reading back-tests."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from guerdon.kit.paging import Page, check_page_size, decode_cursor, encode_cursor
from guerdon.plumbing.db import ReadSession
from guerdon.simulation.errors import NoReportError
from guerdon.simulation.report import BackTestReport

State = Literal["queued", "running", "done", "failed", "cancelled"]


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A back-test. `error` is why it failed: code, detail, params. `ahead` runs come before it."""

    id: UUID
    change_set_id: UUID
    row_version: int
    base_version: int
    days: int
    state: State
    processed: int
    total: int
    requested_by: str
    requested_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    report_hash: str | None
    fingerprint: str | None
    error: dict[str, Any] | None
    ahead: int


_RUN = """
SELECT r.id, r.change_set_id, r.row_version, r.base_version, r.days, r.state, r.processed, r.total,
       r.requested_by, r.requested_at, r.started_at, r.ended_at,
       encode(r.report_hash, 'hex') AS report_hash, r.fingerprint, r.error,
       CASE WHEN r.state = 'queued' THEN (
         SELECT count(*) FROM app.simulation_run o
          WHERE o.tenant_id = %(tenant_id)s AND o.state IN ('queued', 'running')
            AND (o.requested_at, o.id) < (r.requested_at, r.id)) ELSE 0 END AS ahead
  FROM app.simulation_run r
 WHERE r.tenant_id = %(tenant_id)s AND r.change_set_id = %(change_set_id)s"""


async def runs(
    s: ReadSession, *, change_set_id: UUID, cursor: str | None = None, limit: int = 20
) -> Page[Run]:
    """The runs of a change set, newest first."""
    size = check_page_size(limit)
    after = decode_cursor(cursor, datetime, UUID) if cursor else None
    found = await s.all(
        Run,
        f"""{_RUN}
           AND (%(at)s::timestamptz IS NULL
                OR (r.requested_at, r.id) < (%(at)s::timestamptz, %(after)s::uuid))
         ORDER BY r.requested_at DESC, r.id DESC LIMIT %(limit)s""",
        {
            "change_set_id": change_set_id,
            "at": after[0] if after else None,
            "after": after[1] if after else None,
            "limit": size + 1,
        },
    )
    page = found[:size]
    following = len(found) > size
    last = page[-1] if following else None
    return Page(page, encode_cursor(last.requested_at.isoformat(), str(last.id)) if last else None)


async def run(s: ReadSession, *, change_set_id: UUID, run_id: UUID) -> Run:
    """One run; NotFoundError."""
    return await s.one(
        Run,
        f"{_RUN} AND r.id = %(id)s",
        {"change_set_id": change_set_id, "id": run_id},
    )


class _Report(msgspec.Struct):
    report: dict[str, Any] | None


async def report(s: ReadSession, *, change_set_id: UUID, run_id: UUID) -> BackTestReport:
    """A run's report; NotFoundError, NoReportError."""
    row = await s.one(
        _Report,
        "SELECT report FROM app.simulation_run WHERE tenant_id = %(tenant_id)s"
        " AND change_set_id = %(change_set_id)s AND id = %(id)s",
        {"change_set_id": change_set_id, "id": run_id},
    )
    if row.report is None:
        raise NoReportError
    return msgspec.convert(row.report, BackTestReport)
