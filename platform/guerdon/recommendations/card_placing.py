"""Rows of a base find the members whom they are about."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from guerdon.members.import_rows import RowError, printable
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.recommendations.card_rows import Approval


class _Named(msgspec.Struct, frozen=True):
    id: UUID
    external_id: str | None
    number: str | None
    email_norm: str | None


async def members_named(s: ReadSession, rows: Sequence[Approval]) -> dict[tuple[str, str], UUID]:
    """Whose the rows are, by column and name; who is not here has no entry."""
    found = await s.all(
        _Named,
        """
        SELECT id, external_id, number, email_norm FROM app.member
         WHERE tenant_id = %(tenant_id)s AND status <> 'erased'
           AND (external_id = ANY (%(externals)s) OR number = ANY (%(numbers)s)
                OR email_norm = ANY (%(emails)s))
        """,
        {
            "externals": [row.external_id for row in rows if row.external_id],
            "numbers": [row.number for row in rows if row.number],
            "emails": [row.email_norm for row in rows if row.email_norm],
        },
    )
    named: dict[tuple[str, str], UUID] = {}
    for one in found:
        for column in ("external_id", "number", "email_norm"):
            named[column, getattr(one, column) or ""] = one.id
    return named


def unknown(row: Approval) -> RowError:
    """That nobody is called as the row says."""
    column = "email" if row.named_by == "email_norm" else row.named_by
    return RowError(
        row.line, column, "unknown_member", "There is no such member here.", printable(row.name)
    )


async def insert(
    s: WriteSession, base_id: UUID, placed: Sequence[tuple[Approval, UUID]]
) -> set[int]:
    """The lines that were added; the others say of somebody what was said before."""
    made = await s.all(
        int,
        """
        INSERT INTO app.card_preapproval
          (tenant_id, base_id, member_id, bank, variant, limit_minor, currency, valid_until,
           consent, line)
        SELECT %(tenant_id)s, %(base)s, u.member_id, u.bank, u.variant, u.limit_minor, u.currency,
               u.valid_until, u.consent, u.line
          FROM unnest(%(members)s::uuid[], %(banks)s::text[], %(variants)s::text[],
                      %(limits)s::bigint[], %(currencies)s::text[], %(days)s::date[],
                      %(consents)s::boolean[], %(lines)s::integer[])
            AS u(member_id, bank, variant, limit_minor, currency, valid_until, consent, line)
         ORDER BY u.line
        ON CONFLICT DO NOTHING
        RETURNING line
        """,
        {
            "base": base_id,
            "members": [member_id for _, member_id in placed],
            "banks": [row.bank for row, _ in placed],
            "variants": [row.variant for row, _ in placed],
            "limits": [row.limit_minor for row, _ in placed],
            "currencies": [row.currency for row, _ in placed],
            "days": [row.valid_until for row, _ in placed],
            "consents": [row.consent for row, _ in placed],
            "lines": [row.line for row, _ in placed],
        },
    )
    return set(made)


class _First(msgspec.Struct, frozen=True):
    member_id: UUID
    bank: str
    line: int


async def repeated(
    s: ReadSession, base_id: UUID, rows: Sequence[tuple[Approval, UUID]]
) -> list[RowError]:
    """That rows say of somebody what was said before, each with the line where it was."""
    found = await s.all(
        _First,
        "SELECT member_id, bank, line FROM app.card_preapproval WHERE tenant_id = %(tenant_id)s"
        " AND base_id = %(base)s AND member_id = ANY (%(members)s)",
        {"base": base_id, "members": [member_id for _, member_id in rows]},
    )
    first = {(one.member_id, one.bank): one.line for one in found}
    return [
        RowError(
            row.line,
            "bank",
            "duplicate",
            f"The same member and bank as in line {first[member_id, row.bank]}.",
            printable(row.name),
        )
        for row, member_id in rows
    ]
