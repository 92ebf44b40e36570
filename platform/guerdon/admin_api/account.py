"""One's own account: sessions, password, authenticator app, recovery codes, passkeys, proving
oneself again."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from guerdon.admin_api.entering import (
    Renewed,
    Step,
    caller,
    own_session,
    programme_name,
    renew,
)
from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.admin_api.sign_in import (
    AuthenticatorKey,
    Code,
    PasskeyIn,
    PasskeyName,
    PasskeyQuestion,
    Secret,
    Token,
)
from guerdon.identity import staff_security, staff_sessions
from guerdon.identity.policy import staff
from guerdon.identity.sso import leaving
from guerdon.identity.staff_sessions import ListedStaffSession
from guerdon.kit.errors import NotFoundError
from guerdon.plumbing.db import WriteSession
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import PathId
from guerdon.wire.values import In, Out

TAGS = ["Session"]
ANYBODY = {"policy": staff(None)}
# Nobody is kept from leaving.
LEAVING = {"policy": staff(None, changes=False)}
FRESH = {"policy": staff(None, fresh=True)}


class OwnSession(Out, frozen=True):
    """A browser in which one is signed in. `id` names it and opens nothing."""

    id: str
    current: bool
    method: str
    started_at: datetime
    authenticated_at: datetime
    ends_at: datetime
    seen_at: datetime
    agent: str
    address: str

    @classmethod
    def of(cls, one: ListedStaffSession, current: str) -> "OwnSession":
        """As the domain has it."""
        session = one.session
        return cls(
            id=session.id,
            current=session.id == current,
            method=session.method,
            started_at=session.started_at,
            authenticated_at=session.authenticated_at,
            ends_at=session.ends_at,
            seen_at=one.seen_at,
            agent=session.agent,
            address=session.address,
        )


class OwnSessions(Out, frozen=True):
    """The living sessions, the one seen last first."""

    items: list[OwnSession]


class SignedOut(Out, frozen=True):
    """The session is over. `providerUrl`: where to go to sign out at the provider, too."""

    provider_url: str | None


class OwnPasskey(Out, frozen=True):
    """A passkey. Blocked: it answered as a copy would."""

    id: UUID
    name: str
    backed_up: bool
    created_at: datetime
    last_used_at: datetime | None
    blocked_at: datetime | None


class OwnSecurity(Out, frozen=True):
    """What one has on record to get in."""

    password: bool
    password_changed_at: datetime | None
    totp: bool
    recovery_codes_left: int
    passkeys: list[OwnPasskey]


class NewPasswordIn(In, frozen=True):
    """The new password."""

    password: Secret


class CodeOnlyIn(In, frozen=True):
    """Six digits of the authenticator app; to confirm it is oneself, a recovery code does, too."""

    code: Code


class ConfirmPasswordIn(In, frozen=True):
    """One's password."""

    password: Secret


class NewPasskeyIn(In, frozen=True):
    """The passkey that was made, and what to call it."""

    ticket: Token
    credential: dict[str, Any]
    name: PasskeyName = ""


class RecoveryCodes(Out, frozen=True):
    """Codes that are shown this once. The session goes on under a new id."""

    recovery_codes: list[str]
    session: Renewed


class PreferencesIn(In, frozen=True):
    """What to change; the rest stays."""

    language: Annotated[str, Meta(max_length=20)] | None = None
    appearance: Literal["system", "light", "dark"] | None = None


class Preferences(Out, frozen=True):
    """How the console speaks and looks for this person."""

    language: str
    appearance: str


@get("/{brand:str}/sessions", operation_id="listOwnSessions", operation_class=Read, opt=ANYBODY,
     tags=TAGS)  # fmt: skip
async def sessions(request: AdminRequest) -> Response[OwnSessions]:
    """List the browsers in which one is signed in."""
    return answer(await _sessions(request))


@delete("/{brand:str}/sessions/{session_id:str}", operation_id="endOwnSession",
        operation_class=Write, opt=LEAVING, tags=TAGS, status_code=200)  # fmt: skip
