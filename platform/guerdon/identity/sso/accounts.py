"""Which account an arriving person has here, and which roles their groups give it.

Only (connection, issuer, subject) finds an account. An e-mail never takes one over, unless the
account was invited by this e-mail on this connection and the brand has proved the domain.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec

from guerdon.audit import operations as audit
from guerdon.identity import houses, staff
from guerdon.identity.refusals import Reason
from guerdon.identity.sso.schemas import Connection, Person, Settings
from guerdon.identity.staff import Staff
from guerdon.identity.staff_sign_in import Caller
from guerdon.kit.ids import uuid7
from guerdon.plumbing.db import ReadSession, WriteSession


class Refusal(msgspec.Struct, frozen=True):
    """Why somebody does not come in. `staff_id`: whose sessions end by it."""

    reason: Reason
    detail: str
    staff_id: UUID | None = None


async def account_of(
    s: WriteSession,
    *,
    connection: Connection,
    settings: Settings,
    person: Person,
    proved: Collection[str],
    caller: Caller,
    now: datetime,
) -> Staff | Refusal:
    """The person's account with the roles of their groups; made at the first arrival.

    A refusal may have taken roles away, so it is returned, not raised: what was written stays.
    """
    trail = _Trail(s, connection, caller, now)
    found: Staff | Refusal | None = await _linked(s, connection, person)
    if found is None:
        if not person.roles:
            return _no_role(person, None)
        found = await _first_time(s, connection, settings, person, proved, trail)
    if isinstance(found, Refusal):
        return found
    if found.status == "invited":
        # Their own ways in were reset; this one is the company's.
        found = await _activate(s, found)
    if found.status != "active":
        return Refusal("suspended", "This account was suspended or removed. Ask an owner.")
    await _seen(s, connection, person, now)
    await _set_roles(s, found, person, trail)
    if not person.roles:
        return _no_role(person, found.id)
    return msgspec.structs.replace(found, roles=tuple(sorted(person.roles)))


async def invite(
    s: WriteSession, *, connection_id: UUID, staff_id: UUID, invited_by: UUID, now: datetime
) -> str:
    """Let the provider's word for an account's e-mail open this account, once; the e-mail."""
    email: str = await s.one(
        str,
        "SELECT email_norm FROM app.staff"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND status IN ('invited', 'active')"
        " AND NOT break_glass",
        {"id": staff_id},
    )
    await s.execute(
        "INSERT INTO app.staff_connection_invite"
        " (tenant_id, connection_id, email_norm, staff_id, invited_by, invited_at)"
        " VALUES (%(tenant_id)s, %(connection)s, %(email)s, %(staff)s, %(by)s, %(now)s)"
        " ON CONFLICT (tenant_id, connection_id, email_norm) DO UPDATE"
        " SET staff_id = excluded.staff_id, invited_by = excluded.invited_by,"
        "     invited_at = excluded.invited_at",
        {
            "connection": connection_id,
            "email": email,
            "staff": staff_id,
            "by": invited_by,
            "now": now,
        },
    )
    return email


async def holders(s: ReadSession, *, connection_id: UUID, subject: str) -> list[UUID]:
    """The accounts behind a provider's subject."""
    return await s.all(
        UUID,
        "SELECT staff_id FROM app.staff_identity WHERE tenant_id = %(tenant_id)s"
        " AND connection_id = %(connection)s AND subject = %(subject)s",
        {"connection": connection_id, "subject": subject},
    )


async def linked_to(s: ReadSession, *, connection_id: UUID) -> list[UUID]:
    """Everybody who comes in by a connection."""
    return await s.all(
        UUID,
        "SELECT DISTINCT staff_id FROM app.staff_identity WHERE tenant_id = %(tenant_id)s"
        " AND connection_id = %(connection)s",
        {"connection": connection_id},
    )


class _Trail:
    """Tells the audit trail what an arrival changed."""

    def __init__(
        self, s: WriteSession, connection: Connection, caller: Caller, now: datetime
    ) -> None:
        self._s = s
        self._connection = connection
        self._caller = caller
        self.now = now

    async def tell(self, action: str, staff_id: UUID, **summary: object) -> None:
        await audit.record(
            self._s,
            actor=f"staff:{staff_id}",
            action=action,
            subject=f"staff:{staff_id}",
            summary={"connection": str(self._connection.id), **summary},
            now=self.now,
            address=self._caller.address,
            request_id=self._caller.request_id,
        )


