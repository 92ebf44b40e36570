"""Products from a CSV file: streaming, row errors with line numbers, a re-run changes nothing.

UTF-8 with a heading, parted by comma, semicolon or tab; one line is one SKU. Lines that follow
each other with the same `slug` are one product, described by the first of them. No value has a
line break, so that a quote which is never closed spoils its own line and no other.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO, Final, get_args
from uuid import UUID

import msgspec

from guerdon.catalogue.errors import SkuTakenError
from guerdon.catalogue.operations import apply_products
from guerdon.catalogue.pricing import PriceRules
from guerdon.catalogue.schemas import (
    VARIANTS_MAX,
    Applied,
    ProductDefinition,
    check_definition,
)
from guerdon.kit.errors import InvalidError
from guerdon.parameters.sections import Language
from guerdon.runtime import Runtime

LINE_BYTES_MAX: Final = 65_536
CHUNK: Final = 200
PRODUCTS_MAX: Final = 500_000
_EXCERPT: Final = 60
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_LANGUAGES: Final[tuple[str, ...]] = get_args(Language)
_PLAIN: Final = (
    "slug", "category", "supplier", "currency", "sku", "price", "stock", "external_id",
    "delivery", "days_min", "days_max", "return_days", "featured", "status",
)  # fmt: skip
_SPOKEN: Final = ("name", "summary", "description", "label")
_REQUIRED: Final = ("slug", "category", "supplier", "currency", "sku", "price")


class ImportFileError(InvalidError):
    """The file as a whole cannot be read."""

    code = "import_file"
    title = "This file cannot be imported"


class RowError(msgspec.Struct, frozen=True):
    """A line that was not taken; `column` is empty when the line as a whole is at fault."""

    line: int
    column: str
    reason: str
    text: str = ""


class Totals(msgspec.Struct):
    """What an import did: lines read and refused, products made, changed, as they were."""

    lines: int = 0
    refused: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0


class _Row(msgspec.Struct):
    line: int
    cells: dict[str, str]


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

    async def flush() -> None:
        if chunk:
            await _apply(rt, tenant_id, chunk, categories, rules, now, dry_run, totals, refuse)
            chunk.clear()
        on_progress(file.tell())

    for rows in _products(file, totals, refuse):
        first = rows[0]
        slug = first.cells["slug"]
        if slug in seen:
            refuse(RowError(first.line, "slug", "This product stands further up already.", slug))
            continue
        seen.add(slug)
        if len(seen) > PRODUCTS_MAX:
            raise ImportFileError(f"A file has at most {PRODUCTS_MAX:,} products.", field="file")
        definition = _definition(rows, refuse)
        if definition is None:
            continue
        refusals = list(check_definition(definition, categories, currencies))
        for refusal in refusals:
            refuse(RowError(first.line, refusal.field, refusal.reason, slug))
        if not refusals:
            chunk.append((first.line, definition))
        if len(chunk) == CHUNK:
            await flush()
    await flush()
    return totals


async def _apply(
    rt: Runtime,
    tenant_id: UUID,
    chunk: list[tuple[int, ProductDefinition]],
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
            applied = await apply_products(
                s, definitions=[d for _, d in chunk], categories=categories, rules=rules, now=now
            )
            if dry_run:
                raise _Rehearsed
    except _Rehearsed:
        pass
    except SkuTakenError as error:
        if len(chunk) == 1:
            line, definition = chunk[0]
            refuse(RowError(line, "sku", error.detail, definition.slug))
            return
        for one in chunk:
            await _apply(rt, tenant_id, [one], categories, rules, now, dry_run, totals, refuse)
        return
    totals.created += applied.created
    totals.changed += applied.changed
    totals.unchanged += applied.unchanged


def _products(
    file: BinaryIO, totals: Totals, refuse: Callable[[RowError], None]
) -> Iterator[list[_Row]]:
    """Lines that belong to one product, as they stand together."""
    group: list[_Row] = []
    for row in _rows(file):
        totals.lines += 1
        if isinstance(row, RowError):
            refuse(row)
            continue
        if group and (row.cells["slug"] != group[0].cells["slug"] or len(group) == VARIANTS_MAX):
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _rows(file: BinaryIO) -> Iterator[_Row | RowError]:
    raw, whole = _line(file)
    columns, delimiter = _heading(raw, whole)
    number = 1
    while True:
        raw, whole = _line(file)
        if not raw:
            return
        number += 1
        if raw.strip():
            yield _cells(number, raw, whole, columns, delimiter)


def _line(file: BinaryIO) -> tuple[bytes, bool]:
    """One line without its end, and whether it fitted; what does not fit is skipped."""
    raw = file.readline(LINE_BYTES_MAX + 2)
    if raw.endswith(b"\n") or len(raw) <= LINE_BYTES_MAX:
        return (raw.rstrip(b"\r\n") or b" ") if raw else b"", True
    while True:
        rest = file.readline(LINE_BYTES_MAX)
        if not rest or rest.endswith(b"\n"):
            return raw[:_EXCERPT], False


def _heading(raw: bytes, whole: bool) -> tuple[list[str], str]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportFileError("The heading is not UTF-8.", field="heading") from error
    if not whole or not text.strip():
        raise ImportFileError("The first line is not a heading.", field="heading")
    delimiter = max(",;\t", key=text.count)
    columns = [c.strip().lower().replace("pt-br", "pt-BR") for c in text.split(delimiter)]
    known = {*_PLAIN, *(f"{name}_{language}" for name in _SPOKEN for language in _LANGUAGES)}
    for column in columns:
        if column not in known:
            raise ImportFileError(f"There is no column {column[:_EXCERPT]!r}.", field=column)
    if len(set(columns)) != len(columns):
        raise ImportFileError("A column stands twice.", field="heading")
    for column in _REQUIRED:
        if column not in columns:
            raise ImportFileError(f"The column {column} is missing.", field=column)
    if not any(c.startswith("name_") for c in columns):
        raise ImportFileError("No column has a name, such as name_en.", field="name_en")
    return columns, delimiter


def _cells(
    number: int, raw: bytes, whole: bool, columns: list[str], delimiter: str
) -> _Row | RowError:
    if not whole:
        return RowError(number, "", f"A line has at most {LINE_BYTES_MAX} bytes.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return RowError(number, "", f"Not UTF-8 at byte {error.start}.")
    if "\x00" in text:
        return RowError(number, "", "The line has a zero byte.")
    try:
        (values,) = csv.reader([text], delimiter=delimiter, strict=True)
    except (csv.Error, ValueError) as error:
        return RowError(number, "", f"This is no CSV: {error}.", _shown(text))
    if len(values) != len(columns):
        return RowError(
            number, "", f"{len(values)} values where the heading has {len(columns)}.", _shown(text)
        )
    cells = {c: v.strip() for c, v in zip(columns, values, strict=True)}
    for column, value in cells.items():
        if value.startswith(_FORMULA):
            return RowError(number, column, "A value must not look like a formula.", _shown(value))
    return _Row(number, cells)


def _definition(rows: list[_Row], refuse: Callable[[RowError], None]) -> ProductDefinition | None:
    """The product in these lines, or a refusal for the line at fault."""
    variants = []
    for row in rows:
        cells = row.cells
        variants.append(
            {
                "sku": cells["sku"],
                "price": cells["price"],
                "stock": cells.get("stock") or None,
                "external_id": cells.get("external_id") or None,
                "label": _spoken(cells, "label"),
            }
        )
    cells = rows[0].cells
    texts = {
        language: {
            name: cells.get(f"{name}_{language}", "") for name in ("name", "summary", "description")
        }
        for language in _LANGUAGES
        if cells.get(f"name_{language}")
    }
    plain: dict[str, Any] = {
        "texts": texts,
        "variants": variants,
        "delivery_days": [cells.get("days_min") or "0", cells.get("days_max") or "0"],
        **{
            name: cells[name]
            for name in (
                "slug", "category", "supplier", "currency", "delivery", "return_days", "featured",
                "status",
            )
            if cells.get(name)
        },
    }  # fmt: skip
    try:
        return msgspec.convert(plain, ProductDefinition, strict=False)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `$.")
        line, column = _place(where.removesuffix("`"), rows)
        refuse(RowError(line, column, reason, _shown(rows[0].cells["slug"])))
        return None


def _spoken(cells: Mapping[str, str], name: str) -> dict[str, str]:
    return {
        language: cells[f"{name}_{language}"]
        for language in _LANGUAGES
        if cells.get(f"{name}_{language}")
    }


def _place(path: str, rows: list[_Row]) -> tuple[int, str]:
    """The line and column that a path of the definition came from."""
    if path.startswith("variants["):
        index = path.removeprefix("variants[").partition("]")[0]
        at = int(index) if index.isdigit() else 0
        return rows[min(at, len(rows) - 1)].line, path.rpartition(".")[2]
    if path.startswith("delivery_days"):
        return rows[0].line, "days_max" if "[1]" in path else "days_min"
    return rows[0].line, path.partition(".")[0].partition("[")[0]


def _shown(text: str) -> str:
    """A short excerpt that is safe on a screen and in a spreadsheet."""
    plain = "".join(c if c.isprintable() else "�" for c in text[:_EXCERPT])
    return f"'{plain}" if plain.startswith(_FORMULA) else plain
