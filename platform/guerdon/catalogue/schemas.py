"""What goes into the catalogue and what comes out, as plain data."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from guerdon.catalogue.pricing import Price
from guerdon.kit.money import Money
from guerdon.parameters.sections import Language

Delivery = Literal["parcel", "counter", "digital"]
Status = Literal["draft", "published", "withdrawn"]
Sort = Literal["featured", "newest", "points_up", "points_down", "relevance"]
Slug = Annotated[str, Meta(pattern=r"^[a-z0-9](-?[a-z0-9]){0,79}$")]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]
PriceText = Annotated[str, Meta(pattern=r"^\d{1,9}(\.\d{1,3})?$")]
Name = Annotated[str, Meta(min_length=1, max_length=120)]
Stock = Annotated[int, Meta(ge=0, le=10_000_000)]
Days = Annotated[int, Meta(ge=0, le=365)]

VARIANTS_MAX = 100
_TEXT_BYTES_MAX = 8_000


class _Definition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class ProductText(_Definition, frozen=True):
    """A product's words in one language."""

    name: Name
    summary: Annotated[str, Meta(max_length=300)] = ""
    description: Annotated[str, Meta(max_length=_TEXT_BYTES_MAX)] = ""


class PictureDefinition(_Definition, frozen=True):
    """A picture: a name in the tenant's file store, and what it shows in words."""

    file: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\.(svg|png|webp|jpg)$")]
    alt: dict[Language, Annotated[str, Meta(max_length=200)]] = {}


class VariantDefinition(_Definition, frozen=True):
    """A SKU. `price` is the supplier's, in major units; no `stock` means as many as are asked.

    `stock` counts for a new SKU only: what is on hand later is stated by a stock count.
    """

    sku: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]
    price: PriceText
    stock: Stock | None = None
    external_id: Annotated[str, Meta(min_length=1, max_length=120)] | None = None
    offer: Annotated[str, Meta(min_length=1, max_length=2000)] | None = None
    label: dict[Language, Annotated[str, Meta(max_length=80)]] = {}


class ProductDefinition(_Definition, frozen=True):
    """A whole product, as a catalogue file, a CSV import or the API states it."""

    slug: Slug
    category: Annotated[str, Meta(min_length=1, max_length=40)]
    supplier: Annotated[str, Meta(min_length=1, max_length=40)]
    currency: Currency
    texts: Annotated[dict[Language, ProductText], Meta(min_length=1)]
    variants: Annotated[tuple[VariantDefinition, ...], Meta(min_length=1, max_length=VARIANTS_MAX)]
    pictures: Annotated[tuple[PictureDefinition, ...], Meta(max_length=20)] = ()
    delivery: Delivery = "parcel"
    delivery_days: tuple[Days, Days] = (0, 0)
    return_days: Days = 0
    featured: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    status: Status = "published"
    valid_from: datetime | None = None
    valid_to: datetime | None = None


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What a member looks for. Bounds in points are inclusive; empty means no filter."""

    text: str = ""
    categories: Sequence[str] = ()
    delivery: Sequence[Delivery] = ()
    points_min: int | None = None
    points_max: int | None = None
    in_stock: bool = False
    sort: Sort = "featured"


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A product in a list. `stock` is None when there is no limit; `several` when its variants
    differ in price, and the price is the lowest.
    """

    id: UUID
    slug: str
    name: str
    summary: str
    category: str
    picture: str | None
    alt: str
    points: int
    value: Money
    list_points: int
    several: bool
    delivery: Delivery
    delivery_days: tuple[int, int]
    stock: int | None


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """A SKU on the product's page with its price."""

    id: UUID
    sku: str
    label: str
    external_id: str | None
    offer: str | None
    cost: Money
    price: Price
    stock: int | None