async def end_session(request: AdminRequest, session_id: FromPath[str]) -> Response[OwnSessions]:
    """End one of one's own sessions at once."""

    async def work(s: WriteSession, now: datetime) -> Done:
        ended = await staff_sessions.revoke(
            request.rt.valkey, tenant_id=s.tenant_id, staff_id=request.staff.staff_id,
            session_id=session_id,
        )  # fmt: skip
        if not ended:
            raise NotFoundError
        return Done(await _sessions(request), {"sessions": 1})

    return await act(request, action="session.ended", subject=request.staff.label, work=work)


@delete("/{brand:str}/sessions", operation_id="endOtherSessions", operation_class=Write,
        opt=LEAVING, tags=TAGS, status_code=200)  # fmt: skip
async def end_others(request: AdminRequest) -> Response[OwnSessions]:
    """End all of one's own sessions but this one."""

    async def work(s: WriteSession, now: datetime) -> Done:
        ended = await staff_sessions.revoke_all(
            request.rt.valkey, tenant_id=s.tenant_id, staff_id=request.staff.staff_id,
            keep=own_session(request).id,
        )  # fmt: skip
        return Done(await _sessions(request), {"sessions": ended}, changed=ended > 0)

    return await act(request, action="session.ended", subject=request.staff.label, work=work)


@post("/{brand:str}/sign-out", operation_id="signOut", operation_class=Write, opt=LEAVING,
      tags=TAGS, status_code=200)  # fmt: skip
async def sign_out(request: AdminRequest) -> Response[SignedOut]:
    """End this session; the one at the provider ends when the browser goes to `providerUrl`."""
    there = await leaving.way_out(request.rt, tenant=request.tenant, session=own_session(request))

    async def work(s: WriteSession, now: datetime) -> Done:
        await staff_sessions.revoke(
            request.rt.valkey, tenant_id=s.tenant_id, staff_id=request.staff.staff_id,
            session_id=own_session(request).id,
        )  # fmt: skip
        request.desk.keep(request.tenant.slug, "", 0)
        return Done(SignedOut(there))

    return await act(request, action="session.signed_out", subject=request.staff.label, work=work)


@get("/{brand:str}/me/security", operation_id="readOwnSecurity", operation_class=Read,
     opt=ANYBODY, tags=TAGS)  # fmt: skip
async def security(request: AdminRequest) -> Response[OwnSecurity]:
    """What one has on record to get in."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await staff_security.overview(s, staff_id=request.staff.staff_id)
    return answer(
        OwnSecurity(
            password=found.ways.password,
            password_changed_at=found.password_changed_at,
            totp=found.ways.totp,
            recovery_codes_left=found.ways.recovery_codes,
            passkeys=[
                OwnPasskey(p.id, p.name, p.backed_up, p.created_at, p.last_used_at, p.blocked_at)
                for p in found.passkeys
            ],
        )
    )


@patch("/{brand:str}/me/preferences", operation_id="changeOwnPreferences", operation_class=Write,
       opt=ANYBODY, tags=TAGS)  # fmt: skip
async def preferences(
    request: AdminRequest, data: JSONBody[PreferencesIn]
) -> Response[Preferences]:
    """Change the console's language or appearance for oneself."""

    async def work(s: WriteSession, now: datetime) -> Done:
        chosen = await staff_security.set_preferences(
            s, staff_id=request.staff.staff_id, language=data.language, appearance=data.appearance
        )
        return Done(
            Preferences(chosen.language, chosen.appearance),
            {"language": chosen.language, "appearance": chosen.appearance},
        )

    return await act(
        request, action="staff.preferences", subject=request.staff.label, work=work, given=data
    )


@post("/{brand:str}/me/password", operation_id="changeOwnPassword", operation_class=Write,
      opt=FRESH, tags=TAGS, status_code=200)  # fmt: skip
async def password(request: AdminRequest, data: JSONBody[NewPasswordIn]) -> Response[Renewed]:
    """Set a new password. All other sessions end, this one goes on under a new id."""
    hashed = await staff_security.hash_new_password(
        request.tenant, name=request.staff.name, email=request.staff.email, password=data.password
    )

    async def work(s: WriteSession, now: datetime) -> Done:
        await staff_security.set_password(
            request.rt, s, session=own_session(request), hashed=hashed, now=now
        )
        return Done(await renew(request))

    # The password itself stays out of the fingerprint: nothing of it is stored but its argon2id.
    return await act(request, action="staff.password", subject=request.staff.label, work=work)


