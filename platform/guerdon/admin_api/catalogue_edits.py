"""Changing the catalogue by hand: one product, its stock, many at once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, post, put
from litestar.params import JSONBody
from msgspec import Meta

from guerdon.admin_api.catalogue import EditableProduct, editable, last_hand, reader_of
from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.catalogue import definitions, desk, operations
from guerdon.catalogue.cards import Reader
from guerdon.catalogue.errors import StaleProductError
from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.catalogue.rules import price_rules
from guerdon.catalogue.schemas import ProductDefinition, Status
from guerdon.catalogue.stock import count_stock
from guerdon.identity.policy import staff
from guerdon.kit.errors import ConflictError, InvalidError
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.wire.openapi import Write
from guerdon.wire.parameters import PathId
from guerdon.wire.values import In, Out

TAGS = ["Catalogue"]
WRITE = {"policy": staff("catalogue:write")}


class AddressTakenError(ConflictError):
    """Another product has this address (`slug`)."""

    code = "slug_taken"
    title = "Another product has this address"


class NewProductIn(In, frozen=True):
    """A product to make."""

    product: ProductDefinition


class EditProductIn(In, frozen=True):
    """A whole product and the version it was read at. Its state and address stay as they are."""

    product: ProductDefinition
    row_version: Annotated[int, Meta(ge=1)]


class CountIn(In, frozen=True):
    """How many pieces there are, counted."""

    on_hand: Annotated[int, Meta(ge=0, le=10_000_000)]


class Counted(Out, frozen=True):
    """How many there were before the count, and are now."""

    before: int
    on_hand: int


class FindIn(In, frozen=True):
    """The filters of the list."""

    text: Annotated[str, Meta(max_length=200)] = ""
    statuses: tuple[Status, ...] = ()
    categories: Annotated[tuple[str, ...], Meta(max_length=100)] = ()
    suppliers: Annotated[tuple[str, ...], Meta(max_length=100)] = ()
    stock: desk.Stock | None = None


class BulkIn(In, frozen=True):
    """A change of many products: those in `ids`, or all that `find` matches.

    `dryRun` tells what would happen and changes nothing.
    """

    act: desk.Act
    category: Annotated[str, Meta(max_length=40)] | None = None
    ids: Annotated[tuple[UUID, ...], Meta(max_length=desk.BULK_MAX)] = ()
    find: FindIn | None = None
    dry_run: bool = False


class HeldBack(Out, frozen=True):
    """A product that stays as it is, and why."""

    slug: str
    name: str
    code: str
    detail: str


class BulkOutcome(Out, frozen=True):
    """Of `products`, so many change, are so already, or are held back (the first hundred named)."""

    products: int
    changed: int
    already: int
    held: int
    held_back: list[HeldBack]
    dry_run: bool


def rules_of(request: AdminRequest) -> dict[str, Any]:
    """What definitions are checked against."""
    keys = request.snapshot[CatalogueParameters].category_keys
    return {"categories": dict.fromkeys(keys), "rules": price_rules(request.snapshot)}


def differences(before: ProductDefinition, after: ProductDefinition) -> Mapping[str, Any]:
    """What an edit changed, for the trail: fields, and prices from and to by SKU."""
    fields = [
        name for name in before.__struct_fields__ if getattr(before, name) != getattr(after, name)
    ]
    old = {v.sku: v.price for v in before.variants}
    prices = {
        v.sku: [old[v.sku], v.price]
        for v in after.variants
        if v.sku in old and old[v.sku] != v.price
    }
    return {"fields": fields} | ({"prices": prices} if prices else {})


@post("/{brand:str}/catalogue/products", operation_id="createProduct", operation_class=Write,
      opt=WRITE, tags=TAGS)  # fmt: skip
async def create(request: AdminRequest, data: JSONBody[NewProductIn]) -> Response[EditableProduct]:
    """Make a product, as a draft or for members to see."""

    async def work(s: WriteSession, now: datetime) -> Done:
        done = await operations.apply_products(
            s, definitions=[data.product], **rules_of(request), now=now
        )
        made = (await definitions.by_slug(s, slugs=[data.product.slug]))[data.product.slug]
        # Whoever was first has version 1, whatever was read before.
        if done.created != 1 or made.row_version != 1:
            raise AddressTakenError(
                f"Another product has the address {data.product.slug}: choose another.",
                field="product.slug",
                slug=data.product.slug,
            )
        return Done(
            await editable(request, s, made.id),
            {"slug": data.product.slug, "status": data.product.status},
            subject=f"product:{made.id}",
        )

    return await act(
        request, action="product.created", subject="product", work=work, given=data, status=201
    )


@put("/{brand:str}/catalogue/products/{product_id:uuid}", operation_id="editProduct",
     operation_class=Write, opt=WRITE, tags=TAGS)  # fmt: skip
async def edit(
    request: AdminRequest, product_id: PathId, data: JSONBody[EditProductIn]
) -> Response[EditableProduct]:
    """Replace a product's definition; refused, naming whom, if somebody changed it meanwhile."""

    async def work(s: WriteSession, now: datetime) -> Done:
        before = await definitions.managed(s, product_id=product_id)
        wanted = msgspec.structs.replace(
            data.product, slug=before.definition.slug, status=before.definition.status
        )
        try:
            await operations.edit_product(
                s, definition=wanted, expected_version=data.row_version, **rules_of(request),
                now=now,
            )  # fmt: skip
        except StaleProductError as error:
            raise await _stale(s, product_id, error) from error
        after = await editable(request, s, product_id)
        return Done(
            after,
            {"slug": wanted.slug, **differences(before.definition, wanted)},
            changed=after.row_version != data.row_version,
        )

    return await act(
        request, action="product.edited", subject=f"product:{product_id}", work=work, given=data
    )


