"""The people who work for a brand. They belong to it: nobody is staff of two brands at once."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from email_validator import EmailNotValidError, validate_email

from guerdon.identity import staff_sessions
from guerdon.identity.principals import StaffPrincipal
from guerdon.identity.roles import areas_of, permissions_of, roles_of, roles_with
from guerdon.kit.errors import InvalidError
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.runtime import Runtime


class Staff(msgspec.Struct, frozen=True):
    """One person's account."""

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
    appearance: str
    sessions_from: datetime | None

    def allows(self, proved_at: datetime) -> bool:
        """Whether a session that was proved at that instant is good (still)."""
        return self.sessions_from is None or proved_at >= self.sessions_from

    def principal(self, tenant_id: UUID, session_id: str) -> StaffPrincipal:
        """This person as a caller."""
        among = roles_of(tenant_id)
        return StaffPrincipal(
            tenant_id=tenant_id,
            staff_id=self.id,
            session_id=session_id,
            name=self.name,
            email=self.email_norm,
            language=self.language,
            appearance=self.appearance,
            roles=frozenset(self.roles),
            permissions=permissions_of(self.roles, among),
            areas=areas_of(self.roles, among),
        )


COLUMNS = (
    "id, email_norm, name, status, roles, language, break_glass, created_at, last_sign_in_at,"
    " last_sign_in_method, appearance, sessions_from"
)


async def find(s: ReadSession, staff_id: UUID) -> Staff | None:
    """The account of this id."""
    return await s.one_or_none(
        Staff,
        f"SELECT {COLUMNS} FROM app.staff WHERE tenant_id = %(tenant_id)s AND id = %(id)s",  # noqa: S608
        {"id": staff_id},
    )


async def names(s: ReadSession, ids: set[UUID]) -> dict[UUID, str]:
    """The names of these people, those who left included."""
    rows = await s.all(
        _Named,
        "SELECT id, name FROM app.staff WHERE tenant_id = %(tenant_id)s AND id = ANY(%(ids)s)",
        {"ids": list(ids)},
    )
    return {row.id: row.name for row in rows}


class _Named(msgspec.Struct):
    id: UUID
    name: str


async def names_by_actor(s: ReadSession, actors: Iterable[str | None]) -> dict[str, str]:
    """The names of those of these actors of the trail who are people, by actor."""
    ids = {UUID(one.removeprefix("staff:")) for one in actors if one and one.startswith("staff:")}
    return {f"staff:{one}": name for one, name in (await names(s, ids)).items()}


async def locked(s: WriteSession, staff_id: UUID) -> Staff:
    """The account under its lock; NotFoundError if there is none."""
    return await s.one(
        Staff,
        f"SELECT {COLUMNS} FROM app.staff"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND status <> 'removed' FOR UPDATE",
        {"id": staff_id},
    )


async def by_email(s: ReadSession, email: str) -> Staff | None:
    """The account with this e-mail, if there is one."""
    return await s.one_or_none(
        Staff,
        f"SELECT {COLUMNS} FROM app.staff"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND email_norm = %(email)s",
        {"email": email.strip().casefold()},
    )


def normal_email(text: str, *, field: str = "email") -> str:
    """The form in which e-mails are kept and compared; InvalidError if it is none."""
    try:
        checked = validate_email(text.strip()[:330], check_deliverability=False)
    except EmailNotValidError as error:
        raise InvalidError("This is not an e-mail address.", field=field) from error
    return str(checked.normalized).casefold()


async def end_sessions(rt: Runtime, s: WriteSession, *, staff_id: UUID, now: datetime) -> None:
    """End all of somebody's sessions: those proved before `now` open nothing from the commit on.

    Records go at once, too: should the transaction fail, somebody signs in again.
    """
    await s.execute(
        "UPDATE app.staff SET sessions_from = %(now)s"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": staff_id, "now": now},
    )
    await staff_sessions.revoke_all(rt.valkey, tenant_id=s.tenant_id, staff_id=staff_id)


class _Id(msgspec.Struct, frozen=True):
    id: UUID


async def active_owners(s: ReadSession) -> list[UUID]:
    """Everybody who owns the programme and can sign in."""
    found = await s.all(
        _Id,
        "SELECT id FROM app.staff WHERE tenant_id = %(tenant_id)s AND status = 'active'"
        " AND 'owner' = ANY (roles) ORDER BY id",
    )
    return [one.id for one in found]


async def owner_names(s: ReadSession) -> list[str]:
    """What they are called, in the order of the alphabet."""
    found = await names(s, set(await active_owners(s)))
    return sorted(found.values())


async def count_holders(s: ReadSession, permission: str) -> int:
    """How many active people hold a permission."""
    count: int = await s.value(
        "SELECT count(*) FROM app.staff WHERE tenant_id = %(tenant_id)s AND status = 'active'"
        " AND roles && %(roles)s::text[]",
        {"roles": sorted(roles_with(permission, roles_of(s.tenant_id)))},
    )
    return count


def check_roles(roles: Iterable[str], *, tenant_id: UUID) -> tuple[str, ...]:
    """The roles, sorted; InvalidError if there is none, or one that the house does not have."""
    unique = tuple(sorted(set(roles)))
    if not unique:
        raise InvalidError("Give at least one role.", field="roles")
    among = roles_of(tenant_id)
    for role in unique:
        if role not in among:
            raise InvalidError(f"{role!r} is no role; roles are {', '.join(among)}.", field="roles")
    return unique


async def add(
    s: WriteSession,
    *,
    id: UUID,  # noqa: A002
    email: str,
    name: str,
    roles: Collection[str],
    now: datetime,
    status: str = "active",
    language: str = "en",
    break_glass: bool = False,
) -> None:
    """Add a person; without roles where a first sign-in brings them. Raises InvalidError."""
    await s.execute(
        "INSERT INTO app.staff (tenant_id, id, email_norm, name, status, roles, language,"
        " break_glass, created_at) VALUES (%(tenant_id)s, %(id)s, %(email)s, %(name)s, %(status)s,"
        " %(roles)s, %(language)s, %(break_glass)s, %(now)s)",
        {
            "id": id,
            "email": normal_email(email),
            "name": name,
            "status": status,
            "roles": list(check_roles(roles, tenant_id=s.tenant_id)) if roles else [],
            "language": language,
            "break_glass": break_glass,
            "now": now,
        },
    )