@post("/{brand:str}/me/totp", operation_id="beginOwnTotp", operation_class=Step, opt=FRESH,
      tags=TAGS, status_code=200)  # fmt: skip
async def begin_totp(request: AdminRequest) -> Response[AuthenticatorKey]:
    """A key for an authenticator app; it counts once its first code was given back."""
    async with request.rt.db.write(request.tenant.id) as s:
        made = await staff_security.begin_totp(
            request.rt, s, session=own_session(request), account=request.staff.email,
            brand=programme_name(request.snapshot),
        )  # fmt: skip
    return answer(AuthenticatorKey.of(made))


@post("/{brand:str}/me/totp/confirm", operation_id="confirmOwnTotp", operation_class=Write,
      opt=FRESH, tags=TAGS, status_code=200)  # fmt: skip
async def confirm_totp(
    request: AdminRequest, data: JSONBody[CodeOnlyIn]
) -> Response[RecoveryCodes]:
    """Put the authenticator app in force by its first code; new recovery codes."""

    async def work(s: WriteSession, now: datetime) -> Done:
        codes = await staff_security.confirm_totp(
            request.rt, s, session=own_session(request), code=data.code, now=now
        )
        renewed = await renew(request)
        return Done(RecoveryCodes(list(codes), renewed), kept=RecoveryCodes([], renewed))

    return await act(
        request, action="staff.totp", subject=request.staff.label, work=work, given=data
    )


@delete("/{brand:str}/me/totp", operation_id="removeOwnTotp", operation_class=Write, opt=FRESH,
        tags=TAGS, status_code=200)  # fmt: skip
async def remove_totp(request: AdminRequest) -> Response[Renewed]:
    """Remove authenticator app and recovery codes."""

    async def work(s: WriteSession, now: datetime) -> Done:
        await staff_security.remove_totp(request.rt, s, session=own_session(request), now=now)
        return Done(await renew(request))

    return await act(request, action="staff.totp_removed", subject=request.staff.label, work=work)


@post("/{brand:str}/me/recovery-codes", operation_id="renewOwnRecoveryCodes",
      operation_class=Write, opt=FRESH, tags=TAGS, status_code=200)  # fmt: skip
async def recovery_codes(request: AdminRequest) -> Response[RecoveryCodes]:
    """Recovery codes in place of the earlier ones, shown this once."""

    async def work(s: WriteSession, now: datetime) -> Done:
        codes = await staff_security.new_recovery_codes(
            request.rt, s, session=own_session(request), now=now
        )
        renewed = await renew(request)
        return Done(RecoveryCodes(list(codes), renewed), kept=RecoveryCodes([], renewed))

    return await act(request, action="staff.recovery_codes", subject=request.staff.label, work=work)


@post("/{brand:str}/me/passkeys/options", operation_id="askOwnPasskey", operation_class=Step,
      opt=FRESH, tags=TAGS, status_code=200)  # fmt: skip
async def passkey_options(request: AdminRequest) -> Response[PasskeyQuestion]:
    """Ask to make a passkey."""
    who = request.staff
    async with request.rt.db.read(request.tenant.id) as s:
        asked = await staff_security.ask_new_passkey(
            request.rt, s, session=own_session(request), account=who.email, name=who.name,
            brand=programme_name(request.snapshot), caller=caller(request, request.tenant),
            now=request.now,
        )  # fmt: skip
    return answer(PasskeyQuestion.of(asked))


@post("/{brand:str}/me/passkeys", operation_id="addOwnPasskey", operation_class=Write, opt=FRESH,
      tags=TAGS, status_code=201)  # fmt: skip
async def add_passkey(request: AdminRequest, data: JSONBody[NewPasskeyIn]) -> Response[Renewed]:
    """Add the passkey that was made."""

    async def work(s: WriteSession, now: datetime) -> Done:
        await staff_security.add_passkey(
            request.rt, s, session=own_session(request), ticket=data.ticket,
            credential=data.credential, name=data.name, caller=caller(request, request.tenant),
            now=now,
        )  # fmt: skip
        return Done(await renew(request), {"passkey": data.name})

    return await act(request, action="staff.passkey", subject=request.staff.label, work=work,
                     given=data, status=201)  # fmt: skip


