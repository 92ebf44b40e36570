"""Sessions on the member site: 256-bit random ids made here and nowhere else, stored hashed.

An id that is not on record is rejected, never adopted. A session belongs to one tenant, one host
and one audience; a sign-in or a step-up always gets a new id and ends the old one. Records live in
Valkey: losing them means signing in again. Limits use real time, not the programme's.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from guerdon.identity.keyring import digest
from guerdon.identity.principals import MEMBER_SITE
from guerdon.kit.ids import secret_token
from guerdon.plumbing.cache import Valkey, key, reach

_TOKEN_LENGTH = 43


class Session(msgspec.Struct, frozen=True):
    """One signed-in browser. `id` is the hash of the secret in the cookie; it opens nothing."""

    id: str
    member_id: UUID
    host: str
    audience: str
    method: str
    started_at: datetime
    authenticated_at: datetime
    ends_at: datetime
    idle_s: int
    agent: str = ""
    address: str = ""


class ListedSession(msgspec.Struct, frozen=True):
    """A session as its member sees it in a list."""

    session: Session
    seen_at: datetime


def _record(tenant_id: UUID, session_id: str) -> str:
    return key(tenant_id, "session", session_id)


def _index(tenant_id: UUID, member_id: UUID) -> str:
    return key(tenant_id, "sessions", member_id)


async def start(
    valkey: Valkey,
    *,
    tenant_id: UUID,
    member_id: UUID,
    host: str,
    method: str,
    idle: timedelta,
    absolute: timedelta,
    now: datetime,
    agent: str = "",
    address: str = "",
    replaces: Session | None = None,
) -> tuple[str, Session]:
    """A new session and its secret for the cookie; `replaces` ends in the same step."""
    token = secret_token(32)
    session = Session(
        id=digest(token),
        member_id=member_id,
        host=host,
        audience=MEMBER_SITE,
        method=method,
        started_at=replaces.started_at if replaces and replaces.member_id == member_id else now,
        authenticated_at=now,
        ends_at=now + absolute,
        idle_s=int(idle.total_seconds()),
        agent=agent[:200],
        address=address[:64],
    )
    async with valkey.pipeline(transaction=True) as pipe:
        if replaces is not None:
            pipe.delete(_record(tenant_id, replaces.id))
            pipe.srem(_index(tenant_id, replaces.member_id), replaces.id)
        pipe.set(_record(tenant_id, session.id), msgspec.json.encode(session), ex=session.idle_s)
        pipe.sadd(_index(tenant_id, member_id), session.id)
        pipe.expire(_index(tenant_id, member_id), int(absolute.total_seconds()))
        await reach(pipe.execute())
    return token, session


async def read(
    valkey: Valkey, *, tenant_id: UUID, token: str, host: str, idle: timedelta, now: datetime
) -> Session | None:
    """The session behind a cookie's secret if it is alive here; reading renews the idle limit."""
    if len(token) != _TOKEN_LENGTH:
        return None
    session_id = digest(token)
    raw = await reach(
        valkey.getex(_record(tenant_id, session_id), ex=max(1, int(idle.total_seconds())))
    )
    if raw is None:
        return None
    session = msgspec.json.decode(raw, type=Session)
    if session.host != host or session.audience != MEMBER_SITE:
        return None
    if session.ends_at <= now:
        await revoke(
            valkey, tenant_id=tenant_id, member_id=session.member_id, session_id=session_id
        )
        return None
    return session


async def listing(
    valkey: Valkey, *, tenant_id: UUID, member_id: UUID, now: datetime
) -> list[ListedSession]:
    """The member's living sessions, the one seen last first."""
    ids = [m.decode() for m in await reach(valkey.smembers(_index(tenant_id, member_id)))]
    async with valkey.pipeline(transaction=False) as pipe:
        for session_id in ids:
            pipe.get(_record(tenant_id, session_id))
            pipe.ttl(_record(tenant_id, session_id))
        answers = await reach(pipe.execute())
    found = []
    for raw, ttl in zip(answers[::2], answers[1::2], strict=True):
        if raw is None:
            continue
        session = msgspec.json.decode(raw, type=Session)
        if session.ends_at > now:
            seen_at = now - timedelta(seconds=max(0, session.idle_s - int(ttl)))
            found.append(ListedSession(session, seen_at))
    return sorted(found, key=lambda one: one.seen_at, reverse=True)


async def revoke(valkey: Valkey, *, tenant_id: UUID, member_id: UUID, session_id: str) -> bool:
    """End one of the member's sessions; False if it is not theirs or already over."""
    if not await reach(valkey.srem(_index(tenant_id, member_id), session_id)):
        return False
    await reach(valkey.delete(_record(tenant_id, session_id)))
    return True


async def revoke_all(
    valkey: Valkey,
    *,
    tenant_id: UUID,
    member_id: UUID,
    keep: str | None = None,
    before: datetime | None = None,
) -> int:
    """End all of the member's sessions except `keep`, or those signed in `before` an instant; how
    many ended."""
    ids = [m.decode() for m in await reach(valkey.smembers(_index(tenant_id, member_id)))]
    gone = [session_id for session_id in ids if session_id != keep]
    if before is not None and gone:
        raw = await reach(valkey.mget([_record(tenant_id, session_id) for session_id in gone]))
        gone = [
            session_id
            for session_id, record in zip(gone, raw, strict=True)
            if record is None or msgspec.json.decode(record, type=Session).authenticated_at < before
        ]
    if gone:
        async with valkey.pipeline(transaction=True) as pipe:
            pipe.delete(*[_record(tenant_id, session_id) for session_id in gone])
            pipe.srem(_index(tenant_id, member_id), *gone)
            await reach(pipe.execute())
    return len(gone)
