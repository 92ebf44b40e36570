"""Everything that is kept of a member, wherever it stands: handed out, or taken away.

A feature that keeps personal data outside `members` and `identity` is a `PersonalData`; the
composition root installs them all (`guerdon.programme`), so that neither export nor erasure can
run without knowing every one.
"""

import io
import zipfile
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

import msgspec

from guerdon.identity import codes, external, passwords, tokens
from guerdon.kit.paging import PAGE_SIZE_MAX
from guerdon.ledger import queries as ledger
from guerdon.ledger.operations import close_account
from guerdon.ledger.schemas import Movement
from guerdon.members import addresses, consents, normal, operations, queries
from guerdon.plumbing import idempotency
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.plumbing.events import emit


class PersonalData(Protocol):
    """A feature that keeps something of a member."""

    name: str

    async def export(self, s: ReadSession, *, member_id: UUID) -> Any:
        """What is kept, as plain data: it becomes `<name>.json`."""
        ...

    async def erase(self, s: WriteSession, *, member_id: UUID, now: datetime) -> None:
        """Take away whatever identifies the person; ErasureBlockedError while it is needed."""
        ...


_installed: dict[str, PersonalData] | None = None


def install(*features: PersonalData) -> None:
    """Name every feature that keeps personal data; called once, by the composition root."""
    global _installed
    _installed = {feature.name: feature for feature in features}


def installed() -> list[PersonalData]:
    """The features; RuntimeError if the composition root has named none."""
    if _installed is None:
        raise RuntimeError("guerdon.programme has not named who keeps personal data")
    return list(_installed.values())


async def export(s: ReadSession, *, member_id: UUID, now: datetime) -> dict[str, Any]:
    """Everything about a member, by file name."""
    member = await queries.member(s, member_id=member_id)
    files: dict[str, Any] = {
        "profile": member,
        "points": await _points(s, member.account_id),
        "addresses": await addresses.listing(s, member_id=member_id),
        "consents": await consents.history(s, member_id=member_id),
        "sign_in": {
            "password": await passwords.stored_password(s, member_id=member_id) is not None,
            "outside_identities": await external.linked(s, member_id=member_id),
            "apps": await tokens.grants(s, member_id=member_id, now=now),
        },
    }
    for feature in installed():
        files[feature.name] = await feature.export(s, member_id=member_id)
    return {name: msgspec.to_builtins(content, str_keys=True) for name, content in files.items()}


async def _points(s: ReadSession, account_id: UUID) -> list[Movement]:
    found: list[Movement] = []
    cursor = None
    while True:
        page = await ledger.history(s, account_id=account_id, cursor=cursor, limit=PAGE_SIZE_MAX)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found


async def export_zip(s: ReadSession, *, member_id: UUID, now: datetime) -> bytes:
    """`export` as a ZIP of JSON files."""
    files = await export(s, member_id=member_id, now=now)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(f"{name}.json", date_time=now.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, msgspec.json.format(msgspec.json.encode(content), indent=2))
    return packed.getvalue()


async def erase(
    s: WriteSession,
    *,
    member_id: UUID,
    requested_by: Literal["member", "brand"],
    now: datetime,
) -> None:
    """Take away whatever identifies a member; a second time changes nothing.

    The ledger knows the account's id only: the account is closed, its history stays. Sessions and
    tokens end. The tombstone erases the member again after a restore (`repeat_erasures`).
    """
    member = await operations.locked(s, member_id=member_id)
    if member.status == "erased":
        return
    for feature in installed():
        await feature.erase(s, member_id=member_id, now=now)
    await _erase_own(s, member_id, member.email, now)
    await close_account(s, account_id=member.account_id, now=now)
    await s.execute(
        "INSERT INTO app.member_tombstone (tenant_id, member_id, erased_at, requested_by)"
        " VALUES (%(tenant_id)s, %(member_id)s, %(now)s, %(by)s) ON CONFLICT DO NOTHING",
        {"member_id": member_id, "now": now, "by": requested_by},
    )
    await emit(s, kind="member.erased", member_id=member_id, occurred_at=now, data={})


async def repeat_erasures(s: WriteSession, *, erased: list[UUID], now: datetime) -> int:
    """After a restore: erase again who was erased before; how many had come back."""
    back = await s.all(
        UUID,
        "SELECT id FROM app.member WHERE tenant_id = %(tenant_id)s AND id = ANY (%(ids)s)"
        " AND status <> 'erased' ORDER BY id",
        {"ids": erased},
    )
    for member_id in back:
        await erase(s, member_id=member_id, requested_by="member", now=now)
    return len(back)


async def tombstones(s: ReadSession) -> list[UUID]:
    """Who was erased: kept apart from backups and replayed after each restore."""
    return await s.all(
        UUID,
        "SELECT member_id FROM app.member_tombstone WHERE tenant_id = %(tenant_id)s"
        " ORDER BY member_id",
    )


async def _erase_own(s: WriteSession, member_id: UUID, email: str | None, now: datetime) -> None:
    email_norm = normal.email(email)[1] if email else ""
    await codes.forget(s, member_id=member_id, email_norm=email_norm)
    await passwords.forget(s, member_id=member_id)
    await external.forget(s, member_id=member_id)
    await idempotency.forget(s, subject_id=member_id)
    await operations.end_access(s, member_id=member_id, now=now)
    await s.execute(
        "DELETE FROM app.member_address"
        " WHERE tenant_id = %(tenant_id)s AND member_id = %(member_id)s",
        {"member_id": member_id},
    )
    await s.execute(
        """
        UPDATE app.member
           SET status = 'erased', erased_at = %(now)s, updated_at = %(now)s, number = NULL,
               external_id = NULL, email = NULL, email_norm = NULL, email_verified_at = NULL,
               name = NULL, phone = NULL, language = NULL
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s
        """,
        {"id": member_id, "now": now},
    )
