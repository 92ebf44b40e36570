"""One request at the platform's host: what handlers need to read, and how they answer."""

from datetime import datetime
from typing import Any

from litestar import MediaType, Request, Response
from litestar.response import Redirect

from guerdon.identity.gate import porch as porch_of
from guerdon.identity.porch import Porch
from guerdon.onboarding import drafts
from guerdon.onboarding.errors import SignupSessionError
from guerdon.onboarding.schemas import Draft
from guerdon.platform_web.rendering import Pages
from guerdon.runtime import Runtime
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.theming.headers import SECURITY_HEADERS, content_security_policy
from guerdon.theming.translations import LANGUAGES, Translator, choose_language, translator

LANGUAGE_COOKIE = "__Host-language"
HEADERS: dict[str, str] = {
    **SECURITY_HEADERS,
    "content-security-policy": content_security_policy(),
    "cache-control": "no-store",
}

PlatformRequest = Request[Any, Any, Any]


class Web:
    """Made once per request."""

    def __init__(self, request: PlatformRequest, rt: Runtime, pages: Pages) -> None:
        self.request = request
        self.rt = rt
        self.pages = pages
        self.now: datetime = rt.clock.now()
        self.language = choose_language(
            LANGUAGES,
            request.cookies.get(LANGUAGE_COOKIE),
            accept_language=request.headers.get("accept-language", ""),
        )

    @property
    def porch(self) -> Porch:
        """Cookies and form tokens of this browser."""
        return porch_of(self.request)

    @property
    def words(self) -> Translator:
        """Messages in the reader's language."""
        return translator(self.language)

    @property
    def is_part(self) -> bool:
        """Whether a script asks for a part of the page."""
        return self.request.headers.get("hx-request") == "true"

    async def draft(self) -> Draft:
        """The sign-up of this browser; SignupSessionError if it has none (any more)."""
        signup_id = self.porch.signup(now=self.now)
        if signup_id is not None:
            async with self.rt.db.read(OPERATOR_ID) as s:
                found = await drafts.find(s, signup_id, now=self.now)
            if found is not None:
                return found
        raise SignupSessionError

    def page(
        self, template: str, view: Any, *, section: str = "", status: int = 200
    ) -> Response[str]:
        """A page, or a part of one, with the site's fences."""
        path = str(self.request.scope["path"]).removeprefix("/_base") or "/"
        frame = self.pages.frame(
            language=self.language,
            csrf=self.porch.csrf_token(),
            path=path,
            section=section,
            console_url=self.rt.settings.console_url,
        )
        return html(self.pages.render(template, frame, view), status=status)

    def redirect(self, path: str) -> Redirect:
        """Go on with GET at a path of ours."""
        return Redirect(path, status_code=303, headers={"cache-control": "no-store"})


def html(content: str, *, status: int = 200) -> Response[str]:
    """An HTML answer that no cache keeps."""
    return Response(content, status_code=status, media_type=MediaType.HTML, headers=HEADERS)
