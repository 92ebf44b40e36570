"""A brand's own single sign-on: setting a connection up, trying it, putting it into force."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, delete, get, post, put
from litestar.params import JSONBody, QueryParameter

from guerdon.admin_api.connection_shapes import (
    Connection,
    ConnectionEdit,
    ConnectionList,
    ConnectionTest,
    InvitationIn,
    InvitedAccount,
    NewConnection,
    ProviderInspection,
    ProviderRemark,
    SecretIn,
    StartedTest,
    all_connections,
    as_shown,
    settings_of,
    shown_connection,
    shown_test,
)
from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.identity.policy import staff
from guerdon.identity.sso import (
    accounts,
    inspecting,
    leaving,
    operations,
    queries,
    saml,
    test_logins,
)
from guerdon.identity.sso import schemas as sso
from guerdon.identity.sso.endpoints import address
from guerdon.identity.staff import find
from guerdon.identity.staff_errors import OwnersOnlyError
from guerdon.kit.errors import NotFoundError
from guerdon.kit.ids import uuid7
from guerdon.plumbing.db import WriteSession
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import PathId

TAGS = ["Connections"]
READ = {"policy": staff("connections:read")}
MANAGE = {"policy": staff("connections:manage", fresh=True)}
SHUT_OUT = {"policy": staff("connections:manage", fresh=True, terms=False)}


@get("/{brand:str}/connections", operation_id="listConnections", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def listing(request: AdminRequest) -> Response[ConnectionList]:
    """List the connections."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(await all_connections(request.rt, s))


@get("/{brand:str}/connections/inspection", operation_id="inspectProvider", operation_class=Read,
     opt=MANAGE, tags=TAGS)  # fmt: skip
async def inspection(
    request: AdminRequest,
    issuer: Annotated[str, QueryParameter(max_length=1024, description="As the provider says")],
) -> Response[ProviderInspection]:
    """Ask an OpenID Connect provider how it describes itself, and say what is wrong with it."""
    found = await inspecting.inspect(request.rt, issuer=issuer)
    remarks = [
        ProviderRemark(one.code, one.message, one.severity, one.found) for one in found.remarks
    ]
    return answer(
        ProviderInspection(
            issuer=found.issuer,
            usable=found.usable,
            document_url=found.document_url,
            authorization_endpoint=found.authorization_endpoint,
            algorithms=list(found.algorithms),
            keys=found.keys,
            sign_out=found.sign_out,
            back_channel_logout=found.back_channel_logout,
            remarks=remarks,
        )
    )


