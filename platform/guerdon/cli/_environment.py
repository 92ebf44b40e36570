"""The settings of a local run, for commands typed beside it. Imports little: every command does."""

import os
from pathlib import Path

from guerdon.settings import PREFIX


def guerdon_home() -> Path:
    """Where a local run keeps its data: `GUERDON_HOME`, else `.guerdon` in the working folder."""
    return Path(os.environ.get(f"{PREFIX}HOME") or ".guerdon").absolute()


def load_local_environment() -> None:
    """Take the settings of the demo in `guerdon_home()` when the environment has none."""
    if any(os.environ.get(f"{PREFIX}{name}") for name in ("DATABASE_URL", "CONTEXT_KEY")):
        return
    file = guerdon_home() / "demo.env"
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        name, _, value = line.partition("=")
        if name.startswith(PREFIX):
            os.environ.setdefault(name, value)
