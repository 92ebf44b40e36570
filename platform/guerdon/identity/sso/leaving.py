"""Leaving: here and at the provider, and when the provider says that somebody has left there."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from authlib.common.urls import add_params_to_uri

from guerdon.audit import operations as audit
from guerdon.identity import attempts, oidc, providers, staff_sessions
from guerdon.identity.errors import ConnectionRefusedByPolicyError
from guerdon.identity.keyring import digest
from guerdon.identity.parameters import SecurityParameters
from guerdon.identity.sso import accounts, queries
from guerdon.identity.sso.endpoints import address, client_of
from guerdon.identity.sso.schemas import Connection, OidcSettings
from guerdon.identity.staff_sessions import StaffSession
from guerdon.identity.staff_sign_in import Caller
from guerdon.kit.errors import NotFoundError, UnavailableError
from guerdon.kit.ids import secret_token
from guerdon.plumbing.cache import key, reach
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
_TICKET_LIFETIME_S: Final = 60
_TOKEN_AGE_MAX = timedelta(minutes=10)


class _Hint(msgspec.Struct, frozen=True):
    """What a sign-out tells the provider about the session that ends there."""

    connection: str
    id_token: str


async def remember(rt: Runtime, tenant_id: UUID, session: StaffSession, *, hint: str) -> None:
    """Keep what signing out will need for as long as the session can live."""
    lifetime_s = max(1, int((session.ends_at - session.authenticated_at).total_seconds()))
    record = _Hint(session.connection, hint)
    async with rt.valkey.pipeline(transaction=True) as pipe:
        pipe.set(_hint_key(tenant_id, session), msgspec.json.encode(record), ex=lifetime_s)
        if session.provider_session:
            at = _sid_key(tenant_id, session.connection, session.provider_session)
            pipe.sadd(at, str(session.staff_id))
            pipe.expire(at, lifetime_s)
        await reach(pipe.execute())


async def way_out(rt: Runtime, *, tenant: Tenant, session: StaffSession) -> str | None:
    """Our own address that leads to the provider's sign-out; None where there is nothing to end.

    Its ticket works once, within a minute: what it stands for is no text for an answer to keep.
    """
    raw = await reach(rt.valkey.getdel(_hint_key(tenant.id, session)))
    if raw is None:
        return None
    hint = msgspec.json.decode(raw, type=_Hint)
    if not hint.id_token:
        return None
    try:
        async with rt.db.read(tenant.id) as s:
            connection = await queries.connection(s, connection_id=UUID(hint.connection))
    except NotFoundError:
        return None
    ticket = secret_token(24)
    await reach(rt.valkey.set(_ticket_key(tenant.id, ticket), raw, ex=_TICKET_LIFETIME_S))
    return f"{address(rt, connection.tenant_id, connection.endpoint_id, 'leave')}?ticket={ticket}"


async def provider_sign_out(
    rt: Runtime, *, tenant: Tenant, connection_id: UUID, ticket: str
) -> str | None:
    """Where the browser goes to end the provider's session (OpenID Connect RP-Initiated Logout);
    None where the provider offers nothing."""
    raw = await reach(rt.valkey.getdel(_ticket_key(tenant.id, ticket)))
    if raw is None:
        return None
    hint = msgspec.json.decode(raw, type=_Hint)
    try:
        async with rt.db.read(tenant.id) as s:
            connection = await queries.connection(s, connection_id=connection_id)
        settings = connection.in_force
        if hint.connection != str(connection.id) or not isinstance(settings, OidcSettings):
            return None
        document = await providers.metadata(rt, settings.issuer)
    except (NotFoundError, ConnectionRefusedByPolicyError, UnavailableError):
        # Signing out here never waits for a provider.
        return None
    if not document.end_session_endpoint:
        return None
    return str(
        add_params_to_uri(
            document.end_session_endpoint,
            [
                ("id_token_hint", hint.id_token),
                ("client_id", settings.client_id),
                (
                    "post_logout_redirect_uri",
                    address(rt, connection.tenant_id, connection.endpoint_id, "left"),
                ),
            ],
        )
    )


async def told_by_provider(
    rt: Runtime,
    *,
    tenant: Tenant,
    connection_id: UUID,
    logout_token: str,
    caller: Caller,
    now: datetime,
) -> int:
    """End the sessions that a logout token names (OpenID Connect Back-Channel Logout 1.0).

    How many ended. Raises ConnectionRefusedByPolicyError, told to the trail.
    """
    async with rt.db.read(tenant.id) as s:
        connection = await queries.connection(s, connection_id=connection_id)
    try:
        claims = await _verify(rt, tenant, connection, logout_token, now)
    except ConnectionRefusedByPolicyError as error:
        snapshot = await rt.snapshot(tenant.id, tenant.time(now))
        await attempts.charge_address(
            rt,
            tenant_id=tenant.id,
            security=snapshot[SecurityParameters],
            action="logout",
            address=caller.address,
        )
        refused = {"reason": str(error.params.get("reason"))}
        async with rt.db.write(tenant.id) as w:
            await _tell(w, "sign_out.refused", connection_id, refused, caller, now)
        raise
    subject, sid = claims.get("sub"), claims.get("sid")
    async with rt.db.read(tenant.id) as r:
        people = await _named(rt, r, connection, subject, sid)
    ended = 0
    for staff_id in people:
        ended += await _end(rt, tenant.id, connection, staff_id, sid, now)
    summary = {"sessions": ended, "people": [str(one) for one in people]}
    async with rt.db.write(tenant.id) as w:
        await _tell(w, "sign_out.by_provider", connection_id, summary, caller, now)
    return ended


async def end_all(rt: Runtime, s: ReadSession, *, connection: Connection, now: datetime) -> int:
    """End every session that was opened by a connection; how many."""
    ended = 0
    for staff_id in await accounts.linked_to(s, connection_id=connection.id):
        ended += await _end(rt, s.tenant_id, connection, staff_id, None, now)
    return ended


async def _tell(
    s: WriteSession,
    action: str,
    connection_id: UUID,
    summary: dict[str, Any],
    caller: Caller,
    now: datetime,
) -> None:
    await audit.record(
        s,
        actor="system",
        action=action,
        subject=f"connection:{connection_id}",
        summary=summary,
        now=now,
        address=caller.address,
        request_id=caller.request_id,
    )


async def _named(
    rt: Runtime, r: ReadSession, connection: Connection, subject: object, sid: object
) -> list[UUID]:
    if isinstance(subject, str):
        people = await accounts.holders(r, connection_id=connection.id, subject=subject)
        if people or sid is None:
            return people
    found = await reach(rt.valkey.smembers(_sid_key(r.tenant_id, str(connection.id), str(sid))))
    return [UUID(one.decode()) for one in found]


async def _end(
    rt: Runtime, tenant_id: UUID, connection: Connection, staff_id: UUID, sid: object, now: datetime
) -> int:
    ended = 0
    listed = await staff_sessions.listing(
        rt.valkey, tenant_id=tenant_id, staff_id=staff_id, now=now
    )
    for one in listed:
        opened = one.session
        if opened.connection != str(connection.id):
            continue
        if isinstance(sid, str) and opened.provider_session != sid:
            continue
        ended += await staff_sessions.revoke(
            rt.valkey, tenant_id=tenant_id, staff_id=staff_id, session_id=opened.id
        )
    return ended


async def _verify(
    rt: Runtime,
    tenant: Tenant,
    connection: Connection,
    token: str,
    now: datetime,
) -> dict[str, Any]:
    settings = connection.in_force
    if not isinstance(settings, OidcSettings):
        raise oidc.refused("closed")
    document = await providers.metadata(rt, settings.issuer)
    claims = await oidc.verified(
        rt,
        client=client_of(rt, connection, settings),
        document=document,
        token=token,
        expected={"jti": {"essential": True}},
        now=now,
    )
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise oidc.refused("events")
    # An ID token must not pass for a logout token, nor the other way round.
    if "nonce" in claims:
        raise oidc.refused("nonce")
    named = [claims.get("sub"), claims.get("sid")]
    if not any(isinstance(one, str) and 0 < len(one) <= 255 for one in named):
        raise oidc.refused("nobody")
    if not all(one is None or isinstance(one, str) for one in named):
        raise oidc.refused("sub_or_sid")
    jti = claims["jti"]
    if not isinstance(jti, str) or not 0 < len(jti) <= 255:
        raise oidc.refused("jti")
    if now - _TOKEN_AGE_MAX > datetime.fromtimestamp(claims["iat"], tz=now.tzinfo):
        raise oidc.refused("iat")
    lifetime_s = int(_TOKEN_AGE_MAX.total_seconds()) + 2 * oidc.LEEWAY_S
    first = await reach(
        rt.valkey.set(
            key(tenant.id, "console-logout", connection.id, digest(jti)), b"1", nx=True,
            ex=lifetime_s,
        )
    )  # fmt: skip
    if not first:
        raise oidc.refused("replay")
    return claims


def _hint_key(tenant_id: UUID, session: StaffSession) -> str:
    # Not by the session's id: that one changes with every step-up.
    there = digest(f"{session.connection} {session.subject} {session.provider_session}")
    return key(tenant_id, "console-sign-out", session.staff_id, there)


def _ticket_key(tenant_id: UUID, ticket: str) -> str:
    return key(tenant_id, "console-leave", digest(ticket))


def _sid_key(tenant_id: UUID, connection: str, sid: str) -> str:
    return key(tenant_id, "console-sid", connection, digest(sid))
