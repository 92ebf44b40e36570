"""The description of the brand's API."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar.openapi.spec import SecurityScheme
from litestar.openapi.spec.oauth_flow import OAuthFlow
from litestar.openapi.spec.oauth_flows import OAuthFlows
from litestar.types import ControllerRouterHandler

from guerdon.identity.policy import MEMBER_SCOPES, Kind
from guerdon.wire import document as wire
from guerdon.wire.requests import ApiRequest

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
    "Recommendations": "What members bought and are approved for, and what to offer them",
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
    return wire.describe(handlers, _face())


def _face() -> wire.Face:
    return wire.Face(
        title="Guerdon API",
        version=VERSION,
        description=DESCRIPTION,
        contact="The brand's programme team",
        path="/api/v1",
        tags=TAGS,
        request_class=ApiRequest,
        schemes=_schemes(),
        scheme_of={Kind.API_KEY: "apiKey", Kind.MEMBER_TOKEN: "memberToken"},
    )


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
