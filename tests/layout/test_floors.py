"""Imports point down: the import-linter contracts hold, and a planted upward import breaks them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts of `root`'s pyproject.toml over `root`'s own sources."""
    env = os.environ | {
        "PYTHONPATH": f"{root / 'platform'}:{root / 'workers'}",
        "PYTHONSAFEPATH": "1",
    }
    command = "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())"
    return subprocess.run(
        [sys.executable, "-c", command, "--no-cache", "--config", str(root / "pyproject.toml")],
        cwd=root, env=env, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_the_contracts_hold() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


def test_a_planted_upward_import_is_seen(tmp_path: Path) -> None:
    for name in ("platform", "workers"):
        shutil.copytree(
            ROOT / name,
            tmp_path / name,
            ignore=shutil.ignore_patterns("__pycache__", "*.json", "*.po", "*.mo"),
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "platform/guerdon/kit/ids.py").open("a") as leaf:
        leaf.write("\nimport guerdon.ledger\n")
    result = lint(tmp_path)
    assert result.returncode == 1
    assert "guerdon.kit is not allowed to import guerdon.ledger" in result.stdout
