"""Tasks that run beside others until they are told to end."""

import asyncio
from typing import Any, Final

_AGAIN_S: Final = 1.0


async def ended(task: asyncio.Task[Any]) -> None:
    """Cancel the task and wait until it has ended; what it failed with is raised here.

    It is told again until then. Python 3.11's `asyncio.wait_for`, on which the database driver
    waits, loses a cancellation that comes in the moment when what it waits for is there.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait((task,), timeout=_AGAIN_S)
    if not task.cancelled():
        task.result()
