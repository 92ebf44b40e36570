"""The browser's way over a brand's provider, and the provider's own calls.

`/sso/<endpoint id>/…` at the console's host: the unguessable id says whose connection it is, and
state or signature has to prove the rest.
"""

from collections.abc import Awaitable
from urllib.parse import quote
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response import Redirect

from guerdon.admin_api.entering import caller, earlier, enter
from guerdon.admin_api.requests import AdminRequest, answer
from guerdon.identity.errors import ConnectionRefusedByPolicyError
from guerdon.identity.policy import console_public, provider_signature
from guerdon.identity.sso import arriving, leaving, queries, saml
from guerdon.identity.sso.arriving import Outcome, SecondStep, Tested, Way
from guerdon.identity.sso.errors import (
    ConnectionStateError,
    SsoRefusedError,
    UnknownConnectionError,
)
from guerdon.identity.staff_sign_in import Caller
from guerdon.kit.errors import GuerdonError, NotFoundError, UnavailableError
from guerdon.tenancy.lifecycle import Act
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.tenancy.schemas import Tenant
from guerdon.wire.problems import render

PATH = "/_console/sso"
BROWSER = {"policy": console_public()}
# Whoever arrives is written down.
ENTERING = {"policy": console_public(changes=True)}
PROVIDER = {"policy": provider_signature()}
FORM_BYTES_MAX = 400_000

EndpointId = FromPath[str]


@get("/{endpoint_id:str}/start", opt=BROWSER)
async def start(request: AdminRequest, endpoint_id: EndpointId) -> Redirect:
    """Go to the brand's provider. `test`: to see what it says; `again`: to prove oneself anew."""
    way = await _way(request, endpoint_id)
    asked = request.query_params
    test = asked.get("test")
    async with request.rt.db.read(way.tenant.id) as s:
        kind = (await queries.connection(s, connection_id=way.connection_id)).kind
    begin = saml.begin if kind == "saml" else arriving.begin
    try:
        url = await begin(
            request.rt,
            way=way,
            return_to=asked.get("next") or f"/{way.tenant.slug}",
            again=asked.get("again") == "1",
            test_id=_id(test) if test else None,
        )
    except (
        SsoRefusedError, ConnectionRefusedByPolicyError, ConnectionStateError, UnavailableError,
        NotFoundError,
    ) as error:  # fmt: skip
        return _leave(_refused(way.tenant, arriving.as_refusal(error)))
    return _leave(url)


@get("/{endpoint_id:str}/callback", opt=ENTERING)
async def callback(request: AdminRequest, endpoint_id: EndpointId) -> Redirect:
    """Back from an OpenID Connect provider."""
    way = await _way(request, endpoint_id)
    query = dict(request.query_params.items())
    return await _settled(request, way, arriving.come_back(request.rt, way=way, query=query))


@post("/{endpoint_id:str}/acs", opt=PROVIDER, status_code=303)
async def assertion_consumer(request: AdminRequest, endpoint_id: EndpointId) -> Redirect:
    """A SAML provider's answer, posted by the browser from the provider's page. The browser's
    cookies do not come along: it goes on with a ticket, and shows them then."""
    tenant, connection_id = await _whose(request, endpoint_id)
    way = Way(tenant, connection_id, _peer(request), None, request.rt.clock.now())
    raw = await _field(request, "SAMLResponse")
    try:
        taken = await saml.take_in(request.rt, way=way, raw=raw)
    except SsoRefusedError as refusal:
        return _leave(_refused(tenant, refusal))
    if isinstance(taken, Tested):
        return _leave(_tested(tenant, taken))
    return _leave(f"/sso/{endpoint_id}/finish?ticket={taken.ticket}")


@get("/{endpoint_id:str}/finish", opt=ENTERING)
async def finish(request: AdminRequest, endpoint_id: EndpointId) -> Redirect:
    """The browser goes on with an answer that was verified."""
    way = await _way(request, endpoint_id)
    ticket = request.query_params.get("ticket") or ""
    return await _settled(request, way, saml.come_back(request.rt, way=way, ticket=ticket))


@get("/{endpoint_id:str}/metadata", opt=BROWSER)
async def metadata(request: AdminRequest, endpoint_id: EndpointId) -> Response[bytes]:
    """What a SAML provider reads about this connection."""
    tenant, connection_id = await _whose(request, endpoint_id)
    async with request.rt.db.read(tenant.id) as s:
        connection = await queries.connection(s, connection_id=connection_id)
    if connection.kind != "saml":
        raise UnknownConnectionError
    return Response(
        saml.metadata(request.rt, connection), media_type="application/samlmetadata+xml"
    )


