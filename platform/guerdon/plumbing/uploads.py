"""Files on their way in: kept beside the pictures, reachable through no address, until they have
been taken in."""

import asyncio
from collections.abc import AsyncIterator, Collection
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from guerdon.kit.errors import GuerdonError, InvalidError
from guerdon.plumbing.files import forget_files


class UploadTooLargeError(InvalidError):
    """More bytes than are taken (`maximum`)."""

    code = "upload_too_large"
    status = 413
    title = "The file is too large"


class UploadGoneError(GuerdonError):
    """The file is not kept any more."""

    code = "upload_gone"
    status = 410
    title = "The file is not kept any more: send it again"


class Uploads:
    """A folder per tenant; a name is the id of the row that tells what the file is for."""

    def __init__(self, root: Path) -> None:
        self._root = root / "uploads"

    def _path(self, tenant_id: UUID, upload_id: UUID) -> Path:
        return self._root / str(tenant_id) / str(upload_id)

    async def keep(
        self, tenant_id: UUID, upload_id: UUID, content: AsyncIterator[bytes], *, bytes_max: int
    ) -> int:
        """Write the stream; its size. UploadTooLargeError, and InvalidError for nothing at all."""
        path = self._path(tenant_id, upload_id)
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        size = 0
        try:
            with await asyncio.to_thread(partial.open, "wb") as file:
                async for chunk in content:
                    size += len(chunk)
                    if size > bytes_max:
                        raise UploadTooLargeError(
                            f"At most {bytes_max:,} bytes are taken.",
                            field="file",
                            maximum=bytes_max,
                        )
                    await asyncio.to_thread(file.write, chunk)
            if not size:
                raise InvalidError("The file is empty.", field="file")
            await asyncio.to_thread(partial.replace, path)
        finally:
            await asyncio.to_thread(partial.unlink, missing_ok=True)
        return size

    def open(self, tenant_id: UUID, upload_id: UUID) -> BinaryIO:
        """The file for reading; UploadGoneError."""
        try:
            return self._path(tenant_id, upload_id).open("rb")
        except FileNotFoundError as error:
            raise UploadGoneError from error

    def beside(self, tenant_id: UUID, upload_id: UUID) -> Path:
        """Where whoever works through the file keeps notes; they go with it."""
        return self._path(tenant_id, upload_id).with_suffix(".notes")

    async def forget(self, tenant_id: UUID, upload_id: UUID) -> None:
        """Remove the file, if it is there."""
        for path in (self._path(tenant_id, upload_id), self.beside(tenant_id, upload_id)):
            await asyncio.to_thread(path.unlink, missing_ok=True)

    def forget_others(self, tenant_id: UUID, *, keep: Collection[str], before: datetime) -> int:
        """Remove what is not to be kept and came before an instant; how many files."""
        folder = self._root / str(tenant_id)
        return forget_files(folder.iterdir() if folder.is_dir() else (), keep, before)
