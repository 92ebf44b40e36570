"""Changing members: joining, changing, blocking."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from msgspec import UNSET, UnsetType

from guerdon.identity import tokens
from guerdon.identity.jobs import EndSessions
from guerdon.kit.errors import InvalidError
from guerdon.kit.ids import uuid7
from guerdon.ledger.opening import open_accounts
from guerdon.members import consents, normal, numbers, queries
from guerdon.members.errors import (
    EmailTakenError,
    ExternalIdTakenError,
    MemberNotActiveError,
    MemberNotFoundError,
)
from guerdon.members.schemas import Member
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing import guards, outbox
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.events import emit

EXTERNAL_ID_LENGTH_MAX = 200
_NUMBER_TRIES = 5


async def join(
    s: WriteSession,
    *,
    id: UUID,  # noqa: A002
    email: str,
    name: str,
    snapshot: Snapshot,
    now: datetime,
    phone: str = "",
    language: str | None = None,
    external_id: str | None = None,
    email_verified: bool = False,
    terms_version: str | None = None,
    consent_choices: Mapping[str, bool] | None = None,
    joined_at: datetime | None = None,
) -> Member:
    """A new member with an empty wallet.

    `terms_version` is recorded when given: a member who joins alone gives it, a brand that adds
    its customers may not. Raises EmailTakenError, ExternalIdTakenError, InvalidError.
    """
    shown, norm = normal.email(email)
    spoken = normal.language(language, snapshot[ProgrammeParameters].languages)
    values = {
        "id": id,
        "email": shown,
        "email_norm": norm,
        "name": normal.name(name),
        "phone": normal.phone(phone),
        "language": spoken,
        "external_id": _external_id(external_id),
        "verified_at": now if email_verified else None,
        "joined_at": joined_at or now,
        "now": now,
    }
    if joined_at is not None and joined_at > now:
        raise InvalidError("Nobody joins in the future.", field="joined_at", reason="future")
    await guards.adding(s, "members")
    account_id = uuid7()
    created = None
    for _ in range(_NUMBER_TRIES):
        created = await s.one_or_none(
            Member,
            f"""
            INSERT INTO app.member
              (tenant_id, id, account_id, number, external_id, email, email_norm,
               email_verified_at, name, phone, language, joined_at, updated_at)
            VALUES (%(tenant_id)s, %(id)s, %(account_id)s, %(number)s, %(external_id)s,
                    %(email)s, %(email_norm)s, %(verified_at)s, %(name)s, %(phone)s,
                    %(language)s, %(joined_at)s, %(now)s)
            ON CONFLICT DO NOTHING
            RETURNING {queries.COLUMNS}
            """,  # noqa: S608
            {**values, "account_id": account_id, "number": numbers.new_number()},
        )
        if created is not None:
            break
        await _refuse_taken(s, norm, values["external_id"])
    if created is None:
        raise InvalidError("This id belongs to another member.", field="id", reason="taken")
    await open_accounts(s, ids=[account_id], now=now)
    # Events carry ids only: what identifies a person stands in the member's row alone.
    await emit(s, kind="member.joined", member_id=id, occurred_at=now, data={})
    if terms_version is not None:
        await consents.accept_terms(
            s, member_id=id, version=terms_version, snapshot=snapshot, language=spoken, now=now
        )
    if consent_choices:
        await consents.choose(
            s,
            member_id=id,
            choices=consent_choices,
            snapshot=snapshot,
            language=spoken,
            now=now,
        )
    return created


async def update(
    s: WriteSession,
    *,
    member_id: UUID,
    snapshot: Snapshot,
    now: datetime,
    name: str | UnsetType = UNSET,
    phone: str | UnsetType = UNSET,
    language: str | UnsetType = UNSET,
    external_id: str | UnsetType | None = UNSET,
) -> Member:
    """Change what is given; an empty phone or external id is taken away."""
    before = await locked(s, member_id=member_id)
    if before.status == "erased":
        raise MemberNotActiveError
    languages = snapshot[ProgrammeParameters].languages
    values = {
        "name": before.name if name is UNSET else normal.name(name),
        "phone": before.phone if phone is UNSET else normal.phone(phone),
        "language": before.language if language is UNSET else normal.language(language, languages),
        "external_id": before.external_id
        if external_id is UNSET
        else _external_id(external_id or None),
    }
    if values["external_id"] is not None and values["external_id"] != before.external_id:
        await _refuse_taken(s, None, values["external_id"])
    await emit(s, kind="member.updated", member_id=member_id, occurred_at=now, data={})
    return await s.one(
        Member,
        f"""
        UPDATE app.member SET name = %(name)s, phone = %(phone)s, language = %(language)s,
               external_id = %(external_id)s, updated_at = %(now)s
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s
        RETURNING {queries.COLUMNS}
        """,  # noqa: S608
        {**values, "id": member_id, "now": now},
    )


async def change_email(
    s: WriteSession, *, member_id: UUID, email: str, verified: bool, now: datetime
) -> Member:
    """Another e-mail; EmailTakenError if it belongs to somebody."""
    shown, norm = normal.email(email)
    before = await locked(s, member_id=member_id)
    if before.status == "erased":
        raise MemberNotActiveError
    owner = await queries.find_by_email(s, email_norm=norm)
    if owner is not None and owner.id != member_id:
        raise EmailTakenError(field="email")
    await emit(s, kind="member.updated", member_id=member_id, occurred_at=now, data={})
    return await s.one(
        Member,
        f"""
        UPDATE app.member SET email = %(email)s, email_norm = %(norm)s,
               email_verified_at = %(verified_at)s, updated_at = %(now)s
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s
        RETURNING {queries.COLUMNS}
        """,  # noqa: S608
        {
            "id": member_id,
            "email": shown,
            "norm": norm,
            "verified_at": now if verified else None,
            "now": now,
        },
    )


async def block(s: WriteSession, *, member_id: UUID, now: datetime) -> Member:
    """Keep a member out: nothing is lost, every session and token ends."""
    member = await _set_status(s, member_id, "blocked", now)
    await end_access(s, member_id=member_id, now=now)
    return member


async def unblock(s: WriteSession, *, member_id: UUID, now: datetime) -> Member:
    """Let a blocked member in again."""
    return await _set_status(s, member_id, "active", now)


async def end_access(
    s: WriteSession, *, member_id: UUID, now: datetime, but_new: bool = False
) -> None:
    """End every session and token of a member, when this transaction commits.

    `but_new`: a session that starts from `now` on stays (who sets a password goes on in it).
    """
    await tokens.end_grants(s, member_id=member_id, now=now)
    await outbox.put(s, EndSessions(member_id=member_id, asked_at=now if but_new else None))


async def locked(s: WriteSession, *, member_id: UUID) -> Member:
    """The member, locked until the transaction ends; MemberNotFoundError if there is none."""
    found = await s.one_or_none(
        Member,
        f"SELECT {queries.COLUMNS} FROM app.member"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s FOR NO KEY UPDATE",
        {"id": member_id},
    )
    if found is None:
        raise MemberNotFoundError
    return found


async def _set_status(s: WriteSession, member_id: UUID, status: str, now: datetime) -> Member:
    before = await locked(s, member_id=member_id)
    if before.status == "erased":
        raise MemberNotActiveError
    return await s.one(
        Member,
        f"UPDATE app.member SET status = %(status)s, updated_at = %(now)s"  # noqa: S608
        f" WHERE tenant_id = %(tenant_id)s AND id = %(id)s RETURNING {queries.COLUMNS}",
        {"id": member_id, "status": status, "now": now},
    )


def _external_id(text: str | None) -> str | None:
    if text is None:
        return None
    return normal.line(text, field="external_id", length_max=EXTERNAL_ID_LENGTH_MAX)


async def _refuse_taken(s: WriteSession, email_norm: str | None, external_id: object) -> None:
    if email_norm is not None and await queries.find_by_email(s, email_norm=email_norm):
        raise EmailTakenError(field="email")
    if isinstance(external_id, str) and await queries.find_by_external_id(
        s, external_id=external_id
    ):
        raise ExternalIdTakenError(field="external_id")
