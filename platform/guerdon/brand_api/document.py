"""The API's description, made once from its handlers (OpenAPI 3.1)."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Litestar, Router
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, Contact, SecurityScheme, Tag
from litestar.openapi.spec.oauth_flow import OAuthFlow
from litestar.openapi.spec.oauth_flows import OAuthFlows
from litestar.routes import HTTPRoute
from litestar.types import ControllerRouterHandler

from guerdon.brand_api.problems import Problem
from guerdon.brand_api.requests import ApiRequest
from guerdon.identity.policy import MEMBER_SCOPES, Kind, Policy

VERSION = "1.0.0"
DESCRIPTION = """
The API of a brand's loyalty programme. The brand is the one whose host you call; keys and tokens
of other brands open nothing there.

Every write carries an `Idempotency-Key` and takes effect once. Points are whole numbers; money is
in minor units with its currency. Lists are paged by an opaque cursor. An answer from 400 on is a
problem (RFC 9457) with a stable `code`. `RateLimit-*` headers tell what is left of your limit.
"""
TAGS = {
    "Members": "Who takes part, with balances, tiers and addresses",
    "Points": "Earn, adjust, reverse, and the ledger that explains every number",
    "Catalogue": "Products, variants, prices; picking from suppliers, price lists, margins",
    "Redemptions": "Quotes and what became of them",
    "Webhooks": "What happened, posted to you or pulled by you, in sequence per member",
    "Keys": "The key that is calling",
    "Me": "A member's own view, for the brand's app",
}
_kept: list[bytes] = []


def document(handlers: Sequence[ControllerRouterHandler]) -> bytes:
    """The description of `handlers` as JSON; made at the first call."""
    if not _kept:
        _kept.append(msgspec.json.encode(describe(handlers)))
    return _kept[0]


def describe(handlers: Sequence[ControllerRouterHandler]) -> dict[str, Any]:
    """The description of `handlers` as plain data."""
    app = Litestar(
        [Router(path="/api/v1", route_handlers=handlers, request_class=ApiRequest)],
        openapi_config=OpenAPIConfig(
            title="Guerdon API",
            version=VERSION,
            description=DESCRIPTION.strip(),
            contact=Contact(name="The brand's programme team"),
            tags=[Tag(name=name, description=text) for name, text in TAGS.items()],
            components=Components(security_schemes=_schemes()),
            use_handler_docstrings=True,
            create_examples=False,
        ),
    )
    described = app.openapi_schema.to_schema()
    _, problem = msgspec.json.schema_components(
        [Problem], ref_template="#/components/schemas/{name}"
    )
    described["components"].setdefault("schemas", {}).update(problem)
    _add_security(app, described)
    return described


def _schemes() -> dict[str, Any]:
    return {
        "apiKey": SecurityScheme(
            type="http", scheme="bearer", description="An API key of the brand: `gk_...`"
        ),
        "memberToken": SecurityScheme(
            type="oauth2",
            description="A member's access token (authorisation code with PKCE)",
            flows=OAuthFlows(
                authorization_code=OAuthFlow(
                    authorization_url="/oauth/authorize",
                    token_url="/oauth/token",  # noqa: S106
                    refresh_url="/oauth/token",
                    scopes=MEMBER_SCOPES,
                )
            ),
        ),
    }


def _add_security(app: Litestar, described: dict[str, Any]) -> None:
    """Name the scheme and the scope that each operation's policy asks for."""
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for handler in route.route_handlers:
            policy = handler.opt.get("policy")
            if not isinstance(policy, Policy) or policy.scope is None:
                continue
            scheme = "apiKey" if policy.kind is Kind.API_KEY else "memberToken"
            scopes = [] if policy.kind is Kind.API_KEY else [policy.scope]
            for method in handler.http_methods:
                operation = described["paths"][route.path_format][method.lower()]
                operation["security"] = [{scheme: scopes}]
                operation["x-scope"] = policy.scope
