"""A model's file is used when it is whole and the brand's own, and never otherwise."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
import numpy as np
import pytest
from tests.recommendations import lake

from guerdon.kit.ids import uuid7
from guerdon.recommendations.learning.model_writer import Writer
from guerdon.recommendations.model_file import (
    MAGIC,
    Head,
    Model,
    ModelBrokenError,
    ModelForeignError,
    ModelMissingError,
    read_model,
)

TENANT = UUID("01920000-0000-7000-8000-00000000000a")
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def keys(ids: list[UUID]) -> np.ndarray:
    return np.frombuffer(b"".join(i.bytes for i in ids), np.uint8).reshape(-1, 16)


def write(path: Path, *, members: int = 300, products: int = 70) -> str:
    """A model in which member `n` is to have products n, n+1 and n+2; its hash."""
    catalogue = keys([lake.product_id(n) for n in range(products)])
    writer = Writer(TENANT, method="als", made_at=NOW, products=catalogue)
    writer.members(keys([lake.member_id(n) for n in range(members)]))
    rows = np.arange(members)
    found = (rows[:, None] + np.arange(3)).astype(np.int32) % products
    scores = np.tile(np.array([0.8, 0.4, 0.2], np.float32), (members, 1))
    writer.lists(rows, (found, scores))
    writer.ranked("popular", np.array([0.0, 5, 10, 1]), count=10)
    writer.ranked("trending", np.array([0.0, 0, 0, 2]), count=10)
    return writer.write(path)[0]


def read(path: Path, file_hash: str) -> Model:
    return read_model(path, tenant_id=TENANT, file_hash=file_hash, version=4)


@pytest.mark.parametrize(("members", "products"), [(0, 70), (1, 70), (300, 70), (5_000, 70_000)])
def test_every_member_is_found_and_nobody_else(tmp_path: Path, members: int, products: int) -> None:
    path = tmp_path / "a.model"
    model = read(path, write(path, members=members, products=products))
    for n in range(members):
        assert model.top(lake.member_id(n)) == [
            (lake.product_id(n % products), 1_000_000),
            (lake.product_id((n + 1) % products), 500_000),
            (lake.product_id((n + 2) % products), 250_000),
        ]
    assert all(model.top(uuid7()) == [] for _ in range(300))
    assert model.popular() == [
        (lake.product_id(2), 1_000_000),
        (lake.product_id(1), 500_000),
        (lake.product_id(3), 100_000),
    ]
    assert model.trending() == [(lake.product_id(3), 1_000_000)]
    assert model.version == 4
    assert model.made_at == NOW


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError):
        read(tmp_path / "none.model", "0" * 64)


def test_a_model_of_another_tenant_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.model"
    file_hash = write(path)
    with pytest.raises(ModelForeignError):
        read_model(path, tenant_id=uuid7(), file_hash=file_hash, version=1)


def test_every_changed_byte_and_every_cut_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.model"
    file_hash = write(path)
    whole = path.read_bytes()
    dice = np.random.default_rng(1)
    for at in [0, 7, 8, 11, 12, 40, 4095, 4096, len(whole) - 1, *dice.integers(0, len(whole), 60)]:
        bad = bytearray(whole)
        bad[at] ^= 1 << int(dice.integers(0, 8))
        path.write_bytes(bad)
        with pytest.raises((ModelBrokenError, ModelForeignError)):
            read(path, file_hash)
    for length in [0, 1, 8, 11, 12, 100, 4096, len(whole) // 2, len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(ModelBrokenError):
            read(path, file_hash)
    path.write_bytes(whole)
    assert read(path, file_hash).top(lake.member_id(0))


def test_a_head_that_promises_what_is_not_there_is_refused(tmp_path: Path) -> None:
    """Even where hash and file agree: whoever wrote it, nothing outside the file is read."""
    path = tmp_path / "a.model"
    write(path)
    whole = path.read_bytes()
    head = msgspec.json.decode(whole[12:4096], type=Head)
    for change in (
        {"members": 10_000_000},
        {"bucket_bits": 20},
        {"parts": {n: p for n, p in head.parts.items() if n != "near_scores"}},
        {"parts": head.parts | {"member_lists": msgspec.structs.replace(
            head.parts["member_lists"], offset=len(whole) + 64)}},
        {"parts": head.parts | {"member_lists": msgspec.structs.replace(
            head.parts["member_lists"], offset=3)}},
    ):  # fmt: skip
        text = msgspec.json.encode(msgspec.structs.replace(head, **change)).ljust(4084)
        bad = MAGIC + (4084).to_bytes(4, "little") + text + whole[4096:]
        path.write_bytes(bad)
        with pytest.raises(ModelBrokenError):
            read(path, hashlib.sha256(bad).hexdigest())
