"""Contract price lists, what a piece costs at a quantity, and what a sale leaves."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, get, put
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import Meta

from guerdon.brand_api.catalogue import LanguageQuery, reader_of
from guerdon.catalogue import price_lists, schemas
from guerdon.identity.policy import api_key
from guerdon.plumbing.db import WriteSession
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import PathId
from guerdon.wire.requests import ApiRequest, answer, once
from guerdon.wire.values import In, Money, Out

TAGS = ["Catalogue"]
READ = {"policy": api_key("catalogue:read")}
WRITE = {"policy": api_key("catalogue:write")}
ListKey = Annotated[str, PathParameter(pattern="^[a-z0-9](-?[a-z0-9]){0,59}$")]


class PriceLineIn(In, frozen=True):
    """A negotiated unit price from `minQuantity` on."""

    sku: Annotated[str, Meta(min_length=1, max_length=60)]
    price: schemas.PriceText
    min_quantity: Annotated[int, Meta(ge=1, le=1_000_000)] = 1


class PriceListIn(In, frozen=True):
    """A supplier's contract, valid from `validFrom` until before `validTo`; the whole of it."""

    supplier: Annotated[str, Meta(min_length=1, max_length=40)]
    name: Annotated[str, Meta(min_length=1, max_length=120)]
    currency: schemas.Currency
    valid_from: Annotated[datetime, Meta(tz=True)]
    valid_to: Annotated[datetime, Meta(tz=True)] | None = None
    lines: Annotated[tuple[PriceLineIn, ...], Meta(max_length=5_000)] = ()

    def definition(self, key: str) -> schemas.PriceListDefinition:
        """As the domain wants it."""
        return schemas.PriceListDefinition(
            key=key,
            supplier=self.supplier,
            name=self.name,
            currency=self.currency,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            lines=tuple(
                schemas.PriceListLine(sku=x.sku, price=x.price, min_quantity=x.min_quantity)
                for x in self.lines
            ),
        )


class PriceList(Out, frozen=True):
    """The list that was applied."""

    id: UUID
    key: str
    lines: int


class MarginRow(Out, frozen=True):
    """A line of the list: what it saves over the list price, and what a sale leaves."""

    sku: str
    name: str
    min_quantity: int
    list_cost: Money
    contract_cost: Money
    saving_percent: str
    value: Money
    margin_minor: int
    margin_percent: str


class Margins(Out, frozen=True):
    """Every line of a list."""

    items: list[MarginRow]


class UnitCost(Out, frozen=True):
    """What one piece costs the brand, and by which list; null is the supplier's own price."""

    list_price: Money
    unit: Money
    price_list: str | None
    min_quantity: int


@put("/price-lists/{price_list:str}", operation_id="applyPriceList", operation_class=Write,
     opt=WRITE, tags=TAGS)  # fmt: skip
async def apply(
    request: ApiRequest, price_list: ListKey, data: JSONBody[PriceListIn]
) -> Response[PriceList]:
    """Make a contract price list be as sent, all of its lines."""

    async def work(s: WriteSession, now: datetime) -> PriceList:
        made = await price_lists.apply_price_list(
            s, definition=data.definition(price_list), now=now
        )
        return PriceList(made, price_list, len(data.lines))

    return await once(request, work, given=data)


@get("/price-lists/{price_list:str}/margins", operation_id="getMargins", operation_class=Read,
     opt=READ, tags=TAGS)  # fmt: skip
async def margins(
    request: ApiRequest, price_list: ListKey, language: LanguageQuery = None
) -> Response[Margins]:
    """Read what each line of a list saves, and what a sale at the member's price leaves."""
    reader = reader_of(request.snapshot, language=language, tier=None, now=request.now)
    async with request.rt.db.read(request.tenant.id) as s:
        rows = await price_lists.margin_report(s, key=price_list, reader=reader)
    return answer(
        Margins(
            [
                MarginRow(
                    row.sku,
                    row.name,
                    row.min_quantity,
                    Money.of(row.list_cost),
                    Money.of(row.contract_cost),
                    row.saving_percent,
                    Money.of(row.value),
                    row.margin.minor,
                    row.margin_percent,
                )
                for row in rows
            ]
        )
    )


@get("/catalogue/variants/{variant_id:uuid}/cost", operation_id="getUnitCost",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def cost(
    request: ApiRequest,
    variant_id: PathId,
    quantity: Annotated[
        int, QueryParameter(ge=1, le=1_000_000, description="How many are bought at once")
    ] = 1,
) -> Response[UnitCost]:
    """Read what one piece costs the brand when so many are bought."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await price_lists.unit_cost(
            s, variant_id=variant_id, quantity=quantity, now=request.now
        )
    return answer(
        UnitCost(
            Money.of(found.list_price),
            Money.of(found.unit),
            found.price_list,
            found.min_quantity,
        )
    )


HANDLERS = [apply, margins, cost]
