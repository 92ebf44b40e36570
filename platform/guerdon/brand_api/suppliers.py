"""Suppliers: search what they sell, look at an offer, pick it for the catalogue."""

from datetime import datetime
from typing import Annotated

from litestar import Response, get, post
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import Meta

from guerdon.catalogue import operations
from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.catalogue.rules import price_rules
from guerdon.catalogue.schemas import Slug
from guerdon.fulfilment import picking
from guerdon.fulfilment.parameters import FulfilmentParameters
from guerdon.fulfilment.port import SupplierProduct
from guerdon.identity.policy import api_key
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plumbing.db import WriteSession
from guerdon.wire.openapi import Read, Write
from guerdon.wire.requests import ApiRequest, answer, once
from guerdon.wire.values import In, Money, Out

TAGS = ["Catalogue"]
READ = {"policy": api_key("catalogue:read")}
WRITE = {"policy": api_key("catalogue:write")}
SupplierPath = Annotated[str, PathParameter(pattern="^[a-z][a-z0-9_]{1,39}$")]
SkuPath = Annotated[str, PathParameter(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]
TextQuery = Annotated[str, QueryParameter(name="q", max_length=200, description="Words to find")]
PageQuery = Annotated[int, QueryParameter(ge=1, le=1000, description="Page, from 1")]
QuantityQuery = Annotated[int, QueryParameter(ge=1, le=999, description="Pieces to be bought")]


class SupplierOut(Out, frozen=True):
    """A supplier of the programme."""

    key: str
    provider: str


class Suppliers(Out, frozen=True):
    """The suppliers of the programme."""

    items: list[SupplierOut]


class VolumePrice(Out, frozen=True):
    """The price of one from so many pieces on."""

    quantity: int
    price: Money


class Offer(Out, frozen=True):
    """A product as the supplier sells it. What has `restrictions` can never be listed."""

    sku: str
    title: str
    brand: str
    category: str
    description: str
    features: list[str]
    image_url: str
    price: Money | None
    list_price: Money | None
    available: bool
    quantity_available: int | None
    quantity_min: int
    quantity_max: int | None
    volume_prices: list[VolumePrice]
    restrictions: list[str]
    publishable: bool
    delivery: str
    variation: dict[str, str]

    @classmethod
    def of(cls, found: SupplierProduct) -> "Offer":
        """As the supplier tells it."""
        return cls(
            sku=found.sku,
            title=found.title,
            brand=found.brand,
            category=found.category,
            description=found.description,
            features=list(found.features),
            image_url=found.image_url,
            price=None if found.price is None else Money.of(found.price),
            list_price=None if found.list_price is None else Money.of(found.list_price),
            available=found.available,
            quantity_available=found.quantity_available,
            quantity_min=found.quantity_min,
            quantity_max=found.quantity_max,
            volume_prices=[VolumePrice(n, Money.of(price)) for n, price in found.volume_prices],
            restrictions=list(found.restrictions),
            publishable=found.publishable,
            delivery=found.delivery,
            variation=dict(found.variation),
        )


class Offers(Out, frozen=True):
    """A page of hits; `pages` counts all pages."""

    items: list[Offer]
    total: int
    page: int
    pages: int


class PickIn(In, frozen=True):
    """What to take into the catalogue, on which shelf; the slug is made of the title if absent."""

    sku: Annotated[str, Meta(min_length=1, max_length=60)]
    category: Annotated[str, Meta(min_length=1, max_length=40)]
    slug: Slug | None = None


class Picked(Out, frozen=True):
    """The draft that was made; publishing it is another step."""

    slug: str
    created: bool


@get("/suppliers", operation_id="listSuppliers", operation_class=Read, opt=READ, tags=TAGS)
async def suppliers(request: ApiRequest) -> Response[Suppliers]:
    """List the programme's suppliers."""
    listed = request.snapshot[FulfilmentParameters].suppliers
    return answer(Suppliers([SupplierOut(one.key, one.provider) for one in listed]))


@get("/suppliers/{supplier:str}/products", operation_id="searchSupplier", operation_class=Read,
     opt=READ, tags=TAGS)  # fmt: skip
async def search(
    request: ApiRequest, supplier: SupplierPath, text: TextQuery = "", page: PageQuery = 1
) -> Response[Offers]:
    """Search what a supplier sells."""
    found = await picking.search(
        request.rt,
        tenant_id=request.tenant.id,
        supplier=supplier,
        text=text,
        page=page,
        now=request.now,
    )
    items = [Offer.of(one) for one in found.items]
    return answer(Offers(items, found.total, found.page, found.pages))


@get("/suppliers/{supplier:str}/products/{sku:str}", operation_id="getSupplierOffer",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def offer(
    request: ApiRequest, supplier: SupplierPath, sku: SkuPath, quantity: QuantityQuery = 1
) -> Response[Offer]:
    """Look at one product, with its price for a quantity."""
    found = await picking.offer(
        request.rt,
        tenant_id=request.tenant.id,
        supplier=supplier,
        sku=sku,
        quantity=quantity,
        now=request.now,
    )
    return answer(Offer.of(found))


@post("/suppliers/{supplier:str}/pick", operation_id="pickOffer", operation_class=Write, opt=WRITE,
      tags=TAGS, status_code=200)  # fmt: skip
async def pick(
    request: ApiRequest, supplier: SupplierPath, data: JSONBody[PickIn]
) -> Response[Picked]:
    """Take a supplier's product into the catalogue, as a draft."""
    found = await picking.offer(
        request.rt,
        tenant_id=request.tenant.id,
        supplier=supplier,
        sku=data.sku,
        quantity=1,
        now=request.now,
    )
    made = picking.definition(
        found,
        supplier=supplier,
        category=data.category,
        language=request.snapshot[ProgrammeParameters].languages[0],
        slug=data.slug,
    )

    async def work(s: WriteSession, now: datetime) -> Picked:
        done = await operations.apply_products(
            s,
            definitions=[made],
            categories=dict.fromkeys(request.snapshot[CatalogueParameters].category_keys),
            rules=price_rules(request.snapshot),
            now=now,
        )
        return Picked(slug=made.slug, created=done.created == 1)

    return await once(request, work, given=data)


HANDLERS = (suppliers, search, offer, pick)
