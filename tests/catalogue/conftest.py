"""A tenant with shelves, rates and a few products."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from guerdon.catalogue.cards import Reader
from guerdon.catalogue.operations import apply_products
from guerdon.catalogue.pricing import PriceRules
from guerdon.catalogue.schemas import (
    Applied,
    ProductDefinition,
    ProductText,
    VariantDefinition,
)
from guerdon.kit.money import Rounding
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

NOW = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)
CATEGORIES = {"gadgets": None, "hotels": None, "travel": None}


@pytest.fixture
def rules() -> PriceRules:
    return PriceRules(
        version=1,
        currency="BRL",
        rates={"USD": Decimal("5.40")},
        margin_percent=Decimal(8),
        margin_overrides={"hotels": Decimal("12.5")},
        price_factor=Decimal(50),
        rounding=Rounding.CEILING,
        step=100,
        tier_discounts={"gold": Decimal(10)},
    )


@pytest.fixture
def reader(rules: PriceRules) -> Reader:
    return Reader(
        rules=rules,
        categories=list(CATEGORIES),
        language="pt-BR",
        fallback="en",
        tier=None,
        now=NOW,
    )


def product(slug: str, price: str = "100.00", **changes: Any) -> ProductDefinition:
    """A definition with one SKU of the same name."""
    stock = changes.pop("stock", 5)
    name = changes.pop("name", slug.replace("-", " ").title())
    values: dict[str, Any] = {
        "slug": slug,
        "category": "gadgets",
        "supplier": "amazon",
        "currency": "BRL",
        "texts": {"en": ProductText(name=name)},
        "variants": (VariantDefinition(sku=slug.upper(), price=price, stock=stock),),
    }
    return ProductDefinition(**(values | changes))


@pytest.fixture
def apply(rt: Runtime, tenant: Tenant, rules: PriceRules) -> Any:
    """Apply definitions to the tenant's catalogue in one transaction."""

    async def applied(*definitions: ProductDefinition, now: datetime = NOW) -> Applied:
        async with rt.db.write(tenant.id) as s:
            return await apply_products(
                s, definitions=definitions, categories=CATEGORIES, rules=rules, now=now
            )

    return applied


def slugs(cards: Sequence[Any]) -> list[str]:
    return [c.slug for c in cards]
