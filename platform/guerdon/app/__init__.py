"""The web application: the composition root, the one place that knows all the concrete parts."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Request, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.types import ControllerRouterHandler, Receive, Scope, Send

from guerdon.admin_api import console, single_sign_on
from guerdon.admin_api import routes as admin_api
from guerdon.app.certificates import may_have_certificate
from guerdon.app.errors import render_error
from guerdon.app.health import Health, live, ready
from guerdon.app.hosts import HostRouter
from guerdon.app.metering import writing
from guerdon.app.metrics import metrics
from guerdon.brand_api import oauth, reference
from guerdon.brand_api import routes as brand_api
from guerdon.identity.gate import Gate
from guerdon.identity.policy import public
from guerdon.kit.clock import Clock
from guerdon.kit.errors import GuerdonError
from guerdon.member_web import routes as member_web
from guerdon.plans.recording import Recorder, follow, recording
from guerdon.platform_web import routes as platform_web
from guerdon.programme import RULES, SECTIONS
from guerdon.programme.founding import found
from guerdon.programme.operator import ensure_operator
from guerdon.runtime import Runtime, open_runtime
from guerdon.settings import Settings, load_settings
from guerdon.support.traffic import Meter
from guerdon.webhooks_in import HANDLERS as WEBHOOKS_IN

BODY_BYTES_MAX = 2_000_000


class Application:
    """The ASGI application: the host router around Litestar."""

    def __init__(self, litestar: Litestar, settings: Settings, meter: Meter) -> None:
        self.litestar = litestar
        self.meter = meter
        self._router = HostRouter(
            litestar,
            lambda: litestar.state.rt,
            meter,
            trusted_proxies=settings.trusted_proxies,
            get_recorder=lambda: litestar.state.recorder,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._router(scope, receive, send)


def _refused(request: Request[Any, Any, Any]) -> None:
    error = request.scope["state"].get("refusal")
    raise error if isinstance(error, Exception) else GuerdonError()


@get("/_refused", opt={"policy": public()}, include_in_schema=False, sync_to_thread=False)
def refused_page(request: Request[Any, Any, Any]) -> None:
    """Where a request lands whose host is not served."""
    _refused(request)


@get("/_refused/api", opt={"policy": public()}, include_in_schema=False, sync_to_thread=False)
def refused_call(request: Request[Any, Any, Any]) -> None:
    """The same, for a call of the API."""
    _refused(request)


def route_handlers() -> Sequence[ControllerRouterHandler]:
    """Every face of the product."""
    return [
        refused_page,
        refused_call,
        live,
        ready,
        may_have_certificate,
        metrics,
        brand_api.router(),
        *admin_api.routers(),
        console.router(),
        single_sign_on.router(),
        member_web.router(),
        platform_web.router(),
        oauth.router(),
        reference.router(brand_api.HANDLERS),
        *WEBHOOKS_IN,
    ]


def create_app(
    settings: Settings | None = None, *, role: str = "app", clock: Clock | None = None
) -> Application:
    """The application; it connects when the server starts it."""
    resolved = settings or load_settings()
    meter = Meter()

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with open_runtime(
            resolved, role=role, sections=SECTIONS, rules=RULES, clock=clock
        ) as rt:
            app.state.rt = rt
            await ensure_operator(rt, now=rt.clock.now())
            app.state.health = Health()
            app.state.recorder = Recorder()
            follow(app.state.recorder, rt.aside, rt.changes)
            member_web.install(app.state)
            platform_web.install(app.state, found)
            async with recording(app.state.recorder, rt.db), writing(meter, rt):
                yield

    def provide_runtime(request: Request[Any, Any, Any], state: State) -> Runtime:
        rt: Runtime = state.rt
        return rt.read_only() if "preview" in request.scope["state"] else rt

    litestar = Litestar(
        route_handlers=route_handlers(),
        lifespan=[lifespan],
        dependencies={"rt": Provide(provide_runtime, sync_to_thread=False)},
        middleware=[Gate()],
        exception_handlers={
            GuerdonError: render_error,
            HTTPException: render_error,
            Exception: render_error,
        },
        openapi_config=None,
        request_max_body_size=BODY_BYTES_MAX,
        debug=False,
    )
    return Application(litestar, resolved, meter)
