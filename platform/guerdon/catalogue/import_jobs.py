"""A catalogue from a file that a person sent: what `plumbing.file_imports` needs to know of it."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, BinaryIO, ClassVar, Final
from uuid import UUID

from guerdon.catalogue import import_rows
from guerdon.catalogue.errors import SkuTakenError
from guerdon.catalogue.import_rows import ImportFileError, Place, Products, Row, RowError
from guerdon.catalogue.imports import Totals, keep_unsaid
from guerdon.catalogue.operations import apply_products
from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.catalogue.pricing import PriceRules
from guerdon.catalogue.rules import price_rules
from guerdon.catalogue.schemas import Applied, ProductDefinition
from guerdon.kit.errors import ConflictError, GuerdonError
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.file_imports import FileImport, FileImports, Progress, rehearsing
from guerdon.plumbing.jobs import Effect
from guerdon.plumbing.outbox import Message
from guerdon.plumbing.uploads import UploadGoneError
from guerdon.runtime import Runtime

SEEN_MAX: Final = 200_000
ERRORS_KEPT: Final = 1_000
CHUNK: Final = 200
_HASH: Final = 8


class ImportStateError(ConflictError):
    """The import is not at the point where this is possible (`state`)."""

    code = "import_state"
    title = "The import's state does not allow this"


class ImportCatalogue(Message, frozen=True):
    """Work through the next products of a file."""

    topic: ClassVar[str] = "catalogue.import"
    queue: ClassVar[str] = "bulk"
    attempts_max: ClassVar[int | None] = 5
    import_id: UUID
    position: int


class SweepImports(Message, frozen=True):
    """Remove files and records of imports that ended long ago."""

    topic: ClassVar[str] = "catalogue.sweep_imports"
    queue: ClassVar[str] = "bulk"


class Import(FileImport, frozen=True, kw_only=True):
    """An import of products; `fault_field` is the column for which it cannot be read."""

    totals: Totals
    checked_totals: Totals | None
    errors: list[RowError]
    fault_field: str | None


class _Progress(Progress):
    totals: Totals
    errors: list[RowError]
    seen: bytes

    def refuse(self, error: RowError) -> None:
        self.totals.refused += 1
        if len(self.errors) < ERRORS_KEPT:
            self.errors.append(error)


class CatalogueImports(FileImports[Import, _Progress]):
    """Two hundred products at once."""

    table = "app.catalogue_import"
    record = Import
    progress = _Progress
    totals = Totals
    wrong_state = ImportStateError
    bytes_max = 50_000_000

    def message(self, import_id: UUID, position: int) -> Message:
        return ImportCatalogue(import_id=import_id, position=position)

    def lasting(self, error: GuerdonError) -> bool:
        return isinstance(error, ImportFileError | UploadGoneError)

    def noted(self, row: _Progress, fault: GuerdonError | None) -> dict[str, object]:
        return {
            "seen": row.seen if row.under_way else b"",
            "fault_field": None if fault is None else fault.field,
        }

    async def stretch(
        self, rt: Runtime, s: WriteSession, import_id: UUID, row: _Progress, now: datetime
    ) -> tuple[int, int] | None:
        snapshot = await rt.snapshot(s.tenant_id, now)
        rules = price_rules(snapshot)
        categories = dict.fromkeys(snapshot[CatalogueParameters].category_keys)
        with self.uploads(rt).open(s.tenant_id, import_id) as file:
            place = await _stretch(s, row, file, categories, rules, now)
        return None if place is None else (place.offset, place.line)


IMPORTS: Final = CatalogueImports()


class TakeImport(Effect[ImportCatalogue]):
    """One stretch of a file."""

    message = ImportCatalogue

    async def apply(self, rt: Runtime, s: WriteSession, m: ImportCatalogue, now: datetime) -> None:
        await IMPORTS.work(rt, s, m.import_id, m.position, now)

    async def parked(self, rt: Runtime, s: WriteSession, m: ImportCatalogue, now: datetime) -> None:
        await IMPORTS.give_up(s, m.import_id, now)


class SweepImportsAway(Effect[SweepImports]):
    """Files go with their records."""

    message = SweepImports

    async def apply(self, rt: Runtime, s: WriteSession, m: SweepImports, now: datetime) -> None:
        await IMPORTS.sweep(rt, s, now)


async def _stretch(
    s: WriteSession,
    row: _Progress,
    file: BinaryIO,
    categories: dict[str, Any],
    rules: PriceRules,
    now: datetime,
) -> Place | None:
    """Work through some products from where `row` stands, and bring it up to date."""
    seen = {row.seen[i : i + _HASH] for i in range(0, len(row.seen), _HASH)}
    table = Products(
        file, row.refuse, start=Place(row.position, row.line) if row.position else None
    )
    currencies = rules.currencies()
    chunk: list[tuple[int, ProductDefinition]] = []
    for count, rows in enumerate(table, start=1):
        definition = _fresh(rows, seen, categories, currencies, row.refuse)
        if definition is not None:
            chunk.append((rows[0].line, definition))
        if len(seen) > SEEN_MAX:
            raise ImportFileError(
                f"A file has at most {SEEN_MAX:,} products and SKUs: send it in parts.",
                field="file",
            )
        if count == CHUNK:
            break
    row.seen = b"".join(seen)
    await _products(s, row, chunk, table.columns, categories, rules, now)
    place = table.place
    row.totals.lines += table.lines - (1 if place is not None else 0)
    return place


def _fresh(
    rows: list[Row],
    seen: set[bytes],
    categories: dict[str, Any],
    currencies: Sequence[str],
    refuse: Callable[[RowError], None],
) -> ProductDefinition | None:
    """The product in these lines, unless it or one of its SKUs stands further up."""
    address = _digest("slug", rows[0].cells["slug"])
    if address in seen:
        refuse(import_rows.repeated(rows[0]))
        return None
    seen.add(address)
    definition = import_rows.checked(rows, categories, currencies, refuse)
    if definition is None:
        return None
    skus = {_digest("sku", v.sku): v.sku for v in definition.variants}
    for known in skus.keys() & seen:
        refuse(
            RowError(
                rows[0].line,
                "sku",
                f"The SKU {skus[known]} stands further up already, with another product.",
                definition.slug,
                "sku_taken",
            )
        )
        return None
    seen.update(skus)
    return definition


def _digest(kind: str, text: str) -> bytes:
    return hashlib.blake2b(f"{kind} {text}".encode(), digest_size=_HASH).digest()


async def _products(
    s: WriteSession,
    row: _Progress,
    chunk: list[tuple[int, ProductDefinition]],
    columns: list[str],
    categories: dict[str, Any],
    rules: PriceRules,
    now: datetime,
) -> None:
    if not chunk:
        return
    applied = Applied()
    try:
        async with rehearsing(s, row):
            whole = await keep_unsaid(s, [d for _, d in chunk], columns)
            applied = await apply_products(
                s, definitions=whole, categories=categories, rules=rules, now=now
            )
    except SkuTakenError as error:
        if len(chunk) == 1:
            line, definition = chunk[0]
            row.refuse(RowError(line, "sku", error.detail, definition.slug, "sku_taken"))
            return
        for each in chunk:
            await _products(s, row, [each], columns, categories, rules, now)
        return
    row.totals.created += applied.created
    row.totals.changed += applied.changed
    row.totals.unchanged += applied.unchanged


HANDLERS: Final = (TakeImport(), SweepImportsAway())
