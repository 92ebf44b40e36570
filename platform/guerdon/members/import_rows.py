"""Reading a members file: one line, one member, in bounded memory, whatever the line holds.

UTF-8 CSV with a heading, parted by comma, semicolon or tab. No value has a line break in it, so
that a quote which is never closed spoils its own line and no other. Every line is either a row or
an error that names line, column and reason.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, BinaryIO, Final, Protocol
from zoneinfo import ZoneInfo

import msgspec

from guerdon.kit.errors import InvalidError
from guerdon.kit.money import POINTS_MAX
from guerdon.ledger.opening import Standing
from guerdon.members import normal

LINE_BYTES_MAX: Final = 16_384
_EXCERPT: Final = 60

COLUMNS: Final = {
    "email": "email",
    "e_mail": "email",
    "name": "name",
    "phone": "phone",
    "language": "language",
    "external_id": "external_id",
    "joined": "joined",
    "joined_date": "joined",
    "joined_on": "joined",
    "opening_balance": "opening_balance",
    "balance": "opening_balance",
    "points": "opening_balance",
    "expiry": "expiry",
    "expires_on": "expiry",
    "tier": "tier",
    "tier_until": "tier_until",
}
_REQUIRED: Final = ("email", "name")
_FORMULA: Final = ("=", "+", "-", "@", "\t")
_PHONE: Final = re.compile(r"\+[\d ().-]+")


class ImportFileError(InvalidError):
    """The file as a whole cannot be read."""

    code = "import_file"
    title = "This file cannot be imported"


class Row(msgspec.Struct, frozen=True):
    """A line that can be imported."""

    line: int
    email: str
    email_norm: str
    name: str
    phone: str | None
    language: str
    external_id: str | None
    joined_at: datetime | None
    points: int
    expires_on: date | None
    tier: str = ""
    standings: tuple[Standing, ...] = ()


class RowError(msgspec.Struct, frozen=True):
    """A line that cannot; `column` is empty when the line as a whole is at fault.

    `points` are those of the line, where they can be read.
    """

    line: int
    column: str
    reason: str
    message: str
    text: str = ""
    points: int = 0


class TierReader(Protocol):
    """Knows a brand's tiers: a feature above this one."""

    def __call__(self, text: str, until: date | None) -> tuple[str, tuple[Standing, ...]]:
        """The tier's key, and the standings that keep a member in it; InvalidError."""
        ...


class Context(msgspec.Struct, frozen=True):
    """What a row is checked against."""

    languages: tuple[str, ...]
    zone: ZoneInfo
    now: datetime
    today: date
    tier: TierReader


class Table(msgspec.Struct, frozen=True):
    """What a file's columns may be called, and what is said of a value like a formula.

    `formula(column, value)` is (reason, message) where such a value is wrong, None where it is
    meant as it stands.
    """

    columns: Mapping[str, str]
    required: Sequence[str]
    formula: Callable[[str, str], tuple[str, str] | None]


class Cells(msgspec.Struct, frozen=True):
    """A line's values by column."""

    line: int
    values: dict[str, str]
    raw: bytes

    def error(self, reason: str, message: str, column: str = "") -> RowError:
        """What is wrong with it."""
        return _row_error(self.line, self.raw, reason, message, column, self.values.get(column, ""))


def read_row(cells: Cells | RowError, context: Context) -> Row | RowError:
    """What a line of a members file says."""
    return cells if isinstance(cells, RowError) else _read(cells, context)


def read_table(
    file: BinaryIO, table: Table, *, start: tuple[int, int] | None = None
) -> Iterator[Cells | RowError]:
    """Every line of `file` below its heading as values; ImportFileError for the heading.

    `start` (bytes, lines) is where an earlier reading ended.
    """
    raw, whole = _line(file)
    columns, delimiter = _heading(raw, whole, table)
    number = 1
    if start is not None:
        file.seek(start[0])
        number = start[1]
    while True:
        raw, whole = _line(file)
        if not raw:
            return
        number += 1
        if raw.strip():
            yield _cells(number, raw, whole, columns, delimiter, table)


def _line(file: BinaryIO) -> tuple[bytes, bool]:
    """One line without its end, and whether it fitted; what does not fit is skipped."""
    raw = file.readline(LINE_BYTES_MAX + 2)
    if raw.endswith(b"\n") or len(raw) <= LINE_BYTES_MAX:
        return (raw.rstrip(b"\r\n") or b" ") if raw else b"", True
    while True:
        rest = file.readline(LINE_BYTES_MAX)
        if not rest or rest.endswith(b"\n"):
            return raw[:_EXCERPT], False


def _heading(raw: bytes, whole: bool, table: Table) -> tuple[list[str], str]:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ImportFileError("The file is UTF-16; save it as UTF-8.", reason="encoding")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportFileError(
            "The heading is not UTF-8: save the file as CSV UTF-8.", reason="encoding"
        ) from error
    if not whole or "\x00" in text or not text.strip():
        raise ImportFileError("The first line must name the columns.", reason="heading")
    delimiter = max(",;\t", key=text.count)
    if delimiter not in text and "|" in text:
        raise ImportFileError(
            "The columns are parted by |; part them by comma, semicolon or tab.", reason="delimiter"
        )
    try:
        names = next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise ImportFileError("The first line must name the columns.", reason="heading") from error
    columns = []
    for name in names:
        known = table.columns.get(re.sub(r"[\s-]+", "_", name.strip().casefold()))
        if known is None:
            raise ImportFileError(
                f"Unknown column {name[:_EXCERPT]!r}; known: {', '.join(sorted(table.columns))}.",
                reason="unknown_column",
            )
        if known in columns:
            raise ImportFileError(f"The column {known} stands twice.", reason="duplicate_column")
        columns.append(known)
    for needed in table.required:
        if needed not in columns:
            raise ImportFileError(f"The column {needed} is missing.", reason="missing_column")
    return columns, delimiter


