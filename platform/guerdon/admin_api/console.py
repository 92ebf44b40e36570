"""Serves the console itself: one page for every address, and its files under hashed names.

The page may run only scripts and style sheets of this origin. Its components also make style
elements (the theme's variables, the scroll lock of dialogs); those carry a nonce that is fresh in
every answer, so that no `'unsafe-inline'` is needed. Style attributes written in markup are
refused; components set them through the DOM, which the policy does not concern.
"""

import asyncio
import gzip
import mimetypes
import re
import secrets
from pathlib import Path
from typing import Any

import msgspec
from litestar import Response, Router, get
from litestar.datastructures import Headers, State
from litestar.params import FromPath
from litestar.response import Redirect

from guerdon.admin_api.requests import AdminRequest
from guerdon.identity.policy import console_public
from guerdon.kit.errors import NotFoundError
from guerdon.kit.paths import bundled
from guerdon.tenancy.operator import OPERATOR_SLUG
from guerdon.theming.headers import SECURITY_HEADERS
from guerdon.theming.translations import LANGUAGES, choose_language, translator

NONCE_MARK = "__CSP_NONCE__"
FOREVER = "public, max-age=31536000, immutable"
_TWINS = (("br", ".br"), ("gzip", ".gz"))
# What the page's own addresses never begin with.
_NO_PAGE = ("api/", "assets/", ".well-known/")
_RELOAD_S = 2
_OTHER_DOOR = re.compile(rf"(?!{OPERATOR_SLUG}/)([^/]+/)?sign-in")


def content_security_policy(nonce: str, sites: str) -> str:
    """What a page of the console may load and run; previews of brands' `sites` stand in frames."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self' 'nonce-{nonce}'",
            # Pictures that are looked at before they are uploaded are blobs.
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            f"frame-src {sites}",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "object-src 'none'",
        )
    )


class _File(msgspec.Struct, frozen=True):
    """A file of the build with its compressed twins by encoding."""

    content: bytes
    media_type: str
    twins: dict[str, bytes]


class Build:
    """The built console in memory. A build made while the process runs is noticed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stamp: tuple[int, int] | None = None
        self._page = ""
        self._files: dict[str, _File] = {}
        self._lock = asyncio.Lock()

    async def page(self) -> str | None:
        """The page with the mark of its nonce, or None when the console is not built."""
        await self._fresh()
        return self._page or None

    async def file(self, name: str) -> _File | None:
        """A file below `assets/`."""
        if name not in self._files:
            await self._fresh()
        return self._files.get(name)

    async def _fresh(self) -> None:
        stamp = self._seen()
        if stamp == self._stamp:
            return
        async with self._lock:
            if stamp != self._stamp:
                await asyncio.to_thread(self._read)
                self._stamp = stamp

    def _seen(self) -> tuple[int, int] | None:
        try:
            found = (self._folder / "index.html").stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_size

    def _read(self) -> None:
        index = self._folder / "index.html"
        if not index.is_file():
            self._page, self._files = "", {}
            return
        files = {}
        for path in sorted((self._folder / "assets").iterdir()):
            if path.suffix in (".br", ".gz"):
                continue
            twins = {
                encoding: twin.read_bytes()
                for encoding, suffix in _TWINS
                if (twin := path.with_name(path.name + suffix)).is_file()
            }
            media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            files[path.name] = _File(path.read_bytes(), media_type, twins)
        self._files = files
        self._page = index.read_text()


def build(state: State) -> Build:
    """The build that this application serves."""
    if "console_build" not in state:
        state["console_build"] = Build(bundled("console"))
    found: Build = state["console_build"]
    return found


@get("/assets/{name:str}", opt={"policy": console_public()}, include_in_schema=False)
async def asset(name: FromPath[str], request: AdminRequest, state: State) -> Response[bytes]:
    """A file of the console, under a name with its content's hash."""
    found = await build(state).file(name)
    if found is None:
        raise NotFoundError
    accepted = _encodings(request.headers)
    encoding = next((e for e, _ in _TWINS if e in accepted and e in found.twins), None)
    headers = {
        "cache-control": FOREVER,
        "vary": "accept-encoding",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
    }
    if encoding is not None:
        headers["content-encoding"] = encoding
    content = found.content if encoding is None else found.twins[encoding]
    return Response(content, media_type=found.media_type, headers=headers)


@get("/", opt={"policy": console_public()}, include_in_schema=False)
async def front(request: AdminRequest, state: State) -> Response[Any]:
    """The console's page at its bare address."""
    if request.at_staff_host:
        return Redirect(f"/{OPERATOR_SLUG}", status_code=303)
    return await _page(request, state)


@get("/{path:path}", opt={"policy": console_public()}, include_in_schema=False)
async def screen(path: FromPath[str], request: AdminRequest, state: State) -> Response[Any]:
    """The console's page at a screen's address, which it reads itself.

    At the staff host there is one door: whoever has to sign in for anything does it there.
    """
    if path.lstrip("/").startswith(_NO_PAGE):
        raise NotFoundError
    if request.at_staff_host and _OTHER_DOOR.fullmatch(path.strip("/")):
        query = f"?{request.url.query}" if request.url.query else ""
        return Redirect(f"/{OPERATOR_SLUG}/sign-in{query}", status_code=303)
    return await _page(request, state)


async def _page(request: AdminRequest, state: State) -> Response[bytes]:
    nonce = secrets.token_urlsafe(16)
    settings = request.rt.settings
    sites = f"{settings.base_scheme}://*.{settings.base_host}"
    text = await build(state).page()
    status = 200
    headers = {
        **SECURITY_HEADERS,
        "referrer-policy": "same-origin",
        # The till reads codes through the phone's camera.
        "permissions-policy": SECURITY_HEADERS["permissions-policy"].replace(
            "camera=()", "camera=(self)"
        ),
        "cache-control": "no-store",
        "content-security-policy": content_security_policy(nonce, sites),
    }
    if text is None:
        text, status = _not_built(request.headers), 503
        headers["retry-after"] = str(_RELOAD_S)
    content = text.replace(NONCE_MARK, nonce).encode()
    if "gzip" in _encodings(request.headers):
        content = gzip.compress(content, 5, mtime=0)
        headers |= {"content-encoding": "gzip", "vary": "accept-encoding"}
    return Response(content, status_code=status, media_type="text/html", headers=headers)


def _encodings(headers: Headers) -> frozenset[str]:
    told = headers.get("accept-encoding", "").split(",")
    return frozenset(part.partition(";")[0].strip() for part in told if ";q=0" not in part)


def _not_built(headers: Headers) -> str:
    """A page that loads itself again until the console is built."""
    language = choose_language(LANGUAGES, accept_language=headers.get("accept-language", ""))
    _ = translator(language).markup
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="{_RELOAD_S}">
<title>{_("The console is being built")}</title>
<style nonce="{NONCE_MARK}">
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 20vh auto }}
body {{ padding: 0 1rem }}
</style>
</head>
<body>
<h1>{_("The console is being built")}</h1>
<p>{_("This takes about a minute the first time. This page loads again by itself.")}</p>
</body>
</html>
"""


def router() -> Router:
    """The console at its host."""
    return Router(
        path="/_console", route_handlers=[asset, front, screen], request_class=AdminRequest
    )
