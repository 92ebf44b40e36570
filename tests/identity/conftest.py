"""Browsers for a brand's people."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from tests.conftest import Outside
from tests.identity.canaille import Canaille
from tests.identity.names import NameServer
from tests.identity.people import Browser
from tests.identity.provider import Provider

from guerdon.app import Application
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant


@pytest.fixture
async def browser_at(
    application: Application, rt: Runtime
) -> AsyncIterator[Callable[..., Browser]]:
    """`browser_at(tenant)`: a fresh browser at the console, on its way to a brand."""
    made: list[Browser] = []

    def at(tenant: Tenant) -> Browser:
        browser = Browser(application, rt, tenant)
        made.append(browser)
        return browser

    yield at
    for browser in made:
        await browser.client.aclose()


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
def names(outside: Outside) -> Iterator[NameServer]:
    """A name server; it answers what it is told to."""
    server = NameServer(outside.name_server)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
