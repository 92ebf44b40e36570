"""The member site under one roof."""

from typing import Any

from litestar import Request, Response, Router
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException

from guerdon.kit.errors import GuerdonError
from guerdon.kit.paths import bundled
from guerdon.member_web import (
    about,
    activity,
    assets,
    catalogue,
    checkout,
    home,
    join,
    offers,
    orders,
    own_code,
    own_data,
    preview,
    product,
    profile,
    purchases,
    pwa,
    sign_in,
)
from guerdon.member_web.errors import error_answer
from guerdon.member_web.home import HomePages
from guerdon.member_web.rendering import Pages
from guerdon.member_web.web import Web
from guerdon.runtime import Runtime
from guerdon.theming.looks import Looks
from guerdon.theming.themes import Themes

HANDLERS = [
    *home.HANDLERS,
    *catalogue.HANDLERS,
    *product.HANDLERS,
    *checkout.HANDLERS,
    *orders.HANDLERS,
    *purchases.HANDLERS,
    *offers.HANDLERS,
    *activity.HANDLERS,
    *profile.HANDLERS,
    *own_code.HANDLERS,
    *own_data.HANDLERS,
    *sign_in.HANDLERS,
    *join.HANDLERS,
    *about.HANDLERS,
    *preview.HANDLERS,
    *pwa.HANDLERS,
    *assets.HANDLERS,
]


def install(state: State) -> None:
    """Read the themes and put what pages are made with into the application's state."""
    state.pages = Pages(Looks(Themes(bundled("themes"))))
    state.home_pages = HomePages()


def provide_pages(state: State) -> Pages:
    """The renderer of this process."""
    pages: Pages = state.pages
    return pages


def provide_web(request: Request[Any, Any, Any], rt: NamedDependency[Runtime], state: State) -> Web:
    """What a handler needs of the request."""
    return Web(request, rt, state.pages)


def render_page_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Any error as a page of the brand."""
    return error_answer(request, error, request.app.state.pages)


def router() -> Router:
    """Every page at a brand's host."""
    return Router(
        path="/",
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
