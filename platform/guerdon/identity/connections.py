"""Sign-in at the brand's own identity provider: OpenID Connect, authorization code with PKCE.

State, nonce, verifier, connection and host stand in one record on our side that is used once and
belongs to one browser. Issuer and audience are exact, algorithms pinned, keys come from that
provider alone.
"""

import re
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx2
import msgspec
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry

from guerdon.identity import providers
from guerdon.identity.errors import ConnectionRefusedByPolicyError, UnknownConnectionError
from guerdon.identity.keyring import digest
from guerdon.identity.parameters import Connection, SecurityParameters
from guerdon.identity.providers import Metadata
from guerdon.kit.ids import secret_token
from guerdon.plumbing.cache import key, reach
from guerdon.plumbing.egress import Egress, EgressRefusedError
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

_STATE_LIFETIME_S = 600
_LEEWAY_S = 60
# A path of this site: browsers read a backslash as a slash, and skip tabs and line breaks.
_OWN_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")


class Started(msgspec.Struct, frozen=True):
    """The one record of a sign-in under way."""

    connection: str
    issuer: str
    client_id: str
    nonce: str
    verifier: str
    redirect_uri: str
    browser: str
    return_to: str
    link_to: UUID | None = None


class Claims(msgspec.Struct, frozen=True):
    """Who the provider says is there. Only (connection, issuer, subject) identifies."""

    connection: str
    issuer: str
    subject: str
    email: str | None
    name: str | None
    return_to: str
    link_to: UUID | None


class EgressTransport(httpx2.AsyncBaseTransport):
    """Lets the OAuth client send through the one way out."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        skipped = {"host", "content-length", "connection", "accept-encoding"}
        answer = await self._egress.request(
            request.method,
            str(request.url),
            headers={k: v for k, v in request.headers.items() if k.lower() not in skipped},
            content=await request.aread(),
        )
        kind = answer.headers.get("content-type", "application/json")
        return httpx2.Response(
            answer.status, headers={"content-type": kind}, content=answer.body, request=request
        )


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
    document = await providers.metadata(rt, connection.issuer)
    state = secret_token(32)
    started = Started(
        connection=connection.key,
        issuer=connection.issuer,
        client_id=connection.client_id,
        nonce=secret_token(32),
        verifier=secret_token(48),
        redirect_uri=callback_url(rt, tenant, connection.key),
        browser=digest(browser_id),
        return_to=return_to if _OWN_PATH.fullmatch(return_to) else "/",
        link_to=link_to,
    )
    await reach(
        rt.valkey.set(
            key(tenant.id, "sso", digest(state)), msgspec.json.encode(started), ex=_STATE_LIFETIME_S
        )
    )
    async with _client(rt, connection, None, document, started.redirect_uri) as client:
        url, _ = client.create_authorization_url(
            document.authorization_endpoint,
            state=state,
            code_verifier=started.verifier,
            nonce=started.nonce,
        )
    return str(url)


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
    started = await _take(rt, tenant, query.get("state", ""))
    if started is None:
        raise refused("state")
    if started.connection != connection.key or started.issuer != connection.issuer:
        raise refused("connection")
    if started.client_id != connection.client_id or started.browser != digest(browser_id):
        raise refused("browser")
    document = await providers.metadata(rt, connection.issuer)
    issuer = query.get("iss")
    if issuer is None and document.authorization_response_iss_parameter_supported:
        raise refused("iss is missing")
    if issuer is not None and issuer != connection.issuer:
        raise refused("iss")
    if "error" in query or not query.get("code"):
        raise refused(query.get("error", "code")[:60])
    token = await _redeem(rt, tenant, connection, document, started, query["code"])
    claims = await _verify(rt, connection, document, started, token.get("id_token"), now)
    return Claims(
        connection=connection.key,
        issuer=claims["iss"],
        subject=claims["sub"],
        email=_text(claims.get("email")),
        name=_text(claims.get("name")),
        return_to=started.return_to,
        link_to=started.link_to,
    )


async def _take(rt: Runtime, tenant: Tenant, state: str) -> Started | None:
    raw = await reach(rt.valkey.getdel(key(tenant.id, "sso", digest(state))))
    return None if raw is None else msgspec.json.decode(raw, type=Started)


def _client(
    rt: Runtime,
    connection: Connection,
    secret: str | None,
    document: Metadata,
    redirect_uri: str,
) -> AsyncOAuth2Client:
    method = "none"
    if secret:
        offered = document.token_endpoint_auth_methods_supported
        post_only = "client_secret_post" in offered and "client_secret_basic" not in offered
        method = "client_secret_post" if post_only else "client_secret_basic"
    return AsyncOAuth2Client(
        connection.client_id,
        secret,
        token_endpoint_auth_method=method,
        scope=" ".join(connection.scopes),
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        transport=EgressTransport(rt.egress),
        trust_env=False,
        follow_redirects=False,
    )


async def _redeem(
    rt: Runtime,
    tenant: Tenant,
    connection: Connection,
    document: Metadata,
    started: Started,
    code: str,
) -> dict[str, Any]:
    secret = None
    if connection.secret:
        async with rt.db.read(tenant.id) as s:
            secret = await rt.secrets.get(s, connection.secret)
    try:
        async with _client(rt, connection, secret, document, started.redirect_uri) as client:
            token = await client.fetch_token(
                document.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=started.verifier,
            )
    except EgressRefusedError as error:
        raise refused("address") from error
    except (OAuthError, httpx2.HTTPError, ValueError) as error:
        raise refused("code") from error
    return dict(token)


async def _verify(
    rt: Runtime,
    connection: Connection,
    document: Metadata,
    started: Started,
    id_token: object,
    now: datetime,
) -> dict[str, Any]:
    if not isinstance(id_token, str) or len(id_token) > 32_768:
        raise refused("id_token")
    try:
        header = jws.extract_compact(id_token.encode()).headers()
        if header.get("alg") not in connection.algorithms:
            raise refused("algorithm")
        if {"jwk", "jku", "x5u", "x5c"} & set(header):
            raise refused("key in the token")
        keys = await providers.keys(rt, document, header.get("kid"))
        claims = jwt.decode(id_token, keys, algorithms=list(connection.algorithms)).claims
        JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": connection.issuer},
            sub={"essential": True},
            aud={"essential": True, "value": connection.client_id},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": started.nonce},
        ).validate(claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise refused(type(error).__name__) from error
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if ("azp" in claims or several) and claims.get("azp") != connection.client_id:
        raise refused("azp")
    if not 0 < len(claims["sub"]) <= 255:
        raise refused("sub")
    return dict(claims)


def refused(reason: str) -> ConnectionRefusedByPolicyError:
    """The one refusal of this file; `reason` is for the log, the page tells none."""
    return ConnectionRefusedByPolicyError(f"The sign-in was refused ({reason}).", reason=reason)


def _text(value: object) -> str | None:
    return value[:320] if isinstance(value, str) and value else None
