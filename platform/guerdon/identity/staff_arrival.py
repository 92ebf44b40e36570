"""Behind a link from a mail: the first sign-in of somebody invited, or a new password.

Who has the link has the mailbox; a link for a new password still asks for the second step.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from guerdon.audit import operations as audit
from guerdon.identity import (
    houses,
    passkeys,
    passwords,
    staff,
    staff_credentials,
    staff_links,
    totp,
)
from guerdon.identity.errors import CodeRefusedError
from guerdon.identity.jobs import SendStaffLetter
from guerdon.identity.passkeys import Asked
from guerdon.identity.staff import Staff
from guerdon.identity.staff_errors import LinkRefusedError, SsoEnforcedError
from guerdon.identity.staff_links import Link
from guerdon.identity.staff_sessions import StaffSession
from guerdon.identity.staff_sign_in import (
    PASSKEY,
    TOTP,
    Admitted,
    Caller,
    admit,
    charge,
    ticket_for,
)
from guerdon.kit.errors import InvalidError
from guerdon.kit.ids import uuid7
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing import outbox
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

_REGISTER: Final = "invitation"


class Behind(msgspec.Struct, frozen=True):
    """Whom a link belongs to."""

    link: Link
    staff: Staff


class Enrolment(msgspec.Struct, frozen=True):
    """An authenticator's key, to be read as a picture or typed."""

    key: str
    address: str
    picture: totp.Picture


class Arrived(msgspec.Struct, frozen=True):
    """A first session, and the recovery codes that are shown this once."""

    admitted: Admitted
    recovery_codes: tuple[str, ...]


async def behind(s: ReadSession, rt: Runtime, *, token: str, now: datetime) -> Behind:
    """Whose link this is; LinkRefusedError for anything but a good link."""
    link = await staff_links.find(s, rt.settings, token=token, now=now)
    who = await staff.find(s, link.staff_id)
    expected = "invited" if link.purpose == staff_links.INVITATION else "active"
    if who is None or who.status != expected:
        raise LinkRefusedError(field="token")
    return Behind(link, who)


async def request_reset(
    rt: Runtime,
    *,
    tenant_id: UUID,
    snapshot: Snapshot,
    email: str,
    caller: Caller,
    now: datetime,
) -> None:
    """Send a link for a new password, if the e-mail belongs to somebody who has one.

    The answer is the same whoever the e-mail belongs to.
    """
    try:
        norm = staff.normal_email(email)
    except InvalidError:
        return
    await charge(rt, tenant_id, snapshot, norm, caller)
    async with rt.db.write(tenant_id) as s:
        who = await staff.by_email(s, norm)
        # Looked up for nobody as well: the time tells little.
        whose = who.id if who is not None and who.status == "active" else uuid7()
        if await staff_credentials.password(s, staff_id=whose) is not None:
            link_id = await staff_links.create(
                s, staff_id=whose, purpose=staff_links.RESET, created_by="self", now=now
            )
            await outbox.put(s, SendStaffLetter(kind="reset", staff_id=whose, link_id=link_id))
        await audit.record(
            s,
            actor="system",
            action="sign_in.reset_asked",
            subject=f"staff:{who.id}" if who else "staff:unknown",
            summary={},
            now=now,
            address=caller.address,
            request_id=caller.request_id,
        )


async def set_password(
    rt: Runtime, *, tenant: Tenant, token: str, password: str, caller: Caller, now: datetime
) -> str:
    """A new password by a link that was asked for; a ticket for the second step.

    The link is used up, and every session of the person ends.
    """
    async with rt.db.read(tenant.id) as r:
        found = await behind(r, rt, token=token, now=now)
    if found.link.purpose != staff_links.RESET:
        raise LinkRefusedError(field="token")
    hashed = await _hashed(tenant, found.staff, password)
    async with rt.db.write(tenant.id) as s:
        await staff.locked(s, found.staff.id)
        await staff_links.consume(s, rt.settings, token=token, now=now)
        await staff_credentials.store_password(s, staff_id=found.staff.id, hashed=hashed, now=now)
        await staff.end_sessions(rt, s, staff_id=found.staff.id, now=now)
        await outbox.put(
            s, SendStaffLetter(kind="access_changed", staff_id=found.staff.id, what="password")
        )
        await _told(s, "staff.password_reset", found.staff.id, {}, caller, now)
    return await ticket_for(rt, tenant.id, staff_id=found.staff.id, caller=caller, now=now)


async def enrol(
    rt: Runtime, *, tenant: Tenant, token: str, password: str, brand: str, now: datetime
) -> Enrolment:
    """The first step of an invitation: a password, and the key for an authenticator app.

    Nothing opens until `arrive` brings the key's first code; until then it can be done again.
    """
    async with rt.db.read(tenant.id) as r:
        found = await behind(r, rt, token=token, now=now)
    if found.link.purpose != staff_links.INVITATION:
        raise LinkRefusedError(field="token")
    hashed = await _hashed(tenant, found.staff, password)
    async with rt.db.write(tenant.id) as s:
        await staff.locked(s, found.staff.id)
        await behind(s, rt, token=token, now=now)
        await staff_credentials.store_password(s, staff_id=found.staff.id, hashed=hashed, now=now)
        key = await staff_credentials.begin_totp(rt, s, staff_id=found.staff.id)
    return enrolment(key, account=found.staff.email_norm, brand=brand)


