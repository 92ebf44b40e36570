"""What the web process counts, and who may read it."""

import hmac
import ipaddress
from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.types import HTTPScope
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
    route = scope.get("path_template") or "unknown"
    _SECONDS.labels(scope["method"], route).observe(seconds)
    tenant = scope["state"].get("tenant")
    _REQUESTS.labels(tenant.slug if tenant is not None else "-", str(status)).inc()


@get("/metrics", opt={"policy": operator()}, include_in_schema=False)
async def metrics(request: Request[Any, Any, Any], rt: Runtime, state: State) -> Response[bytes]:
    """Prometheus' text format, for the operator: by token, else from this machine only."""
    if not _allowed(request, rt):
        raise NotFoundError("There is no such page.")
    health: Health = state.health
    for part, works in (await health.parts(rt)).items():
        _UP.labels(part).set(works)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _allowed(request: Request[Any, Any, Any], rt: Runtime) -> bool:
    wanted = rt.settings.metrics_token
    if wanted:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {wanted}".encode())
    if request.headers.get("x-forwarded-for") or request.headers.get("forwarded"):
        return False  # came through a proxy on this machine
    host = (request.headers.get("host") or "").rpartition("@")[2].rsplit(":", 1)[0].strip("[]")
    return host == rt.settings.base_domain and _loopback(request) or (
        _is_loopback(host) and _loopback(request)
    )


def _loopback(request: Request[Any, Any, Any]) -> bool:
    return request.client is not None and _is_loopback(request.client.host)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
