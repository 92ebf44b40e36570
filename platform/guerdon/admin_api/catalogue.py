"""The catalogue as its manager reads it: every product, its prices, its costs."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter
from litestar.response import Stream

from guerdon.admin_api.requests import AdminRequest, answer
from guerdon.audit import queries as audit
from guerdon.catalogue import definitions, desk, exports, pricing
from guerdon.catalogue.cards import Reader
from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.catalogue.price_lists import unit_cost
from guerdon.catalogue.rules import price_rules
from guerdon.catalogue.schemas import ProductDefinition, Status
from guerdon.fulfilment.parameters import FulfilmentParameters
from guerdon.identity import staff as people
from guerdon.identity.policy import staff
from guerdon.kit.errors import InvalidError
from guerdon.kit.money import Money as Amount
from guerdon.parameters.sections import Language, ProgrammeParameters, Texts
from guerdon.plumbing.db import ReadSession
from guerdon.tiers.parameters import TierParameters
from guerdon.wire.openapi import Read
from guerdon.wire.parameters import Cursor, PathId
from guerdon.wire.values import Money, Out

TAGS = ["Catalogue"]
READ = {"policy": staff("catalogue:read")}
_EXPORT_CHUNK = 200

Words = Annotated[str, QueryParameter(name="q", max_length=200, description="Words, or a SKU")]
Statuses = Annotated[list[Status] | None, QueryParameter(name="status", description="In these")]
Categories = Annotated[
    list[str] | None, QueryParameter(name="category", description="On these shelves")
]
Suppliers = Annotated[list[str] | None, QueryParameter(name="supplier", description="From these")]
StockFilter = Annotated[
    desk.Stock | None,
    QueryParameter(description="`in`: some, `low`: up to five, `out`: none, `unlimited`"),
]
SortBy = Annotated[desk.Sort, QueryParameter(description="In which order")]
Spoken = Annotated[Language | None, QueryParameter(description="Names in this language")]
Rows = Annotated[int, QueryParameter(ge=1, le=desk.PAGE_MAX, description="Items a page")]


class CatalogueRow(Out, frozen=True):
    """A product in the manager's list: what a member pays, what the brand pays, what is left.

    `value` is the price in money, `cost` what the supplier asks, `margin` what is between them at
    today's rate (below zero: a loss); null where the programme has no rate. A null `stock` is no
    limit.
    """

    id: UUID
    slug: str
    name: str
    category: str
    supplier: str
    status: Status
    picture: str | None
    points: int | None
    value: Money | None
    cost: Money
    margin_minor: int | None
    stock: int | None
    skus: int
    languages: list[str]
    featured: int
    changed_at: datetime
    row_version: int


class CataloguePage(Out, frozen=True):
    """A page of the list; `total` counts what the filters leave (to 100,000), on the first page."""

    items: list[CatalogueRow]
    next_cursor: str | None
    total: int | None


class Shelf(Out, frozen=True):
    """A category of the programme."""

    key: str
    name: Texts
    margin_percent: str


class CatalogueTally(Out, frozen=True):
    """How many products are in a state, on a shelf, from a supplier."""

    status: Status
    category: str
    supplier: str
    products: int


class CatalogueOptions(Out, frozen=True):
    """What a product can be given: shelves, suppliers, currencies, languages; and the tiers."""

    categories: list[Shelf]
    suppliers: list[str]
    currencies: list[str]
    languages: list[Language]
    tiers: list[str]
    tallies: list[CatalogueTally]


class TierPrice(Out, frozen=True):
    """The price in points for a tier; a null tier is everybody else."""

    tier: str | None
    points: int
    list_points: int


class PriceSteps(Out, frozen=True):
    """A price and every figure that led to it, by the function that prices for members.

    `cost` is the supplier's (the contract's where one is in force), `margin` what is left of
    `value`.
    """

    cost: Money
    contract: str | None
    converted: Money
    value: Money
    margin_minor: int
    margin_share_percent: str
    rate: str
    margin_percent: str
    factor: str
    exact_points: str
    rounding: str
    step: int
    floor_points: int
    version: int
    tiers: list[TierPrice]


class StockedSku(Out, frozen=True):
    """A SKU with what is on hand and its price; no price where the programme has no rate."""

    id: UUID
    sku: str
    on_hand: int
    unlimited: bool
    restriction: str | None
    price: PriceSteps | None


class LastChange(Out, frozen=True):
    """Who changed something last and when; the name is empty where nobody of the brand did."""

    by: str
    at: datetime


class EditableProduct(Out, frozen=True):
    """A whole product, as an editor loads and sends it back with its `rowVersion`."""

    id: UUID
    row_version: int
    changed: LastChange
    published_at: datetime | None
    product: ProductDefinition
    skus: list[StockedSku]


def reader_of(request: AdminRequest, language: str | None = None) -> Reader:
    """The manager as a reader: no tier, the language asked for."""
    spoken = request.snapshot[ProgrammeParameters].languages
    return Reader(
        rules=price_rules(request.snapshot),
        categories=tuple(c.key for c in request.snapshot[CatalogueParameters].categories),
        language=next((one for one in spoken if one == language), spoken[0]),
        fallback=spoken[0],
        tier=None,
        now=request.now,
    )


def row_of(row: desk.Row, reader: Reader) -> CatalogueRow:
    """A row of the list."""
    card = row.card
    paid = Amount(pricing.converted_minor(row.cost, reader.rules), reader.rules.currency)
    return CatalogueRow(
        id=card.id,
        slug=card.slug,
        name=card.name,
        category=card.category,
        supplier=row.supplier,
        status=row.status,
        picture=card.picture,
        points=card.points,
        value=Money.of(card.value),
        cost=Money.of(row.cost),
        margin_minor=card.value.minor - paid.minor,
        stock=card.stock,
        skus=row.skus,
        languages=list(row.languages),
        featured=row.featured,
        changed_at=row.changed_at,
        row_version=row.row_version,
    )


def steps_of(
    request: AdminRequest, *, cost: Amount, category: str, contract: tuple[Amount, str] | None
) -> PriceSteps:
    """The price of a piece with its steps, for every tier. Raises NoRateError."""
    rules = price_rules(request.snapshot)
    tiers = [t.key for t in request.snapshot[TierParameters].tiers]
    full = pricing.price(cost=cost, category=category, rules=rules)
    paid = cost if contract is None else contract[0]
    converted = Amount(pricing.converted_minor(paid, rules), rules.currency)
    made = []
    for tier in [None, *tiers]:
        one = pricing.price(cost=cost, category=category, rules=rules, tier=tier)
        if tier is None or one.points != full.points:
            made.append(TierPrice(tier, one.points, one.list_points))
    return PriceSteps(
        cost=Money.of(paid),
        contract=None if contract is None else contract[1],
        converted=Money.of(converted),
        value=Money.of(full.value),
        margin_minor=full.value.minor - converted.minor,
        margin_share_percent=pricing.saving_percent(full.value, converted),
        rate=full.rate,
        margin_percent=full.margin_percent,
        factor=full.factor,
        exact_points=full.exact_points,
        rounding=full.rounding,
        step=full.step,
        floor_points=full.floor_points,
        version=full.version,
        tiers=made,
    )


async def editable(request: AdminRequest, s: ReadSession, product_id: UUID) -> EditableProduct:
    """A product as its editor sees it."""
    found = await definitions.managed(s, product_id=product_id)
    d = found.definition
    currencies = price_rules(request.snapshot).currencies()
    skus = []
    for sku in found.skus:
        paid = await unit_cost(s, variant_id=sku.id, quantity=1, now=request.now)
        contract = None if paid.price_list is None else (paid.unit, paid.price_list)
        price = None
        if d.currency in currencies:
            price = steps_of(
                request,
                cost=Amount(sku.cost_minor, d.currency),
                category=d.category,
                contract=contract,
            )
        skus.append(StockedSku(sku.id, sku.sku, sku.on_hand, sku.unlimited, sku.restriction, price))
    by = await last_hand(s, product_id, found.changed_at)
    return EditableProduct(
        id=found.id,
        row_version=found.row_version,
        changed=LastChange(by, found.changed_at),
        published_at=found.published_at,
        product=d,
        skus=skus,
    )


async def last_hand(s: ReadSession, product_id: UUID, changed_at: datetime) -> str:
    """Who made the last change, if it was made by hand in the console."""
    told = await audit.search(s, subject=f"product:{product_id}", limit=1)
    if not told or told[0].occurred_at != changed_at:
        return ""
    actor = told[0].actor
    if not actor.startswith("staff:"):
        return ""
    staff_id = UUID(actor.removeprefix("staff:"))
    return (await people.names(s, {staff_id})).get(staff_id, "")


@get("/{brand:str}/catalogue/products", operation_id="listCatalogue", operation_class=Read,
     opt=READ, tags=TAGS)  # fmt: skip
async def listing(
    request: AdminRequest,
    text: Words = "",
    status: Statuses = None,
    category: Categories = None,
    supplier: Suppliers = None,
    stock: StockFilter = None,
    sort: SortBy = "changed",
    language: Spoken = None,
    cursor: Cursor = None,
    limit: Rows = 100,
) -> Response[CataloguePage]:
    """List products in every state with prices, costs and stock."""
    reader = reader_of(request, language)
    find = desk.Find(
        text=text, statuses=status or (), categories=category or (), suppliers=supplier or (),
        stock=stock, sort=sort,
    )  # fmt: skip
    async with request.rt.db.read(request.tenant.id) as s:
        page = await desk.listing(s, find=find, reader=reader, cursor=cursor, limit=limit)
        total = None if cursor else await desk.count(s, find=find, reader=reader)
    rows = [row_of(row, reader) for row in page.items]
    return answer(CataloguePage(rows, page.next_cursor, total))


@get("/{brand:str}/catalogue/options", operation_id="listCatalogueOptions", operation_class=Read,
     opt=READ, tags=TAGS)  # fmt: skip
async def options(request: AdminRequest) -> Response[CatalogueOptions]:
    """List shelves, suppliers, currencies and languages, and how many products are where."""
    rules = price_rules(request.snapshot)
    async with request.rt.db.read(request.tenant.id) as s:
        tallies = await desk.tallies(s)
    return answer(
        CatalogueOptions(
            categories=[
                Shelf(c.key, c.name, str(rules.margin(c.key)))
                for c in request.snapshot[CatalogueParameters].categories
            ],
            suppliers=[x.key for x in request.snapshot[FulfilmentParameters].suppliers],
            currencies=list(rules.currencies()),
            languages=list(request.snapshot[ProgrammeParameters].languages),
            tiers=[t.key for t in request.snapshot[TierParameters].tiers],
            tallies=[msgspec.convert(t, CatalogueTally, from_attributes=True) for t in tallies],
        )
    )


@get("/{brand:str}/catalogue/products/{product_id:uuid}", operation_id="readProduct",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def product(request: AdminRequest, product_id: PathId) -> Response[EditableProduct]:
    """Read a whole product, as an editor loads it."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(await editable(request, s, product_id))


