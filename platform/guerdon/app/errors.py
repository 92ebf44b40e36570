"""Which face renders an error: problems below /api, pages elsewhere."""

from typing import Any

from litestar import Request, Response

from guerdon.brand_api import problems


def render_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The answer to an error that no face's own handler met (unknown route, method, gate)."""
    return problems.render(request, error)
