"""Sessions of people in Valkey: 256-bit random ids made here and nowhere else, stored hashed.

An id that is not on record is rejected, never adopted. A record lies under its tenant's keys;
losing it means signing in again. Limits use real time, not the programme's.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

import msgspec

from guerdon.identity.keyring import digest
from guerdon.kit.ids import secret_token
from guerdon.plumbing.cache import Valkey, key, reach

_TOKEN_LENGTH = 43


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One signed-in browser. `id` is the hash of the secret in the cookie; it opens nothing."""

    id: str
    host: str
    method: str
    started_at: datetime
    authenticated_at: datetime
    ends_at: datetime
    idle_s: int
    agent: str = ""
    address: str = ""


K = TypeVar("K", bound=Kept)


class Listed(msgspec.Struct, Generic[K], frozen=True):
    """A session as its owner sees it in a list."""

    session: K
    seen_at: datetime


class SessionStore(Generic[K]):
    """Sessions of one kind; `records` and `owners` are parts of their keys in Valkey."""

    def __init__(
        self, kind: type[K], *, records: str, owners: str, owner_of: Callable[[K], UUID]
    ) -> None:
        self._kind = kind
        self._records = records
        self._owners = owners
        self._owner_of = owner_of

    def _record(self, tenant_id: UUID, session_id: str) -> str:
        return key(tenant_id, self._records, session_id)

    def _index(self, tenant_id: UUID, owner_id: UUID) -> str:
        return key(tenant_id, self._owners, owner_id)

    async def open(
        self,
        valkey: Valkey,
        *,
        tenant_id: UUID,
        wanted: K,
        replaces: K | None,
        now: datetime,
    ) -> tuple[str, K]:
        """Keep a session under a new id; its secret for the cookie. `replaces` ends in the same
        step."""
        token = secret_token(32)
        session = msgspec.structs.replace(wanted, id=digest(token))
        index = self._index(tenant_id, self._owner_of(session))
        lasts_s = max(1, int((session.ends_at - now).total_seconds()))
        async with valkey.pipeline(transaction=True) as pipe:
            if replaces is not None:
                pipe.delete(self._record(tenant_id, replaces.id))
                pipe.srem(self._index(tenant_id, self._owner_of(replaces)), replaces.id)
            pipe.set(
                self._record(tenant_id, session.id), msgspec.json.encode(session), ex=session.idle_s
            )
            pipe.sadd(index, session.id)
            # The list lasts as long as the session in it that ends last.
            pipe.expire(index, lasts_s, gt=True)
            pipe.expire(index, lasts_s, nx=True)
            await reach(pipe.execute())
        return token, session

    async def read(
        self,
        valkey: Valkey,
        *,
        tenant_id: UUID,
        token: str,
        host: str,
        idle: timedelta,
        now: datetime,
    ) -> K | None:
        """The session behind a cookie's secret if it is alive here; reading renews the idle
        limit."""
        if len(token) != _TOKEN_LENGTH:
            return None
        session_id = digest(token)
        raw = await reach(
            valkey.getex(self._record(tenant_id, session_id), ex=max(1, int(idle.total_seconds())))
        )
        session = self._here(raw, host)
        if session is not None and session.ends_at <= now:
            await self.revoke(
                valkey,
                tenant_id=tenant_id,
                owner_id=self._owner_of(session),
                session_id=session_id,
            )
            return None
        return session

    async def peek(self, valkey: Valkey, *, tenant_id: UUID, token: str, host: str) -> K | None:
        """The session behind a cookie's secret, without renewing it."""
        if len(token) != _TOKEN_LENGTH:
            return None
        return self._here(await reach(valkey.get(self._record(tenant_id, digest(token)))), host)

    def _here(self, raw: bytes | None, host: str) -> K | None:
        session = None if raw is None else msgspec.json.decode(raw, type=self._kind)
        return session if session is not None and session.host == host else None

    async def listing(
        self, valkey: Valkey, *, tenant_id: UUID, owner_id: UUID, now: datetime
    ) -> list[Listed[K]]:
        """Somebody's living sessions, the one seen last first."""
        ids = await self._ids(valkey, tenant_id, owner_id)
        async with valkey.pipeline(transaction=False) as pipe:
            for session_id in ids:
                pipe.get(self._record(tenant_id, session_id))
                pipe.ttl(self._record(tenant_id, session_id))
            answers = await reach(pipe.execute())
        found = []
        for raw, ttl in zip(answers[::2], answers[1::2], strict=True):
            if raw is None:
                continue
            session = msgspec.json.decode(raw, type=self._kind)
            if session.ends_at > now:
                seen_at = now - timedelta(seconds=max(0, session.idle_s - int(ttl)))
                found.append(Listed(session, seen_at))
        return sorted(found, key=lambda one: one.seen_at, reverse=True)

    async def revoke(
        self, valkey: Valkey, *, tenant_id: UUID, owner_id: UUID, session_id: str
    ) -> bool:
        """End one session; False if it is not theirs or already over."""
        if not await reach(valkey.srem(self._index(tenant_id, owner_id), session_id)):
            return False
        await reach(valkey.delete(self._record(tenant_id, session_id)))
        return True

    async def revoke_all(
        self,
        valkey: Valkey,
        *,
        tenant_id: UUID,
        owner_id: UUID,
        keep: str | None = None,
        before: datetime | None = None,
    ) -> int:
        """End all of somebody's sessions except `keep`, or those signed in `before` an instant;
        how many ended."""
        gone = [i for i in await self._ids(valkey, tenant_id, owner_id) if i != keep]
        if before is not None and gone:
            raw = await reach(valkey.mget([self._record(tenant_id, i) for i in gone]))
            gone = [
                session_id
                for session_id, record in zip(gone, raw, strict=True)
                if record is None
                or msgspec.json.decode(record, type=self._kind).authenticated_at < before
            ]
        if gone:
            async with valkey.pipeline(transaction=True) as pipe:
                pipe.delete(*[self._record(tenant_id, session_id) for session_id in gone])
                pipe.srem(self._index(tenant_id, owner_id), *gone)
                await reach(pipe.execute())
        return len(gone)

    async def _ids(self, valkey: Valkey, tenant_id: UUID, owner_id: UUID) -> list[str]:
        return [m.decode() for m in await reach(valkey.smembers(self._index(tenant_id, owner_id)))]
