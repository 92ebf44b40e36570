"""Pages that are rendered once and filled many times.

A page is rendered with marks where values of one reader belong; the text between the marks is
kept as bytes. Filling it is joining bytes: no template runs while a member waits.
"""

import re
from collections.abc import Mapping, Sequence

from markupsafe import escape

# Two characters of Unicode's private area: no text of a brand or member keeps them (`mark`).
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}([a-z_]+){_CLOSE}")


def mark(name: str) -> str:
    """A place in a page for the value `name`."""
    return f"{_OPEN}{name}{_CLOSE}"


def plain(text: str) -> str:
    """Text of a brand, without characters that could be taken for a mark."""
    return text.replace(_OPEN, "").replace(_CLOSE, "")


class Composed:
    """A rendered page with open places."""

    def __init__(self, html: str) -> None:
        parts = _MARK.split(html)
        self.fixed = [part.encode() for part in parts[::2]]
        self._names = parts[1::2]
        self._rest = list(zip(self._names, self.fixed[1:], strict=True))

    @property
    def names(self) -> frozenset[str]:
        """The places."""
        return frozenset(self._names)

    def fill(self, values: Mapping[str, bytes]) -> bytes:
        """The page with `values` in their places; KeyError if one is missing."""
        pieces = [self.fixed[0]]
        for name, fixed in self._rest:
            pieces += (values[name], fixed)
        return b"".join(pieces)


class Joined:
    """Rendered parts, one after the other; a part has one value, however often it occurs in it."""

    def __init__(self, parts: Sequence[Composed]) -> None:
        fixed = [b""]
        # Which part each place belongs to.
        self._turns: list[int] = []
        for turn, part in enumerate(parts):
            first, *rest = part.fixed
            fixed[-1] += first
            fixed += rest
            self._turns += [turn] * len(rest)
        self._fixed = fixed

    def fill(self, values: Sequence[bytes]) -> bytes:
        """All of it; part n has `values[n]` in its places."""
        pieces = [self._fixed[0]]
        for turn, fixed in zip(self._turns, self._fixed[1:], strict=True):
            pieces += (values[turn], fixed)
        return b"".join(pieces)


def as_text(value: str) -> bytes:
    """A value as text within HTML."""
    return str(escape(value)).encode()
