"""The yardstick of pages: a Litestar application with one empty route and no middleware."""

from litestar import Litestar, get


@get("/", sync_to_thread=False)
def nothing() -> str:
    """An empty answer."""
    return ""


def create() -> Litestar:
    """The application."""
    return Litestar([nothing], openapi_config=None, logging_config=None)