def _row_error(
    number: int, raw: bytes, reason: str, message: str, column: str = "", text: str = ""
) -> RowError:
    shown = text or raw[:_EXCERPT].decode("utf-8", "replace")
    return RowError(number, column, reason, message, printable(shown))


def _cells(
    number: int, raw: bytes, whole: bool, columns: list[str], delimiter: str, table: Table
) -> Cells | RowError:
    if not whole:
        return _row_error(number, raw, "too_long", f"A line has at most {LINE_BYTES_MAX} bytes.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return _row_error(
            number, raw, "encoding", "The line is not UTF-8: save the file as CSV UTF-8."
        )
    if "\x00" in text:
        return _row_error(number, raw, "nul", "The line has a NUL character in it.")
    try:
        values = next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return _row_error(number, raw, "quotes", "A quote is open or misplaced.")
    if len(values) != len(columns):
        return _row_error(
            number, raw, "columns", f"{len(values)} values for {len(columns)} columns."
        )
    cells = Cells(number, {c: value.strip() for c, value in zip(columns, values, strict=True)}, raw)
    for column, value in cells.values.items():
        wrong = table.formula(column, value) if value.startswith(_FORMULA) else None
        if wrong is not None:
            return cells.error(*wrong, column)
    return cells


def _formula(column: str, value: str) -> tuple[str, str] | None:
    if column == "phone" and _PHONE.fullmatch(value):
        return None
    if column == "opening_balance":
        return "points", "Points are a whole number, not below 0."
    return "formula", "The value begins like a formula."


MEMBERS: Final = Table(COLUMNS, _REQUIRED, _formula)


def _read(cells: Cells, context: Context) -> Row | RowError:
    try:
        return _check(cells.line, cells.values, context)
    except InvalidError as refusal:
        reason = str(refusal.params.get("reason", "invalid"))
        error = cells.error(reason, refusal.detail, refusal.field or "")
        return msgspec.structs.replace(error, points=points_said(cells.values))


def points_said(values: Mapping[str, str]) -> int:
    """The points of a line, 0 where they cannot be read."""
    try:
        return _points(values.get("opening_balance", ""))
    except InvalidError:
        return 0


def _check(number: int, cells: dict[str, str], context: Context) -> Row:
    email, email_norm = normal.email(cells["email"])
    external_id = cells.get("external_id") or None
    if external_id is not None:
        external_id = normal.line(external_id, field="external_id", length_max=200)
    points = _points(cells.get("opening_balance", ""))
    expires_on = _day(cells.get("expiry", ""), "expiry")
    if expires_on is not None and points == 0:
        raise InvalidError("An expiry needs an opening balance.", field="expiry", reason="expiry")
    if expires_on is not None and expires_on < context.today:
        raise InvalidError("This day is over.", field="expiry", reason="past")
    tier, standings = _tier(cells.get("tier", ""), cells.get("tier_until", ""), context)
    return Row(
        line=number,
        email=email,
        email_norm=email_norm,
        name=normal.name(cells["name"]),
        phone=normal.phone(cells.get("phone", "")),
        language=normal.language(cells.get("language"), context.languages),
        external_id=external_id,
        joined_at=_joined(cells.get("joined", ""), context),
        points=points,
        expires_on=expires_on,
        tier=tier,
        standings=standings,
    )


def _tier(text: str, until: str, context: Context) -> tuple[str, tuple[Standing, ...]]:
    if text:
        return context.tier(text, _day(until, "tier_until"))
    if until:
        raise InvalidError("A last day needs a tier.", field="tier_until", reason="tier")
    return "", ()


def _points(text: str) -> int:
    if not text:
        return 0
    if not re.fullmatch(r"[0-9]{1,16}", text) or int(text) > POINTS_MAX:
        raise InvalidError(
            "Points are a whole number, not below 0.", field="opening_balance", reason="points"
        )
    return int(text)


def _day(text: str, field: str) -> date | None:
    if not text:
        return None
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidError("A day is written 2026-11-30.", field=field, reason="date") from error


def _joined(text: str, context: Context) -> datetime | None:
    day = _day(text, "joined")
    if day is None:
        return None
    joined_at = datetime.combine(day, time(0), tzinfo=context.zone)
    if joined_at > context.now or day.year < 1900:
        raise InvalidError("Nobody joined then.", field="joined", reason="date")
    return joined_at


def printable(text: Any) -> str:
    """A short excerpt that is safe on a screen and in a spreadsheet."""
    plain = "".join(c if c.isprintable() else "�" for c in str(text)[:_EXCERPT])
    return f"'{plain}" if plain.startswith(_FORMULA) else plain
