"""How a member gets in: codes by mail and passwords (`arrivals`: by an outside identity).

These flows open their own transactions: a wrong try must be counted although it is refused.
Answers never tell whether an e-mail is known. Faces turn the member's id into a session.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from guerdon.identity import attempts, codes, passwords
from guerdon.identity.errors import CodeRefusedError, SignInRefusedError
from guerdon.identity.parameters import SecurityParameters
from guerdon.kit.errors import InvalidError
from guerdon.kit.ids import uuid7
from guerdon.members import normal, operations, queries
from guerdon.members.errors import TermsNotAcceptedError
from guerdon.members.linking import Visitor, active, behind, link
from guerdon.members.messages import WelcomeMember
from guerdon.members.schemas import Member
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant


async def request_code(
    rt: Runtime,
    *,
    tenant_id: UUID,
    snapshot: Snapshot,
    purpose: str,
    email: str,
    language: str,
    visitor: Visitor,
    now: datetime,
) -> UUID:
    """Send a code for signing in (`codes.SIGN_IN`) or joining (`codes.JOIN`); the challenge's id.

    The answer is the same whoever the e-mail belongs to.
    """
    _, norm = normal.email(email)
    security = snapshot[SecurityParameters]
    await _charge(rt, tenant_id, security, "send", norm, visitor)
    async with rt.db.write(tenant_id) as s:
        member = await queries.find_by_email(s, email_norm=norm)
        return await codes.issue(
            s,
            purpose=purpose,
            email_norm=norm,
            member_id=member.id if member is not None and member.active else None,
            browser_id=visitor.browser_id,
            language=(member.language if member else None) or language,
            lifetime=timedelta(minutes=security.code_lifetime_minutes),
            now=now,
        )


async def with_code(
    rt: Runtime,
    *,
    tenant_id: UUID,
    snapshot: Snapshot,
    challenge_id: UUID,
    code: str,
    visitor: Visitor,
    now: datetime,
    ticket: str | None = None,
) -> Member:
    """The member who gave the code back; CodeRefusedError for anything else."""
    await _charge_challenge(rt, tenant_id, snapshot, challenge_id, visitor)
    pending = await behind(rt, tenant_id, ticket, visitor)
    async with rt.db.write(tenant_id) as s:
        challenge = await codes.check(
            s,
            rt.settings,
            challenge_id=challenge_id,
            purpose=codes.SIGN_IN,
            code=code,
            browser_id=visitor.browser_id,
            now=now,
        )
        member = None
        if challenge is not None and challenge.member_id is not None:
            member = await active(s, challenge.member_id)
        if member is not None:
            await _verified(s, member, now)
            await link(s, member.id, pending, now)
    if member is None:
        raise CodeRefusedError(field="code")
    return member


async def join(
    rt: Runtime,
    *,
    tenant_id: UUID,
    snapshot: Snapshot,
    challenge_id: UUID,
    code: str,
    email: str,
    name: str,
    terms_version: str | None,
    visitor: Visitor,
    now: datetime,
    joined_at: datetime | None = None,
    phone: str = "",
    language: str | None = None,
    consent_choices: Mapping[str, bool] | None = None,
    ticket: str | None = None,
) -> tuple[Member, bool]:
    """Join with a verified e-mail; the member, and whether they are new.

    Who proves an e-mail that has an account already is let into that account. Everything but the
    code is checked first, so that a missing field does not use the code up. `now` is real, as the
    code's end is; `joined_at` the programme's instant, where that is another.
    """
    programme = snapshot[ProgrammeParameters]
    _, norm = normal.email(email)
    normal.name(name)
    normal.phone(phone)
    normal.language(language, programme.languages)
    if terms_version != programme.terms_version:
        raise TermsNotAcceptedError(field="terms", version=programme.terms_version)
    await _charge_challenge(rt, tenant_id, snapshot, challenge_id, visitor)
    pending = await behind(rt, tenant_id, ticket, visitor)
    async with rt.db.write(tenant_id) as s:
        challenge = await codes.check(
            s,
            rt.settings,
            challenge_id=challenge_id,
            purpose=codes.JOIN,
            code=code,
            browser_id=visitor.browser_id,
            now=now,
        )
        member, is_new = None, False
        if challenge is not None and challenge.email_norm == norm:
            found = await queries.find_by_email(s, email_norm=norm)
            is_new = found is None
            member = found or await operations.join(
                s,
                id=uuid7(),
                email=email,
                name=name,
                snapshot=snapshot,
                now=joined_at or now,
                phone=phone,
                language=language,
                email_verified=True,
                terms_version=terms_version,
                consent_choices=consent_choices,
            )
            if not member.active:
                member = None
            else:
                await _verified(s, member, now)
                await link(s, member.id, pending, now)
                if is_new:
                    await outbox.put(s, WelcomeMember(member_id=member.id))
    if member is None:
        raise CodeRefusedError(field="code")
    return member, is_new


async def with_password(
    rt: Runtime,
    *,
    tenant_id: UUID,
    snapshot: Snapshot,
    email: str,
    password: str,
    visitor: Visitor,
    now: datetime,
    ticket: str | None = None,
) -> Member:
    """The member with this e-mail and password; SignInRefusedError for anything else."""
    security = snapshot[SecurityParameters]
    if not security.password_sign_in:
        raise SignInRefusedError
    try:
        _, norm = normal.email(email)
    except InvalidError as error:
        raise SignInRefusedError from error
    await _charge(rt, tenant_id, security, "try", norm, visitor)
    async with rt.db.read(tenant_id) as r:
        member = await queries.find_by_email(r, email_norm=norm)
        stored = None
        if member is not None and member.active:
            stored = await passwords.stored_password(r, member_id=member.id)
    right = await passwords.verify(stored.hash if stored else None, password)
    if not right or member is None or stored is None:
        raise SignInRefusedError
    pending = await behind(rt, tenant_id, ticket, visitor)
    renewed = None
    if passwords.outdated(stored.hash):
        renewed = await passwords.hash_password(password)
    if renewed or pending:
        async with rt.db.write(tenant_id) as s:
            if renewed:
                await passwords.store(s, member_id=member.id, hashed=renewed, now=stored.changed_at)
            await link(s, member.id, pending, now)
    return member


async def set_password(
    rt: Runtime, *, tenant: Tenant, member_id: UUID, password: str, now: datetime
) -> None:
    """A new password; every session and token of the member ends (the face starts a new one)."""
    async with rt.db.read(tenant.id) as r:
        member = await queries.member(r, member_id=member_id)
    about = [member.name or "", (member.email or "").partition("@")[0], tenant.name, tenant.slug]
    passwords.check_strength(password, about=about)
    hashed = await passwords.hash_password(password)
    async with rt.db.write(tenant.id) as s:
        await operations.locked(s, member_id=member_id)
        await passwords.store(s, member_id=member_id, hashed=hashed, now=now)
        await operations.end_access(s, member_id=member_id, now=now, but_new=True)


async def request_step_up(
    rt: Runtime,
    *,
    tenant_id: UUID,
    snapshot: Snapshot,
    member_id: UUID,
    visitor: Visitor,
    now: datetime,
    new_email: str | None = None,
) -> UUID:
    """Send a code to a member who is signed in: to confirm that it is them, or a new e-mail."""
    security = snapshot[SecurityParameters]
    async with rt.db.read(tenant_id) as r:
        member = await queries.member(r, member_id=member_id)
    _, norm = normal.email(new_email if new_email is not None else member.email or "")
    await _charge(rt, tenant_id, security, "send", norm, visitor)
    async with rt.db.write(tenant_id) as s:
        return await codes.issue(
            s,
            purpose=codes.STEP_UP if new_email is None else codes.CHANGE_EMAIL,
            email_norm=norm,
            member_id=member_id,
            browser_id=visitor.browser_id,
            language=member.language or "en",
            lifetime=timedelta(minutes=security.code_lifetime_minutes),
            now=now,
        )


async def step_up(
    rt: Runtime,
    *,
    tenant_id: UUID,
    snapshot: Snapshot,
    member_id: UUID,
    challenge_id: UUID,
    code: str,
    visitor: Visitor,
    now: datetime,
    new_email: str | None = None,
) -> Member:
    """Check the code of `request_step_up`; with `new_email` the member's e-mail changes."""
    await _charge_challenge(rt, tenant_id, snapshot, challenge_id, visitor)
    async with rt.db.write(tenant_id) as s:
        challenge = await codes.check(
            s,
            rt.settings,
            challenge_id=challenge_id,
            purpose=codes.STEP_UP if new_email is None else codes.CHANGE_EMAIL,
            code=code,
            browser_id=visitor.browser_id,
            now=now,
        )
        good = challenge is not None and challenge.member_id == member_id
        if good and new_email is not None and challenge is not None:
            good = challenge.email_norm == normal.email(new_email)[1]
            if good:
                return await operations.change_email(
                    s, member_id=member_id, email=new_email, verified=True, now=now
                )
        member = await active(s, member_id) if good else None
    if member is None:
        raise CodeRefusedError(field="code")
    return member


async def _verified(s: WriteSession, member: Member, now: datetime) -> None:
    if member.email_verified_at is None:
        await s.execute(
            "UPDATE app.member SET email_verified_at = %(now)s"
            " WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND status = 'active'",
            {"id": member.id, "now": now},
        )


async def _charge(
    rt: Runtime,
    tenant_id: UUID,
    security: SecurityParameters,
    action: str,
    email_norm: str,
    visitor: Visitor,
) -> None:
    await attempts.charge(
        rt,
        tenant_id=tenant_id,
        security=security,
        action=action,
        email_norm=email_norm,
        address=visitor.address,
        known_browser=visitor.known,
    )


async def _charge_challenge(
    rt: Runtime, tenant_id: UUID, snapshot: Snapshot, challenge_id: UUID, visitor: Visitor
) -> None:
    async with rt.db.read(tenant_id) as r:
        email_norm = await codes.email_of(r, challenge_id=challenge_id)
    whose = email_norm or str(challenge_id)
    await _charge(rt, tenant_id, snapshot[SecurityParameters], "try", whose, visitor)
