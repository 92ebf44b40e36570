"""Picking from a supplier: what may be listed, and what an offer's change does."""

from typing import Any

import msgspec
import pytest
from tests.catalogue.conftest import CATEGORIES, NOW, slugs

from guerdon.catalogue import operations, queries, supplier_offers
from guerdon.catalogue.cards import Reader
from guerdon.catalogue.errors import InvalidProductError, OfferGoneError, RestrictedOfferError
from guerdon.catalogue.pricing import PriceRules
from guerdon.catalogue.schemas import Product, Search
from guerdon.catalogue.search import search
from guerdon.fulfilment.port import SupplierProduct
from guerdon.kit.errors import NotFoundError
from guerdon.kit.money import Money
from guerdon.plumbing.reads import PipelinedReads
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
    async def picked(offer: SupplierProduct | None, **options: Any) -> Any:
        values: dict[str, Any] = {"category": "gadgets", "status": "published"} | options
        async with rt.db.write(tenant.id) as s:
            return await supplier_offers.pick(
                s, supplier="amazon", offer=offer, language="en", rules=rules,
                categories=CATEGORIES, now=NOW, **values,
            )  # fmt: skip

    return picked


async def _product(rt: Runtime, tenant: Tenant, reader: Reader, slug: str) -> Product:
    async with rt.db.read(tenant.id) as s:
        return await queries.product(s, slug=slug, reader=reader, manager=True)


async def test_an_offer_becomes_a_product_that_can_be_found_and_ordered(
    rt: Runtime, tenant: Tenant, reader: Reader, pick: Any
) -> None:
    picked = await pick(OFFER)
    again = await pick(OFFER)
    shown = await _product(rt, tenant, reader, "cafe-grinder-steel")
    found = await search(
        PipelinedReads(rt.db, tenant.id), find=Search(text="grinder"), reader=reader
    )

    assert (picked.slug, picked.created, again.created) == ("cafe-grinder-steel", True, False)
    assert slugs(found.items) == ["cafe-grinder-steel"]
    (variant,) = shown.variants
    assert (variant.external_id, variant.offer, variant.stock) == ("B0TEST0001", "offer-1", 12)
    assert variant.cost == Money(7_400, "USD")


@pytest.mark.parametrize("status", ["draft", "published"])
async def test_a_restricted_offer_is_never_listed(
    rt: Runtime, tenant: Tenant, reader: Reader, pick: Any, status: str
) -> None:
    with pytest.raises(RestrictedOfferError) as refused:
        await pick(_offer(restrictions=("Age-restricted item",)), status=status)

    assert refused.value.params == {"restriction": "Age-restricted item"}
    with pytest.raises(NotFoundError):
        await _product(rt, tenant, reader, "cafe-grinder-steel")


@pytest.mark.parametrize("offer", [None, _offer(price=None), _offer(available=False)])
async def test_what_is_not_offered_cannot_be_picked(pick: Any, offer: Any) -> None:
    with pytest.raises(OfferGoneError):
        await pick(offer)


async def test_a_shelf_or_currency_that_is_not_there_is_refused(pick: Any) -> None:
    with pytest.raises(InvalidProductError):
        await pick(OFFER, category="yachts")
    with pytest.raises(InvalidProductError):
        await pick(_offer(price=Money(100, "EUR")))


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


async def test_an_offer_that_is_gone_leaves_nothing_to_order(
    rt: Runtime, tenant: Tenant, reader: Reader, pick: Any
) -> None:
    await pick(OFFER)
    shown = await _product(rt, tenant, reader, "cafe-grinder-steel")
    async with rt.db.write(tenant.id) as s:
        told = await supplier_offers.refresh(
            s, variant_id=shown.variants[0].id, offer=None, now=NOW
        )

    assert told == "gone"
    assert (await _product(rt, tenant, reader, "cafe-grinder-steel")).variants[0].stock == 0
