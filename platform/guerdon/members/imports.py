"""Bringing members in from a file: streaming, chunk by chunk, each chunk one transaction.

What is there already stays as it is: running the same file again changes nothing, and a run that
was cut off is finished by running it again. Opening balances go through the ledger under a key
of the member's own, so nobody gets one twice.
"""

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

import msgspec

from guerdon.members.import_merge import Outcome, Tiers, Totals, merge, outgrown
from guerdon.members.import_rows import (
    MEMBERS,
    Cells,
    Context,
    ImportFileError,
    Row,
    RowError,
    points_said,
    read_row,
    read_table,
)
from guerdon.members.import_seen import Seen
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.runtime import Runtime

CHUNK: Final = 2_000
_tiers: Tiers | None = None


class TotalsDifferError(ImportFileError):
    """The file does not hold what was announced (`lines`, `points`)."""

    code = "import_totals"
    title = "The file does not hold what was announced"


def install(tiers: Tiers) -> None:
    """Name who knows tiers; called once, by the composition root."""
    global _tiers
    _tiers = tiers


def tiers() -> Tiers:
    """Who knows tiers; RuntimeError if the composition root has named nobody."""
    if _tiers is None:
        raise RuntimeError("guerdon.programme has not named who knows tiers")
    return _tiers


class Tally(msgspec.Struct):
    """What a file says it holds: its lines, and the points of those that can be read."""

    lines: int = 0
    points: int = 0


class Chunk(msgspec.Struct):
    """Some lines of a file: rows to bring in, lines refused, and where the next chunk starts."""

    lines: int
    rows: list[Row]
    errors: list[RowError]
    place: tuple[int, int]


class _Rehearsed(Exception):
    pass


def tally(file: BinaryIO) -> Tally:
    """Read the file through for its control totals. Raises ImportFileError."""
    found = Tally()
    for cells in read_table(file, MEMBERS):
        found.lines += 1
        if isinstance(cells, Cells):
            found.points += points_said(cells.values)
    return found


def require(file: BinaryIO, *, lines: int | None, points: int | None) -> None:
    """TotalsDifferError unless the file holds what was announced; the file is at its start again.

    It is read through for that, so that a file that was cut off on its way brings nothing in.
    """
    if lines is None and points is None:
        return
    found = tally(file)
    file.seek(0)
    for what, got, wanted in (("lines", found.lines, lines), ("points", found.points, points)):
        if wanted is not None and got != wanted:
            raise TotalsDifferError(
                f"The file holds {got} {what} and {wanted} were announced: nothing is imported."
                " Ask for the file again, or announce what it holds.",
                reason=what,
                lines=found.lines,
                points=found.points,
            )


def context_of(snapshot: Snapshot, now: datetime) -> Context:
    """What rows are checked against."""
    programme = snapshot[ProgrammeParameters]
    return Context(
        languages=programme.languages,
        zone=programme.zone,
        now=now,
        today=now.astimezone(programme.zone).date(),
        tier=tiers().reader(snapshot, now),
    )


def chunks(
    file: BinaryIO,
    context: Context,
    seen: Seen,
    *,
    size: int,
    start: tuple[int, int] | None = None,
) -> Iterator[Chunk]:
    """The file in chunks of `size` lines; ImportFileError. The last may have none."""
    lines = read_table(file, MEMBERS, start=start)
    number = start[1] if start is not None else 1
    while True:
        read: list[Row | RowError] = []
        for cells in lines:
            number = cells.line
            read.append(read_row(cells, context))
            if len(read) == size:
                break
        rows, errors = _fresh(read, seen)
        yield Chunk(len(read), rows, errors, (file.tell(), number))
        if len(read) < size:
            return


def _fresh(read: list[Row | RowError], seen: Seen) -> tuple[list[Row], list[RowError]]:
    """Rows that nothing above them in the file contradicts, and what is refused, line by line."""
    errors = [line for line in read if isinstance(line, RowError)]
    rows = [line for line in read if isinstance(line, Row)]
    known = seen.repeated("e", [(row.line, row.email_norm) for row in rows])
    errors += [_again(r, "email", r.email, known[r.line]) for r in rows if r.line in known]
    rows = [row for row in rows if row.line not in known]
    taken = seen.repeated("x", [(r.line, r.external_id) for r in rows if r.external_id])
    errors += [
        _again(r, "external_id", r.external_id or "", taken[r.line])
        for r in rows
        if r.line in taken
    ]
    errors.sort(key=lambda error: error.line)
    return [row for row in rows if row.line not in taken], errors


def _again(row: Row, column: str, value: str, first: int) -> RowError:
    return RowError(
        row.line, column, "duplicate", f"The same as in line {first}.", value, row.points
    )


async def run(
    rt: Runtime,
    *,
    tenant_id: UUID,
    file: BinaryIO,
    snapshot: Snapshot,
    now: datetime,
    dry_run: bool = False,
    on_error: Callable[[RowError], None] = lambda _: None,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Totals:
    """Import `file`; `on_error` gets every rejected line, `on_progress` the bytes read so far.

    A dry run does the same work and rolls every chunk back. Raises ImportFileError, and
    QuotaReachedError where the brand's plan has no room: what came in before it stays.
    """
    totals = Totals()
    with (
        tempfile.TemporaryDirectory(prefix="guerdon-import-") as folder,
        Seen(Path(folder) / "seen") as seen,
    ):
        source = chunks(file, context_of(snapshot, now), seen, size=CHUNK)
        # The next chunk is read while the database works on this one.
        ahead = asyncio.create_task(asyncio.to_thread(next, source, None))
        try:
            while (chunk := await ahead) is not None:
                ahead = asyncio.create_task(asyncio.to_thread(next, source, None))
                await _take(rt, tenant_id, chunk, totals, snapshot, now, dry_run, on_error)
                on_progress(chunk.place[0])
        finally:
            await asyncio.gather(ahead, return_exceptions=True)
    return totals


async def _take(
    rt: Runtime,
    tenant_id: UUID,
    chunk: Chunk,
    totals: Totals,
    snapshot: Snapshot,
    now: datetime,
    dry_run: bool,
    on_error: Callable[[RowError], None],
) -> None:
    outcome = Outcome()
    if chunk.rows:
        try:
            async with rt.db.write(tenant_id) as s:
                outcome = await merge(
                    s,
                    chunk.rows,
                    tiers=tiers(),
                    snapshot=snapshot,
                    now=now,
                    measured=not dry_run and outgrown(totals.rows, CHUNK),
                    rehearsed=totals.created if dry_run else 0,
                )
                if dry_run:
                    raise _Rehearsed
        except _Rehearsed:
            pass
    totals.rows += chunk.lines
    totals.add(outcome)
    for error in sorted([*chunk.errors, *outcome.errors], key=lambda e: e.line):
        totals.refuse(error)
        on_error(error)
