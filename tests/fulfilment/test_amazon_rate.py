"""The adapter keeps to the rate that the supplier states, and never meets a 429 for it."""

import dataclasses
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests import calls

from guerdon.fulfilment.errors import SupplierBusyError
from guerdon.fulfilment.port import Order, Placed
from guerdon.kit.clock import MovableClock
from guerdon.plumbing.jobs import PostponeError
from guerdon.runtime import Runtime


@pytest.fixture
def plan(amazon_peer: Any) -> Iterator[Callable[[float, int], None]]:
    """Sets the peer's usage plan for the test."""

    def put(rate: float, burst: int) -> None:
        answer = calls.put(f"{amazon_peer.url}/_control/plan", json={"rate": rate, "burst": burst})
        answer.raise_for_status()

    yield put
    put(500, 500)


async def test_half_an_order_a_second_with_a_burst_of_ten(
    plan: Callable[[float, int], None],
    worker_rt: Runtime,
    movable_clock: MovableClock,
    open_supplier: Any,
    make_order: Callable[..., Order],
) -> None:
    # The peer would take more: what holds the eleventh back is our own bucket.
    plan(0.5, 100)
    runtime = dataclasses.replace(worker_rt, clock=movable_clock)
    amazon = await open_supplier(runtime=runtime)
    orders = [make_order() for _ in range(14)]
    placed = [await amazon.place(order) for order in orders[:10]]
    assert all(isinstance(p, Placed) for p in placed)
    for order in orders[10:]:
        with pytest.raises(PostponeError) as busy:
            await amazon.place(order)
        assert isinstance(busy.value, SupplierBusyError)
        assert busy.value.after_s == 2.0
        movable_clock.advance(timedelta(seconds=2))
        assert isinstance(await amazon.place(order), Placed)


async def test_a_stated_rate_of_five_hundred_is_used(
    plan: Callable[[float, int], None], open_supplier: Any, make_order: Callable[..., Order]
) -> None:
    plan(500, 500)
    amazon = await open_supplier()
    for _ in range(60):
        assert isinstance(await amazon.place(make_order()), Placed)


async def test_a_429_empties_the_bucket(
    plan: Callable[[float, int], None], open_supplier: Any, make_order: Callable[..., Order]
) -> None:
    plan(0.5, 1)
    amazon = await open_supplier()
    assert isinstance(await amazon.place(make_order()), Placed)
    with pytest.raises(SupplierBusyError) as told:
        await amazon.place(make_order())
    assert told.value.after_s == 2.0
