"""The pace of one brand's jobs.

A heap of jobs could keep a worker and as many backends of the database busy as the brand may hold
connections; everybody's requests would stand in line behind them for the processor. So few jobs of
a brand compute at a time, and while more of them wait, each is followed by a rest as long as it
took itself. Where the machine is idle a job is short and so is the rest; where others
need it, the heap steps back.
"""

import asyncio
import time
from typing import Final
from uuid import UUID

from guerdon.plumbing.shares import Shares

AT_ONCE: Final = 2
REST: Final = 1
REST_S_MAX: Final = 0.5


class Turn:
    """A job's turn to compute, to be handed on once; saying so again does nothing."""

    def __init__(self, shares: Shares, tenant_id: UUID) -> None:
        self._shares: Shares | None = shares
        self._tenant_id = tenant_id
        self._since = time.perf_counter()

    def hand_on(self) -> None:
        """To the next in line after a rest, if somebody is in line."""
        shares, self._shares = self._shares, None
        if shares is None:
            return
        if shares.line(self._tenant_id):
            rest = min(REST_S_MAX, REST * (time.perf_counter() - self._since))
            asyncio.get_running_loop().call_later(rest, shares.give_back, self._tenant_id)
        else:
            shares.give_back(self._tenant_id)


class Pace:
    """Whose jobs compute now."""

    def __init__(self, *, wait_s: float) -> None:
        self._shares = Shares(AT_ONCE, wait_s=wait_s)

    async def turn(self, tenant_id: UUID) -> Turn:
        """The tenant's next turn, in the order in which they are asked for. Raises TimeoutError."""
        await self._shares.take(tenant_id)
        return Turn(self._shares, tenant_id)
