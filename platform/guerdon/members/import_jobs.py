"""A members file that a person sent: looked through first, taken in when they say so.

Either way it is a chain of messages, each of which works through some lines in one transaction
and leaves where the next has to go on: whatever dies, nothing is taken in twice, and everybody can
see how far it is. Looking through does the same work and undoes it.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar, Final, Literal
from uuid import UUID

import msgspec

from guerdon.kit.errors import ConflictError, GuerdonError, InvalidError, NotFoundError
from guerdon.members.import_merge import Outcome, Totals, merge
from guerdon.members.import_rows import RowError
from guerdon.members.import_seen import Seen
from guerdon.members.imports import Chunk, chunks, context_of, tiers
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing import outbox
from guerdon.plumbing.db import ReadSession, WriteSession, jsonb
from guerdon.plumbing.jobs import Effect
from guerdon.plumbing.outbox import Message
from guerdon.plumbing.uploads import Uploads
from guerdon.runtime import Runtime

FILE_BYTES_MAX: Final = 200_000_000
ERRORS_KEPT: Final = 5_000
CHUNK: Final = 1_000
KEPT: Final = timedelta(days=7)

State = Literal["checking", "checked", "applying", "applied", "failed", "discarded"]
_COLUMNS: Final = (
    "id, file_name, size_bytes, state, position, totals, checked_totals, errors, fault,"
    " fault_code, created_by, created_at, applied_by, changed_at"
)
_AFTER: Final[dict[str, State]] = {"checking": "checked", "applying": "applied"}


class MemberImportStateError(ConflictError):
    """The import is not at the point where this is possible (`state`)."""

    code = "member_import_state"
    title = "The import's state does not allow this"


class ImportMembers(Message, frozen=True):
    """Work through the next lines of a file."""

    topic: ClassVar[str] = "members.import"
    queue: ClassVar[str] = "bulk"
    attempts_max: ClassVar[int | None] = 5
    import_id: UUID
    position: int


class SweepMemberImports(Message, frozen=True):
    """Remove files and records of imports that ended long ago."""

    topic: ClassVar[str] = "members.sweep_imports"
    queue: ClassVar[str] = "bulk"


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """An import as it stands; `position` of `size_bytes` tells how far the present pass is.

    `totals` and `errors` (the first five thousand) are of the present pass, `checked_totals` of the
    one that looked the file through. `fault` is why it ended early (`fault_code` for programs).
    """

    id: UUID
    file_name: str
    size_bytes: int
    state: State
    position: int
    totals: Totals
    checked_totals: Totals | None
    errors: list[RowError]
    fault: str | None
    fault_code: str | None
    created_by: str
    created_at: datetime
    applied_by: str | None
    changed_at: datetime


def uploads(rt: Runtime) -> Uploads:
    """Where files wait."""
    return Uploads(Path(rt.settings.files_dir))


async def keep(rt: Runtime, tenant_id: UUID, import_id: UUID, content: AsyncIterator[bytes]) -> int:
    """Keep a file under the import's id, before the import is made; its size."""
    return await uploads(rt).keep(tenant_id, import_id, content, bytes_max=FILE_BYTES_MAX)


async def start(
    s: WriteSession,
    *,
    import_id: UUID,
    file_name: str,
    size_bytes: int,
    principal: str,
    now: datetime,
) -> Import:
    """Begin to look through a file that was kept."""
    made = await s.one(
        Import,
        "INSERT INTO app.member_import (tenant_id, id, file_name, size_bytes, state, totals,"  # noqa: S608
        " created_by, created_at, changed_at) VALUES (%(tenant_id)s, %(id)s, %(name)s, %(size)s,"
        f" 'checking', %(totals)s, %(by)s, %(now)s, %(now)s) RETURNING {_COLUMNS}",
        {
            "id": import_id,
            "name": file_name,
            "size": size_bytes,
            "totals": jsonb(Totals()),
            "by": principal,
            "now": now,
        },
    )
    await outbox.put(s, ImportMembers(import_id=import_id, position=0))
    return made


async def take_in(s: WriteSession, *, import_id: UUID, principal: str, now: datetime) -> Import:
    """Begin to take in what was looked through; refused lines stay out. MemberImportStateError."""
    row = await _locked(s, import_id)
    if row.state != "checked":
        raise MemberImportStateError(state=row.state)
    made = await s.one(
        Import,
        "UPDATE app.member_import SET state = 'applying', checked_totals = totals,"  # noqa: S608
        " totals = %(totals)s, errors = '[]', position = 0, line = 0,"
        " applied_by = %(by)s, changed_at = %(now)s"
        f" WHERE tenant_id = %(tenant_id)s AND id = %(id)s RETURNING {_COLUMNS}",
        {"id": import_id, "totals": jsonb(Totals()), "by": principal, "now": now},
    )
    await outbox.put(s, ImportMembers(import_id=import_id, position=0))
    return made


async def discard(s: WriteSession, *, import_id: UUID, now: datetime) -> Import:
    """Take no more of the file in; who came in stays. MemberImportStateError once it is over."""
    row = await _locked(s, import_id)
    if row.state in ("applied", "failed", "discarded"):
        raise MemberImportStateError(state=row.state)
    return await s.one(
        Import,
        "UPDATE app.member_import SET state = 'discarded', changed_at = %(now)s"  # noqa: S608
        f" WHERE tenant_id = %(tenant_id)s AND id = %(id)s RETURNING {_COLUMNS}",
        {"id": import_id, "now": now},
    )


