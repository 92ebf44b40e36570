"""Thousands of rows in a statement, for tables whose guards take no COPY: they travel in array
literals, since a driver that looks at every element of a list costs more than the row is worth.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import date
from uuid import UUID

from guerdon.plumbing.db import WriteSession


async def begin(s: WriteSession) -> None:
    """Thousands of rows follow: statements may take their time, and plans are made anew.

    A plan that a connection made when a table was empty reads the whole of it for every row, and
    the checks of foreign keys keep theirs for as long as the connection lives.
    """
    await s.execute("DISCARD PLANS")
    await s.value(
        "SELECT set_config('statement_timeout', '60s', true),"
        " set_config('enable_seqscan', 'off', true)"
    )


@asynccontextmanager
async def seeking(s: WriteSession) -> AsyncIterator[None]:
    """Each row is found in the one index that is in the order asked for.

    Statistics of a brand that grows with the file are of before: they say that it has one row, and
    then any index will do, so that the whole brand is read for each row of the file. Ask for the
    first row at or after the one sought (`x >= sought ORDER BY x LIMIT 1`), and compare.
    """
    await s.value("SELECT set_config('enable_sort', 'off', true)")
    yield
    await s.value("SELECT set_config('enable_sort', 'on', true)")


def plain(values: Iterable[int | UUID | date | None]) -> str:
    """Values whose text needs no quotes."""
    return "{" + ",".join(["NULL" if v is None else str(v) for v in values]) + "}"


def texts(values: Iterable[str | None]) -> str:
    """Any text."""
    return "{" + ",".join(["NULL" if v is None else _quoted(v) for v in values]) + "}"


def blobs(values: Iterable[bytes | None]) -> str:
    """Bytes."""
    return "{" + ",".join(["NULL" if v is None else f'"\\\\x{v.hex()}"' for v in values]) + "}"


def _quoted(value: str) -> str:
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    if '"' in value:
        value = value.replace('"', '\\"')
    return f'"{value}"'