@delete("/{brand:str}/me/passkeys/{passkey_id:uuid}", operation_id="removeOwnPasskey",
        operation_class=Write, opt=FRESH, tags=TAGS, status_code=200)  # fmt: skip
async def remove_passkey(request: AdminRequest, passkey_id: PathId) -> Response[Renewed]:
    """Remove a passkey."""

    async def work(s: WriteSession, now: datetime) -> Done:
        name = await staff_security.remove_passkey(
            request.rt, s, session=own_session(request), passkey_id=passkey_id, now=now
        )
        return Done(await renew(request), {"passkey": name})

    return await act(
        request, action="staff.passkey_removed", subject=request.staff.label, work=work
    )


@post("/{brand:str}/me/confirm/code", operation_id="confirmByCode", operation_class=Step,
      opt=ANYBODY, tags=TAGS, status_code=200)  # fmt: skip
async def confirm_code(request: AdminRequest, data: JSONBody[CodeOnlyIn]) -> Response[Renewed]:
    """Prove that it is oneself by a code; the session goes on under a new id."""
    await staff_security.step_up_with_code(
        request.rt, tenant_id=request.tenant.id, snapshot=request.snapshot,
        session=own_session(request), code=data.code,
        caller=caller(request, request.tenant, request.staff.email), now=request.now,
    )  # fmt: skip
    return answer(await renew(request))


@post("/{brand:str}/me/confirm/password", operation_id="confirmByPassword", operation_class=Step,
      opt=ANYBODY, tags=TAGS, status_code=200)  # fmt: skip
async def confirm_password(
    request: AdminRequest, data: JSONBody[ConfirmPasswordIn]
) -> Response[Renewed]:
    """Prove that it is oneself by one's password; the session goes on under a new id."""
    await staff_security.step_up_with_password(
        request.rt, tenant_id=request.tenant.id, snapshot=request.snapshot,
        session=own_session(request), password=data.password,
        caller=caller(request, request.tenant, request.staff.email), now=request.now,
    )  # fmt: skip
    return answer(await renew(request))


@post("/{brand:str}/me/confirm/passkey/options", operation_id="askConfirmPasskey",
      operation_class=Step, opt=ANYBODY, tags=TAGS, status_code=200)  # fmt: skip
async def confirm_passkey_options(request: AdminRequest) -> Response[PasskeyQuestion]:
    """Ask for a passkey to prove that it is oneself."""
    asked = await staff_security.ask_step_up(
        request.rt, tenant_id=request.tenant.id, session=own_session(request),
        caller=caller(request, request.tenant), now=request.now,
    )  # fmt: skip
    return answer(PasskeyQuestion.of(asked))


@post("/{brand:str}/me/confirm/passkey", operation_id="confirmByPasskey", operation_class=Step,
      opt=ANYBODY, tags=TAGS, status_code=200)  # fmt: skip
async def confirm_passkey(request: AdminRequest, data: JSONBody[PasskeyIn]) -> Response[Renewed]:
    """Prove that it is oneself by passkey; the session goes on under a new id."""
    await staff_security.step_up_with_passkey(
        request.rt, tenant_id=request.tenant.id, session=own_session(request),
        ticket=data.ticket, credential=data.credential,
        caller=caller(request, request.tenant), now=request.now,
    )  # fmt: skip
    return answer(await renew(request))


async def _sessions(request: AdminRequest) -> OwnSessions:
    found = await staff_sessions.listing(
        request.rt.valkey, tenant_id=request.tenant.id, staff_id=request.staff.staff_id,
        now=request.now,
    )  # fmt: skip
    return OwnSessions([OwnSession.of(one, own_session(request).id) for one in found])


HANDLERS = [
    sessions, end_session, end_others, sign_out, security, preferences, password, begin_totp,
    confirm_totp, remove_totp, recovery_codes, passkey_options, add_passkey, remove_passkey,
    confirm_code, confirm_password, confirm_passkey_options, confirm_passkey,
]  # fmt: skip
