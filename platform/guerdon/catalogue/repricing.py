"""Real products under other rules: what a change of factors, margins or rates does to prices."""

from datetime import datetime
from uuid import UUID

import msgspec

from guerdon.catalogue import pricing
from guerdon.catalogue.cards import OFFERED, TEXT, Reads
from guerdon.catalogue.errors import NoRateError
from guerdon.catalogue.pricing import Price, PriceRules, Slider
from guerdon.catalogue.schemas import ProductText
from guerdon.kit.money import Money

SAMPLE_MAX = 60


class Priced(msgspec.Struct, frozen=True):
    """A price and the positions of its slider; `price` is None when a rate is missing."""

    price: Price | None
    slider: Slider | None
    missing_rate: str | None


class Repriced(msgspec.Struct, frozen=True):
    """One product under the rules before and after."""

    id: UUID
    slug: str
    name: str
    category: str
    cost: Money
    before: Priced
    after: Priced


class _Row(msgspec.Struct):
    id: UUID
    slug: str
    category: str
    cost_minor: int
    cost_currency: str
    text: ProductText


# Evenly spread over the prices of each shelf, cheapest and dearest included.
_SPREAD = f"""
WITH ranked AS (
  SELECT p.id, row_number() OVER w - 1 AS place, count(*) OVER (PARTITION BY p.category) AS n,
         dense_rank() OVER (ORDER BY p.category) AS shelf
    FROM app.product p WHERE {OFFERED}
  WINDOW w AS (PARTITION BY p.category ORDER BY p.cost_currency, p.cost_minor, p.id)),
shelves AS (SELECT greatest(1, %(limit)s::int / max(shelf)) AS each FROM ranked)
SELECT p.id, p.slug, p.category, p.cost_minor, p.cost_currency, {TEXT} AS text
  FROM ranked r CROSS JOIN shelves s
  JOIN app.product p ON p.tenant_id = %(tenant_id)s AND p.id = r.id
 WHERE r.n <= s.each
    OR r.place IN (SELECT i * (r.n - 1) / greatest(s.each - 1, 1)
                     FROM generate_series(0, s.each - 1) i)
 ORDER BY p.category, p.cost_currency, p.cost_minor, p.id
 LIMIT %(limit)s::int
"""


async def reprice(
    s: Reads,
    *,
    before: PriceRules,
    after: PriceRules,
    tier: str | None,
    language: str,
    fallback: str,
    now: datetime,
    limit: int = 18,
) -> list[Repriced]:
    """Products of every shelf, priced by both rules as a member of `tier` would see them."""
    rows = await s.all(
        _Row,
        _SPREAD,
        {"language": language, "fallback": fallback, "now": now, "limit": min(limit, SAMPLE_MAX)},
    )
    return [
        Repriced(
            id=row.id,
            slug=row.slug,
            name=row.text.name,
            category=row.category,
            cost=(cost := Money(row.cost_minor, row.cost_currency)),
            before=_priced(cost, row.category, before, tier),
            after=_priced(cost, row.category, after, tier),
        )
        for row in rows
    ]


def _priced(cost: Money, category: str, rules: PriceRules, tier: str | None) -> Priced:
    try:
        price = pricing.price(cost=cost, category=category, rules=rules, tier=tier)
    except NoRateError:
        return Priced(None, None, cost.currency)
    return Priced(price, pricing.slider(price, available=price.points, rules=rules), None)
