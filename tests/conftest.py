"""Real servers for every test process; a fresh tenant for every test."""

import asyncio
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import httpx2
import msgspec
import pytest
from hypothesis import settings as hypothesis_settings
from tests import calls
from tests.identity.canaille import Canaille
from tests.identity.names import NameServer
from tests.identity.provider import Provider
from tests.identity.simplesamlphp import SimpleSaml
from tests.ports import free_port

from guerdon.app import Application, create_app
from guerdon.identity import csrf, houses, staff, staff_sessions
from guerdon.kit.clock import Clock, MovableClock, SystemClock
from guerdon.kit.ids import uuid7
from guerdon.local.servers import PostgresServer, ValkeyServer
from guerdon.parameters.operations import publish
from guerdon.plumbing.process import settle
from guerdon.plumbing.provision import (
    install_context_key,
    migrate,
    provision_cluster,
    provision_database,
)
from guerdon.programme import RULES, SECTIONS
from guerdon.programme.operator import ensure_operator
from guerdon.runtime import Runtime, open_runtime
from guerdon.sandbox.web import Request, Response, Routes, Server
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

CONTEXT_KEY = secrets.token_hex(32)
MASTER_KEY = secrets.token_hex(32)
DATABASE = "guerdon_test"


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it again and again costs every test."""
    settle()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A throw-away PostgreSQL of this test process, migrated by Alembic and nothing else."""
    server = PostgresServer(tmp_path_factory.mktemp("pg") / "data", durable=False)
    with server:
        provision_cluster(server.admin_dsn, {})
        provision_database(server.admin_dsn, DATABASE)
        migrate(server.url("guerdon_migrator", DATABASE))
        install_context_key(server.url("guerdon_migrator", DATABASE), bytes.fromhex(CONTEXT_KEY))
        yield server


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    """A throw-away Valkey of this test process."""
    with ValkeyServer(tmp_path_factory.mktemp("valkey") / "data", append_only=False) as server:
        yield server


class Peer:
    """A sandbox peer as a process of its own; it starts when a test first asks for it."""

    def __init__(self, kind: str, state: Path, *arguments: str) -> None:
        self.port = free_port()
        self.smtp_port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.ready_line = ""
        self._argv = [sys.executable, "-m", "guerdon.sandbox", kind, f"--port={self.port}",
                      f"--state={state}", *arguments]  # fmt: skip
        if kind == "mailbox":
            self._argv.append(f"--smtp-port={self.smtp_port}")
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> "Peer":
        """Start it unless it runs; returns when it takes connections."""
        if self._process is None:
            self._process = subprocess.Popen(self._argv, stdout=subprocess.PIPE, text=True)
            assert self._process.stdout is not None
            self.ready_line = self._process.stdout.readline()
            assert self.ready_line.startswith("READY "), self.ready_line
        return self

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def knobs(self, **knobs: Any) -> None:
        """Tell it how to misbehave; what is not named goes back to harmless."""
        calls.put(f"{self.url}/_control/knobs", json=knobs).raise_for_status()


class Peers(NamedTuple):
    """The peers of this test process."""

    stripe: Peer
    amazon: Peer
    mailbox: Peer
    amazon_pay: Peer


@pytest.fixture(scope="session")
def peers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peers]:
    """Peers with their addresses; each runs from the first `start()` on."""
    folder = tmp_path_factory.mktemp("peers")
    assortments = [
        f"--assortment={file}"
        for file in sorted((Path(__file__).parents[1] / "tenants/demo").glob("*/assortment.json"))
    ]
    made = Peers(
        Peer("stripe", folder / "stripe"),
        Peer("amazon", folder / "amazon", "--rate=500", "--burst=500", "--pace=0", *assortments),
        Peer("mailbox", folder / "mailbox"),
        Peer("amazon-pay", folder / "amazon-pay"),
    )
    yield made
    for peer in made:
        peer.stop()


@pytest.fixture
def stripe_peer(peers: Peers) -> Iterator[Peer]:
    """The Stripe peer, running and harmless."""
    yield peers.stripe.start()
    peers.stripe.knobs()


@pytest.fixture
def amazon_pay_peer(peers: Peers) -> Iterator[Peer]:
    """The Amazon Pay peer, running and harmless."""
    yield peers.amazon_pay.start()
    peers.amazon_pay.knobs()


@pytest.fixture
def amazon_peer(peers: Peers) -> Iterator[Peer]:
    """The Amazon Business peer, running and harmless; orders move when told to."""
    yield peers.amazon.start()
    peers.amazon.knobs()


@pytest.fixture
def mailbox_peer(peers: Peers) -> Iterator[Peer]:
    """The mailbox, running and harmless."""
    yield peers.mailbox.start()
    peers.mailbox.knobs()


