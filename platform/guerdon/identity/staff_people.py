"""Who works for the brand: inviting, giving roles, suspending, removing.

Owners are made, changed and unmade by owners; a brand always keeps one who can sign in; nobody
changes their own access. `by` is absent for the deployment's operator, whom only the last of
these rules binds.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from guerdon.identity import staff, staff_credentials, staff_links
from guerdon.identity.jobs import SendStaffLetter
from guerdon.identity.principals import StaffPrincipal
from guerdon.identity.roles import roles_of
from guerdon.identity.staff import Staff, check_roles
from guerdon.identity.staff_errors import (
    AlreadyInvitedError,
    LastOwnerError,
    OwnersOnlyError,
    OwnRolesError,
    PersonStateError,
)
from guerdon.kit.errors import InvalidError, NotFoundError
from guerdon.kit.ids import uuid7
from guerdon.plumbing import outbox
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.runtime import Runtime

OWNER = "owner"


class Person(msgspec.Struct, frozen=True):
    """One of the brand's people, as colleagues see them.

    `awaits_connection`: the connection that may open the account at a first sign-in by it.
    """

    id: UUID
    email_norm: str
    name: str
    status: str
    roles: tuple[str, ...]
    language: str
    break_glass: bool
    created_at: datetime
    last_sign_in_at: datetime | None
    last_sign_in_method: str
    password: bool
    totp: bool
    passkeys: int
    invited_until: datetime | None
    sso: bool
    awaits_connection: str | None


class Invitation(msgspec.Struct, frozen=True):
    """Somebody to invite."""

    email: str
    roles: tuple[str, ...]
    name: str = ""
    language: str = "en"
    break_glass: bool = False


class Invited(msgspec.Struct, frozen=True):
    """An account that waits for its person, and the link that was sent."""

    staff_id: UUID
    link_id: UUID


_PEOPLE = """
    SELECT f.id, f.email_norm, f.name, f.status, f.roles, f.language, f.break_glass, f.created_at,
           f.last_sign_in_at, f.last_sign_in_method,
           p.staff_id IS NOT NULL AS password, t.sealed IS NOT NULL AS totp,
           (SELECT count(*) FROM app.staff_passkey k
             WHERE k.tenant_id = f.tenant_id AND k.staff_id = f.id) AS passkeys,
           (SELECT max(l.expires_at) FROM app.staff_link l
             WHERE l.tenant_id = f.tenant_id AND l.staff_id = f.id AND l.purpose = 'invitation'
               AND l.ended_at IS NULL) AS invited_until,
           EXISTS (SELECT FROM app.staff_identity i
                    WHERE i.tenant_id = f.tenant_id AND i.staff_id = f.id) AS sso,
           (SELECT min(c.title) FROM app.staff_connection_invite i
              JOIN app.staff_connection c ON c.tenant_id = i.tenant_id AND c.id = i.connection_id
             WHERE i.tenant_id = f.tenant_id AND i.staff_id = f.id) AS awaits_connection
      FROM app.staff f
      LEFT JOIN app.staff_password p ON p.tenant_id = f.tenant_id AND p.staff_id = f.id
      LEFT JOIN app.staff_totp t ON t.tenant_id = f.tenant_id AND t.staff_id = f.id
     WHERE f.tenant_id = %(tenant_id)s AND f.status <> 'removed'
