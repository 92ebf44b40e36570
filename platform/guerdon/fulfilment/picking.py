"""Picking from a supplier's assortment: what is found there as a product of the catalogue."""

import re
import unicodedata
from datetime import datetime
from uuid import UUID

from guerdon.catalogue.errors import RestrictedOfferError
from guerdon.catalogue.schemas import ProductDefinition, ProductText, VariantDefinition
from guerdon.fulfilment.errors import SupplierRefusedError
from guerdon.fulfilment.port import Supplier, SupplierProduct, SupplierProducts
from guerdon.fulfilment.providers import connect
from guerdon.kit.errors import NotFoundError
from guerdon.parameters.sections import Language
from guerdon.runtime import Runtime

_SLUG_MAX = 70


async def _searchable(rt: Runtime, tenant_id: UUID, supplier: str, now: datetime) -> Supplier:
    async with rt.db.read(tenant_id) as s:
        found = await connect(rt, s, supplier, now=now)
    if not found.capabilities.search:
        raise SupplierRefusedError(
            "Goods of this supplier are entered, not searched.", reason="no_search"
        )
    return found


async def search(
    rt: Runtime, *, tenant_id: UUID, supplier: str, text: str, page: int, now: datetime
) -> SupplierProducts:
    """A page of the supplier's assortment, 24 products at most. Calls the supplier."""
    found = await _searchable(rt, tenant_id, supplier, now)
    return await found.search(text=text, page=page)


async def offer(
    rt: Runtime, *, tenant_id: UUID, supplier: str, sku: str, quantity: int, now: datetime
) -> SupplierProduct:
    """One product with its price for this quantity. Calls the supplier; NotFoundError."""
    found = await (await _searchable(rt, tenant_id, supplier, now)).offer(
        sku=sku, quantity=quantity
    )
    if found is None:
        raise NotFoundError("The supplier does not sell this.", field="sku")
    return found


def definition(
    found: SupplierProduct,
    *,
    supplier: str,
    category: str,
    language: Language,
    slug: str | None = None,
) -> ProductDefinition:
    """A draft of the catalogue made of what the supplier tells.

    Raises RestrictedOfferError for what the buyer may not buy: it never enters the catalogue.
    """
    if not found.publishable or found.price is None:
        why = found.restrictions[0] if found.restrictions else "There is no price."
        raise RestrictedOfferError(why, field="sku", restriction=why)
    text = ProductText(
        name=found.title[:120],
        summary=". ".join(found.features)[:300],
        description=found.description[:8000],
    )
    variant = VariantDefinition(
        sku=found.sku,
        price=str(found.price.decimal),
        external_id=found.sku,
        offer=found.offer,
        label={language: ", ".join(found.variation.values())[:80]} if found.variation else {},
    )
    return ProductDefinition(
        slug=slug or slug_of(found.title),
        category=category,
        supplier=supplier,
        currency=found.price.currency,
        texts={language: text},
        variants=(variant,),
        delivery_days=delivery_days(found),
        status="draft",
    )


def delivery_days(found: SupplierProduct) -> tuple[int, int]:
    """The earliest and the latest day that the supplier tells; zeros where it tells none."""
    days = [int(number) for number in re.findall(r"\d{1,3}", found.delivery)[:2]]
    first, last = (days[0], days[-1]) if days else (0, 0)
    return first, max(first, last)


def slug_of(title: str) -> str:
    """A title as it stands in an address."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.findall("[a-z0-9]+", plain)
    slug = "-".join(words)[:_SLUG_MAX].strip("-")
    return slug or "product"