def enrolment(key: str, *, account: str, brand: str) -> Enrolment:
    """A key as an authenticator app takes it in."""
    address = totp.address(key, account=account, issuer=brand)
    return Enrolment(key, address, totp.picture(address))


async def arrive(
    rt: Runtime,
    *,
    tenant: Tenant,
    snapshot: Snapshot,
    token: str,
    code: str,
    caller: Caller,
    now: datetime,
    replaces: StaffSession | None = None,
) -> Arrived:
    """The second step: the authenticator's first code. The link is used up, a session begins.

    SsoEnforcedError where the provider's word has to come first: what was set up is kept where it
    is asked for beside it.
    """
    async with rt.db.read(tenant.id) as r:
        found = await behind(r, rt, token=token, now=now)
    await charge(rt, tenant.id, snapshot, str(found.staff.id), caller)
    async with rt.db.write(tenant.id) as s:
        await staff.locked(s, found.staff.id)
        if await staff_credentials.password(s, staff_id=found.staff.id) is None:
            raise CodeRefusedError(field="code")
        if not await staff_credentials.confirm_totp(
            rt, s, staff_id=found.staff.id, code=code, now=now
        ):
            raise CodeRefusedError(field="code")
        codes = await staff_credentials.new_recovery_codes(
            s, rt.settings, staff_id=found.staff.id, now=now
        )
        waits = await _waits_for_provider(s, found.staff)
        if waits:
            await _take_up(s, rt, token, found.staff, TOTP, caller, now)
        else:
            admitted = await _first_session(
                rt, s, snapshot, token, found.staff, TOTP, caller, now, replaces
            )
    if waits:
        raise SsoEnforcedError
    return Arrived(admitted, codes)


async def ask_passkey(
    rt: Runtime, *, tenant: Tenant, token: str, brand: str, caller: Caller, now: datetime
) -> Asked:
    """Instead of a password: what the browser is asked to make a passkey."""
    async with rt.db.read(tenant.id) as r:
        found = await behind(r, rt, token=token, now=now)
        if found.link.purpose != staff_links.INVITATION:
            raise LinkRefusedError(field="token")
        existing = await staff_credentials.credential_ids(r, staff_id=found.staff.id)
    return await passkeys.ask_to_register(
        rt.valkey,
        rt.settings,
        tenant_id=tenant.id,
        brand=brand,
        staff_id=found.staff.id,
        account=found.staff.email_norm,
        name=found.staff.name,
        existing=existing,
        browser_id=caller.browser_id,
        purpose=_REGISTER,
        now=now,
    )


async def arrive_with_passkey(
    rt: Runtime,
    *,
    tenant: Tenant,
    snapshot: Snapshot,
    token: str,
    ticket: str,
    credential: dict[str, Any],
    name: str,
    caller: Caller,
    now: datetime,
    replaces: StaffSession | None = None,
) -> Admitted:
    """The passkey that was made. The link is used up, a session begins."""
    asked = await passkeys.take(
        rt.valkey,
        tenant_id=tenant.id,
        ticket=ticket,
        browser_id=caller.browser_id,
        purpose=_REGISTER,
    )
    made = passkeys.registered(rt.settings, asked, credential)
    async with rt.db.write(tenant.id) as s:
        found = await behind(s, rt, token=token, now=now)
        if asked.staff_id != found.staff.id:
            raise LinkRefusedError(field="token")
        await staff.locked(s, found.staff.id)
        await staff_credentials.add_passkey(
            s, staff_id=found.staff.id, made=made, name=name, now=now
        )
        return await _first_session(
            rt, s, snapshot, token, found.staff, PASSKEY, caller, now, replaces
        )


async def _first_session(
    rt: Runtime,
    s: WriteSession,
    snapshot: Snapshot,
    token: str,
    who: Staff,
    method: str,
    caller: Caller,
    now: datetime,
    replaces: StaffSession | None,
) -> Admitted:
    await _take_up(s, rt, token, who, method, caller, now)
    return await admit(
        rt, s, snapshot=snapshot, staff_id=who.id, method=method, caller=caller, now=now,
        replaces=replaces,
    )  # fmt: skip


async def _waits_for_provider(s: ReadSession, who: Staff) -> bool:
    """Whether what somebody sets up by a link is the second of two steps, and no way in alone."""
    return (
        houses.asks_second_factor(s.tenant_id)
        and not who.break_glass
        and await staff_credentials.connection_only(s)
    )


async def _take_up(
    s: WriteSession,
    rt: Runtime,
    token: str,
    who: Staff,
    method: str,
    caller: Caller,
    now: datetime,
) -> None:
    await staff_links.consume(s, rt.settings, token=token, now=now)
    await s.execute(
        "UPDATE app.staff SET status = 'active'"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND status = 'invited'",
        {"id": who.id},
    )
    await _told(s, "staff.joined", who.id, {"name": who.name, "method": method}, caller, now)


async def _hashed(tenant: Tenant, who: Staff, password: str) -> str:
    about = [who.name, who.email_norm.partition("@")[0], tenant.name, tenant.slug]
    passwords.check_strength(password, about=about)
    return await passwords.hash_password(password)


async def _told(
    s: WriteSession,
    action: str,
    staff_id: UUID,
    summary: dict[str, Any],
    caller: Caller,
    now: datetime,
) -> None:
    await audit.record(
        s,
        actor=f"staff:{staff_id}",
        action=action,
        subject=f"staff:{staff_id}",
        summary=summary,
        now=now,
        address=caller.address,
        request_id=caller.request_id,
    )
