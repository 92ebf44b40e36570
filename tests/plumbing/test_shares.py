"""One brand may not hold every connection; who has its share waits for itself."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from guerdon.kit.errors import UnavailableError
from guerdon.kit.ids import uuid7
from guerdon.plumbing.db import Database
from guerdon.plumbing.shares import Shares
from guerdon.settings import Settings

# One who holds several stands here for several who hold one each.
pytestmark = pytest.mark.filterwarnings("ignore::guerdon.plumbing.db.NestedConnectionWarning")


@pytest.fixture
async def small(settings: Settings) -> Any:
    """A pool of four connections, of which one brand may hold three."""
    db = Database(
        settings.database_dsn("app"), bytes.fromhex(settings.context_key), pool_size=4, wait_s=1
    )
    await db.open()
    yield db
    await db.close()


async def test_a_brand_that_holds_its_share_leaves_room(small: Database, make_tenant: Any) -> None:
    greedy, beside = await make_tenant(), await make_tenant()
    async with AsyncExitStack() as held:
        for _ in range(3):
            await held.enter_async_context(small.read(greedy.id))
        crowd = [asyncio.create_task(small.fetch(greedy.id, int, "SELECT 1")) for _ in range(20)]
        # However many of the crowd wait, the neighbour goes past them, again and again.
        for _ in range(5):
            assert await small.fetch(beside.id, int, "SELECT 2") == [2]
            async with small.write(beside.id) as s:
                assert await s.value("SELECT 3") == 3
            async with small.control() as c:
                assert await c.value("SELECT 4") == 4
        refused = await asyncio.gather(*crowd, return_exceptions=True)
    assert {type(error) for error in refused} == {UnavailableError}
    assert {getattr(error, "retry_after_s", None) for error in refused} == {5}
    # What was given back is there again, and nothing is owed for those who gave up.
    assert (
        await asyncio.gather(*(small.fetch(greedy.id, int, "SELECT 5") for _ in range(20)))
        == [[5]] * 20
    )
    assert small._shares._held == {}


async def test_who_waits_longest_is_next_and_who_left_is_passed_over() -> None:
    shares, brand = Shares(1, wait_s=60), uuid7()
    await shares.take(brand)
    order: list[str] = []

    async def one(name: str) -> None:
        await shares.take(brand)
        order.append(name)

    tasks = [asyncio.create_task(one(name)) for name in ("first", "gone", "third")]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.wait([tasks[1]])
    shares.give_back(brand)
    await tasks[0]
    shares.give_back(brand)
    await tasks[2]
    assert order == ["first", "third"]
    shares.give_back(brand)
    assert shares._held == {}


async def test_a_share_handed_to_somebody_who_just_left_is_not_lost() -> None:
    shares, brand = Shares(1, wait_s=60), uuid7()
    await shares.take(brand)
    waiting = asyncio.create_task(shares.take(brand))
    await asyncio.sleep(0)
    shares.give_back(brand)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert shares._held == {}
    async with asyncio.timeout(60):
        await shares.take(brand)
