"""A catalogue file that a person sent: looked through first, taken in when they say so.

Either way it is a chain of messages, each of which works through some products in one transaction
and leaves where the next has to go on: whatever dies, nothing is taken in twice, and everybody can
see how far it is. Looking through does the same work and undoes it.
"""

import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Final, Literal
from uuid import UUID

import msgspec

from guerdon.catalogue import import_rows
from guerdon.catalogue.errors import SkuTakenError
from guerdon.catalogue.import_rows import ImportFileError, Place, Products, Row, RowError
from guerdon.catalogue.imports import Totals, keep_unsaid
from guerdon.catalogue.operations import apply_products
from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.catalogue.pricing import PriceRules
from guerdon.catalogue.rules import price_rules
from guerdon.catalogue.schemas import Applied, ProductDefinition
from guerdon.kit.errors import ConflictError, InvalidError, NotFoundError
from guerdon.plumbing import outbox
from guerdon.plumbing.db import ReadSession, WriteSession, jsonb
from guerdon.plumbing.jobs import Effect
from guerdon.plumbing.outbox import Message
from guerdon.plumbing.uploads import UploadGoneError, Uploads
from guerdon.runtime import Runtime

FILE_BYTES_MAX: Final = 50_000_000
SEEN_MAX: Final = 200_000
ERRORS_KEPT: Final = 1_000
CHUNK: Final = 200
KEPT: Final = timedelta(days=7)
_HASH: Final = 8

State = Literal["checking", "checked", "applying", "applied", "failed", "discarded"]
_COLUMNS: Final = (
    "id, file_name, size_bytes, state, position, line, totals, checked_totals, errors, fault,"
    " fault_field, created_by, created_at, applied_by, changed_at"
)


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


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """An import as it stands; `position` of `size_bytes` tells how far the present pass is.

    `totals` and `errors` (the first thousand) are of the present pass, `checked_totals` of the one
    that looked the file through. `fault` is why the file as a whole cannot be read.
    """

    id: UUID
    file_name: str
    size_bytes: int
    state: State
    position: int
    line: int
    totals: Totals
    checked_totals: Totals | None
    errors: list[RowError]
    fault: str | None
    fault_field: str | None
    created_by: str
    created_at: datetime
    applied_by: str | None
    changed_at: datetime


def uploads(rt: Runtime) -> Uploads:
    """Where files wait."""
    return Uploads(Path(rt.settings.files_dir))


async def keep(rt: Runtime, tenant_id: UUID, import_id: UUID, content: AsyncIterator[bytes]) -> int:
    """Keep a file under the import's id, before the import is made; its size."""
    return await uploads(rt).keep(tenant_id, import_id, content, bytes_max=FILE_BYTES_MAX)


async def start(
    s: WriteSession,
    *,
    import_id: UUID,
    file_name: str,
    size_bytes: int,
    principal: str,
    now: datetime,
) -> Import:
    """Begin to look through a file that was kept."""
    made = await s.one(
        Import,
        "INSERT INTO app.catalogue_import (tenant_id, id, file_name, size_bytes, state, totals,"  # noqa: S608
        " created_by, created_at, changed_at) VALUES (%(tenant_id)s, %(id)s, %(name)s, %(size)s,"
        f" 'checking', %(totals)s, %(by)s, %(now)s, %(now)s) RETURNING {_COLUMNS}",
        {
            "id": import_id,
            "name": file_name,
            "size": size_bytes,
            "totals": jsonb(Totals()),
            "by": principal,
            "now": now,
        },
    )
    await outbox.put(s, ImportCatalogue(import_id=import_id, position=0))
    return made


async def take_in(s: WriteSession, *, import_id: UUID, principal: str, now: datetime) -> Import:
    """Begin to take in what was looked through; refused lines stay out. ImportStateError."""
    row = await _locked(s, import_id)
    if row.state != "checked":
        raise ImportStateError(state=row.state)
    made = await s.one(
        Import,
        "UPDATE app.catalogue_import SET state = 'applying', checked_totals = totals,"  # noqa: S608
        " totals = %(totals)s, errors = '[]', position = 0, line = 0, seen = '',"
        " applied_by = %(by)s, changed_at = %(now)s"
        f" WHERE tenant_id = %(tenant_id)s AND id = %(id)s RETURNING {_COLUMNS}",
        {"id": import_id, "totals": jsonb(Totals()), "by": principal, "now": now},
    )
    await outbox.put(s, ImportCatalogue(import_id=import_id, position=0))
    return made


async def discard(s: WriteSession, *, import_id: UUID, now: datetime) -> Import:
    """Take no more of the file in; what was taken in stays. ImportStateError once it is over."""
    row = await _locked(s, import_id)
    if row.state in ("applied", "failed", "discarded"):
        raise ImportStateError(state=row.state)
    return await s.one(
        Import,
        "UPDATE app.catalogue_import SET state = 'discarded', changed_at = %(now)s"  # noqa: S608
        f" WHERE tenant_id = %(tenant_id)s AND id = %(id)s RETURNING {_COLUMNS}",
        {"id": import_id, "now": now},
    )


async def one(s: ReadSession, *, import_id: UUID) -> Import:
    """One import; NotFoundError."""
    found = await s.one_or_none(
        Import,
        f"SELECT {_COLUMNS} FROM app.catalogue_import"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": import_id},
    )
    if found is None:
        raise NotFoundError("There is no such import.", field="import")
    return found


async def latest(s: ReadSession, *, limit: int = 20) -> list[Import]:
    """The latest imports, without their refused lines."""
    columns = _COLUMNS.replace("errors", "'[]'::jsonb AS errors")
    return await s.all(
        Import,
        f"SELECT {columns} FROM app.catalogue_import WHERE tenant_id = %(tenant_id)s"  # noqa: S608
        " ORDER BY created_at DESC, id LIMIT %(limit)s",
        {"limit": limit},
    )