@post("/{endpoint_id:str}/logout", opt=PROVIDER, status_code=200)
async def logout(request: AdminRequest, endpoint_id: EndpointId) -> Response[bytes]:
    """The provider tells that somebody signed out there (OpenID Connect Back-Channel Logout)."""
    tenant, connection_id = await _whose(request, endpoint_id)
    token = await _field(request, "logout_token")
    now = request.rt.clock.now()
    try:
        await leaving.told_by_provider(
            request.rt,
            tenant=tenant,
            connection_id=connection_id,
            logout_token=token,
            caller=_peer(request),
            now=now,
        )
    except ConnectionRefusedByPolicyError as error:
        refused = {"error": "invalid_request", "error_description": str(error.params["reason"])}
        said = answer(refused, status=400)
    else:
        said = Response(b"", status_code=200)
    said.headers["Cache-Control"] = "no-store"
    return said


@get("/{endpoint_id:str}/leave", opt=BROWSER)
async def leave(request: AdminRequest, endpoint_id: EndpointId) -> Redirect:
    """Go on to sign out at the provider, after signing out here."""
    tenant, connection_id = await _whose(request, endpoint_id)
    there = await leaving.provider_sign_out(
        request.rt,
        tenant=tenant,
        connection_id=connection_id,
        ticket=request.query_params.get("ticket") or "",
    )
    return _leave(there or f"/{tenant.slug}/sign-in?left=1")


@get("/{endpoint_id:str}/left", opt=BROWSER)
async def left(request: AdminRequest, endpoint_id: EndpointId) -> Redirect:
    """Back from signing out at the provider."""
    tenant, _ = await _whose(request, endpoint_id)
    return _leave(f"/{tenant.slug}/sign-in?left=1")


def router() -> Router:
    """Everything below `/sso` at the console's host."""
    return Router(
        path=PATH,
        route_handlers=[start, callback, assertion_consumer, finish, metadata, logout, leave, left],
        request_class=AdminRequest,
        request_max_body_size=FORM_BYTES_MAX,
        include_in_schema=False,
        exception_handlers={GuerdonError: render, HTTPException: render, Exception: render},
    )


async def _whose(request: AdminRequest, endpoint_id: str) -> tuple[Tenant, UUID]:
    """Whose address was called; UnknownConnectionError for anything but a good one."""
    if not 0 < len(endpoint_id) <= 64:
        raise UnknownConnectionError
    found = await queries.endpoint(request.rt, endpoint_id=endpoint_id)
    tenant = await request.rt.directory.by_id(found.tenant_id)
    here = request.at_staff_host == (tenant.id == OPERATOR_ID)
    if not here or not tenant.allows(Act.LOOK):
        raise UnknownConnectionError
    return tenant, found.connection_id


async def _way(request: AdminRequest, endpoint_id: str) -> Way:
    tenant, connection_id = await _whose(request, endpoint_id)
    return Way(
        tenant=tenant,
        connection_id=connection_id,
        caller=caller(request, tenant),
        replaces=await earlier(request, tenant),
        now=request.now,
    )


async def _settled(request: AdminRequest, way: Way, coming: Awaitable[Outcome]) -> Redirect:
    try:
        outcome = await coming
    except SsoRefusedError as refusal:
        return _leave(_refused(way.tenant, refusal))
    if isinstance(outcome, Tested):
        return _leave(_tested(way.tenant, outcome))
    if isinstance(outcome, SecondStep):
        # After the # nothing reaches a log or the next page; the ticket is the browser's alone.
        back = quote(outcome.return_to, safe="")
        return _leave(f"/{way.tenant.slug}/sign-in?next={back}#ticket={outcome.ticket}")
    enter(request, way.tenant, outcome.admitted)
    return _leave(outcome.return_to)


def _tested(tenant: Tenant, outcome: Tested) -> str:
    screen = f"/{tenant.slug}/integrations/connections/{outcome.connection_id}"
    return f"{screen}?test={outcome.test_id}"


def _refused(tenant: Tenant, refusal: SsoRefusedError) -> str:
    return f"/{tenant.slug}/sign-in?refused={quote(refusal.reason, safe='')}"


def _leave(url: str) -> Redirect:
    # Codes and states stand in addresses here: no page after this one learns them.
    return Redirect(
        url,
        status_code=303,
        headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
    )


def _peer(request: AdminRequest) -> Caller:
    """A provider's own call: there is no browser behind it."""
    return Caller(browser_id="", host="", address=request.address, request_id=request.request_id)


async def _field(request: AdminRequest, name: str) -> str:
    value = (await request.form()).get(name)
    return value if isinstance(value, str) else ""


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFoundError from error
