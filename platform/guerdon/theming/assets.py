"""Static files of the themes, in memory, under addresses that carry their content's hash.

Such an address never changes its content, so browsers may keep it for a year.
"""

import gzip
import hashlib
import mimetypes
from pathlib import Path

import msgspec

mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("image/svg+xml", ".svg")

_COMPRESSIBLE = ("text/", "image/svg+xml", "application/json")


class Asset(msgspec.Struct, frozen=True):
    """One file: content, media type, gzip twin where that is smaller."""

    content: bytes
    media_type: str
    gzipped: bytes | None


def content_hash(content: bytes) -> str:
    """A short name for exactly these bytes."""
    return hashlib.sha256(content).hexdigest()[:16]


def make_asset(content: bytes, media_type: str) -> Asset:
    """An asset with its compressed twin, if compression pays."""
    packed = None
    if media_type.startswith(_COMPRESSIBLE):
        packed = gzip.compress(content, 9, mtime=0)
    return Asset(content, media_type, packed if packed and len(packed) < len(content) else None)


class Assets:
    """All static files below `<theme>/static`, read once."""

    def __init__(self, themes: Path) -> None:
        self._by_path: dict[str, Asset] = {}
        self._url_of: dict[str, str] = {}
        for file in sorted(themes.glob("*/static/**/*")):
            if file.is_file():
                theme = file.relative_to(themes).parts[0]
                name = file.relative_to(themes / theme / "static").as_posix()
                self.add(f"{theme}/{name}", file.read_bytes())

    def add(self, name: str, content: bytes) -> str:
        """Serve `content` under `name`; the address."""
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        path = f"{content_hash(content)}/{name}"
        self._by_path[path] = make_asset(content, media_type)
        self._url_of[name] = f"/assets/{path}"
        return self._url_of[name]

    def url(self, name: str) -> str:
        """The address of `<theme>/<file>`; KeyError if there is no such file."""
        return self._url_of[name]

    def get(self, path: str) -> Asset | None:
        """The asset at `<hash>/<theme>/<file>`."""
        return self._by_path.get(path)
