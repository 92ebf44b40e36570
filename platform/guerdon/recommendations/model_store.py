"""Where a brand's models lie: under its own key, beside its files."""

import asyncio
from pathlib import Path
from typing import Final
from uuid import UUID

KEPT: Final = 3


class ModelStore:
    """A folder per tenant, reachable through no address."""

    def __init__(self, files_dir: str | Path) -> None:
        self._root = Path(files_dir) / "learning"

    def folder(self, tenant_id: UUID) -> Path:
        """The tenant's folder."""
        return self._root / str(tenant_id)

    def path(self, tenant_id: UUID, file_hash: str) -> Path:
        """The file of a model."""
        return self.folder(tenant_id) / "models" / f"{file_hash}.model"

    async def take(self, tenant_id: UUID, made: Path, file_hash: str) -> None:
        """Move a file that was written in the tenant's folder to its name."""
        path = self.path(tenant_id, file_hash)
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread(made.replace, path)

    async def prune(self, tenant_id: UUID, keep: set[str]) -> None:
        """Remove models that no kept version names. Who has one mapped keeps what they see."""

        def remove() -> None:
            for path in (self.folder(tenant_id) / "models").glob("*.model"):
                if path.stem not in keep:
                    path.unlink(missing_ok=True)

        await asyncio.to_thread(remove)
