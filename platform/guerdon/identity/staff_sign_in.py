"""How a brand's people get in without single sign-on: password and code, or a passkey.

These flows open their own transactions: a wrong try is counted and told in the audit trail
although it is refused. Answers never tell whether an e-mail is known, nor does their time.
`admit` is the one place where a session begins, whatever proved the person.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from guerdon.audit import operations as audit
from guerdon.identity import (
    attempts,
    passkeys,
    passwords,
    staff,
    staff_credentials,
    staff_sessions,
)
from guerdon.identity.errors import CodeRefusedError, SignInRefusedError
from guerdon.identity.jobs import SendStaffLetter
from guerdon.identity.keyring import digest
from guerdon.identity.parameters import SecurityParameters
from guerdon.identity.passkeys import Asked
from guerdon.identity.staff import Staff
from guerdon.identity.staff_errors import (
    PasskeyRefusedError,
    ProofExpiredError,
    SsoEnforcedError,
)
from guerdon.identity.staff_sessions import StaffSession
from guerdon.kit.errors import InvalidError
from guerdon.kit.ids import secret_token, uuid7
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing import outbox
from guerdon.plumbing.cache import key, reach
from guerdon.plumbing.db import WriteSession
from guerdon.runtime import Runtime

PASSWORD: Final = "password"  # noqa: S105 (a method's name)
PASSKEY: Final = "passkey"
TOTP: Final = "totp"
RECOVERY: Final = "recovery_code"
SIGN_IN: Final = "sign_in"
PROOF_LIFETIME_S: Final = 300


class Caller(msgspec.Struct, frozen=True):
    """The browser that tries. `known` names it if the account signed in there before."""

    browser_id: str
    host: str
    address: str
    agent: str = ""
    known: str | None = None
    request_id: str = ""


class Admitted(msgspec.Struct, frozen=True):
    """A session that has begun, with the secret for its cookie. `hint`: as `ProvidersWord`."""

    token: str
    session: StaffSession
    staff: Staff
    hint: str = ""


class ProvidersWord(msgspec.Struct, frozen=True):
    """By which connection somebody was proved. `hint`: what signing out there will need."""

    connection: str = ""
    subject: str = ""
    provider_session: str = ""
    hint: str = ""


class _Proof(msgspec.Struct, frozen=True):
    """A right password, or a provider's word, that waits for its code."""

    staff_id: UUID
    browser: str
    known: str | None
    proved_at: datetime
    word: ProvidersWord = ProvidersWord()


async def admit(
    rt: Runtime,
    s: WriteSession,
    *,
    snapshot: Snapshot,
    staff_id: UUID,
    method: str,
    caller: Caller,
    now: datetime,
    proved_at: datetime | None = None,
    replaces: StaffSession | None = None,
    connection: str = "",
    subject: str = "",
    provider_session: str = "",
) -> Admitted:
    """Begin a session for somebody who was proved by `method`; their account must be active.

    SsoEnforcedError where people come in by a connection only and this is none.
    `proved_at`: when the proof began; what ended the person's access since then ends it, too.
    `replaces`: the browser's earlier session at this brand.
    """
    security = snapshot[SecurityParameters]
    who = await staff.locked(s, staff_id)
    if who.status != "active":
        raise SignInRefusedError
    if who.sessions_from is not None and (proved_at or now) < who.sessions_from:
        raise ProofExpiredError
    if not connection and not who.break_glass and await staff_credentials.connection_only(s):
        raise SsoEnforcedError
    await s.execute(
        "UPDATE app.staff SET last_sign_in_at = %(now)s, last_sign_in_method = %(method)s"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": staff_id, "now": now, "method": method},
    )
    token, session = await staff_sessions.start(
        rt.valkey,
        tenant_id=s.tenant_id,
        staff_id=staff_id,
        host=caller.host,
        method=method,
        idle=timedelta(minutes=security.console_idle_minutes),
        absolute=timedelta(hours=security.console_session_length_h),
        now=now,
        agent=caller.agent,
        address=caller.address,
        connection=connection,
        subject=subject,
        provider_session=provider_session,
        replaces=replaces,
    )
    if who.break_glass:
        for owner in await staff.active_owners(s):
            await outbox.put(
                s, SendStaffLetter(kind="break_glass", staff_id=owner, about=staff_id, at=now)
            )
    await _told(
        s,
        action="sign_in.break_glass" if who.break_glass else "sign_in.succeeded",
        staff_id=staff_id,
        summary={"method": method, "name": who.name}
        | ({"connection": connection} if connection else {}),
        caller=caller,
        now=now,
    )
    return Admitted(token, session, who)