class _Locked(msgspec.Struct):
    state: State
    position: int
    line: int
    seen: bytes
    totals: Totals
    errors: list[RowError]


async def _locked(s: WriteSession, import_id: UUID) -> _Locked:
    found = await s.one_or_none(
        _Locked,
        "SELECT state, position, line, seen, totals, errors FROM app.catalogue_import"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s FOR UPDATE",
        {"id": import_id},
    )
    if found is None:
        raise NotFoundError("There is no such import.", field="import")
    return found


class _Rehearsed(Exception):
    pass


class TakeImport(Effect[ImportCatalogue]):
    """One stretch of a file."""

    message = ImportCatalogue

    async def apply(self, rt: Runtime, s: WriteSession, m: ImportCatalogue, now: datetime) -> None:
        row = await _locked(s, m.import_id)
        if row.state not in ("checking", "applying") or row.position != m.position:
            return
        snapshot = await rt.snapshot(s.tenant_id, now)
        rules = price_rules(snapshot)
        categories = dict.fromkeys(snapshot[CatalogueParameters].category_keys)
        try:
            with uploads(rt).open(s.tenant_id, m.import_id) as file:
                place = await _stretch(s, row, file, categories, rules, now)
        except (ImportFileError, UploadGoneError) as error:
            await _write(s, m.import_id, row, "failed", now, fault=error)
            return
        if place is not None:
            row.position, row.line = place.offset, place.line
            await _write(s, m.import_id, row, row.state, now)
            await outbox.put(s, ImportCatalogue(import_id=m.import_id, position=row.position))
            return
        row.position = -1
        await _write(s, m.import_id, row, _AFTER[row.state], now)

    async def parked(self, rt: Runtime, s: WriteSession, m: ImportCatalogue, now: datetime) -> None:
        row = await _locked(s, m.import_id)
        if row.state in ("checking", "applying"):
            fault = InvalidError("The file could not be worked through.", field="file")
            await _write(s, m.import_id, row, "failed", now, fault=fault)


_AFTER: Final[dict[str, State]] = {"checking": "checked", "applying": "applied"}


async def _write(
    s: WriteSession,
    import_id: UUID,
    row: _Locked,
    state: State,
    now: datetime,
    *,
    fault: Exception | None = None,
) -> None:
    await s.execute(
        "UPDATE app.catalogue_import SET state = %(state)s, line = %(line)s, seen = %(seen)s,"
        " position = CASE WHEN %(position)s < 0 THEN size_bytes ELSE %(position)s END,"
        " totals = %(totals)s, errors = %(errors)s, fault = %(fault)s, fault_field = %(field)s,"
        " changed_at = %(now)s WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {
            "id": import_id,
            "state": state,
            "position": row.position,
            "line": row.line,
            "seen": row.seen if state in ("checking", "applying") else b"",
            "totals": jsonb(row.totals),
            "errors": jsonb(row.errors),
            "fault": None if fault is None else str(fault),
            "field": getattr(fault, "field", None),
            "now": now,
        },
    )


async def _stretch(
    s: WriteSession,
    row: _Locked,
    file: BinaryIO,
    categories: dict[str, Any],
    rules: PriceRules,
    now: datetime,
) -> Place | None:
    """Work through some products from where `row` stands, and bring it up to date."""

    def refuse(error: RowError) -> None:
        row.totals.refused += 1
        if len(row.errors) < ERRORS_KEPT:
            row.errors.append(error)

    seen = {row.seen[i : i + _HASH] for i in range(0, len(row.seen), _HASH)}
    table = Products(file, refuse, start=Place(row.position, row.line) if row.position else None)
    currencies = rules.currencies()
    chunk: list[tuple[int, ProductDefinition]] = []
    for count, rows in enumerate(table, start=1):
        definition = _fresh(rows, seen, categories, currencies, refuse)
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
    await _products(s, row, chunk, table.columns, categories, rules, now, refuse)
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
    row: _Locked,
    chunk: list[tuple[int, ProductDefinition]],
    columns: list[str],
    categories: dict[str, Any],
    rules: PriceRules,
    now: datetime,
    refuse: Any,
) -> None:
    if not chunk:
        return
    applied = Applied()
    try:
        async with s.part():
            whole = await keep_unsaid(s, [d for _, d in chunk], columns)
            applied = await apply_products(
                s, definitions=whole, categories=categories, rules=rules, now=now
            )
            if row.state == "checking":
                raise _Rehearsed
    except _Rehearsed:
        pass
    except SkuTakenError as error:
        if len(chunk) == 1:
            line, definition = chunk[0]
            refuse(RowError(line, "sku", error.detail, definition.slug, "sku_taken"))
            return
        for each in chunk:
            await _products(s, row, [each], columns, categories, rules, now, refuse)
        return
    row.totals.created += applied.created
    row.totals.changed += applied.changed
    row.totals.unchanged += applied.unchanged


class SweepImportsAway(Effect[SweepImports]):
    """Files go once nothing more can become of them; their records a week later."""

    message = SweepImports

    async def apply(self, rt: Runtime, s: WriteSession, m: SweepImports, now: datetime) -> None:
        old = await s.all(
            UUID,
            "DELETE FROM app.catalogue_import WHERE tenant_id = %(tenant_id)s"
            " AND changed_at < %(before)s RETURNING id",
            {"before": now - KEPT},
        )
        for import_id in old:
            await uploads(rt).forget(s.tenant_id, import_id)


HANDLERS: Final = (TakeImport(), SweepImportsAway())
