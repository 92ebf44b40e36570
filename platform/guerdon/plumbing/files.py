"""Files by content, under the tenant's key: pictures and logos.

Names are the SHA-256 of the content and its extension, so that an address never changes its
meaning and may be cached for ever.
"""

import asyncio
import hashlib
import re
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from guerdon.kit.errors import InvalidError, NotFoundError

MEDIA_TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "webp": "image/webp",
    "jpg": "image/jpeg",
    "woff2": "font/woff2",
}
FILE_BYTES_MAX = 5_000_000
_NAME = re.compile(r"^[0-9a-f]{64}\.(svg|png|webp|jpg|woff2)$")


def name_of(content: bytes, extension: str) -> str:
    """The name under which a content is kept."""
    return f"{hashlib.sha256(content).hexdigest()}.{extension}"


class FileStore:
    """A folder per tenant."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def _path(self, tenant_id: UUID, name: str) -> Path:
        if not _NAME.match(name):
            raise NotFoundError("There is no such file.")
        return self._root / str(tenant_id) / name[:2] / name

    async def put(self, tenant_id: UUID, content: bytes, extension: str) -> str:
        """Keep `content`; returns its name. InvalidError for a kind or size not taken."""
        if extension not in MEDIA_TYPES:
            raise InvalidError(f"Files of kind {extension!r} are not taken.", field="file")
        if not 0 < len(content) <= FILE_BYTES_MAX:
            raise InvalidError("A file has 1 byte to 5 MB.", field="file")
        name = name_of(content, extension)
        await asyncio.to_thread(_write, self._path(tenant_id, name), content)
        return name

    async def get(self, tenant_id: UUID, name: str) -> tuple[bytes, str]:
        """Content and media type; NotFoundError if the tenant has no such file."""
        path = self._path(tenant_id, name)
        try:
            content = await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError as error:
            raise NotFoundError("There is no such file.") from error
        return content, MEDIA_TYPES[name.rpartition(".")[2]]

    async def forget_others(
        self, tenant_id: UUID, *, keep: Collection[str], before: datetime
    ) -> int:
        """Remove what is not to be kept and was put before an instant; how many files."""
        folder = self._root / str(tenant_id)
        return await asyncio.to_thread(forget_files, folder.glob("??/*"), keep, before)

    async def used(self, tenant_id: UUID) -> int:
        """How many bytes the tenant's files take."""
        return await asyncio.to_thread(_size, self._root / str(tenant_id))


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("??/*") if path.suffix != ".partial")


def forget_files(paths: Iterable[Path], keep: Collection[str], before: datetime) -> int:
    """Remove files that were put before an instant, those of the names `keep` aside."""
    removed = 0
    for path in paths:
        if path.name not in keep and path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _write(path: Path, content: bytes) -> None:
    if path.exists():
        path.touch()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_bytes(content)
    partial.replace(path)
