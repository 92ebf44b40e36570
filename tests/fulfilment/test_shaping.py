"""The rate that a supplier states is kept, by a clock."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from guerdon.fulfilment.shaping import Shaper
from guerdon.kit.ids import uuid7
from guerdon.runtime import Runtime

START = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)


@pytest.fixture
def shaper(rt: Runtime) -> Shaper:
    """The bucket of a connection that nobody else uses."""
    return Shaper(rt.valkey, uuid7(), "amazon")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


async def test_half_a_request_a_second_with_a_burst_of_ten(shaper: Shaper) -> None:
    sent = []
    clock = 0.0
    while clock <= 60:
        wait = await shaper.take("placeOrder", now=at(clock))
        if wait == 0:
            sent.append(clock)
        else:
            clock += wait
    assert sent[:10] == [0.0] * 10
    assert sent[10:] == [2.0 * n for n in range(1, 31)]


async def test_the_burst_comes_back_and_no_more(shaper: Shaper) -> None:
    for _ in range(10):
        assert await shaper.take("placeOrder", now=at(0)) == 0
    assert await shaper.take("placeOrder", now=at(0)) == 2.0
    assert await shaper.take("placeOrder", now=at(1)) == 1.0
    taken = 0
    while await shaper.take("placeOrder", now=at(3600)) == 0:
        taken += 1
    assert taken == 10


async def test_processes_share_it(shaper: Shaper) -> None:
    waits = await asyncio.gather(*(shaper.take("placeOrder", now=at(0)) for _ in range(50)))
    assert sum(wait == 0 for wait in waits) == 10


async def test_the_stated_rate_is_followed(shaper: Shaper) -> None:
    await shaper.learn("placeOrder", 500.0)
    sent = 0
    for tick in range(501):
        while await shaper.take("placeOrder", now=at(tick / 250)) == 0:
            sent += 1
    # A burst of one second's worth, then 500 a second for two seconds.
    assert sent == 500 + 1000
    await shaper.learn("placeOrder", 0.25)
    while await shaper.take("placeOrder", now=at(2)) == 0:
        pass
    assert await shaper.take("placeOrder", now=at(2)) == 4.0


async def test_operations_and_tenants_are_apart(shaper: Shaper, rt: Runtime) -> None:
    for _ in range(10):
        await shaper.take("placeOrder", now=at(0))
    assert await shaper.take("placeOrder", now=at(0)) > 0
    assert await shaper.take("orderDetails", now=at(0)) == 0
    assert await Shaper(rt.valkey, uuid7(), "amazon").take("placeOrder", now=at(0)) == 0


async def test_a_clock_that_lags_takes_nothing_back(shaper: Shaper) -> None:
    for _ in range(10):
        await shaper.take("placeOrder", now=at(10))
    assert await shaper.take("placeOrder", now=at(0)) == 2.0
    assert await shaper.take("placeOrder", now=at(12)) == 0


async def test_told_that_it_was_too_much(shaper: Shaper) -> None:
    await shaper.drain("placeOrder", now=at(0))
    assert await shaper.take("placeOrder", now=at(0)) == 2.0
