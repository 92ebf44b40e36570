"""Signing up begins, and goes on later, with a mail address and the code that is sent to it."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency

from guerdon.identity.policy import platform_public
from guerdon.kit.errors import GuerdonError, UnavailableError
from guerdon.onboarding import arrivals, drafts
from guerdon.onboarding.errors import SignupSessionError
from guerdon.platform_web.forms import read_form
from guerdon.platform_web.messages import field_errors
from guerdon.platform_web.web import Web
from guerdon.tenancy.operator import OPERATOR_ID

PUBLIC = {"policy": platform_public()}


def _view(*, email: str = "", challenge: str = "", errors: tuple[Any, ...] = ()) -> dict[str, Any]:
    return {"email": email[:320], "challenge": challenge[:40], "errors": errors}


@get("/sign-up", opt=PUBLIC)
async def start(web: NamedDependency[Web]) -> Response[Any]:
    """The address; whoever has proved one in this browser goes on where they were."""
    try:
        draft = await web.draft()
    except SignupSessionError:
        return web.page("pages/arriving.html", _view(), section="sign-up")
    if draft.state == "open":
        return web.redirect(f"/sign-up/{drafts.open_step(draft, terms=web.rt.terms)}")
    return web.redirect("/sign-up/ready")


@post("/sign-up", opt=PUBLIC, status_code=200)
async def send_code(web: NamedDependency[Web]) -> Response[str]:
    """Send a code. The answer is the same for an address that is known and one that is not."""
    form = await read_form(web.request)
    email = form.text("email")
    try:
        challenge = await arrivals.ask(
            web.rt,
            email=email,
            browser_id=web.porch.browser_id(),
            client=web.porch.address,
            language=web.language,
            now=web.now,
        )
    except UnavailableError:
        raise
    except GuerdonError as error:
        view = _view(email=email, errors=field_errors(error, web.words))
        return web.page("pages/arriving.html", view, section="sign-up", status=error.status)
    return web.page(
        "pages/arriving.html", _view(email=email, challenge=str(challenge)), section="sign-up"
    )


@post("/sign-up/code", opt=PUBLIC, status_code=303)
async def prove(web: NamedDependency[Web]) -> Response[Any]:
    """The code from the mail: the address is proved, and its sign-up goes on."""
    form = await read_form(web.request)
    email, challenge = form.text("email"), form.text("challenge")
    try:
        draft = await arrivals.prove(
            web.rt,
            challenge_id=_id(challenge),
            code=form.text("code"),
            browser_id=web.porch.browser_id(),
            client=web.porch.address,
            language=web.language,
            now=web.now,
        )
    except UnavailableError:
        raise
    except GuerdonError as error:
        view = _view(email=email, challenge=challenge, errors=field_errors(error, web.words))
        return web.page("pages/arriving.html", view, section="sign-up", status=error.status)
    web.porch.keep_signup(draft.id, now=web.now)
    step = drafts.open_step(draft, terms=web.rt.terms) if draft.state == "open" else "ready"
    return web.redirect(f"/sign-up/{step}")


def _id(text: str) -> UUID:
    """A challenge's id; one that nobody has where the text is none, so that all answer alike."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


@post("/sign-up/leave", opt=PUBLIC, status_code=303)
async def leave(web: NamedDependency[Web]) -> Response[Any]:
    """Leave this browser without a sign-up; what was filled in is kept."""
    web.porch.leave()
    return web.redirect("/")


@post("/sign-up/another", opt=PUBLIC, status_code=303)
async def another(web: NamedDependency[Web]) -> Response[Any]:
    """Begin a further brand."""
    draft = await web.draft()
    async with web.rt.db.write(OPERATOR_ID) as s:
        begun = await drafts.another(s, draft=draft, now=web.now)
    web.porch.keep_signup(begun.id, now=web.now)
    return web.redirect(f"/sign-up/{drafts.open_step(begun, terms=web.rt.terms)}")


HANDLERS = [start, send_code, prove, leave, another]
