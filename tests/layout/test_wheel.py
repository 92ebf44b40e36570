"""The wheel holds everything that runs, the built console included."""

import shutil
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]


def _build(root: Path, into: Path) -> Path:
    (wheel,) = WheelBuilder(str(root)).build(directory=str(into), versions=["standard"])
    return Path(wheel)


def _checkout(into: Path) -> Path:
    """A checkout with a little of everything that goes into a wheel, and no console."""
    for name in ("pyproject.toml", "README.md", "scripts/wheel.py", "platform/guerdon/__init__.py",
                 "workers/guerdon_workers/__init__.py"):  # fmt: skip
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, into / name)
    for folder in ("themes", "tenants", "migrations"):
        (into / folder).mkdir()
        (into / folder / "one.txt").write_text("1")
    (into / ".gitignore").write_text("dist/\n")
    return into


def test_a_wheel_without_the_console_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        _build(_checkout(tmp_path / "source"), tmp_path / "out")
    assert "The console is not built" in capsys.readouterr().err
    assert not list(tmp_path.glob("out/*.whl"))


def test_a_wheel_holds_the_console(tmp_path: Path) -> None:
    source = _checkout(tmp_path / "source")
    assets = source / "admin_spa/dist/assets"
    assets.mkdir(parents=True)
    (source / "admin_spa/dist/index.html").write_text("<!doctype html>")
    (assets / "a-1.js").write_text("1")
    (assets / "a-1.js.br").write_bytes(b"1")
    with zipfile.ZipFile(_build(source, tmp_path / "out")) as wheel:
        names = set(wheel.namelist())
    assert {
        "guerdon/__init__.py",
        "guerdon_workers/__init__.py",
        "guerdon/_bundled/console/index.html",
        "guerdon/_bundled/console/assets/a-1.js",
        "guerdon/_bundled/console/assets/a-1.js.br",
        "guerdon/_bundled/themes/one.txt",
    } <= names
    assert not [name for name in names if "scripts" in name or "node_modules" in name]
