"""One request at a brand's site: what handlers need to read, and how they answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from litestar import MediaType, Request, Response
from litestar.response import Redirect

from guerdon.identity.gate import visit as visit_of
from guerdon.identity.principals import MemberPrincipal
from guerdon.identity.visit import Visit
from guerdon.kit.errors import UnauthenticatedError
from guerdon.member_web.notices import notice_named
from guerdon.member_web.rendering import Pages, Reader
from guerdon.member_web.views.frame import Notice
from guerdon.parameters.snapshot import Snapshot
from guerdon.runtime import Runtime
from guerdon.simulation.preview import GUEST, Shown
from guerdon.tenancy.schemas import Tenant
from guerdon.theming.formats import Formats
from guerdon.theming.headers import SECURITY_HEADERS, content_security_policy
from guerdon.theming.looks import Look
from guerdon.theming.translations import Translator, choose_language

LANGUAGE_COOKIE = "language"

# An answer for one reader: no cache keeps it, and the browser is told what it may do.
PAGE_HEADERS: dict[str, str] = {
    **SECURITY_HEADERS,
    "content-security-policy": content_security_policy(),
    "cache-control": "no-store",
}

WebRequest = Request[Any, Any, Any]


class Web:
    """Made once per request; reads the tenant's snapshot once."""

    def __init__(self, request: WebRequest, rt: Runtime, pages: Pages) -> None:
        state = request.scope["state"]
        self.request = request
        self.rt = rt
        self.pages = pages
        self.tenant: Tenant = state["tenant"]
        self.snapshot: Snapshot = state["snapshot"]
        self.now: datetime = state["now"]
        self.real_now: datetime = state["real_now"]
        self.preview: Shown | None = state.get("preview")
        self.look: Look = pages.looks.of(self.snapshot)
        self.language = choose_language(
            self.look.programme.languages,
            request.cookies.get(LANGUAGE_COOKIE),
            accept_language=request.headers.get("accept-language", ""),
        )

    @classmethod
    def of(cls, request: WebRequest) -> "Web":
        """Without Litestar's injection, for the busiest page."""
        state = request.app.state
        rt: Runtime = state.rt
        if "preview" in request.scope["state"]:
            rt = rt.read_only()
        return cls(request, rt, state.pages)

    @property
    def visit(self) -> Visit:
        """Session, cookies and form tokens of this browser."""
        return visit_of(self.request)

    @property
    def member_id(self) -> UUID:
        """The signed-in member; UnauthenticatedError if nobody is."""
        principal = self.visit.principal
        if not isinstance(principal, MemberPrincipal):
            raise UnauthenticatedError
        return principal.member_id

    @property
    def signed_in(self) -> bool:
        """Whether a member is signed in, or a preview shows what one would see."""
        if self.preview is not None:
            return self.preview.audience != GUEST
        return isinstance(self.visit.principal, MemberPrincipal)

    @property
    def formats(self) -> Formats:
        """Numbers and dates in the reader's language."""
        return self.look.formats[self.language]

    @property
    def words(self) -> Translator:
        """Messages in the reader's language."""
        return self.reader().translator

    def reader(self, *, signed_in: bool | None = None) -> Reader:
        """For whom pages are rendered; `signed_in=False` shows what a guest sees."""
        return Reader(
            look=self.look,
            language=self.language,
            now=self.now,
            signed_in=self.signed_in if signed_in is None else signed_in,
            csrf=self.visit.csrf_token(),
            path=_own_path(self.request),
            preview=self.preview,
            moved=self.tenant.clock.moved,
        )

    def page(
        self,
        template: str,
        section: str,
        view: Any,
        *,
        status: int = 200,
        notice: Notice | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response[str]:
        """A page of the brand's theme."""
        shown = notice or notice_named(self.request.query_params.get("done"), self.words)
        content = self.pages.render(self.reader(), f"pages/{template}.html", section, view, shown)
        return html(content, status=status, headers=headers)

    def fragment(self, template: str, view: Any, *, status: int = 200) -> Response[str]:
        """A part of a page, for a script of ours."""
        return html(self.pages.render(self.reader(), template, "", view), status=status)

    def redirect(self, path: str) -> Redirect:
        """Go on with GET at a path of ours."""
        return Redirect(path, status_code=303, headers={"cache-control": "no-store"})

    def leave(self, url: str) -> Redirect:
        """Go on at an outside address that the server has chosen (never the client)."""
        return Redirect(url, status_code=303, headers={"cache-control": "no-store"})


def html(
    content: str, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response[str]:
    """An HTML answer with the site's fences; it is nobody else's, so no cache keeps it."""
    return Response(
        content,
        status_code=status,
        media_type=MediaType.HTML,
        headers={**PAGE_HEADERS, **(headers or {})},
    )


def safe_path(text: str | None, default: str = "/") -> str:
    """A path of this site to go on to; anything else is the default."""
    if not text or not text.startswith("/") or text.startswith(("//", "/\\")) or len(text) > 500:
        return default
    parts = urlsplit(text)
    if parts.scheme or parts.netloc or any(c in text for c in "\r\n\t\\"):
        return default
    return text


def _own_path(request: WebRequest) -> str:
    query = request.url.query
    path = str(request.scope["path"])
    return safe_path(f"{path}?{query}" if query else path)
