"""The file of a model: what a process that serves members reads, without a numeric library.

    magic, length of the head (4 bytes), head (JSON), sections at multiples of 64 bytes

All numbers are little-endian. A member is found by the bucket of their id, and id and list lie
together, so that finding costs the same among thousands and millions: two places of the file are
touched. A list is `LISTED` (or `NEAR`) indices of products and as many scores, best first; a score
is in fifty-thousandths of the list's best, and 0 ends the list.
The file's name is its SHA-256; its head says whose it is.
"""

import hashlib
import mmap
import struct
import sys
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, field

from guerdon.kit.errors import GuerdonError

MAGIC: Final = b"GUERDON\x02"
ALIGN: Final = 64
LISTED: Final = 50
NEAR: Final = 20
SCORE_ONE: Final = 50_000
MILLIONTHS: Final = 1_000_000 // SCORE_ONE
KEY_BYTES: Final = 16
_HEAD_MAX: Final = 1_000_000
_SHORT_MAX: Final = 0xFFFF
_MIX: Final = 0x9E3779B97F4A7C15
_WORD: Final = 0xFFFF_FFFF_FFFF_FFFF

Method = Literal["als", "item_item", "popularity"]
Scored = list[tuple[UUID, int]]


class ModelMissingError(GuerdonError):
    """The file of a model that is in force is not where it belongs (`file`)."""

    code = "model_missing"
    status = 503
    title = "The file of the model is not there"


class ModelBrokenError(GuerdonError):
    """The file is not a model, or not the one that was written (`reason`)."""

    code = "model_broken"
    status = 503
    title = "The file of the model is broken"


class ModelForeignError(GuerdonError):
    """The file is another brand's model."""

    code = "model_foreign"
    status = 503
    title = "The file is a model of another brand"


_Count = Annotated[int, Meta(ge=0, lt=2**32)]


class Part(msgspec.Struct, frozen=True):
    """Where a section begins, how many bytes it has, and the type of its numbers."""

    offset: Annotated[int, Meta(ge=0)]
    length: Annotated[int, Meta(ge=0)]
    code: Literal["B", "H", "I"]


class Head(msgspec.Struct, frozen=True):
    """What the file says of itself."""

    tenant_id: UUID
    method: Method
    made_at: datetime
    members: _Count
    products: _Count
    bucket_bits: Annotated[int, Meta(ge=1, le=32)]
    popular: _Count
    trending: _Count
    parts: dict[str, Part] = field(default_factory=dict)


def index_bytes(products: int) -> int:
    """How many bytes the index of one of so many products takes."""
    return 2 if products <= _SHORT_MAX else 4


def member_bytes(products: int) -> int:
    """How many bytes a member takes: id, indices, scores."""
    return KEY_BYTES + LISTED * (index_bytes(products) + 2)


def sizes(head: Head) -> Mapping[str, int]:
    """How many numbers each section has to have."""
    return {
        "member_buckets": 2**head.bucket_bits + 1,
        "member_lists": head.members * member_bytes(head.products),
        "product_keys": head.products * KEY_BYTES,
        "near_products": head.products * NEAR,
        "near_scores": head.products * NEAR,
        "popular_products": head.popular,
        "popular_scores": head.popular,
        "trending_products": head.trending,
        "trending_scores": head.trending,
    }


def bucket(key: bytes, bits: int) -> int:
    """The bucket of a member's id; the writer computes the same."""
    folded = int.from_bytes(key[:8], "little") ^ int.from_bytes(key[8:], "little")
    return (folded * _MIX & _WORD) >> (64 - bits)


