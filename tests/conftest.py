"""Real servers for every test process; a fresh tenant for every test."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import httpx2
import msgspec
import pytest
from hypothesis import settings as hypothesis_settings

from guerdon.app import Application, create_app
from guerdon.identity import csrf, houses, staff, staff_sessions
from guerdon.kit.clock import Clock, MovableClock, SystemClock
from guerdon.kit.ids import uuid7
from guerdon.parameters.operations import publish
from guerdon.plumbing.process import settle
from guerdon.programme import RULES, SECTIONS
from guerdon.programme.operator import ensure_operator
from guerdon.runtime import Runtime, open_runtime
from guerdon.settings import Settings
from guerdon.tenancy.lifecycle import State
from guerdon.tenancy.operations import save_tenant
from guerdon.tenancy.schemas import Tenant

# The mailbox peer takes any signature; the SDK wants something to sign with.
os.environ.setdefault("AWS_ACCESS_KEY_ID", "test")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "test")
# A property is about values; how long an example takes on a busy machine is not one of them.
hypothesis_settings.register_profile("guerdon", deadline=None, print_blob=True)
hypothesis_settings.load_profile("guerdon")

pytest_plugins = ("tests.outside", "tests.peers", "tests.deployment")


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it again and again costs every test."""
    settle()


@pytest.fixture
def clock() -> Clock:
    """The machine's clock; a test that moves time overrides this with a MovableClock."""
    return SystemClock()


