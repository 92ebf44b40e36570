"""API keys of a brand's systems: scoped, expiring, rotated with an overlap, stored hashed.

A key has 256 random bits, so its SHA-256 is enough. What a key may do is kept in process memory
until the change counter says that the tenant's keys changed: a revoked key stops within a second
in every process, and a busy key costs the hot path a dictionary look-up.
"""

import secrets
import string
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID
from weakref import WeakKeyDictionary

import msgspec

from guerdon.identity.keyring import digest
from guerdon.identity.policy import API_SCOPES
from guerdon.identity.principals import ApiKeyPrincipal
from guerdon.kit.errors import InvalidError, NotFoundError
from guerdon.kit.ids import uuid7
from guerdon.plumbing.db import Database, ReadSession, WriteSession
from guerdon.plumbing.flight import SingleFlight
from guerdon.runtime import Runtime
from guerdon.tenancy.changes import Changes, note_change

Mode = Literal["live", "test"]

_ALPHABET = string.ascii_letters + string.digits
_SECRET_LENGTH = 43
_KEPT_MAX = 10_000
_Slot = tuple[UUID, str]

_SELECT = """
    SELECT id, name, mode, hint, scopes, requests_per_minute, created_at, expires_at, revoked_at
      FROM app.api_key
"""


class ApiKey(msgspec.Struct, frozen=True):
    """A key as its owner sees it: never its secret."""

    id: UUID
    name: str
    mode: str
    hint: str
    scopes: tuple[str, ...]
    requests_per_minute: int | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def good_at(self, now: datetime) -> bool:
        """Whether the key opens anything at `now`."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class IssuedKey(msgspec.Struct, frozen=True):
    """A new key with its secret, shown once."""

    key: ApiKey
    secret: str


async def create(
    s: WriteSession,
    *,
    name: str,
    scopes: tuple[str, ...],
    mode: Mode,
    now: datetime,
    expires_at: datetime | None = None,
    requests_per_minute: int | None = None,
) -> IssuedKey:
    """A new key; its secret is in the answer and nowhere else."""
    unknown = sorted(set(scopes) - set(API_SCOPES))
    if unknown or not scopes:
        raise InvalidError(
            f"Scopes are among {', '.join(API_SCOPES)}.", field="scopes", got=", ".join(unknown)
        )
    if not name.strip() or len(name) > 100:
        raise InvalidError("A key has a name of 1 to 100 characters.", field="name")
    if expires_at is not None and expires_at <= now:
        raise InvalidError("A key expires in the future.", field="expires_at")
    secret = f"gk_{mode}_" + "".join(secrets.choice(_ALPHABET) for _ in range(_SECRET_LENGTH))
    row = await s.one(
        ApiKey,
        """
        INSERT INTO app.api_key (tenant_id, id, name, mode, hint, secret_hash, scopes,
                                 requests_per_minute, created_at, expires_at)
        VALUES (%(tenant_id)s, %(id)s, %(name)s, %(mode)s, %(hint)s, %(hash)s, %(scopes)s,
                %(rpm)s, %(now)s, %(expires_at)s)
        RETURNING id, name, mode, hint, scopes, requests_per_minute, created_at, expires_at,
                  revoked_at
        """,
        {
            "id": uuid7(),
            "name": name.strip(),
            "mode": mode,
            "hint": secret[-4:],
            "hash": digest(secret),
            "scopes": sorted(set(scopes)),
            "rpm": requests_per_minute,
            "now": now,
            "expires_at": expires_at,
        },
    )
    await note_change(s, "keys")
    return IssuedKey(row, secret)


async def rotate(s: WriteSession, *, key_id: UUID, overlap: timedelta, now: datetime) -> IssuedKey:
    """A new key with the old one's name and scopes; the old one works until `overlap` is over."""
    old = await s.one(
        ApiKey,
        _SELECT + " WHERE tenant_id = %(tenant_id)s AND id = %(id)s FOR UPDATE",
        {"id": key_id},
    )
    if not old.good_at(now):
        raise InvalidError("This key is over; make a new one.", field="key_id")
    await s.execute(
        "UPDATE app.api_key SET expires_at = least(expires_at, %(until)s)"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": key_id, "until": now + overlap},
    )
    return await create(
        s,
        name=old.name,
        scopes=old.scopes,
        mode="test" if old.mode == "test" else "live",
        now=now,
        requests_per_minute=old.requests_per_minute,
    )


async def revoke(s: WriteSession, *, key_id: UUID, now: datetime) -> None:
    """End a key now. Ending it twice changes nothing."""
    if not await s.execute(
        "UPDATE app.api_key SET revoked_at = coalesce(revoked_at, %(now)s)"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": key_id, "now": now},
    ):
        raise NotFoundError
    await note_change(s, "keys")


async def listing(s: ReadSession) -> list[ApiKey]:
    """All keys of the tenant, the newest first."""
    return await s.all(
        ApiKey, _SELECT + " WHERE tenant_id = %(tenant_id)s ORDER BY created_at DESC, id DESC"
    )


class _Kept:
    """Keys looked up by one process, until their tenant's keys change."""

    def __init__(self, changes: Changes) -> None:
        self._found: OrderedDict[_Slot, ApiKey | None] = OrderedDict()
        self._flight: SingleFlight[_Slot, ApiKey | None] = SingleFlight()
        self._drops = 0
        changes.listen("keys", self._changed)
        changes.on_lost(self._forget)

    async def get(self, db: Database, slot: _Slot) -> ApiKey | None:
        if slot in self._found:
            return self._found[slot]
        return await self._flight.run(slot, lambda: self._look_up(db, slot))

    async def _look_up(self, db: Database, slot: _Slot) -> ApiKey | None:
        drops = self._drops
        rows = await db.fetch(
            slot[0],
            ApiKey,
            _SELECT + " WHERE tenant_id = %(tenant_id)s AND secret_hash = %(hash)s",
            {"hash": slot[1]},
        )
        found = rows[0] if rows else None
        # What was read before a change must not be kept after it.
        if drops == self._drops:
            self._found[slot] = found
            while len(self._found) > _KEPT_MAX:
                self._found.popitem(last=False)
        return found

    async def _changed(self, tenant_id: UUID) -> None:
        self._drops += 1
        for slot in [slot for slot in self._found if slot[0] == tenant_id]:
            del self._found[slot]

    def _forget(self) -> None:
        self._drops += 1
        self._found.clear()


_kept: WeakKeyDictionary[Changes, _Kept] = WeakKeyDictionary()


async def authenticate(
    rt: Runtime, tenant_id: UUID, secret: str, *, now: datetime
) -> ApiKeyPrincipal | None:
    """Who holds this key at this tenant, or None."""
    if not secret.startswith("gk_") or len(secret) > 80:
        return None
    kept = _kept.get(rt.changes)
    if kept is None:
        kept = _kept[rt.changes] = _Kept(rt.changes)
    found = await kept.get(rt.db, (tenant_id, digest(secret)))
    if found is None or not found.good_at(now):
        return None
    return ApiKeyPrincipal(
        tenant_id=tenant_id,
        key_id=found.id,
        scopes=frozenset(found.scopes),
        requests_per_minute=found.requests_per_minute,
    )
