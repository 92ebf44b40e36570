"""Signing in without single sign-on: password and code, passkey, and the links that mails carry."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from guerdon.admin_api.entering import Step, brand_in_path, caller, earlier, enter, programme_name
from guerdon.admin_api.requests import AdminRequest, answer
from guerdon.identity import staff_arrival, staff_sign_in
from guerdon.identity.passkeys import Asked
from guerdon.identity.policy import console_public
from guerdon.identity.sso import leaving
from guerdon.identity.sso import queries as sso
from guerdon.identity.sso.endpoints import address
from guerdon.identity.staff_arrival import Enrolment
from guerdon.identity.staff_sign_in import Admitted
from guerdon.theming.palette import palette
from guerdon.theming.parameters import BrandingParameters
from guerdon.wire.openapi import Read
from guerdon.wire.values import In, Out

TAGS = ["Session"]
OPT = {"policy": console_public()}

Slug = FromPath[str]
Secret = Annotated[str, Meta(min_length=1, max_length=200)]
Code = Annotated[str, Meta(min_length=6, max_length=40)]
Token = Annotated[str, Meta(min_length=20, max_length=200)]
PasskeyName = Annotated[str, Meta(max_length=60)]


class CorporateSignIn(Out, frozen=True):
    """A way in by the brand's own provider; `startUrl` is where to send the browser."""

    id: UUID
    title: str
    start_url: str


class SignInPage(Out, frozen=True):
    """The brand that somebody is about to sign in to. `enforced`: by a connection only."""

    slug: str
    name: str
    accent: str
    environment: str
    connections: list[CorporateSignIn]
    enforced: bool


class PasswordIn(In, frozen=True):
    """The first step."""

    email: Annotated[str, Meta(max_length=330)]
    password: Secret


class Ticket(Out, frozen=True):
    """The first step was right; the second carries the ticket, within five minutes."""

    ticket: str


class CodeIn(In, frozen=True):
    """The second step: six digits of the authenticator app, or a recovery code."""

    ticket: Token
    code: Code


class PasskeyQuestion(Out, frozen=True):
    """What to hand to `navigator.credentials`, and the ticket that its answer carries."""

    ticket: str
    options: dict[str, Any]

    @classmethod
    def of(cls, asked: Asked) -> "PasskeyQuestion":
        """As the domain has it."""
        return cls(asked.ticket, asked.options)


class PasskeyIn(In, frozen=True):
    """What `navigator.credentials` answered, as `toJSON()` writes it."""

    ticket: Token
    credential: dict[str, Any]


class EmailIn(In, frozen=True):
    """Whose password is forgotten."""

    email: Annotated[str, Meta(max_length=330)]


class Accepted(Out, frozen=True):
    """The same whoever the e-mail belongs to: look into your mailbox."""

    sent: bool


class Entered(Out, frozen=True):
    """A session has begun. Recovery codes are shown this once."""

    staff_id: UUID
    name: str
    language: str
    recovery_codes: tuple[str, ...] = ()

    @classmethod
    def of(cls, admitted: Admitted, codes: tuple[str, ...] = ()) -> "Entered":
        """As the domain has it."""
        return cls(admitted.staff.id, admitted.staff.name, admitted.staff.language, codes)


class LinkIn(In, frozen=True):
    """What stands after the # of the link."""

    token: Token


class LinkFound(Out, frozen=True):
    """What the link is for, and for whom."""

    purpose: str
    email: str
    name: str
    brand: str
    expires_at: datetime


class LinkPasswordIn(In, frozen=True):
    """The password that its owner chose."""

    token: Token
    password: Secret


class Square(Out, frozen=True):
    """A QR code: the path of its dark modules in a square of `size` units."""

    size: int
    path: str


class AuthenticatorKey(Out, frozen=True):
    """A key for an authenticator app: as a QR code, as an address, or typed."""

    key: str
    address: str
    picture: Square

    @classmethod
    def of(cls, made: Enrolment) -> "AuthenticatorKey":
        """As the domain has it."""
        return cls(made.key, made.address, Square(made.picture.size, made.picture.path))


class LinkCodeIn(In, frozen=True):
    """The authenticator's first code."""

    token: Token
    code: Code


class LinkPasskeyIn(In, frozen=True):
    """The passkey that was made."""

    token: Token
    ticket: Token
    credential: dict[str, Any]
    name: PasskeyName = ""


@get("/sign-in/{brand:str}", operation_id="readSignInPage", operation_class=Read, opt=OPT,
     tags=TAGS)  # fmt: skip
