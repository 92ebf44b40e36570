"""The catalogue: what members can have, and how a manager keeps it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import Meta

from guerdon.catalogue import operations, queries, schemas
from guerdon.catalogue.cards import Reader
from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.catalogue.rules import price_rules
from guerdon.catalogue.search import search
from guerdon.catalogue.stock import count_stock
from guerdon.identity.policy import api_key
from guerdon.kit.money import POINTS_MAX
from guerdon.kit.paging import PAGE_SIZE_DEFAULT, Page
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing.db import WriteSession
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import Cursor, Limit, PathId
from guerdon.wire.requests import ApiRequest, answer, once
from guerdon.wire.values import In, Money, Out

TAGS = ["Catalogue"]
READ = {"policy": api_key("catalogue:read")}
WRITE = {"policy": api_key("catalogue:write")}
SlugPath = Annotated[str, PathParameter(pattern="^[a-z0-9](-?[a-z0-9]){0,79}$")]
LanguageQuery = Annotated[
    str | None, QueryParameter(name="language", max_length=20, description="`en`, `pt-BR`, `es`")
]
TextQuery = Annotated[str, QueryParameter(name="q", max_length=200, description="Words to find")]
CategoryQuery = Annotated[
    list[str] | None, QueryParameter(name="category", description="On these shelves only")
]
PointsMin = Annotated[
    int | None, QueryParameter(name="pointsMin", ge=0, le=POINTS_MAX, description="At least")
]
PointsMax = Annotated[
    int | None, QueryParameter(name="pointsMax", ge=0, le=POINTS_MAX, description="At most")
]
InStock = Annotated[bool, QueryParameter(name="inStock", description="Only what is there")]
SortQuery = Annotated[schemas.Sort, QueryParameter(name="sort", description="In which order")]


class Card(Out, frozen=True):
    """A product in a list; `several` variants differ in price, and the lowest is shown."""

    id: UUID
    slug: str
    name: str
    summary: str
    category: str
    picture: str | None
    points: int
    list_points: int
    value: Money
    several: bool
    delivery: str
    stock: int | None

    @classmethod
    def of(cls, card: schemas.Card) -> "Card":
        """As the domain has it."""
        return msgspec.convert(card, cls, from_attributes=True)


class Variant(Out, frozen=True):
    """A SKU with its price; a null stock is no limit."""

    id: UUID
    sku: str
    label: str
    points: int
    value: Money
    stock: int | None


class Picture(Out, frozen=True):
    """A picture and what it shows."""

    file: str
    alt: str


class Product(Out, frozen=True):
    """A product with everything that is told of it."""

    id: UUID
    slug: str
    category: str
    supplier: str
    status: str
    name: str
    summary: str
    description: str
    pictures: list[Picture]
    variants: list[Variant]
    delivery: str
    delivery_days: tuple[int, int]
    return_days: int
    valid_from: datetime
    valid_to: datetime | None
    row_version: int

    @classmethod
    def of(cls, product: schemas.Product) -> "Product":
        """As the domain has it."""
        return cls(
            id=product.id,
            slug=product.slug,
            category=product.category,
            supplier=product.supplier,
            status=product.status,
            name=product.name,
            summary=product.summary,
            description=product.description,
            pictures=[Picture(p.file, p.alt) for p in product.pictures],
            variants=[
                Variant(v.id, v.sku, v.label, v.price.points, Money.of(v.price.value), v.stock)
                for v in product.variants
            ],
            delivery=product.delivery,
            delivery_days=product.delivery_days,
            return_days=product.return_days,
            valid_from=product.valid_from,
            valid_to=product.valid_to,
            row_version=product.row_version,
        )


class ManagedProduct(Out, frozen=True):
    """A product as its manager lists it, with the supplier's price."""

    id: UUID
    slug: str
    name: str
    category: str
    supplier: str
    status: str
    cost: Money
    changed_at: datetime
    row_version: int


class ProductsIn(In, frozen=True):
    """Whole products, as a catalogue file states them; each by its slug, made or changed."""

    products: Annotated[
        tuple[schemas.ProductDefinition, ...],
        Meta(min_length=1, max_length=operations.PRODUCTS_PER_CALL_MAX),
    ]


class Applied(Out, frozen=True):
    """What the call did, in numbers of products."""

    created: int
    changed: int
    unchanged: int


class ProductIn(In, frozen=True):
    """A whole product, and the version it was read at."""

    product: schemas.ProductDefinition
    row_version: Annotated[int, Meta(ge=1)]


class StatusOut(Out, frozen=True):
    """Whether the call changed anything."""

    changed: bool


class StockIn(In, frozen=True):
    """How many pieces there are, counted."""

    on_hand: Annotated[int, Meta(ge=0, le=10_000_000)]


class StockOut(Out, frozen=True):
    """How many there were before the count, and are now."""

    before: int
    on_hand: int


def reader_of(
    snapshot: Snapshot, *, language: str | None, tier: str | None, now: datetime
) -> Reader:
    """Who looks: a language of the programme, a tier, an instant."""
    spoken = snapshot[ProgrammeParameters].languages
    return Reader(
        rules=price_rules(snapshot),
        categories=tuple(c.key for c in snapshot[CatalogueParameters].categories),
        language=next((one for one in spoken if one == language), spoken[0]),
        fallback=spoken[0],
        tier=tier,
        now=now,
    )


def _reader(request: ApiRequest, language: str | None, tier: str | None = None) -> Reader:
    return reader_of(request.snapshot, language=language, tier=tier, now=request.now)


