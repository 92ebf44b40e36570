"""What commands share: the environment of a local run, and a Runtime to work with."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from guerdon.programme import SECTIONS
from guerdon.runtime import Runtime, open_runtime
from guerdon.settings import PREFIX, load_settings

T = TypeVar("T")


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


def run(work: Callable[[Runtime], Awaitable[T]], *, role: str = "app") -> T:
    """Run `work` with a Runtime opened for `guerdon_<role>`."""

    async def inside() -> T:
        async with open_runtime(load_settings(), role=role, sections=SECTIONS) as rt:
            return await work(rt)

    return asyncio.run(inside())


tenant_option = click.option(
    "--tenant", "tenant_slug", required=True, metavar="SLUG", help="The tenant to work on."
)
