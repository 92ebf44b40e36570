"""Products from a CSV file (`import_rows`): streaming, chunk by chunk; a re-run changes nothing.

Of a product that exists, what the file has no column for stays.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import BinaryIO, Final
from uuid import UUID

import msgspec

from guerdon.catalogue import definitions
from guerdon.catalogue.errors import SkuTakenError
from guerdon.catalogue.import_rows import ImportFileError, Products, RowError, checked, repeated
from guerdon.catalogue.operations import apply_products
from guerdon.catalogue.pricing import PriceRules
from guerdon.catalogue.schemas import Applied, ProductDefinition
from guerdon.plumbing.db import ReadSession
from guerdon.runtime import Runtime

CHUNK: Final = 200
PRODUCTS_MAX: Final = 500_000


class Totals(msgspec.Struct):
    """What an import did: lines read and refused, products made, changed, as they were."""

    lines: int = 0
    refused: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0


class _Rehearsed(Exception):
    pass


async def run(
    rt: Runtime,
    *,
    tenant_id: UUID,
    file: BinaryIO,
    categories: Mapping[str, object],
    rules: PriceRules,
    now: datetime,
    dry_run: bool = False,
    on_error: Callable[[RowError], None] = lambda _: None,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Totals:
    """Import `file`; `on_error` gets every refused line, `on_progress` the bytes read so far.

    A dry run does the same work and rolls every chunk back. Raises ImportFileError.
    """
    totals = Totals()

    def refuse(error: RowError) -> None:
        totals.refused += 1
        on_error(error)

    chunk: list[tuple[int, ProductDefinition]] = []
    seen: set[str] = set()
    currencies = rules.currencies()
    table = Products(file, refuse)

    async def flush() -> None:
        if chunk:
            await _apply(
                rt, tenant_id, chunk, table.columns, categories, rules, now, dry_run, totals, refuse
            )
            chunk.clear()
        on_progress(file.tell())

    for rows in table:
        slug = rows[0].cells["slug"]
        if slug in seen:
            refuse(repeated(rows[0]))
            continue
        seen.add(slug)
        if len(seen) > PRODUCTS_MAX:
            raise ImportFileError(f"A file has at most {PRODUCTS_MAX:,} products.", field="file")
        definition = checked(rows, categories, currencies, refuse)
        if definition is not None:
            chunk.append((rows[0].line, definition))
        if len(chunk) == CHUNK:
            await flush()
    await flush()
    totals.lines = table.lines
    return totals


async def keep_unsaid(
    s: ReadSession, chunk: Sequence[ProductDefinition], columns: Sequence[str]
) -> list[ProductDefinition]:
    """The definitions, completed with what the table has no column for."""
    known = await definitions.by_slug(s, slugs=[d.slug for d in chunk])
    return [
        definitions.keeping(d, known[d.slug].definition, columns) if d.slug in known else d
        for d in chunk
    ]


async def _apply(
    rt: Runtime,
    tenant_id: UUID,
    chunk: list[tuple[int, ProductDefinition]],
    columns: Sequence[str],
    categories: Mapping[str, object],
    rules: PriceRules,
    now: datetime,
    dry_run: bool,
    totals: Totals,
    refuse: Callable[[RowError], None],
) -> None:
    """One transaction for all; when a SKU belongs to another product, one for each."""
    applied = Applied()
    try:
        async with rt.db.write(tenant_id) as s:
            whole = await keep_unsaid(s, [d for _, d in chunk], columns)
            applied = await apply_products(
                s, definitions=whole, categories=categories, rules=rules, now=now
            )
            if dry_run:
                raise _Rehearsed
    except _Rehearsed:
        pass
    except SkuTakenError as error:
        if len(chunk) == 1:
            line, definition = chunk[0]
            refuse(RowError(line, "sku", error.detail, definition.slug, "sku_taken"))
            return
        for one in chunk:
            await _apply(
                rt, tenant_id, [one], columns, categories, rules, now, dry_run, totals, refuse
            )
        return
    totals.created += applied.created
    totals.changed += applied.changed
    totals.unchanged += applied.unchanged
