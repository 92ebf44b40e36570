"""Cursor paging: opaque, stable under inserts, bounded."""

import base64
import binascii
from typing import Any, Generic, TypeVar

import msgspec

from guerdon.kit.errors import InvalidError

T = TypeVar("T")

PAGE_SIZE_DEFAULT = 25
PAGE_SIZE_MAX = 100


class Page(msgspec.Struct, Generic[T], rename="camel"):
    """One page of a list; `next_cursor` is absent on the last page."""

    items: list[T]
    next_cursor: str | None = None


def encode_cursor(*key: Any) -> str:
    """The sort key of the last row of a page, opaque to the client."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def decode_cursor(cursor: str, *types: Any) -> tuple[Any, ...]:
    """The sort key in `cursor`, each part of the type told; InvalidError if it is not ours."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        parts = msgspec.json.decode(raw, type=list[Any])
        if len(parts) != len(types):
            raise ValueError("length")
        return tuple(msgspec.convert(p, t, strict=False) for p, t in zip(parts, types, strict=True))
    except (binascii.Error, msgspec.MsgspecError, ValueError) as error:
        raise InvalidError("This cursor was not issued here.", field="cursor") from error


def check_page_size(size: int) -> int:
    """`size` if it is within 1..100, else InvalidError."""
    if not 1 <= size <= PAGE_SIZE_MAX:
        raise InvalidError(f"A page has 1 to {PAGE_SIZE_MAX} items.", field="limit")
    return size
