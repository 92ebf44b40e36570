"""A peer as a process: it dies with its parent and says when it is ready."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Awaitable, Callable

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Ask Linux for SIGTERM when the parent ends; leave at once if it already has."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            raise SystemExit(0)


async def until_told(
    start: Callable[[], Awaitable[str]], stop: Callable[[], Awaitable[None]]
) -> None:
    """Start, print the ready line, run until SIGTERM or SIGINT, stop."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, told.set)
    print("READY", await start(), flush=True)
    await told.wait()
    await stop()
