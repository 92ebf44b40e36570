"""Entering and leaving a preview, and what stands above its pages."""

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from guerdon.identity.policy import public
from guerdon.member_web.web import Web, safe_path
from guerdon.simulation.preview import GUEST, Choice, opened

COOKIE = "__Host-preview"


@get("/preview/exit", opt={"policy": public(session=False)}, sync_to_thread=False)
def leave(web: NamedDependency[Web]) -> Redirect:
    """Back to the site as it is."""
    return _go(web, "/", "", 0)


@get("/preview/{token:str}", opt={"policy": public(session=False)}, sync_to_thread=False)
def enter(token: FromPath[str], web: NamedDependency[Web]) -> Redirect:
    """Follow a preview's link; `as` and `language` choose as whom one looks, `next` where."""
    query = web.request.query_params
    _, expires_at = opened(web.rt.settings, tenant_id=web.tenant.id, token=token, now=web.now)
    language = query.get("language") or web.language
    choice = Choice(
        token,
        _plain(query.get("as")) or GUEST,
        language if language in web.look.programme.languages else web.language,
    )
    seconds = max(1, int((expires_at - web.now).total_seconds()))
    return _go(web, safe_path(query.get("next")), choice.text(), seconds)


def _plain(text: str | None) -> str:
    """The key of a tier, or nothing."""
    return text if text and text.isascii() and text.replace("_", "").isalnum() else ""


def _go(web: Web, path: str, cookie: str, seconds: int) -> Redirect:
    # The console frames the site from another one: the cookie has to work there, and is kept
    # apart from the one that the site has by itself.
    made = (
        f"{COOKIE}={cookie}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=None;"
        " Partitioned"
    )
    answer = web.redirect(path)
    answer.headers["set-cookie"] = made
    answer.headers["referrer-policy"] = "no-referrer"
    return answer


HANDLERS = [leave, enter]
