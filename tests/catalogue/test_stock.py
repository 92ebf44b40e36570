"""Stock under real contention: nothing is sold twice, nothing is lost."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from tests.catalogue.conftest import NOW, product

from guerdon.catalogue import operations, queries, stock
from guerdon.catalogue.cards import Reader
from guerdon.catalogue.errors import OutOfStockError, ProductUnavailableError
from guerdon.catalogue.schemas import VariantDefinition
from guerdon.kit.errors import NotFoundError
from guerdon.kit.ids import uuid7
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant


@pytest.fixture
def shelf(rt: Runtime, tenant: Tenant, reader: Reader, apply: Any) -> Any:
    """Make a product with so many pieces; returns its variant's id."""

    async def made(pieces: int | None, slug: str = "a", **changes: Any) -> UUID:
        await apply(product(slug, stock=pieces, **changes))
        async with rt.db.read(tenant.id) as s:
            return (await queries.product(s, slug=slug, reader=reader)).variants[0].id

    return made


async def _reserve(rt: Runtime, tenant: Tenant, variant: UUID, quantity: int = 1) -> bool:
    try:
        async with rt.db.write(tenant.id) as s:
            await stock.reserve(s, variant_id=variant, quantity=quantity, now=NOW)
    except OutOfStockError:
        return False
    return True


async def _slots(rt: Runtime, tenant: Tenant, variant: UUID) -> list[int]:
    async with rt.db.read(tenant.id) as s:
        return await s.all(
            int,
            "SELECT on_hand FROM app.product_stock"
            " WHERE tenant_id = %(tenant_id)s AND variant_id = %(v)s ORDER BY slot",
            {"v": variant},
        )


async def test_one_piece_and_two_hundred_buyers(rt: Runtime, tenant: Tenant, shelf: Any) -> None:
    variant = await shelf(1)
    told = await asyncio.gather(*(_reserve(rt, tenant, variant) for _ in range(200)))

    assert sum(told) == 1
    assert await _slots(rt, tenant, variant) == [0]


async def test_slots_sell_out_to_the_last_piece(rt: Runtime, tenant: Tenant, shelf: Any) -> None:
    # One race in ten closed a circle of waiting while slots that were locked in vain stayed locked.
    for race in range(20):
        variant = await shelf(100, slug=f"race-{race}")
        assert await _slots(rt, tenant, variant) == [7] * 4 + [6] * 12
        told = await asyncio.gather(*(_reserve(rt, tenant, variant, 3) for _ in range(60)))

        assert sum(told) == 33
        assert sum(await _slots(rt, tenant, variant)) == 1


async def test_more_than_a_slot_has_is_taken_from_several(
    rt: Runtime, tenant: Tenant, shelf: Any
) -> None:
    variant = await shelf(64)
    assert await _reserve(rt, tenant, variant, 50)
    assert sum(await _slots(rt, tenant, variant)) == 14
    with pytest.raises(OutOfStockError) as refused:
        async with rt.db.write(tenant.id) as s:
            await stock.reserve(s, variant_id=variant, quantity=15, now=NOW)
    assert refused.value.params == {"sku": "A", "left": 14}
    assert refused.value.field == "quantity"
    assert sum(await _slots(rt, tenant, variant)) == 14


async def test_who_waited_gets_what_a_rollback_leaves(
    rt: Runtime, tenant: Tenant, shelf: Any
) -> None:
    variant = await shelf(1)
    held, told = asyncio.Event(), asyncio.Event()

    async def gives_up() -> None:
        async with rt.db.write(tenant.id) as s:
            await stock.reserve(s, variant_id=variant, quantity=1, now=NOW)
            held.set()
            await told.wait()
            raise LookupError

    first = asyncio.create_task(gives_up())
    await held.wait()
    second = asyncio.create_task(_reserve(rt, tenant, variant))
    await asyncio.sleep(0.2)
    assert not second.done()
    told.set()
    with pytest.raises(LookupError):
        await first
    assert await second
    assert await _slots(rt, tenant, variant) == [0]


async def test_taken_and_put_back_in_parallel_nothing_is_lost(
    rt: Runtime, tenant: Tenant, shelf: Any
) -> None:
    variant = await shelf(80)

    async def borrow() -> None:
        for _ in range(5):
            if await _reserve(rt, tenant, variant, 7):
                async with rt.db.write(tenant.id) as s:
                    await stock.release(s, variant_id=variant, quantity=7)

    await asyncio.gather(*(borrow() for _ in range(12)))
    assert sum(await _slots(rt, tenant, variant)) == 80


async def test_two_variants_in_one_order_do_not_lock_each_other_out(
    rt: Runtime, tenant: Tenant, reader: Reader, apply: Any
) -> None:
    pair = tuple(VariantDefinition(sku=sku, price="1", stock=20) for sku in ("A1", "A2"))
    await apply(product("a", variants=pair))
    async with rt.db.read(tenant.id) as s:
        both = sorted(v.id for v in (await queries.product(s, slug="a", reader=reader)).variants)

    async def order() -> bool:
        try:
            async with rt.db.write(tenant.id) as s:
                for variant in both:
                    await stock.reserve(s, variant_id=variant, quantity=1, now=NOW)
        except OutOfStockError:
            return False
        return True

    assert sum(await asyncio.gather(*(order() for _ in range(50)))) == 20


async def test_unlimited_stock_never_ends_and_keeps_no_rows(
    rt: Runtime, tenant: Tenant, shelf: Any
) -> None:
    variant = await shelf(None)
    assert await _reserve(rt, tenant, variant, 1_000)
    async with rt.db.write(tenant.id) as s:
        await stock.release(s, variant_id=variant, quantity=1_000)
    assert await _slots(rt, tenant, variant) == []


async def test_withdrawn_and_unknown_variants_are_refused(
    rt: Runtime, tenant: Tenant, reader: Reader, shelf: Any
) -> None:
    variant = await shelf(5)
    async with rt.db.read(tenant.id) as s:
        shown = await queries.product(s, slug="a", reader=reader)
    async with rt.db.write(tenant.id) as s:
        await operations.withdraw_product(s, product_id=shown.id, now=NOW)
    with pytest.raises(ProductUnavailableError):
        await _reserve(rt, tenant, variant)
    with pytest.raises(NotFoundError):
        await _reserve(rt, tenant, uuid7())
    assert await _slots(rt, tenant, variant) == [5]


async def test_a_count_spreads_and_replaces(rt: Runtime, tenant: Tenant, shelf: Any) -> None:
    variant = await shelf(5)

    async def count(on_hand: int) -> int:
        async with rt.db.write(tenant.id) as s:
            return await stock.count_stock(s, variant_id=variant, on_hand=on_hand)

    assert await count(160) == 5
    assert await _slots(rt, tenant, variant) == [10] * 16
    assert await count(3) == 160
    assert await _slots(rt, tenant, variant) == [3] + [0] * 15