async def with_password(
    rt: Runtime,
    *,
    tenant_id: UUID,
    snapshot: Snapshot,
    email: str,
    password: str,
    caller: Caller,
    now: datetime,
) -> str:
    """A ticket for the second step if e-mail and password are right; SignInRefusedError if not."""
    try:
        norm = staff.normal_email(email)
    except InvalidError as error:
        raise SignInRefusedError from error
    await charge(rt, tenant_id, snapshot, norm, caller)
    async with rt.db.read(tenant_id) as r:
        who = await staff.by_email(r, norm)
        # Looked up for nobody as well: the time is the same.
        whose = who.id if who is not None and who.status == "active" else uuid7()
        stored = await staff_credentials.password(r, staff_id=whose)
        ways = await staff_credentials.ways(r, staff_id=whose)
    right = await passwords.verify(stored.hash if stored and ways.totp else None, password)
    if not right or who is None or stored is None:
        async with rt.db.write(tenant_id) as s:
            await refused(s, PASSWORD, who.id if who else None, caller, now)
        raise SignInRefusedError
    if passwords.outdated(stored.hash):
        renewed = await passwords.hash_password(password)
        async with rt.db.write(tenant_id) as s:
            await staff_credentials.store_password(
                s, staff_id=who.id, hashed=renewed, now=stored.changed_at
            )
    return await ticket_for(rt, tenant_id, staff_id=who.id, caller=caller, now=now)


async def ticket_for(
    rt: Runtime,
    tenant_id: UUID,
    *,
    staff_id: UUID,
    caller: Caller,
    now: datetime,
    word: ProvidersWord | None = None,
) -> str:
    """A ticket for somebody whose first factor was right: good for minutes, in their browser."""
    ticket = secret_token(32)
    record = _Proof(
        staff_id=staff_id,
        browser=digest(caller.browser_id),
        known=caller.known,
        proved_at=now,
        word=word or ProvidersWord(),
    )
    await reach(
        rt.valkey.set(_ticket(tenant_id, ticket), msgspec.json.encode(record), ex=PROOF_LIFETIME_S)
    )
    return ticket


async def with_code(
    rt: Runtime,
    *,
    tenant_id: UUID,
    snapshot: Snapshot,
    ticket: str,
    code: str,
    caller: Caller,
    now: datetime,
    replaces: StaffSession | None = None,
) -> Admitted:
    """The second step: a code of the authenticator app, or a recovery code.

    ProofExpiredError when the first step is no more; CodeRefusedError for a wrong or used code.
    """
    at = _ticket(tenant_id, ticket)
    raw = await reach(rt.valkey.get(at))
    proof = None if raw is None else msgspec.json.decode(raw, type=_Proof)
    if proof is None or proof.browser != digest(caller.browser_id):
        raise ProofExpiredError
    tried_by = msgspec.structs.replace(caller, known=proof.known)
    await charge(rt, tenant_id, snapshot, str(proof.staff_id), tried_by)
    async with rt.db.write(tenant_id) as s:
        method = await check_code(rt, s, staff_id=proof.staff_id, code=code, now=now)
        if method is None:
            await refused(s, TOTP, proof.staff_id, caller, now)
        elif await reach(rt.valkey.getdel(at)) is not None:
            async with told_when_barred(rt, s, method, proof.staff_id, caller, now):
                admitted = await admit(
                    rt,
                    s,
                    snapshot=snapshot,
                    staff_id=proof.staff_id,
                    method=method,
                    caller=caller,
                    now=now,
                    proved_at=proof.proved_at,
                    replaces=replaces,
                    connection=proof.word.connection,
                    subject=proof.word.subject,
                    provider_session=proof.word.provider_session,
                )
                return msgspec.structs.replace(admitted, hint=proof.word.hint)
    raise CodeRefusedError(field="code")


async def check_code(
    rt: Runtime, s: WriteSession, *, staff_id: UUID, code: str, now: datetime
) -> str | None:
    """By which method the code is right, None if it is not. The caller commits in both cases."""
    if staff_credentials.is_recovery_code(code):
        used = await staff_credentials.use_recovery_code(
            s, rt.settings, staff_id=staff_id, code=code, now=now
        )
        return RECOVERY if used else None
    right = await staff_credentials.use_totp(rt, s, staff_id=staff_id, code=code, now=now)
    return TOTP if right else None


async def ask_passkey(
    rt: Runtime, *, tenant_id: UUID, caller: Caller, now: datetime
) -> Asked:  # fmt: skip
    """What the browser is asked; it is the same whoever asks."""
    return await passkeys.ask(
        rt.valkey,
        rt.settings,
        tenant_id=tenant_id,
        browser_id=caller.browser_id,
        purpose=SIGN_IN,
        now=now,
    )


