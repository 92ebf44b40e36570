"""Who works for the brand: inviting, roles, suspending, removing."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, patch, post
from litestar.params import JSONBody
from msgspec import Meta

from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.identity import staff as accounts
from guerdon.identity import staff_people, staff_sessions
from guerdon.identity.policy import staff
from guerdon.identity.roles import AREAS, PERMISSIONS, PLATFORM_PERMISSIONS, roles_of
from guerdon.identity.sso import inviting
from guerdon.identity.staff_people import Invitation
from guerdon.plans.quotas import require_seats
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import PathId
from guerdon.wire.values import In, Out

TAGS = ["People"]
READ = {"policy": staff("people:read")}
MANAGE = {"policy": staff("people:manage", fresh=True)}
SHUT_OUT = {"policy": staff("people:manage", fresh=True, terms=False)}

RoleKey = Annotated[str, Meta(min_length=1, max_length=40)]


class Colleague(Out, frozen=True):
    """One of the brand's people. `state`: invited, active or suspended.

    `signsInWith`: password, totp, passkey, sso, as far as there are. `awaitsConnection`: the
    connection that opens the account at the person's first sign-in by it.
    """

    id: UUID
    email: str
    name: str
    state: str
    roles: list[str]
    break_glass: bool
    created_at: datetime
    last_sign_in_at: datetime | None
    last_sign_in_method: str
    signs_in_with: list[str]
    invited_until: datetime | None
    awaits_connection: str | None
    own: bool

    @classmethod
    def of(cls, one: staff_people.Person, viewer: UUID) -> "Colleague":
        """As the domain has it."""
        ways = [
            way
            for way, there in (
                ("password", one.password),
                ("totp", one.totp),
                ("passkey", one.passkeys > 0),
                ("sso", one.sso),
            )
            if there
        ]
        return cls(
            id=one.id,
            email=one.email_norm,
            name=one.name,
            state=one.status,
            roles=list(one.roles),
            break_glass=one.break_glass,
            created_at=one.created_at,
            last_sign_in_at=one.last_sign_in_at,
            last_sign_in_method=one.last_sign_in_method,
            signs_in_with=ways,
            invited_until=one.invited_until,
            awaits_connection=one.awaits_connection,
            own=one.id == viewer,
        )


class Role(Out, frozen=True):
    """A role: what it may do, and where it may propose changes."""

    key: str
    title: str
    permissions: list[str]
    areas: list[str]


class Roles(Out, frozen=True):
    """The table of roles. `permissions` has the words for each permission."""

    roles: list[Role]
    permissions: dict[str, str]
    areas: list[str]


class People(Out, frozen=True):
    """Everybody who works for the brand, by name."""

    items: list[Colleague]


class InvitationIn(In, frozen=True):
    """Somebody to invite. `roles`: one at least, unless a connection brings them."""

    email: Annotated[str, Meta(min_length=3, max_length=330)]
    roles: Annotated[tuple[RoleKey, ...], Meta(max_length=20)] = ()
    name: Annotated[str, Meta(max_length=120)] = ""
    language: Annotated[str, Meta(pattern="^(en|pt-BR|es)$")] = "en"
    break_glass: bool = False


class InviteIn(In, frozen=True):
    """One or many, all of them or none.

    With `connectionId` they sign in by this connection only: no link is sent with which to set up
    a passkey or a password, and their roles are those of their groups at each sign-in.
    """

    people: Annotated[tuple[InvitationIn, ...], Meta(min_length=1, max_length=50)]
    connection_id: UUID | None = None


class RolesIn(In, frozen=True):
    """Exactly these roles."""

    roles: Annotated[tuple[RoleKey, ...], Meta(min_length=1, max_length=20)]


class BreakGlassIn(In, frozen=True):
    """Whether this account gets in when single sign-on does not."""

    break_glass: bool


@get("/{brand:str}/people", operation_id="listPeople", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def listing(request: AdminRequest) -> Response[People]:
    """List who works for the brand, pending invitations included."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await staff_people.listing(s)
    return answer(People([Colleague.of(one, request.staff.staff_id) for one in found]))


@get("/{brand:str}/people/roles", operation_id="listRoles", operation_class=Read,
     opt={"policy": staff(None)}, tags=TAGS)  # fmt: skip