"""


async def listing(s: ReadSession) -> list[Person]:
    """Everybody who works for the brand, by name."""
    return await s.all(Person, _PEOPLE + " ORDER BY lower(f.name), f.id")


async def person(s: ReadSession, *, staff_id: UUID) -> Person:
    """One of them; NotFoundError."""
    return await s.one(Person, _PEOPLE + " AND f.id = %(id)s", {"id": staff_id})


async def invite(
    s: WriteSession,
    *,
    people: Sequence[Invitation],
    by: StaffPrincipal | None,
    actor: str,
    now: datetime,
) -> list[Invited]:
    """Accounts for these people, each with a link by mail. All of them, or none."""
    made = []
    for i, one in enumerate(people):
        email = staff.normal_email(one.email, field=f"/people/{i}/email")
        roles = _roles(s, one.roles, field=f"/people/{i}/roles")
        _owners_only(by, (), roles, one.break_glass)
        there = await staff.by_email(s, email)
        if there is not None:
            raise AlreadyInvitedError(
                f"{email} belongs to somebody here already ({there.status}).",
                field=f"/people/{i}/email",
                email=email,
                state=there.status,
            )
        staff_id = uuid7()
        await staff.add(
            s,
            id=staff_id,
            email=email,
            name=name_of(one.name, email, field=f"/people/{i}/name"),
            roles=roles,
            now=now,
            status="invited",
            language=one.language,
            break_glass=one.break_glass,
        )
        made.append(Invited(staff_id, await _send_link(s, staff_id, actor, now)))
    return made


async def resend(
    s: WriteSession, *, staff_id: UUID, by: StaffPrincipal | None, actor: str, now: datetime
) -> Staff:
    """A new link in place of the one that was sent."""
    who = await staff.locked(s, staff_id)
    _owners_only(by, who.roles, who.roles, who.break_glass)
    if who.status != "invited":
        raise PersonStateError("Only a pending invitation can be sent again.", state=who.status)
    await _send_link(s, staff_id, actor, now)
    return who


async def set_roles(
    rt: Runtime,
    s: WriteSession,
    *,
    staff_id: UUID,
    roles: Iterable[str],
    by: StaffPrincipal | None,
    now: datetime,
) -> tuple[str, ...]:
    """Give somebody exactly these roles; the ones they had. They sign in again to use them."""
    wanted = _roles(s, roles, field="/roles")
    who = await _locked_with_owners(s, staff_id)
    _not_oneself(by, who)
    _owners_only(by, who.roles, wanted, who.break_glass)
    if wanted == who.roles:
        return who.roles
    if OWNER not in wanted:
        await _keep_an_owner(s, who)
    await s.execute(
        "UPDATE app.staff SET roles = %(roles)s WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": staff_id, "roles": list(wanted)},
    )
    if who.status == "active":
        await staff.end_sessions(rt, s, staff_id=staff_id, now=now)
        await outbox.put(s, SendStaffLetter(kind="access_changed", staff_id=staff_id, what="roles"))
    return who.roles


async def suspend(
    rt: Runtime, s: WriteSession, *, staff_id: UUID, by: StaffPrincipal | None, now: datetime
) -> Staff:
    """Shut somebody out at once: sessions, links, ways in. It can be undone."""
    who = await _locked_with_owners(s, staff_id)
    _not_oneself(by, who)
    _owners_only(by, who.roles, who.roles, who.break_glass)
    if who.status != "active":
        raise PersonStateError("Only an active person can be suspended.", state=who.status)
    await _keep_an_owner(s, who)
    await _set_status(s, staff_id, "suspended")
    await staff_links.end(s, staff_id=staff_id, now=now)
    await staff.end_sessions(rt, s, staff_id=staff_id, now=now)
    return who


async def restore(s: WriteSession, *, staff_id: UUID, by: StaffPrincipal | None) -> Staff:
    """Let a suspended person in again, with the roles they had."""
    who = await staff.locked(s, staff_id)
    _not_oneself(by, who)
    _owners_only(by, who.roles, who.roles, who.break_glass)
    if who.status != "suspended":
        raise PersonStateError("This person is not suspended.", state=who.status)
    await _set_status(s, staff_id, "active")
    return who


async def remove(
    rt: Runtime, s: WriteSession, *, staff_id: UUID, by: StaffPrincipal | None, now: datetime
) -> Staff:
    """Take somebody off the brand for good, or their invitation back.

    Their name stays, so that the history reads; their e-mail and every way in go.
    """
    who = await _locked_with_owners(s, staff_id)
    _not_oneself(by, who)
    _owners_only(by, who.roles, who.roles, who.break_glass)
    await _keep_an_owner(s, who)
    await staff_links.end(s, staff_id=staff_id, now=now)
    await staff_credentials.forget_all(s, staff_id=staff_id)
    await staff.end_sessions(rt, s, staff_id=staff_id, now=now)
    await s.execute(
        "UPDATE app.staff SET status = 'removed', email_norm = %(gone)s"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": staff_id, "gone": f"removed-{staff_id}"},
    )
    return who


async def reset_access(
    rt: Runtime,
    s: WriteSession,
    *,
    staff_id: UUID,
    by: StaffPrincipal | None,
    actor: str,
    now: datetime,
) -> Invited:
    """For somebody who lost everything: every way in goes, and a new invitation is sent."""
    who = await _locked_with_owners(s, staff_id)
    _not_oneself(by, who)
    _owners_only(by, who.roles, who.roles, who.break_glass)
    if who.status == "suspended":
        raise PersonStateError("Restore this person first.", state=who.status)
    if by is not None:
        await _keep_an_owner(s, who)
    await staff_credentials.forget_all(s, staff_id=staff_id)
    await staff_links.end(s, staff_id=staff_id, now=now)
    await staff.end_sessions(rt, s, staff_id=staff_id, now=now)
    await _set_status(s, staff_id, "invited")
    return Invited(staff_id, await _send_link(s, staff_id, actor, now))


async def may_touch(s: WriteSession, *, staff_id: UUID, by: StaffPrincipal | None) -> Staff:
    """Somebody whose sessions `by` may end: an owner's are ended by owners."""
    who = await staff.locked(s, staff_id)
    _owners_only(by, who.roles, who.roles, who.break_glass)
    return who


