"""A connection's own addresses on its console's host, and the connection as a protocol sees it."""

from typing import Final
from uuid import UUID

from guerdon.identity import houses, oidc
from guerdon.identity.sso.schemas import Connection, OidcSettings
from guerdon.runtime import Runtime

AUDIENCE: Final = "console-sso"


def address(rt: Runtime, tenant_id: UUID, endpoint_id: str, leaf: str) -> str:
    """One of a connection's own addresses, at the host where its house's people sign in."""
    return f"{houses.url(rt.settings, tenant_id)}/sso/{endpoint_id}/{leaf}"


def client_of(rt: Runtime, connection: Connection, settings: OidcSettings) -> oidc.Client:
    """The connection as OpenID Connect sees it."""
    return oidc.Client(
        audience=AUDIENCE,
        key=str(connection.id),
        issuer=settings.issuer,
        client_id=settings.client_id,
        redirect_uri=address(rt, connection.tenant_id, connection.endpoint_id, "callback"),
        secret=settings.secret,
        algorithms=settings.algorithms,
        scopes=settings.scopes,
    )
