"""What went wrong, told in the reader's language: pages, and messages beside form fields.

Every refusal says what happened, what it means for points or money, and what to do.
"""

from typing import Any
from urllib.parse import quote

import structlog
from litestar import Response
from litestar.exceptions import HTTPException

from guerdon.identity.visit import SESSION_COOKIE
from guerdon.kit.errors import GuerdonError, UnauthenticatedError
from guerdon.member_web.messages import explain, field_message
from guerdon.member_web.rendering import Pages, Reader
from guerdon.member_web.views.account import ErrorPage
from guerdon.member_web.views.frame import FieldError
from guerdon.member_web.web import LANGUAGE_COOKIE, WebRequest, html, safe_path
from guerdon.theming.translations import Translator, choose_language

_log = structlog.get_logger("guerdon.member_web")


def form_errors(error: GuerdonError, words: Translator) -> tuple[FieldError, ...]:
    """A refusal as a message beside the field at fault."""
    field = (error.field or "").rsplit(".", 1)[-1].rsplit("/", 1)[-1]
    return (FieldError(field, field_message(error, words)),)


def error_answer(request: WebRequest, error: Exception, pages: Pages) -> Response[Any]:
    """The page for an error, branded where the brand is known."""
    state = request.scope["state"]
    if isinstance(error, UnauthenticatedError) and error.code == "unauthenticated":
        return _sign_in_first(request)
    code, status, params = _facts(error)
    snapshot = state.get("snapshot")
    if snapshot is None:
        return html(f"<!doctype html><title>{status}</title>", status=status)
    if status >= 500 and code == "internal":
        _log.error("page_failed", exc_info=error)
    look = pages.looks.of(snapshot)
    language = choose_language(
        look.programme.languages,
        request.cookies.get(LANGUAGE_COOKIE),
        accept_language=request.headers.get("accept-language", ""),
    )
    visit = state.get("visit")
    reader = Reader(
        look=look,
        language=language,
        now=state["now"],
        signed_in=visit is not None and visit.session is not None,
        csrf=visit.csrf_token() if visit is not None else "",
        path="/",
        preview=state.get("preview"),
    )
    told = explain(code, status, params, reader.translator)
    closed = code in {"tenant_pending", "tenant_suspended"}
    view = ErrorPage(
        status=status,
        title=told.title,
        text=told.text,
        safe=told.safe,
        action_label=None if closed else told.action_label,
        action_url=None if closed else told.action_url,
        reference=state.get("request_id") if status >= 500 and not closed else None,
        symbol=told.symbol,
    )
    if request.headers.get("hx-request") == "true":
        content = pages.render(reader, "fragment_error.html", "", view)
    else:
        page = "pages/closed.html" if closed else "pages/error.html"
        content = pages.render(reader, page, "", view)
    headers = {"retry-after": "3600"} if closed else {}
    if isinstance(error, GuerdonError) and error.retry_after_s is not None:
        headers = {"retry-after": str(error.retry_after_s)}
    return html(content, status=status, headers=headers)


def _facts(error: Exception) -> tuple[str, int, dict[str, Any]]:
    if isinstance(error, GuerdonError):
        return error.code, error.status, dict(error.params)
    if isinstance(error, HTTPException):
        codes = {404: "not_found", 405: "not_found", 413: "too_large", 415: "bad_form"}
        if error.status_code in codes:
            return codes[error.status_code], error.status_code, {}
        if error.status_code < 500:
            return "bad_form", error.status_code, {}
    return "internal", 500, {}


def _sign_in_first(request: WebRequest) -> Response[Any]:
    path = str(request.scope["path"])
    if request.method != "GET":
        path = safe_path(request.headers.get("referer", "").partition(request.url.netloc)[2])
    had_session = SESSION_COOKIE in request.cookies
    url = f"/sign-in?next={quote(path)}" + ("&done=expired" if had_session else "")
    if request.headers.get("hx-request") == "true":
        return html("", status=401, headers={"hx-redirect": url})
    return Response("", status_code=303, headers={"location": url, "cache-control": "no-store"})
