"""Sign-in for the brand's own app: authorization code with PKCE (RFC 6749, 7636, 7009, 8414).

The apps are the brand's, registered in its parameters; whoever is signed in on the site is let
into them without another question. Nobody is redirected to an address that is not registered.
"""

from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from litestar import MediaType, Request, Response, Router, get, post
from litestar.exceptions import HTTPException

from guerdon.identity import tokens
from guerdon.identity.errors import TokenRefusedError
from guerdon.identity.parameters import SecurityParameters
from guerdon.identity.policy import MEMBER_SCOPES, public
from guerdon.identity.principals import MemberPrincipal
from guerdon.kit.errors import GuerdonError
from guerdon.plumbing import cache
from guerdon.plumbing.limits import Limit, take
from guerdon.wire.problems import render
from guerdon.wire.requests import ApiRequest

TRIES_PER_MINUTE = 60
FORM_BYTES_MAX = 20_000


class Metadata(msgspec.Struct, frozen=True):
    """Where everything is (RFC 8414)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    scopes_supported: tuple[str, ...]
    response_types_supported: tuple[str, ...] = ("code",)
    grant_types_supported: tuple[str, ...] = (
        "authorization_code",
        "refresh_token",
    )
    code_challenge_methods_supported: tuple[str, ...] = ("S256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("none",)


async def _limited(request: ApiRequest) -> None:
    address = str(request.scope["state"].get("client_address", "")).replace(":", "-")
    name = cache.key(request.tenant.id, "oauth", address or "-")
    await take(request.rt.valkey, [Limit.per(name, TRIES_PER_MINUTE, 60)])


def _error(request: Request[Any, Any, Any], error: TokenRefusedError) -> Response[bytes]:
    """As RFC 6749 5.2 wants it."""
    body = {"error": error.params.get("error"), "error_description": error.detail}
    status = 401 if body["error"] == "invalid_client" else 400
    return Response(
        msgspec.json.encode(body),
        status_code=status,
        media_type=MediaType.JSON,
        headers={"Cache-Control": "no-store"},
    )


def _redirect(to: str) -> Response[bytes]:
    headers = {"Location": to, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Response(b"", status_code=302, headers=headers)


@get("/oauth/authorize", opt={"policy": public()}, include_in_schema=False)
async def authorize(request: ApiRequest) -> Response[bytes]:
    """Send the member back to the app with a code, after signing in where needed."""
    asked = {name: str(value)[:2000] for name, value in request.query_params.items()}
    redirect_uri, state = asked.get("redirect_uri", ""), asked.get("state", "")
    app = tokens.app_of(
        request.snapshot[SecurityParameters],
        client_id=asked.get("client_id", ""),
        redirect_uri=redirect_uri,
    )
    member = request.scope["state"].get("principal")
    if not isinstance(member, MemberPrincipal):
        query = request.scope["query_string"].decode("ascii", "replace")
        return _redirect(f"/sign-in?next={quote(f'/oauth/authorize?{query}', safe='')}")
    issuer = request.rt.settings.tenant_url(request.tenant.canonical_host)
    joined = "&" if "?" in redirect_uri else "?"
    answered = {"state": state} if state else {}
    try:
        code = await tokens.authorize(
            request.rt,
            tenant_id=request.tenant.id,
            app=app,
            member_id=member.member_id,
            redirect_uri=redirect_uri,
            response_type=asked.get("response_type", ""),
            scope=asked.get("scope", ""),
            code_challenge=asked.get("code_challenge", ""),
            code_challenge_method=asked.get("code_challenge_method", ""),
        )
    except TokenRefusedError as refused:
        why = {"error": str(refused.params.get("error")), "error_description": refused.detail}
        return _redirect(redirect_uri + joined + urlencode(why | answered | {"iss": issuer}))
    return _redirect(redirect_uri + joined + urlencode({"code": code} | answered | {"iss": issuer}))


async def _form(request: ApiRequest) -> dict[str, str]:
    if request.content_type[0] != "application/x-www-form-urlencoded":
        raise TokenRefusedError("Send a form.", error="invalid_request")
    if len(await request.body()) > FORM_BYTES_MAX:
        raise TokenRefusedError("The form is too large.", error="invalid_request")
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


@post("/oauth/token", opt={"policy": public(csrf=False)}, include_in_schema=False,
      status_code=200)  # fmt: skip
async def token(request: ApiRequest) -> Response[bytes]:
    """Tokens for a code, or for a refresh token."""
    await _limited(request)
    form = await _form(request)
    client_id, kind = form.get("client_id", ""), form.get("grant_type", "")
    tokens.app_of(request.snapshot[SecurityParameters], client_id=client_id)
    if kind == "authorization_code":
        made = await tokens.exchange(
            request.rt,
            tenant_id=request.tenant.id,
            client_id=client_id,
            code=form.get("code", ""),
            redirect_uri=form.get("redirect_uri", ""),
            code_verifier=form.get("code_verifier", ""),
            now=request.real_now,
        )
    elif kind == "refresh_token":
        made = await tokens.refresh(
            request.rt,
            tenant_id=request.tenant.id,
            client_id=client_id,
            refresh_token=form.get("refresh_token", ""),
            now=request.real_now,
        )
    else:
        raise TokenRefusedError("No such grant type.", error="unsupported_grant_type")
    return Response(
        msgspec.json.encode(made),
        media_type=MediaType.JSON,
        headers={"Cache-Control": "no-store", "Pragma": "no-cache"},
    )


@post("/oauth/revoke", opt={"policy": public(csrf=False)}, include_in_schema=False,
      status_code=200)  # fmt: skip
async def revoke(request: ApiRequest) -> Response[bytes]:
    """End what a token opens. An unknown token is answered the same."""
    await _limited(request)
    form = await _form(request)
    await tokens.revoke(
        request.rt, tenant_id=request.tenant.id, token=form.get("token", ""), now=request.real_now
    )
    return Response(b"", headers={"Cache-Control": "no-store"})


@get("/.well-known/oauth-authorization-server", opt={"policy": public()},
     include_in_schema=False)  # fmt: skip
async def metadata(request: ApiRequest) -> Response[bytes]:
    """Where everything is."""
    issuer = request.rt.settings.tenant_url(request.tenant.canonical_host)
    body = Metadata(
        issuer=issuer,
        authorization_endpoint=f"{issuer}/oauth/authorize",
        token_endpoint=f"{issuer}/oauth/token",
        revocation_endpoint=f"{issuer}/oauth/revoke",
        scopes_supported=tuple(MEMBER_SCOPES),
    )
    return Response(msgspec.json.encode(body), media_type=MediaType.JSON)


def router() -> Router:
    """The endpoints of app sign-in, on a brand's host."""
    return Router(
        path="/",
        route_handlers=[authorize, token, revoke, metadata],
        request_class=ApiRequest,
        exception_handlers={
            TokenRefusedError: _error,
            GuerdonError: render,
            HTTPException: render,
            Exception: render,
        },
    )
