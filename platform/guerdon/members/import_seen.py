"""In which line of a file a value stood first; on disk, so that memory does not grow with it.

What is on record follows from the file alone: reading a stretch again finds the same.
"""

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

_CACHE_KB: Final = 8_192


class Seen:
    """The values of a file so far."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        # Chunks are read in a thread of their own, one after the other.
        self._db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS seen (h BLOB PRIMARY KEY, line INTEGER) WITHOUT ROWID"
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def repeated(self, kind: str, values: Sequence[tuple[int, str]]) -> dict[int, int]:
        """Of (line, value): which lines repeat one, and the line where it stood first."""
        hashed = [
            (hashlib.blake2b(f"{kind}{value}".encode(), digest_size=16).digest(), line)
            for line, value in values
        ]
        before = self._db.total_changes
        self._db.execute("BEGIN")
        self._db.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?)", hashed)
        self._db.execute("COMMIT")
        if self._db.total_changes - before == len(hashed):
            return {}
        found = {}
        for h, line in hashed:
            first = self._db.execute("SELECT line FROM seen WHERE h = ?", (h,)).fetchone()[0]
            if first != line:
                found[line] = int(first)
        return found