class Model:
    """A model in use. Its version is the row's that put it in force.

    `gone`: members who were erased since it was made; it does not know them any more.
    """

    gone: Set[UUID] = frozenset()

    def __init__(self, head: Head, content: memoryview, *, version: int) -> None:
        self.tenant_id = head.tenant_id
        self.method = head.method
        self.made_at = head.made_at
        self.version = version
        self.members = head.members
        self._bits = head.bucket_bits
        self._buckets = _numbers(head, content, "member_buckets")
        self._lists = _numbers(head, content, "member_lists")
        code = "H" if index_bytes(head.products) == 2 else "I"
        self._row = struct.Struct(f"<{LISTED}{code}{LISTED}H").unpack_from
        self._row_bytes = member_bytes(head.products)
        self._near = (
            _numbers(head, content, "near_products"),
            _numbers(head, content, "near_scores"),
        )
        keys = bytes(_numbers(head, content, "product_keys"))
        self._products = tuple(
            UUID(bytes=keys[at : at + KEY_BYTES]) for at in range(0, len(keys), KEY_BYTES)
        )
        self._index = {product: n for n, product in enumerate(self._products)}
        self._popular = self._list(
            _numbers(head, content, "popular_products"), _numbers(head, content, "popular_scores")
        )
        self._trending = self._list(
            _numbers(head, content, "trending_products"), _numbers(head, content, "trending_scores")
        )

    def top(self, member_id: UUID) -> Scored:
        """Products for this member, best first, scores in millionths of the best; none for a
        member that the model does not know."""
        if member_id in self.gone:
            return []
        key = member_id.bytes
        place = bucket(key, self._bits)
        for row in range(self._buckets[place], self._buckets[place + 1]):
            at = row * self._row_bytes
            if self._lists[at : at + KEY_BYTES] == key:
                numbers = self._row(self._lists, at + KEY_BYTES)
                return self._scored(numbers[:LISTED], numbers[LISTED:])
        return []

    @property
    def products(self) -> tuple[UUID, ...]:
        """Every product that it knows."""
        return self._products

    def similar(self, product_id: UUID) -> Scored:
        """Products that members had together with this one, best first."""
        row = self._index.get(product_id)
        if row is None:
            return []
        products, scores = self._near
        start = row * NEAR
        return self._list(products[start : start + NEAR], scores[start : start + NEAR])

    def popular(self) -> Sequence[tuple[UUID, int]]:
        """What members redeemed most."""
        return self._popular

    def trending(self) -> Sequence[tuple[UUID, int]]:
        """What members redeem more of than they used to."""
        return self._trending

    def _list(self, products: memoryview, scores: memoryview) -> Scored:
        return self._scored(products.tolist(), scores.tolist())

    def _scored(self, products: Sequence[int], scores: Sequence[int]) -> Scored:
        known = self._products
        return [
            (known[product], score * MILLIONTHS)
            for product, score in zip(products, scores, strict=True)
            if score
        ]


def _numbers(head: Head, content: memoryview, name: str) -> memoryview:
    part = head.parts[name]
    return content[part.offset : part.offset + part.length].cast(part.code)


def read_model(path: Path, *, tenant_id: UUID, file_hash: str, version: int) -> Model:
    """The model in the file, mapped into memory once it is proven to be whole and this brand's.

    Reads every byte once: call it in a thread. Raises ModelMissingError, ModelBrokenError,
    ModelForeignError.
    """
    try:
        with path.open("rb") as file:
            content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except FileNotFoundError as error:
        raise ModelMissingError(f"There is no file {path.name}.", file=path.name) from error
    except ValueError as error:
        raise _broken("it is empty") from error
    head = _head(content)
    if head.tenant_id != tenant_id:
        raise ModelForeignError("The file's head names another brand.")
    for name, count in sizes(head).items():
        part = head.parts.get(name)
        if part is None or part.offset % ALIGN or part.offset + part.length > len(content):
            raise _broken(f"its section {name} is not there")
        if part.length != count * {"B": 1, "H": 2, "I": 4}[part.code]:
            raise _broken(f"its section {name} has the wrong size")
    if hashlib.sha256(content).hexdigest() != file_hash:
        raise _broken("its hash is not the one that was written")
    return Model(head, content, version=version)


def _head(content: memoryview) -> Head:
    start = len(MAGIC) + 4
    if len(content) < start or bytes(content[: len(MAGIC)]) != MAGIC:
        raise _broken("it does not begin as one")
    if sys.byteorder != "little":
        raise _broken("this machine counts bytes the other way round")
    length = int.from_bytes(content[len(MAGIC) : start], "little")
    if length > min(_HEAD_MAX, len(content) - start):
        raise _broken("its head is cut off")
    try:
        return msgspec.json.decode(content[start : start + length], type=Head)
    except msgspec.MsgspecError as error:
        raise _broken("its head cannot be read") from error


def _broken(reason: str) -> ModelBrokenError:
    return ModelBrokenError(f"The file is not a whole model: {reason}. Train again.", reason=reason)
