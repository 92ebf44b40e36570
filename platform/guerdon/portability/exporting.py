"""Writing a brand into a folder: every table as of one instant, every file, a manifest of hashes.

Rows are lines of JSON in the order of their keys, so that equal contents are equal bytes. One
REPEATABLE READ transaction sees everything; rows and files pass through in pieces.
"""

import asyncio
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib.resources import files as resources
from pathlib import Path
from typing import Any, Final

import msgspec

from guerdon.plumbing import release
from guerdon.plumbing.db import ReadSession
from guerdon.portability import folders
from guerdon.portability.tables import LEFT_OUT, Table, exported_tables
from guerdon.portability.verify_export import FORMAT, MANIFEST, content_hash
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

PIECE_BYTES: Final = 1 << 20
Progress = Callable[[int, int], None]

_README: Final = """\
This folder is everything that the brand "{name}" ({slug}) kept on the platform, as of {at} UTC.

manifest.json    what is here: each file with its SHA-256, each table with its rows, one hash for
                 all of it; and what was left out, why, and what to do about it
tenant.json      who the brand is
tables/          a file per table, a line of JSON per row
files/           pictures, and what recommendations learnt
verify.py        proves all of it: python3 verify.py

It holds personal data of members and of people who work for the brand. Keep it as such.
To bring it to another deployment: guerdon tenants apply-export FOLDER
"""


class File(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file of an export; `rows` of a table."""

    name: str
    sha256: str
    bytes: int
    rows: int | None = None


class LeftOut(msgspec.Struct, frozen=True):
    """Something that was not carried along."""

    what: str
    reason: str
    todo: str


class Head(msgspec.Struct, frozen=True):
    """The brand as it stood."""

    id: str
    slug: str
    name: str
    state: str
    hosts: tuple[str, ...]


class Manifest(msgspec.Struct, frozen=True):
    """What an export holds. `content_hash` covers `tables/`, `files/` and `tenant.json`."""

    format: str
    tenant: Head
    taken_at: datetime
    schema: str
    work_under_way: int
    content_hash: str
    files: tuple[File, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(file.rows or 0 for file in self.files)


async def export_everything(
    rt: Runtime, tenant: Tenant, folder: Path, *, now: datetime,
    progress: Progress = lambda _done, _total: None,
) -> Manifest:  # fmt: skip
    """Write the brand into `folder`, which is empty or not there; nothing half-made stays.

    `rt` is opened for the role `worker`, which may read every table that is exported.
    Raises FileExistsError.
    """
    partial = await asyncio.to_thread(_begin, folder)
    try:
        manifest = await _write(rt, tenant, partial, now, progress)
        await asyncio.to_thread(_put, partial, folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return manifest


def _begin(folder: Path) -> Path:
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty")
    partial = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    (partial / "tables").mkdir(parents=True, mode=0o700)
    return partial


def _put(partial: Path, folder: Path) -> None:
    if folder.exists():
        folder.rmdir()
    partial.rename(folder)


async def _write(
    rt: Runtime, tenant: Tenant, folder: Path, now: datetime, progress: Progress
) -> Manifest:
    written: list[File] = []
    root = Path(rt.settings.files_dir)
    async with rt.db.read_frozen(tenant.id) as s:
        await s.value("SELECT set_config('TimeZone', 'UTC', true)")
        in_flight: int = await s.value(
            "SELECT count(*) FROM app.outbox"
            " WHERE tenant_id = %(tenant_id)s AND done_at IS NULL AND queue <> 'bulk'"
        )
        tables = await exported_tables(s)
        for n, table in enumerate(tables):
            progress(n, len(tables) + 1)
            # A context is good for minutes, and a large brand takes longer.
            await s.value("SELECT app.enter(%(ctx)s)", {"ctx": rt.db.sign(tenant.id)})
            written.append(await _table(s, table, folder))
        # Files never change once written, and what the rows know was there before they were read.
        carried = await asyncio.to_thread(lambda: list(folders.carried(root, tenant.id)))
    progress(len(tables), len(tables) + 1)
    for name, path in carried:
        if (file := await asyncio.to_thread(_copy, path, folder, f"files/{name}")) is not None:
            written.append(file)
    head = Head(str(tenant.id), tenant.slug, tenant.name, tenant.status.value, tenant.hosts)
    written.append(_text(folder, "tenant.json", _plain(head)))
    written.append(_text(folder, "verify.py", _program()))
    at = f"{now:%Y-%m-%d %H:%M}"
    written.append(
        _text(folder, "README.txt", _README.format(name=tenant.name, slug=tenant.slug, at=at))
    )
    manifest = Manifest(
        format=FORMAT,
        tenant=head,
        taken_at=now,
        schema=await asyncio.to_thread(_schema),
        work_under_way=in_flight,
        content_hash=content_hash((file.name, file.sha256) for file in written),
        files=tuple(sorted(written, key=lambda file: file.name)),
        left_out=(
            *(LeftOut(name, left.reason, left.todo) for name, left in sorted(LEFT_OUT.items())),
            LeftOut("hosts", "domains are proved anew", "Add the brand's own domains again."),
        ),
    )
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    progress(len(tables) + 1, len(tables) + 1)
    return manifest


async def _table(s: ReadSession, table: Table, folder: Path) -> File:
    columns = ", ".join(f'"{name}"' for name in table.columns)
    order = f" ORDER BY {', '.join(table.order)}" if table.order else ""
    query = (
        f'SELECT row_to_json(r)::text FROM (SELECT {columns} FROM app."{table.name}"'  # noqa: S608
        f" WHERE tenant_id = %(tenant_id)s{order}) r"
    )
    name = f"tables/{table.name}.jsonl"
    whole, size, rows = hashlib.sha256(), 0, 0
    with (folder / name).open("wb") as file:
        async for lines in _lines(s, query):
            await asyncio.to_thread(file.write, lines)
            whole.update(lines)
            size, rows = size + len(lines), rows + lines.count(b"\n")
    return File(name, whole.hexdigest(), size, rows)


async def _lines(s: ReadSession, query: str) -> Any:
    """Whole lines, about a megabyte at a time. JSON has no line break in it, so a line of the
    copy is a row; every one is quoted, since every one holds a quote."""
    kept: list[bytes] = []
    held = 0
    rest = b""
    async for piece in s.copied(query):
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            kept.append(line[1:-1].replace(b'""', b'"') + b"\n")
            held += len(line)
        if held >= PIECE_BYTES:
            yield b"".join(kept)
            kept, held = [], 0
    if kept:
        yield b"".join(kept)


def _copy(source: Path, folder: Path, name: str) -> File | None:
    """None for a file that its owner has removed meanwhile: no row that was read names it."""
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    whole, size = hashlib.sha256(), 0
    try:
        with source.open("rb") as read, target.open("wb") as write:
            while piece := read.read(PIECE_BYTES):
                whole.update(piece)
                size += len(piece)
                write.write(piece)
    except FileNotFoundError:
        return None
    return File(name, whole.hexdigest(), size)


def _text(folder: Path, name: str, text: str) -> File:
    content = text.encode()
    (folder / name).write_bytes(content)
    return File(name, hashlib.sha256(content).hexdigest(), len(content))


def _plain(head: Head) -> str:
    said: Mapping[str, str] = {"id": head.id, "name": head.name, "slug": head.slug}
    return json.dumps(said, ensure_ascii=False) + "\n"


def _schema() -> str:
    return release.head_revision() or ""


def _program() -> str:
    return (resources("guerdon.portability") / "verify_export.py").read_text(encoding="utf-8")
