"""Reading the catalogue: a product's page, what is within reach, what a quote needs."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from guerdon.catalogue import pricing
from guerdon.catalogue.cards import (
    CARD,
    GROUPS,
    IN_STOCK,
    OFFERED,
    TEXT,
    CardPicture,
    CardRow,
    Reader,
    Reads,
    card,
)
from guerdon.catalogue.errors import ProductUnavailableError
from guerdon.catalogue.schemas import (
    Card,
    Delivery,
    Offered,
    Picture,
    Product,
    ProductText,
    Status,
    Variant,
)
from guerdon.kit.errors import NotFoundError
from guerdon.kit.money import Money
from guerdon.kit.paging import Page, check_page_size, decode_cursor, encode_cursor


class _VariantRow(msgspec.Struct):
    id: UUID
    sku: str
    external_id: str | None
    offer: str | None
    cost_minor: int
    unlimited: bool
    label: str | None
    left: int


class _ProductRow(msgspec.Struct):
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
    row_version: int
    text: ProductText
    pictures: list[CardPicture]
    variants: list[_VariantRow]
    similar: list[CardRow]


_VARIANTS = """
SELECT v.id, v.sku, v.external_id, v.offer, v.cost_minor, v.unlimited,
       coalesce(v.label ->> %(language)s, v.label ->> %(fallback)s) AS label,
       coalesce((SELECT sum(k.on_hand) FROM app.product_stock k
                  WHERE k.tenant_id = %(tenant_id)s AND k.variant_id = v.id), 0) AS "left"
  FROM app.product_variant v
 WHERE v.tenant_id = %(tenant_id)s AND v.product_id = o.id AND v.active
 ORDER BY v.position"""

# Neighbours in price on the same shelf, three on either side, nearest first.
_SIMILAR = f"""
SELECT {CARD} FROM (
  (SELECT p.*, p.cost_minor - o.cost_minor AS distance FROM app.product p
    WHERE {OFFERED} AND p.category = o.category AND p.cost_currency = o.cost_currency
      AND p.id <> o.id AND p.cost_minor >= o.cost_minor ORDER BY p.cost_minor, p.id LIMIT 3)
  UNION ALL
  (SELECT p.*, o.cost_minor - p.cost_minor FROM app.product p
    WHERE {OFFERED} AND p.category = o.category AND p.cost_currency = o.cost_currency
      AND p.id <> o.id AND p.cost_minor < o.cost_minor ORDER BY p.cost_minor DESC, p.id LIMIT 3)
) p ORDER BY p.distance, p.id"""

_PRODUCT = f"""
SELECT o.id, o.slug, o.category, o.supplier, o.cost_currency, o.status, o.valid_from, o.valid_to,
       o.delivery, o.delivery_days_min, o.delivery_days_max, o.return_days, o.row_version,
       {TEXT.replace("p.texts", "o.texts")} AS text,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('file', i.file,
                 'alt', coalesce(i.alt ->> %(language)s, i.alt ->> %(fallback)s))
                 ORDER BY i.position), '[]')
          FROM app.product_picture i
         WHERE i.tenant_id = %(tenant_id)s AND i.product_id = o.id) AS pictures,
       (SELECT coalesce(jsonb_agg(to_jsonb(x)), '[]') FROM ({_VARIANTS}) x) AS variants,
       (SELECT coalesce(jsonb_agg(to_jsonb(x)), '[]') FROM ({_SIMILAR}) x) AS similar
  FROM app.product o
 WHERE o.tenant_id = %(tenant_id)s AND o.slug = %(slug)s"""


async def product(s: Reads, *, slug: str, reader: Reader, manager: bool = False) -> Product:
    """A product's page, priced for the reader, with its neighbours.

    NotFoundError for an unknown product or a draft, ProductUnavailableError for one that was there
    or will be; a `manager` sees these too.
    """
    rows = await s.all(_ProductRow, _PRODUCT, reader.params() | {"slug": slug})
    if not rows or (rows[0].status == "draft" and not manager):
        raise NotFoundError("There is no such product.", field="product")
    row = rows[0]
    over = row.valid_to is not None and row.valid_to <= reader.now
    if not manager and (row.status == "withdrawn" or over or reader.now < row.valid_from):
        raise ProductUnavailableError(slug=slug, name=row.text.name)
    return Product(
        id=row.id,
        slug=row.slug,
        category=row.category,
        supplier=row.supplier,
        status=row.status,
        name=row.text.name,
        summary=row.text.summary,
        description=row.text.description,
        pictures=[Picture(p.file, p.alt or row.text.name) for p in row.pictures],
        variants=[_variant(v, row, reader) for v in row.variants],
        delivery=row.delivery,
        delivery_days=(row.delivery_days_min, row.delivery_days_max),
        return_days=row.return_days,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        row_version=row.row_version,
        similar=[card(c, reader) for c in row.similar],
    )


def _variant(row: _VariantRow, of: _ProductRow, reader: Reader) -> Variant:
    cost = Money(row.cost_minor, of.cost_currency)
    return Variant(
        id=row.id,
        sku=row.sku,
        label=row.label or "",
        external_id=row.external_id,
        offer=row.offer,
        cost=cost,
        price=pricing.price(cost=cost, category=of.category, rules=reader.rules, tier=reader.tier),
        stock=None if row.unlimited else row.left,
    )


class Reach(msgspec.Struct, frozen=True):
    """What a balance buys now, dearest first, and what comes next, cheapest first."""

    now: list[Card]
    next: list[Card]


class _ReachRow(CardRow):
    above: bool
    value_minor: int


# A few from every shelf on either side of the bound, so that no shelf fills the list alone.
_REACH = f"""
WITH {GROUPS}, hits AS (
  (SELECT id, value_minor, false AS above FROM g CROSS JOIN LATERAL (
     SELECT p.id, round(p.cost_minor * g.multiplier)::bigint AS value_minor FROM app.product p
      WHERE {OFFERED} AND {IN_STOCK}
        AND p.category = g.category AND p.cost_currency = g.currency
        AND p.cost_minor <= least(9007199254740991, (%(value)s + 1) / g.multiplier)::bigint
        AND round(p.cost_minor * g.multiplier) <= %(value)s
      ORDER BY p.cost_minor DESC, p.id DESC LIMIT %(per_shelf)s) x
    ORDER BY value_minor DESC, id LIMIT %(below)s)
  UNION ALL
  (SELECT id, value_minor, true FROM g CROSS JOIN LATERAL (
     SELECT p.id, round(p.cost_minor * g.multiplier)::bigint AS value_minor FROM app.product p
      WHERE {OFFERED} AND {IN_STOCK}
        AND p.category = g.category AND p.cost_currency = g.currency
        AND p.cost_minor >= least(9007199254740991, (%(value)s - 1) / g.multiplier)::bigint
        AND round(p.cost_minor * g.multiplier) > %(value)s
      ORDER BY p.cost_minor, p.id LIMIT %(per_shelf)s) x
    ORDER BY value_minor, id LIMIT %(above)s))
