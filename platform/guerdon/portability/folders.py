"""Where files of a brand lie: a folder named by its id, under the files' root or one below it."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import UUID

EXPORTS: Final = "exports"
PLACES: Final = ("files/pictures/", "files/learning/models/")
# Uploads are on their way in, exports tell of everything once more, and what learning leaves
# beside its models is scratch.
_NOT_CARRIED: Final = frozenset({EXPORTS, "uploads"})


def folders(root: Path, tenant_id: UUID) -> list[Path]:
    """Every folder of the brand that is there."""
    if not root.is_dir():
        return []
    places = [root, *sorted(p for p in root.iterdir() if p.is_dir())]
    return [p / str(tenant_id) for p in places if (p / str(tenant_id)).is_dir()]


def carried(root: Path, tenant_id: UUID) -> Iterator[tuple[str, Path]]:
    """The files that an export holds, by name in order: pictures, and models in force or kept."""
    found: list[tuple[str, Path]] = []
    for folder in folders(root, tenant_id):
        place = "" if folder.parent == root else folder.parent.name
        if place in _NOT_CARRIED:
            continue
        for path in folder.rglob("*"):
            name = path.relative_to(folder).as_posix()
            if path.is_symlink() or not path.is_file() or path.suffix == ".partial":
                continue
            if place and not name.startswith("models/"):
                continue
            found.append((f"{place or 'pictures'}/{name}", path))
    yield from sorted(found)


def place_of(root: Path, tenant_id: UUID, name: str) -> Path:
    """Where a file of an export belongs."""
    place, _, rest = name.partition("/")
    base = root if place == "pictures" else root / place
    return base / str(tenant_id) / rest


def remove_all(root: Path, tenant_id: UUID) -> tuple[int, int]:
    """Remove every file of the brand, its folders too; how many, and how many bytes."""
    files = size = 0
    for folder in folders(root, tenant_id):
        for path in folder.rglob("*"):
            if not path.is_dir() or path.is_symlink():
                files, size = files + 1, size + path.lstat().st_size
                path.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
    return files, size
