"""Limits that a feature above puts on what a feature below adds, in the transaction that adds it.

`members` knows no plans; it says that a member is about to be added, and whoever has something
against it raises.
"""

from collections.abc import Awaitable, Callable
from typing import Final, Literal

from guerdon.plumbing.db import WriteSession

Added = Literal["members"]
Guard = Callable[[WriteSession, int], Awaitable[None]]
_guards: Final[dict[Added, Guard]] = {}


def guard(what: Added, check: Guard) -> None:
    """Let `check` decide about what is added; there is one per sort."""
    _guards[what] = check


async def adding(s: WriteSession, what: Added, count: int = 1) -> None:
    """Ask whether `count` more may be added; the guard's error if not."""
    check = _guards.get(what)
    if check is not None:
        await check(s, count)
