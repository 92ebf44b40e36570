"""Reading members."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from guerdon.kit.paging import Page, check_page_size, decode_cursor, encode_cursor
from guerdon.members.errors import MemberNotFoundError
from guerdon.members.schemas import Member
from guerdon.plumbing.db import ReadSession

COLUMNS: LiteralString = (
    "id, account_id, status, number, external_id, email, name, phone, language, joined_at,"
    " email_verified_at, erased_at"
)
_SELECT: LiteralString = f"SELECT {COLUMNS} FROM app.member WHERE tenant_id = %(tenant_id)s"  # noqa: S608


async def member(s: ReadSession, *, member_id: UUID) -> Member:
    """The member; MemberNotFoundError if there is none."""
    found = await s.one_or_none(Member, _SELECT + " AND id = %(id)s", {"id": member_id})
    if found is None:
        raise MemberNotFoundError
    return found


async def find_by_email(s: ReadSession, *, email_norm: str) -> Member | None:
    """The member with this e-mail (in the form of `normal.email`), or None."""
    return await s.one_or_none(
        Member, _SELECT + " AND email_norm = %(email_norm)s", {"email_norm": email_norm}
    )


async def find_by_external_id(s: ReadSession, *, external_id: str) -> Member | None:
    """The member with the brand's own id, or None."""
    return await s.one_or_none(
        Member, _SELECT + " AND external_id = %(external_id)s", {"external_id": external_id}
    )


async def find_by_number(s: ReadSession, *, number: str) -> Member | None:
    """The member with this member number, or None."""
    return await s.one_or_none(Member, _SELECT + " AND number = %(number)s", {"number": number})


async def listing(s: ReadSession, *, cursor: str | None = None, limit: int = 25) -> Page[Member]:
    """Members who were not erased, by the day they joined."""
    check_page_size(limit)
    after_at, after_id = decode_cursor(cursor, datetime, UUID) if cursor else (None, None)
    rows = await s.all(
        Member,
        _SELECT
        + """ AND status <> 'erased' AND (%(at)s::timestamptz IS NULL
              OR (joined_at, id) > (%(at)s::timestamptz, %(id)s::uuid))
              ORDER BY joined_at, id LIMIT %(limit)s""",
        {"at": after_at, "id": after_id, "limit": limit + 1},
    )
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    return Page(rows[:limit], encode_cursor(last.joined_at, last.id) if last else None)


class Wallet(msgspec.Struct, frozen=True):
    """A member's names and wallet."""

    id: UUID
    account_id: UUID
    external_id: str | None
    number: str | None


async def wallets(
    s: ReadSession,
    *,
    ids: Sequence[UUID] = (),
    external_ids: Sequence[str] = (),
    numbers: Sequence[str] = (),
) -> list[Wallet]:
    """The wallets of those named, erased members aside."""
    return await s.all(
        Wallet,
        """
        SELECT id, account_id, external_id, number FROM app.member
         WHERE tenant_id = %(tenant_id)s AND status <> 'erased'
           AND (id = ANY (%(ids)s::uuid[]) OR external_id = ANY (%(external_ids)s::text[])
                OR number = ANY (%(numbers)s::text[]))
        """,
        {"ids": list(ids), "external_ids": list(external_ids), "numbers": list(numbers)},
    )


class _Owner(msgspec.Struct):
    account_id: UUID
    id: UUID


async def owners(s: ReadSession, *, account_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Whose wallets these are, by wallet; erased members aside."""
    rows = await s.all(
        _Owner,
        "SELECT account_id, id FROM app.member WHERE tenant_id = %(tenant_id)s"
        " AND account_id = ANY (%(ids)s::uuid[]) AND status <> 'erased'",
        {"ids": list(account_ids)},
    )
    return {row.account_id: row.id for row in rows}


class Counts(msgspec.Struct, frozen=True):
    """How many members there are, and how many joined in a period and in the one before."""

    members: int
    joined: int
    joined_before: int


async def counts(s: ReadSession, *, before: datetime, since: datetime, until: datetime) -> Counts:
    """Members who were not erased; joined in `[since, until)` and in `[before, since)`."""
    return await s.one(
        Counts,
        """
        SELECT count(*) AS members,
               count(*) FILTER (WHERE joined_at >= %(since)s AND joined_at < %(until)s) AS joined,
               count(*) FILTER (WHERE joined_at >= %(before)s AND joined_at < %(since)s)
                 AS joined_before
          FROM app.member WHERE tenant_id = %(tenant_id)s AND status <> 'erased'
        """,
        {"before": before, "since": since, "until": until},
    )
