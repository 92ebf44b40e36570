"""A tenant as a folder."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from guerdon.kit.errors import InvalidError, NotFoundError
from guerdon.kit.ids import uuid7
from guerdon.parameters.sections import InvalidParametersError, ProgrammeParameters
from guerdon.programme.folder import apply_folder, preview_folder, read_folder
from guerdon.runtime import Runtime

NOW = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)


def _folder(path: Path, text: str) -> Path:
    (path / "tenant.toml").write_text(text)
    return path


async def test_applying_twice_changes_nothing(rt: Runtime, tmp_path: Path) -> None:
    slug = f"f{uuid7().hex[-10:]}"
    text = f'[tenant]\nslug = "{slug}"\nname = "Folder"\n[programme]\nname = "Folder Club"\n'
    folder = read_folder(_folder(tmp_path, text))
    first = await apply_folder(rt, folder, author="test", now=NOW)
    again = await apply_folder(rt, folder, author="test", now=NOW)
    assert (first.published.version, first.published.changed) == (1, True)
    assert (again.published.version, again.published.changed) == (1, False)
    assert again.tenant.id == first.tenant.id
    assert first.tenant.canonical_host == f"{slug}.localhost"
    snapshot = await rt.snapshot(first.tenant.id, NOW)
    assert snapshot[ProgrammeParameters].name == "Folder Club"


async def test_a_preview_writes_nothing(rt: Runtime, tmp_path: Path) -> None:
    slug = f"f{uuid7().hex[-10:]}"
    text = f'[tenant]\nslug = "{slug}"\nname = "Folder"\n[programme]\nname = "A"\n'
    await apply_folder(rt, read_folder(_folder(tmp_path, text)), author="test", now=NOW)
    changed = read_folder(_folder(tmp_path, text.replace('"A"', '"B"')))
    changes = await preview_folder(rt, changed, now=NOW)
    assert [(c.path, c.before, c.after) for c in changes] == [("programme.name", "A", "B")]
    tenant = await rt.directory.by_slug(slug)
    async with rt.db.read(tenant.id) as s:
        assert await s.value("SELECT max(version) FROM app.parameter_version") == 1


async def test_bad_parameters_leave_no_tenant(rt: Runtime, tmp_path: Path) -> None:
    slug = f"f{uuid7().hex[-10:]}"
    text = f'[tenant]\nslug = "{slug}"\nname = "F"\n[programme]\ncurrency = "real"\n'
    with pytest.raises(InvalidParametersError):
        await apply_folder(rt, read_folder(_folder(tmp_path, text)), author="test", now=NOW)
    with pytest.raises(NotFoundError):
        await rt.directory.by_slug(slug)


@pytest.mark.parametrize(
    "text",
    ["[tenant", '[tenant]\nslug = "abc"', '[tenant]\nslug = 1\nname = "x"', "\udcff"],
)
def test_an_unreadable_folder_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "tenant.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InvalidError):
        read_folder(tmp_path)


def test_files_outside_the_folder_are_refused(tmp_path: Path) -> None:
    folder = read_folder(_folder(tmp_path, '[tenant]\nslug = "abc"\nname = "x"\n'))
    with pytest.raises(InvalidError):
        folder.file("../../etc/passwd")
