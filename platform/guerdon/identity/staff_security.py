"""What somebody keeps to get into the console, and proving again that it is them (step-up).

Each operation runs in the caller's transaction, for the person of the session. A changed password
or authenticator ends every other session; the one at work goes on under a new id.
"""

from datetime import datetime
from typing import Any, Final, get_args
from uuid import UUID

import msgspec

from guerdon.identity import passkeys, passwords, staff, staff_credentials, staff_sessions
from guerdon.identity.errors import CodeRefusedError, SignInRefusedError
from guerdon.identity.jobs import SendStaffLetter
from guerdon.identity.passkeys import Asked
from guerdon.identity.staff_arrival import Enrolment, enrolment
from guerdon.identity.staff_credentials import Passkey, Ways
from guerdon.identity.staff_errors import PasskeyRefusedError
from guerdon.identity.staff_sessions import StaffSession
from guerdon.identity.staff_sign_in import (
    PASSKEY,
    PASSWORD,
    Caller,
    charge,
    check_code,
    check_passkey,
    refused,
)
from guerdon.kit.errors import InvalidError
from guerdon.parameters.sections import Language
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing import outbox
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

LANGUAGES: Final[tuple[str, ...]] = get_args(Language)
STEP_UP: Final = "step_up"
REGISTER: Final = "register"


class Security(msgspec.Struct, frozen=True):
    """What somebody has on record."""

    ways: Ways
    passkeys: list[Passkey]
    password_changed_at: datetime | None


class Preferences(msgspec.Struct, frozen=True):
    """How the console speaks and looks for somebody."""

    language: str
    appearance: str


async def overview(s: ReadSession, *, staff_id: UUID) -> Security:
    """What somebody has on record."""
    stored = await staff_credentials.password(s, staff_id=staff_id)
    return Security(
        ways=await staff_credentials.ways(s, staff_id=staff_id),
        passkeys=await staff_credentials.passkeys_of(s, staff_id=staff_id),
        password_changed_at=stored.changed_at if stored else None,
    )


async def hash_new_password(tenant: Tenant, *, name: str, email: str, password: str) -> str:
    """The hash of a password that is strong enough; WeakPasswordError. Slow: no transaction."""
    about = [name, email.partition("@")[0], tenant.name, tenant.slug]
    passwords.check_strength(password, about=about)
    return await passwords.hash_password(password)


async def set_password(
    rt: Runtime, s: WriteSession, *, session: StaffSession, hashed: str, now: datetime
) -> None:
    """Put a password in place of the earlier one."""
    await staff.locked(s, session.staff_id)
    await staff_credentials.store_password(s, staff_id=session.staff_id, hashed=hashed, now=now)
    await _changed(rt, s, session, "password", now)


async def begin_totp(
    rt: Runtime, s: WriteSession, *, session: StaffSession, account: str, brand: str
) -> Enrolment:
    """A key for an authenticator app; the one in force stays until `confirm_totp`."""
    await staff.locked(s, session.staff_id)
    key = await staff_credentials.begin_totp(rt, s, staff_id=session.staff_id)
    return enrolment(key, account=account, brand=brand)


async def confirm_totp(
    rt: Runtime, s: WriteSession, *, session: StaffSession, code: str, now: datetime
) -> tuple[str, ...]:
    """Put the key in force by its first code; new recovery codes."""
    await staff.locked(s, session.staff_id)
    if not await staff_credentials.confirm_totp(
        rt, s, staff_id=session.staff_id, code=code, now=now
    ):
        raise CodeRefusedError(field="/code")
    codes = await staff_credentials.new_recovery_codes(
        s, rt.settings, staff_id=session.staff_id, now=now
    )
    await _changed(rt, s, session, "totp", now)
    return codes


async def remove_totp(
    rt: Runtime, s: WriteSession, *, session: StaffSession, now: datetime
) -> None:
    """Remove authenticator app and recovery codes; LastWayInError if nothing else opens."""
    await staff.locked(s, session.staff_id)
    await staff_credentials.forget_totp(s, staff_id=session.staff_id)
    await _require_way_in(s, session)
    await _changed(rt, s, session, "totp_removed", now)


async def new_recovery_codes(
    rt: Runtime, s: WriteSession, *, session: StaffSession, now: datetime
) -> tuple[str, ...]:
    """Recovery codes in place of the earlier ones."""
    await staff.locked(s, session.staff_id)
    codes = await staff_credentials.new_recovery_codes(
        s, rt.settings, staff_id=session.staff_id, now=now
    )
    await _letter(s, session, "recovery_codes")
    return codes


async def ask_new_passkey(
    rt: Runtime,
    s: ReadSession,
    *,
    session: StaffSession,
    account: str,
    name: str,
    brand: str,
    caller: Caller,
    now: datetime,
) -> Asked:
    """What the browser is asked to make a passkey."""
    return await passkeys.ask_to_register(
        rt.valkey,
        rt.settings,
        tenant_id=s.tenant_id,
        brand=brand,
        staff_id=session.staff_id,
        account=account,
        name=name,
        existing=await staff_credentials.credential_ids(s, staff_id=session.staff_id),
        browser_id=caller.browser_id,
        purpose=REGISTER,
        now=now,
    )


