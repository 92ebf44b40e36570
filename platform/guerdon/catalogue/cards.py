"""Products as cards: the columns every list needs, and their price for one reader."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

import msgspec

from guerdon.catalogue import pricing
from guerdon.catalogue.pricing import PriceRules
from guerdon.catalogue.schemas import Card, Delivery, ProductText
from guerdon.kit.money import Money

T = TypeVar("T")


class Reads(Protocol):
    """What a query needs: a session, or reads that open and close their own transaction."""

    async def all(self, row: type[T], sql: str, params: Mapping[str, Any] = ...) -> list[T]: ...


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Who looks, and under which rules: prices, shelves in order, language, tier, instant."""

    rules: PriceRules
    categories: Sequence[str]
    language: str
    fallback: str
    tier: str | None
    now: datetime

    def params(self) -> dict[str, Any]:
        """Parameters that the fragments below name."""
        return {"language": self.language, "fallback": self.fallback, "now": self.now}

    def groups(self, wanted: Sequence[str] = ()) -> dict[str, Any]:
        """Parameters of `GROUPS`: every shelf and supplier currency with its multiplier."""
        shelves = [c for c in self.categories if not wanted or c in wanted]
        pairs = [(c, m) for c in shelves for m in self.rules.currencies()]
        return {
            "group_categories": [category for category, _ in pairs],
            "group_currencies": [currency for _, currency in pairs],
            "group_multipliers": [self.rules.multiplier(*pair) for pair in pairs],
        }


class CardPicture(msgspec.Struct):
    """The first picture."""

    file: str
    alt: str | None = None


class CardOffer(msgspec.Struct):
    """What is left over all SKUs, and whether they differ in price."""

    several: bool
    unlimited: bool
    left: int


class CardRow(msgspec.Struct):
    """A row of `CARD`."""

    id: UUID
    slug: str
    category: str
    cost_minor: int
    cost_currency: str
    delivery: Delivery
    delivery_days_min: int
    delivery_days_max: int
    text: ProductText
    picture: CardPicture | None
    offer: CardOffer


# Prices differ by shelf and supplier currency only: within such a group the order of supplier
# prices is the order of points, and one index serves it.
GROUPS = """
g AS (SELECT * FROM unnest(%(group_categories)s::text[], %(group_currencies)s::text[],
                           %(group_multipliers)s::numeric[]) AS g(category, currency, multiplier))
"""

OFFERED = """p.tenant_id = %(tenant_id)s AND p.status = 'published'
   AND p.valid_from <= %(now)s AND (p.valid_to IS NULL OR %(now)s < p.valid_to)"""

# A scalar sub-query with a limit, so that the planner asks it row by row and stops with the list;
# as EXISTS it becomes a join over every variant of the tenant.
IN_STOCK = """(SELECT true FROM app.product_variant v
                WHERE v.tenant_id = %(tenant_id)s AND v.product_id = p.id AND v.active
                  AND (v.unlimited OR (
                       SELECT true FROM app.product_stock k
                        WHERE k.tenant_id = %(tenant_id)s AND k.variant_id = v.id
                          AND k.on_hand > 0 LIMIT 1)) LIMIT 1)"""

TEXT = """coalesce(p.texts -> %(language)s, p.texts -> %(fallback)s,
                    jsonb_path_query_first(p.texts, '$.*'))"""

CARD = f"""p.id, p.slug, p.category, p.cost_minor, p.cost_currency, p.delivery,
       p.delivery_days_min, p.delivery_days_max, {TEXT} AS text,
       (SELECT jsonb_build_object('file', i.file, 'alt',
                 coalesce(i.alt ->> %(language)s, i.alt ->> %(fallback)s))
          FROM app.product_picture i
         WHERE i.tenant_id = %(tenant_id)s AND i.product_id = p.id
         ORDER BY i.position LIMIT 1) AS picture,
       (SELECT jsonb_build_object(
                 'several', count(DISTINCT v.cost_minor) > 1,
                 'unlimited', coalesce(bool_or(v.unlimited), false),
                 'left', coalesce(sum((SELECT sum(k.on_hand) FROM app.product_stock k
                                        WHERE k.tenant_id = %(tenant_id)s
                                          AND k.variant_id = v.id)), 0))
          FROM app.product_variant v
         WHERE v.tenant_id = %(tenant_id)s AND v.product_id = p.id AND v.active) AS offer"""


def card(row: CardRow, reader: Reader) -> Card:
    """The card as this reader sees it."""
    price = pricing.price(
        cost=Money(row.cost_minor, row.cost_currency),
        category=row.category,
        rules=reader.rules,
        tier=reader.tier,
    )
    return Card(
        id=row.id,
        slug=row.slug,
        name=row.text.name,
        summary=row.text.summary,
        category=row.category,
        picture=row.picture.file if row.picture else None,
        alt=(row.picture.alt or row.text.name) if row.picture else "",
        points=price.points,
        list_points=price.list_points,
        value=price.value,
        several=row.offer.several,
        delivery=row.delivery,
        delivery_days=(row.delivery_days_min, row.delivery_days_max),
        stock=None if row.offer.unlimited else row.offer.left,
    )
