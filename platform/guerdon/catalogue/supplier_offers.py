"""From a supplier's offer to a product: pick it, keep it fresh, never list what is restricted.

Offers are asked for outside any transaction, through the fulfilment port (`Supplier.search`,
`Supplier.offer`), and handed in here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from guerdon.catalogue.errors import OfferGoneError, RestrictedOfferError
from guerdon.catalogue.operations import apply_products, bump_revision
from guerdon.catalogue.pricing import PriceRules
from guerdon.catalogue.schemas import (
    PictureDefinition,
    ProductDefinition,
    ProductText,
    Status,
    VariantDefinition,
    slug_of,
)
from guerdon.catalogue.words import fold
from guerdon.kit.errors import NotFoundError
from guerdon.kit.money import Money
from guerdon.parameters.sections import Language
from guerdon.plumbing.db import WriteSession

_NAME_MAX, _SUMMARY_MAX = 120, 300


class Offer(Protocol):
    """What is read of a supplier's product with its offer."""

    @property
    def sku(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def features(self) -> Sequence[str]: ...
    @property
    def price(self) -> Money | None: ...
    @property
    def available(self) -> bool: ...
    @property
    def quantity_available(self) -> int | None: ...
    @property
    def restrictions(self) -> Sequence[str]: ...
    @property
    def offer(self) -> str | None: ...


def check_offer(offer: Offer | None) -> tuple[Offer, Money]:
    """The offer and its price, if it may be listed; RestrictedOfferError, OfferGoneError."""
    if offer is None:
        raise OfferGoneError("The supplier does not sell this.", field="sku")
    if offer.restrictions:
        raise RestrictedOfferError(
            f"The supplier restricts this: {offer.restrictions[0]}",
            field="sku",
            restriction=offer.restrictions[0],
        )
    if offer.price is None or not offer.available:
        raise OfferGoneError("The supplier has no offer for this at present.", field="sku")
    return offer, offer.price


class Picked(msgspec.Struct, frozen=True):
    """The product that was made of an offer."""

    slug: str
    created: bool


async def pick(
    s: WriteSession,
    *,
    supplier: str,
    offer: Offer | None,
    category: str,
    language: Language,
    rules: PriceRules,
    categories: Mapping[str, object],
    now: datetime,
    status: Status = "draft",
    slug: str | None = None,
    text: ProductText | None = None,
    pictures: Sequence[PictureDefinition] = (),
    delivery_days: tuple[int, int] = (3, 7),
    return_days: int = 30,
) -> Picked:
    """Make a product of a supplier's offer, a draft unless told otherwise.

    `text` replaces the supplier's words. Picking the same offer again brings its price up to date.
    Raises RestrictedOfferError, OfferGoneError, InvalidProductError.
    """
    listed, price = check_offer(offer)
    words = text or ProductText(
        name=listed.title[:_NAME_MAX],
        summary="; ".join(listed.features)[:_SUMMARY_MAX],
        description=listed.description[:8_000],
    )
    definition = ProductDefinition(
        slug=slug or slug_of(words.name, fold(words.name)),
        category=category,
        supplier=supplier,
        currency=price.currency,
        texts={language: words},
        variants=(
            VariantDefinition(
                sku=f"{supplier}-{listed.sku}",
                price=str(price.decimal),
                stock=listed.quantity_available,
                external_id=listed.sku,
                offer=listed.offer,
            ),
        ),
        pictures=tuple(pictures),
        delivery_days=delivery_days,
        return_days=return_days,
        status=status,
    )
    applied = await apply_products(
        s, definitions=[definition], categories=categories, rules=rules, now=now
    )
    return Picked(definition.slug, applied.created == 1)


class _Listed(msgspec.Struct):
    product_id: UUID
    status: Status
    cost_minor: int
    cost_currency: str


async def refresh(s: WriteSession, *, variant_id: UUID, offer: Offer | None, now: datetime) -> str:
    """Bring a listed variant up to date with the supplier's present offer.

    A restricted offer takes its product out of the catalogue and keeps it out; an offer that is
    gone takes the variant's stock away. Answers `unchanged`, `changed`, `withdrawn` or `gone`.
    """
    listed = await s.one_or_none(
        _Listed,
        "SELECT p.id AS product_id, p.status, v.cost_minor, p.cost_currency"
        " FROM app.product_variant v JOIN app.product p"
        " ON p.tenant_id = %(tenant_id)s AND p.id = v.product_id"
        " WHERE v.tenant_id = %(tenant_id)s AND v.id = %(id)s FOR NO KEY UPDATE OF p",
        {"id": variant_id},
    )
    if listed is None:
        raise NotFoundError("There is no such variant.", field="variant")
    restriction = offer.restrictions[0] if offer is not None and offer.restrictions else None
    if restriction is not None:
        await s.execute(
            "UPDATE app.product_variant SET restriction = %(restriction)s"
            " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": variant_id, "restriction": restriction[:500]},
        )
        await s.execute(
            "UPDATE app.product SET status = 'withdrawn', row_version = row_version + 1,"
            " fingerprint = '', changed_at = %(now)s"
            " WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND status = 'published'",
            {"id": listed.product_id, "now": now},
        )
        await bump_revision(s)
        return "withdrawn"
    if offer is None or offer.price is None or not offer.available:
        await s.value(
            "SELECT app.catalogue_count_stock_v1(%(tenant_id)s, %(id)s, 0)", {"id": variant_id}
        )
        await bump_revision(s)
        return "gone"
    if offer.price == Money(listed.cost_minor, listed.cost_currency):
        return "unchanged"
    if offer.price.currency != listed.cost_currency:
        raise OfferGoneError("The supplier's currency has changed: pick it anew.", field="sku")
    await s.execute(
        "UPDATE app.product_variant SET cost_minor = %(cost)s, offer = %(offer)s,"
        " restriction = NULL WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": variant_id, "cost": offer.price.minor, "offer": offer.offer},
    )
    await s.execute(
        "UPDATE app.product p SET fingerprint = '', changed_at = %(now)s,"
        " row_version = row_version + 1, cost_minor = (SELECT min(v.cost_minor)"
        " FROM app.product_variant v WHERE v.tenant_id = %(tenant_id)s"
        " AND v.product_id = p.id AND v.active)"
        " WHERE p.tenant_id = %(tenant_id)s AND p.id = %(id)s",
        {"id": listed.product_id, "now": now},
    )
    await bump_revision(s)
    return "changed"
