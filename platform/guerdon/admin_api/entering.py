"""What the calls around signing in share: the browser that calls, its cookies, a new session id."""

from dataclasses import dataclass
from datetime import datetime

from guerdon.admin_api.requests import AdminRequest
from guerdon.identity import staff_sessions
from guerdon.identity.staff_sessions import StaffSession
from guerdon.identity.staff_sign_in import Admitted, Caller
from guerdon.kit.errors import NotFoundError, UnauthenticatedError
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.tenancy.lifecycle import Act
from guerdon.tenancy.schemas import Tenant
from guerdon.wire.openapi import Read
from guerdon.wire.values import Out


@dataclass
class Step(Read):
    """A step of signing in, or of proving oneself again. It is safe to try again without a key:
    what may happen once is kept by its ticket, its link or its code."""


class Renewed(Out, frozen=True):
    """The session goes on under a new id, with a new token for changing calls."""

    csrf_token: str
    authenticated_at: datetime


async def brand_in_path(request: AdminRequest, slug: str) -> tuple[Tenant, Snapshot]:
    """The brand somebody wants to sign in to; NotFoundError if there is none."""
    tenant = await request.desk.house(slug)
    if not tenant.allows(Act.LOOK):
        raise NotFoundError
    return tenant, await request.rt.snapshot(tenant.id, tenant.time(request.real_now))


def programme_name(snapshot: Snapshot) -> str:
    """How people know the brand."""
    return snapshot[ProgrammeParameters].name


def caller(request: AdminRequest, tenant: Tenant, email: str = "") -> Caller:
    """The browser that calls; `email`: whether that account signed in there before."""
    desk = request.desk
    return Caller(
        browser_id=desk.browser_id(),
        host=desk.host,
        address=request.address,
        agent=desk.agent,
        known=desk.knows(tenant, email.strip().casefold()) if email else None,
        request_id=request.request_id,
    )


async def earlier(request: AdminRequest, tenant: Tenant) -> StaffSession | None:
    """The session this browser has at the brand already: a sign-in ends it."""
    token = request.desk.cookies.get(staff_sessions.cookie_name(tenant.slug), "")
    return await staff_sessions.peek(
        request.rt.valkey, tenant_id=tenant.id, token=token, host=request.desk.host
    )


def enter(request: AdminRequest, tenant: Tenant, admitted: Admitted) -> None:
    """Give the browser the session that has begun."""
    lasts_s = int((admitted.session.ends_at - request.now).total_seconds())
    request.desk.keep(tenant.slug, admitted.token, lasts_s)
    request.desk.remember(tenant, admitted.staff.email_norm)


def own_session(request: AdminRequest) -> StaffSession:
    """The session at work."""
    session = request.desk.session
    if session is None:
        raise UnauthenticatedError
    return session


async def renew(request: AdminRequest) -> Renewed:
    """Go on under a new id, proved just now."""
    desk, tenant = request.desk, request.tenant
    token, session = await staff_sessions.renew(
        request.rt.valkey, tenant_id=tenant.id, session=own_session(request), now=request.now
    )
    desk.session = session
    desk.keep(tenant.slug, token, int((session.ends_at - request.now).total_seconds()))
    return Renewed(desk.csrf_token(), session.authenticated_at)