SELECT {CARD}, h.above, h.value_minor
  FROM hits h JOIN app.product p ON p.tenant_id = %(tenant_id)s AND p.id = h.id
 ORDER BY h.above, CASE WHEN h.above THEN h.value_minor ELSE -h.value_minor END, h.id"""


async def within_reach(
    s: Reads, *, points: int, reader: Reader, below: int = 8, above: int = 4, per_shelf: int = 3
) -> Reach:
    """What `points` buy now and what is just above, a mix of shelves, in stock only."""
    value = pricing.affordable_value(points, reader.rules, reader.tier)
    rows = await s.all(
        _ReachRow,
        _REACH,
        reader.params()
        | reader.groups()
        | {
            "value": value, "below": below, "above": above, "per_shelf": per_shelf,
        },
    )  # fmt: skip
    return Reach(
        [card(r, reader) for r in rows if not r.above], [card(r, reader) for r in rows if r.above]
    )


class _OfferedRow(msgspec.Struct):
    variant_id: UUID
    product_id: UUID
    slug: str
    sku: str
    category: str
    supplier: str
    external_id: str | None
    offer: str | None
    cost_minor: int
    cost_currency: str
    delivery: Delivery
    delivery_days_min: int
    delivery_days_max: int
    return_days: int
    unlimited: bool
    left: int
    text: ProductText
    names: dict[str, str]
    label: str | None
    labels: dict[str, str]
    picture: str | None
    offered: bool


_OFFERED_VARIANT = f"""
SELECT v.id AS variant_id, p.id AS product_id, p.slug, v.sku, p.category, p.supplier,
       v.external_id, v.offer, v.cost_minor, p.cost_currency, p.delivery, p.delivery_days_min,
       p.delivery_days_max, p.return_days, v.unlimited, {TEXT} AS text,
       (SELECT jsonb_object_agg(t.key, t.value -> 'name') FROM jsonb_each(p.texts) t) AS names,
       coalesce(v.label ->> %(language)s, v.label ->> %(fallback)s) AS label, v.label AS labels,
       coalesce((SELECT sum(k.on_hand) FROM app.product_stock k
                  WHERE k.tenant_id = %(tenant_id)s AND k.variant_id = v.id), 0) AS "left",
       (SELECT i.file FROM app.product_picture i
         WHERE i.tenant_id = %(tenant_id)s AND i.product_id = p.id
         ORDER BY i.position LIMIT 1) AS picture,
       v.active AND {OFFERED} AS offered
  FROM app.product_variant v
  JOIN app.product p ON p.tenant_id = %(tenant_id)s AND p.id = v.product_id
 WHERE v.tenant_id = %(tenant_id)s AND v.id = ANY (%(variants)s) AND p.status <> 'draft'"""


async def offered(
    s: Reads, *, variant_ids: list[UUID], language: str, fallback: str, now: datetime
) -> dict[UUID, Offered]:
    """The variants as a quote needs them; NotFoundError, ProductUnavailableError (slug, name)."""
    rows = await s.all(
        _OfferedRow,
        _OFFERED_VARIANT,
        {"variants": variant_ids, "language": language, "fallback": fallback, "now": now},
    )
    if {row.variant_id for row in rows} != set(variant_ids):
        raise NotFoundError("There is no such product.", field="variant")
    for row in rows:
        if not row.offered:
            raise ProductUnavailableError(slug=row.slug, name=row.text.name)
    return {row.variant_id: _offered(row, language) for row in rows}


def _offered(row: _OfferedRow, language: str) -> Offered:
    titles = {
        spoken: _title(name, row.labels.get(spoken) or row.label)
        for spoken, name in row.names.items()
    }
    return Offered(
        variant_id=row.variant_id,
        product_id=row.product_id,
        slug=row.slug,
        sku=row.sku,
        name=row.text.name,
        label=row.label or "",
        titles=titles | {language: _title(row.text.name, row.label)},
        category=row.category,
        supplier=row.supplier,
        external_id=row.external_id,
        offer=row.offer,
        cost=Money(row.cost_minor, row.cost_currency),
        delivery=row.delivery,
        delivery_days=(row.delivery_days_min, row.delivery_days_max),
        return_days=row.return_days,
        picture=row.picture,
        stock=None if row.unlimited else row.left,
    )


def _title(name: str, label: str | None) -> str:
    return f"{name}, {label}" if label else name


async def revision(s: Reads) -> int:
    """The catalogue's revision: raised by every change that a member can see."""
    rows = await s.all(
        int, "SELECT revision FROM app.catalogue_state WHERE tenant_id = %(tenant_id)s"
    )
    return rows[0] if rows else 0