async def roles(request: AdminRequest) -> Response[Roles]:
    """Which role may do what."""
    among = roles_of(request.tenant.id)
    held = {one for role in among.values() for one in role.permissions}
    words = PERMISSIONS | PLATFORM_PERMISSIONS
    return answer(
        Roles(
            roles=[
                Role(key, role.title, sorted(role.permissions), sorted(role.areas))
                for key, role in among.items()
            ],
            permissions={key: text for key, text in words.items() if key in held},
            areas=sorted(AREAS),
        )
    )


@get("/{brand:str}/people/{staff_id:uuid}", operation_id="readPerson", operation_class=Read,
     opt=READ, tags=TAGS)  # fmt: skip
async def person(request: AdminRequest, staff_id: PathId) -> Response[Colleague]:
    """One of the brand's people."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(await _person(request, s, staff_id))


@post("/{brand:str}/people", operation_id="invitePeople", operation_class=Write, opt=MANAGE,
      tags=TAGS, status_code=201)  # fmt: skip
async def invite(request: AdminRequest, data: JSONBody[InviteIn]) -> Response[People]:
    """Invite people by mail: all of them, or none."""

    async def work(s: WriteSession, now: datetime) -> Done:
        people = [msgspec.convert(one, Invitation, from_attributes=True) for one in data.people]
        told: dict[str, Any] = {
            "people": [{"email": one.email, "roles": list(one.roles)} for one in people]
        }
        await require_seats(s, len(people))
        if data.connection_id is None:
            invited = await staff_people.invite(
                s, people=people, by=request.staff, actor=request.staff.label, now=now
            )
            made = [one.staff_id for one in invited]
        else:
            made = await inviting.invite(
                s, connection_id=data.connection_id, people=people, by=request.staff, now=now
            )
            told["connection"] = str(data.connection_id)
        return Done(People([await _person(request, s, one) for one in made]), told)

    return await act(
        request, action="staff.invited", subject="staff", work=work, given=data, status=201
    )


@post("/{brand:str}/people/{staff_id:uuid}/invitation", operation_id="resendInvitation",
      operation_class=Write, opt=MANAGE, tags=TAGS, status_code=200)  # fmt: skip
async def resend(request: AdminRequest, staff_id: PathId) -> Response[Colleague]:
    """Send a pending invitation again; an earlier link ends."""

    async def work(s: WriteSession, now: datetime) -> Done:
        who = await inviting.resend(
            s, staff_id=staff_id, by=request.staff, actor=request.staff.label, now=now
        )
        return Done(await _person(request, s, staff_id), {"email": who.email_norm})

    return await act(
        request, action="staff.invitation_resent", subject=f"staff:{staff_id}", work=work
    )


@patch("/{brand:str}/people/{staff_id:uuid}/roles", operation_id="changeRoles",
       operation_class=Write, opt=MANAGE, tags=TAGS)  # fmt: skip
async def change_roles(
    request: AdminRequest, staff_id: PathId, data: JSONBody[RolesIn]
) -> Response[Colleague]:
    """Give somebody exactly these roles. Their sessions end: they sign in again to use them."""

    async def work(s: WriteSession, now: datetime) -> Done:
        before = await staff_people.set_roles(
            request.rt, s, staff_id=staff_id, roles=data.roles, by=request.staff, now=now
        )
        after = await _person(request, s, staff_id)
        return Done(
            after,
            {"name": after.name, "before": list(before), "after": after.roles},
            changed=list(before) != after.roles,
        )

    return await act(
        request, action="staff.roles", subject=f"staff:{staff_id}", work=work, given=data
    )


@post("/{brand:str}/people/{staff_id:uuid}/suspend", operation_id="suspendPerson",
      operation_class=Write, opt=SHUT_OUT, tags=TAGS, status_code=200)  # fmt: skip
async def suspend(request: AdminRequest, staff_id: PathId) -> Response[Colleague]:
    """Shut somebody out at once. It can be undone."""

    async def work(s: WriteSession, now: datetime) -> Done:
        who = await staff_people.suspend(
            request.rt, s, staff_id=staff_id, by=request.staff, now=now
        )
        return Done(await _person(request, s, staff_id), {"name": who.name})

    return await act(request, action="staff.suspended", subject=f"staff:{staff_id}", work=work)


@post("/{brand:str}/people/{staff_id:uuid}/restore", operation_id="restorePerson",
      operation_class=Write, opt=MANAGE, tags=TAGS, status_code=200)  # fmt: skip
async def restore(request: AdminRequest, staff_id: PathId) -> Response[Colleague]:
    """Let a suspended person in again."""

    async def work(s: WriteSession, now: datetime) -> Done:
        who = await staff_people.restore(s, staff_id=staff_id, by=request.staff)
        return Done(await _person(request, s, staff_id), {"name": who.name})

    return await act(request, action="staff.restored", subject=f"staff:{staff_id}", work=work)


@post("/{brand:str}/people/{staff_id:uuid}/remove", operation_id="removePerson",
      operation_class=Write, opt=MANAGE, tags=TAGS, status_code=200)  # fmt: skip
async def remove(request: AdminRequest, staff_id: PathId) -> Response[People]:
    """Take somebody off the brand for good, or their invitation back."""

    async def work(s: WriteSession, now: datetime) -> Done:
        who = await staff_people.remove(request.rt, s, staff_id=staff_id, by=request.staff, now=now)
        found = await staff_people.listing(s)
        return Done(
            People([Colleague.of(one, request.staff.staff_id) for one in found]),
            {"name": who.name, "roles": list(who.roles), "state": who.status},
        )

    return await act(request, action="staff.removed", subject=f"staff:{staff_id}", work=work)


@post("/{brand:str}/people/{staff_id:uuid}/reset", operation_id="resetPerson",
      operation_class=Write, opt=MANAGE, tags=TAGS, status_code=200)  # fmt: skip
async def reset(request: AdminRequest, staff_id: PathId) -> Response[Colleague]:
    """For somebody who lost password and authenticator: every way in goes, a new link is sent."""

    async def work(s: WriteSession, now: datetime) -> Done:
        await staff_people.reset_access(
            request.rt, s, staff_id=staff_id, by=request.staff, actor=request.staff.label, now=now
        )
        after = await _person(request, s, staff_id)
        return Done(after, {"name": after.name})

    return await act(request, action="staff.reset", subject=f"staff:{staff_id}", work=work)


@patch("/{brand:str}/people/{staff_id:uuid}/break-glass", operation_id="changeBreakGlass",
       operation_class=Write, opt=MANAGE, tags=TAGS)  # fmt: skip
async def break_glass(
    request: AdminRequest, staff_id: PathId, data: JSONBody[BreakGlassIn]
) -> Response[Colleague]:
    """Make this the account that gets in when single sign-on does not, or take that back."""

    async def work(s: WriteSession, now: datetime) -> Done:
        who = await staff_people.set_break_glass(
            s, staff_id=staff_id, flag=data.break_glass, by=request.staff
        )
        return Done(
            await _person(request, s, staff_id),
            {"name": who.name, "break_glass": data.break_glass},
            changed=who.break_glass != data.break_glass,
        )

    return await act(
        request, action="staff.break_glass", subject=f"staff:{staff_id}", work=work, given=data
    )


@post("/{brand:str}/people/{staff_id:uuid}/end-sessions", operation_id="endSessionsOf",
      operation_class=Write, opt=SHUT_OUT, tags=TAGS, status_code=200)  # fmt: skip
async def end_sessions(request: AdminRequest, staff_id: PathId) -> Response[Colleague]:
    """End all sessions of one of the brand's people at once."""

    async def work(s: WriteSession, now: datetime) -> Done:
        living = await staff_sessions.listing(
            request.rt.valkey, tenant_id=s.tenant_id, staff_id=staff_id, now=now
        )
        who = await staff_people.may_touch(s, staff_id=staff_id, by=request.staff)
        await accounts.end_sessions(request.rt, s, staff_id=staff_id, now=now)
        return Done(
            await _person(request, s, staff_id), {"name": who.name, "sessions": len(living)}
        )

    return await act(request, action="session.ended", subject=f"staff:{staff_id}", work=work)


async def _person(request: AdminRequest, s: ReadSession, staff_id: UUID) -> Colleague:
    found = await staff_people.person(s, staff_id=staff_id)
    return Colleague.of(found, request.staff.staff_id)


HANDLERS = [
    listing, roles, person, invite, resend, change_roles, suspend, restore, remove, reset,
    break_glass, end_sessions,
]  # fmt: skip