async def one(s: ReadSession, *, import_id: UUID) -> Import:
    """One import; NotFoundError."""
    found = await s.one_or_none(
        Import,
        f"SELECT {_COLUMNS} FROM app.member_import"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": import_id},
    )
    if found is None:
        raise NotFoundError("There is no such import.", field="import")
    return found


async def latest(s: ReadSession, *, limit: int = 20) -> list[Import]:
    """The latest imports, without their refused lines."""
    columns = _COLUMNS.replace("errors", "'[]'::jsonb AS errors")
    return await s.all(
        Import,
        f"SELECT {columns} FROM app.member_import WHERE tenant_id = %(tenant_id)s"  # noqa: S608
        " ORDER BY created_at DESC, id LIMIT %(limit)s",
        {"limit": limit},
    )


class _Locked(msgspec.Struct):
    state: State
    position: int
    line: int
    totals: Totals
    errors: list[RowError]

    def refuse(self, error: RowError) -> None:
        self.totals.refuse(error)
        if len(self.errors) < ERRORS_KEPT:
            self.errors.append(error)


async def _locked(s: WriteSession, import_id: UUID) -> _Locked:
    found = await s.one_or_none(
        _Locked,
        "SELECT state, position, line, totals, errors FROM app.member_import"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s FOR UPDATE",
        {"id": import_id},
    )
    if found is None:
        raise NotFoundError("There is no such import.", field="import")
    return found


class _Rehearsed(Exception):
    pass


class TakeMembers(Effect[ImportMembers]):
    """One stretch of a file."""

    message = ImportMembers

    async def apply(self, rt: Runtime, s: WriteSession, m: ImportMembers, now: datetime) -> None:
        row = await _locked(s, m.import_id)
        if row.state not in ("checking", "applying") or row.position != m.position:
            return
        snapshot = await rt.snapshot(s.tenant_id, now)
        try:
            chunk = _read(rt, s.tenant_id, m.import_id, row, snapshot, now)
            await _take(s, row, chunk, snapshot, now)
        except GuerdonError as error:
            # What is refused stays so, however often it is tried.
            if error.status >= 500:
                raise
            await _write(s, m.import_id, row, "failed", now, fault=error)
            return
        if chunk.lines == CHUNK:
            row.position, row.line = chunk.place
            await _write(s, m.import_id, row, row.state, now)
            await outbox.put(s, ImportMembers(import_id=m.import_id, position=row.position))
            return
        row.position = -1
        await _write(s, m.import_id, row, _AFTER[row.state], now)

    async def parked(self, rt: Runtime, s: WriteSession, m: ImportMembers, now: datetime) -> None:
        row = await _locked(s, m.import_id)
        if row.state in ("checking", "applying"):
            fault = InvalidError("The file could not be worked through.", field="file")
            await _write(s, m.import_id, row, "failed", now, fault=fault)


def _read(
    rt: Runtime, tenant_id: UUID, import_id: UUID, row: _Locked, snapshot: Snapshot, now: datetime
) -> Chunk:
    kept = uploads(rt)
    with (
        kept.open(tenant_id, import_id) as file,
        Seen(kept.beside(tenant_id, import_id)) as seen,
    ):
        start = (row.position, row.line) if row.position else None
        return next(chunks(file, context_of(snapshot, now), seen, size=CHUNK, start=start))


async def _take(
    s: WriteSession, row: _Locked, chunk: Chunk, snapshot: Snapshot, now: datetime
) -> None:
    outcome = Outcome()
    trying = row.state == "checking"
    if chunk.rows:
        try:
            async with s.part():
                outcome = await merge(
                    s,
                    chunk.rows,
                    tiers=tiers(),
                    snapshot=snapshot,
                    now=now,
                    rehearsed=row.totals.created if trying else 0,
                )
                if trying:
                    raise _Rehearsed
        except _Rehearsed:
            pass
    row.totals.rows += chunk.lines
    row.totals.add(outcome)
    for error in sorted([*chunk.errors, *outcome.errors], key=lambda e: e.line):
        row.refuse(error)


async def _write(
    s: WriteSession,
    import_id: UUID,
    row: _Locked,
    state: State,
    now: datetime,
    *,
    fault: GuerdonError | None = None,
) -> None:
    await s.execute(
        "UPDATE app.member_import SET state = %(state)s, line = %(line)s,"
        " position = CASE WHEN %(position)s < 0 THEN size_bytes ELSE %(position)s END,"
        " totals = %(totals)s, errors = %(errors)s, fault = %(fault)s,"
        " fault_code = %(code)s, changed_at = %(now)s"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {
            "id": import_id,
            "state": state,
            "position": row.position,
            "line": row.line,
            "totals": jsonb(row.totals),
            "errors": jsonb(row.errors),
            "fault": None if fault is None else fault.detail,
            "code": None if fault is None else str(fault.params.get("reason", fault.code)),
            "now": now,
        },
    )


class SweepMemberImportsAway(Effect[SweepMemberImports]):
    """Files go with their records a week after the last that happened to them."""

    message = SweepMemberImports

    async def apply(
        self, rt: Runtime, s: WriteSession, m: SweepMemberImports, now: datetime
    ) -> None:
        old = await s.all(
            UUID,
            "DELETE FROM app.member_import WHERE tenant_id = %(tenant_id)s"
            " AND changed_at < %(before)s RETURNING id",
            {"before": now - KEPT},
        )
        for import_id in old:
            await uploads(rt).forget(s.tenant_id, import_id)


HANDLERS: Final = (TakeMembers(), SweepMemberImportsAway())
