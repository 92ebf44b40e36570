"""A brand's own single sign-on: setting a connection up, trying it, putting it into force."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta

from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.identity.parameters import ALGORITHMS
from guerdon.identity.policy import staff
from guerdon.identity.roles import ROLES
from guerdon.identity.sso import accounts, inspecting, leaving, operations, queries, test_logins
from guerdon.identity.sso import schemas as sso
from guerdon.identity.sso.endpoints import address
from guerdon.identity.sso.rules import DEFAULT_ROLES
from guerdon.identity.staff import find
from guerdon.identity.staff_errors import OwnersOnlyError
from guerdon.kit.errors import NotFoundError
from guerdon.kit.ids import uuid7
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import PathId
from guerdon.wire.values import In, Out

TAGS = ["Connections"]
READ = {"policy": staff("connections:read")}
MANAGE = {"policy": staff("connections:manage", fresh=True)}

Text = Annotated[str, Meta(max_length=1024)]
Claim = Annotated[str, Meta(max_length=200)]
DomainName = Annotated[str, Meta(max_length=253)]
Certificate = Annotated[str, Meta(max_length=10_000)]


class GroupRole(In, frozen=True):
    """Who is in `group`, exactly as the provider says it, has `role`."""

    group: Annotated[str, Meta(max_length=300)]
    role: Annotated[str, Meta(max_length=40)]


class RulesIn(In, frozen=True, kw_only=True):
    """What the provider's word is worth. Without a role nobody comes in."""

    email_claim: Claim = "email"
    name_claim: Claim = "name"
    groups_claim: Claim = "groups"
    roles: Annotated[tuple[GroupRole, ...], Meta(max_length=100)] = ()
    default_role: Annotated[str, Meta(max_length=40)] = ""
    create_accounts: bool = True
    email_domains: Annotated[tuple[DomainName, ...], Meta(max_length=50)] = ()


class OidcIn(RulesIn, frozen=True, tag="oidc", kw_only=True):
    """An OpenID Connect provider. Its client secret is set by a call of its own."""

    preset: sso.Preset = "other"
    issuer: Text = ""
    client_id: Annotated[str, Meta(max_length=200)] = ""
    algorithms: Annotated[tuple[str, ...], Meta(max_length=len(ALGORITHMS))] = ("RS256",)
    scopes: Annotated[tuple[str, ...], Meta(max_length=20)] = ("openid", "email", "profile")


class SamlIn(RulesIn, frozen=True, tag="saml", kw_only=True):
    """A SAML 2.0 provider."""

    preset: sso.Preset = "other"
    entity_id: Text = ""
    sign_on_url: Text = ""
    sign_out_url: Text = ""
    certificates: Annotated[tuple[Certificate, ...], Meta(max_length=5)] = ()


SettingsIn = OidcIn | SamlIn


class NewConnection(In, frozen=True):
    """A connection to make."""

    title: Annotated[str, Meta(max_length=80)]
    settings: SettingsIn


class ConnectionEdit(In, frozen=True):
    """The draft as it is to be; `rowVersion` is that of the one that was read."""

    row_version: int
    title: Annotated[str, Meta(max_length=80)]
    settings: SettingsIn


class SecretIn(In, frozen=True):
    """The client secret's value as the provider shows it. It is never shown again."""

    value: Annotated[str, Meta(min_length=1, max_length=2000)]


class InvitationIn(In, frozen=True):
    """The account that the provider's word for its e-mail may open, once."""

    staff_id: UUID


class Addresses(Out, frozen=True):
    """What to enter at the provider."""

    callback: str
    sign_out: str
    back_channel_logout: str
    assertion_consumer: str
    metadata: str
    start: str


class ConnectionTest(Out, frozen=True):
    """A test login and what the provider said in it."""

    id: UUID
    outcome: str
    reason: str
    detail: str
    started_at: datetime
    finished_at: datetime | None
    current: bool
    claims: dict[str, Any]
    groups: list[str]
    roles: list[str]


class Connection(Out, frozen=True):
    """A connection. `pending`: the draft differs from what is in force; `hasSecret`: a client
    secret is stored for the draft."""

    id: UUID
    kind: str
    title: str
    state: str
    tested: bool
    pending: bool
    has_secret: bool
    settings: dict[str, Any]
    in_force: dict[str, Any] | None
    addresses: Addresses
    row_version: int
    people: int
    updated_at: datetime
    last_test: ConnectionTest | None


class ConnectionList(Out, frozen=True):
    """All connections, and what their rules can name."""

    items: list[Connection]
    roles: list[str]
    default_roles: list[str]
    algorithms: list[str]
    enforced: bool


class StartedTest(Out, frozen=True):
    """A test login to make: open `url` in a browser and sign in there."""

    id: UUID
    url: str


class ProviderRemark(Out, frozen=True):
    """One thing that was found; with an error the provider cannot be used like this."""

    code: str
    message: str
    severity: str


class ProviderInspection(Out, frozen=True):
    """What a look at the provider found just now."""

    issuer: str
    usable: bool
    document_url: str
    authorization_endpoint: str
    algorithms: list[str]
    keys: int
    sign_out: bool
    back_channel_logout: bool
    remarks: list[ProviderRemark]


class InvitedAccount(Out, frozen=True):
    """The account waits for its first sign-in by this connection."""

    email: str


