"""Previews at the door of the member site: a browser with a preview's cookie sees the draft.

Few pages are shown, by name; all else is refused. The request goes on without any credential, so
that nobody's session can be used, with a database that only reads, and its answer is kept by no
cache and may stand in a frame of the console, of nobody else.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from litestar.types import HTTPScope, Message, Send

from guerdon.member_web.preview import COOKIE
from guerdon.member_web.web import LANGUAGE_COOKIE
from guerdon.runtime import Runtime
from guerdon.simulation.errors import PreviewPageError, PreviewReadOnlyError
from guerdon.simulation.preview import Choice, Previews

_SAFE: Final = frozenset({"GET", "HEAD"})
_PAGES: Final = frozenset({"/", "/catalogue", "/terms", "/privacy", "/sign-in", "/join"})
_BELOW: Final = ("/products/", "/theme/", "/icons/")
# The same for everybody, under addresses that carry their content's hash.
_STATIC: Final = ("/assets/", "/files/", "/preview/")
_DROPPED: Final = frozenset({b"cookie", b"authorization"})
_NAME: Final = f"{COOKIE}=".encode()


def cookie_of(scope: HTTPScope) -> str | None:
    """What the preview's cookie holds, if the request is one of a preview."""
    for name, value in scope["headers"]:
        if name == b"cookie" and _NAME in value:
            for part in value.split(b";"):
                if part.strip().startswith(_NAME):
                    return part.strip()[len(_NAME) :].decode("latin-1") or None
    return None


async def enter(
    previews: Previews,
    rt: Runtime,
    scope: HTTPScope,
    *,
    cookie: str,
    tenant_id: UUID,
    now: datetime,
) -> Exception | None:
    """Let the request see the draft; what must not happen in a preview is the answer.

    Raises PreviewLinkError, InvalidParametersError.
    """
    path = scope["path"]
    if path.startswith(_STATIC):
        return None
    shown = await previews.show(rt, tenant_id=tenant_id, choice=Choice.read(cookie), now=now)
    state: dict[str, Any] = scope["state"]
    state["preview"] = shown
    state["snapshot"] = shown.snapshot
    language = f"{LANGUAGE_COOKIE}={shown.language}".encode("latin-1")
    scope["headers"] = [
        *((name, value) for name, value in scope["headers"] if name not in _DROPPED),
        (b"cookie", language),
    ]
    if scope["method"] not in _SAFE:
        return PreviewReadOnlyError()
    if path not in _PAGES and not path.startswith(_BELOW):
        return PreviewReadOnlyError() if path.startswith("/api/") else PreviewPageError()
    return None


def fenced(send: Send, console_origin: str) -> Send:
    """Answers of a preview: kept nowhere, framed by the console only, with no cookie."""

    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [
                *_fences(message.get("headers", []), console_origin),
                (b"cache-control", b"no-store"),
                (b"x-robots-tag", b"noindex"),
            ]
        await send(message)

    return wrapped


def _fences(headers: Any, console_origin: str) -> list[tuple[bytes, bytes]]:
    kept = []
    for name, value in headers:
        if name in {b"cache-control", b"x-frame-options", b"set-cookie"}:
            continue
        if name == b"content-security-policy":
            value = value.replace(
                b"frame-ancestors 'none'", f"frame-ancestors {console_origin}".encode()
            )
        kept.append((name, value))
    return kept
