"""Writing a model's file: the other half of `recommendations.model_file`."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from guerdon.recommendations.learning.events import Keys
from guerdon.recommendations.learning.methods import Lists
from guerdon.recommendations.model_file import (
    ALIGN,
    LISTED,
    MAGIC,
    NEAR,
    SCORE_ONE,
    Head,
    Method,
    Part,
    index_bytes,
    sizes,
)

_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
_HEAD_ROOM: Final = 4096 - len(MAGIC) - 4
Numbers = NDArray[Any]


class Writer:
    """Collects the lists of a model and writes the file."""

    def __init__(self, tenant_id: UUID, *, method: Method, made_at: datetime, products: Keys):
        self._tenant_id = tenant_id
        self._method = method
        self._made_at = made_at
        self._product_keys = products
        self._index = np.dtype("<u2" if index_bytes(len(products)) == 2 else "<u4")
        self._sections: dict[str, Numbers] = {}
        self._bits = 1
        self._row_of = np.zeros(0, np.int64)
        self.members(np.zeros((0, 16), np.uint8))
        self.near(
            (np.zeros((len(products), 0), np.int32), np.zeros((len(products), 0), np.float32))
        )

    def members(self, keys: Keys) -> None:
        """The members who get lists; in the file they lie by bucket."""
        count = len(keys)
        self._bits = max(1, (max(count, 1) - 1).bit_length())
        words = np.ascontiguousarray(keys).view("<u8").reshape(count, 2)
        places = (words[:, 0] ^ words[:, 1]) * _MIX >> np.uint64(64 - self._bits)
        order = np.argsort(places, kind="stable")
        edges = np.searchsorted(places[order], np.arange(2**self._bits + 1, dtype=np.uint64))
        self._row_of = np.empty(count, np.int64)
        self._row_of[order] = np.arange(count)
        self._sections["member_buckets"] = edges.astype(np.uint32)
        self._members = np.zeros(
            count,
            [("key", np.uint8, 16), ("products", self._index, LISTED), ("scores", "<u2", LISTED)],
        )
        self._members["key"] = keys[order]
        self._sections["member_lists"] = self._members.view(np.uint8)

    def lists(self, members: NDArray[np.int64], lists: Lists) -> None:
        """What these members get, by their place in the keys that were told."""
        products, scores = self._packed(lists, LISTED)
        rows = self._row_of[members]
        self._members["products"][rows] = products
        self._members["scores"][rows] = scores

    def near(self, lists: Lists) -> None:
        """What lies near each product."""
        self._sections["near_products"], self._sections["near_scores"] = self._packed(lists, NEAR)

    def ranked(self, name: str, scores: NDArray[np.float64], *, count: int) -> None:
        """One list for everybody: `popular` or `trending`."""
        order = np.argsort(-scores, kind="stable")[:count]
        order = order[scores[order] > 0]
        lists = order[None, :].astype(np.int32), scores[order][None, :].astype(np.float32)
        products, kept = self._packed(lists, len(order))
        self._sections[f"{name}_products"], self._sections[f"{name}_scores"] = products, kept

    def _packed(self, lists: Lists, width: int) -> tuple[Numbers, Numbers]:
        """Indices and scores as they stand in the file: a score is a share of the row's best."""
        found, scores = lists
        products = np.zeros((len(found), width), self._index)
        shares = np.zeros((len(found), width), np.uint16)
        if found.shape[1] == 0 or width == 0:
            return products, shares
        found, scores = found[:, :width], np.maximum(scores[:, :width], 0)
        best = np.maximum(scores[:, :1], np.finfo(np.float32).tiny)
        kept = np.where(scores > 0, np.maximum(np.rint(scores / best * SCORE_ONE), 1), 0)
        products[:, : found.shape[1]] = np.where(scores > 0, found, 0)
        shares[:, : found.shape[1]] = kept
        return products, shares

    def write(self, path: Path) -> tuple[str, int]:
        """Write the file; its hash and its size."""
        self._sections["product_keys"] = self._product_keys
        parts, offset = {}, len(MAGIC) + 4 + _HEAD_ROOM
        for name in self._sections:
            data = self._sections[name]
            parts[name] = Part(offset, data.nbytes, _CODES[data.dtype.itemsize])
            offset += data.nbytes + -data.nbytes % ALIGN
        head = Head(
            tenant_id=self._tenant_id,
            method=self._method,
            made_at=self._made_at,
            members=len(self._row_of),
            products=len(self._product_keys),
            bucket_bits=self._bits,
            popular=self._sections["popular_products"].size,
            trending=self._sections["trending_products"].size,
            parts=parts,
        )
        assert {n: d.size for n, d in self._sections.items()} == dict(sizes(head))
        digest, size = hashlib.sha256(), 0
        with path.open("wb") as file:
            for piece in self._pieces(head):
                file.write(piece)
                digest.update(piece)
                size += len(piece)
        return digest.hexdigest(), size

    def _pieces(self, head: Head) -> Iterator[bytes | memoryview]:
        text = msgspec.json.encode(head)
        assert len(text) <= _HEAD_ROOM
        # Spaces after the head are JSON too, so that its length does not move the sections.
        yield MAGIC + _HEAD_ROOM.to_bytes(4, "little") + text.ljust(_HEAD_ROOM)
        for data in self._sections.values():
            if data.nbytes:
                yield np.ascontiguousarray(data).data.cast("B")
            yield bytes(-data.nbytes % ALIGN)


_CODES: Final[dict[int, Any]] = {1: "B", 2: "H", 4: "I"}
