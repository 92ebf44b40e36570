"""Members' sign-in at the brand's own identity provider. The protocol is in `oidc`."""

import re
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

import msgspec

from guerdon.identity import oidc
from guerdon.identity.errors import UnknownConnectionError
from guerdon.identity.parameters import Connection, SecurityParameters
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

_AUDIENCE = "sso"
# A path of this site: browsers read a backslash as a slash, and skip tabs and line breaks.
_OWN_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")


class Claims(msgspec.Struct, frozen=True):
    """Who the provider says is there. Only (connection, issuer, subject) identifies."""

    connection: str
    issuer: str
    subject: str
    email: str | None
    name: str | None
    return_to: str
    link_to: UUID | None


def enabled(security: SecurityParameters) -> list[Connection]:
    """The connections that a sign-in page offers."""
    return [one for one in security.connections if one.enabled]


def connection_of(security: SecurityParameters, connection_key: str) -> Connection:
    """The enabled connection with this key; UnknownConnectionError otherwise."""
    for one in enabled(security):
        if one.key == connection_key:
            return one
    raise UnknownConnectionError


def callback_url(rt: Runtime, tenant: Tenant, connection_key: str) -> str:
    """The connection's own address to come back to, at the tenant's canonical host."""
    return f"{rt.settings.tenant_url(tenant.canonical_host)}/sso/{quote(connection_key)}/cb"


def own_path(path: str) -> str:
    """`path` if it stays on this site, else the start page."""
    return path if _OWN_PATH.fullmatch(path) else "/"


async def begin(
    rt: Runtime,
    *,
    tenant: Tenant,
    connection: Connection,
    browser_id: str,
    return_to: str,
    link_to: UUID | None = None,
) -> str:
    """The provider's address to send the browser to. `link_to`: a member adds this way in."""
    context = {"return_to": own_path(return_to)}
    if link_to is not None:
        context["link_to"] = str(link_to)
    return await oidc.begin(
        rt,
        tenant_id=tenant.id,
        client=_client(rt, tenant, connection),
        browser_id=browser_id,
        context=context,
    )


async def finish(
    rt: Runtime,
    *,
    tenant: Tenant,
    security: SecurityParameters,
    connection_key: str,
    query: dict[str, str],
    browser_id: str,
    now: datetime,
) -> Claims:
    """Who came back; ConnectionRefusedByPolicyError where anything is not as it was begun."""
    connection = connection_of(security, connection_key)
    started = await oidc.take(
        rt, tenant_id=tenant.id, audience=_AUDIENCE, state=query.get("state", "")
    )
    proof = await oidc.finish(
        rt,
        tenant_id=tenant.id,
        client=_client(rt, tenant, connection),
        started=started,
        query=query,
        browser_id=browser_id,
        now=now,
    )
    context = {} if started is None else started.context
    link_to = context.get("link_to")
    return Claims(
        connection=connection.key,
        issuer=proof.issuer,
        subject=proof.subject,
        email=_text(proof.claims.get("email")),
        name=_text(proof.claims.get("name")),
        return_to=context.get("return_to", "/"),
        link_to=None if link_to is None else UUID(link_to),
    )


def _client(rt: Runtime, tenant: Tenant, connection: Connection) -> oidc.Client:
    return oidc.Client(
        audience=_AUDIENCE,
        key=connection.key,
        issuer=connection.issuer,
        client_id=connection.client_id,
        redirect_uri=callback_url(rt, tenant, connection.key),
        secret=connection.secret,
        algorithms=connection.algorithms,
        scopes=connection.scopes,
    )


def _text(value: object) -> str | None:
    return value[:320] if isinstance(value, str) and value else None
