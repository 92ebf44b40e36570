"""Rows that have served: done messages go after a week, parked ones stay until somebody looks."""

from datetime import datetime
from typing import Any, ClassVar

from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.jobs import Effect
from guerdon.plumbing.outbox import Message


class SweepOutbox(Message, frozen=True):
    """Remove messages that were done long ago."""

    topic: ClassVar[str] = "outbox.sweep"
    queue: ClassVar[str] = "bulk"


class SweepOutboxDone(Effect[SweepOutbox]):
    """Removes done messages of the tenant in one bounded chunk; the next slot takes the rest."""

    message = SweepOutbox

    async def apply(self, rt: Any, s: WriteSession, m: SweepOutbox, now: datetime) -> None:
        """Done rows older than seven days of real time, at most 5,000."""
        await s.execute(
            """
            DELETE FROM app.outbox o USING (
              SELECT d.id FROM app.outbox d
               WHERE d.tenant_id = %(tenant_id)s AND d.done_at < now() - interval '7 days'
               LIMIT 5000) old
             WHERE o.tenant_id = %(tenant_id)s AND o.id = old.id
            """
        )
