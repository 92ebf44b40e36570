"""The gate in front of every route: reads its policy, proves who calls, refuses the rest.

It runs as middleware inside the one that finds the tenant. A route without a policy is refused.
Handlers find the outcome in `visit(request)`; cookies that a handler sets through the visit leave
with its answer.
"""

import ipaddress
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from guerdon.identity import api_keys, csrf, desk, tokens
from guerdon.identity.desk import AT_A_CONSOLE, Desk, at_staff_host
from guerdon.identity.errors import CrossSiteError, ScopeMissingError
from guerdon.identity.keyring import same
from guerdon.identity.policy import SAFE, Kind, Policy
from guerdon.identity.porch import Porch
from guerdon.identity.principals import ApiKeyPrincipal, MemberPrincipal, Principal
from guerdon.identity.visit import SESSION_COOKIE, Visit
from guerdon.kit.errors import (
    ForbiddenError,
    NotFoundError,
    UnauthenticatedError,
    UnavailableError,
)
from guerdon.runtime import Runtime
from guerdon.tenancy.lifecycle import Act
from guerdon.tenancy.maintenance import refused
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.tenancy.schemas import Tenant

# The host router has let these in, for routes that there are and for those that are not.
_AT_THE_DOOR = frozenset({Act.VISIT, Act.CALL})
_BY_API = frozenset({Kind.API_KEY, Kind.MEMBER_TOKEN})


class UndeclaredRouteError(RuntimeError):
    """A route without a policy: nobody may call it."""


