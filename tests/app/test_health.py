from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from guerdon.app.health import Health
from guerdon.plumbing.cache import WORKER_ALIVE
from guerdon.programme import SECTIONS
from guerdon.runtime import Runtime, open_runtime
from guerdon.tenancy.schemas import Tenant

Http = Callable[..., Awaitable[Any]]


async def test_live_asks_nobody(http: Http) -> None:
    answer = await (await http("localhost")).get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_ready_tells_whether_a_worker_beats(http: Http, rt: Runtime, freshly: None) -> None:
    await rt.valkey.delete(WORKER_ALIVE)
    client = await http("localhost")
    answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["parts"] == {"database": "ok", "valkey": "ok", "worker": "unavailable"}
    await rt.valkey.set(WORKER_ALIVE, "1", ex=60)
    health = Health()
    assert await health.parts(rt) == {"database": True, "valkey": True, "worker": True}
    await rt.valkey.delete(WORKER_ALIVE)
    assert (await health.parts(rt))["worker"] is True  # kept for half a second


async def test_ready_tells_of_a_lost_database_and_valkey(settings: Any) -> None:
    lost = msgspec.structs.replace(settings, redis_url="redis://127.0.0.1:9/0")
    async with open_runtime(lost, role="app", sections=SECTIONS, pool_size=1) as rt:
        assert await Health().parts(rt) == {"database": True, "valkey": False, "worker": False}
        await rt.db.close()
        assert (await Health().parts(rt))["database"] is False


@pytest.fixture
def freshly(application: Any) -> None:
    """Forget what the application knows of its parts."""
    application.litestar.state.health = Health()


async def test_metrics_count_and_stay_off_a_brands_host(http: Http, tenant: Tenant) -> None:
    brand = await http(tenant)
    assert (await brand.get("/no-such-page")).status_code == 404
    assert (await brand.get("/metrics")).status_code == 404
    answer = await (await http("localhost")).get("/metrics")
    assert answer.status_code == 200
    assert f'guerdon_requests_total{{status="404",tenant="{tenant.slug}"}}' in answer.text
    assert 'guerdon_up{part="database"} 1.0' in answer.text
