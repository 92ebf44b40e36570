"""Terms, privacy, and the choice of a language."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from guerdon.identity.policy import public
from guerdon.member_web.forms import read_form
from guerdon.member_web.views.account import Terms
from guerdon.member_web.web import LANGUAGE_COOKIE, Web, safe_path

_YEAR_S = 365 * 86_400


@get("/terms", opt={"policy": public()}, sync_to_thread=False)
def terms(web: NamedDependency[Web]) -> Response[str]:
    """The programme's terms in force."""
    programme = web.look.programme
    text = web.look.words(programme.terms, web.language)
    paragraphs = tuple(p.strip() for p in text.split("\n\n") if p.strip())
    return web.page("terms", "", Terms(programme.terms_version, paragraphs))


@get("/privacy", opt={"policy": public()}, sync_to_thread=False)
def privacy(web: NamedDependency[Web]) -> Response[str]:
    """What is kept of a member, and why."""
    return web.page("privacy", "", None)


@post("/language", opt={"policy": public(changes=False)})
async def choose_language(web: NamedDependency[Web]) -> Redirect:
    """Speak another language from now on, in this browser."""
    form = await read_form(web.request)
    answer = web.redirect(safe_path(form.text("next")))
    chosen = form.text("language")
    if chosen in web.look.programme.languages:
        answer.set_cookie(
            LANGUAGE_COOKIE, chosen, max_age=_YEAR_S, httponly=True, secure=True, samesite="lax"
        )
    return answer


HANDLERS = [terms, privacy, choose_language]
