"""What stands outside the deployment in some tests: identity providers and a name server."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import pytest
from tests.identity.canaille import Canaille
from tests.identity.names import NameServer
from tests.identity.provider import Provider
from tests.identity.simplesamlphp import SimpleSaml
from tests.ports import free_port


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
