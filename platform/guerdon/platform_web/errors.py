"""What went wrong, as a page of the platform."""

from typing import Any

import structlog
from litestar import Response
from litestar.exceptions import HTTPException

from guerdon.kit.errors import GuerdonError
from guerdon.platform_web.messages import explain
from guerdon.platform_web.rendering import Pages
from guerdon.platform_web.web import LANGUAGE_COOKIE, PlatformRequest, html
from guerdon.runtime import Runtime
from guerdon.theming.translations import LANGUAGES, choose_language, translator

_log = structlog.get_logger("guerdon.platform_web")
_CODES = {404: "not_found", 405: "not_found", 413: "too_large"}


def error_answer(
    request: PlatformRequest, error: Exception, pages: Pages, rt: Runtime
) -> Response[Any]:
    """The page for an error."""
    code, status, params = _facts(error)
    if code == "internal":
        _log.error("page_failed", exc_info=error)
    language = choose_language(
        LANGUAGES,
        request.cookies.get(LANGUAGE_COOKIE),
        accept_language=request.headers.get("accept-language", ""),
    )
    found = request.scope["state"].get("porch")
    frame = pages.frame(
        language=language,
        csrf=found.csrf_token() if found is not None else "",
        path="/",
        section="error",
        console_url=rt.settings.console_url,
    )
    view = {
        "told": explain(code, status, translator(language), params),
        "reference": request.scope["state"].get("request_id") if status >= 500 else None,
    }
    answer = html(pages.render("pages/trouble.html", frame, view), status=status)
    if isinstance(error, GuerdonError) and error.retry_after_s is not None:
        answer.headers["retry-after"] = str(error.retry_after_s)
    return answer


def _facts(error: Exception) -> tuple[str, int, dict[str, Any]]:
    if isinstance(error, GuerdonError):
        return error.code, error.status, dict(error.params)
    if isinstance(error, HTTPException) and error.status_code < 500:
        return _CODES.get(error.status_code, "bad_form"), error.status_code, {}
    return "internal", 500, {}
