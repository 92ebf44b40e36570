"""Changing products. Every change that a member can see raises the catalogue's revision."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from guerdon.catalogue.errors import (
    InvalidProductError,
    ProductStateError,
    RestrictedOfferError,
    SkuTakenError,
    StaleProductError,
)
from guerdon.catalogue.pricing import PriceRules
from guerdon.catalogue.schemas import Applied, ProductDefinition, Status, check_definition
from guerdon.catalogue.words import forms, weighted
from guerdon.kit.ids import uuid7
from guerdon.kit.money import Money
from guerdon.plumbing.db import WriteSession, jsonb
from guerdon.tenancy.changes import note_change

PRODUCTS_PER_CALL_MAX = 1000
_NAME, _SUMMARY, _DESCRIPTION = 8, 3, 1

_BUMP = """
INSERT INTO app.catalogue_state AS s (tenant_id) VALUES (%(tenant_id)s)
ON CONFLICT (tenant_id) DO UPDATE SET revision = s.revision + 1
"""

_PRODUCTS = """
INSERT INTO app.product AS p
       (tenant_id, id, slug, category, supplier, cost_currency, cost_minor, status, valid_from,
        valid_to, delivery, delivery_days_min, delivery_days_max, return_days, featured, texts,
        fingerprint, published_at, changed_at)
SELECT %(tenant_id)s, r.id, r.slug, r.category, r.supplier, r.currency, r.cost, r.status,
       coalesce(r.valid_from, %(now)s), r.valid_to, r.delivery, r.days_min, r.days_max,
       r.return_days, r.featured, r.texts, decode(r.fingerprint, 'hex'),
       CASE WHEN r.status = 'published' THEN %(now)s END, %(now)s
  FROM jsonb_to_recordset(%(rows)s) AS r(id uuid, slug text, category text, supplier text,
       currency text, cost bigint, status text, valid_from timestamptz, valid_to timestamptz,
       delivery text, days_min smallint, days_max smallint, return_days smallint,
       featured integer, texts jsonb, fingerprint text)
 ORDER BY r.slug
ON CONFLICT (tenant_id, slug) DO UPDATE
   SET category = excluded.category, supplier = excluded.supplier,
       cost_currency = excluded.cost_currency, cost_minor = excluded.cost_minor,
       status = excluded.status, valid_to = excluded.valid_to, delivery = excluded.delivery,
       valid_from = least(p.valid_from, excluded.valid_from),
       delivery_days_min = excluded.delivery_days_min,
       delivery_days_max = excluded.delivery_days_max, return_days = excluded.return_days,
       featured = excluded.featured, texts = excluded.texts, fingerprint = excluded.fingerprint,
       published_at = coalesce(p.published_at, excluded.published_at),
       changed_at = excluded.changed_at, row_version = p.row_version + 1
RETURNING id, slug
"""

_VARIANTS = """
INSERT INTO app.product_variant AS v
       (tenant_id, id, product_id, position, sku, external_id, offer, cost_minor, label, unlimited)
SELECT %(tenant_id)s, r.id, r.product_id, r.position, r.sku, r.external_id, r.offer, r.cost,
       r.label, r.unlimited
  FROM jsonb_to_recordset(%(rows)s) AS r(id uuid, product_id uuid, position smallint, sku text,
       external_id text, offer text, cost bigint, label jsonb, unlimited boolean)
 ORDER BY r.sku
ON CONFLICT (tenant_id, sku) DO UPDATE
   SET position = excluded.position, external_id = excluded.external_id, offer = excluded.offer,
       cost_minor = excluded.cost_minor, label = excluded.label, unlimited = excluded.unlimited,
       active = true
 WHERE v.product_id = excluded.product_id
RETURNING id, sku
"""

_RETIRE_VARIANTS = """
UPDATE app.product_variant SET active = false
 WHERE tenant_id = %(tenant_id)s AND product_id = ANY (%(products)s)
   AND active AND sku <> ALL (%(skus)s)
"""

_PICTURES = """
INSERT INTO app.product_picture (tenant_id, product_id, position, file, alt)
SELECT %(tenant_id)s, r.product_id, r.position, r.file, r.alt
  FROM jsonb_to_recordset(%(rows)s)
       AS r(product_id uuid, position smallint, file text, alt jsonb)
"""

_WORDS = """
INSERT INTO app.product_word (tenant_id, word, product_id, weight)
SELECT %(tenant_id)s, r.word, r.product_id, r.weight
  FROM jsonb_to_recordset(%(rows)s) AS r(word text, product_id uuid, weight smallint)
"""

_FORMS = """
INSERT INTO app.search_form (tenant_id, form, word)
SELECT %(tenant_id)s, r.form, r.word
  FROM unnest(%(forms)s::text[], %(words)s::text[]) AS r(form, word)
 ORDER BY r.form, r.word