async def _stale(s: ReadSession, product_id: UUID, error: StaleProductError) -> StaleProductError:
    """The refusal with who was faster and when."""
    now_there = await definitions.managed(s, product_id=product_id)
    by = await last_hand(s, product_id, now_there.changed_at)
    return StaleProductError(
        f"{by or 'Somebody else'} changed this product since you opened it. Compare and apply"
        " your changes to what is there now.",
        field="rowVersion",
        expected=error.params.get("expected"),
        actual=error.params.get("actual"),
        changed_by=by,
        changed_at=now_there.changed_at.isoformat(),
    )


@post("/{brand:str}/catalogue/products/{product_id:uuid}/publish", operation_id="publishProduct",
      operation_class=Write, opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def publish(request: AdminRequest, product_id: PathId) -> Response[EditableProduct]:
    """Let members see a product."""

    async def work(s: WriteSession, now: datetime) -> Done:
        changed = await operations.publish_product(s, product_id=product_id, now=now)
        after = await editable(request, s, product_id)
        return Done(after, {"slug": after.product.slug}, changed=changed)

    return await act(
        request, action="product.published", subject=f"product:{product_id}", work=work
    )


@post("/{brand:str}/catalogue/products/{product_id:uuid}/withdraw", operation_id="withdrawProduct",
      operation_class=Write, opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def withdraw(request: AdminRequest, product_id: PathId) -> Response[EditableProduct]:
    """Take a product out of the catalogue; redemptions under way go on."""

    async def work(s: WriteSession, now: datetime) -> Done:
        changed = await operations.withdraw_product(s, product_id=product_id, now=now)
        after = await editable(request, s, product_id)
        return Done(after, {"slug": after.product.slug}, changed=changed)

    return await act(
        request, action="product.withdrawn", subject=f"product:{product_id}", work=work
    )


@put("/{brand:str}/catalogue/products/{product_id:uuid}/skus/{sku_id:uuid}/stock",
     operation_id="countStock", operation_class=Write, opt=WRITE, tags=TAGS)  # fmt: skip
async def stock(
    request: AdminRequest, product_id: PathId, sku_id: PathId, data: JSONBody[CountIn]
) -> Response[Counted]:
    """State how many pieces of a SKU there are."""

    async def work(s: WriteSession, now: datetime) -> Done:
        found = await definitions.managed(s, product_id=product_id)
        sku = next((one for one in found.skus if one.id == sku_id), None)
        if sku is None:
            raise InvalidError("The product has no such SKU.", field="sku")
        before = await count_stock(s, variant_id=sku_id, on_hand=data.on_hand)
        return Done(
            Counted(before, data.on_hand),
            {"sku": sku.sku, "before": before, "after": data.on_hand},
            changed=before != data.on_hand,
        )

    return await act(
        request, action="stock.counted", subject=f"product:{product_id}", work=work, given=data
    )


@post("/{brand:str}/catalogue/bulk", operation_id="changeProducts", operation_class=Write,
      opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def bulk(request: AdminRequest, data: JSONBody[BulkIn]) -> Response[BulkOutcome]:
    """Publish, withdraw or move many products; with `dryRun`, say what that would do."""
    reader = reader_of(request)
    if (data.find is None) == (not data.ids):
        raise InvalidError("Name products in ids, or filters in find, not both.", field="ids")
    if data.dry_run:
        async with request.rt.db.read(request.tenant.id) as r:
            ids = await _ids(r, data, reader)
            planned = await desk.rehearse(
                r, ids=ids, act=data.act, category=data.category, reader=reader
            )
        return answer(_outcome(planned, dry_run=True))

    async def work(s: WriteSession, now: datetime) -> Done:
        done = await desk.apply(
            s, ids=await _ids(s, data, reader), act=data.act, category=data.category,
            reader=reader, now=now,
        )  # fmt: skip
        outcome = _outcome(done, dry_run=False)
        return Done(
            outcome,
            {
                "act": data.act, "category": data.category, "products": done.products,
                "changed": done.changed, "held": len(done.held),
            },
            changed=done.changed > 0,
        )  # fmt: skip

    return await act(
        request, action="catalogue.changed", subject="catalogue", work=work, given=data
    )


async def _ids(s: ReadSession, data: BulkIn, reader: Reader) -> list[UUID]:
    if data.find is None:
        return list(data.ids)
    find = desk.Find(
        text=data.find.text, statuses=data.find.statuses, categories=data.find.categories,
        suppliers=data.find.suppliers, stock=data.find.stock,
    )  # fmt: skip
    found = await desk.matching(s, find=find, reader=reader)
    if not found:
        raise InvalidError("No product matches these filters any more.", field="find")
    return found


def _outcome(done: desk.Bulk, *, dry_run: bool) -> BulkOutcome:
    return BulkOutcome(
        products=done.products,
        changed=done.changed,
        already=done.already,
        held=len(done.held),
        held_back=[HeldBack(h.slug, h.name, h.code, h.detail) for h in done.held[:100]],
        dry_run=dry_run,
    )


HANDLERS: list[Any] = [create, edit, publish, withdraw, stock, bulk]
