"""OpenID Connect as members' and staff's connections share it: authorization code with PKCE.

State, nonce, verifier, connection and address stand in one record on our side that is used once and
belongs to one browser. Issuer and audience are exact, algorithms pinned, keys come from that
provider alone.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import httpx2
import msgspec
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry

from guerdon.identity import providers, refusals
from guerdon.identity.errors import ConnectionRefusedByPolicyError
from guerdon.identity.keyring import digest
from guerdon.identity.providers import Metadata
from guerdon.identity.refusals import Aside, Reason
from guerdon.kit.ids import secret_token
from guerdon.plumbing.cache import key, reach
from guerdon.plumbing.egress import Egress, EgressRefusedError
from guerdon.runtime import Runtime

STATE_LIFETIME_S = 600
LEEWAY_S = 60
_TOKEN_LENGTH_MAX = 32_768


class Client(msgspec.Struct, frozen=True):
    """A connection as the protocol sees it. `secret` is the name of the sealed client secret.

    `audience` keeps members' and staff's records apart; `key` names the connection among its own.
    """

    audience: str
    key: str
    issuer: str
    client_id: str
    redirect_uri: str
    secret: str
    algorithms: tuple[str, ...]
    scopes: tuple[str, ...]


class Started(msgspec.Struct, frozen=True):
    """The one record of a sign-in under way. `context` is what its starter wants back."""

    connection: str
    issuer: str
    client_id: str
    nonce: str
    verifier: str
    redirect_uri: str
    browser: str
    context: dict[str, str]
    again_since: int | None = None


class Proof(msgspec.Struct, frozen=True):
    """What a provider said and signed. Only (connection, issuer, subject) identifies."""

    issuer: str
    subject: str
    claims: dict[str, Any]
    id_token: str


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


async def begin(
    rt: Runtime,
    *,
    tenant_id: UUID,
    client: Client,
    browser_id: str,
    context: dict[str, str],
    again: datetime | None = None,
) -> str:
    """The provider's address to send the browser to.

    `again`: the person has to prove anew, after this instant, who they are.
    """
    document = await providers.metadata(rt, client.issuer)
    state = secret_token(32)
    started = Started(
        connection=client.key,
        issuer=client.issuer,
        client_id=client.client_id,
        nonce=secret_token(32),
        verifier=secret_token(48),
        redirect_uri=client.redirect_uri,
        browser=digest(browser_id),
        context=context,
        again_since=None if again is None else int(again.timestamp()),
    )
    await reach(
        rt.valkey.set(
            key(tenant_id, client.audience, digest(state)),
            msgspec.json.encode(started),
            ex=STATE_LIFETIME_S,
        )
    )
    # max_age makes auth_time part of the answer; with 0 some providers ask without end.
    more = {} if again is None else {"prompt": "login", "max_age": "300"}
    async with _oauth(rt, client, None, document) as oauth:
        url, _ = oauth.create_authorization_url(
            document.authorization_endpoint,
            state=state,
            code_verifier=started.verifier,
            nonce=started.nonce,
            **more,
        )
    return str(url)


async def take(rt: Runtime, *, tenant_id: UUID, audience: str, state: str) -> Started | None:
    """The record behind a state, once; None when there is none (any more)."""
    raw = await reach(rt.valkey.getdel(key(tenant_id, audience, digest(state))))
    return None if raw is None else msgspec.json.decode(raw, type=Started)


async def finish(
    rt: Runtime,
    *,
    tenant_id: UUID,
    client: Client,
    started: Started | None,
    query: dict[str, str],
    browser_id: str,
    now: datetime,
) -> Proof:
    """Who came back; ConnectionRefusedByPolicyError where anything is not as it was begun."""
    if started is None:
        raise refused("state")
    if started.connection != client.key or started.issuer != client.issuer:
        raise refused("connection")
    if started.browser != digest(browser_id):
        raise refused("browser")
    if started.client_id != client.client_id or started.redirect_uri != client.redirect_uri:
        raise refused("client")
    document = await providers.metadata(rt, client.issuer)
    issuer = query.get("iss")
    if issuer is None and document.authorization_response_iss_parameter_supported:
        raise refused("issuer_missing")
    if issuer is not None and issuer != client.issuer:
        raise refused("issuer")
    if "error" in query:
        raise refused(refusals.of_provider(query["error"]), found=query["error"])
    if not query.get("code"):
        raise refused("code")
    token = await _redeem(rt, tenant_id, client, document, started, query["code"])
    id_token = token.get("id_token")
    claims = await _verify(rt, client, document, started, id_token, now)
    return Proof(issuer=claims["iss"], subject=claims["sub"], claims=claims, id_token=str(id_token))


def _oauth(
    rt: Runtime, client: Client, secret: str | None, document: Metadata
) -> AsyncOAuth2Client:
    method = "none"
    if secret:
        offered = document.token_endpoint_auth_methods_supported
        post_only = "client_secret_post" in offered and "client_secret_basic" not in offered
        method = "client_secret_post" if post_only else "client_secret_basic"
    return AsyncOAuth2Client(
        client.client_id,
        secret,
        token_endpoint_auth_method=method,
        scope=" ".join(client.scopes),
        redirect_uri=client.redirect_uri,
        code_challenge_method="S256",
        transport=EgressTransport(rt.egress),
        trust_env=False,
        follow_redirects=False,
    )


async def _redeem(
    rt: Runtime,
    tenant_id: UUID,
    client: Client,
    document: Metadata,
    started: Started,
    code: str,
) -> dict[str, Any]:
    secret = None
    if client.secret:
        async with rt.db.read(tenant_id) as s:
            secret = await rt.secrets.get(s, client.secret)
    try:
        async with _oauth(rt, client, secret, document) as oauth:
            token = await oauth.fetch_token(
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


async def verified(
    rt: Runtime,
    *,
    client: Client,
    document: Metadata,
    token: object,
    expected: dict[str, Any],
    now: datetime,
) -> dict[str, Any]:
    """The claims of a token that this provider signed for this client; `expected` adds rules."""
    if not isinstance(token, str) or len(token) > _TOKEN_LENGTH_MAX:
        raise refused("token")
    try:
        header = jws.extract_compact(token.encode()).headers()
        if header.get("alg") not in client.algorithms:
            raise refused("algorithm")
        if {"jwk", "jku", "x5u", "x5c"} & set(header):
            raise refused("key_in_token")
        keys = await providers.keys(rt, document, header.get("kid"))
        claims = jwt.decode(token, keys, algorithms=list(client.algorithms)).claims
        JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": client.issuer},
            aud={"essential": True, "value": client.client_id},
            exp={"essential": True},
            iat={"essential": True},
            **expected,
        ).validate(claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise refused(refusals.of_token(error), found=type(error).__name__) from error
    return dict(claims)


async def _verify(
    rt: Runtime,
    client: Client,
    document: Metadata,
    started: Started,
    id_token: object,
    now: datetime,
) -> dict[str, Any]:
    claims = await verified(
        rt,
        client=client,
        document=document,
        token=id_token,
        expected={
            "sub": {"essential": True},
            "nonce": {"essential": True, "value": started.nonce},
        },
        now=now,
    )
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if ("azp" in claims or several) and claims.get("azp") != client.client_id:
        raise refused("azp")
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise refused("sub")
    proved_at = claims.get("auth_time")
    # Some providers leave auth_time out although max_age asks for it; then prompt=login has to do.
    if (
        started.again_since is not None
        and proved_at is not None
        and (not isinstance(proved_at, int | float) or proved_at + LEEWAY_S < started.again_since)
    ):
        raise refused("auth_time")
    return claims


def refused(reason: Reason | Aside, found: str = "") -> ConnectionRefusedByPolicyError:
    """The one refusal of a sign-in, with what was `found`; a member's page tells no reason."""
    return ConnectionRefusedByPolicyError(
        f"The sign-in was refused ({reason}).", reason=reason, found=found[:60]
    )
