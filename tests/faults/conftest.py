"""A deployment of its own: what other tests left in the queue must not ring in the fleet."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from guerdon.local.servers import PostgresServer
from guerdon.plumbing.provision import install_context_key, migrate, provision_database
from guerdon.programme import SECTIONS
from guerdon.runtime import Runtime, open_runtime
from guerdon.settings import Settings

DATABASE = "guerdon_faults"


@pytest.fixture(scope="module")
def settings(settings: Settings, postgres: PostgresServer) -> Settings:
    """The test deployment's settings with an empty database and two empty Valkey databases."""
    provision_database(postgres.admin_dsn, DATABASE)
    migrate(postgres.url("guerdon_migrator", DATABASE))
    install_context_key(
        postgres.url("guerdon_migrator", DATABASE), bytes.fromhex(settings.context_key)
    )
    return msgspec.structs.replace(
        settings,
        database_url=postgres.url("{role}", DATABASE),
        redis_url=settings.redis_url.removesuffix("/0") + "/2",
        broker_url=settings.broker_url.removesuffix("/1") + "/3",
    )


@pytest.fixture
async def rt(settings: Settings) -> AsyncIterator[Runtime]:
    """A runtime as guerdon_app, in that database."""
    async with open_runtime(settings, role="app", sections=SECTIONS) as runtime:
        yield runtime


@pytest.fixture
async def worker_rt(settings: Settings) -> AsyncIterator[Runtime]:
    """A runtime as guerdon_worker, in that database."""
    async with open_runtime(settings, role="worker", sections=SECTIONS) as runtime:
        yield runtime
