"""Shares of what is scarce in a process: whoever holds a full share waits for itself.

Nobody else waits then: however many requests of one brand take long, some of the process'
connections are left to the others.
"""

import asyncio
from collections import deque
from typing import Final
from uuid import UUID

# In whose name the control plane is asked: a share like everybody's.
NOBODY: Final = UUID(int=0)


class Shares:
    """How many of something each tenant holds, at most `each`; the next in line gets what is
    given back."""

    def __init__(self, each: int, *, wait_s: float) -> None:
        self._each = each
        self._wait_s = wait_s
        self._held: dict[UUID, int] = {}
        self._lines: dict[UUID, deque[asyncio.Future[None]]] = {}

    async def take(self, tenant_id: UUID) -> None:
        """Take one more, at once or when the tenant gives one back. Raises TimeoutError."""
        held = self._held.get(tenant_id, 0)
        if held < self._each:
            self._held[tenant_id] = held + 1
        else:
            await self._wait(tenant_id)

    async def _wait(self, tenant_id: UUID) -> None:
        line = self._lines.setdefault(tenant_id, deque())
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.append(turn)
        try:
            async with asyncio.timeout(self._wait_s):
                await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                # It was handed over in the instant in which nobody waited for it any more.
                self.give_back(tenant_id)
            raise

    def give_back(self, tenant_id: UUID) -> None:
        """Hand one over to who waits longest, or leave it."""
        line = self._lines.get(tenant_id)
        while line:
            turn = line.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._lines.pop(tenant_id, None)
        held = self._held[tenant_id] - 1
        if held:
            self._held[tenant_id] = held
        else:
            del self._held[tenant_id]
