"""Bringing members in from a file: streaming, chunk by chunk, each chunk one transaction.

What is there already stays as it is: running the same file again changes nothing, and a run that
was cut off is finished by running it again. Opening balances go through the ledger under a key
of the member's own, so nobody gets one twice.
"""

import hashlib
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, Self
from uuid import UUID

import msgspec

from guerdon.kit.ids import uuid7
from guerdon.ledger.opening import (
    OpeningBalance,
    known_openings,
    open_accounts,
    opening_balances,
)
from guerdon.members import numbers
from guerdon.members.import_rows import Context, Row, RowError, read_rows
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing import guards
from guerdon.plumbing.db import WriteSession
from guerdon.runtime import Runtime

CHUNK: Final = 1000


class Totals(msgspec.Struct):
    """What an import did. `points_in_file` counts accepted rows only.

    Reconciliation: `points_in_file` = `points_booked` (now) + `points_there` (by earlier runs).
    """

    rows: int = 0
    created: int = 0
    unchanged: int = 0
    rejected: int = 0
    points_in_file: int = 0
    points_booked: int = 0
    points_there: int = 0

    @property
    def reconciled(self) -> bool:
        """Whether every point of the accepted rows is in the ledger, once."""
        return self.points_in_file == self.points_booked + self.points_there


class _Known(msgspec.Struct, frozen=True):
    id: UUID
    account_id: UUID
    email_norm: str
    external_id: str | None


