"""The description of the admin API; `python -m guerdon.admin_api` prints it."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar.openapi.spec import SecurityScheme
from litestar.types import ControllerRouterHandler

from guerdon.admin_api.platform import routes as platform
from guerdon.admin_api.requests import AdminRequest
from guerdon.identity.policy import Kind
from guerdon.wire import document as wire

DESCRIPTION = """
Everything that the console does. `{brand}` selects which of the browser's sign-ins counts and
grants nothing. Changing calls carry `X-CSRF-Token` (from `readMe`) and an `Idempotency-Key`, take
effect once, and stand in the brand's audit trail. What begins with `/api/platform` belongs to the
platform's own staff: it stands at the staff host only, and nothing else of it does.
"""
TAGS = {
    "Session": "Signing in, and who is signed in",
    "Brand": "Where the brand stands: going live, plan and usage, closing",
    "Overview": "How the programme is doing and what waits",
    "Parameters": "Sections, change sets, versions",
    "Simulation": "Trying a change before it is live",
    "Recommendations": "What members are offered, why, and what it brings",
    "Catalogue": "Products, pictures, stock",
    "Orders": "What members redeemed and where it is",
    "Members": "Finding, explaining, correcting",
    "People": "Who works for the brand, and their roles",
    "Connections": "Single sign-on",
    "Integrations": "API keys, secrets, webhooks",
    "Audit": "Who did what",
    "Support": "Access of the platform's staff to one brand",
    "Deployment": "Queues, answers, signs of abuse, maintenance: for the platform's own staff only",
    "Tenants": "For the platform's own staff, at the staff host only",
}
_kept: list[bytes] = []


def document(handlers: Sequence[ControllerRouterHandler]) -> bytes:
    """The description of `handlers` as JSON; made at the first call."""
    if not _kept:
        _kept.append(msgspec.json.encode(describe(handlers)))
    return _kept[0]


def describe(handlers: Sequence[ControllerRouterHandler]) -> dict[str, Any]:
    """The description of `handlers` as plain data."""
    return wire.describe(
        handlers,
        wire.Face(
            title="Guerdon admin API",
            version="1.0.0",
            description=DESCRIPTION,
            contact="The deployment's operator",
            path="/api/admin/v1",
            tags=TAGS,
            request_class=AdminRequest,
            schemes={
                "console": SecurityScheme(
                    type="apiKey",
                    name="__Host-console-<brand>",
                    security_scheme_in="cookie",
                    description="The session of a person who works for the brand",
                )
            },
            scheme_of={Kind.STAFF: "console", Kind.PLATFORM: "console"},
        ),
        beside={platform.PATH: platform.HANDLERS},
    )
