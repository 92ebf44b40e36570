"""The catalogue as its manager works with it: the whole of it listed, and changed in bulk."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from guerdon.catalogue.cards import CARD, GROUPS, TEXT, CardRow, Reader, Reads, card
from guerdon.catalogue.operations import bump_revision
from guerdon.catalogue.schemas import Card, Status
from guerdon.catalogue.search import MATCHES
from guerdon.catalogue.words import tokens
from guerdon.kit.errors import InvalidError
from guerdon.kit.money import Money
from guerdon.kit.paging import Page, decode_cursor, encode_cursor
from guerdon.plumbing.db import ReadSession, WriteSession

Stock = Literal["in", "low", "out", "unlimited"]
Sort = Literal[
    "changed", "name", "slug", "points_up", "points_down", "stock_up", "featured", "relevance"
]
Act = Literal["publish", "withdraw", "category"]

PAGE_MAX: Final = 500
BULK_MAX: Final = 10_000
COUNT_MAX: Final = 100_000
LOW: Final = 5
_TEXT_MAX: Final = 200


class Find(msgspec.Struct, frozen=True, kw_only=True):
    """What a manager looks for; empty means no filter."""

    text: str = ""
    statuses: Sequence[Status] = ()
    categories: Sequence[str] = ()
    suppliers: Sequence[str] = ()
    stock: Stock | None = None
    sort: Sort = "changed"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A product in the manager's list: as a member sees it, and what only the brand sees."""

    card: Card
    supplier: str
    status: Status
    cost: Money
    skus: int
    languages: Sequence[str]
    featured: int
    changed_at: datetime
    row_version: int


class _HitRow(CardRow):
    supplier: str
    status: Status
    skus: int
    languages: list[str]
    featured: int
    changed_at: datetime
    row_version: int
    key_0: Any
    key_1: Any


# Keys of each order, its direction, and the types that a cursor carries.
_ORDER: dict[Sort, tuple[tuple[str, str], str, tuple[Any, Any]]] = {
    "changed": (("p.changed_at", "p.id"), "DESC", (datetime, UUID)),
    "name": ((f"lower({TEXT} ->> 'name')", "p.id"), "ASC", (str, UUID)),
    "slug": (("p.slug", "p.id"), "ASC", (str, UUID)),
    "points_up": (("w.value_minor", "p.id"), "ASC", (int, UUID)),
    "points_down": (("w.value_minor", "p.id"), "DESC", (int, UUID)),
    "stock_up": (("k.pieces", "p.id"), "ASC", (int, UUID)),
    "featured": (("p.featured", "p.id"), "DESC", (int, UUID)),
    "relevance": (("m.rank", "p.id"), "DESC", (int, UUID)),
}
_VALUE = """
CROSS JOIN LATERAL (SELECT coalesce(round(p.cost_minor * (
    SELECT g.multiplier FROM g WHERE g.category = p.category AND g.currency = p.cost_currency)),
    p.cost_minor)::bigint AS value_minor) w"""
_PIECES = """
CROSS JOIN LATERAL (
  SELECT CASE WHEN bool_or(v.unlimited) THEN 1000000000 ELSE coalesce(sum(
           (SELECT sum(x.on_hand) FROM app.product_stock x
             WHERE x.tenant_id = %(tenant_id)s AND x.variant_id = v.id)), 0) END::bigint AS pieces
    FROM app.product_variant v
   WHERE v.tenant_id = %(tenant_id)s AND v.product_id = p.id AND v.active) k"""
_STOCK: dict[Stock, str] = {
    "in": "k.pieces > 0",
    "low": f"k.pieces BETWEEN 1 AND {LOW}",
    "out": "k.pieces = 0",
    "unlimited": "k.pieces = 1000000000",
}


class _Built(msgspec.Struct):
    ctes: list[str]
    source: str
    where: list[str]
    params: dict[str, Any]


def _build(find: Find, reader: Reader) -> _Built | None:
    """The parts of the statement; None where nothing can match."""
    if len(find.text) > _TEXT_MAX:
        raise InvalidError(f"At most {_TEXT_MAX} characters are searched for.", field="text")
    built = _Built([GROUPS], "app.product p", ["p.tenant_id = %(tenant_id)s"], {})
    built.params = reader.params() | reader.groups()
    if find.text.strip():
        typed = tokens(find.text)
        if not typed.tokens:
            return None
        built.params |= {
            "tokens": list(typed.tokens),
            "form_positions": list(typed.positions),
            "forms": list(typed.forms),
            "token_count": len(typed.tokens),
        }
        built.ctes.append(MATCHES)
        built.source = "m JOIN app.product p ON p.tenant_id = %(tenant_id)s AND p.id = m.product_id"
    for name, column, wanted in (
        ("statuses", "status", find.statuses),
        ("categories", "category", find.categories),
        ("suppliers", "supplier", find.suppliers),
    ):
        if wanted:
            built.where.append(f"p.{column} = ANY (%({name})s)")
            built.params[name] = list(wanted)
    sort = _sort(find)
    if sort in ("points_up", "points_down"):
        built.source += _VALUE
    if find.stock is not None or sort == "stock_up":
        built.source += _PIECES
    if find.stock is not None:
        built.where.append(_STOCK[find.stock])
    return built