class Managed(msgspec.Struct, frozen=True, kw_only=True):
    """A product as its manager lists it."""

    id: UUID
    slug: str
    name: str
    category: str
    supplier: str
    status: Status
    cost: Money
    changed_at: datetime
    row_version: int


class _ManagedRow(msgspec.Struct):
    id: UUID
    slug: str
    category: str
    supplier: str
    status: Status
    cost_minor: int
    cost_currency: str
    changed_at: datetime
    row_version: int
    text: ProductText


async def managed(
    s: Reads,
    *,
    status: Status | None,
    language: str,
    fallback: str,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Managed]:
    """Every product by its address, drafts and withdrawn ones too, or those of one status."""
    check_page_size(limit)
    params: dict[str, Any] = {
        "language": language, "fallback": fallback, "status": status, "limit": limit + 1,
        "after": decode_cursor(cursor, str)[0] if cursor else "",
    }  # fmt: skip
    rows = await s.all(
        _ManagedRow,
        f"SELECT p.id, p.slug, p.category, p.supplier, p.status, p.cost_minor, p.cost_currency,"
        f" p.changed_at, p.row_version, {TEXT} AS text FROM app.product p"
        " WHERE p.tenant_id = %(tenant_id)s AND p.slug > %(after)s"
        " AND (%(status)s::text IS NULL OR p.status = %(status)s)"
        " ORDER BY p.slug LIMIT %(limit)s",
        params,
    )
    items = [
        Managed(
            id=r.id,
            slug=r.slug,
            name=r.text.name,
            category=r.category,
            supplier=r.supplier,
            status=r.status,
            cost=Money(r.cost_minor, r.cost_currency),
            changed_at=r.changed_at,
            row_version=r.row_version,
        )
        for r in rows[:limit]
    ]
    return Page(items, encode_cursor(items[-1].slug) if len(rows) > limit else None)
