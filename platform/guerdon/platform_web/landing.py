"""What the platform is, for somebody who has never heard of it; its terms; the language."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency

from guerdon.identity.policy import platform_public
from guerdon.kit.errors import NotFoundError
from guerdon.onboarding import blueprints
from guerdon.platform_web.forms import read_form
from guerdon.platform_web.web import Web
from guerdon.theming.translations import LANGUAGES

PUBLIC = {"policy": platform_public()}


@get("/", opt=PUBLIC)
async def landing(web: NamedDependency[Web]) -> Response[str]:
    """The first page."""
    return web.page(
        "pages/landing.html",
        {"blueprints": list(blueprints.every().values()), "brands": await _brands(web)},
        section="landing",
    )


async def _brands(web: Web) -> list[dict[str, str]]:
    """The brands that the deployment shows off, as far as they are there."""
    found = []
    for slug in web.rt.settings.showcase:
        try:
            tenant = await web.rt.directory.by_slug(slug)
        except NotFoundError:
            continue
        url = web.rt.settings.tenant_url(tenant.canonical_host)
        found.append({"name": tenant.name, "url": url})
    return found


@get("/terms", opt=PUBLIC, sync_to_thread=False)
def terms_page(web: NamedDependency[Web]) -> Response[str]:
    """The platform's terms for brands."""
    return web.page("pages/terms_page.html", terms_view(web), section="terms")


def terms_view(web: Web) -> dict[str, Any]:
    """The terms in force as headings and paragraphs."""
    terms = web.rt.terms
    return {"version": terms.newest.version, "parts": terms.parts(web.language)}


@post("/language", opt=PUBLIC, status_code=303)
async def language(web: NamedDependency[Web]) -> Response[Any]:
    """Keep the language that somebody chose."""
    form = await read_form(web.request)
    if form.text("language") in LANGUAGES:
        web.porch.keep_language(form.text("language"))
    path = form.text("next")
    good = path in {"/", "/terms"} or path.startswith("/sign-up")
    return web.redirect(path if good and "//" not in path and "\\" not in path else "/")


HANDLERS = [landing, terms_page, language]
