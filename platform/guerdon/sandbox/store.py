"""Documents by kind and key in one SQLite file; what a peer must remember after a restart."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


class Store:
    """A write-through map of small documents, bounded per kind: the oldest go first."""

    def __init__(self, folder: Path, *, keep: int = 50_000) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._keep = keep
        self._db = sqlite3.connect(folder / "peer.sqlite3", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS doc (n INTEGER PRIMARY KEY AUTOINCREMENT,"
            " kind TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (kind, key))"
        )
        self._count: dict[str, int] = dict(
            self._db.execute("SELECT kind, count(*) FROM doc GROUP BY kind").fetchall()
        )

    def put(self, kind: str, key: str, body: Any) -> None:
        """Keep `body` under `key`, in place of what was there."""
        encoded = msgspec.json.encode(body)
        changed = self._db.execute(
            "UPDATE doc SET body = ? WHERE kind = ? AND key = ?", (encoded, kind, key)
        ).rowcount
        if changed:
            return
        self._db.execute("INSERT INTO doc (kind, key, body) VALUES (?, ?, ?)", (kind, key, encoded))
        self._count[kind] = self._count.get(kind, 0) + 1
        if self._count[kind] > self._keep * 1.1:
            self._db.execute(
                "DELETE FROM doc WHERE n IN (SELECT n FROM doc WHERE kind = ? ORDER BY n LIMIT ?)",
                (kind, self._count[kind] - self._keep),
            )
            self._count[kind] = self._keep

    def get(self, kind: str, key: str, type_: type[T]) -> T | None:
        """The document under `key`, if there is one."""
        row = self._db.execute(
            "SELECT body FROM doc WHERE kind = ? AND key = ?", (kind, key)
        ).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=type_)

    def newest(self, kind: str, type_: type[T], limit: int = 1000) -> Iterator[T]:
        """Documents, newest first."""
        rows = self._db.execute(
            "SELECT body FROM doc WHERE kind = ? ORDER BY n DESC LIMIT ?", (kind, limit)
        ).fetchall()
        for (body,) in rows:
            yield msgspec.json.decode(body, type=type_)

    def delete(self, kind: str, key: str) -> None:
        """Forget one document."""
        self._count[kind] = (
            self._count.get(kind, 0)
            - self._db.execute("DELETE FROM doc WHERE kind = ? AND key = ?", (kind, key)).rowcount
        )

    def clear(self, kind: str) -> None:
        """Forget every document of a kind."""
        self._db.execute("DELETE FROM doc WHERE kind = ?", (kind,))
        self._count[kind] = 0

    def count(self, kind: str) -> int:
        """How many documents of a kind there are."""
        return self._count.get(kind, 0)

    def close(self) -> None:
        """Close the file."""
        self._db.close()
