"""Whoever holds a connection waits for no second one of the same pool."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
from tests.conftest import MakeTenant

from guerdon.plumbing.db import NestedConnectionWarning
from guerdon.programme import RULES, SECTIONS
from guerdon.runtime import Runtime, open_runtime
from guerdon.settings import Settings


@pytest.fixture
async def cold(settings: Settings) -> AsyncIterator[Runtime]:
    """A process that has just started, with two connections for its work."""
    impatient = msgspec.structs.replace(settings, database_wait_s=3)
    async with open_runtime(
        impatient, role="worker", sections=SECTIONS, rules=RULES, pool_size=2
    ) as rt:
        yield rt


async def test_a_crowd_that_holds_every_connection_still_learns_where_it_is(
    cold: Runtime, make_tenant: MakeTenant
) -> None:
    brands = [await make_tenant(), await make_tenant()]
    holding = asyncio.Barrier(len(brands))
    now = cold.clock.now()

    async def job(brand: int) -> tuple[str, int]:
        tenant_id = brands[brand].id
        async with cold.db.write(tenant_id) as s:
            await holding.wait()
            where = await cold.directory.by_id(tenant_id)
            snapshot = await cold.snapshot(tenant_id, await cold.now(tenant_id))
            assert (await cold.snapshots.version(tenant_id, 1)).version == 1
            assert await s.value("SELECT 7") == 7
            return where.slug, snapshot.version

    assert await asyncio.gather(job(0), job(1)) == [(brand.slug, 1) for brand in brands]
    assert cold.snapshots.current(brands[0].id, now).version == 1


async def test_a_second_connection_of_the_same_pool_is_told(
    cold: Runtime, make_tenant: MakeTenant
) -> None:
    brand = await make_tenant()
    async with cold.db.read(brand.id) as s:
        with pytest.raises(NestedConnectionWarning, match="hand the session on"):
            async with cold.db.read(brand.id):
                raise AssertionError("two connections are held")
        with pytest.raises(NestedConnectionWarning):
            await cold.db.fetch(brand.id, int, "SELECT 1")
        assert await s.value("SELECT 2") == 2
    assert await cold.db.fetch(brand.id, int, "SELECT 3") == [3]
