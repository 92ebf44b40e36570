"""Stages for questions about parameters."""

from collections.abc import AsyncIterator, Iterator
from threading import Thread
from typing import Any

import pytest
from tests.conftest import create_tenant
from tests.identity.provider import Provider
from tests.outside import Outside
from tests.programme.stage import BASE, Stage, open_stage

from guerdon.app import Application
from guerdon.runtime import Runtime


@pytest.fixture(scope="module")
async def stage(
    application: Application, shared_rt: Runtime, worker_rt: Runtime, peers: Any
) -> AsyncIterator[Stage]:
    """One brand for every question: what it costs to open is paid once."""
    tenant = await create_tenant(shared_rt, sections=BASE)
    made = await open_stage(application, shared_rt, worker_rt, peers, tenant)
    yield made
    await made.api.client.aclose()


@pytest.fixture(scope="module")
async def quiet_stage(
    application: Application, shared_rt: Runtime, worker_rt: Runtime, peers: Any
) -> AsyncIterator[Stage]:
    """A brand without members: one whose currency may still be changed."""
    tenant = await create_tenant(shared_rt, sections=BASE)
    made = await open_stage(application, shared_rt, worker_rt, peers, tenant)
    yield made
    await made.api.client.aclose()


@pytest.fixture(scope="module")
def brand_identity(outside: Outside) -> Iterator[Provider]:
    """The brand's own identity provider; this one does not lie."""
    server = Provider(outside.brand_identity)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