@get("/{brand:str}/catalogue/price", operation_id="previewPrice", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def price(
    request: AdminRequest,
    category: Annotated[str, QueryParameter(max_length=40, description="The shelf")],
    currency: Annotated[str, QueryParameter(pattern="^[A-Z]{3}$", description="The supplier's")],
    cost: Annotated[
        str, QueryParameter(pattern=r"^\d{1,9}(\.\d{1,3})?$", description="As `19.90`")
    ],
) -> Response[PriceSteps]:
    """Work out what a member would pay for something that costs the brand `cost`."""
    try:
        amount = Amount.parse(cost, currency)
    except ValueError as error:
        raise InvalidError(f"{error}.", field="cost") from error
    return answer(steps_of(request, cost=amount, category=category, contract=None))


@get("/{brand:str}/catalogue/export", operation_id="exportCatalogue", operation_class=Read,
     opt=READ, tags=TAGS)  # fmt: skip
async def export(
    request: AdminRequest,
    text: Words = "",
    status: Statuses = None,
    category: Categories = None,
    supplier: Suppliers = None,
    stock: StockFilter = None,
) -> Stream:
    """Take the filtered catalogue away as CSV; an import takes the same file back."""
    reader = reader_of(request)
    languages = request.snapshot[ProgrammeParameters].languages
    find = desk.Find(
        text=text, statuses=status or (), categories=category or (), suppliers=supplier or (),
        stock=stock, sort="slug",
    )  # fmt: skip

    async def content() -> AsyncIterator[bytes]:
        yield exports.heading(languages)
        cursor: str | None = None
        while True:
            async with request.rt.db.read(request.tenant.id) as s:
                page = await desk.listing(
                    s, find=find, reader=reader, cursor=cursor, limit=_EXPORT_CHUNK
                )
                found = await definitions.by_id(s, ids=[row.card.id for row in page.items])
            yield b"".join(exports.lines(one, languages) for one in found)
            cursor = page.next_cursor
            if cursor is None:
                return

    return Stream(
        content(),
        media_type="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="catalogue-{request.tenant.slug}.csv"',
            "Cache-Control": "no-store",
        },
    )


HANDLERS: list[Any] = [listing, options, product, price, export]
