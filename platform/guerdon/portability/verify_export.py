"""Proves an export of a brand: `python3 verify.py [FOLDER]`. Needs Python and nothing else.

Every file is what it was when it was written, no file is missing or added, and the ledger adds
up: the entries of each transaction come to zero, each balance is the sum of its entries, what is
held is the sum of the pending holds, and what is free lies in lots. The chains of seals and of
the audit trail are unbroken. Prints what is wrong, by file; exit status 1 if anything is.
"""

import hashlib
import json
import re
import sqlite3
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

FORMAT = "guerdon-export/1"
MANIFEST = "manifest.json"
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_CONTENT = ("tables/", "files/", "tenant.json")
_SHOWN = 20

_RULES = (
    ("ledger_entry", "the entries of transaction {} add up to {}, not to 0",
     "SELECT txn, sum(amount) FROM entry GROUP BY txn HAVING sum(amount) <> 0"),
    ("ledger_account", "account {} says {}, its entries say {}",
     "SELECT a.id, a.posted, coalesce(e.total, 0) FROM account a LEFT JOIN (SELECT account,"
     " sum(amount) AS total FROM entry GROUP BY account) e ON e.account = a.id"
     " WHERE a.posted <> coalesce(e.total, 0)"),
    ("ledger_account", "account {} says that {} are held, its pending holds say {}",
     "SELECT a.id, a.held, coalesce(h.total, 0) FROM account a LEFT JOIN (SELECT account,"
     " sum(points) AS total FROM hold GROUP BY account) h ON h.account = a.id"
     " WHERE a.held <> coalesce(h.total, 0)"),
    ("ledger_lot", "account {} has {} free points, its lots hold {}",
     "SELECT a.id, a.posted - a.held + a.debt, coalesce(l.total, 0) FROM account a LEFT JOIN"
     " (SELECT account, sum(points) AS total FROM lot GROUP BY account) l ON l.account = a.id"
     " WHERE a.posted - a.held + a.debt <> coalesce(l.total, 0)"),
    ("ledger_txn", "transaction {} says {} points, its entry says {}",
     "SELECT t.id, t.points, coalesce(e.amount, 0) FROM txn t LEFT JOIN entry e ON e.txn = t.id"
     " AND e.account = t.account WHERE t.points <> coalesce(e.amount, 0)"),
)  # fmt: skip