@get("/{brand:str}/connections", operation_id="listConnections", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def listing(request: AdminRequest) -> Response[ConnectionList]:
    """List the connections."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(await _all(request, s))


@get("/{brand:str}/connections/inspection", operation_id="inspectProvider", operation_class=Read,
     opt={"policy": staff("connections:manage")}, tags=TAGS)  # fmt: skip
async def inspection(
    request: AdminRequest,
    issuer: Annotated[str, QueryParameter(max_length=1024, description="As the provider says")],
) -> Response[ProviderInspection]:
    """Ask an OpenID Connect provider how it describes itself, and say what is wrong with it."""
    found = await inspecting.inspect(request.rt, issuer=issuer)
    remarks = [ProviderRemark(one.code, one.message, one.severity) for one in found.remarks]
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
        return answer(await _shown(request, s, found))


@post("/{brand:str}/connections", operation_id="createConnection", operation_class=Write,
      opt=MANAGE, tags=TAGS)  # fmt: skip
async def create(request: AdminRequest, data: JSONBody[NewConnection]) -> Response[Connection]:
    """Make a connection as a draft. Nobody signs in by it yet."""
    made = uuid7()
    settings = _settings(data.settings)
    _require_owner(request, settings)

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
    settings = _settings(data.settings)

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
        url = f"{address(request.rt, found.endpoint_id, 'start')}?test={test_id}"
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
    return answer(_test(test, found))


@post("/{brand:str}/connections/{connection_id:uuid}/enable", operation_id="enableConnection",
      operation_class=Write, opt=MANAGE, tags=TAGS, status_code=200)  # fmt: skip
async def enable(request: AdminRequest, connection_id: PathId) -> Response[Connection]:
    """Put the tested settings into force."""

    async def work(s: WriteSession, now: datetime) -> Done:
        found = await operations.enable(s, connection_id=connection_id, now=now)
        return await _done(request, s, found, settings=_wire(found.draft))

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
      operation_class=Write, opt=MANAGE, tags=TAGS, status_code=200)  # fmt: skip
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
        return Done(await _all(request, s), {"title": found.title})

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
    return Done(await _shown(request, s, found), told)


def _require_owner(request: AdminRequest, *settings: sso.Settings) -> None:
    """Whoever can point a connection that makes owners elsewhere, makes owners."""
    if "owner" in request.staff.roles:
        return
    if any(one.role == "owner" for each in settings for one in each.roles):
        raise OwnersOnlyError("Only an owner can set up who becomes an owner.")


def _settings(given: SettingsIn) -> sso.Settings:
    plain = {name: getattr(given, name) for name in given.__struct_fields__}
    plain["roles"] = tuple(sso.GroupRole(one.group.strip(), one.role) for one in given.roles)
    plain["email_domains"] = tuple(one.strip().lower() for one in given.email_domains)
    return sso.OidcSettings(**plain) if isinstance(given, OidcIn) else sso.SamlSettings(**plain)


def _wire(settings: sso.Settings) -> dict[str, Any]:
    """Settings as they are shown: everything but the name of the secret, in the wire's spelling."""
    plain = msgspec.structs.asdict(settings)
    plain.pop("secret", None)
    plain["roles"] = tuple(GroupRole(one.group, one.role) for one in settings.roles)
    kind: type[OidcIn | SamlIn] = OidcIn if isinstance(settings, sso.OidcSettings) else SamlIn
    shown: dict[str, Any] = msgspec.to_builtins(kind(**plain))
    return shown


def _changed(before: sso.Settings, after: sso.Settings) -> dict[str, Any]:
    old, new = _wire(before), _wire(after)
    return {name: {"before": old.get(name), "after": new[name]} for name in new
            if old.get(name) != new[name]}  # fmt: skip


async def _all(request: AdminRequest, s: ReadSession) -> ConnectionList:
    items = [await _shown(request, s, one) for one in await queries.connections(s)]
    enforced = await queries.enforced(s)
    return ConnectionList(items, list(ROLES), sorted(DEFAULT_ROLES), list(ALGORITHMS), enforced)


async def _shown(request: AdminRequest, s: ReadSession, found: sso.Connection) -> Connection:
    test = await queries.last_test(s, connection_id=found.id)
    people = await accounts.linked_to(s, connection_id=found.id)

    def at(leaf: str) -> str:
        return address(request.rt, found.endpoint_id, leaf)

    return Connection(
        id=found.id,
        kind=found.kind,
        title=found.title,
        state=found.state,
        tested=found.tested,
        pending=found.pending,
        has_secret=isinstance(found.draft, sso.OidcSettings) and bool(found.draft.secret),
        settings=_wire(found.draft),
        in_force=None if found.in_force is None else _wire(found.in_force),
        addresses=Addresses(
            at("callback"), at("left"), at("logout"), at("acs"), at("metadata"), at("start")
        ),
        row_version=found.row_version,
        people=len(people),
        updated_at=found.updated_at,
        last_test=None if test is None else _test(test, found),
    )


def _test(test: sso.TestLogin, found: sso.Connection) -> ConnectionTest:
    return ConnectionTest(
        id=test.id,
        outcome=test.outcome,
        reason=test.reason,
        detail=test.detail,
        started_at=test.started_at,
        finished_at=test.finished_at,
        current=test.settings == found.draft,
        claims=test.claims,
        groups=list(test.groups),
        roles=list(test.roles),
    )


HANDLERS = [
    listing, inspection, read, create, edit, set_secret, start_test, read_test, enable, enforce,
    relax, disable, remove, invite,
]  # fmt: skip