def _rules(request: ApiRequest) -> dict[str, Any]:
    keys = request.snapshot[CatalogueParameters].category_keys
    return {"categories": dict.fromkeys(keys), "rules": price_rules(request.snapshot)}


@get("/products", operation_id="searchProducts", operation_class=Read, opt=READ, tags=TAGS)
async def find(
    request: ApiRequest,
    text: TextQuery = "",
    category: CategoryQuery = None,
    points_min: PointsMin = None,
    points_max: PointsMax = None,
    in_stock: InStock = False,
    sort: SortQuery = "featured",
    language: LanguageQuery = None,
    tier: Annotated[
        str | None, QueryParameter(max_length=40, description="Prices for this tier")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE_SIZE_DEFAULT,
) -> Response[Page[Card]]:
    """Search what members can have now, priced in points."""
    wanted = schemas.Search(
        text=text,
        categories=category or (),
        points_min=points_min,
        points_max=points_max,
        in_stock=in_stock,
        sort=sort,
    )
    async with request.rt.db.read(request.tenant.id) as s:
        page = await search(
            s, find=wanted, reader=_reader(request, language, tier), cursor=cursor, limit=limit
        )
    return answer(Page([Card.of(card) for card in page.items], page.next_cursor))


@get("/catalogue/products", operation_id="listManagedProducts", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def managed(
    request: ApiRequest,
    status: Annotated[
        schemas.Status | None, QueryParameter(description="Products in this state only")
    ] = None,
    language: LanguageQuery = None,
    cursor: Cursor = None,
    limit: Limit = PAGE_SIZE_DEFAULT,
) -> Response[Page[ManagedProduct]]:
    """List every product, drafts and withdrawn ones too, with the supplier's price."""
    who = _reader(request, language)
    async with request.rt.db.read(request.tenant.id) as s:
        page = await queries.managed(
            s,
            status=status,
            language=who.language,
            fallback=who.fallback,
            cursor=cursor,
            limit=limit,
        )
    rows = [msgspec.convert(row, ManagedProduct, from_attributes=True) for row in page.items]
    return answer(Page(rows, page.next_cursor))


@get("/products/{slug:str}", operation_id="getProduct", operation_class=Read, opt=READ, tags=TAGS)
async def product(
    request: ApiRequest, slug: SlugPath, language: LanguageQuery = None
) -> Response[Product]:
    """Read a product with its variants and prices, in any state."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await queries.product(s, slug=slug, reader=_reader(request, language), manager=True)
    return answer(Product.of(found))


@post("/catalogue/products", operation_id="importProducts", operation_class=Write, opt=WRITE,
      tags=TAGS, status_code=200)  # fmt: skip
async def apply(request: ApiRequest, data: JSONBody[ProductsIn]) -> Response[Applied]:
    """Make or change products from whole definitions; all of them or none."""

    async def work(s: WriteSession, now: datetime) -> Applied:
        done = await operations.apply_products(
            s, definitions=data.products, **_rules(request), now=now
        )
        return Applied(done.created, done.changed, done.unchanged)

    return await once(request, work, given=data)


@put("/products/{slug:str}", operation_id="replaceProduct", operation_class=Write, opt=WRITE,
     tags=TAGS)  # fmt: skip
async def replace(
    request: ApiRequest, slug: SlugPath, data: JSONBody[ProductIn]
) -> Response[Product]:
    """Replace a product's definition; refused if somebody changed it since it was read."""

    async def work(s: WriteSession, now: datetime) -> Product:
        definition = msgspec.structs.replace(data.product, slug=slug)
        await operations.edit_product(
            s,
            definition=definition,
            expected_version=data.row_version,
            **_rules(request),
            now=now,
        )
        found = await queries.product(s, slug=slug, reader=_reader(request, None), manager=True)
        return Product.of(found)

    return await once(request, work, given=data)


@post("/catalogue/products/{product_id:uuid}/publish", operation_id="publishProduct",
      operation_class=Write, opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def publish(request: ApiRequest, product_id: PathId) -> Response[StatusOut]:
    """Let members see a product."""

    async def work(s: WriteSession, now: datetime) -> StatusOut:
        return StatusOut(await operations.publish_product(s, product_id=product_id, now=now))

    return await once(request, work)


@post("/catalogue/products/{product_id:uuid}/withdraw", operation_id="withdrawProduct",
      operation_class=Write, opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def withdraw(request: ApiRequest, product_id: PathId) -> Response[StatusOut]:
    """Take a product out of the catalogue; redemptions under way go on."""

    async def work(s: WriteSession, now: datetime) -> StatusOut:
        return StatusOut(await operations.withdraw_product(s, product_id=product_id, now=now))

    return await once(request, work)


@put("/catalogue/variants/{variant_id:uuid}/stock", operation_id="countStock",
     operation_class=Write, opt=WRITE, tags=TAGS)  # fmt: skip
async def stock(
    request: ApiRequest, variant_id: PathId, data: JSONBody[StockIn]
) -> Response[StockOut]:
    """State how many pieces of a variant there are."""

    async def work(s: WriteSession, now: datetime) -> StockOut:
        before = await count_stock(s, variant_id=variant_id, on_hand=data.on_hand)
        return StockOut(before, data.on_hand)

    return await once(request, work, given=data)


HANDLERS = [
    find, managed, product, apply, replace, publish, withdraw, stock,
]  # fmt: skip