def _no_role(person: Person, staff_id: UUID | None) -> Refusal:
    said = ", ".join(person.groups[:10]) or "none"
    return Refusal(
        "no_role",
        f"None of your groups gives access to this console (groups sent: {said}). Ask an owner to "
        "map one of them to a role, or your directory's administrator to add you to one.",
        staff_id,
    )


async def _linked(s: WriteSession, connection: Connection, person: Person) -> Staff | None:
    found = await s.one_or_none(
        UUID,
        "SELECT staff_id FROM app.staff_identity WHERE tenant_id = %(tenant_id)s"
        " AND connection_id = %(connection)s AND issuer = %(issuer)s AND subject = %(subject)s",
        {"connection": connection.id, "issuer": person.issuer, "subject": person.subject},
    )
    return None if found is None else await staff.find(s, found)


async def _first_time(
    s: WriteSession,
    connection: Connection,
    settings: Settings,
    person: Person,
    proved: Collection[str],
    trail: _Trail,
) -> Staff | Refusal:
    if not person.email:
        return Refusal(
            "no_email",
            "The provider vouches for no e-mail address. Let it send email_verified, or prove the "
            "e-mail domain under Connections.",
        )
    if person.email.rpartition("@")[2] in proved:
        invited = await s.one_or_none(
            UUID,
            "DELETE FROM app.staff_connection_invite WHERE tenant_id = %(tenant_id)s"
            " AND connection_id = %(connection)s AND email_norm = %(email)s RETURNING staff_id",
            {"connection": connection.id, "email": person.email},
        )
        found = None if invited is None else await staff.find(s, invited)
        if found is not None and found.status in {"invited", "active"} and not found.break_glass:
            found = await _activate(s, found)
            await _link(s, connection, person, found.id, trail.now)
            await trail.tell("staff.linked", found.id, issuer=person.issuer, email=person.email)
            return found
    taken = await s.value(
        "SELECT id FROM app.staff WHERE tenant_id = %(tenant_id)s AND email_norm = %(email)s",
        {"email": person.email},
    )
    if taken is not None:
        return Refusal(
            "email_taken",
            "An account with this e-mail exists and was not invited by this connection. An owner "
            "can do so under Connections.",
        )
    if not settings.create_accounts or houses.asks_second_factor(s.tenant_id):
        return Refusal("not_invited", "This connection makes no accounts. Ask an owner for one.")
    made = uuid7()
    await staff.add(
        s, id=made, email=person.email, name=person.name, roles=person.roles, now=trail.now
    )
    await _link(s, connection, person, made, trail.now)
    await trail.tell(
        "staff.joined", made, email=person.email, roles=sorted(person.roles), by="sign-in"
    )
    return await s.one(
        Staff,
        f"SELECT {staff.COLUMNS} FROM app.staff"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": made},
    )


async def _activate(s: WriteSession, found: Staff) -> Staff:
    await s.execute(
        "UPDATE app.staff SET status = 'active' WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": found.id},
    )
    return msgspec.structs.replace(found, status="active")


async def _link(
    s: WriteSession, connection: Connection, person: Person, staff_id: UUID, now: datetime
) -> None:
    await s.execute(
        "INSERT INTO app.staff_identity"
        " (tenant_id, connection_id, issuer, subject, staff_id, email, groups, linked_at, seen_at)"
        " VALUES (%(tenant_id)s, %(connection)s, %(issuer)s, %(subject)s, %(staff)s, %(email)s,"
        " %(groups)s, %(now)s, %(now)s)",
        {
            "connection": connection.id,
            "issuer": person.issuer,
            "subject": person.subject,
            "staff": staff_id,
            "email": person.email,
            "groups": list(person.groups),
            "now": now,
        },
    )


async def _seen(s: WriteSession, connection: Connection, person: Person, now: datetime) -> None:
    await s.execute(
        "UPDATE app.staff_identity SET email = %(email)s, groups = %(groups)s, seen_at = %(now)s"
        " WHERE tenant_id = %(tenant_id)s AND connection_id = %(connection)s"
        " AND issuer = %(issuer)s AND subject = %(subject)s",
        {
            "connection": connection.id,
            "issuer": person.issuer,
            "subject": person.subject,
            "email": person.email,
            "groups": list(person.groups),
            "now": now,
        },
    )


async def _set_roles(s: WriteSession, found: Staff, person: Person, trail: _Trail) -> None:
    if set(found.roles) == person.roles:
        return
    roles = sorted(person.roles)
    await s.execute(
        "UPDATE app.staff SET roles = %(roles)s WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": found.id, "roles": roles},
    )
    await trail.tell(
        "staff.roles",
        found.id,
        before=sorted(found.roles),
        after=roles,
        groups=list(person.groups[:50]),
    )