@get("/{brand:str}/connections/{connection_id:uuid}", operation_id="readConnection",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def read(request: AdminRequest, connection_id: PathId) -> Response[Connection]:
    """One connection with its addresses and its last test login."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await queries.connection(s, connection_id=connection_id)
        return answer(await shown_connection(request.rt, s, found))


@post("/{brand:str}/connections", operation_id="createConnection", operation_class=Write,
      opt=MANAGE, tags=TAGS)  # fmt: skip
async def create(request: AdminRequest, data: JSONBody[NewConnection]) -> Response[Connection]:
    """Make a connection as a draft. Nobody signs in by it yet."""
    made = uuid7()
    settings = settings_of(data.settings)
    _require_owner(request, settings)

    if isinstance(settings, sso.SamlSettings):
        saml.require_installed()

    async def work(s: WriteSession, now: datetime) -> Done:
        found = await operations.create(
            request.rt, s, id=made, title=data.title, settings=settings, now=now
        )
        return await _done(request, s, found)

    return await act(request, action="connection.created", subject=f"connection:{made}", work=work,
                     given=data, status=201)  # fmt: skip


@put("/{brand:str}/connections/{connection_id:uuid}", operation_id="editConnection",
     operation_class=Write, opt=MANAGE, tags=TAGS)  # fmt: skip
async def edit(
    request: AdminRequest, connection_id: PathId, data: JSONBody[ConnectionEdit]
) -> Response[Connection]:
    """Change the draft; what is in force stays until the new settings were tested and enabled."""
    settings = settings_of(data.settings)

    async def work(s: WriteSession, now: datetime) -> Done:
        before = await queries.connection(s, connection_id=connection_id, lock=True)
        _require_owner(request, before.draft, settings)
        found = await operations.edit(
            request.rt, s, connection_id=connection_id, row_version=data.row_version,
            title=data.title, settings=settings, now=now,
        )  # fmt: skip
        return await _done(request, s, found, changed=_changed(before.draft, found.draft))

    return await _act(request, "connection.edited", connection_id, work, data)


@post("/{brand:str}/connections/{connection_id:uuid}/secret", operation_id="setConnectionSecret",
      operation_class=Write, opt=MANAGE, tags=TAGS, status_code=200)  # fmt: skip
async def set_secret(
    request: AdminRequest, connection_id: PathId, data: JSONBody[SecretIn]
) -> Response[Connection]:
    """Store a new client secret; the one before works until the next test login is enabled."""

    async def work(s: WriteSession, now: datetime) -> Done:
        found = await operations.set_secret(
            request.rt, s, connection_id=connection_id, value=data.value, now=now
        )
        return await _done(request, s, found)

    return await _act(request, "connection.secret_set", connection_id, work, data)


@post("/{brand:str}/connections/{connection_id:uuid}/tests", operation_id="startTestLogin",
      operation_class=Write, opt=MANAGE, tags=TAGS)  # fmt: skip
async def start_test(request: AdminRequest, connection_id: PathId) -> Response[StartedTest]:
    """Begin a test login with the draft as it stands. Nobody is signed in by it."""
    test_id = uuid7()

    async def work(s: WriteSession, now: datetime) -> Done:
        found = await queries.connection(s, connection_id=connection_id)
        await test_logins.start(
            s, id=test_id, connection_id=connection_id, started_by=request.staff.staff_id, now=now
        )
        url = f"{address(request.rt, found.tenant_id, found.endpoint_id, 'start')}?test={test_id}"
        return Done(StartedTest(test_id, url), {"test": str(test_id)})

    return await act(request, action="connection.test_started",
                     subject=f"connection:{connection_id}", work=work, status=201)  # fmt: skip


@get("/{brand:str}/connections/{connection_id:uuid}/tests/{test_id:uuid}",
     operation_id="readTestLogin", operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def read_test(
    request: AdminRequest, connection_id: PathId, test_id: PathId
) -> Response[ConnectionTest]:
    """How a test login went: claims, groups, and the roles that they would give."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await queries.connection(s, connection_id=connection_id)
        test = await queries.test_login(s, connection_id=connection_id, test_id=test_id)
    return answer(shown_test(test, found))


@post("/{brand:str}/connections/{connection_id:uuid}/enable", operation_id="enableConnection",
      operation_class=Write, opt=MANAGE, tags=TAGS, status_code=200)  # fmt: skip
async def enable(request: AdminRequest, connection_id: PathId) -> Response[Connection]:
    """Put the tested settings into force."""

    async def work(s: WriteSession, now: datetime) -> Done:
        found = await operations.enable(s, connection_id=connection_id, now=now)
        return await _done(request, s, found, settings=as_shown(found.draft))

    return await _act(request, "connection.enabled", connection_id, work)


@post("/{brand:str}/connections/{connection_id:uuid}/enforce", operation_id="enforceConnection",
      operation_class=Write, opt=MANAGE, tags=TAGS, status_code=200)  # fmt: skip
async def enforce(request: AdminRequest, connection_id: PathId) -> Response[Connection]:
    """Let people sign in by a connection only; refused where that could lock everybody out."""

    async def work(s: WriteSession, now: datetime) -> Done:
        found = await operations.enforce(s, connection_id=connection_id, now=now)
        return await _done(request, s, found)

    return await _act(request, "connection.enforced", connection_id, work)


@post("/{brand:str}/connections/{connection_id:uuid}/relax", operation_id="relaxConnection",
      operation_class=Write, opt=MANAGE, tags=TAGS, status_code=200)  # fmt: skip
async def relax(request: AdminRequest, connection_id: PathId) -> Response[Connection]:
    """Let people sign in with passkeys and passwords again."""

    async def work(s: WriteSession, now: datetime) -> Done:
        found = await operations.relax(s, connection_id=connection_id, now=now)
        return await _done(request, s, found)

    return await _act(request, "connection.relaxed", connection_id, work)


@post("/{brand:str}/connections/{connection_id:uuid}/disable", operation_id="disableConnection",
      operation_class=Write, opt=SHUT_OUT, tags=TAGS, status_code=200)  # fmt: skip
async def disable(request: AdminRequest, connection_id: PathId) -> Response[Connection]:
    """Take nobody in by it any more, and end the sessions that it opened."""

    async def work(s: WriteSession, now: datetime) -> Done:
        found = await operations.disable(s, connection_id=connection_id, now=now)
        ended = await leaving.end_all(request.rt, s, connection=found, now=now)
        return await _done(request, s, found, sessions_ended=ended)

    return await _act(request, "connection.disabled", connection_id, work)


@delete("/{brand:str}/connections/{connection_id:uuid}", operation_id="deleteConnection",
        operation_class=Write, opt=MANAGE, tags=TAGS, status_code=200)  # fmt: skip
async def remove(request: AdminRequest, connection_id: PathId) -> Response[ConnectionList]:
    """Delete a connection that is not enabled, with its secret and its addresses."""

    async def work(s: WriteSession, now: datetime) -> Done:
        found = await operations.delete(s, connection_id=connection_id)
        return Done(await all_connections(request.rt, s), {"title": found.title})

    return await _act(request, "connection.deleted", connection_id, work)


@post("/{brand:str}/connections/{connection_id:uuid}/invitations",
      operation_id="inviteByConnection", operation_class=Write, opt=MANAGE,
      tags=TAGS)  # fmt: skip
async def invite(
    request: AdminRequest, connection_id: PathId, data: JSONBody[InvitationIn]
) -> Response[InvitedAccount]:
    """Let an existing account be opened by this connection, once, by its e-mail."""

    async def work(s: WriteSession, now: datetime) -> Done:
        await queries.connection(s, connection_id=connection_id)
        person = await find(s, data.staff_id)
        if person is None:
            raise NotFoundError(field="staffId")
        if "owner" in person.roles and "owner" not in request.staff.roles:
            raise OwnersOnlyError
        email = await accounts.invite(
            s, connection_id=connection_id, staff_id=data.staff_id,
            invited_by=request.staff.staff_id, now=now,
        )  # fmt: skip
        return Done(InvitedAccount(email), {"staff": str(data.staff_id), "email": email})

    return await act(request, action="connection.account_invited",
                     subject=f"connection:{connection_id}", work=work, given=data,
                     status=201)  # fmt: skip


async def _act(
    request: AdminRequest, action: str, connection_id: UUID, work: Any, given: Any = None
) -> Response[Any]:
    return await act(request, action=action, subject=f"connection:{connection_id}", work=work,
                     given=given)  # fmt: skip


async def _done(
    request: AdminRequest, s: WriteSession, found: sso.Connection, **summary: Any
) -> Done:
    told = {"title": found.title, "state": found.state, **summary}
    return Done(await shown_connection(request.rt, s, found), told)


def _require_owner(request: AdminRequest, *settings: sso.Settings) -> None:
    """Whoever can point a connection that makes owners elsewhere, makes owners."""
    if "owner" in request.staff.roles:
        return
    if any(one.role == "owner" for each in settings for one in each.roles):
        raise OwnersOnlyError("Only an owner can set up who becomes an owner.")


def _changed(before: sso.Settings, after: sso.Settings) -> dict[str, Any]:
    old, new = as_shown(before), as_shown(after)
    return {name: {"before": old.get(name), "after": new[name]} for name in new
            if old.get(name) != new[name]}  # fmt: skip


HANDLERS = [
    listing, inspection, read, create, edit, set_secret, start_test, read_test, enable, enforce,
    relax, disable, remove, invite,
]  # fmt: skip
