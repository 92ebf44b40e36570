"""Exports that people ask for: one at a time, a few a day, to be downloaded for a week."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, ClassVar, Final, Literal
from uuid import UUID

import msgspec
from psycopg.errors import UniqueViolation

from guerdon.kit.errors import NotFoundError
from guerdon.kit.ids import uuid7
from guerdon.plumbing import outbox
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.plumbing.outbox import Message
from guerdon.portability.errors import ExportGoneError, ExportLimitError, ExportUnderWayError
from guerdon.portability.exporting import Manifest
from guerdon.portability.folders import EXPORTS
from guerdon.settings import Settings

KEPT_FOR: Final = timedelta(days=7)
A_DAY: Final = 3
LISTED: Final = 20

ExportState = Literal["waiting", "running", "ready", "failed", "expired"]


class MakeExport(Message, frozen=True):
    """Make an export that was asked for."""

    topic: ClassVar[str] = "tenancy.make_export"
    queue: ClassVar[str] = "bulk"
    real_time: ClassVar[bool] = True
    attempts_max: ClassVar[int] = 3
    export_id: UUID


class ExpireExport(Message, frozen=True):
    """Remove an export after its time."""

    topic: ClassVar[str] = "tenancy.expire_export"
    queue: ClassVar[str] = "bulk"
    real_time: ClassVar[bool] = True
    export_id: UUID


class Export(msgspec.Struct, frozen=True):
    """An export, how far it is, and until when it can be downloaded."""

    id: UUID
    state: ExportState
    requested_by: str
    requested_at: datetime
    done: int
    total: int
    ready_at: datetime | None
    expires_at: datetime | None
    size_bytes: int | None
    row_count: int | None
    file_count: int | None
    content_hash: str | None


_COLUMNS: Final = ", ".join(Export.__struct_fields__)


async def ask(s: WriteSession, *, requested_by: str, now: datetime) -> Export:
    """Have everything of the brand exported by a worker.

    Raises ExportUnderWayError, ExportLimitError.
    """
    day_ago = now - timedelta(days=1)
    times: list[datetime] = await s.all(
        datetime,
        "SELECT requested_at FROM app.tenant_export WHERE tenant_id = %(tenant_id)s"
        " AND requested_at > %(day_ago)s ORDER BY requested_at",
        {"day_ago": day_ago},
    )
    if len(times) >= A_DAY:
        wait = times[-A_DAY] - day_ago
        raise ExportLimitError(
            f"A brand is exported at most {A_DAY} times a day. Download the last export, or ask"
            " again later.",
            retry_after_s=int(wait.total_seconds()) + 1,
            maximum=A_DAY,
        )
    export_id = uuid7()
    try:
        async with s.part():
            await s.execute(
                "INSERT INTO app.tenant_export (tenant_id, id, requested_by, requested_at)"
                " VALUES (%(tenant_id)s, %(id)s, %(by)s, %(now)s)",
                {"id": export_id, "by": requested_by, "now": now},
            )
    except UniqueViolation as error:
        raise ExportUnderWayError("Wait until the export that is being made is ready.") from error
    await outbox.put(s, MakeExport(export_id))
    return await find(s, export_id)


async def find(s: ReadSession, export_id: UUID) -> Export:
    """One export; NotFoundError."""
    found = await s.one_or_none(
        Export,
        f"SELECT {_COLUMNS} FROM app.tenant_export WHERE tenant_id = %(tenant_id)s AND id = %(id)s",  # noqa: S608
        {"id": export_id},
    )
    if found is None:
        raise NotFoundError("There is no such export.")
    return found


async def recent(s: ReadSession) -> list[Export]:
    """The last exports, newest first."""
    return await s.all(
        Export,
        f"SELECT {_COLUMNS} FROM app.tenant_export WHERE tenant_id = %(tenant_id)s"  # noqa: S608
        " ORDER BY requested_at DESC, id DESC LIMIT %(most)s",
        {"most": LISTED},
    )


def file_of(settings: Settings, tenant_id: UUID, export_id: UUID) -> Path:
    """Where the file of an export lies."""
    return Path(settings.files_dir) / EXPORTS / str(tenant_id) / f"{export_id}.zip"


def open_file(settings: Settings, tenant_id: UUID, found: Export, now: datetime) -> BinaryIO:
    """The file for reading; ExportGoneError where there is none (any more)."""
    if found.state != "ready" or found.expires_at is None or now >= found.expires_at:
        raise ExportGoneError("There is no file to download. Ask for a new export.")
    try:
        return file_of(settings, tenant_id, found.id).open("rb")
    except FileNotFoundError as error:
        raise ExportGoneError("The file is not there. Ask for a new export.") from error


def clear(path: Path) -> None:
    """Remove a file or folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


async def start(s: WriteSession, *, export_id: UUID) -> bool:
    """Whether there is (still) something to make."""
    return (
        await s.execute(
            "UPDATE app.tenant_export SET state = 'running' WHERE tenant_id = %(tenant_id)s"
            " AND id = %(id)s AND state IN ('waiting', 'running')",
            {"id": export_id},
        )
        == 1
    )


async def note_progress(s: WriteSession, *, export_id: UUID, done: int, total: int) -> None:
    """Say how far it is; never back."""
    await s.execute(
        "UPDATE app.tenant_export SET done = greatest(done, %(done)s), total = %(total)s"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND state = 'running'",
        {"id": export_id, "done": done, "total": total},
    )


async def ready(
    s: WriteSession, *, export_id: UUID, manifest: Manifest, size_bytes: int, now: datetime,
    expires_at: datetime,
) -> None:  # fmt: skip
    """It can be downloaded."""
    await s.execute(
        "UPDATE app.tenant_export SET state = 'ready', done = total, ready_at = %(now)s,"
        " expires_at = %(expires_at)s, size_bytes = %(size)s, row_count = %(rows)s,"
        " file_count = %(files)s, content_hash = %(content)s"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {
            "id": export_id,
            "now": now,
            "expires_at": expires_at,
            "size": size_bytes,
            "rows": manifest.rows,
            "files": len(manifest.files),
            "content": manifest.content_hash,
        },
    )


async def failed(s: WriteSession, *, export_id: UUID) -> None:
    """It could not be made."""
    await s.execute(
        "UPDATE app.tenant_export SET state = 'failed' WHERE tenant_id = %(tenant_id)s"
        " AND id = %(id)s AND state IN ('waiting', 'running')",
        {"id": export_id},
    )


async def expire(s: WriteSession, *, export_id: UUID) -> None:
    """Its time is over."""
    await s.execute(
        "UPDATE app.tenant_export SET state = 'expired' WHERE tenant_id = %(tenant_id)s"
        " AND id = %(id)s AND state = 'ready'",
        {"id": export_id},
    )
