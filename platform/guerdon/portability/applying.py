"""Bringing an export into a deployment that does not know the brand: all of it, or nothing.

Done by the operator, as the owner of the tables: rows of the ledger and of trails are written as
they were, which no process that serves may do. Guards, checks and foreign keys stay in force.
"""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NoReturn
from uuid import UUID

import msgspec

from guerdon.fulfilment.operations import Given, keep_codes
from guerdon.plumbing import release
from guerdon.plumbing.crypto import MasterKey, SecretBox
from guerdon.plumbing.db import Database, WriteSession
from guerdon.portability import folders
from guerdon.portability.errors import ExportBrokenError, TenantThereError
from guerdon.portability.exporting import Manifest
from guerdon.portability.tables import MADE_ANEW, WHOLE_BY, Table, exported_tables
from guerdon.portability.verify_export import MANIFEST, findings
from guerdon.settings import Settings
from guerdon.tenancy.lifecycle import State, beginning_of
from guerdon.tenancy.operations import save_tenant
from guerdon.tenancy.schemas import Tenant

ROWS: Final = 1000
BYTES: Final = 4 << 20
_CHANGES: Final = ("parameters", "keys", "catalogue")
Progress = Callable[[str], None]


async def apply_export(
    settings: Settings, folder: Path, *, progress: Progress = lambda _: None
) -> tuple[Tenant, Manifest]:
    """Make the brand of `folder` here; it begins as a copy does.

    Raises ExportBrokenError (`file` and why), TenantThereError.
    """
    for name, sentence in findings(folder):
        _broken(name, sentence)
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
        tenant_id, state = UUID(manifest.tenant.id), State(manifest.tenant.state)
    except (msgspec.MsgspecError, ValueError) as error:
        _broken(MANIFEST, str(error))
    here = await asyncio.to_thread(release.revision, settings.database_dsn("migrator"))
    if manifest.schema != here:
        _broken(
            MANIFEST,
            f"it was written by a release with schema {manifest.schema}, this deployment has"
            f" {here}: bring both to the same release, then export again",
        )
    db = Database(_as_owner(settings), bytes.fromhex(settings.context_key), pool_size=2)
    root, began = Path(settings.files_dir), False
    await db.open()
    try:
        async with db.write(tenant_id) as s:
            await _refuse_known(s, manifest)
            made = await save_tenant(
                s,
                tenant_id=tenant_id,
                slug=manifest.tenant.slug,
                name=manifest.tenant.name,
                begins_as=beginning_of(state),
                canonical_host=f"{manifest.tenant.slug}.{settings.base_domain}",
                hosts=(),
            )
            await s.value(
                "SELECT set_config('app.restoring', %(tenant_id)s::text, true),"
                " set_config('statement_timeout', '0', true)"
            )
            await _rows(db, s, folder, manifest, progress)
            await _made_anew(settings, s)
            for kind in _CHANGES:
                await s.value("SELECT ctl.note_change(%(tenant_id)s, %(kind)s)", {"kind": kind})
            progress("files")
            began = True
            await asyncio.to_thread(_files, folder, manifest, root, tenant_id)
    except BaseException:
        if began:
            await asyncio.to_thread(folders.remove_all, root, tenant_id)
        raise
    finally:
        await db.close()
    return made, manifest


def _as_owner(settings: Settings) -> str:
    dsn = settings.database_dsn("migrator")
    return f"{dsn}{'&' if '?' in dsn else '?'}options=-c%20role%3Dguerdon_owner"


def _broken(name: str, sentence: str) -> NoReturn:
    raise ExportBrokenError(f"{name}: {sentence}.", field="folder", file=name)


async def _refuse_known(s: WriteSession, manifest: Manifest) -> None:
    by_slug = await s.value("SELECT ctl.tenant_by_slug(%(slug)s)", {"slug": manifest.tenant.slug})
    by_id = await s.value("SELECT count(*) FROM ctl.read_tenant_v2(%(tenant_id)s)")
    if by_slug is not None or by_id:
        raise TenantThereError(
            f"There is a brand {manifest.tenant.slug!r} already, or one of its id. An export is"
            " applied to a deployment that does not know the brand.",
            field="slug",
        )


async def _rows(
    db: Database, s: WriteSession, folder: Path, manifest: Manifest, progress: Progress
) -> None:
    tables = await exported_tables(s)
    expected = {file.name: file.rows or 0 for file in manifest.files if file.rows is not None}
    for table in tables:
        name = f"tables/{table.name}.jsonl"
        if name not in expected:
            _broken(MANIFEST, f"{name} is not part of it")
        progress(table.name)
        written = 0
        # Rows that name rows of their own table come after those that do not.
        for later in (False, True) if table.own else (None,):
            for lines in _batches(folder / name, table, later):
                await s.value("SELECT app.enter(%(ctx)s)", {"ctx": db.sign(s.tenant_id)})
                written += await _insert(s, table, lines)
        if written != expected.pop(name):
            _broken(name, "not every row could be written")
    for name in expected:
        _broken(name, "this release has no such table")


async def _made_anew(settings: Settings, s: WriteSession) -> None:
    """The brand's data key, and what depends on it: members keep the codes that they were given."""
    data_key = await SecretBox(MasterKey(bytes.fromhex(settings.master_key))).ensure_data_key(s)
    given = await s.all(
        Given,
        "SELECT o.id, r.pickup_code AS code FROM app.counter_order o"
        "  JOIN app.redemption r ON r.tenant_id = o.tenant_id AND r.id = o.id"
        " WHERE o.tenant_id = %(tenant_id)s AND r.pickup_code IS NOT NULL",
    )
    await keep_codes(s, given, data_key=data_key)


def _batches(path: Path, table: Table, later: bool | None) -> Iterator[list[bytes]]:
    """Lines to be written by one statement."""
    whole_by = WHOLE_BY.get(table.name)
    batch: list[bytes] = []
    size, last = 0, None
    with path.open("rb") as file:
        for line in file:
            row: dict[str, Any] = {}
            if whole_by or later is not None:
                row = msgspec.json.decode(line)
            if later is not None and later is all(row[name] is None for name in table.own):
                continue
            full = len(batch) >= ROWS or size >= BYTES
            if full and (whole_by is None or row[whole_by] != last):
                yield batch
                batch, size = [], 0
            batch.append(line.rstrip(b"\n"))
            size += len(line)
            last = row.get(whole_by) if whole_by else None
    if batch:
        yield batch


async def _insert(s: WriteSession, table: Table, lines: list[bytes]) -> int:
    anew = MADE_ANEW.get(table.name, {})
    columns = ", ".join(f'"{name}"' for name in (*table.columns, *anew))
    picked = ", ".join([*(f'r."{name}"' for name in table.columns), *anew.values()])
    return await s.execute(
        f'INSERT INTO app."{table.name}" (tenant_id, {columns})'  # noqa: S608
        f" SELECT %(tenant_id)s, {picked}"
        f' FROM json_populate_recordset(NULL::app."{table.name}", %(rows)s::json) r',
        {"rows": (b"[" + b",".join(lines) + b"]").decode()},
    )


def _files(folder: Path, manifest: Manifest, root: Path, tenant_id: UUID) -> None:
    for file in manifest.files:
        if file.name.startswith("files/"):
            if not file.name.startswith(folders.PLACES):
                _broken(file.name, "no such files are kept")
            target = folders.place_of(root, tenant_id, file.name.removeprefix("files/"))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / file.name, target)
