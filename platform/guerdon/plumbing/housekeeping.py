"""Rows that have served: done messages go after a week, parked ones stay until somebody looks."""

from datetime import datetime
from typing import Any, ClassVar, Final

from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.jobs import Effect
from guerdon.plumbing.outbox import Message, put

CHUNK: Final = 5_000


class SweepOutbox(Message, frozen=True):
    """Remove messages that were done long ago."""

    topic: ClassVar[str] = "outbox.sweep"
    queue: ClassVar[str] = "bulk"
    real_time: ClassVar[bool] = True


class SweepOutboxDone(Effect[SweepOutbox]):
    """Removes done messages and old events of the tenant in bounded chunks; the next slot takes
    the rest.
    """

    message = SweepOutbox

    async def apply(self, rt: Any, s: WriteSession, m: SweepOutbox, now: datetime) -> None:
        """Done rows older than seven days of real time; a full chunk asks for another."""
        removed = await s.execute(
            """
            DELETE FROM app.outbox o USING (
              SELECT d.id FROM app.outbox d
               WHERE d.tenant_id = %(tenant_id)s AND d.done_at < now() - interval '7 days'
               LIMIT %(chunk)s) old
             WHERE o.tenant_id = %(tenant_id)s AND o.id = old.id
            """,
            {"chunk": CHUNK},
        )
        if removed == CHUNK:
            await put(s, SweepOutbox())
        # No provider repeats an event after a month.
        await s.execute(
            """
            DELETE FROM app.provider_event e USING (
              SELECT d.source, d.event_id FROM app.provider_event d
               WHERE d.tenant_id = %(tenant_id)s AND d.received_at < now() - interval '90 days'
               LIMIT 5000) old
             WHERE e.tenant_id = %(tenant_id)s AND e.source = old.source
               AND e.event_id = old.event_id
            """
        )