class Picture(msgspec.Struct, frozen=True):
    """A picture and what it shows."""

    file: str
    alt: str


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A product's page."""

    id: UUID
    slug: str
    category: str
    supplier: str
    status: Status
    name: str
    summary: str
    description: str
    pictures: Sequence[Picture]
    variants: Sequence[Variant]
    delivery: Delivery
    delivery_days: tuple[int, int]
    return_days: int
    valid_from: datetime
    valid_to: datetime | None
    row_version: int
    similar: Sequence[Card] = ()


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """A variant as a quote needs it. `titles`: name and label in each language that has them."""

    variant_id: UUID
    product_id: UUID
    slug: str
    sku: str
    name: str
    label: str
    titles: dict[str, str]
    category: str
    supplier: str
    external_id: str | None
    offer: str | None
    cost: Money
    delivery: Delivery
    delivery_days: tuple[int, int]
    return_days: int
    picture: str | None
    stock: int | None


class UnitCost(msgspec.Struct, frozen=True, kw_only=True):
    """What the brand pays for one piece at a quantity: the list price, and the contract's if one
    is in force; `price_list` is its key.
    """

    list_price: Money
    unit: Money
    price_list: str | None = None
    min_quantity: int = 1


class MarginRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the margin report: what a member's price brings over what the brand pays."""

    sku: str
    name: str
    min_quantity: int
    list_cost: Money
    contract_cost: Money
    saving_percent: str
    value: Money
    margin: Money
    margin_percent: str


class PriceListLine(_Definition, frozen=True):
    """A negotiated unit price from `min_quantity` on, for a SKU."""

    sku: str
    price: PriceText
    min_quantity: Annotated[int, Meta(ge=1, le=1_000_000)] = 1


class PriceListDefinition(_Definition, frozen=True):
    """A supplier's contract: a whole list, valid in `[valid_from, valid_to)`."""

    key: Annotated[str, Meta(pattern=r"^[a-z0-9](-?[a-z0-9]){0,59}$")]
    supplier: Annotated[str, Meta(min_length=1, max_length=40)]
    name: Name
    currency: Currency
    valid_from: datetime
    valid_to: datetime | None = None
    lines: Annotated[tuple[PriceListLine, ...], Meta(max_length=100_000)] = ()


class Applied(msgspec.Struct, frozen=True):
    """What an application of definitions did, in numbers of products."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: "Applied") -> "Applied":
        return Applied(
            self.created + other.created,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
        )


class Refusal(msgspec.Struct, frozen=True):
    """Why a definition cannot be taken: the product, the field and the reason."""

    slug: str
    field: str
    reason: str


def check_definition(
    definition: ProductDefinition, categories: Mapping[str, object], currencies: Sequence[str]
) -> Iterator[Refusal]:
    """Rules that no single field can express, against the programme's shelves and rates."""

    def no(field: str, reason: str) -> Refusal:
        return Refusal(definition.slug, field, reason)

    if definition.category not in categories:
        yield no("category", f"There is no category {definition.category!r}.")
    if definition.currency not in currencies:
        yield no("currency", f"The programme has no exchange rate for {definition.currency}.")
    if definition.delivery_days[0] > definition.delivery_days[1]:
        yield no("delivery_days", "The earliest day is after the latest.")
    for name in ("valid_from", "valid_to"):
        instant = getattr(definition, name)
        if instant is not None and instant.tzinfo is None:
            yield no(name, "An instant needs its offset from UTC.")
            return
    start, end = definition.valid_from, definition.valid_to
    if start and end and start >= end:
        yield no("valid_to", "The end is not after the start.")
    skus = [v.sku for v in definition.variants]
    for sku in sorted({s for s in skus if skus.count(s) > 1}):
        yield no("variants", f"The SKU {sku} stands twice.")
    for i, variant in enumerate(definition.variants):
        try:
            if not Money.parse(variant.price, definition.currency).minor:
                yield no(f"variants[{i}].price", "A price is above zero.")
        except ValueError as error:
            yield no(f"variants[{i}].price", f"{error}.")
