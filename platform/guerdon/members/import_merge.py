"""A chunk of a members file, in one transaction: what is there stays, the rest comes in as a set.

New members and their wallets are written table by table, all of the chunk at once. Whoever is
there already goes through the ledger's door for one wallet: its lock is waited for, and what it
owes is settled.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

import msgspec

from guerdon.kit.ids import uuid7
from guerdon.ledger.opening import (
    OpeningBalance,
    Standing,
    known_openings,
    lock_accounts,
    open_with,
    opening_balances,
)
from guerdon.members import numbers
from guerdon.members.import_rows import Row, RowError, TierReader
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing import bulk, guards
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.events import MANY, emit


class Tiers(Protocol):
    """Tiers that members bring along: a feature above this one."""

    def reader(self, snapshot: Snapshot, now: datetime) -> TierReader:
        """Reads a file's cells."""
        ...

    async def bring(
        self, s: WriteSession, standings: Sequence[tuple[UUID, Standing]]
    ) -> Mapping[UUID, Sequence[Standing]]:
        """See to it that wallets have at least these; what was missing."""
        ...


class Totals(msgspec.Struct):
    """What an import did. `points_in_file` counts accepted rows only, `tiers` their tiers.

    Reconciliation: `points_in_file` = `points_booked` (now, as the ledger's entries say) +
    `points_there` (by earlier runs). `points_rejected` are those of refused lines that can be read.
    """

    rows: int = 0
    created: int = 0
    unchanged: int = 0
    rejected: int = 0
    points_in_file: int = 0
    points_booked: int = 0
    points_there: int = 0
    points_rejected: int = 0
    tiers: dict[str, int] = {}

    @property
    def reconciled(self) -> bool:
        """Whether every point of the accepted rows is in the ledger, once."""
        return self.points_in_file == self.points_booked + self.points_there

    def refuse(self, error: RowError) -> None:
        """A line that was not taken."""
        self.rejected += 1
        self.points_rejected += error.points

    def add(self, outcome: "Outcome") -> None:
        """What a chunk did."""
        self.created += outcome.created
        self.unchanged += outcome.unchanged
        self.points_in_file += outcome.points_in_file
        self.points_booked += outcome.points_booked
        self.points_there += outcome.points_there
        for tier, count in outcome.tiers.items():
            self.tiers[tier] = self.tiers.get(tier, 0) + count


class Outcome(msgspec.Struct):
    """What a chunk did."""

    created: int = 0
    unchanged: int = 0
    points_in_file: int = 0
    points_booked: int = 0
    points_there: int = 0
    tiers: dict[str, int] = {}
    errors: list[RowError] = []

    def refuse(self, row: Row, column: str, reason: str, message: str, text: str) -> None:
        """A row that was not taken."""
        self.errors.append(RowError(row.line, column, reason, message, text, row.points))

    def accept(self, row: Row) -> None:
        """A row whose member is there when the chunk is over."""
        self.points_in_file += row.points
        if row.tier:
            self.tiers[row.tier] = self.tiers.get(row.tier, 0) + 1


class _Known(msgspec.Struct, frozen=True):
    id: UUID
    account_id: UUID
    email_norm: str
    external_id: str | None


async def merge(
    s: WriteSession,
    rows: Sequence[Row],
    *,
    tiers: Tiers,
    snapshot: Snapshot,
    now: datetime,
    measured: bool = False,
    rehearsed: int = 0,
) -> Outcome:
    """Bring a chunk in, and tell of it as one event. `measured`: what is there is counted first, so
    that plans fit it. `rehearsed` are members that a dry run has made and taken back so far.

    Raises QuotaReachedError where the brand's plan has no room.
    """
    outcome = Outcome()
    await bulk.begin(s)
    if measured:
        await s.execute("SELECT ctl.measure_members_v1()")
    there, new = await _compare(s, rows, outcome)
    if new:
        await guards.adding(s, "members", rehearsed + len(new))
        await _new(s, new, outcome, tiers, snapshot, now)
    if there:
        await _there(s, there, outcome, tiers, snapshot, now)
    if outcome.created or outcome.points_booked:
        told = {"members": outcome.created, "points": outcome.points_booked}
        await emit(s, kind="member.imported", member_id=MANY, occurred_at=now, data=told)
    return outcome


