"""The platform's site under one roof."""

from typing import Any

from litestar import Request, Response, Router
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException

from guerdon.kit.errors import GuerdonError
from guerdon.onboarding.founding import Founder
from guerdon.platform_web import arriving, assets, landing, making, steps
from guerdon.platform_web.errors import error_answer
from guerdon.platform_web.rendering import Pages
from guerdon.platform_web.web import Web
from guerdon.runtime import Runtime

HANDLERS = [
    *landing.HANDLERS,
    *arriving.HANDLERS,
    *steps.HANDLERS,
    *making.HANDLERS,
    *assets.HANDLERS,
]


def install(state: State, founder: Founder) -> None:
    """Put what pages are made with, and who makes brands, into the application's state."""
    state.platform_pages = Pages()
    state.founder = founder


def provide_pages(state: State) -> Pages:
    """The renderer of this process."""
    pages: Pages = state.platform_pages
    return pages


def provide_web(request: Request[Any, Any, Any], rt: NamedDependency[Runtime], state: State) -> Web:
    """What a handler needs of the request."""
    return Web(request, rt, state.platform_pages)


def render_page_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Any error as a page of the platform."""
    state = request.app.state
    return error_answer(request, error, state.platform_pages, state.rt)


def router() -> Router:
    """Every page at the platform's own host."""
    return Router(
        path="/_base",
        route_handlers=HANDLERS,
        dependencies={
            "web": Provide(provide_web, sync_to_thread=False),
            "pages": Provide(provide_pages, sync_to_thread=False),
        },
        include_in_schema=False,
        exception_handlers={
            GuerdonError: render_page_error,
            HTTPException: render_page_error,
            Exception: render_page_error,
        },
    )
