"""Contract prices: which list holds, which step, what it saves."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.catalogue.conftest import NOW, product

from guerdon.catalogue import queries
from guerdon.catalogue.cards import Reader
from guerdon.catalogue.errors import PriceListError
from guerdon.catalogue.price_lists import apply_price_list, margin_report, unit_cost
from guerdon.catalogue.schemas import PriceListDefinition, PriceListLine
from guerdon.kit.money import Money
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

DAY = timedelta(days=1)


def _list(key: str = "a", **changes: Any) -> PriceListDefinition:
    values: dict[str, Any] = {
        "key": key,
        "supplier": "amazon",
        "name": "Contract",
        "currency": "USD",
        "valid_from": NOW - 30 * DAY,
        "valid_to": NOW + 30 * DAY,
        "lines": (
            PriceListLine(sku="HP", price="85.00"),
            PriceListLine(sku="HP", price="79.99", min_quantity=10),
            PriceListLine(sku="HP", price="70.00", min_quantity=50),
        ),
    }
    return PriceListDefinition(**(values | changes))


@pytest.fixture
async def headphones(rt: Runtime, tenant: Tenant, reader: Reader, apply: Any) -> UUID:
    await apply(product("hp", "89.99", currency="USD"), product("other", "5.00"))
    async with rt.db.read(tenant.id) as s:
        return (await queries.product(s, slug="hp", reader=reader)).variants[0].id


@pytest.fixture
def put(rt: Runtime, tenant: Tenant) -> Any:
    async def applied(definition: PriceListDefinition) -> UUID:
        async with rt.db.write(tenant.id) as s:
            return await apply_price_list(s, definition=definition, now=NOW)

    return applied


async def _cost(
    rt: Runtime, tenant: Tenant, variant: UUID, quantity: int, now: datetime = NOW
) -> tuple[int, str | None, int]:
    async with rt.db.read(tenant.id) as s:
        cost = await unit_cost(s, variant_id=variant, quantity=quantity, now=now)
    assert cost.list_price == Money(8_999, "USD")
    return cost.unit.minor, cost.price_list, cost.min_quantity


async def test_the_quantity_chooses_the_step(
    rt: Runtime, tenant: Tenant, headphones: UUID, put: Any
) -> None:
    assert await _cost(rt, tenant, headphones, 1) == (8_999, None, 1)
    await put(_list())
    told = [await _cost(rt, tenant, headphones, q) for q in (1, 9, 10, 49, 50, 5_000)]

    assert told == [
        (8_500, "a", 1), (8_500, "a", 1), (7_999, "a", 10), (7_999, "a", 10), (7_000, "a", 50),
        (7_000, "a", 50),
    ]  # fmt: skip


async def test_validity_is_half_open_and_the_later_list_wins(
    rt: Runtime, tenant: Tenant, headphones: UUID, put: Any
) -> None:
    await put(_list())
    await put(_list("b", valid_from=NOW, valid_to=NOW + DAY,
                    lines=(PriceListLine(sku="HP", price="60.00"),)))  # fmt: skip
    blink = timedelta(microseconds=1)

    assert (await _cost(rt, tenant, headphones, 10, NOW - 30 * DAY - blink))[1] is None
    assert await _cost(rt, tenant, headphones, 10, NOW - blink) == (7_999, "a", 10)
    assert await _cost(rt, tenant, headphones, 10, NOW) == (6_000, "b", 1)
    assert await _cost(rt, tenant, headphones, 10, NOW + DAY) == (7_999, "a", 10)
    assert (await _cost(rt, tenant, headphones, 10, NOW + 30 * DAY))[1] is None


async def test_a_list_is_replaced_whole(
    rt: Runtime, tenant: Tenant, headphones: UUID, put: Any
) -> None:
    first = await put(_list())
    again = await put(_list(lines=(PriceListLine(sku="HP", price="80.00"),)))

    assert first == again
    assert await _cost(rt, tenant, headphones, 50) == (8_000, "a", 1)


async def test_the_report_shows_saving_and_margin(
    rt: Runtime, tenant: Tenant, headphones: UUID, reader: Reader, put: Any
) -> None:
    await put(_list())
    async with rt.db.read(tenant.id) as s:
        report = await margin_report(s, key="a", reader=reader)

    assert [(r.min_quantity, r.saving_percent) for r in report] == [
        (1, "5.55"), (10, "11.11"), (50, "22.21"),
    ]  # fmt: skip
    ten = report[1]
    assert (ten.value, ten.margin) == (Money(52_482, "BRL"), Money(52_482 - 43_195, "BRL"))
    assert ten.margin_percent == "17.70"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_to": NOW - 30 * DAY}, "valid_to"),
        ({"valid_from": NOW.replace(tzinfo=None)}, "valid_from"),
        ({"lines": (PriceListLine(sku="NO", price="1"),)}, "lines[0]"),
        ({"supplier": "counter"}, "lines[0]"),
        ({"currency": "BRL"}, "lines[0]"),
        ({"lines": (PriceListLine(sku="HP", price="0"),)}, "lines[0]"),
        ({"lines": (PriceListLine(sku="HP", price="1.234"),)}, "lines[0]"),
        ({"lines": (PriceListLine(sku="HP", price="1"),) * 2}, "lines[0]"),
    ],
)
async def test_a_list_that_contradicts_itself_is_refused(
    rt: Runtime, tenant: Tenant, headphones: UUID, put: Any, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(PriceListError) as refused:
        await put(_list(**changes))

    assert refused.value.field == field
    assert (await _cost(rt, tenant, headphones, 10))[1] is None