ON CONFLICT DO NOTHING
"""


class _Known(msgspec.Struct):
    id: UUID
    slug: str
    fingerprint: bytes


class _Saved(msgspec.Struct):
    id: UUID
    slug: str


class _SavedVariant(msgspec.Struct):
    id: UUID
    sku: str


class _State(msgspec.Struct):
    status: Status
    row_version: int


async def bump_revision(s: WriteSession) -> None:
    """Say that the tenant's catalogue looks different now, here and in every process."""
    await s.execute(_BUMP)
    await note_change(s, "catalogue")


def check(
    definitions: Sequence[ProductDefinition], categories: Mapping[str, object], rules: PriceRules
) -> None:
    """Raise InvalidProductError with every broken rule, if there is one."""
    currencies = rules.currencies()
    refusals = [r for d in definitions for r in check_definition(d, categories, currencies)]
    if refusals:
        raise InvalidProductError(refusals)


async def apply_products(
    s: WriteSession,
    *,
    definitions: Sequence[ProductDefinition],
    categories: Mapping[str, object],
    rules: PriceRules,
    now: datetime,
) -> Applied:
    """Make the products be as defined; those that already are stay untouched.

    Stock is set for new SKUs only. A product's SKUs that are no longer defined are retired.
    Raises InvalidProductError, SkuTakenError. At most 1,000 products per call.
    """
    if len(definitions) > PRODUCTS_PER_CALL_MAX:
        raise ValueError("too many products in one call")
    check(definitions, categories, rules)
    by_slug = {d.slug: d for d in definitions}
    known = {
        row.slug: row
        for row in await s.all(
            _Known,
            "SELECT id, slug, fingerprint FROM app.product"
            " WHERE tenant_id = %(tenant_id)s AND slug = ANY (%(slugs)s)",
            {"slugs": list(by_slug)},
        )
    }
    digests = {slug: _fingerprint(d) for slug, d in by_slug.items()}
    touched = {
        slug: d
        for slug, d in by_slug.items()
        if slug not in known or known[slug].fingerprint != digests[slug]
    }
    if touched:
        await _save(s, touched, digests, now)
        await bump_revision(s)
    created = sum(slug not in known for slug in touched)
    return Applied(created, len(touched) - created, len(by_slug) - len(touched))


async def _save(
    s: WriteSession,
    definitions: Mapping[str, ProductDefinition],
    digests: Mapping[str, bytes],
    now: datetime,
) -> None:
    rows = [_product_row(d, digests[slug]) for slug, d in definitions.items()]
    saved = await s.all(_Saved, _PRODUCTS, {"rows": jsonb(rows), "now": now})
    ids = {row.slug: row.id for row in saved}
    await _save_variants(s, definitions, ids)
    await _save_pictures(s, definitions, ids)
    await _save_words(s, definitions, ids)


async def _save_variants(
    s: WriteSession, definitions: Mapping[str, ProductDefinition], ids: Mapping[str, UUID]
) -> None:
    owner: dict[str, str] = {}
    for slug, d in definitions.items():
        for v in d.variants:
            if owner.setdefault(v.sku, slug) != slug:
                raise SkuTakenError(f"The SKU {v.sku} belongs to two products.", field="sku")
    new = {v.sku: uuid7() for d in definitions.values() for v in d.variants}
    rows = [
        {
            "id": new[v.sku],
            "product_id": ids[slug],
            "position": position,
            "sku": v.sku,
            "external_id": v.external_id,
            "offer": v.offer,
            "cost": Money.parse(v.price, d.currency).minor,
            "label": v.label,
            "unlimited": v.stock is None,
        }
        for slug, d in definitions.items()
        for position, v in enumerate(d.variants)
    ]
    written = await s.all(_SavedVariant, _VARIANTS, {"rows": jsonb(rows)})
    saved = {row.sku: row.id for row in written}
    for row in rows:
        if row["sku"] not in saved:
            raise SkuTakenError(f"The SKU {row['sku']} belongs to another product.", field="sku")
    await s.execute(
        _RETIRE_VARIANTS, {"products": list(ids.values()), "skus": [row["sku"] for row in rows]}
    )
    stocked = [
        {"variant": saved[v.sku], "on_hand": v.stock}
        for d in definitions.values()
        for v in d.variants
        if v.stock is not None and saved[v.sku] == new[v.sku]
    ]
    if stocked:
        await s.execute(
            "SELECT app.catalogue_count_stock_v1(%(tenant_id)s, r.variant, r.on_hand)"
            " FROM jsonb_to_recordset(%(rows)s) AS r(variant uuid, on_hand integer)",
            {"rows": jsonb(stocked)},
        )


async def _save_pictures(
    s: WriteSession, definitions: Mapping[str, ProductDefinition], ids: Mapping[str, UUID]
) -> None:
    await s.execute(
        "DELETE FROM app.product_picture"
        " WHERE tenant_id = %(tenant_id)s AND product_id = ANY (%(products)s)",
        {"products": list(ids.values())},
    )
    rows = [
        {"product_id": ids[slug], "position": i, "file": picture.file, "alt": picture.alt}
        for slug, d in definitions.items()
        for i, picture in enumerate(d.pictures)
    ]
    await s.execute(_PICTURES, {"rows": jsonb(rows)})


