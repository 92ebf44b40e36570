"""Products read back as their definitions: for an editor, an export, an import that keeps."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

import msgspec

from guerdon.catalogue.cards import Reads
from guerdon.catalogue.schemas import (
    Delivery,
    PictureDefinition,
    ProductDefinition,
    ProductText,
    Status,
    VariantDefinition,
)
from guerdon.kit.errors import NotFoundError
from guerdon.kit.money import Money, exponent
from guerdon.parameters.sections import Language

LANGUAGES: tuple[Language, ...] = get_args(Language)


class Sku(msgspec.Struct, frozen=True, kw_only=True):
    """A SKU as it stands; `on_hand` counts where `unlimited` is false."""

    id: UUID
    sku: str
    external_id: str | None
    offer: str | None
    restriction: str | None
    cost_minor: int
    label: dict[Language, str]
    unlimited: bool
    on_hand: int


class Managed(msgspec.Struct, frozen=True, kw_only=True):
    """A whole product as its manager edits it."""

    id: UUID
    row_version: int
    changed_at: datetime
    published_at: datetime | None
    definition: ProductDefinition
    skus: list[Sku]


class _Picture(msgspec.Struct):
    file: str
    alt: dict[Language, str]


class _Row(msgspec.Struct):
    id: UUID
    slug: str
    category: str
    supplier: str
    cost_currency: str
    status: Status
    valid_from: datetime
    valid_to: datetime | None
    delivery: Delivery
    delivery_days_min: int
    delivery_days_max: int
    return_days: int
    featured: int
    texts: dict[Language, ProductText]
    row_version: int
    changed_at: datetime
    published_at: datetime | None
    pictures: list[_Picture]
    skus: list[Sku]


_SELECT = """
SELECT p.id, p.slug, p.category, p.supplier, p.cost_currency, p.status, p.valid_from, p.valid_to,
       p.delivery, p.delivery_days_min, p.delivery_days_max, p.return_days, p.featured, p.texts,
       p.row_version, p.changed_at, p.published_at,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('file', i.file, 'alt', i.alt)
                                  ORDER BY i.position), '[]')
          FROM app.product_picture i
         WHERE i.tenant_id = %(tenant_id)s AND i.product_id = p.id) AS pictures,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                 'id', v.id, 'sku', v.sku, 'external_id', v.external_id, 'offer', v.offer,
                 'restriction', v.restriction, 'cost_minor', v.cost_minor, 'label', v.label,
                 'unlimited', v.unlimited,
                 'on_hand', coalesce((SELECT sum(k.on_hand) FROM app.product_stock k
                                       WHERE k.tenant_id = %(tenant_id)s
                                         AND k.variant_id = v.id), 0))
                 ORDER BY v.position), '[]')
          FROM app.product_variant v
         WHERE v.tenant_id = %(tenant_id)s AND v.product_id = p.id AND v.active) AS skus
  FROM app.product p
 WHERE p.tenant_id = %(tenant_id)s"""


async def managed(s: Reads, *, product_id: UUID) -> Managed:
    """One product; NotFoundError if there is none."""
    rows = await s.all(_Row, _SELECT + " AND p.id = %(id)s", {"id": product_id})
    if not rows:
        raise NotFoundError("There is no such product.", field="product")
    return _managed(rows[0])


async def by_slug(s: Reads, *, slugs: Sequence[str]) -> dict[str, Managed]:
    """Those of `slugs` that exist."""
    rows = await s.all(_Row, _SELECT + " AND p.slug = ANY (%(slugs)s)", {"slugs": list(slugs)})
    return {row.slug: _managed(row) for row in rows}


async def by_id(s: Reads, *, ids: Sequence[UUID]) -> list[Managed]:
    """Those of `ids` that exist, in that order."""
    rows = await s.all(_Row, _SELECT + " AND p.id = ANY (%(ids)s)", {"ids": list(ids)})
    found = {row.id: row for row in rows}
    return [_managed(found[one]) for one in ids if one in found]


def price_text(cost: Money) -> str:
    """The amount in major units with every digit that its currency has."""
    return f"{cost.decimal:.{exponent(cost.currency)}f}"


def _managed(row: _Row) -> Managed:
    return Managed(
        id=row.id,
        row_version=row.row_version,
        changed_at=row.changed_at,
        published_at=row.published_at,
        skus=row.skus,
        definition=ProductDefinition(
            slug=row.slug,
            category=row.category,
            supplier=row.supplier,
            currency=row.cost_currency,
            texts=row.texts,
            variants=tuple(_variant(sku, row.cost_currency) for sku in row.skus),
            pictures=tuple(PictureDefinition(file=p.file, alt=p.alt) for p in row.pictures),
            delivery=row.delivery,
            delivery_days=(row.delivery_days_min, row.delivery_days_max),
            return_days=row.return_days,
            featured=row.featured,
            status=row.status,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        ),
    )


def _variant(sku: Sku, currency: str) -> VariantDefinition:
    return VariantDefinition(
        sku=sku.sku,
        price=price_text(Money(sku.cost_minor, currency)),
        stock=None if sku.unlimited else sku.on_hand,
        external_id=sku.external_id,
        offer=sku.offer,
        label=sku.label,
    )


def keeping(new: ProductDefinition, old: ProductDefinition, columns: Any) -> ProductDefinition:
    """`new`, made of a table with `columns`, with what such a table leaves unsaid taken from `old`.

    A column that is absent leaves what is there; pictures, offers and the end of validity have no
    column.
    """
    plain = {
        name: getattr(old, name)
        for name in ("delivery", "return_days", "featured", "status")
        if name not in columns
    }
    low, high = new.delivery_days
    days = (
        low if "days_min" in columns else old.delivery_days[0],
        high if "days_max" in columns else old.delivery_days[1],
    )
    before = {v.sku: v for v in old.variants}
    return msgspec.structs.replace(
        new,
        **plain,
        delivery_days=days,
        pictures=old.pictures,
        valid_to=old.valid_to,
        texts=_texts(new, old, columns),
        variants=tuple(
            _kept(v, before[v.sku], columns) if v.sku in before else v for v in new.variants
        ),
    )


def _texts(
    new: ProductDefinition, old: ProductDefinition, columns: Any
) -> dict[Language, ProductText]:
    texts: dict[Language, ProductText] = {}
    for language in LANGUAGES:
        told, known = new.texts.get(language), old.texts.get(language)
        if f"name_{language}" not in columns:
            if known is not None:
                texts[language] = known
        elif told is not None:
            unsaid = {
                name: getattr(known, name)
                for name in ("summary", "description")
                if known is not None and f"{name}_{language}" not in columns
            }
            texts[language] = msgspec.structs.replace(told, **unsaid)
    return texts


def _kept(new: VariantDefinition, old: VariantDefinition, columns: Any) -> VariantDefinition:
    label = {
        language: text for language, text in old.label.items() if f"label_{language}" not in columns
    } | new.label
    return msgspec.structs.replace(
        new,
        offer=old.offer,
        label=label,
        stock=new.stock if "stock" in columns else old.stock,
        external_id=new.external_id if "external_id" in columns else old.external_id,
    )
