"""Members from a file that a person sent: what `plumbing.file_imports` needs to know of them."""

from datetime import datetime
from typing import ClassVar, Final
from uuid import UUID

from guerdon.kit.errors import ConflictError, GuerdonError
from guerdon.members.import_merge import Outcome, Totals, merge, outgrown
from guerdon.members.import_rows import RowError
from guerdon.members.import_seen import Seen
from guerdon.members.imports import Chunk, chunks, context_of, tiers
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.file_imports import FileImport, FileImports, Progress, rehearsing
from guerdon.plumbing.jobs import Effect
from guerdon.plumbing.outbox import Message
from guerdon.runtime import Runtime

ERRORS_KEPT: Final = 5_000
CHUNK: Final = 1_000


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


class Import(FileImport, frozen=True, kw_only=True):
    """An import of members; `fault_code` tells programs why it ended early."""

    totals: Totals
    checked_totals: Totals | None
    errors: list[RowError]
    fault_code: str | None


class _Progress(Progress):
    totals: Totals
    errors: list[RowError]


class MemberImports(FileImports[Import, _Progress]):
    """A thousand lines at once."""

    table = "app.member_import"
    record = Import
    progress = _Progress
    totals = Totals
    wrong_state = MemberImportStateError
    bytes_max = 200_000_000

    def message(self, import_id: UUID, position: int) -> Message:
        return ImportMembers(import_id=import_id, position=position)

    def lasting(self, error: GuerdonError) -> bool:
        return error.status < 500

    def noted(self, row: _Progress, fault: GuerdonError | None) -> dict[str, object]:
        code = None if fault is None else str(fault.params.get("reason", fault.code))
        return {"fault_code": code}

    async def stretch(
        self, rt: Runtime, s: WriteSession, import_id: UUID, row: _Progress, now: datetime
    ) -> tuple[int, int] | None:
        snapshot = await rt.snapshot(s.tenant_id, now)
        chunk = self._read(rt, s.tenant_id, import_id, row, snapshot, now)
        outcome = Outcome()
        if chunk.rows:
            async with rehearsing(s, row):
                outcome = await merge(
                    s,
                    chunk.rows,
                    tiers=tiers(),
                    snapshot=snapshot,
                    now=now,
                    measured=row.state != "checking" and outgrown(row.totals.rows, CHUNK),
                    rehearsed=row.totals.created if row.state == "checking" else 0,
                )
        row.totals.rows += chunk.lines
        row.totals.add(outcome)
        for error in sorted([*chunk.errors, *outcome.errors], key=lambda e: e.line):
            row.totals.refuse(error)
            if len(row.errors) < ERRORS_KEPT:
                row.errors.append(error)
        return chunk.place if chunk.lines == CHUNK else None

    def _read(
        self,
        rt: Runtime,
        tenant_id: UUID,
        import_id: UUID,
        row: _Progress,
        snapshot: Snapshot,
        now: datetime,
    ) -> Chunk:
        kept = self.uploads(rt)
        with (
            kept.open(tenant_id, import_id) as file,
            Seen(kept.beside(tenant_id, import_id)) as seen,
        ):
            start = (row.position, row.line) if row.position else None
            return next(chunks(file, context_of(snapshot, now), seen, size=CHUNK, start=start))


IMPORTS: Final = MemberImports()


class TakeMembers(Effect[ImportMembers]):
    """One stretch of a file."""

    message = ImportMembers

    async def apply(self, rt: Runtime, s: WriteSession, m: ImportMembers, now: datetime) -> None:
        await IMPORTS.work(rt, s, m.import_id, m.position, now)

    async def parked(self, rt: Runtime, s: WriteSession, m: ImportMembers, now: datetime) -> None:
        await IMPORTS.give_up(s, m.import_id, now)


class SweepMemberImportsAway(Effect[SweepMemberImports]):
    """Files go with their records."""

    message = SweepMemberImports

    async def apply(
        self, rt: Runtime, s: WriteSession, m: SweepMemberImports, now: datetime
    ) -> None:
        await IMPORTS.sweep(rt, s, now)


HANDLERS: Final = (TakeMembers(), SweepMemberImportsAway())