def outgrown(before: int, chunk: int) -> bool:
    """Whether `before` lines, in chunks of so many, are eight times what was measured last."""
    mark = chunk
    while mark < before:
        mark *= 8
    return mark == before


_KNOWN: Final = """
SELECT k.* FROM unnest(%(emails)s::text[]) AS given(email) CROSS JOIN LATERAL (
  SELECT m.id, m.account_id, m.email_norm, m.external_id FROM app.member m
   WHERE m.tenant_id = %(tenant_id)s AND m.email_norm >= given.email
   ORDER BY m.email_norm LIMIT 1) AS k
 WHERE k.email_norm = given.email
UNION
SELECT k.* FROM unnest(%(externals)s::text[]) AS given(id) CROSS JOIN LATERAL (
  SELECT m.id, m.account_id, m.email_norm, m.external_id FROM app.member m
   WHERE m.tenant_id = %(tenant_id)s AND m.external_id >= given.id
   ORDER BY m.external_id LIMIT 1) AS k
 WHERE k.external_id = given.id
"""


async def _compare(
    s: WriteSession, rows: Sequence[Row], outcome: Outcome
) -> tuple[list[tuple[Row, _Known]], list[Row]]:
    """Rows of members who are there, and rows of new ones; contradictions become errors."""
    async with bulk.seeking(s):
        found = await s.all(
            _Known,
            _KNOWN,
            {
                "emails": bulk.texts(row.email_norm for row in rows),
                "externals": bulk.texts(row.external_id for row in rows if row.external_id),
            },
        )
    if not found:
        return [], list(rows)
    by_email = {known.email_norm: known for known in found}
    by_external = {known.external_id: known for known in found if known.external_id}
    there, new = [], []
    for row in rows:
        known = by_email.get(row.email_norm)
        owner = by_external.get(row.external_id) if row.external_id else None
        if owner is not None and owner is not known:
            _differs(outcome, row, "This external id belongs to another member.")
        elif known is None:
            new.append(row)
        elif row.external_id and known.external_id != row.external_id:
            _differs(outcome, row, "This member has another external id.")
        else:
            there.append((row, known))
    return there, new


def _differs(outcome: Outcome, row: Row, message: str) -> None:
    outcome.refuse(row, "external_id", "differs", message, row.external_id or "")


_MERGE: Final = """
INSERT INTO app.member
  (tenant_id, id, account_id, number, external_id, email, email_norm, name, phone, language,
   joined_at, updated_at)
SELECT %(tenant_id)s, u.id, u.account_id, u.number, u.external_id, u.email, u.email_norm, u.name,
       u.phone, u.language, u.joined_at, %(now)s
  FROM unnest(%(ids)s::uuid[], %(accounts)s::uuid[], %(numbers)s::text[], %(externals)s::text[],
              %(emails)s::text[], %(norms)s::text[], %(names)s::text[], %(phones)s::text[],
              %(languages)s::text[], %(joined)s::timestamptz[])
    AS u(id, account_id, number, external_id, email, email_norm, name, phone, language, joined_at)
ON CONFLICT DO NOTHING
"""

_MISSING: Final = """
SELECT given.id FROM unnest(%(ids)s::uuid[]) AS given(id) LEFT JOIN LATERAL (
  SELECT m.id FROM app.member m
   WHERE m.tenant_id = %(tenant_id)s AND m.id >= given.id ORDER BY m.id LIMIT 1) AS k ON true
 WHERE k.id IS DISTINCT FROM given.id
"""


class _New(msgspec.Struct, frozen=True):
    row: Row
    id: UUID
    account_id: UUID