class Gate(ASGIMiddleware):
    """Complete mediation: no handler runs before its policy is met."""

    scopes = (ScopeType.HTTP, ScopeType.WEBSOCKET, ScopeType.ASGI)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Admit the call or raise."""
        policy = scope["route_handler"].opt.get("policy")
        method = str(scope.get("method", "GET"))
        if not isinstance(policy, Policy):
            if method == "OPTIONS":
                await next_app(scope, receive, send)
                return
            raise UndeclaredRouteError(f"{method} {scope['path']} declares no policy")
        rt: Runtime = scope["litestar_app"].state.rt
        state: dict[str, Any] = scope["state"]
        tenant: Tenant | None = state.get("tenant")
        headers = Headers.from_scope(scope)
        if policy.kind is Kind.OPERATOR:
            _check_operator(rt, scope, headers)
        if policy.kind in AT_A_CONSOLE:
            if "console" not in state or (
                policy.kind is Kind.PLATFORM and not at_staff_host(state)
            ):
                raise NotFoundError
            at = await desk.admit(rt, policy, scope, headers, rt.clock.now())
            if policy.changes_by(method):
                _require_awake(rt, state, await at.concerned(scope))
            await next_app(scope, receive, _with_cookies(send, at))
            return
        if policy.kind is Kind.PLATFORM_PUBLIC:
            porch = state["porch"] = Porch(rt, scope, headers)
            if policy.changes_by(method):
                _require_awake(rt, state, OPERATOR_ID)
            if method not in SAFE:
                await _check_form(rt, scope, receive, send, porch, headers)
            await next_app(scope, receive, _with_cookies(send, porch))
            return
        if tenant is None:
            if policy.changes_by(method):
                _require_awake(rt, state, OPERATOR_ID)
            if policy.kind in {Kind.MEMBER, Kind.MEMBER_TOKEN, Kind.API_KEY}:
                raise UnauthenticatedError
            await next_app(scope, receive, send)
            return
        visit = Visit(
            rt,
            tenant,
            authority=headers.get("host", ""),
            cookies=ASGIConnection[Any, Any, Any, Any](scope).cookies,
            agent=headers.get("user-agent", ""),
            address=state.get("client_address", ""),
        )
        state["visit"] = visit
        now = state.get("real_now") or rt.clock.now()
        state["principal"] = visit.principal = await _prove(rt, policy, visit, headers, method, now)
        act = policy.act_of(method)
        if act is not None and act not in _AT_THE_DOOR:
            tenant.require(act)
        rt.allowances.require(tenant.id, act, api=policy.kind in _BY_API)
        if policy.changes_by(method):
            _require_awake(rt, state, tenant.id)
        if isinstance(visit.principal, MemberPrincipal) and "snapshot" in state:
            state["snapshot"] = rt.snapshots.for_member(
                state["snapshot"], visit.principal.member_id
            )
        if policy.csrf and method not in SAFE:
            await _check_form(rt, scope, receive, send, visit, headers)
        await next_app(scope, receive, _with_cookies(send, visit))


def _require_awake(rt: Runtime, state: dict[str, Any], tenant_id: UUID | None) -> None:
    """MaintenanceError, by the real time, where nothing of the tenant may be changed."""
    resting = None if tenant_id is None else rt.maintenance.of(tenant_id)
    if resting is not None:
        state["refusal"] = error = refused(resting, rt.clock.now())
        raise error


async def _prove(
    rt: Runtime, policy: Policy, visit: Visit, headers: Headers, method: str, now: datetime
) -> Principal | None:
    if policy.kind is Kind.API_KEY:
        return await _api_key(rt, policy, visit, headers, now)
    if policy.kind is Kind.MEMBER_TOKEN:
        return await _member_token(rt, policy, visit, headers, now)
    if policy.kind not in {Kind.MEMBER, Kind.PUBLIC}:
        return None
    if policy.session and SESSION_COOKIE in visit.cookies:
        try:
            await visit.load_session(now)
        except UnavailableError:
            # Browsing goes on for a guest; what needs a member says that it is not available.
            if policy.kind is not Kind.PUBLIC or method not in SAFE:
                raise
    if visit.session is None:
        if policy.kind is Kind.PUBLIC:
            return None
        raise UnauthenticatedError
    if policy.fresh:
        visit.require_fresh(now)
    return visit.member_principal()


async def _api_key(
    rt: Runtime, policy: Policy, visit: Visit, headers: Headers, now: datetime
) -> ApiKeyPrincipal:
    principal = await api_keys.authenticate(rt, visit.tenant.id, _bearer(headers), now=now)
    if principal is None:
        raise UnauthenticatedError("The API key is unknown, expired or revoked.")
    if policy.scope is not None and policy.scope not in principal.scopes:
        raise ScopeMissingError(f"The key lacks the scope {policy.scope}.", scope=policy.scope)
    return principal


async def _member_token(
    rt: Runtime, policy: Policy, visit: Visit, headers: Headers, now: datetime
) -> MemberPrincipal:
    principal = await tokens.introspect(
        rt, tenant_id=visit.tenant.id, access_token=_bearer(headers), now=now
    )
    if principal is None:
        raise UnauthenticatedError("The access token is unknown, expired or revoked.")
    if policy.scope not in principal.scopes:
        raise ScopeMissingError(f"The token lacks the scope {policy.scope}.", scope=policy.scope)
    return principal


def _check_operator(rt: Runtime, scope: Scope, headers: Headers) -> None:
    if token := rt.settings.metrics_token:
        if not same(headers.get("authorization", ""), f"Bearer {token}"):
            raise UnauthenticatedError
        return
    client = scope.get("client")
    try:
        local = client is not None and ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        local = False
    if not local or "x-forwarded-for" in headers or "forwarded" in headers:
        raise ForbiddenError


async def _check_form(
    rt: Runtime,
    scope: Scope,
    receive: Receive,
    send: Send,
    visit: Visit | Porch,
    headers: Headers,
) -> None:
    own = f"{rt.settings.base_scheme}://{visit.authority}"
    if not csrf.same_origin(
        site=headers.get("sec-fetch-site"), origin=headers.get("origin"), own=own
    ):
        raise CrossSiteError
    token = headers.get(csrf.HEADER)
    if token is None:
        # Parsed once: Litestar keeps the form in the scope for the handler.
        request: Request[Any, Any, Any] = Request(scope, receive=receive, send=send)
        field = (await request.form()).get(csrf.FIELD)
        token = field if isinstance(field, str) else None
    if token is None or not visit.csrf_holds(token):
        raise CrossSiteError


def visit(request: Request[Any, Any, Any]) -> Visit:
    """What the gate found out about this request."""
    found: Visit = request.scope["state"]["visit"]
    return found


def porch(request: Request[Any, Any, Any]) -> Porch:
    """What there is of a request at the platform's own host."""
    found: Porch = request.scope["state"]["porch"]
    return found


def _bearer(headers: Headers) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise UnauthenticatedError("Send the header Authorization: Bearer <token>.")
    return token.strip()


def _with_cookies(send: Send, visit: Visit | Desk | Porch) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start" and visit.set_cookies:
            message["headers"] = [
                *message.get("headers", []),
                *[(b"set-cookie", cookie.encode("latin-1")) for cookie in visit.set_cookies],
            ]
        await send(message)

    return wrapped
