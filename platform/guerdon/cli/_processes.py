"""Becoming one of the worker package's processes."""

import os
import sys
from typing import NoReturn

from guerdon.settings import load_settings


def become(process: str, *arguments: str) -> NoReturn:
    """Replace this process by `python -m guerdon_workers <process>`; signals then reach it."""
    load_settings()
    os.execv(  # noqa: S606
        sys.executable, [sys.executable, "-m", "guerdon_workers", process, *arguments]
    )
