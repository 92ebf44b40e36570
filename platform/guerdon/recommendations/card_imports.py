"""A base of approved cards from a file: streaming, chunk by chunk, and one switch at the end."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

import msgspec

from guerdon.kit.ids import uuid7
from guerdon.members.import_rows import RowError
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.recommendations import card_bases
from guerdon.recommendations.card_rows import Approval, read_approvals
from guerdon.recommendations.card_unchanged import same_as_in_force
from guerdon.runtime import Runtime


class Totals(msgspec.Struct):
    """What an import did. `base`: what is in force then; None where nothing was put in force."""

    rows: int = 0
    taken: int = 0
    rejected: int = 0
    base: card_bases.Base | None = None
    # Whether it says what was in force already.
    unchanged: bool = False


async def run(
    rt: Runtime,
    *,
    tenant_id: UUID,
    file: BinaryIO,
    name: str,
    principal: str,
    snapshot: Snapshot,
    now: datetime,
    complete: bool = False,
    dry_run: bool = False,
    on_error: Callable[[RowError], None] = lambda _: None,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Totals:
    """Import `file`, which can be read twice, as the base `name`; `on_error` gets every rejected
    line. A file that says what is in force already is read and nothing is written.

    `complete`: nothing is put in force if a line was rejected. A dry run does the same work and
    discards the base at its end. Raises ImportFileError before anything is written.
    """
    programme = snapshot[ProgrammeParameters]
    totals = Totals()
    today = now.astimezone(programme.zone).date()

    def lines() -> Iterator[Approval | RowError]:
        return read_approvals(file, currency=programme.currency, today=today)

    if not dry_run:
        begins = file.tell()
        same = await same_as_in_force(rt, tenant_id=tenant_id, name=name, chunks=chunks(lines()))
        if same is not None and not (complete and same.errors):
            for error in same.errors:
                on_error(error)
            on_progress(file.tell())
            rejected = len(same.errors)
            return Totals(same.taken + rejected, same.taken, rejected, same.base, unchanged=True)
        file.seek(begins)
    base_id = uuid7()
    for rows, unread in chunks(lines()):
        for error in unread:
            on_error(error)
        async with rt.db.write(tenant_id) as s:
            if not totals.rows:
                await card_bases.begin(s, base_id=base_id, name=name, principal=principal, now=now)
            made = await card_bases.put_rows(s, base_id=base_id, rows=rows)
            await card_bases.reject(s, base_id=base_id, count=len(unread))
        for error in made.rejected:
            on_error(error)
        totals.rows += len(rows) + len(unread)
        totals.taken += made.taken
        totals.rejected += len(unread) + len(made.rejected)
        on_progress(file.tell())
    if not totals.rows:
        return totals
    async with rt.db.write(tenant_id) as s:
        if dry_run or not totals.taken or (complete and totals.rejected):
            await card_bases.discard(s, base_id=base_id, now=now)
        else:
            totals.base = await card_bases.switch(s, base_id=base_id, complete=complete, now=now)
            totals.unchanged = totals.base.id != base_id
    return totals


def chunks(
    lines: Iterator[Approval | RowError],
) -> Iterator[tuple[list[Approval], list[RowError]]]:
    """As many lines as are put into a base at once: rows, and those that are none."""
    rows: list[Approval] = []
    errors: list[RowError] = []
    for line in lines:
        if isinstance(line, RowError):
            errors.append(line)
        else:
            rows.append(line)
        if len(rows) + len(errors) == card_bases.ROWS_AT_ONCE:
            yield rows, errors
            rows, errors = [], []
    if rows or errors:
        yield rows, errors
