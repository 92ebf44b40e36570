"""What the web process counts."""

from functools import lru_cache
from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.types import HTTPScope
from opentelemetry.trace import Span
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

from guerdon.app.health import Health
from guerdon.identity.policy import operator
from guerdon.kit.errors import NotFoundError
from guerdon.runtime import Runtime

_SECONDS = Histogram(
    "guerdon_request_seconds",
    "Time to answer, by route.",
    ("method", "route"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_REQUESTS = Counter("guerdon_requests", "Requests answered.", ("tenant", "status"))
_UP = Gauge("guerdon_up", "Whether a part answers (1) or not (0).", ("part",))


def observe(scope: HTTPScope, status: int, seconds: float) -> None:
    """Count one answered request."""
    _seconds(scope["method"], scope.get("path_template") or "unknown").observe(seconds)
    tenant = scope["state"].get("tenant")
    _requests(tenant.slug if tenant is not None else "-", status).inc()


# Labels are looked up once: routes, tenants and statuses are few.
@lru_cache(maxsize=4_096)
def _seconds(method: str, route: str) -> Histogram:
    return _SECONDS.labels(method, route)


@lru_cache(maxsize=65_536)
def _requests(tenant: str, status: int) -> Counter:
    return _REQUESTS.labels(tenant, str(status))


def describe(span: Span, scope: HTTPScope, status: int) -> None:
    """Name a request's span by its route, never by its address: that may hold secrets."""
    route = scope.get("path_template") or "unknown"
    span.update_name(f"{scope['method']} {route}")
    tenant = scope["state"].get("tenant")
    span.set_attributes(
        {
            "http.response.status_code": status,
            "http.route": route,
            "guerdon.request_id": scope["state"]["request_id"],
            "guerdon.tenant": str(tenant.id) if tenant is not None else "-",
        }
    )


@get("/metrics", opt={"policy": operator()}, include_in_schema=False)
async def metrics(
    request: Request[Any, Any, Any], rt: NamedDependency[Runtime], state: State
) -> Response[bytes]:
    """Prometheus' text format, for the operator; a brand's host does not have this page."""
    host = request.headers.get("host", "").rsplit(":", 1)[0].lower()
    if await rt.directory.by_host(host) is not None:
        raise NotFoundError("There is no such page.")
    health: Health = state.health
    for part, works in (await health.parts(rt)).items():
        _UP.labels(part).set(works)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