class _Rehearsed(Exception):
    pass


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

    A dry run does the same work and rolls every chunk back. Raises ImportFileError.
    """
    programme = snapshot[ProgrammeParameters]
    context = Context(
        languages=programme.languages,
        zone=programme.zone,
        now=now,
        today=now.astimezone(programme.zone).date(),
    )
    totals = Totals()

    def reject(error: RowError) -> None:
        totals.rejected += 1
        on_error(error)

    with _Seen() as seen:
        for chunk in _chunks(_fresh(read_rows(file, context), seen, totals, reject)):
            try:
                async with rt.db.write(tenant_id) as s:
                    outcome = await _write(s, chunk, snapshot, now)
                    if dry_run:
                        raise _Rehearsed
            except _Rehearsed:
                pass
            totals.created += outcome.created
            totals.unchanged += outcome.unchanged
            totals.points_in_file += outcome.points_in_file
            totals.points_booked += outcome.points_booked
            totals.points_there += outcome.points_there
            for error in outcome.errors:
                reject(error)
            on_progress(file.tell())
    on_progress(file.tell())
    return totals


def _fresh(
    lines: Iterable[Row | RowError],
    seen: "_Seen",
    totals: Totals,
    reject: Callable[[RowError], None],
) -> Iterator[Row]:
    """Rows that nothing above them in the file contradicts."""
    for line in lines:
        totals.rows += 1
        if isinstance(line, RowError):
            reject(line)
        elif (first := seen.first("e", line.email_norm, line.line)) is not None:
            reject(_again(line, "email", line.email, first))
        elif (
            line.external_id and (first := seen.first("x", line.external_id, line.line)) is not None
        ):
            reject(_again(line, "external_id", line.external_id, first))
        else:
            yield line


def _again(row: Row, column: str, value: str, first: int) -> RowError:
    return RowError(row.line, column, "duplicate", f"The same as in line {first}.", value)


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


class _Outcome(msgspec.Struct):
    created: int = 0
    unchanged: int = 0
    points_in_file: int = 0
    points_booked: int = 0
    points_there: int = 0
    errors: list[RowError] = []


async def _write(s: WriteSession, rows: list[Row], snapshot: Snapshot, now: datetime) -> _Outcome:
    outcome = _Outcome()
    there, new = await _compare(s, rows, outcome)
    made = await _insert(s, new, now)
    for row in new:
        if row.email_norm not in made:
            outcome.errors.append(
                RowError(row.line, "", "in_flight", "Changed meanwhile; import again.", row.email)
            )
    outcome.created = len(made)
    wallets = [(row, made[row.email_norm], True) for row in new if row.email_norm in made] + [
        (row, known, False) for row, known in there
    ]
    before = await known_openings(s, member_ids=[known.id for _, known in there])
    booked: list[OpeningBalance] = []
    for row, known, is_new in wallets:
        earlier = before.get(known.id)
        if earlier is not None and row.points not in (0, earlier):
            outcome.errors.append(
                RowError(
                    row.line,
                    "opening_balance",
                    "differs",
                    f"This member's opening balance is {earlier} already.",
                    str(row.points),
                )
            )
            continue
        outcome.unchanged += not is_new
        outcome.points_in_file += row.points
        if row.points and earlier is not None:
            outcome.points_there += row.points
        elif row.points:
            booked.append(
                OpeningBalance(known.id, known.account_id, row.points, row.expires_on, row.line)
            )
    outcome.points_booked = await opening_balances(s, booked, snapshot=snapshot, now=now)
    return outcome


async def _compare(
    s: WriteSession, rows: list[Row], outcome: _Outcome
) -> tuple[list[tuple[Row, _Known]], list[Row]]:
    """Rows of members who are there, and rows of new ones; contradictions become errors."""
    # Joined, not compared: a brand that grows with the file has no statistics yet, and every member
    # would be held against every row of the batch.
    found = await s.all(
        _Known,
        """
        SELECT m.id, m.account_id, m.email_norm, m.external_id
          FROM unnest(%(emails)s::text[]) AS given(email)
          JOIN app.member m ON m.tenant_id = %(tenant_id)s AND m.email_norm = given.email
         WHERE m.status <> 'erased'
         UNION
        SELECT m.id, m.account_id, m.email_norm, m.external_id
          FROM unnest(%(externals)s::text[]) AS given(id)
          JOIN app.member m ON m.tenant_id = %(tenant_id)s AND m.external_id = given.id
         WHERE m.status <> 'erased'
        """,
        {
            "emails": [row.email_norm for row in rows],
            "externals": [row.external_id for row in rows if row.external_id],
        },
    )
    by_email = {known.email_norm: known for known in found}
    by_external = {known.external_id: known for known in found if known.external_id}
    there, new = [], []
    for row in rows:
        known = by_email.get(row.email_norm)
        owner = by_external.get(row.external_id) if row.external_id else None
        if owner is not None and owner is not known:
            outcome.errors.append(_differs(row, "This external id belongs to another member."))
        elif known is None:
            new.append(row)
        elif row.external_id and known.external_id != row.external_id:
            outcome.errors.append(_differs(row, "This member has another external id."))
        else:
            there.append((row, known))
    return there, new


def _differs(row: Row, message: str) -> RowError:
    return RowError(row.line, "external_id", "differs", message, row.external_id or "")


async def _insert(s: WriteSession, rows: list[Row], now: datetime) -> dict[str, _Known]:
    """New members by e-mail; one that is missing was made by somebody else in this moment."""
    made: dict[str, _Known] = {}
    # A member number can be taken by chance, so what was not made is tried once more.
    for _ in range(2):
        todo = [row for row in rows if row.email_norm not in made]
        if not todo:
            break
        await guards.adding(s, "members", len(todo))
        fresh = await s.all(
            _Known,
            """
            INSERT INTO app.member
              (tenant_id, id, account_id, number, external_id, email, email_norm, name, phone,
               language, joined_at, updated_at)
            SELECT %(tenant_id)s, u.id, u.account_id, u.number, u.external_id, u.email,
                   u.email_norm, u.name, u.phone, u.language, u.joined_at, %(now)s
              FROM unnest(%(ids)s::uuid[], %(accounts)s::uuid[], %(numbers)s::text[],
                          %(externals)s::text[], %(emails)s::text[], %(norms)s::text[],
                          %(names)s::text[], %(phones)s::text[], %(languages)s::text[],
                          %(joined)s::timestamptz[])
                AS u(id, account_id, number, external_id, email, email_norm, name, phone,
                     language, joined_at)
            ON CONFLICT DO NOTHING
            RETURNING id, account_id, email_norm, external_id
            """,
            {
                "now": now,
                "ids": [uuid7() for _ in todo],
                "accounts": [uuid7() for _ in todo],
                "numbers": [numbers.new_number() for _ in todo],
                "externals": [row.external_id for row in todo],
                "emails": [row.email for row in todo],
                "norms": [row.email_norm for row in todo],
                "names": [row.name for row in todo],
                "phones": [row.phone for row in todo],
                "languages": [row.language for row in todo],
                "joined": [row.joined_at or now for row in todo],
            },
        )
        await open_accounts(s, ids=[known.account_id for known in fresh], now=now)
        made |= {known.email_norm: known for known in fresh}
    return made


class _Seen:
    """In which line a value stood first; on disk, so that memory does not grow with the file."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="guerdon-import-")
        self._db = sqlite3.connect(Path(self._folder.name) / "seen", isolation_level=None)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("CREATE TABLE seen (h BLOB PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._db.execute("BEGIN")
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()
        self._folder.cleanup()

    def first(self, kind: str, value: str, line: int) -> int | None:
        """The earlier line with this value, or None (and `line` is on record from now on)."""
        h = hashlib.blake2b(f"{kind}{value}".encode(), digest_size=16).digest()
        done = self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (h, line))
        if done.rowcount:
            return None
        row = self._db.execute("SELECT line FROM seen WHERE h = ?", (h,)).fetchone()
        return int(row[0])
