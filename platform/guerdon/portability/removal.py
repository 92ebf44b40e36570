"""Removing everything a closed brand has, in bounded steps, and certifying it.

Each step is a transaction of its own and may be repeated: whoever is killed goes on where the
rows say. What stays is listed with its reason; the certificate tells it.
"""

import asyncio
import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec

from guerdon.plumbing.cache import reach
from guerdon.plumbing.db import ReadSession, WriteSession, jsonb
from guerdon.portability import folders
from guerdon.portability.tables import all_tables
from guerdon.runtime import Runtime
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.tenancy.schemas import Tenant

ROWS: Final = 2000
KEYS: Final = 1000
SLUG_RESERVED: Final = timedelta(days=365)

# Tables of the schema `ctl` that go on naming the brand, and why.
KEPT: Final[dict[str, str]] = {
    "change": "that something of the brand changed, so that every process follows: no content",
    "queue_state": "which jobs of this removal wait for a worker, until they are done",
    "tenant": "its short name, which nobody else gets for a year, and the days of its states",
    "tenant_host": "its own address, which answers that the programme has ended",
    "tenant_removal": "this certificate",
}
_BACKUPS: Final = (
    "Backups of the whole platform made before this day hold the data until they are destroyed."
)


class Removal(msgspec.Struct, frozen=True):
    """How far a removal is, or what came of it."""

    begun_at: datetime
    recipients: tuple["Recipient", ...] | None
    counts: dict[str, int]
    file_count: int
    file_bytes: int
    key_count: int
    finished_at: datetime | None
    certificate: dict[str, Any] | None
    certificate_hash: str | None
    slug_free_at: datetime | None


class Recipient(msgspec.Struct, frozen=True):
    """An owner who is told."""

    email: str
    name: str
    language: str


class Kept(msgspec.Struct, frozen=True):
    """Something of the brand that stays, and why."""

    what: str
    reason: str


class Certificate(msgspec.Struct, frozen=True):
    """What was removed, when, for whom. Its hash is over its canonical JSON."""

    certificate: str
    tenant: UUID
    slug: str
    closed_at: datetime
    begun_at: datetime
    finished_at: datetime
    removed_by: str
    rows: dict[str, int]
    files: int
    file_bytes: int
    keys: int
    kept: tuple[Kept, ...]
    backups: str


class NotEmptyError(RuntimeError):
    """Rows are left after all were removed: somebody wrote meanwhile. The next attempt goes on."""


async def read_removal(s: ReadSession) -> Removal | None:
    """The removal of the tenant in context, if it has begun."""
    return await s.one_or_none(
        Removal,
        "SELECT begun_at, recipients, counts, file_count, file_bytes, key_count, finished_at,"
        # The name is free again: there is no such day any more.
        " certificate, certificate_hash, nullif(slug_free_at, 'infinity') AS slug_free_at"
        " FROM ctl.read_removal_v1(%(tenant_id)s)",
    )


async def begin(s: WriteSession, *, host: str, now: datetime) -> None:
    """Cut the brand off and remember its owners; does nothing the second time."""
    owners = await s.all(
        Recipient,
        "SELECT email_norm AS email, name, language FROM app.staff WHERE tenant_id = %(tenant_id)s"
        " AND status = 'active' AND 'owner' = ANY (roles) ORDER BY email_norm",
    )
    await s.value(
        "SELECT ctl.begin_removal_v1(%(tenant_id)s, %(host)s, %(recipients)s, %(now)s)",
        {"host": host, "recipients": jsonb(owners), "now": now},
    )


async def remove_everything(rt: Runtime, tenant_id: UUID) -> None:
    """Rows, files, keys; ways that lead to the brand from outside go first."""
    async with rt.db.read(tenant_id) as s:
        tables = await _removed(s)
    for schema, table in tables:
        await _remove_rows(rt, tenant_id, schema, table)
    await _forget_founder(rt, tenant_id)
    root = Path(rt.settings.files_dir)
    files, size = await asyncio.to_thread(folders.remove_all, root, tenant_id)
    keys = await _remove_keys(rt, tenant_id)
    async with rt.db.write(tenant_id) as s:
        await s.value(
            "SELECT ctl.note_removal_v1(%(tenant_id)s, %(files)s, %(size)s, %(keys)s)",
            {"files": files, "size": size, "keys": keys},
        )


async def _removed(s: ReadSession) -> list[tuple[str, str]]:
    """Schema and name of each table of which rows are removed, in the order in which they go."""
    return [
        (schema, table.name)
        for schema in ("ctl", "app")
        for table in reversed(await all_tables(s, schema))
        if schema == "app" or table.name not in KEPT
    ]


async def _forget_founder(rt: Runtime, tenant_id: UUID) -> None:
    """The brand's sign-up, with the address of whoever made it, is a row of the operator."""
    async with rt.db.write(OPERATOR_ID) as s:
        await s.execute(
            "DELETE FROM app.signup WHERE tenant_id = %(tenant_id)s AND brand_id = %(brand)s",
            {"brand": tenant_id},
        )


async def _remove_rows(rt: Runtime, tenant_id: UUID, schema: str, table: str) -> None:
    removed = 1
    while removed:
        async with rt.db.write(tenant_id) as s:
            removed = await _remove_some(s, schema, table)


async def _remove_some(s: WriteSession, schema: str, table: str) -> int:
    removed: int = await s.value(
        "SELECT ctl.remove_rows_v1(%(tenant_id)s, %(schema)s, %(table)s, %(limit)s)",
        {"schema": schema, "table": table, "limit": ROWS},
    )
    return removed


async def _remove_keys(rt: Runtime, tenant_id: UUID) -> int:
    removed = 0
    cursor = 0
    while True:
        cursor, names = await reach(rt.valkey.scan(cursor, match=f"g:{tenant_id}:*", count=KEYS))
        if names:
            removed += int(await reach(rt.valkey.unlink(*names)))
        if cursor == 0:
            return removed


async def finish(s: WriteSession, tenant: Tenant, *, now: datetime) -> str:
    """Look once more, and write the certificate; its hash. NotEmptyError."""
    for schema, table in await _removed(s):
        if left := await _remove_some(s, schema, table):
            raise NotEmptyError(f"{left} rows of {schema}.{table}")
    done = await read_removal(s)
    if done is None:
        raise NotEmptyError("the removal has not begun")
    made = Certificate(
        certificate="deletion",
        tenant=tenant.id,
        slug=tenant.slug,
        closed_at=tenant.status_since,
        begun_at=done.begun_at,
        finished_at=now,
        removed_by="system",
        rows=dict(sorted(done.counts.items())),
        files=done.file_count,
        file_bytes=done.file_bytes,
        keys=done.key_count,
        kept=tuple(Kept(f"ctl.{name}", reason) for name, reason in sorted(KEPT.items())),
        backups=_BACKUPS,
    )
    text = msgspec.json.encode(made, order="sorted")
    found = hashlib.sha256(text).hexdigest()
    await s.value(
        "SELECT ctl.finish_removal_v1(%(tenant_id)s, %(certificate)s::jsonb, %(hash)s, %(now)s,"
        " %(free_at)s)",
        {
            "certificate": text.decode(),
            "hash": found,
            "now": now,
            "free_at": now + SLUG_RESERVED,
        },
    )
    return found


def certificate_text(removal: Removal) -> bytes:
    """The certificate as it was hashed."""
    made = msgspec.convert(removal.certificate, Certificate)
    return msgspec.json.encode(made, order="sorted")
