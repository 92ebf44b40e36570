"""An outside identity that waits for its member, and the visitor it belongs to."""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from guerdon.identity import external
from guerdon.identity.keyring import digest
from guerdon.kit.ids import secret_token
from guerdon.members import queries
from guerdon.members.schemas import Member
from guerdon.plumbing.cache import key, reach
from guerdon.plumbing.db import WriteSession
from guerdon.runtime import Runtime

_TICKET_LIFETIME_S: Final = 900


class Visitor(msgspec.Struct, frozen=True):
    """Where a try comes from. `known` names the browser if the account signed in there before."""

    browser_id: str
    address: str
    known: str | None = None


class Pending(msgspec.Struct, frozen=True):
    """An outside identity that waits for its member."""

    connection: str
    issuer: str
    subject: str
    browser: str
    email: str | None
    name: str | None


async def keep(rt: Runtime, tenant_id: UUID, pending: Pending) -> str:
    """A ticket for `pending`, good for a quarter of an hour in the browser it belongs to."""
    ticket = secret_token(32)
    await reach(
        rt.valkey.set(
            key(tenant_id, "link", digest(ticket)),
            msgspec.json.encode(pending),
            ex=_TICKET_LIFETIME_S,
        )
    )
    return ticket


async def behind(
    rt: Runtime, tenant_id: UUID, ticket: str | None, visitor: Visitor
) -> Pending | None:
    """What a ticket stands for; a wrong code does not use it up."""
    if not ticket:
        return None
    raw = await reach(rt.valkey.get(key(tenant_id, "link", digest(ticket))))
    if raw is None:
        return None
    pending = msgspec.json.decode(raw, type=Pending)
    return pending if pending.browser == digest(visitor.browser_id) else None


async def link(s: WriteSession, member_id: UUID, pending: Pending | None, now: datetime) -> None:
    """Link the outside identity that waits, if there is one."""
    if pending is not None:
        await external.link(
            s,
            member_id=member_id,
            connection=pending.connection,
            issuer=pending.issuer,
            subject=pending.subject,
            now=now,
        )


async def active(s: WriteSession, member_id: UUID) -> Member | None:
    """The member if they are active."""
    member = await queries.member(s, member_id=member_id)
    return member if member.active else None
