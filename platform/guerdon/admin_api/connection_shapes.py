"""Connections as the console sees them, and how they come from and go to the domain."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from guerdon.identity.parameters import ALGORITHMS
from guerdon.identity.roles import roles_of
from guerdon.identity.sso import accounts, queries
from guerdon.identity.sso import schemas as sso
from guerdon.identity.sso.endpoints import address
from guerdon.identity.sso.rules import default_roles
from guerdon.plumbing.db import ReadSession
from guerdon.runtime import Runtime
from guerdon.wire.values import In, Out

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
    found: str


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


def settings_of(given: SettingsIn) -> sso.Settings:
    """As the domain wants them."""
    plain = {name: getattr(given, name) for name in given.__struct_fields__}
    plain["roles"] = tuple(sso.GroupRole(one.group.strip(), one.role) for one in given.roles)
    plain["email_domains"] = tuple(one.strip().lower() for one in given.email_domains)
    return sso.OidcSettings(**plain) if isinstance(given, OidcIn) else sso.SamlSettings(**plain)


def as_shown(settings: sso.Settings) -> dict[str, Any]:
    """Settings as they are shown: everything but the name of the secret, in the wire's spelling."""
    plain = msgspec.structs.asdict(settings)
    plain.pop("secret", None)
    plain["roles"] = tuple(GroupRole(one.group, one.role) for one in settings.roles)
    kind: type[OidcIn | SamlIn] = OidcIn if isinstance(settings, sso.OidcSettings) else SamlIn
    shown: dict[str, Any] = msgspec.to_builtins(kind(**plain))
    return shown


async def all_connections(rt: Runtime, s: ReadSession) -> ConnectionList:
    """All connections, and what their rules can name."""
    items = [await shown_connection(rt, s, one) for one in await queries.connections(s)]
    enforced = any(one.state == "enforced" for one in items)
    return ConnectionList(
        items,
        list(roles_of(s.tenant_id)),
        sorted(default_roles(s.tenant_id)),
        list(ALGORITHMS),
        enforced,
    )


async def shown_connection(rt: Runtime, s: ReadSession, found: sso.Connection) -> Connection:
    """A connection with its addresses and its last test login."""
    test = await queries.last_test(s, connection_id=found.id)
    people = await accounts.linked_to(s, connection_id=found.id)

    def at(leaf: str) -> str:
        return address(rt, found.tenant_id, found.endpoint_id, leaf)

    return Connection(
        id=found.id,
        kind=found.kind,
        title=found.title,
        state=found.state,
        tested=found.tested,
        pending=found.pending,
        has_secret=isinstance(found.draft, sso.OidcSettings) and bool(found.draft.secret),
        settings=as_shown(found.draft),
        in_force=None if found.in_force is None else as_shown(found.in_force),
        addresses=Addresses(
            at("callback"), at("left"), at("logout"), at("acs"), at("metadata"), at("start")
        ),
        row_version=found.row_version,
        people=len(people),
        updated_at=found.updated_at,
        last_test=None if test is None else shown_test(test, found),
    )


def shown_test(test: sso.TestLogin, found: sso.Connection) -> ConnectionTest:
    """A test login; `current`: of the settings as they stand."""
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
