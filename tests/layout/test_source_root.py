"""`platform/` is a source root and never a package: it would shadow the standard library."""

import platform
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE_FREE = ("tenants", "themes")
SOURCE_ROOTS = ("platform", "workers")


def stray_packages(root: Path) -> list[str]:
    """Folders that a stray `__init__.py` turned into a package."""
    return [
        name
        for name in (*SOURCE_ROOTS, "migrations", "docker", "tests")
        if (root / name / "__init__.py").exists()
    ]


def stray_python(root: Path) -> list[str]:
    """Python files in folders that are data."""
    return [
        str(path.relative_to(root))
        for name in CODE_FREE
        for path in sorted((root / name).rglob("*.py"))
    ]


def test_platform_is_the_standard_library() -> None:
    assert stray_packages(ROOT) == []
    assert Path(platform.__file__).parent == Path(sysconfig.get_path("stdlib"))


def test_a_planted_package_is_seen(tmp_path: Path) -> None:
    (tmp_path / "platform").mkdir()
    assert stray_packages(tmp_path) == []
    (tmp_path / "platform" / "__init__.py").touch()
    assert stray_packages(tmp_path) == ["platform"]


def test_brands_and_themes_hold_no_python(tmp_path: Path) -> None:
    assert stray_python(ROOT) == []
    (tmp_path / "themes" / "base").mkdir(parents=True)
    (tmp_path / "themes" / "base" / "plugin.py").touch()
    assert stray_python(tmp_path) == ["themes/base/plugin.py"]
