"""What a brand decides about its catalogue: categories, margins, rates, how long a price holds."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, ClassVar

import msgspec

from guerdon.parameters.sections import (
    Area,
    DecimalText,
    Finding,
    Percent,
    Section,
    Texts,
    field_meta,
)

CategoryKey = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9](-?[a-z0-9]){0,39}$")]
CurrencyCode = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$")]


class Category(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shelf of the catalogue; its own margin wins over the general one."""

    key: Annotated[CategoryKey, field_meta("Key", "Stands in addresses; never changes.")]
    name: Annotated[Texts, field_meta("Name", "Text per language.")]
    margin_percent: Annotated[
        DecimalText | None, field_meta("Own margin", unit="%", risk="high")
    ] = None


class CatalogueParameters(Section, frozen=True):
    """Prices and shelves."""

    section: ClassVar[str] = "catalogue"
    title: ClassVar[str] = "Catalogue"
    area: ClassVar[Area] = "catalogue"

    margin_percent: Annotated[
        DecimalText,
        field_meta("Margin", "Added to the supplier's converted price.", unit="%", risk="high"),
    ] = "0"
    fx: Annotated[
        dict[CurrencyCode, DecimalText],
        field_meta(
            "Exchange rates",
            "Units of the programme's currency for one unit of the supplier's.",
            risk="high",
        ),
    ] = msgspec.field(default_factory=dict)
    tier_discounts: Annotated[
        dict[str, Percent],
        field_meta("Discount by tier", "Taken off the price in points.", unit="%", risk="high"),
    ] = msgspec.field(default_factory=dict)
    quote_lifetime_s: Annotated[
        int, field_meta("A price holds for", unit="s", risk="medium", ge=60, le=86_400)
    ] = 900
    categories: Annotated[
        tuple[Category, ...], field_meta("Categories", "In the order that members see.")
    ] = ()

    def check(self) -> Iterator[Finding]:
        for key, times in Counter(c.key for c in self.categories).items():
            if times > 1:
                yield Finding(
                    "catalogue.categories",
                    "duplicate_category",
                    "%(key)s stands %(times)s times.",
                    params={"key": key, "times": times},
                )
        for i, category in enumerate(self.categories):
            if not any(category.name.values()):
                yield Finding(
                    f"catalogue.categories[{i}].name", "no_name", "A category needs a name."
                )
        for currency, rate in self.fx.items():
            if not Decimal(rate):
                yield Finding(f"catalogue.fx.{currency}", "zero_rate", "A rate is above zero.")
        for tier, percent in self.tier_discounts.items():
            if Decimal(percent) >= 100:
                yield Finding(f"catalogue.tier_discounts.{tier}", "free", "A tier pays something.")

    @property
    def category_keys(self) -> frozenset[str]:
        """Every category's key."""
        return frozenset(c.key for c in self.categories)
