"""Bases of approved cards: filled row by row where nobody sees it, put in force as one switch.

A base has a name (one for each bank, or one for all). What is in force under a name stays whole
until the switch, in which the new base takes its place. A base that says the same as the one in
force changes nothing, so that a file can be imported again.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Final, Literal
from uuid import UUID

import msgspec

from guerdon.kit.errors import ConflictError, InvalidError, NotFoundError
from guerdon.members.import_rows import RowError
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.plumbing.jobs import Effect
from guerdon.plumbing.outbox import Message, put
from guerdon.recommendations.candidates import ApprovedCard
from guerdon.recommendations.card_placing import insert, members_named, repeated, unknown
from guerdon.recommendations.card_rows import Approval

ROWS_AT_ONCE: Final = 1_000
LOADING_MAX: Final = timedelta(days=1)
SWEEP_CHUNK: Final = 5_000
State = Literal["loading", "in_force", "replaced", "discarded"]
_COLUMNS: Final = "id, name, state, rows, rejected, created_by, created_at, in_force_at, ended_at"


class BaseNotFoundError(NotFoundError):
    """There is no such base of approved cards."""

    code = "card_base_not_found"
    title = "There is no such base"


class BaseStateError(ConflictError):
    """The base is not being filled any more (`state`)."""

    code = "card_base_state"
    title = "The base's state does not allow this"


class BaseIncompleteError(InvalidError):
    """The base cannot be put in force: rows were rejected and none may be, or there is none."""

    code = "card_base_incomplete"
    title = "This base cannot be put in force"


class SweepBases(Message, frozen=True):
    """Remove the rows of bases that are over, and bases that were never finished."""

    topic: ClassVar[str] = "recommendations.sweep_bases"
    queue: ClassVar[str] = "bulk"


class Base(msgspec.Struct, frozen=True):
    """A base as it stands."""

    id: UUID
    name: str
    state: State
    rows: int
    rejected: int
    created_by: str
    created_at: datetime
    in_force_at: datetime | None
    ended_at: datetime | None


class Put(msgspec.Struct, frozen=True):
    """What became of the rows that were put into a base."""

    taken: int
    rejected: list[RowError]


async def begin(
    s: WriteSession, *, base_id: UUID, name: str, principal: str, now: datetime
) -> Base:
    """A new, empty base. Nobody is offered anything by it yet."""
    return await s.one(
        Base,
        "INSERT INTO app.card_base (tenant_id, id, name, state, created_by, created_at)"  # noqa: S608
        " VALUES (%(tenant_id)s, %(id)s, %(name)s, 'loading', %(by)s, %(now)s)"
        f" RETURNING {_COLUMNS}",
        {"id": base_id, "name": name, "by": principal, "now": now},
    )


async def put_rows(s: WriteSession, *, base_id: UUID, rows: Sequence[Approval]) -> Put:
    """Add rows to a base that is being filled. BaseNotFoundError, BaseStateError."""
    await _loading(s, base_id)
    errors: list[RowError] = []
    known = await members_named(s, rows)
    placed: list[tuple[Approval, UUID]] = []
    for row in rows:
        member_id = known.get((row.named_by, row.name))
        if member_id is None:
            errors.append(unknown(row))
        else:
            placed.append((row, member_id))
    made = await insert(s, base_id, placed)
    if len(made) < len(placed):
        errors += await repeated(s, base_id, [p for p in placed if p[0].line not in made])
    await s.execute(
        "UPDATE app.card_base SET rows = rows + %(rows)s, rejected = rejected + %(rejected)s"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": base_id, "rows": len(made), "rejected": len(errors)},
    )
    return Put(len(made), sorted(errors, key=lambda e: e.line))


async def reject(s: WriteSession, *, base_id: UUID, count: int) -> None:
    """Remember rows that could not even be read."""
    await s.execute(
        "UPDATE app.card_base SET rejected = rejected + %(count)s"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": base_id, "count": count},
    )


async def switch(s: WriteSession, *, base_id: UUID, complete: bool, now: datetime) -> Base:
    """Put a base in force in the place of the one of its name; the base that is in force then.

    `complete`: only if no row was rejected (BaseIncompleteError). One that says what is in force
    already is discarded. Raises BaseNotFoundError, BaseStateError.
    """
    base = await _loading(s, base_id)
    if complete and base.rejected:
        raise BaseIncompleteError(
            f"{base.rejected} rows were rejected; mend them and begin anew, or do without them.",
            field="complete",
            rejected=base.rejected,
        )
    if not base.rows:
        raise BaseIncompleteError(
            "No row was taken in; to offer no card by this base, discard the one in force.",
            field="base",
            rejected=base.rejected,
        )
    # Two that are finished at once: one after the other, and the later one is in force.
    await s.value(
        "SELECT pg_advisory_xact_lock(hashtextextended(%(lock)s, 0))",
        {"lock": f"card_base/{s.tenant_id}/{base.name}"},
    )
    before = await in_force(s, name=base.name)
    if before is not None and await _content(s, before.id) == await _content(s, base_id):
        await _end(s, base_id, "discarded", now)
        return before
    if before is not None:
        await _end(s, before.id, "replaced", now)
    return await s.one(
        Base,
        "UPDATE app.card_base SET state = 'in_force', in_force_at = %(now)s"  # noqa: S608
        f" WHERE tenant_id = %(tenant_id)s AND id = %(id)s RETURNING {_COLUMNS}",
        {"id": base_id, "now": now},
    )


async def discard(s: WriteSession, *, base_id: UUID, now: datetime) -> Base:
    """Give up a base that is being filled, or take the one in force away."""
    base = await _locked(s, base_id)
    if base.state not in ("loading", "in_force"):
        raise BaseStateError(state=base.state)
    return await _end(s, base_id, "discarded", now)


async def one(s: ReadSession, *, base_id: UUID) -> Base:
    """A base; BaseNotFoundError."""
    found = await s.one_or_none(
        Base,
        f"SELECT {_COLUMNS} FROM app.card_base"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": base_id},
    )
    if found is None:
        raise BaseNotFoundError
    return found


async def in_force(s: ReadSession, *, name: str) -> Base | None:
    """What is in force under this name."""
    return await s.one_or_none(
        Base,
        f"SELECT {_COLUMNS} FROM app.card_base"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND name = %(name)s AND state = 'in_force'",
        {"name": name},
    )


async def latest(s: ReadSession, *, limit: int = 50) -> list[Base]:
    """The bases, the latest first."""
    return await s.all(
        Base,
        f"SELECT {_COLUMNS} FROM app.card_base WHERE tenant_id = %(tenant_id)s"  # noqa: S608
        " ORDER BY created_at DESC, id DESC LIMIT %(limit)s",
        {"limit": limit},
    )


class _Offered(msgspec.Struct, frozen=True):
    base_id: UUID
    offered: int


async def offered(s: ReadSession, *, base_ids: Sequence[UUID], today: date) -> dict[UUID, int]:
    """Of how many rows a card may be shown: consented to, and not over."""
    rows = await s.all(
        _Offered,
        "SELECT base_id, count(*) AS offered FROM app.card_preapproval"
        " WHERE tenant_id = %(tenant_id)s AND base_id = ANY (%(ids)s::uuid[])"
        " AND consent AND valid_until >= %(today)s GROUP BY base_id",
        {"ids": list(base_ids), "today": today},
    )
    return {row.base_id: row.offered for row in rows}


async def approved_cards(
    s: ReadSession, *, member_id: UUID, today: date
) -> tuple[ApprovedCard, ...]:
    """What a member may be offered today: of bases in force, consented, not over."""
    found = await s.all(
        ApprovedCard,
        """
        SELECT c.bank, c.variant, c.valid_until, b.in_force_at AS imported_at, c.limit_minor,
               c.currency
          FROM app.card_preapproval c
          JOIN app.card_base b ON b.tenant_id = c.tenant_id AND b.id = c.base_id
         WHERE c.tenant_id = %(tenant_id)s AND c.member_id = %(member)s
           AND b.state = 'in_force' AND c.consent AND c.valid_until >= %(today)s
         ORDER BY c.bank, b.in_force_at DESC, c.variant
        """,
        {"member": member_id, "today": today},
    )
    return tuple(found)


async def _locked(s: WriteSession, base_id: UUID) -> Base:
    found = await s.one_or_none(
        Base,
        f"SELECT {_COLUMNS} FROM app.card_base"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s FOR NO KEY UPDATE",
        {"id": base_id},
    )
    if found is None:
        raise BaseNotFoundError
    return found


async def _loading(s: WriteSession, base_id: UUID) -> Base:
    base = await _locked(s, base_id)
    if base.state != "loading":
        raise BaseStateError(state=base.state)
    return base


async def _end(s: WriteSession, base_id: UUID, state: State, now: datetime) -> Base:
    return await s.one(
        Base,
        "UPDATE app.card_base SET state = %(state)s, ended_at = %(now)s"  # noqa: S608
        f" WHERE tenant_id = %(tenant_id)s AND id = %(id)s RETURNING {_COLUMNS}",
        {"id": base_id, "state": state, "now": now},
    )


async def _content(s: ReadSession, base_id: UUID) -> bytes:
    """What a base says, whatever the order of its rows, row by row in constant memory."""
    digest = hashlib.sha256()
    async for rows in s.chunks(
        "card_base_content",
        "SELECT concat_ws('|', member_id, bank, variant, limit_minor, currency, valid_until,"
        " consent) FROM app.card_preapproval WHERE tenant_id = %(tenant_id)s AND base_id = %(id)s"
        " ORDER BY member_id, bank",
        {"id": base_id},
        size=10_000,
    ):
        for (row,) in rows:
            digest.update(row.encode() + b"\n")
    return digest.digest()


class SweepBasesAway(Effect[SweepBases]):
    """Rows of bases that are over go, in bounded chunks; the record of the base stays."""

    message = SweepBases

    async def apply(self, rt: Any, s: WriteSession, m: SweepBases, now: datetime) -> None:
        await s.execute(
            "UPDATE app.card_base SET state = 'discarded', ended_at = %(now)s"
            " WHERE tenant_id = %(tenant_id)s AND state = 'loading' AND created_at <= %(before)s",
            {"now": now, "before": now - LOADING_MAX},
        )
        removed = await s.execute(
            """
            DELETE FROM app.card_preapproval c USING (
              SELECT d.base_id, d.member_id, d.bank FROM app.card_preapproval d
                JOIN app.card_base b ON b.tenant_id = d.tenant_id AND b.id = d.base_id
               WHERE d.tenant_id = %(tenant_id)s AND b.state IN ('replaced', 'discarded')
               LIMIT %(chunk)s) old
             WHERE c.tenant_id = %(tenant_id)s AND c.base_id = old.base_id
               AND c.member_id = old.member_id AND c.bank = old.bank
            """,
            {"chunk": SWEEP_CHUNK},
        )
        if removed == SWEEP_CHUNK:
            await put(s, SweepBases())


class ApprovalData:
    """Which cards a member is approved for."""

    name = "card_approvals"

    async def export(self, s: ReadSession, *, member_id: UUID) -> Any:
        """Those of bases in force, consented to or not."""
        return await s.all(
            _Exported,
            """
            SELECT c.bank, c.variant, c.limit_minor, c.currency, c.valid_until, c.consent
              FROM app.card_preapproval c
              JOIN app.card_base b ON b.tenant_id = c.tenant_id AND b.id = c.base_id
             WHERE c.tenant_id = %(tenant_id)s AND c.member_id = %(member)s
               AND b.state = 'in_force'
             ORDER BY c.bank, c.variant
            """,
            {"member": member_id},
        )

    async def erase(self, s: WriteSession, *, member_id: UUID, now: datetime) -> None:
        """Nothing of them is left, in whatever base."""
        await s.execute(
            "DELETE FROM app.card_preapproval"
            " WHERE tenant_id = %(tenant_id)s AND member_id = %(member)s",
            {"member": member_id},
        )


class _Exported(msgspec.Struct, frozen=True):
    bank: str
    variant: str
    limit_minor: int | None
    currency: str
    valid_until: date
    consent: bool