async def page(request: AdminRequest, brand: Slug) -> Response[SignInPage]:
    """What the sign-in page of a brand shows."""
    tenant, snapshot = await brand_in_path(request, brand)
    branding = snapshot[BrandingParameters]
    async with request.rt.db.read(tenant.id) as s:
        offered = await sso.offered(s)
    return answer(
        SignInPage(
            slug=tenant.slug,
            name=programme_name(snapshot),
            accent=palette(branding.brand_colour, branding.neutral).light["accent"],
            environment=request.rt.settings.environment,
            connections=[
                CorporateSignIn(
                    c.id, c.title, address(request.rt, tenant.id, c.endpoint_id, "start")
                )
                for c in offered
            ],
            enforced=any(c.state == "enforced" for c in offered),
        )
    )


@post("/sign-in/{brand:str}/password", operation_id="signInWithPassword", operation_class=Step,
      opt=OPT, tags=TAGS, status_code=200)  # fmt: skip
async def password(
    request: AdminRequest, brand: Slug, data: JSONBody[PasswordIn]
) -> Response[Ticket]:
    """First step: e-mail and password. An unknown e-mail is answered like a wrong password."""
    tenant, snapshot = await brand_in_path(request, brand)
    ticket = await staff_sign_in.with_password(
        request.rt, tenant_id=tenant.id, snapshot=snapshot, email=data.email,
        password=data.password, caller=caller(request, tenant, data.email), now=request.now,
    )  # fmt: skip
    return answer(Ticket(ticket))


@post("/sign-in/{brand:str}/code", operation_id="signInWithCode", operation_class=Step, opt=OPT,
      tags=TAGS, status_code=200)  # fmt: skip
async def code(request: AdminRequest, brand: Slug, data: JSONBody[CodeIn]) -> Response[Entered]:
    """Second step: a code of the authenticator app, or a recovery code."""
    tenant, snapshot = await brand_in_path(request, brand)
    admitted = await staff_sign_in.with_code(
        request.rt, tenant_id=tenant.id, snapshot=snapshot, ticket=data.ticket, code=data.code,
        caller=caller(request, tenant), now=request.now, replaces=await earlier(request, tenant),
    )  # fmt: skip
    if admitted.session.connection:
        await leaving.remember(request.rt, tenant.id, admitted.session, hint=admitted.hint)
    enter(request, tenant, admitted)
    return answer(Entered.of(admitted))


@post("/sign-in/{brand:str}/passkey/options", operation_id="askSignInPasskey",
      operation_class=Step, opt=OPT, tags=TAGS, status_code=200)  # fmt: skip
async def passkey_options(request: AdminRequest, brand: Slug) -> Response[PasskeyQuestion]:
    """Ask for a passkey. The question is the same whoever asks."""
    tenant, _ = await brand_in_path(request, brand)
    asked = await staff_sign_in.ask_passkey(
        request.rt, tenant_id=tenant.id, caller=caller(request, tenant), now=request.now
    )
    return answer(PasskeyQuestion.of(asked))


@post("/sign-in/{brand:str}/passkey", operation_id="signInWithPasskey", operation_class=Step,
      opt=OPT, tags=TAGS, status_code=200)  # fmt: skip
async def passkey(
    request: AdminRequest, brand: Slug, data: JSONBody[PasskeyIn]
) -> Response[Entered]:
    """Sign in by passkey alone."""
    tenant, snapshot = await brand_in_path(request, brand)
    admitted = await staff_sign_in.with_passkey(
        request.rt, tenant_id=tenant.id, snapshot=snapshot, ticket=data.ticket,
        credential=data.credential, caller=caller(request, tenant), now=request.now,
        replaces=await earlier(request, tenant),
    )  # fmt: skip
    enter(request, tenant, admitted)
    return answer(Entered.of(admitted))


@post("/sign-in/{brand:str}/forgotten", operation_id="askPasswordLink", operation_class=Step,
      opt=OPT, tags=TAGS, status_code=202)  # fmt: skip
async def forgotten(
    request: AdminRequest, brand: Slug, data: JSONBody[EmailIn]
) -> Response[Accepted]:
    """Send a link for a new password, if the e-mail belongs to somebody who has one."""
    tenant, snapshot = await brand_in_path(request, brand)
    await staff_arrival.request_reset(
        request.rt, tenant_id=tenant.id, snapshot=snapshot, email=data.email,
        caller=caller(request, tenant, data.email), now=request.now,
    )  # fmt: skip
    return answer(Accepted(True), status=202)


@post("/sign-in/{brand:str}/link", operation_id="readLink", operation_class=Step, opt=OPT,
      tags=TAGS, status_code=200)  # fmt: skip
