"""The member's own data: person, addresses, consents, security."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from guerdon.identity import passwords, sessions
from guerdon.identity.policy import member
from guerdon.kit.errors import GuerdonError
from guerdon.member_web import places
from guerdon.member_web.devices import device_name
from guerdon.member_web.errors import form_errors
from guerdon.member_web.forms import Form, read_form
from guerdon.member_web.join import choices_in, consent_lines
from guerdon.member_web.slots import recommends
from guerdon.member_web.views.account import PersonForm, Profile, SessionLine
from guerdon.member_web.views.frame import FieldError
from guerdon.member_web.wallet import Wallet, tier_name, wallet_of
from guerdon.member_web.web import Web
from guerdon.members import addresses, consents, operations, sign_in
from guerdon.plumbing.db import ReadSession
from guerdon.recommendations import kept_contexts
from guerdon.redemption import till_code

_NOTHING: tuple[FieldError, ...] = ()


async def _view(
    s: ReadSession,
    web: Web,
    *,
    form: Form | None = None,
    person_errors: tuple[FieldError, ...] = _NOTHING,
    address_errors: tuple[FieldError, ...] = _NOTHING,
    password_errors: tuple[FieldError, ...] = _NOTHING,
) -> Profile:
    wallet: Wallet = await wallet_of(s, web)
    who = wallet.member
    given = await consents.in_force(s, member_id=who.id)
    stored = await passwords.stored_password(s, member_id=who.id)
    book = await addresses.listing(s, member_id=who.id)
    typed = form if form is not None and person_errors else None
    return Profile(
        person=PersonForm(
            name=typed.text("name") if typed else who.name or "",
            email=who.email or "",
            phone=typed.text("phone") if typed else who.phone or "",
            member_number=who.number or "",
            errors=person_errors,
        ),
        member_since=who.joined_at.date(),
        tier_name=tier_name(web, wallet.tier),
        addresses=places.choices(book, web.language),
        address_form=places.form_of(
            web, form if address_errors else None, address_errors, who.name or ""
        ),
        consents=consent_lines(web, {key: c.granted for key, c in given.items()}),
        sessions=await _sessions(web),
        has_password=stored is not None,
        password_errors=password_errors,
        personal=await consents.profiling_allowed(s, member_id=who.id) if recommends(web) else None,
        has_purchases=bool(await kept_contexts.live(s, member_id=who.id, now=web.now, limit=1)),
        has_till=await till_code.in_use(s),
    )


async def _sessions(web: Web) -> tuple[SessionLine, ...]:
    found = await sessions.listing(
        web.rt.valkey, tenant_id=web.tenant.id, member_id=web.member_id, now=web.real_now
    )
    own = web.visit.session
    return tuple(
        SessionLine(
            one.session.id,
            device_name(one.session.agent, web.words),
            one.session.authenticated_at,
            one.seen_at,
            own is not None and one.session.id == own.id,
        )
        for one in found
    )


async def _page(web: Web, *, status: int = 200, **errors: Any) -> Response[str]:
    async with web.rt.db.read(web.tenant.id) as s:
        view = await _view(s, web, **errors)
    return web.page("profile", "profile", view, status=status)


@get("/profile", opt={"policy": member()})
async def page(web: NamedDependency[Web]) -> Response[str]:
    """Everything a member can change about themselves."""
    return await _page(web)


@post("/profile", opt={"policy": member()})
async def save_person(web: NamedDependency[Web]) -> Response[str] | Redirect:
    """Name and phone."""
    form = await read_form(web.request)
    try:
        async with web.rt.db.write(web.tenant.id) as s:
            await operations.update(
                s,
                member_id=web.member_id,
                snapshot=web.snapshot,
                now=web.now,
                name=form.text("name"),
                phone=form.text("phone"),
            )
    except GuerdonError as error:
        return await _refused(web, error, form=form, person_errors=form_errors(error, web.words))
    return web.redirect("/profile?done=saved")


@post("/profile/addresses", opt={"policy": member()})
async def add_address(web: NamedDependency[Web]) -> Response[str] | Redirect:
    """One more address."""
    form = await read_form(web.request)
    try:
        async with web.rt.db.write(web.tenant.id) as s:
            await addresses.save(
                s, member_id=web.member_id, address=places.typed_address(form), now=web.now
            )
    except GuerdonError as error:
        return await _refused(web, error, form=form, address_errors=form_errors(error, web.words))
    return web.redirect("/profile?done=address_saved#addresses")


@post("/profile/addresses/{address_id:uuid}/remove", opt={"policy": member()})
async def remove_address(address_id: FromPath[UUID], web: NamedDependency[Web]) -> Redirect:
    """One address less."""
    async with web.rt.db.write(web.tenant.id) as s:
        await addresses.remove(s, member_id=web.member_id, address_id=address_id)
    return web.redirect("/profile?done=address_removed#addresses")


@post("/profile/consents", opt={"policy": member()})
async def save_consents(web: NamedDependency[Web]) -> Redirect:
    """What the brand may send."""
    form = await read_form(web.request)
    async with web.rt.db.write(web.tenant.id) as s:
        await consents.choose(
            s,
            member_id=web.member_id,
            choices=choices_in(web, form),
            snapshot=web.snapshot,
            language=web.language,
            now=web.now,
        )
    return web.redirect("/profile?done=saved#notifications")


@post("/profile/recommendations", opt={"policy": member()})
async def save_recommendations(web: NamedDependency[Web]) -> Redirect:
    """Whether recommendations may follow from what the member did; in force at once."""
    form = await read_form(web.request)
    async with web.rt.db.write(web.tenant.id) as s:
        await consents.allow_profiling(
            s,
            member_id=web.member_id,
            allowed=form.checked("personal"),
            language=web.language,
            now=web.now,
        )
    return web.redirect("/profile?done=saved#recommendations")


@post("/profile/password", opt={"policy": member()})
async def set_password(web: NamedDependency[Web]) -> Response[str] | Redirect:
    """A new password; this browser stays signed in under a new session, all others end."""
    form = await read_form(web.request)
    member_id = web.member_id
    try:
        await sign_in.set_password(
            web.rt,
            tenant=web.tenant,
            member_id=member_id,
            password=form.secret("new_password"),
            now=web.real_now,
        )
    except GuerdonError as error:
        told = tuple(FieldError("new_password", e.message) for e in form_errors(error, web.words))
        return await _refused(web, error, password_errors=told)
    await sessions.revoke_all(web.rt.valkey, tenant_id=web.tenant.id, member_id=member_id)
    await web.visit.sign_in(member_id=member_id, method="password", now=web.real_now)
    return web.redirect("/profile?done=password_saved#security")


@post("/profile/sessions/{session_id:str}/end", opt={"policy": member()})
async def end_session(session_id: FromPath[str], web: NamedDependency[Web]) -> Redirect:
    """Sign another device out."""
    await sessions.revoke(
        web.rt.valkey, tenant_id=web.tenant.id, member_id=web.member_id, session_id=session_id
    )
    return web.redirect("/profile?done=session_ended#security")


async def _refused(web: Web, error: GuerdonError, **errors: Any) -> Response[str]:
    if error.status >= 500:
        raise error
    return await _page(web, status=error.status, **errors)


HANDLERS = [
    page,
    save_person,
    add_address,
    remove_address,
    save_consents,
    save_recommendations,
    set_password,
    end_session,
]
