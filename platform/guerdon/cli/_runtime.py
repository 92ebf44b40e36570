"""What most commands need: a Runtime to work with, a tenant to work on."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

import click

from guerdon.kit.errors import NotFoundError
from guerdon.programme import RULES, SECTIONS
from guerdon.runtime import Runtime, open_runtime
from guerdon.settings import load_settings

T = TypeVar("T")


def run(work: Callable[[Runtime], Awaitable[T]], *, role: str = "app") -> T:
    """Run `work` with a Runtime opened for `guerdon_<role>`."""

    async def inside() -> T:
        async with open_runtime(load_settings(), role=role, sections=SECTIONS, rules=RULES) as rt:
            return await work(rt)

    return asyncio.run(inside())


async def now_of(rt: Runtime, slug: str) -> datetime:
    """The programme's instant of a tenant; real time for one that is still to be made."""
    try:
        tenant = await rt.directory.by_slug(slug)
    except NotFoundError:
        return rt.clock.now()
    return tenant.time(rt.clock.now())


tenant_option = click.option(
    "--tenant", "tenant_slug", required=True, metavar="SLUG", help="The tenant to work on."
)
