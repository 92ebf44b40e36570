"""The operations of the platform's own staff. They stand at the staff host and nowhere else."""

from litestar.types import ControllerRouterHandler

from guerdon.admin_api.platform import health, limits, plans, support, tenants, watch

PATH = "/api/platform/v1"

HANDLERS: list[ControllerRouterHandler] = [
    *health.HANDLERS,
    *watch.HANDLERS,
    *tenants.HANDLERS,
    *plans.HANDLERS,
    *limits.HANDLERS,
    *support.HANDLERS,
]
