"""Connections as they are stored and handed around."""

import hashlib
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

Kind = Literal["oidc", "saml"]
Preset = Literal["entra", "adfs", "other"]
State = Literal["draft", "tested", "enabled", "enforced"]

# States in which people come in.
OPEN: frozenset[str] = frozenset({"enabled", "enforced"})


class GroupRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is in `group` (a name or an object id, exactly as the provider says it) has `role`."""

    group: str
    role: str


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a provider's word is worth here. Without a role nobody comes in."""

    email_claim: str = "email"
    name_claim: str = "name"
    groups_claim: str = "groups"
    roles: tuple[GroupRole, ...] = ()
    default_role: str = ""
    create_accounts: bool = True
    email_domains: tuple[str, ...] = ()


class OidcSettings(Rules, frozen=True, forbid_unknown_fields=True, tag="oidc", kw_only=True):
    """An OpenID Connect provider. `secret` is the name of the sealed client secret."""

    preset: Preset = "other"
    issuer: str = ""
    client_id: str = ""
    secret: str = ""
    algorithms: tuple[str, ...] = ("RS256",)
    scopes: tuple[str, ...] = ("openid", "email", "profile")


class SamlSettings(Rules, frozen=True, forbid_unknown_fields=True, tag="saml", kw_only=True):
    """A SAML 2.0 identity provider, as its metadata describes it."""

    preset: Preset = "other"
    entity_id: str = ""
    sign_on_url: str = ""
    certificates: tuple[str, ...] = ()


Settings = OidcSettings | SamlSettings


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """A connection: `draft` is what is being set up, `in_force` what sign-ins use."""

    tenant_id: UUID
    id: UUID
    kind: Kind
    title: str
    state: State
    endpoint_id: str
    draft: Settings
    in_force: Settings | None
    tested_hash: str
    row_version: int
    created_at: datetime
    updated_at: datetime

    @property
    def open(self) -> bool:
        """Whether people come in by it."""
        return self.state in OPEN and self.in_force is not None

    @property
    def tested(self) -> bool:
        """Whether the draft has seen a successful test login."""
        return self.tested_hash == settings_hash(self.draft)

    @property
    def pending(self) -> bool:
        """Whether the draft differs from what is in force."""
        return self.in_force is not None and self.in_force != self.draft


class TestLogin(msgspec.Struct, frozen=True, kw_only=True):
    """A login that was made to see what a provider says; nobody is signed in by it."""

    __test__ = False

    id: UUID
    connection_id: UUID
    settings: Settings
    started_by: UUID
    started_at: datetime
    finished_at: datetime | None
    outcome: Literal["waiting", "passed", "failed"]
    reason: str
    detail: str
    claims: dict[str, Any]
    groups: tuple[str, ...]
    roles: tuple[str, ...]


class Endpoint(msgspec.Struct, frozen=True):
    """Whose address an endpoint id is."""

    tenant_id: UUID
    connection_id: UUID


class Arrived(msgspec.Struct, frozen=True):
    """What a provider said and signed, whichever the protocol."""

    issuer: str
    subject: str
    claims: dict[str, Any]
    provider_session: str = ""
    hint: str = ""


class Person(msgspec.Struct, frozen=True):
    """Who the provider says is there, by the connection's rules.

    `email` is empty unless the provider's word counts for it.
    """

    issuer: str
    subject: str
    email: str
    name: str
    groups: tuple[str, ...]
    roles: frozenset[str]


def settings_hash(settings: Settings) -> str:
    """Names these settings: what was tested is what goes into force."""
    return hashlib.sha256(msgspec.json.encode(settings, order="deterministic")).hexdigest()
