"""Joining on one screen: verified mail, the terms in force, one consent per purpose."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from guerdon.identity import codes
from guerdon.identity.policy import public
from guerdon.kit.errors import GuerdonError
from guerdon.member_web.entering import challenge_id, enter, visitor_of
from guerdon.member_web.errors import form_errors
from guerdon.member_web.forms import Form, read_form
from guerdon.member_web.views.account import ConsentLine, Join
from guerdon.member_web.views.frame import FieldError
from guerdon.member_web.web import Web
from guerdon.members import sign_in
from guerdon.members.parameters import MemberParameters
from guerdon.tenancy.lifecycle import Act


def consent_lines(web: Web, given: dict[str, bool]) -> tuple[ConsentLine, ...]:
    """Every purpose with its text in the reader's language and what was said to it."""
    return tuple(
        ConsentLine(
            purpose.key,
            web.look.words(purpose.title, web.language),
            web.look.words(purpose.text, web.language),
            given.get(purpose.key, False),
        )
        for purpose in web.snapshot[MemberParameters].purposes
    )


def choices_in(web: Web, form: Form) -> dict[str, bool]:
    """What the form says to each purpose."""
    purposes = web.snapshot[MemberParameters].purposes
    return {p.key: form.checked(f"consent-{p.key}") for p in purposes}


def _view(
    web: Web, form: Form, *, challenge: str = "", errors: tuple[FieldError, ...] = ()
) -> Join:
    return Join(
        name=form.text("name"),
        email=form.text("email"),
        challenge=challenge or form.text("challenge"),
        ticket=form.text("ticket"),
        terms_version=web.look.programme.terms_version,
        consents=consent_lines(web, choices_in(web, form)),
        errors=errors,
    )


@get("/join", opt={"policy": public(act=Act.JOIN)}, sync_to_thread=False)
def page(web: NamedDependency[Web]) -> Response[str] | Redirect:
    """The form."""
    if web.signed_in:
        return web.redirect("/")
    form = Form({"ticket": (web.request.query_params.get("ticket") or "")[:200]})
    return web.page("join", "join", _view(web, form))


@post("/join", opt={"policy": public(act=Act.JOIN)})
async def join(web: NamedDependency[Web]) -> Response[str] | Redirect:
    """Send the code, or join with it."""
    form = await read_form(web.request)
    email = form.text("email")
    visitor = visitor_of(web, email)
    try:
        if form.text("send") != "join":
            challenge = await sign_in.request_code(
                web.rt,
                tenant_id=web.tenant.id,
                snapshot=web.snapshot,
                purpose=codes.JOIN,
                email=email,
                language=web.language,
                visitor=visitor,
                now=web.real_now,
            )
            return web.page("join", "join", _view(web, form, challenge=str(challenge)))
        found, is_new = await sign_in.join(
            web.rt,
            tenant_id=web.tenant.id,
            snapshot=web.snapshot,
            challenge_id=challenge_id(form.text("challenge")),
            code=form.text("code"),
            email=email,
            name=form.text("name"),
            terms_version=form.text("terms") or None,
            visitor=visitor,
            now=web.real_now,
            joined_at=web.now,
            language=web.language,
            consent_choices=choices_in(web, form),
            ticket=form.text("ticket") or None,
        )
    except GuerdonError as error:
        if error.status >= 500:
            raise
        view = _view(web, form, errors=form_errors(error, web.words))
        return web.page("join", "join", view, status=error.status)
    return await enter(web, found, method="code", path="/?done=welcome" if is_new else "/")


HANDLERS = [page, join]