async def set_break_glass(
    s: WriteSession, *, staff_id: UUID, flag: bool, by: StaffPrincipal | None
) -> Staff:
    """Make this the account that gets in when single sign-on does not, or take that back."""
    who = await staff.locked(s, staff_id)
    _owners_only(by, who.roles, who.roles, privileged=True)
    ways = await staff_credentials.ways(s, staff_id=staff_id)
    if flag and who.status == "active" and not ways.any:
        raise PersonStateError(
            "An emergency account needs a way in of its own first: a passkey, or a password with"
            " an authenticator app.",
            state="no_way_in",
        )
    await s.execute(
        "UPDATE app.staff SET break_glass = %(flag)s"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": staff_id, "flag": flag},
    )
    return who


async def _send_link(s: WriteSession, staff_id: UUID, actor: str, now: datetime) -> UUID:
    link_id = await staff_links.create(
        s, staff_id=staff_id, purpose=staff_links.INVITATION, created_by=actor, now=now
    )
    await outbox.put(s, SendStaffLetter(kind="invitation", staff_id=staff_id, link_id=link_id))
    return link_id


async def _locked_with_owners(s: WriteSession, staff_id: UUID) -> Staff:
    """The account, with every owner locked in one order: two owners cannot unmake each other."""
    rows = await s.all(
        Staff,
        f"SELECT {staff.COLUMNS} FROM app.staff"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND status <> 'removed'"
        "   AND (id = %(id)s OR 'owner' = ANY (roles)) ORDER BY id FOR UPDATE",
        {"id": staff_id},
    )
    for row in rows:
        if row.id == staff_id:
            return row
    raise NotFoundError


async def _keep_an_owner(s: ReadSession, leaving: Staff) -> None:
    if OWNER not in leaving.roles or leaving.status != "active":
        return
    if not [one for one in await staff.active_owners(s) if one != leaving.id]:
        raise LastOwnerError("Make somebody else an owner first.")


def _not_oneself(by: StaffPrincipal | None, who: Staff) -> None:
    if by is not None and by.staff_id == who.id:
        raise OwnRolesError


def _owners_only(
    by: StaffPrincipal | None, before: Iterable[str], after: Iterable[str], privileged: bool
) -> None:
    touches_owner = OWNER in (*before, *after) or privileged
    if by is not None and touches_owner and OWNER not in by.roles:
        raise OwnersOnlyError


def _roles(s: ReadSession, roles: Iterable[str], *, field: str) -> tuple[str, ...]:
    try:
        return check_roles(roles, tenant_id=s.tenant_id)
    except InvalidError as error:
        known = ", ".join(roles_of(s.tenant_id))
        raise InvalidError(error.detail, field=field, roles=known) from error


def name_of(text: str, email: str, *, field: str) -> str:
    """The name as it is shown; from the e-mail where there is none."""
    name = " ".join(text.split())
    if len(name) > 120 or not name.isprintable():
        raise InvalidError("A name is one line of at most 120 characters.", field=field)
    return name or email.partition("@")[0][:120]


async def _set_status(s: WriteSession, staff_id: UUID, status: str) -> None:
    await s.execute(
        "UPDATE app.staff SET status = %(status)s WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": staff_id, "status": status},
    )