def _sort(find: Find) -> Sort:
    if find.sort == "relevance" and not find.text.strip():
        return "changed"
    return find.sort


async def listing(
    s: Reads, *, find: Find, reader: Reader, cursor: str | None = None, limit: int = 100
) -> Page[Row]:
    """Products in every state. InvalidError for a bad cursor, filter or page size."""
    if not 1 <= limit <= PAGE_MAX:
        raise InvalidError(f"A page has 1 to {PAGE_MAX} items.", field="limit")
    built = _build(find, reader)
    if built is None:
        return Page([])
    sort = _sort(find)
    keys, direction, types = _ORDER[sort]
    if cursor:
        named, *after = decode_cursor(cursor, str, *types)
        if named != sort:
            raise InvalidError("This cursor belongs to another order.", field="cursor")
        sign = ">" if direction == "ASC" else "<"
        built.where.append(f"({keys[0]}, {keys[1]}) {sign} (%(after_0)s, %(after_1)s)")
        built.params |= {"after_0": after[0], "after_1": after[1]}
    built.params["limit"] = limit + 1
    order = f"{keys[0]} {direction}, {keys[1]} {direction}"
    hits = (
        f"SELECT p.id, {keys[0]} AS key_0, {keys[1]} AS key_1 FROM {built.source}"  # noqa: S608
        f" WHERE {' AND '.join(built.where)} ORDER BY {order} LIMIT %(limit)s"
    )
    rows = await s.all(
        _HitRow,
        f"WITH {', '.join(built.ctes)}, hits AS ({hits})"  # noqa: S608
        f" SELECT {CARD}, p.supplier, p.status, p.featured, p.changed_at, p.row_version,"
        " ARRAY(SELECT jsonb_object_keys(p.texts)) AS languages,"
        " (SELECT count(*) FROM app.product_variant v WHERE v.tenant_id = %(tenant_id)s"
        " AND v.product_id = p.id AND v.active) AS skus, h.key_0, h.key_1"
        " FROM hits h JOIN app.product p ON p.tenant_id = %(tenant_id)s AND p.id = h.id"
        f" ORDER BY h.key_0 {direction}, h.key_1 {direction}",
        built.params,
    )
    more, rows = rows[limit:], rows[:limit]
    next_cursor = encode_cursor(sort, rows[-1].key_0, rows[-1].key_1) if more else None
    return Page([_row(r, reader) for r in rows], next_cursor)


def _row(row: _HitRow, reader: Reader) -> Row:
    return Row(
        card=card(row, reader),
        supplier=row.supplier,
        status=row.status,
        cost=Money(row.cost_minor, row.cost_currency),
        skus=row.skus,
        languages=sorted(row.languages),
        featured=row.featured,
        changed_at=row.changed_at,
        row_version=row.row_version,
    )


async def count(s: ReadSession, *, find: Find, reader: Reader) -> int:
    """How many products match, counted up to 100,000."""
    built = _build(find, reader)
    if built is None:
        return 0
    return int(
        await s.value(
            f"WITH {', '.join(built.ctes)} SELECT count(*) FROM (SELECT 1 FROM {built.source}"  # noqa: S608
            f" WHERE {' AND '.join(built.where)} LIMIT {COUNT_MAX}) x",
            built.params,
        )
    )


async def matching(s: ReadSession, *, find: Find, reader: Reader) -> list[UUID]:
    """The ids of all that match, in the order of the list; InvalidError above 10,000."""
    built = _build(find, reader)
    if built is None:
        return []
    keys, direction, _ = _ORDER[_sort(find)]
    ids = await s.all(
        UUID,
        f"WITH {', '.join(built.ctes)} SELECT p.id FROM {built.source}"  # noqa: S608
        f" WHERE {' AND '.join(built.where)}"
        f" ORDER BY {keys[0]} {direction}, {keys[1]} {direction} LIMIT {BULK_MAX + 1}",
        built.params,
    )
    if len(ids) > BULK_MAX:
        raise InvalidError(
            f"At most {BULK_MAX:,} products are changed at once: narrow the filters.",
            field="find",
            maximum=BULK_MAX,
        )
    return ids