async def add_passkey(
    rt: Runtime,
    s: WriteSession,
    *,
    session: StaffSession,
    ticket: str,
    credential: dict[str, Any],
    name: str,
    caller: Caller,
    now: datetime,
) -> UUID:
    """The passkey that was made; its id."""
    asked = await passkeys.take(
        rt.valkey,
        tenant_id=s.tenant_id,
        ticket=ticket,
        browser_id=caller.browser_id,
        purpose=REGISTER,
    )
    if asked.staff_id != session.staff_id:
        raise PasskeyRefusedError(reason="challenge")
    made = passkeys.registered(rt.settings, asked, credential)
    await staff.locked(s, session.staff_id)
    passkey_id = await staff_credentials.add_passkey(
        s, staff_id=session.staff_id, made=made, name=name, now=now
    )
    await _letter(s, session, "passkey")
    return passkey_id


async def remove_passkey(
    rt: Runtime, s: WriteSession, *, session: StaffSession, passkey_id: UUID, now: datetime
) -> str:
    """Remove a passkey; its name. LastWayInError if nothing else opens."""
    await staff.locked(s, session.staff_id)
    name = await staff_credentials.remove_passkey(
        s, staff_id=session.staff_id, passkey_id=passkey_id
    )
    await _require_way_in(s, session)
    await _changed(rt, s, session, "passkey_removed", now)
    return name


async def set_preferences(
    s: WriteSession, *, staff_id: UUID, language: str | None, appearance: str | None
) -> Preferences:
    """Language and appearance of the console for this person; None leaves it as it is."""
    if language is not None and language not in LANGUAGES:
        raise InvalidError(f"Languages are {', '.join(LANGUAGES)}.", field="/language")
    return await s.one(
        Preferences,
        "UPDATE app.staff SET language = coalesce(%(language)s, language),"
        " appearance = coalesce(%(appearance)s, appearance)"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s RETURNING language, appearance",
        {"id": staff_id, "language": language, "appearance": appearance},
    )


async def ask_step_up(
    rt: Runtime, *, tenant_id: UUID, session: StaffSession, caller: Caller, now: datetime
) -> Asked:
    """What the browser is asked to prove the person again by a passkey."""
    return await passkeys.ask(
        rt.valkey,
        rt.settings,
        tenant_id=tenant_id,
        browser_id=caller.browser_id,
        purpose=STEP_UP,
        staff_id=session.staff_id,
        now=now,
    )


async def step_up_with_code(
    rt: Runtime,
    *,
    tenant_id: UUID,
    snapshot: Snapshot,
    session: StaffSession,
    code: str,
    caller: Caller,
    now: datetime,
) -> str:
    """The method by which the code is right; CodeRefusedError."""
    await charge(rt, tenant_id, snapshot, str(session.staff_id), caller)
    async with rt.db.write(tenant_id) as s:
        method = await check_code(rt, s, staff_id=session.staff_id, code=code, now=now)
        if method is None:
            await refused(s, STEP_UP, session.staff_id, caller, now)
    if method is None:
        raise CodeRefusedError(field="/code")
    return method


async def step_up_with_password(
    rt: Runtime,
    *,
    tenant_id: UUID,
    snapshot: Snapshot,
    session: StaffSession,
    password: str,
    caller: Caller,
    now: datetime,
) -> str:
    """As `step_up_with_code`, by password; SignInRefusedError."""
    await charge(rt, tenant_id, snapshot, str(session.staff_id), caller)
    async with rt.db.read(tenant_id) as r:
        stored = await staff_credentials.password(r, staff_id=session.staff_id)
    if not await passwords.verify(stored.hash if stored else None, password):
        async with rt.db.write(tenant_id) as s:
            await refused(s, STEP_UP, session.staff_id, caller, now)
        raise SignInRefusedError(field="/password")
    return PASSWORD


async def step_up_with_passkey(
    rt: Runtime,
    *,
    tenant_id: UUID,
    session: StaffSession,
    ticket: str,
    credential: dict[str, Any],
    caller: Caller,
    now: datetime,
) -> str:
    """As `step_up_with_code`, by passkey; PasskeyRefusedError."""
    asked = await passkeys.take(
        rt.valkey,
        tenant_id=tenant_id,
        ticket=ticket,
        browser_id=caller.browser_id,
        purpose=STEP_UP,
    )
    async with rt.db.write(tenant_id) as s:
        whose = await check_passkey(
            rt, s, asked=asked, credential=credential, caller=caller, now=now
        )
    if whose is None or whose != session.staff_id or asked.staff_id != whose:
        raise PasskeyRefusedError
    return PASSKEY


async def _require_way_in(s: ReadSession, session: StaffSession) -> None:
    await staff_credentials.require_way_in(
        s, staff_id=session.staff_id, sso=bool(session.connection)
    )


async def _changed(
    rt: Runtime, s: WriteSession, session: StaffSession, what: str, now: datetime
) -> None:
    await s.execute(
        "UPDATE app.staff SET sessions_from = %(now)s"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": session.staff_id, "now": now},
    )
    await staff_sessions.revoke_all(
        rt.valkey, tenant_id=s.tenant_id, staff_id=session.staff_id, keep=session.id
    )
    await _letter(s, session, what)


async def _letter(s: WriteSession, session: StaffSession, what: str) -> None:
    await outbox.put(
        s, SendStaffLetter(kind="access_changed", staff_id=session.staff_id, what=what)
    )
