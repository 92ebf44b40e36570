"""Addresses of fields in a content: `points.fee.percent`, `tiers.tiers[gold].threshold`.

A name goes into an object, a key in brackets to the item of a list that has it, `[*]` to the order
of such a list. Names and keys with other signs than usual stand in quotes, as JSON.
"""

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec

from guerdon.kit.errors import InvalidError

# How the items of a list are told apart, where they can be: by the first of these that all have.
KEY_FIELDS = ("key", "kid", "client_id")
_PLAIN_NAME = re.compile(r"[^\s.\[\]\"*]+")
_PLAIN_KEY = re.compile(r"[^\s\[\]\"*]+")
_SEGMENT = re.compile(
    r"""(?P<dot>\.)?(?:(?P<name>[^\s.\[\]"*]+)|(?P<quoted>"(?:[^"\\]|\\.)*"))
      |\[(?:(?P<order>\*)|(?P<key>[^\s\[\]"*]+)|(?P<quoted_key>"(?:[^"\\]|\\.)*"))\]""",
    re.VERBOSE,
)
PATH_LENGTH_MAX = 400


class Name(msgspec.Struct, frozen=True):
    """Into an object, by the name of a field or entry."""

    name: str

    def __str__(self) -> str:
        return self.name if _PLAIN_NAME.fullmatch(self.name) else json.dumps(self.name)


class Item(msgspec.Struct, frozen=True):
    """To the item of a list, by its key."""

    key: str

    def __str__(self) -> str:
        return f"[{self.key if _PLAIN_KEY.fullmatch(self.key) else json.dumps(self.key)}]"


class Order(msgspec.Struct, frozen=True):
    """The order of a list's items, a list of their keys."""

    def __str__(self) -> str:
        return "[*]"


ORDER = Order()
Segment = Name | Item | Order
Path = tuple[Segment, ...]


class UnknownPathError(InvalidError):
    """A path that leads nowhere."""

    code = "unknown_parameter"
    title = "There is no such parameter"


@lru_cache(maxsize=20_000)
def parse(text: str) -> Path:
    """The segments of a path; UnknownPathError where it cannot be read."""
    segments: list[Segment] = []
    at = 0
    while at < len(text) <= PATH_LENGTH_MAX:
        found = _SEGMENT.match(text, at)
        if found is None:
            break
        named = found["name"] or found["quoted"]
        if named and (found["dot"] is None) != (at == 0):
            break
        try:
            if found["order"]:
                segments.append(ORDER)
            elif found["name"]:
                segments.append(Name(found["name"]))
            elif found["quoted"]:
                segments.append(Name(json.loads(found["quoted"])))
            else:
                segments.append(Item(found["key"] or json.loads(found["quoted_key"])))
        except ValueError:
            break
        at = found.end()
    if at < len(text) or not segments or not isinstance(segments[0], Name):
        raise UnknownPathError(f"{text[:80]!r} is no path of a parameter.", field=text[:80])
    return tuple(segments)


def text_of(path: Sequence[Segment]) -> str:
    """A path as it is written."""
    parts: list[str] = []
    for segment in path:
        if parts and isinstance(segment, Name):
            parts.append(".")
        parts.append(str(segment))
    return "".join(parts)


def key_field(*lists: Any) -> str | None:
    """The field by which the items of all these lists are told apart, or None."""
    for field in KEY_FIELDS:
        if all(_told_apart(items, field) for items in lists):
            return field
    return None


def _told_apart(items: Any, field: str) -> bool:
    if not isinstance(items, list):
        return False
    keys = [item.get(field) if isinstance(item, dict) else None for item in items]
    return all(isinstance(key, str) and key for key in keys) and len(set(keys)) == len(keys)


_INDEX = re.compile(r"\[(\d+)\]|\[\.\.\.\]|\.?([^.\[\]]+)")


def by_keys(content: Any, path: str, known: dict[int, str | None] | None = None) -> str:
    """A path with list positions (`tiers.tiers[1].key`), with keys where the content has them.

    `known` remembers, between paths of one content, how items of its lists are told apart.
    """
    node, segments = content, ""
    known = {} if known is None else known
    for found in _INDEX.finditer(path):
        if found[2] is not None:
            node = node.get(found[2]) if isinstance(node, dict) else None
            name = str(Name(found[2]))
            segments += f".{name}" if segments else name
        elif found[1] is not None:
            place = int(found[1])
            if id(node) not in known:
                known[id(node)] = key_field(node) if node else None
            field = known[id(node)]
            inside = isinstance(node, list) and place < len(node)
            node = node[place] if inside else None
            segments += str(Item(node[field])) if field and isinstance(node, dict) else found[0]
    return segments