async def link(request: AdminRequest, brand: Slug, data: JSONBody[LinkIn]) -> Response[LinkFound]:
    """What a link from a mail is for. It is not used up by looking."""
    tenant, snapshot = await brand_in_path(request, brand)
    async with request.rt.db.read(tenant.id) as s:
        found = await staff_arrival.behind(s, request.rt, token=data.token, now=request.now)
    return answer(
        LinkFound(
            purpose=found.link.purpose,
            email=found.staff.email_norm,
            name=found.staff.name,
            brand=programme_name(snapshot),
            expires_at=found.link.expires_at,
        )
    )


@post("/sign-in/{brand:str}/link/reset", operation_id="resetPassword", operation_class=Step,
      opt=OPT, tags=TAGS, status_code=200)  # fmt: skip
async def link_reset(
    request: AdminRequest, brand: Slug, data: JSONBody[LinkPasswordIn]
) -> Response[Ticket]:
    """Set a new password by the link; the second step is asked all the same."""
    tenant, _ = await brand_in_path(request, brand)
    ticket = await staff_arrival.set_password(
        request.rt, tenant=tenant, token=data.token, password=data.password,
        caller=caller(request, tenant), now=request.now,
    )  # fmt: skip
    return answer(Ticket(ticket))


@post("/sign-in/{brand:str}/link/password", operation_id="chooseFirstPassword",
      operation_class=Step, opt=OPT, tags=TAGS, status_code=200)  # fmt: skip
async def link_password(
    request: AdminRequest, brand: Slug, data: JSONBody[LinkPasswordIn]
) -> Response[AuthenticatorKey]:
    """First step of an invitation: a password, and the key for an authenticator app."""
    tenant, snapshot = await brand_in_path(request, brand)
    made = await staff_arrival.enrol(
        request.rt, tenant=tenant, token=data.token, password=data.password,
        brand=programme_name(snapshot), now=request.now,
    )  # fmt: skip
    return answer(AuthenticatorKey.of(made))


@post("/sign-in/{brand:str}/link/code", operation_id="confirmFirstCode", operation_class=Step,
      opt=OPT, tags=TAGS, status_code=200)  # fmt: skip
async def link_code(
    request: AdminRequest, brand: Slug, data: JSONBody[LinkCodeIn]
) -> Response[Entered]:
    """Second step of an invitation: the authenticator's first code. Signs in."""
    tenant, snapshot = await brand_in_path(request, brand)
    arrived = await staff_arrival.arrive(
        request.rt, tenant=tenant, snapshot=snapshot, token=data.token, code=data.code,
        caller=caller(request, tenant), now=request.now, replaces=await earlier(request, tenant),
    )  # fmt: skip
    enter(request, tenant, arrived.admitted)
    return answer(Entered.of(arrived.admitted, arrived.recovery_codes))


@post("/sign-in/{brand:str}/link/passkey/options", operation_id="askFirstPasskey",
      operation_class=Step, opt=OPT, tags=TAGS, status_code=200)  # fmt: skip
async def link_passkey_options(
    request: AdminRequest, brand: Slug, data: JSONBody[LinkIn]
) -> Response[PasskeyQuestion]:
    """Ask to make a passkey instead of a password."""
    tenant, snapshot = await brand_in_path(request, brand)
    asked = await staff_arrival.ask_passkey(
        request.rt, tenant=tenant, token=data.token, brand=programme_name(snapshot),
        caller=caller(request, tenant), now=request.now,
    )  # fmt: skip
    return answer(PasskeyQuestion.of(asked))


@post("/sign-in/{brand:str}/link/passkey", operation_id="registerFirstPasskey",
      operation_class=Step, opt=OPT, tags=TAGS, status_code=200)  # fmt: skip
async def link_passkey(
    request: AdminRequest, brand: Slug, data: JSONBody[LinkPasskeyIn]
) -> Response[Entered]:
    """The passkey that was made. Signs in."""
    tenant, snapshot = await brand_in_path(request, brand)
    admitted = await staff_arrival.arrive_with_passkey(
        request.rt, tenant=tenant, snapshot=snapshot, token=data.token, ticket=data.ticket,
        credential=data.credential, name=data.name, caller=caller(request, tenant),
        now=request.now, replaces=await earlier(request, tenant),
    )  # fmt: skip
    enter(request, tenant, admitted)
    return answer(Entered.of(admitted))


HANDLERS = [
    page, password, code, passkey_options, passkey, forgotten, link, link_reset, link_password,
    link_code, link_passkey_options, link_passkey,
]  # fmt: skip
