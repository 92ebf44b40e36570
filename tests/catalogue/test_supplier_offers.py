"""What a listed product does when its supplier's offer changes."""

from typing import Any

import msgspec
import pytest
from tests.catalogue.conftest import CATEGORIES, NOW

from guerdon.catalogue import operations, queries, supplier_offers
from guerdon.catalogue.cards import Reader
from guerdon.catalogue.errors import RestrictedOfferError
from guerdon.catalogue.pricing import PriceRules
from guerdon.catalogue.schemas import Product
from guerdon.fulfilment import picking
from guerdon.fulfilment.port import SupplierProduct
from guerdon.kit.money import Money
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

OFFER = SupplierProduct(
    sku="B0TEST0001", title="Café Grinder, Steel", price=Money(7_400, "USD"),
    features=("Thirty seconds a cup",), description="Steel burrs.", quantity_available=12,
    offer="offer-1",
)  # fmt: skip


def _offer(**changes: Any) -> SupplierProduct:
    return msgspec.structs.replace(OFFER, **changes)


@pytest.fixture
def pick(rt: Runtime, tenant: Tenant, rules: PriceRules) -> Any:
    async def picked(offer: SupplierProduct) -> None:
        draft = picking.definition(offer, supplier="amazon", category="gadgets", language="en")
        made = msgspec.structs.replace(draft, status="published")
        async with rt.db.write(tenant.id) as s:
            await operations.apply_products(
                s, definitions=[made], categories=CATEGORIES, rules=rules, now=NOW
            )

    return picked


async def _product(rt: Runtime, tenant: Tenant, reader: Reader, slug: str) -> Product:
    async with rt.db.read(tenant.id) as s:
        return await queries.product(s, slug=slug, reader=reader, manager=True)


async def test_a_new_price_shows_and_a_restriction_takes_it_out_for_good(
    rt: Runtime, tenant: Tenant, reader: Reader, pick: Any
) -> None:
    await pick(OFFER)
    before = await _product(rt, tenant, reader, "cafe-grinder-steel")
    variant = before.variants[0].id

    async def refresh(offer: SupplierProduct | None) -> str:
        async with rt.db.write(tenant.id) as s:
            return await supplier_offers.refresh(s, variant_id=variant, offer=offer, now=NOW)

    assert await refresh(OFFER) == "unchanged"
    assert await refresh(_offer(price=Money(8_000, "USD"))) == "changed"
    shown = await _product(rt, tenant, reader, "cafe-grinder-steel")
    assert shown.variants[0].price.value == Money(46_656, "BRL")
    assert await refresh(_offer(restrictions=("Recalled",))) == "withdrawn"
    gone = await _product(rt, tenant, reader, "cafe-grinder-steel")
    assert gone.status == "withdrawn"
    with pytest.raises(RestrictedOfferError):
        async with rt.db.write(tenant.id) as s:
            await operations.publish_product(s, product_id=gone.id, now=NOW)
    assert (await _product(rt, tenant, reader, "cafe-grinder-steel")).status == "withdrawn"


async def test_an_offer_that_is_gone_leaves_nothing_to_order_until_it_is_back(
    rt: Runtime, tenant: Tenant, reader: Reader, pick: Any
) -> None:
    await pick(OFFER)
    variant = (await _product(rt, tenant, reader, "cafe-grinder-steel")).variants[0].id

    async def refresh(offer: SupplierProduct | None) -> tuple[str, int | None]:
        async with rt.db.write(tenant.id) as s:
            told = await supplier_offers.refresh(s, variant_id=variant, offer=offer, now=NOW)
        return told, (await _product(rt, tenant, reader, "cafe-grinder-steel")).variants[0].stock

    assert await refresh(None) == ("gone", 0)
    assert await refresh(OFFER) == ("back", 12)
    assert await refresh(_offer(available=False)) == ("gone", 0)
    assert await refresh(_offer(quantity_available=None)) == ("back", None)
    assert await refresh(OFFER) == ("unchanged", None)
