"""Sessions on the console: one per brand and browser, ids made here, stored hashed in Valkey.

A record lies under its tenant's keys and the cookie's name carries the brand, so that a session
of one brand is nothing to another. Roles are not in it: they are read with each request.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from guerdon.identity.keyring import digest
from guerdon.kit.ids import secret_token
from guerdon.plumbing.cache import Valkey, key, reach

_TOKEN_LENGTH = 43


class StaffSession(msgspec.Struct, frozen=True):
    """One signed-in browser. `id` is the hash of the secret in the cookie; it opens nothing.

    `connection` and `subject` tell by which provider it was opened; `provider_session` is the
    provider's own name for it.
    """

    id: str
    staff_id: UUID
    host: str
    method: str
    started_at: datetime
    authenticated_at: datetime
    ends_at: datetime
    idle_s: int
    agent: str = ""
    address: str = ""
    connection: str = ""
    subject: str = ""
    provider_session: str = ""


class ListedStaffSession(msgspec.Struct, frozen=True):
    """A session as its owner sees it in a list."""

    session: StaffSession
    seen_at: datetime


def cookie_name(slug: str) -> str:
    """The cookie that holds a brand's session."""
    return f"__Host-console-{slug}"


def _record(tenant_id: UUID, session_id: str) -> str:
    return key(tenant_id, "console-session", session_id)


def _index(tenant_id: UUID, staff_id: UUID) -> str:
    return key(tenant_id, "console-sessions", staff_id)


async def start(
    valkey: Valkey,
    *,
    tenant_id: UUID,
    staff_id: UUID,
    host: str,
    method: str,
    idle: timedelta,
    absolute: timedelta,
    now: datetime,
    agent: str = "",
    address: str = "",
    connection: str = "",
    subject: str = "",
    provider_session: str = "",
    replaces: StaffSession | None = None,
) -> tuple[str, StaffSession]:
    """A new session and its secret for the cookie; `replaces` ends in the same step."""
    return await _open(
        valkey,
        tenant_id,
        StaffSession(
            id="",
            staff_id=staff_id,
            host=host,
            method=method,
            started_at=now,
            authenticated_at=now,
            ends_at=now + absolute,
            idle_s=int(idle.total_seconds()),
            agent=agent[:200],
            address=address[:64],
            connection=connection,
            subject=subject,
            provider_session=provider_session,
        ),
        replaces,
        now,
    )


async def renew(
    valkey: Valkey, *, tenant_id: UUID, session: StaffSession, now: datetime
) -> tuple[str, StaffSession]:
    """The same session under a new id, proved afresh at `now`. It does not last longer for it."""
    proved = msgspec.structs.replace(session, authenticated_at=now)
    return await _open(valkey, tenant_id, proved, session, now)


async def _open(
    valkey: Valkey,
    tenant_id: UUID,
    wanted: StaffSession,
    replaces: StaffSession | None,
    now: datetime,
) -> tuple[str, StaffSession]:
    token = secret_token(32)
    session = msgspec.structs.replace(wanted, id=digest(token))
    async with valkey.pipeline(transaction=True) as pipe:
        if replaces is not None:
            pipe.delete(_record(tenant_id, replaces.id))
            pipe.srem(_index(tenant_id, replaces.staff_id), replaces.id)
        pipe.set(_record(tenant_id, session.id), msgspec.json.encode(session), ex=session.idle_s)
        pipe.sadd(_index(tenant_id, session.staff_id), session.id)
        lasts_s = max(1, int((session.ends_at - now).total_seconds()))
        pipe.expire(_index(tenant_id, session.staff_id), lasts_s, gt=True)
        pipe.expire(_index(tenant_id, session.staff_id), lasts_s, nx=True)
        await reach(pipe.execute())
    return token, session


async def read(
    valkey: Valkey, *, tenant_id: UUID, token: str, host: str, idle: timedelta, now: datetime
) -> StaffSession | None:
    """The session behind a cookie's secret if it is alive here; reading renews the idle limit."""
    if len(token) != _TOKEN_LENGTH:
        return None
    session_id = digest(token)
    raw = await reach(
        valkey.getex(_record(tenant_id, session_id), ex=max(1, int(idle.total_seconds())))
    )
    if raw is None:
        return None
    session = msgspec.json.decode(raw, type=StaffSession)
    if session.host != host:
        return None
    if session.ends_at <= now:
        await revoke(valkey, tenant_id=tenant_id, staff_id=session.staff_id, session_id=session_id)
        return None
    return session


async def peek(valkey: Valkey, *, tenant_id: UUID, token: str, host: str) -> StaffSession | None:
    """The session behind a cookie's secret, without renewing it: what a new sign-in replaces."""
    if len(token) != _TOKEN_LENGTH:
        return None
    raw = await reach(valkey.get(_record(tenant_id, digest(token))))
    session = None if raw is None else msgspec.json.decode(raw, type=StaffSession)
    return session if session is not None and session.host == host else None


async def listing(
    valkey: Valkey, *, tenant_id: UUID, staff_id: UUID, now: datetime
) -> list[ListedStaffSession]:
    """Somebody's living sessions, the one seen last first."""
    ids = [m.decode() for m in await reach(valkey.smembers(_index(tenant_id, staff_id)))]
    async with valkey.pipeline(transaction=False) as pipe:
        for session_id in ids:
            pipe.get(_record(tenant_id, session_id))
            pipe.ttl(_record(tenant_id, session_id))
        answers = await reach(pipe.execute())
    found = []
    for raw, ttl in zip(answers[::2], answers[1::2], strict=True):
        if raw is None:
            continue
        session = msgspec.json.decode(raw, type=StaffSession)
        if session.ends_at > now:
            seen_at = now - timedelta(seconds=max(0, session.idle_s - int(ttl)))
            found.append(ListedStaffSession(session, seen_at))
    return sorted(found, key=lambda one: one.seen_at, reverse=True)


async def revoke(valkey: Valkey, *, tenant_id: UUID, staff_id: UUID, session_id: str) -> bool:
    """End one session; False if it is not theirs or already over."""
    if not await reach(valkey.srem(_index(tenant_id, staff_id), session_id)):
        return False
    await reach(valkey.delete(_record(tenant_id, session_id)))
    return True


async def revoke_all(
    valkey: Valkey, *, tenant_id: UUID, staff_id: UUID, keep: str | None = None
) -> int:
    """End all of somebody's sessions except `keep`; how many ended."""
    ids = [m.decode() for m in await reach(valkey.smembers(_index(tenant_id, staff_id)))]
    gone = [session_id for session_id in ids if session_id != keep]
    if gone:
        async with valkey.pipeline(transaction=True) as pipe:
            pipe.delete(*[_record(tenant_id, session_id) for session_id in gone])
            pipe.srem(_index(tenant_id, staff_id), *gone)
            await reach(pipe.execute())
    return len(gone)
