"""A deployment of its own: what other tests left in the queue must not ring in the fleet."""

from collections.abc import AsyncIterator, Callable

import msgspec
import pytest

from guerdon.programme import SECTIONS
from guerdon.runtime import Runtime, open_runtime
from guerdon.settings import Settings


@pytest.fixture(scope="module")
def settings(
    request: pytest.FixtureRequest,
    deployment: Settings,
    empty_database: Callable[[str], Settings],
) -> Settings:
    """The test deployment's settings with an empty database and two Valkey databases apart."""
    return msgspec.structs.replace(
        empty_database(f"guerdon_{request.module.__name__.rpartition('.')[2]}"),
        redis_url=deployment.redis_url.removesuffix("/0") + "/2",
        broker_url=deployment.broker_url.removesuffix("/1") + "/3",
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
