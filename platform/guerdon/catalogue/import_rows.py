"""Lines of a catalogue file as products: how a table is read, and what is wrong with a line.

UTF-8 with a heading, parted by comma, semicolon or tab; one line is one SKU. Lines that follow
each other with the same `slug` are one product, described by the first of them. No value has a
line break (a description writes it as `\\n`), so that a quote which is never closed spoils its own
line and no other.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Final, get_args

import msgspec

from guerdon.catalogue.schemas import VARIANTS_MAX, ProductDefinition, check_definition
from guerdon.kit.errors import InvalidError
from guerdon.parameters.sections import Language

LINE_BYTES_MAX: Final = 65_536
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
    code: str = "value"


class Row(msgspec.Struct):
    """A line of the table by column; `offset` is where it begins in the file."""

    line: int
    offset: int
    cells: dict[str, str]


class Place(msgspec.Struct, frozen=True):
    """Where reading goes on: the offset of a line that starts a product, and its number."""

    offset: int
    line: int


def repeated(row: Row) -> RowError:
    """The refusal of a product that comes a second time."""
    return RowError(
        row.line,
        "slug",
        "This product stands further up already.",
        row.cells["slug"],
        "repeated",
    )


def checked(
    rows: list[Row],
    categories: Mapping[str, object],
    currencies: Sequence[str],
    refuse: Callable[[RowError], None],
) -> ProductDefinition | None:
    """The product in these lines, or None and refusals that name line and column."""
    definition = _definition(rows, refuse)
    if definition is None:
        return None
    refusals = list(check_definition(definition, categories, currencies))
    for refusal in refusals:
        code = {"category": "category_unknown", "currency": "no_rate"}.get(refusal.field, "value")
        refuse(RowError(rows[0].line, refusal.field, refusal.reason, rows[0].cells["slug"], code))
    return None if refusals else definition


class Products:
    """Iterates over the lines of each product, as they stand together.

    `place` is where the next product starts: another reader of the same file can go on there.
    """

    def __init__(
        self, file: BinaryIO, refuse: Callable[[RowError], None], *, start: Place | None = None
    ) -> None:
        """Reads the heading; `start` skips to where an earlier reader stopped."""
        self._file, self._refuse = file, refuse
        raw, whole = _line(file)
        self.columns, self._delimiter = _heading(raw, whole)
        self._number = 1
        if start is not None:
            file.seek(start.offset)
            self._number = start.line - 1
        self.lines = 0
        self._rows = self._read()
        self._next: Row | None = next(self._rows, None)

    @property
    def place(self) -> Place | None:
        """Where the next product starts; None at the end."""
        return None if self._next is None else Place(self._next.offset, self._next.line)

    def __iter__(self) -> Iterator[list[Row]]:
        while self._next is not None:
            group = [self._next]
            slug = group[0].cells["slug"]
            self._next = next(self._rows, None)
            while (
                self._next is not None
                and self._next.cells["slug"] == slug
                and len(group) < VARIANTS_MAX
            ):
                group.append(self._next)
                self._next = next(self._rows, None)
            yield group

    def _read(self) -> Iterator[Row]:
        while True:
            offset = self._file.tell()
            raw, whole = _line(self._file)
            if not raw:
                return
            self._number += 1
            if not raw.strip():
                continue
            self.lines += 1
            row = _cells(self._number, offset, raw, whole, self.columns, self._delimiter)
            if isinstance(row, RowError):
                self._refuse(row)
            else:
                yield row


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
    number: int, offset: int, raw: bytes, whole: bool, columns: list[str], delimiter: str
) -> Row | RowError:
    if not whole:
        return RowError(
            number, "", f"A line has at most {LINE_BYTES_MAX} bytes.", code="line_too_long"
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return RowError(number, "", f"Not UTF-8 at byte {error.start}.", code="not_utf8")
    if "\x00" in text:
        return RowError(number, "", "The line has a zero byte.", code="not_utf8")
    try:
        (values,) = csv.reader([text], delimiter=delimiter, strict=True)
    except (csv.Error, ValueError) as error:
        return RowError(number, "", f"This is no CSV: {error}.", _shown(text), "no_csv")
    if len(values) != len(columns):
        return RowError(
            number,
            "",
            f"{len(values)} values where the heading has {len(columns)}.",
            _shown(text),
            "columns",
        )
    cells = {c: v.strip() for c, v in zip(columns, values, strict=True)}
    for column, value in cells.items():
        if value.startswith(_FORMULA):
            return RowError(
                number, column, "A value must not look like a formula.", _shown(value), "formula"
            )
    return Row(number, offset, cells)


def _definition(rows: list[Row], refuse: Callable[[RowError], None]) -> ProductDefinition | None:
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
            "name": cells[f"name_{language}"],
            "summary": cells.get(f"summary_{language}", ""),
            "description": cells.get(f"description_{language}", "").replace("\\n", "\n"),
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


def _place(path: str, rows: list[Row]) -> tuple[int, str]:
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