def findings(folder: Path) -> Iterator[tuple[str, str]]:
    """What is wrong, as (file, sentence); nothing on a sound export."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        listed = {entry["name"]: entry for entry in manifest["files"]}
        told = manifest["content_hash"]
        if manifest["format"] != FORMAT:
            yield MANIFEST, f"the format is {manifest['format']!r}, this program reads {FORMAT!r}"
            return
    except FileNotFoundError:
        yield MANIFEST, "the file is missing: this is no export"
        return
    except (ValueError, KeyError, TypeError, OSError) as error:
        yield MANIFEST, f"the file cannot be read: {error!r}"
        return
    broken = False
    for name, sentence in _files(folder, listed):
        broken = True
        yield name, sentence
    if broken:
        return
    if content_hash((name, entry["sha256"]) for name, entry in listed.items()) != told:
        yield MANIFEST, "the content hash is not that of the files listed"
        return
    yield from _ledger(folder)
    yield from _chain(folder / "tables", "ledger_seal")
    yield from _chain(folder / "tables", "audit_entry")


def content_hash(files: Iterable[tuple[str, str]]) -> str:
    """One hash for what the brand consists of; this program and the words around it aside."""
    whole = hashlib.sha256()
    for name, file_hash in sorted(files):
        if name.startswith(_CONTENT):
            whole.update(f"{file_hash}  {name}\n".encode())
    return whole.hexdigest()


def _files(folder: Path, listed: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, entry in listed.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            yield str(name)[:200], "a file cannot have this name"
            continue
        path = folder / name
        if path.is_symlink() or not path.is_file():
            yield name, "the file is missing"
            continue
        found, rows = _measure(path)
        if found != entry.get("sha256"):
            yield name, "the content is not what was written"
        elif name.startswith("tables/") and rows != entry.get("rows"):
            yield name, f"{rows} rows, the manifest says {entry.get('rows')}"
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()}
    for name in sorted(there - set(listed) - {MANIFEST}):
        yield name, "the file is not part of the export"


def _measure(path: Path) -> tuple[str, int]:
    whole, rows = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            whole.update(piece)
            rows += piece.count(b"\n")
    return whole.hexdigest(), rows


def _rows(tables: Path, name: str) -> Iterator[dict[str, Any]]:
    path = tables / f"{name}.jsonl"
    if path.exists():
        with path.open("rb") as file:
            for line in file:
                yield json.loads(line)


def _ledger(folder: Path) -> Iterator[tuple[str, str]]:
    """On disk, so that memory does not grow with the ledger."""
    tables = folder / "tables"
    with tempfile.TemporaryDirectory(prefix="guerdon-verify-") as scratch:
        db = sqlite3.connect(Path(scratch) / "ledger", isolation_level=None)
        db.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE account (id TEXT PRIMARY KEY, posted, held, debt) WITHOUT ROWID;"
            "CREATE TABLE txn (id TEXT PRIMARY KEY, account, points) WITHOUT ROWID;"
            "CREATE TABLE entry (txn, account, amount, PRIMARY KEY (txn, account)) WITHOUT ROWID;"
            "CREATE TABLE lot (account, points); CREATE TABLE hold (account, points); BEGIN;"
        )
        try:
            _load(db, tables)
        except (sqlite3.Error, KeyError, TypeError) as error:
            yield "tables", f"the rows of the ledger do not fit together: {error}"
            db.close()
            return
        for table, sentence, rule in _RULES:
            for row in db.execute(rule).fetchmany(_SHOWN):
                yield f"tables/{table}.jsonl", sentence.format(*row)
        db.close()


def _load(db: sqlite3.Connection, tables: Path) -> None:
    def put(into: str, rows: Iterable[tuple[Any, ...]], width: int) -> None:
        db.executemany(f"INSERT INTO {into} VALUES ({','.join('?' * width)})", rows)  # noqa: S608

    put("account", ((r["id"], r["posted"], r["held"], r["debt"])
                    for r in _rows(tables, "ledger_account")), 4)  # fmt: skip
    put("txn", ((r["id"], r["account_id"], r["points"]) for r in _rows(tables, "ledger_txn")), 3)
    put("entry", ((r["txn_id"], r["account_id"], r["amount"])
                  for r in _rows(tables, "ledger_entry")), 3)  # fmt: skip
    put("lot", ((r["account_id"], r["remaining"]) for r in _rows(tables, "ledger_lot")), 2)
    put("hold", ((r["account_id"], r["points"]) for r in _rows(tables, "ledger_hold")
                 if r["state"] == "pending"), 2)  # fmt: skip


def _chain(tables: Path, table: str) -> Iterator[tuple[str, str]]:
    """Each link tells the hash of the one before it; a seal's own hash is worked out again."""
    name, before = f"tables/{table}.jsonl", "\\x" + "00" * 32
    for seq, row in enumerate(_rows(tables, table), start=1):
        if row["seq"] != seq:
            yield name, f"number {seq} is missing"
            return
        if row["previous"] != before:
            yield name, f"number {seq} does not follow from the one before it"
            return
        before = row["hash"]
        if table == "ledger_seal":
            made = hashlib.sha256(_bytes(row["previous"]) + _bytes(row["digests"])).hexdigest()
            if before != "\\x" + made:
                yield name, f"the hash of number {seq} is not that of its digests"
                return


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("\\x"))


def main(arguments: list[str]) -> int:
    """Prove the folder that is named, or the one this file lies in."""
    folder = Path(arguments[0]) if arguments else Path(__file__).parent
    wrong = 0
    for name, sentence in findings(folder):
        wrong += 1
        print(f"{name}: {sentence}")
    if wrong:
        print("This export is NOT proven.")
        return 1
    manifest = json.loads((folder / MANIFEST).read_bytes())
    rows = sum(entry.get("rows") or 0 for entry in manifest["files"])
    print(f"{manifest['tenant']['slug']}: proven: {len(manifest['files'])} files, {rows} rows")
    print(f"content {manifest['content_hash']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
