"""What a brand's people prove themselves with: password, authenticator app, recovery codes,
passkeys. A password alone opens nothing; a passkey alone does.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from guerdon.identity import totp
from guerdon.identity.keyring import mac_text
from guerdon.identity.passkeys import NewPasskey
from guerdon.identity.passwords import StoredPassword
from guerdon.identity.staff_errors import LastWayInError, TooManyPasskeysError
from guerdon.kit.errors import NotFoundError
from guerdon.kit.ids import readable_code, uuid7
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.runtime import Runtime
from guerdon.settings import Settings

RECOVERY_CODES: Final = 10
PASSKEYS_MAX: Final = 10
_RECOVERY_LENGTH: Final = 12


class Ways(msgspec.Struct, frozen=True):
    """How somebody can sign in without single sign-on."""

    password: bool
    totp: bool
    passkeys: int
    recovery_codes: int

    @property
    def any(self) -> bool:
        """Whether there is a complete way in."""
        return (self.password and self.totp) or self.passkeys > 0


class Passkey(msgspec.Struct, frozen=True):
    """A passkey as its owner sees it."""

    id: UUID
    name: str
    backed_up: bool
    created_at: datetime
    last_used_at: datetime | None
    blocked_at: datetime | None


class KnownPasskey(msgspec.Struct, frozen=True):
    """A passkey as it is looked up when it answers."""

    id: UUID
    staff_id: UUID
    public_key: bytes
    blocked_at: datetime | None


class _Totp(msgspec.Struct, frozen=True):
    sealed: bytes | None
    pending: bytes | None
    last_step: int


async def ways(s: ReadSession, *, staff_id: UUID) -> Ways:
    """What is on record for somebody."""
    return await s.one(
        Ways,
        """
        SELECT EXISTS (SELECT FROM app.staff_password p
                        WHERE p.tenant_id = %(tenant_id)s AND p.staff_id = %(staff)s) AS password,
               EXISTS (SELECT FROM app.staff_totp t
                        WHERE t.tenant_id = %(tenant_id)s AND t.staff_id = %(staff)s
                          AND t.sealed IS NOT NULL) AS totp,
               (SELECT count(*) FROM app.staff_passkey k
                 WHERE k.tenant_id = %(tenant_id)s AND k.staff_id = %(staff)s
                   AND k.blocked_at IS NULL) AS passkeys,
               (SELECT count(*) FROM app.staff_recovery_code c
                 WHERE c.tenant_id = %(tenant_id)s AND c.staff_id = %(staff)s
                   AND c.used_at IS NULL) AS recovery_codes
        """,
        {"staff": staff_id},
    )


async def connection_only(s: ReadSession) -> bool:
    """Whether single sign-on is enforced: break-glass accounts apart, people come in by it only."""
    found: bool = await s.value(
        "SELECT EXISTS (SELECT FROM app.staff_connection"
        " WHERE tenant_id = %(tenant_id)s AND state = 'enforced')"
    )
    return found


async def require_way_in(s: ReadSession, *, staff_id: UUID, sso: bool = False) -> None:
    """LastWayInError unless a complete way in is left, or `sso` is one."""
    if not sso and not (await ways(s, staff_id=staff_id)).any:
        raise LastWayInError


async def password(s: ReadSession, *, staff_id: UUID) -> StoredPassword | None:
    """The hash on record."""
    return await s.one_or_none(
        StoredPassword,
        "SELECT hash, changed_at FROM app.staff_password"
        " WHERE tenant_id = %(tenant_id)s AND staff_id = %(staff)s",
        {"staff": staff_id},
    )


async def store_password(s: WriteSession, *, staff_id: UUID, hashed: str, now: datetime) -> None:
    """Put a hash on record in place of an earlier one."""
    await s.execute(
        "INSERT INTO app.staff_password (tenant_id, staff_id, hash, changed_at)"
        " VALUES (%(tenant_id)s, %(staff)s, %(hash)s, %(now)s)"
        " ON CONFLICT (tenant_id, staff_id)"
        " DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at",
        {"staff": staff_id, "hash": hashed, "now": now},
    )


async def begin_totp(rt: Runtime, s: WriteSession, *, staff_id: UUID) -> str:
    """A new key for an authenticator app; it counts once a code of it was given back.

    One that is in force stays in force until then.
    """
    fresh = totp.new_key()
    await s.execute(
        "INSERT INTO app.staff_totp (tenant_id, staff_id, pending)"
        " VALUES (%(tenant_id)s, %(staff)s, %(pending)s)"
        " ON CONFLICT (tenant_id, staff_id) DO UPDATE SET pending = excluded.pending",
        {"staff": staff_id, "pending": await rt.secrets.seal(s, _place(staff_id), fresh)},
    )
    return fresh


async def confirm_totp(
    rt: Runtime, s: WriteSession, *, staff_id: UUID, code: str, now: datetime
) -> bool:
    """Put the pending key in force if `code` is one of its codes."""
    row = await _totp(s, staff_id)
    if row is None or row.pending is None:
        return False
    fresh = await rt.secrets.open(s, _place(staff_id), row.pending)
    step = totp.accepted_step(fresh, code, now=now, after=0)
    if step is None:
        return False
    await s.execute(
        "UPDATE app.staff_totp SET sealed = pending, pending = NULL, last_step = %(step)s,"
        " confirmed_at = %(now)s WHERE tenant_id = %(tenant_id)s AND staff_id = %(staff)s",
        {"staff": staff_id, "step": step, "now": now},
    )
    return True


async def put_totp(
    rt: Runtime, s: WriteSession, *, staff_id: UUID, totp_key: str, now: datetime
) -> None:
    """Put a key in force that its owner holds already (a demo's people)."""
    await s.execute(
        "INSERT INTO app.staff_totp (tenant_id, staff_id, sealed, confirmed_at)"
        " VALUES (%(tenant_id)s, %(staff)s, %(sealed)s, %(now)s)"
        " ON CONFLICT (tenant_id, staff_id) DO UPDATE SET sealed = excluded.sealed,"
        " pending = NULL, last_step = 0, confirmed_at = excluded.confirmed_at",
        {
            "staff": staff_id,
            "sealed": await rt.secrets.seal(s, _place(staff_id), totp_key),
            "now": now,
        },
    )


async def totp_key(rt: Runtime, s: ReadSession, *, staff_id: UUID) -> str | None:
    """The key in force. Only a demo shows codes; everybody else's app makes them."""
    sealed = await s.value(
        "SELECT sealed FROM app.staff_totp"
        " WHERE tenant_id = %(tenant_id)s AND staff_id = %(staff)s",
        {"staff": staff_id},
    )
    return None if sealed is None else await rt.secrets.open(s, _place(staff_id), sealed)


async def use_totp(
    rt: Runtime, s: WriteSession, *, staff_id: UUID, code: str, now: datetime
) -> bool:
    """Whether `code` is right and its time step was not used before; the step is used up."""
    row = await _totp(s, staff_id)
    if row is None or row.sealed is None:
        return False
    key = await rt.secrets.open(s, _place(staff_id), row.sealed)
    step = totp.accepted_step(key, code, now=now, after=row.last_step)
    if step is None:
        return False
    await s.execute(
        "UPDATE app.staff_totp SET last_step = %(step)s"
        " WHERE tenant_id = %(tenant_id)s AND staff_id = %(staff)s",
        {"staff": staff_id, "step": step},
    )
    return True


async def _totp(s: WriteSession, staff_id: UUID) -> _Totp | None:
    """Under the row's lock: the same code given twice at once is accepted once."""
    return await s.one_or_none(
        _Totp,
        "SELECT sealed, pending, last_step FROM app.staff_totp"
        " WHERE tenant_id = %(tenant_id)s AND staff_id = %(staff)s FOR UPDATE",
        {"staff": staff_id},
    )


async def new_recovery_codes(
    s: WriteSession, settings: Settings, *, staff_id: UUID, now: datetime
) -> tuple[str, ...]:
    """Codes for the day the authenticator is lost, in place of all earlier ones; shown once."""
    codes = tuple(
        "-".join(re.findall("....", readable_code(_RECOVERY_LENGTH))) for _ in range(RECOVERY_CODES)
    )
    await s.execute(
        "DELETE FROM app.staff_recovery_code"
        " WHERE tenant_id = %(tenant_id)s AND staff_id = %(staff)s",
        {"staff": staff_id},
    )
    await s.execute_many(
        "INSERT INTO app.staff_recovery_code (tenant_id, staff_id, hash, created_at)"
        " VALUES (%(tenant_id)s, %(staff)s, %(hash)s, %(now)s)",
        [
            {"staff": staff_id, "hash": _recovery(settings, s.tenant_id, staff_id, one), "now": now}
            for one in codes
        ],
    )
    return codes


async def use_recovery_code(
    s: WriteSession, settings: Settings, *, staff_id: UUID, code: str, now: datetime
) -> bool:
    """Whether `code` is one that was not used; it is used up."""
    used = await s.execute(
        "UPDATE app.staff_recovery_code SET used_at = %(now)s"
        " WHERE tenant_id = %(tenant_id)s AND staff_id = %(staff)s AND hash = %(hash)s"
        "   AND used_at IS NULL",
        {
            "staff": staff_id,
            "hash": _recovery(settings, s.tenant_id, staff_id, code),
            "now": now,
        },
    )
    return used == 1


def is_recovery_code(typed: str) -> bool:
    """Whether somebody typed a recovery code where six digits are expected."""
    return len(_plain(typed)) == _RECOVERY_LENGTH


def _recovery(settings: Settings, tenant_id: UUID, staff_id: UUID, code: str) -> str:
    """Sixty random bits are too few for a bare hash: the key stands outside the database."""
    return mac_text(settings, "recovery code", tenant_id, staff_id.hex, _plain(code))


def _plain(typed: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", typed.upper())[:40]


async def forget_totp(s: WriteSession, *, staff_id: UUID) -> None:
    """Remove the authenticator app and its recovery codes."""
    for table in ("staff_totp", "staff_recovery_code"):
        await s.execute(
            f"DELETE FROM app.{table} WHERE tenant_id = %(tenant_id)s AND staff_id = %(staff)s",  # noqa: S608
            {"staff": staff_id},
        )


async def forget_all(s: WriteSession, *, staff_id: UUID) -> None:
    """Remove every way in."""
    await forget_totp(s, staff_id=staff_id)
    for table in ("staff_password", "staff_passkey"):
        await s.execute(
            f"DELETE FROM app.{table} WHERE tenant_id = %(tenant_id)s AND staff_id = %(staff)s",  # noqa: S608
            {"staff": staff_id},
        )


async def passkeys_of(s: ReadSession, *, staff_id: UUID) -> list[Passkey]:
    """Somebody's passkeys, the oldest first."""
    return await s.all(
        Passkey,
        "SELECT id, name, backed_up, created_at, last_used_at, blocked_at FROM app.staff_passkey"
        " WHERE tenant_id = %(tenant_id)s AND staff_id = %(staff)s ORDER BY created_at, id",
        {"staff": staff_id},
    )


class _CredentialId(msgspec.Struct, frozen=True):
    credential_id: bytes


async def credential_ids(s: ReadSession, *, staff_id: UUID) -> Iterable[bytes]:
    """What a device is told not to register again."""
    found = await s.all(
        _CredentialId,
        "SELECT credential_id FROM app.staff_passkey"
        " WHERE tenant_id = %(tenant_id)s AND staff_id = %(staff)s",
        {"staff": staff_id},
    )
    return [bytes(one.credential_id) for one in found]


async def add_passkey(
    s: WriteSession, *, staff_id: UUID, made: NewPasskey, name: str,
    now: datetime,
) -> UUID:  # fmt: skip
    """Put a new passkey on record; its id. The caller holds the lock on the person's row."""
    if len(await passkeys_of(s, staff_id=staff_id)) >= PASSKEYS_MAX:
        raise TooManyPasskeysError(max=PASSKEYS_MAX)
    passkey_id = uuid7()
    await s.execute(
        """
        INSERT INTO app.staff_passkey (tenant_id, id, staff_id, credential_id, public_key, rp_id,
                                       sign_count, backed_up, transports, name, created_at)
        VALUES (%(tenant_id)s, %(id)s, %(staff)s, %(credential)s, %(key)s, %(rp)s, %(count)s,
                %(backed_up)s, %(transports)s, %(name)s, %(now)s)
        """,
        {
            "id": passkey_id,
            "staff": staff_id,
            "credential": made.credential_id,
            "key": made.public_key,
            "rp": made.rp_id,
            "count": made.sign_count,
            "backed_up": made.backed_up,
            "transports": list(made.transports),
            "name": name.strip()[:60] or "Passkey",
            "now": now,
        },
    )
    return passkey_id


async def known_passkey(s: ReadSession, *, credential_id: bytes) -> KnownPasskey | None:
    """The passkey a browser answered with, if this brand has it on record."""
    return await s.one_or_none(
        KnownPasskey,
        "SELECT id, staff_id, public_key, blocked_at FROM app.staff_passkey"
        " WHERE tenant_id = %(tenant_id)s AND credential_id = %(credential)s",
        {"credential": credential_id},
    )


async def count_use(
    s: WriteSession, *, passkey_id: UUID, sign_count: int, backed_up: bool, now: datetime
) -> bool:
    """Note a use; False (and the key is blocked) if its counter did not move on.

    A counter that stands still or goes back is a copy of the key: neither of the two is trusted.
    Synchronised passkeys keep no counter and always say zero.
    """
    counted = await s.execute(
        """
        UPDATE app.staff_passkey
           SET sign_count = %(count)s, backed_up = %(backed_up)s, last_used_at = %(now)s
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND blocked_at IS NULL
           AND (sign_count < %(count)s OR (sign_count = 0 AND %(count)s = 0))
        """,
        {"id": passkey_id, "count": sign_count, "backed_up": backed_up, "now": now},
    )
    if counted == 1:
        return True
    await s.execute(
        "UPDATE app.staff_passkey SET blocked_at = coalesce(blocked_at, %(now)s)"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": passkey_id, "now": now},
    )
    return False


async def remove_passkey(s: WriteSession, *, staff_id: UUID, passkey_id: UUID) -> str:
    """Remove one of somebody's passkeys; its name."""
    name = await s.value(
        "DELETE FROM app.staff_passkey"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND staff_id = %(staff)s RETURNING name",
        {"id": passkey_id, "staff": staff_id},
    )
    if name is None:
        raise NotFoundError
    return str(name)


def _place(staff_id: UUID) -> str:
    return f"staff_totp|{staff_id}"
