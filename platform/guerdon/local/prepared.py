"""Whether an earlier run has already prepared this home, so that the next starts in seconds."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import guerdon
from guerdon.kit.paths import bundled
from guerdon.local.home import BRANDS, Home

_STAMP = "prepared.stamp"


class Prepared:
    """The state that schema and brands were prepared for: sources, migrations, folders, settings.

    Made before the servers start: it looks whether the data are there.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._had_data = (home.postgres / "PG_VERSION").exists() or home.postgres.is_symlink()

    def holds(self, environment: Mapping[str, str]) -> bool:
        """Whether nothing changed since `note`."""
        stamp = self._home.path / _STAMP
        if not self._had_data or not stamp.exists() or not (self._home.path / BRANDS).exists():
            return False
        return stamp.read_text() == _digest(environment)

    def note(self, environment: Mapping[str, str]) -> None:
        """Everything is prepared for what is there now."""
        self._home.write_private(_STAMP, _digest(environment))

    def forget(self) -> None:
        """Something is about to change."""
        (self._home.path / _STAMP).unlink(missing_ok=True)


def _digest(environment: Mapping[str, str]) -> str:
    found = hashlib.sha256()
    package = Path(str(guerdon.__file__)).parent
    for folder in (package, bundled("migrations"), bundled("tenants") / "demo"):
        for file in sorted(folder.rglob("*")):
            if "__pycache__" not in file.parts and file.is_file():
                about = file.stat()
                found.update(f"{file}\0{about.st_size}\0{about.st_mtime_ns}\n".encode())
    for name, value in sorted(environment.items()):
        # Valkey's port is another one each time, and nothing that is prepared knows it.
        if name not in ("GUERDON_REDIS_URL", "GUERDON_BROKER_URL"):
            found.update(f"{name}={value}\n".encode())
    return found.hexdigest()
