"""Accounts that wait for their person's first sign-in by a connection, and have no other way in.

Nothing is set up by a link: the provider's word for the e-mail opens the account, and the groups
it tells of give the roles. So the e-mail's domain has to be proved, and the connection be open.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from guerdon.identity import houses, staff, staff_people
from guerdon.identity.jobs import SendStaffLetter
from guerdon.identity.principals import StaffPrincipal
from guerdon.identity.sso import accounts, domains, queries
from guerdon.identity.sso.errors import ConnectionStateError, DomainUnprovedError
from guerdon.identity.sso.schemas import Connection
from guerdon.identity.staff import Staff
from guerdon.identity.staff_errors import AlreadyInvitedError
from guerdon.identity.staff_people import Invitation
from guerdon.kit.errors import InvalidError
from guerdon.kit.ids import uuid7
from guerdon.plumbing import outbox
from guerdon.plumbing.db import ReadSession, WriteSession


async def invite(
    s: WriteSession,
    *,
    connection_id: UUID,
    people: Sequence[Invitation],
    by: StaffPrincipal,
    now: datetime,
) -> list[UUID]:
    """Accounts for these people, each told by mail where to sign in. All of them, or none.

    Raises ConnectionStateError, DomainUnprovedError, AlreadyInvitedError, InvalidError (at a house
    where a provider's word is not enough, for everybody).
    """
    if houses.asks_second_factor(s.tenant_id):
        raise InvalidError(
            "Staff of the platform need a second factor of their own. Invite them by a link, then"
            " let the company sign-in open their account, on its own page.",
            field="connectionId",
        )
    connection = await queries.connection(s, connection_id=connection_id)
    if not connection.open:
        raise ConnectionStateError(
            "Nobody signs in by this connection yet. Enable it, then invite people to it.",
            field="connectionId",
        )
    proved = await domains.proved(s)
    made = []
    for i, one in enumerate(people):
        email = staff.normal_email(one.email, field=f"/people/{i}/email")
        _require_plain(one, at=f"/people/{i}")
        _require_proved(email, proved, field=f"/people/{i}/email")
        there = await staff.by_email(s, email)
        if there is not None:
            raise AlreadyInvitedError(
                f"{email} belongs to somebody here already ({there.status}). Let the company "
                "sign-in open that account, on its own page.",
                field=f"/people/{i}/email",
                email=email,
                state=there.status,
            )
        staff_id = uuid7()
        await staff.add(
            s,
            id=staff_id,
            email=email,
            name=staff_people.name_of(one.name, email, field=f"/people/{i}/name"),
            roles=(),
            now=now,
            status="invited",
            language=one.language,
        )
        await accounts.invite(
            s, connection_id=connection_id, staff_id=staff_id, invited_by=by.staff_id, now=now
        )
        await _write(s, staff_id, connection)
        made.append(staff_id)
    return made


async def resend(
    s: WriteSession, *, staff_id: UUID, by: StaffPrincipal, actor: str, now: datetime
) -> Staff:
    """The letter again; for an account that is set up by a link, a new link."""
    who = await staff.locked(s, staff_id)
    connection = await _only_by(s, staff_id) if who.status == "invited" else None
    if connection is None:
        return await staff_people.resend(s, staff_id=staff_id, by=by, actor=actor, now=now)
    await _write(s, staff_id, connection)
    return who


async def _only_by(s: ReadSession, staff_id: UUID) -> Connection | None:
    """The connection that an account waits for; None if it was ever sent a link."""
    found = await s.one_or_none(
        UUID,
        "SELECT i.connection_id FROM app.staff_connection_invite i"
        " WHERE i.tenant_id = %(tenant_id)s AND i.staff_id = %(id)s AND NOT EXISTS ("
        "   SELECT FROM app.staff_link l WHERE l.tenant_id = i.tenant_id"
        "      AND l.staff_id = i.staff_id) ORDER BY i.invited_at DESC LIMIT 1",
        {"id": staff_id},
    )
    return None if found is None else await queries.connection(s, connection_id=found)


async def _write(s: WriteSession, staff_id: UUID, connection: Connection) -> None:
    letter = SendStaffLetter(kind="sso_invitation", staff_id=staff_id, what=connection.title)
    await outbox.put(s, letter)


def _require_plain(one: Invitation, *, at: str) -> None:
    if one.roles:
        raise InvalidError(
            "Roles come from the groups that the company sign-in tells of. Leave them out here.",
            field=f"{at}/roles",
        )
    if one.break_glass:
        raise InvalidError(
            "An emergency account needs a way in of its own. Invite it by a link.",
            field=f"{at}/breakGlass",
        )


def _require_proved(email: str, proved: frozenset[str], *, field: str) -> None:
    domain = email.rpartition("@")[2]
    if domain not in proved:
        raise DomainUnprovedError(
            f"The company sign-in's word for {email} does not count, since {domain} is not proved. "
            "Prove it under Single sign-on first.",
            field=field,
            reason="unproved",
        )
