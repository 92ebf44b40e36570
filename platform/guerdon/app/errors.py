"""Which face renders an error: problems below /api, pages elsewhere."""

from typing import Any

from litestar import Request, Response

from guerdon.member_web.routes import render_page_error
from guerdon.platform_web.routes import render_page_error as render_platform_error
from guerdon.wire import problems


def render_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The answer to an error that no face's own handler met (unknown route, method, gate)."""
    path = str(request.scope["path"])
    if path.startswith("/_base/"):
        return render_platform_error(request, error)
    if request.scope["state"].get("tenant") is None or path.startswith(
        ("/api/", "/_refused/api", "/_console/")
    ):
        return problems.render(request, error)
    return render_page_error(request, error)
