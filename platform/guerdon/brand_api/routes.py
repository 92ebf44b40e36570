"""The API's operations under one roof: `/api/v1`."""

from litestar import Response, Router, get
from litestar.exceptions import HTTPException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, ControllerRouterHandler, Message, Receive, Scope, Send

from guerdon.brand_api import (
    card_bases,
    catalogue,
    contexts,
    counter,
    earn,
    keys,
    limits,
    me,
    members,
    my_orders,
    points,
    price_lists,
    recommendations,
    redemptions,
    suppliers,
    webhooks,
)
from guerdon.brand_api.document import document
from guerdon.identity.policy import public
from guerdon.kit.errors import GuerdonError
from guerdon.wire.problems import BadRequestError, render
from guerdon.wire.requests import BODY_BYTES_MAX, ApiRequest

PATH = "/api/v1"


class Admission(ASGIMiddleware):
    """Counts the call against its limit; every answer tells what is left of it.

    A guard would do, but Litestar copies the handler for each guard of each request.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Admit the call or answer with a problem, with the headers of the limit."""
        kept: dict[str, str] = scope["state"].setdefault("api_headers", {})

        async def send_stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", []))
                headers += [(k.lower().encode(), v.encode()) for k, v in kept.items()]
                message["headers"] = headers
            await send(message)

        try:
            await _admit(scope)
        except GuerdonError as error:
            request = ApiRequest(scope, receive=receive, send=send)
            refusal = render(request, error).to_asgi_response(app=None, request=request)
            await refusal(scope, receive, send_stamped)
            return
        await next_app(scope, receive, send_stamped)


async def _admit(scope: Scope) -> None:
    """Refuse what no text of the database can hold; charge whoever is known."""
    if "\x00" in scope["path"] or b"%00" in scope.get("query_string", b""):
        raise BadRequestError("An address cannot contain the character U+0000.")
    if scope["state"].get("principal") is not None:
        await limits.charge(scope)


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
    *contexts.HANDLERS,
    *card_bases.HANDLERS,
    *recommendations.HANDLERS,
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
        middleware=[Admission()],
        request_max_body_size=BODY_BYTES_MAX,
        exception_handlers={GuerdonError: render, HTTPException: render, Exception: render},
    )