async def with_passkey(
    rt: Runtime,
    *,
    tenant_id: UUID,
    snapshot: Snapshot,
    ticket: str,
    credential: dict[str, Any],
    caller: Caller,
    now: datetime,
    replaces: StaffSession | None = None,
) -> Admitted:
    """A session for whoever's passkey answered; PasskeyRefusedError for anything else."""
    await charge(rt, tenant_id, snapshot, "passkey", caller, by_address_only=True)
    asked = await passkeys.take(
        rt.valkey,
        tenant_id=tenant_id,
        ticket=ticket,
        browser_id=caller.browser_id,
        purpose=SIGN_IN,
    )
    async with rt.db.write(tenant_id) as s:
        staff_id = await check_passkey(
            rt, s, asked=asked, credential=credential, caller=caller, now=now
        )
        if staff_id is not None:
            async with told_when_barred(rt, s, PASSKEY, staff_id, caller, now):
                return await admit(
                    rt,
                    s,
                    snapshot=snapshot,
                    staff_id=staff_id,
                    method=PASSKEY,
                    caller=caller,
                    now=now,
                    proved_at=asked.asked_at,
                    replaces=replaces,
                )
    raise PasskeyRefusedError


async def check_passkey(
    rt: Runtime,
    s: WriteSession,
    *,
    asked: passkeys.Challenge,
    credential: dict[str, Any],
    caller: Caller,
    now: datetime,
) -> UUID | None:
    """Whose passkey answered rightly, None if nobody's. The caller commits in both cases."""
    known = await staff_credentials.known_passkey(
        s, credential_id=passkeys.credential_id(credential)
    )
    if known is None or known.blocked_at is not None:
        await refused(s, PASSKEY, known.staff_id if known else None, caller, now)
        return None
    try:
        proof = passkeys.proved(rt.settings, asked, credential, bytes(known.public_key))
    except PasskeyRefusedError as error:
        await refused(s, PASSKEY, known.staff_id, caller, now, reason=error.params.get("reason"))
        return None
    counted = await staff_credentials.count_use(
        s, passkey_id=known.id, sign_count=proof.sign_count, backed_up=proof.backed_up, now=now
    )
    if not counted:
        await refused(s, PASSKEY, known.staff_id, caller, now, reason="copied")
        await outbox.put(s, SendStaffLetter(kind="passkey_blocked", staff_id=known.staff_id))
        return None
    return known.staff_id


async def charge(
    rt: Runtime,
    tenant_id: UUID,
    snapshot: Snapshot,
    account: str,
    caller: Caller,
    *,
    by_address_only: bool = False,
) -> None:
    """Count one try at the console. A passkey cannot be guessed: it is counted by address."""
    await attempts.charge(
        rt,
        tenant_id=tenant_id,
        security=snapshot[SecurityParameters],
        action="console",
        email_norm=f"{account} {caller.address}" if by_address_only else account,
        address=caller.address,
        known_browser=caller.known,
    )


@asynccontextmanager
async def told_when_barred(
    rt: Runtime, s: WriteSession, method: str, staff_id: UUID, caller: Caller, now: datetime
) -> AsyncIterator[None]:
    """Tell the trail when a right proof is not enough; what was done in `s` is undone then."""
    try:
        yield
    except SsoEnforcedError:
        async with rt.aside.write(s.tenant_id) as own:
            await refused(own, method, staff_id, caller, now, reason="sso_enforced")
        raise


async def refused(
    s: WriteSession,
    method: str,
    staff_id: UUID | None,
    caller: Caller,
    now: datetime,
    *,
    reason: object = None,
) -> None:
    """Tell the trail of a try that failed. Known or not, the same is written."""
    await _told(
        s,
        action="sign_in.refused",
        staff_id=staff_id,
        summary={"method": method} | ({"reason": str(reason)} if reason else {}),
        caller=caller,
        now=now,
    )


async def _told(
    s: WriteSession,
    *,
    action: str,
    staff_id: UUID | None,
    summary: dict[str, Any],
    caller: Caller,
    now: datetime,
) -> None:
    subject = f"staff:{staff_id}" if staff_id else "staff:unknown"
    await audit.record(
        s,
        actor=subject if action != "sign_in.refused" else "system",
        action=action,
        subject=subject,
        summary=summary,
        now=now,
        address=caller.address,
        request_id=caller.request_id,
    )


def _ticket(tenant_id: UUID, ticket: str) -> str:
    return key(tenant_id, "console-ticket", digest(ticket))
