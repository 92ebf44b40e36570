"""The API's operations under one roof: `/api/v1`."""

from typing import Any

from litestar import Response, Router, get
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, ControllerRouterHandler, Message, Receive, Scope, Send

from guerdon.brand_api import (
    catalogue,
    counter,
    earn,
    keys,
    limits,
    me,
    members,
    my_orders,
    points,
    price_lists,
    redemptions,
    suppliers,
    webhooks,
)
from guerdon.brand_api.document import document
from guerdon.brand_api.problems import BadRequestError, render
from guerdon.brand_api.requests import BODY_BYTES_MAX, ApiRequest
from guerdon.identity.policy import Kind, Policy, public
from guerdon.kit.errors import GuerdonError

PATH = "/api/v1"


class AnswerHeaders(ASGIMiddleware):
    """Every answer tells what is left of the caller's limit, and may not be kept by caches."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Add the headers that operations left in the request's state."""
        kept: dict[str, str] = scope["state"].setdefault("api_headers", {})

        async def send_stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", []))
                headers += [(k.lower().encode(), v.encode()) for k, v in kept.items()]
                message["headers"] = headers
            await send(message)

        await next_app(scope, receive, send_stamped)


async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Count the call against its limit; refuse what no text of the database can hold."""
    scope = connection.scope
    if "\x00" in scope["path"] or b"%00" in scope.get("query_string", b""):
        raise BadRequestError("An address cannot contain the character U+0000.")
    policy = handler.opt.get("policy")
    if isinstance(policy, Policy) and policy.kind is not Kind.PUBLIC:
        assert isinstance(connection, ApiRequest)
        await limits.charge(connection)


@get("/openapi.json", opt={"policy": public()}, include_in_schema=False)
async def openapi() -> Response[bytes]:
    """The description of all operations (OpenAPI 3.1)."""
    return Response(document(HANDLERS), media_type="application/vnd.oai.openapi+json")


HANDLERS: list[ControllerRouterHandler] = [
    *members.HANDLERS,
    *earn.HANDLERS,
    *points.HANDLERS,
    *catalogue.HANDLERS,
    *price_lists.HANDLERS,
    *redemptions.HANDLERS,
    *suppliers.HANDLERS,
    *counter.HANDLERS,
    *webhooks.HANDLERS,
    *keys.HANDLERS,
    *me.HANDLERS,
    *my_orders.HANDLERS,
]


def router() -> Router:
    """Everything below `/api/v1`."""
    return Router(
        path=PATH,
        route_handlers=[openapi, *HANDLERS],
        request_class=ApiRequest,
        guards=[admit],
        middleware=[AnswerHeaders()],
        request_max_body_size=BODY_BYTES_MAX,
        exception_handlers={GuerdonError: render, HTTPException: render, Exception: render},
    )