class Listener:
    """A server of the test's own, for what peers push; it keeps what arrives.

    `refuse` makes it answer 500 to the next so many.
    """

    def __init__(self) -> None:
        self.got: list[Request] = []
        self.refuse = 0
        routes = Routes()
        routes.add("POST", "/hook", self._take)
        self.server = Server(routes)

    async def _take(self, request: Request) -> Response:
        if self.refuse:
            self.refuse -= 1
            return Response(500)
        self.got.append(request)
        return Response(204)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self.server.base_url}/hook"

    async def wait_for(self, count: int, patience_s: float = 10) -> list[Request]:
        """The first `count` requests, when they are there."""
        async with asyncio.timeout(patience_s):
            while len(self.got) < count:
                await asyncio.sleep(0.02)
        return self.got[:count]


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    """A running listener."""
    made = Listener()
    await made.server.start(0)
    yield made
    made.server.close()


class Outside(NamedTuple):
    """Ports of what stands outside in some tests; the deployment may call them."""

    hostile_provider: int
    canaille: int
    name_server: int
    simplesaml: int
    brand_identity: int
    scores: int


@pytest.fixture(scope="session")
def outside() -> Outside:
    """Free ports, taken before the deployment's settings are made."""
    return Outside(*(free_port() for _ in Outside._fields))


@pytest.fixture(scope="session")
def deployment(
    postgres: PostgresServer,
    valkey_server: ValkeyServer,
    peers: Peers,
    outside: Outside,
    tmp_path_factory: pytest.TempPathFactory,
) -> Settings:
    """Settings of the test deployment."""
    return Settings(
        environment="test",
        base_host="localhost",
        base_scheme="http",
        database_url=postgres.url("{role}", DATABASE),
        redis_url=valkey_server.url,
        broker_url=valkey_server.url.replace("/0", "/1"),
        context_key=CONTEXT_KEY,
        master_key=MASTER_KEY,
        stripe_api_base=peers.stripe.url,
        platform_stripe_key="sk_test_platform_of_the_tests",
        platform_stripe_webhook_secret="whsec_platform_of_the_tests",
        amazon_pay_base=peers.amazon_pay.url,
        amazon_business_base=peers.amazon.url,
        lwa_token_url=f"{peers.amazon.url}/auth/o2/token",
        smtp_url=f"smtp://127.0.0.1:{peers.mailbox.smtp_port}",
        sns_endpoint=peers.mailbox.url,
        egress_allowed_origins=(
            *(peer.url for peer in peers),
            f"http://127.0.0.1:{outside.hostile_provider}",
            f"http://127.0.0.1:{outside.canaille}",
            f"http://127.0.0.1:{outside.simplesaml}",
            f"http://127.0.0.1:{outside.brand_identity}",
            f"http://127.0.0.1:{outside.scores}",
        ),
        dns_servers=(f"127.0.0.1:{outside.name_server}",),
        files_dir=str(tmp_path_factory.mktemp("files")),
        log_format="console",
    )


@pytest.fixture(scope="session")
def settings(deployment: Settings) -> Settings:
    """The settings that tests run with; a folder may put others in their place."""
    return deployment


@pytest.fixture(scope="session")
def empty_database(deployment: Settings, postgres: PostgresServer) -> Callable[[str], Settings]:
    """`empty_database(name)`: the settings with a migrated database that no other test fills."""

    def make(name: str) -> Settings:
        provision_database(postgres.admin_dsn, name)
        migrator = postgres.url("guerdon_migrator", name)
        migrate(migrator)
        install_context_key(migrator, bytes.fromhex(deployment.context_key))
        return msgspec.structs.replace(deployment, database_url=postgres.url("{role}", name))

    return make


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


@pytest.fixture(scope="session")
def provider(outside: Outside) -> Iterator[Provider]:
    """The provider that lies; it serves for the whole process."""
    server = Provider(outside.hostile_provider)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()


@pytest.fixture(scope="session")
def canaille(
    root: Path, outside: Outside, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Canaille]:
    """The real provider; it serves for the whole process."""
    made = Canaille(root, outside.canaille, tmp_path_factory.mktemp("canaille"))
    yield made
    made.stop()


@pytest.fixture(scope="session")
def simplesaml(
    root: Path, outside: Outside, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SimpleSaml]:
    """The real SAML provider; it serves for the whole process."""
    made = SimpleSaml(root, outside.simplesaml, tmp_path_factory.mktemp("simplesaml"))
    yield made
    made.stop()


@pytest.fixture(scope="session")
def names(outside: Outside) -> Iterator[NameServer]:
    """A name server; it answers what it is told to."""
    server = NameServer(outside.name_server)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