async def _new(
    s: WriteSession,
    rows: Sequence[Row],
    outcome: Outcome,
    tiers: Tiers,
    snapshot: Snapshot,
    now: datetime,
) -> None:
    made = await _insert(s, [_New(row, uuid7(), uuid7()) for row in rows], outcome, now)
    outcome.points_booked += await open_with(
        s,
        accounts=[new.account_id for new in made],
        openings=[
            OpeningBalance(
                new.id,
                new.account_id,
                new.row.points,
                new.row.expires_on,
                new.row.line,
                new.row.standings,
            )
            if new.row.points or new.row.standings
            else None
            for new in made
        ],
        snapshot=snapshot,
        now=now,
    )
    outcome.created += len(made)
    for new in made:
        outcome.accept(new.row)
    standings = [(new.account_id, standing) for new in made for standing in new.row.standings]
    if standings:
        await tiers.bring(s, standings)


async def _insert(s: WriteSession, new: list[_New], outcome: Outcome, now: datetime) -> list[_New]:
    """Who was made. A member number can be taken by chance, so what was not is tried once more;
    who is still missing was made by somebody else in this moment."""
    if await _merge(s, new, now) == len(new):
        return new
    missing = await _missing(s, [one.id for one in new])
    await _merge(s, [one for one in new if one.id in missing], now)
    gone = await _missing(s, missing)
    for one in new:
        if one.id in gone:
            message = "Changed meanwhile; import again."
            outcome.refuse(one.row, "", "in_flight", message, one.row.email)
    return [one for one in new if one.id not in gone]


async def _missing(s: WriteSession, ids: Iterable[UUID]) -> set[UUID]:
    async with bulk.seeking(s):
        return set(await s.all(UUID, _MISSING, {"ids": bulk.plain(ids)}))


async def _merge(s: WriteSession, new: Sequence[_New], now: datetime) -> int:
    rows = [one.row for one in new]
    return await s.execute(
        _MERGE,
        {
            "now": now,
            "ids": bulk.plain(one.id for one in new),
            "accounts": bulk.plain(one.account_id for one in new),
            "numbers": bulk.plain(int(numbers.new_number()) for _ in new),
            "externals": bulk.texts(row.external_id for row in rows),
            "emails": bulk.texts(row.email for row in rows),
            "norms": bulk.texts(row.email_norm for row in rows),
            "names": bulk.texts(row.name for row in rows),
            "phones": bulk.texts(row.phone for row in rows),
            "languages": bulk.texts(row.language for row in rows),
            "joined": bulk.texts((row.joined_at or now).isoformat() for row in rows),
        },
    )


async def _there(
    s: WriteSession,
    rows: Sequence[tuple[Row, _Known]],
    outcome: Outcome,
    tiers: Tiers,
    snapshot: Snapshot,
    now: datetime,
) -> None:
    """Members of before: an opening balance if they have none yet, and nothing else."""
    before = await known_openings(s, member_ids=[known.id for _, known in rows])
    todo: list[tuple[Row, _Known]] = []
    for row, known in rows:
        earlier = before.get(known.id)
        if earlier is not None and row.points not in (0, earlier):
            message = f"This member's opening balance is {earlier} already."
            outcome.refuse(row, "opening_balance", "differs", message, str(row.points))
            continue
        outcome.unchanged += 1
        outcome.accept(row)
        if earlier is not None:
            outcome.points_there += row.points
        elif row.points or row.standings:
            todo.append((row, known))
    if not todo:
        return
    await lock_accounts(s, ids=[known.account_id for _, known in todo])
    missing = await tiers.bring(
        s, [(known.account_id, standing) for row, known in todo for standing in row.standings]
    )
    outcome.points_booked += await opening_balances(
        s,
        [
            OpeningBalance(
                known.id,
                known.account_id,
                row.points,
                row.expires_on,
                row.line,
                tuple(missing.get(known.account_id, ())),
            )
            for row, known in todo
        ],
        snapshot=snapshot,
        now=now,
    )