@pytest.fixture
def movable_clock() -> MovableClock:
    """A clock that stands at noon of 12 November 2026, UTC, until it is moved."""
    return MovableClock(datetime(2026, 11, 12, 12, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
async def shared_rt(settings: Settings) -> AsyncIterator[Runtime]:
    """One runtime as guerdon_app for the whole test process."""
    async with open_runtime(settings, role="app", sections=SECTIONS, rules=RULES) as runtime:
        yield runtime


@pytest.fixture(scope="session")
async def worker_rt(settings: Settings) -> AsyncIterator[Runtime]:
    """A runtime as guerdon_worker."""
    async with open_runtime(settings, role="worker", sections=SECTIONS, rules=RULES) as runtime:
        yield runtime


@pytest.fixture(scope="session")
async def relay_rt(settings: Settings) -> AsyncIterator[Runtime]:
    """A runtime as guerdon_relay."""
    async with open_runtime(
        settings, role="relay", sections=SECTIONS, rules=RULES, pool_size=2
    ) as runtime:
        yield runtime


@pytest.fixture
async def rt(shared_rt: Runtime) -> Runtime:
    """A runtime as guerdon_app (what web and CLI use)."""
    return shared_rt


class MakeTenant(Protocol):
    """Makes a tenant; keyword arguments are sections as in tenant.toml."""

    def __call__(self, *, status: str = "live", **sections: Any) -> Awaitable[Tenant]: ...


async def create_tenant(
    runtime: Runtime, *, status: str = "live", sections: Mapping[str, Any] | None = None
) -> Tenant:
    """A fresh tenant at `<slug>.localhost`, with default parameters and `sections` over them."""
    tenant_id = uuid7()
    slug = f"t{tenant_id.hex[-12:]}"
    host = f"{slug}.localhost"
    async with runtime.db.write(tenant_id) as s:
        tenant = await save_tenant(
            s,
            tenant_id=tenant_id,
            slug=slug,
            name=f"Brand {slug}",
            begins_as=State(status),
            canonical_host=host,
            hosts=[host],
        )
        await publish(
            s,
            registry=runtime.snapshots.registry,
            content=sections or {},
            author="test",
            now=datetime(2020, 1, 1, tzinfo=UTC),
        )
    await runtime.snapshots.load(tenant.id)
    return tenant


@pytest.fixture
async def make_tenant(rt: Runtime) -> MakeTenant:
    """See MakeTenant."""

    async def make(*, status: str = "live", **sections: Any) -> Tenant:
        return await create_tenant(rt, status=status, sections=sections)

    return make


@pytest.fixture
async def tenant(make_tenant: MakeTenant) -> Tenant:
    """A fresh tenant with default parameters."""
    return await make_tenant()


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Application]:
    """The web application of these settings, running."""
    app = create_app(settings)
    started, ended = asyncio.Event(), asyncio.Event()

    async def run() -> None:
        # One task enters and leaves: cancel scopes ask for it, and fixtures do not promise it.
        async with app.litestar.lifespan():
            started.set()
            await ended.wait()

    task = asyncio.create_task(run())
    await asyncio.wait([task, asyncio.create_task(started.wait())], return_when="FIRST_COMPLETED")
    if task.done():
        await task
    yield app
    ended.set()
    await task


@pytest.fixture(scope="session")
async def application(settings: Settings) -> AsyncIterator[Application]:
    """The web application, running, as a server would run it."""
    async with serving(settings) as app:
        yield app


HttpFactory = Callable[..., httpx2.AsyncClient]


@asynccontextmanager
async def http_client(
    application: Application, host: str, **kwargs: Any
) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the application at `host`; cookies are kept, redirects are not followed."""
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=application, raise_app_exceptions=False),
        base_url=f"http://{host}",
        **kwargs,
    ) as client:
        yield client


@pytest.fixture
async def http(application: Application) -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """`await http(tenant)` or `await http("host")`: a client of the real application there."""
    async with AsyncExitStack() as stack:

        async def at(where: Tenant | str, **kwargs: Any) -> httpx2.AsyncClient:
            host = where if isinstance(where, str) else where.canonical_host
            return await stack.enter_async_context(http_client(application, host, **kwargs))

        yield at


class Console(httpx2.AsyncClient):
    """A browser of the console: its calls look like those of the console's own pages."""

    staff_id: UUID
    brand: str
    csrf_token: str
    session_id: str

    async def request(self, method: str, url: Any, **kwargs: Any) -> httpx2.Response:
        headers = {"sec-fetch-site": "same-origin"}
        if method.upper() not in ("GET", "HEAD", "OPTIONS"):
            headers |= {"x-csrf-token": self.csrf_token, "idempotency-key": str(uuid7())}
        headers |= {k.lower(): v for k, v in dict(kwargs.pop("headers", None) or {}).items()}
        return await super().request(method, url, headers=headers, **kwargs)


ConsoleFactory = Callable[..., Awaitable[Console]]


@asynccontextmanager
async def signed_in_console(
    application: Application,
    rt: Runtime,
    tenant: Tenant,
    *,
    roles: tuple[str, ...] = ("owner",),
    name: str = "Olga Owner",
) -> AsyncIterator[Console]:
    """The console as a fresh person of the brand sees it."""
    staff_id = uuid7()
    now = rt.clock.now()
    async with rt.db.write(tenant.id) as s:
        await staff.add(
            s, id=staff_id, email=f"{staff_id.hex}@staff.example", name=name, roles=roles, now=now
        )
    host = houses.authority(rt.settings, tenant.id)
    token, session = await staff_sessions.start(
        rt.valkey, tenant_id=tenant.id, staff_id=staff_id, host=host.partition(":")[0],
        method="test", idle=timedelta(hours=1), absolute=timedelta(hours=8), now=now,
    )  # fmt: skip
    async with Console(
        transport=httpx2.ASGITransport(app=application, raise_app_exceptions=False),
        base_url=f"http://{host}",
        headers={"cookie": f"{staff_sessions.cookie_name(tenant.slug)}={token}"},
    ) as client:
        client.staff_id = staff_id
        client.session_id = session.id
        client.brand = f"/api/admin/v1/{tenant.slug}"
        client.csrf_token = csrf.issue(rt.settings, tenant.id, f"console {session.id}")
        yield client


@pytest.fixture
async def console(application: Application, rt: Runtime) -> AsyncIterator[ConsoleFactory]:
    """`await console(tenant, roles=("owner",))`: the console as a fresh person sees it."""
    async with AsyncExitStack() as stack:

        async def sign_in(tenant: Tenant, **more: Any) -> Console:
            return await stack.enter_async_context(
                signed_in_console(application, rt, tenant, **more)
            )

        yield sign_in


@pytest.fixture
async def operator(rt: Runtime) -> Tenant:
    """The platform's operator; `console(operator, roles=("viewer",))` is its staff's console."""
    return await ensure_operator(rt, now=rt.clock.now())


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return Path(__file__).parents[1]


@pytest.fixture
def guerdon(settings: Settings, root: Path) -> Callable[..., Awaitable[Any]]:
    """`await guerdon("members", "import", ...)`: the real command against the test deployment."""
    environ = dict(os.environ) | {
        f"GUERDON_{name.upper()}": (
            value
            if isinstance(value, str)
            else ",".join(value)
            if isinstance(value, tuple)
            else msgspec.json.encode(value).decode()
        )
        for name, value in msgspec.structs.asdict(settings).items()
    }

    async def command(*arguments: str) -> Any:
        return await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "guerdon.cli", *arguments],
            env=environ, cwd=root, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    return command