async def _save_words(
    s: WriteSession, definitions: Mapping[str, ProductDefinition], ids: Mapping[str, UUID]
) -> None:
    await s.execute(
        "DELETE FROM app.product_word"
        " WHERE tenant_id = %(tenant_id)s AND product_id = ANY (%(products)s)",
        {"products": list(ids.values())},
    )
    rows = [
        {"word": word, "product_id": ids[slug], "weight": weight}
        for slug, d in definitions.items()
        for word, weight in _words(d).items()
    ]
    await s.execute(_WORDS, {"rows": jsonb(rows)})
    pairs = sorted({(form, row["word"]) for row in rows for form in forms(str(row["word"]))})
    await s.execute(_FORMS, {"forms": [f for f, _ in pairs], "words": [w for _, w in pairs]})


def _words(definition: ProductDefinition) -> dict[str, int]:
    texts: list[tuple[int, str]] = []
    for text in definition.texts.values():
        texts += [(_NAME, text.name), (_SUMMARY, text.summary), (_DESCRIPTION, text.description)]
    for variant in definition.variants:
        texts += [(_NAME, variant.sku), *((_SUMMARY, label) for label in variant.label.values())]
    return weighted(texts)


def _product_row(definition: ProductDefinition, digest: bytes) -> dict[str, Any]:
    cheapest = min(Money.parse(v.price, definition.currency).minor for v in definition.variants)
    return {
        "id": uuid7(),
        "slug": definition.slug,
        "category": definition.category,
        "supplier": definition.supplier,
        "currency": definition.currency,
        "cost": cheapest,
        "status": definition.status,
        "valid_from": definition.valid_from,
        "valid_to": definition.valid_to,
        "delivery": definition.delivery,
        "days_min": definition.delivery_days[0],
        "days_max": definition.delivery_days[1],
        "return_days": definition.return_days,
        "featured": definition.featured,
        "texts": definition.texts,
        "fingerprint": digest.hex(),
    }


def _fingerprint(definition: ProductDefinition) -> bytes:
    return hashlib.sha256(msgspec.json.encode(definition, order="deterministic")).digest()


async def edit_product(
    s: WriteSession,
    *,
    definition: ProductDefinition,
    expected_version: int,
    categories: Mapping[str, object],
    rules: PriceRules,
    now: datetime,
) -> None:
    """Replace a product's definition; StaleProductError if someone changed it since it was read."""
    state = await _lock(s, "slug = %(slug)s", {"slug": definition.slug})
    if state.row_version != expected_version:
        raise StaleProductError(expected=expected_version, actual=state.row_version)
    await apply_products(s, definitions=[definition], categories=categories, rules=rules, now=now)


async def set_status(s: WriteSession, *, product_id: UUID, status: Status, now: datetime) -> bool:
    """Publish or withdraw; False if the product already is so. A draft can't be made again.

    The definition's fingerprint is forgotten, so that applying the same definition later restores
    its own status.
    """
    state = await _lock(s, "id = %(id)s", {"id": product_id})
    if state.status == status:
        return False
    if status == "draft":
        raise ProductStateError(status=state.status)
    if status == "published":
        await _refuse_restricted(s, product_id)
    await s.execute(
        "UPDATE app.product SET status = %(status)s, row_version = row_version + 1,"
        " fingerprint = '', changed_at = %(now)s,"
        " published_at = CASE WHEN %(status)s = 'published'"
        " THEN coalesce(published_at, %(now)s) ELSE published_at END"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": product_id, "status": status, "now": now},
    )
    await bump_revision(s)
    return True


async def _refuse_restricted(s: WriteSession, product_id: UUID) -> None:
    restriction = await s.value(
        "SELECT restriction FROM app.product_variant WHERE tenant_id = %(tenant_id)s"
        " AND product_id = %(id)s AND active AND restriction IS NOT NULL LIMIT 1",
        {"id": product_id},
    )
    if restriction is not None:
        raise RestrictedOfferError(
            f"The supplier restricts this: {restriction}", restriction=restriction
        )


async def publish_product(s: WriteSession, *, product_id: UUID, now: datetime) -> bool:
    """Let members see the product; False if they do."""
    return await set_status(s, product_id=product_id, status="published", now=now)


async def withdraw_product(s: WriteSession, *, product_id: UUID, now: datetime) -> bool:
    """Take the product out of the catalogue; orders under way go on. False if it is out."""
    return await set_status(s, product_id=product_id, status="withdrawn", now=now)


async def _lock(s: WriteSession, where: str, params: Mapping[str, Any]) -> _State:
    return await s.one(
        _State,
        "SELECT status, row_version FROM app.product"  # noqa: S608 - `where` is ours
        f" WHERE tenant_id = %(tenant_id)s AND {where} FOR NO KEY UPDATE",
        params,
    )