class Tally(msgspec.Struct, frozen=True):
    """How many products are in a state, on a shelf, from a supplier."""

    status: Status
    category: str
    supplier: str
    products: int


async def tallies(s: ReadSession) -> list[Tally]:
    """Products by state, shelf and supplier."""
    return await s.all(
        Tally,
        "SELECT status, category, supplier, count(*) AS products FROM app.product"
        " WHERE tenant_id = %(tenant_id)s GROUP BY status, category, supplier"
        " ORDER BY status, category, supplier",
    )


class Held(msgspec.Struct, frozen=True):
    """A product that stays as it is, and why."""

    slug: str
    name: str
    code: str
    detail: str


class Bulk(msgspec.Struct, frozen=True, kw_only=True):
    """What a bulk change does: `changed` of `products`; the rest is so already, or `held`."""

    products: int
    changed: int
    already: int
    held: list[Held]


class _Target(msgspec.Struct):
    id: UUID
    slug: str
    name: str
    status: Status
    category: str
    restriction: str | None


_TARGETS = f"""
SELECT p.id, p.slug, coalesce({TEXT} ->> 'name', p.slug) AS name, p.status, p.category,
       (SELECT v.restriction FROM app.product_variant v
         WHERE v.tenant_id = %(tenant_id)s AND v.product_id = p.id AND v.active
           AND v.restriction IS NOT NULL LIMIT 1) AS restriction
  FROM app.product p
 WHERE p.tenant_id = %(tenant_id)s AND p.id = ANY (%(ids)s)
 ORDER BY p.slug"""  # noqa: S608


async def rehearse(
    s: ReadSession, *, ids: Sequence[UUID], act: Act, category: str | None, reader: Reader
) -> Bulk:
    """What `apply` would do now."""
    return _plan(await _targets(s, ids, reader, lock=False), act, category, reader)[0]


async def apply(
    s: WriteSession,
    *,
    ids: Sequence[UUID],
    act: Act,
    category: str | None,
    reader: Reader,
    now: datetime,
) -> Bulk:
    """Publish, withdraw or move products to a category, in one transaction.

    What cannot be changed is held back and named; the rest changes. Raises InvalidError.
    """
    bulk, changing = _plan(await _targets(s, ids, reader, lock=True), act, category, reader)
    if not changing:
        return bulk
    status = {"publish": "published", "withdraw": "withdrawn"}.get(act)
    await s.execute(
        "UPDATE app.product SET row_version = row_version + 1, fingerprint = '',"
        " changed_at = %(now)s, category = coalesce(%(category)s, category),"
        " status = coalesce(%(status)s, status),"
        " published_at = CASE WHEN %(status)s = 'published' THEN coalesce(published_at, %(now)s)"
        " ELSE published_at END"
        " WHERE tenant_id = %(tenant_id)s AND id = ANY (%(ids)s)",
        {
            "ids": changing,
            "now": now,
            "status": status,
            "category": category if act == "category" else None,
        },
    )
    await bump_revision(s)
    return bulk


async def _targets(
    s: ReadSession, ids: Sequence[UUID], reader: Reader, *, lock: bool
) -> list[_Target]:
    if not 0 < len(ids) <= BULK_MAX:
        raise InvalidError(
            f"Between 1 and {BULK_MAX:,} products are changed at once.",
            field="ids",
            maximum=BULK_MAX,
        )
    # Locked in the order of slugs, as an import locks them.
    return await s.all(
        _Target,
        _TARGETS + (" FOR NO KEY UPDATE OF p" if lock else ""),
        reader.params() | {"ids": list(ids)},
    )


def _plan(
    targets: list[_Target], act: Act, category: str | None, reader: Reader
) -> tuple[Bulk, list[UUID]]:
    if act == "category" and category not in reader.categories:
        raise InvalidError(f"There is no category {category!r}.", field="category")
    changing, held, already = [], [], 0
    for target in targets:
        wanted = {"publish": "published", "withdraw": "withdrawn"}.get(act)
        if target.category == category if act == "category" else target.status == wanted:
            already += 1
        elif act == "publish" and target.restriction is not None:
            held.append(Held(target.slug, target.name, "offer_restricted", target.restriction))
        elif act == "publish" and target.category not in reader.categories:
            held.append(Held(target.slug, target.name, "category_unknown", target.category))
        elif act == "withdraw" and target.status == "draft":
            held.append(Held(target.slug, target.name, "never_published", ""))
        else:
            changing.append(target.id)
    return Bulk(products=len(targets), changed=len(changing), already=already, held=held), changing
