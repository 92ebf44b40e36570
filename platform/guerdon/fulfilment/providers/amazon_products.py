"""The Product Search API's bodies in the port's words."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from guerdon.fulfilment.errors import SupplierUnavailableError
from guerdon.fulfilment.port import SupplierProduct, SupplierProducts
from guerdon.kit.money import Money


class _Value(msgspec.Struct, rename="camel"):
    amount: Decimal
    currency_code: str

    @property
    def money(self) -> Money:
        return Money.parse(str(self.amount), self.currency_code)


class _Price(msgspec.Struct, rename="camel"):
    value: _Value | None = None

    @property
    def money(self) -> Money | None:
        return None if self.value is None else self.value.money


class _Restriction(msgspec.Struct, rename="camel"):
    message: str = ""


class _Limits(msgspec.Struct, rename="camel"):
    min_quantity: int | None = None
    max_quantity: int | None = None


class _Tier(msgspec.Struct, rename="camel"):
    minimum_quantity: int
    price: _Price


class _QuantityPrice(msgspec.Struct, rename="camel"):
    quantity_price_tiers: list[_Tier] = []


class _Offer(msgspec.Struct, rename="camel"):
    offer_id: str = ""
    availability: str = ""
    stock_quantity: int | None = None
    buying_guidance: str = "NONE"
    buying_restrictions: list[_Restriction] = []
    price: _Price | None = None
    list_price: _Price | None = None
    quantity_limits: _Limits | None = None
    quantity_price: _QuantityPrice | None = None
    delivery_information: str = ""


class _Image(msgspec.Struct, rename="camel"):
    url: str = ""


class _Images(msgspec.Struct, rename="camel"):
    large: _Image | None = None


class _Included(msgspec.Struct, rename="upper"):
    offers: list[_Offer] = []
    images: list[_Images] = []


class _Taxonomy(msgspec.Struct, rename="camel"):
    title: str = ""


class _Shown(msgspec.Struct, rename="camel"):
    display_string: str = ""


class _Dimension(msgspec.Struct, rename="camel"):
    display_string: str = ""
    dimension_values: list[_Shown] = []


class _Variations(msgspec.Struct, rename="camel"):
    dimensions: list[_Dimension] = []


class _Product(msgspec.Struct, rename="camel"):
    asin: str
    title: str
    features: list[str] = []
    product_description: str | None = None
    product_overview: dict[str, str] = {}
    taxonomies: list[_Taxonomy] = []
    included_data_types: _Included | None = None
    product_variations: _Variations | None = None


class _Products(msgspec.Struct, rename="camel"):
    matching_product_count: int
    number_of_pages: int
    products: list[_Product]


def read_products(body: bytes, page: int) -> SupplierProducts:
    """A page of hits."""
    try:
        found = msgspec.json.decode(body, type=_Products)
    except msgspec.MsgspecError as error:
        raise SupplierUnavailableError("The supplier's answer cannot be read.") from error
    return SupplierProducts(
        items=[_product(p) for p in found.products],
        total=found.matching_product_count,
        page=page,
        pages=found.number_of_pages,
    )


def read_product(body: bytes) -> SupplierProduct:
    """One product with its featured offer."""
    try:
        return _product(msgspec.json.decode(body, type=_Product))
    except msgspec.MsgspecError as error:
        raise SupplierUnavailableError("The supplier's answer cannot be read.") from error


def _product(found: _Product) -> SupplierProduct:
    included = found.included_data_types or _Included()
    offer = included.offers[0] if included.offers else _Offer()
    limits = offer.quantity_limits or _Limits()
    tiers = offer.quantity_price.quantity_price_tiers if offer.quantity_price else []
    image = next((i.large.url for i in included.images if i.large is not None), "")
    return SupplierProduct(
        sku=found.asin,
        title=found.title,
        price=None if offer.price is None else offer.price.money,
        list_price=None if offer.list_price is None else offer.list_price.money,
        brand=found.product_overview.get("Brand", ""),
        category=found.taxonomies[0].title if found.taxonomies else "",
        description=found.product_description or "",
        features=found.features,
        image_url=image,
        available=offer.availability.upper().startswith("IN_STOCK"),
        quantity_available=offer.stock_quantity,
        quantity_min=limits.min_quantity or 1,
        quantity_max=limits.max_quantity,
        volume_prices=[
            (tier.minimum_quantity, tier.price.money)
            for tier in tiers
            if tier.price.money is not None
        ],
        restrictions=_restrictions(offer),
        delivery=offer.delivery_information,
        offer=offer.offer_id or None,
        variation={
            d.display_string: d.dimension_values[0].display_string
            for d in (found.product_variations or _Variations()).dimensions
            if d.dimension_values
        },
    )


def _restrictions(offer: _Offer) -> Sequence[str]:
    """Why the buyer may not buy it; guidance that blocks counts as a restriction."""
    told = [r.message for r in offer.buying_restrictions if r.message]
    if offer.buying_guidance.upper() in ("BLOCKED", "RESTRICTED") and not told:
        return ["Blocked by the account's buying policy"]
    return told
