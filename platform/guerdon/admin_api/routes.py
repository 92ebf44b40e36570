"""The admin API's operations under one roof: `/api/admin/v1` at the console's host."""

from collections.abc import Sequence

from litestar import Response, Router, get
from litestar.exceptions import HTTPException
from litestar.types import ControllerRouterHandler

from guerdon.admin_api import (
    account,
    adjustments,
    audit,
    brand_life,
    card_bases,
    catalogue,
    catalogue_edits,
    catalogue_imports,
    change_sets,
    connections,
    effects,
    email_domains,
    exports,
    files,
    keys,
    me,
    measurement,
    member_imports,
    members,
    models,
    notices,
    order_actions,
    orders,
    overview,
    parameters,
    people,
    plan,
    rollouts,
    rules,
    secrets,
    sign_in,
    simulations,
    site_domains,
    slates,
    support,
    terms,
    test_clock,
    till,
    versions,
    webhooks,
)
from guerdon.admin_api.document import document
from guerdon.admin_api.parameter_problems import HANDLED, parameter_problem
from guerdon.admin_api.platform import routes as platform
from guerdon.admin_api.requests import AdminRequest
from guerdon.identity.policy import console_public
from guerdon.kit.errors import GuerdonError
from guerdon.wire.problems import render
from guerdon.wire.requests import BODY_BYTES_MAX

PATH = "/_console/api/admin/v1"

HANDLERS: list[ControllerRouterHandler] = [
    *effects.HANDLERS,
    *files.HANDLERS,
    *sign_in.HANDLERS,
    *me.HANDLERS,
    *notices.HANDLERS,
    *overview.HANDLERS,
    *brand_life.HANDLERS,
    *exports.HANDLERS,
    *plan.HANDLERS,
    *terms.HANDLERS,
    *account.HANDLERS,
    *people.HANDLERS,
    *connections.HANDLERS,
    *email_domains.HANDLERS,
    *site_domains.HANDLERS,
    *till.HANDLERS,
    *audit.HANDLERS,
    *keys.HANDLERS,
    *secrets.HANDLERS,
    *webhooks.HANDLERS,
    *parameters.HANDLERS,
    *change_sets.HANDLERS,
    *versions.HANDLERS,
    *rollouts.HANDLERS,
    *catalogue.HANDLERS,
    *catalogue_edits.HANDLERS,
    *catalogue_imports.HANDLERS,
    *orders.HANDLERS,
    *order_actions.HANDLERS,
    *members.HANDLERS,
    *member_imports.HANDLERS,
    *adjustments.HANDLERS,
    *simulations.HANDLERS,
    *measurement.HANDLERS,
    *slates.HANDLERS,
    *support.HANDLERS,
    *models.HANDLERS,
    *card_bases.HANDLERS,
    *rules.HANDLERS,
    *test_clock.HANDLERS,
]


@get("/openapi.json", opt={"policy": console_public()}, include_in_schema=False)
async def openapi() -> Response[bytes]:
    """The description of all operations (OpenAPI 3.1)."""
    return Response(document(HANDLERS), media_type="application/vnd.oai.openapi+json")


def _router(path: str, handlers: Sequence[ControllerRouterHandler]) -> Router:
    return Router(
        path=path,
        route_handlers=handlers,
        request_class=AdminRequest,
        request_max_body_size=BODY_BYTES_MAX,
        exception_handlers={
            GuerdonError: render,
            HTTPException: render,
            Exception: render,
            **dict.fromkeys(HANDLED, parameter_problem),
        },
    )


def routers() -> list[Router]:
    """Everything below `/api/admin/v1`, and below `/api/platform/v1` at the staff host."""
    return [
        _router(PATH, [openapi, *HANDLERS]),
        _router("/_console" + platform.PATH, platform.HANDLERS),
    ]
