"""Events from outside, each taken once: the provider's event id is written first."""

from datetime import datetime

from guerdon.plumbing.db import WriteSession


async def first_time(s: WriteSession, *, source: str, event_id: str, now: datetime) -> bool:
    """Whether this event is new; a repetition is False and nothing more is to be done.

    `source` names the connection, as `payments.stripe`. The row commits with what the event
    causes, so an event whose effect failed is new again.
    """
    taken = await s.execute(
        """
        INSERT INTO app.provider_event (tenant_id, source, event_id, received_at)
        VALUES (%(tenant_id)s, %(source)s, %(event_id)s, %(now)s)
        ON CONFLICT DO NOTHING
        """,
        {"source": source, "event_id": event_id, "now": now},
    )
    return taken == 1
