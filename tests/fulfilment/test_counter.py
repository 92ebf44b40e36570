"""Handing over at the counter: a code opens one order, once, in its own brand."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from guerdon.fulfilment.errors import UnknownCodeError
from guerdon.fulfilment.operations import Collected, collect, withdraw
from guerdon.fulfilment.port import Order, Placed
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

NOW = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)


async def hand_over(rt: Runtime, tenant_id: UUID, code: str) -> Collected:
    async with rt.db.write(tenant_id) as s:
        key = await rt.secrets.ensure_data_key(s)
        return await collect(s, code=code, data_key=key, by="till 3", now=NOW)


@pytest.fixture
async def waiting(open_supplier: Any, make_order: Callable[..., Order]) -> tuple[Order, str]:
    """An order at the counter and its code."""
    order = make_order(2)
    placed = await (await open_supplier("counter")).place(order)
    assert isinstance(placed, Placed)
    assert placed.pickup_code is not None
    return order, placed.pickup_code


async def test_handed_over_once(
    rt: Runtime, brand: Tenant, waiting: tuple[Order, str], open_supplier: Any
) -> None:
    order, code = waiting
    typed = code.lower().replace("-", " ")
    outcomes = await asyncio.gather(
        *(hand_over(rt, brand.id, typed) for _ in range(5)), return_exceptions=True
    )
    done = [o for o in outcomes if isinstance(o, Collected)]
    assert [(d.id, d.lines, d.purchase_order) for d in done] == [
        (order.id, {"1": 2}, order.purchase_order)
    ]
    assert sum(isinstance(o, UnknownCodeError) for o in outcomes) == 4
    status = await (await open_supplier("counter")).status(order.id)
    assert [(p.state, p.occurred_at) for p in status.packages] == [("delivered", NOW)]


async def test_a_foreign_or_made_up_code_opens_nothing(
    rt: Runtime, brand: Tenant, make_tenant: Any, waiting: tuple[Order, str]
) -> None:
    _, code = waiting
    other = await make_tenant()
    for tenant_id, tried in ((other.id, code), (brand.id, "22222-22222"), (brand.id, "")):
        with pytest.raises(UnknownCodeError):
            await hand_over(rt, tenant_id, tried)
    assert (await hand_over(rt, brand.id, code)).supplier == "counter"


async def test_the_code_is_not_stored(
    rt: Runtime, brand: Tenant, waiting: tuple[Order, str]
) -> None:
    order, code = waiting
    async with rt.db.read(brand.id) as s:
        row = await s.value(
            "SELECT c::text FROM app.counter_order c"
            " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": order.id},
        )
    assert code not in row
    assert code.replace("-", "") not in row


async def test_withdrawn_is_not_handed_over(
    rt: Runtime, brand: Tenant, waiting: tuple[Order, str]
) -> None:
    order, code = waiting
    async with rt.db.write(brand.id) as s:
        assert await withdraw(s, order_id=order.id, now=NOW)
        assert not await withdraw(s, order_id=order.id, now=NOW)
    with pytest.raises(UnknownCodeError):
        await hand_over(rt, brand.id, code)
