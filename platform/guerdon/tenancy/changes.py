"""How every process learns of a change within a second: one counter, polled twice a second."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal
from uuid import UUID

import msgspec
import structlog

from guerdon.kit.tasks import ended
from guerdon.plumbing.db import Database, ReadSession

POLL_S = 0.4
Kind = Literal[
    "tenant", "parameters", "keys", "catalogue", "recommendations", "maintenance", "allowances"
]  # fmt: skip
Listener = Callable[[UUID], Awaitable[None]]
_BATCH = 5000
_log = structlog.get_logger(__name__)


class Change(msgspec.Struct, frozen=True):
    """A change of one tenant."""

    seq: int
    tenant_id: UUID
    kind: str


async def note_change(s: ReadSession, kind: Kind) -> None:
    """Tell every process, when this transaction commits, that the tenant's `kind` changed."""
    await s.value("SELECT ctl.note_change(%(tenant_id)s, %(kind)s)", {"kind": kind})


class Changes:
    """Polls the change counter and calls listeners; without the database it keeps trying."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._seq = 0
        self._listeners: dict[str, list[Listener]] = {}
        self._lost: list[Callable[[], None]] = []
        self._task: asyncio.Task[None] | None = None

    def listen(self, kind: Kind, listener: Listener) -> None:
        """Call `listener` with the tenant after each change of `kind`."""
        self._listeners.setdefault(kind, []).append(listener)

    def on_lost(self, forget: Callable[[], None]) -> None:
        """Call `forget` when changes were missed and caches must start anew."""
        self._lost.append(forget)

    async def start(self) -> None:
        """Take the present number and begin to poll."""
        async with self._db.control() as s:
            self._seq = int(await s.value("SELECT ctl.change_seq()"))
        self._task = asyncio.create_task(self._poll(), name="changes")

    async def stop(self) -> None:
        """Stop polling."""
        if self._task is not None:
            await ended(self._task)

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            try:
                await self.catch_up()
            except Exception as error:
                _log.warning("changes_unreadable", error=type(error).__name__)

    async def catch_up(self) -> None:
        """Take in what changed since the last time."""
        async with self._db.control() as s:
            latest = int(await s.value("SELECT ctl.change_seq()"))
            if latest == self._seq:
                return
            changes = await s.all(
                Change, "SELECT * FROM ctl.changes_since(%(seq)s)", {"seq": self._seq}
            )
        if latest - self._seq >= _BATCH or latest < self._seq:
            self._seq = latest
            for forget in self._lost:
                forget()
            return
        for tenant_id, kind in dict.fromkeys((c.tenant_id, c.kind) for c in changes):
            for listener in self._listeners.get(kind, ()):
                await listener(tenant_id)
        self._seq = max((c.seq for c in changes), default=self._seq)
