"""Telling a member something, once per subject and channel."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from guerdon.kit.errors import NotFoundError
from guerdon.kit.ids import uuid7
from guerdon.notifications.messages import SendNotification
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession, jsonb

CHANNELS: Final = ("mail", "sms")


async def notify(
    s: WriteSession,
    *,
    kind: str,
    member_id: UUID,
    subject_id: UUID,
    language: str,
    values: Mapping[str, Any],
    now: datetime,
) -> None:
    """Queue a message of `kind` about `subject_id`; again for the same subject it does nothing.

    Whether the programme sends this kind, and where to, is looked up when it is sent.
    """
    for channel in CHANNELS:
        log_id = uuid7()
        written = await s.execute(
            """
            INSERT INTO app.message_log (tenant_id, id, kind, channel, member_id, subject_id,
                language, "values", state, created_at)
            VALUES (%(tenant_id)s, %(id)s, %(kind)s, %(channel)s, %(member)s, %(subject)s,
                %(language)s, %(values)s, 'queued', %(now)s)
            ON CONFLICT (tenant_id, kind, subject_id, channel) DO NOTHING
            """,
            {
                "id": log_id,
                "kind": kind,
                "channel": channel,
                "member": member_id,
                "subject": subject_id,
                "language": language,
                "values": jsonb(dict(values)),
                "now": now,
            },
        )
        if written:
            await outbox.put(s, SendNotification(log_id=log_id))


async def send_again(s: WriteSession, *, log_id: UUID, now: datetime) -> bool:
    """Queue a message that was sent, skipped or failed once more; False while it still waits.

    It gets an id of its own, so that the carrier takes it for another. NotFoundError.
    """
    new_id = uuid7()
    state = await s.value(
        "SELECT state FROM app.message_log WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
        " FOR UPDATE",
        {"id": log_id},
    )
    if state is None:
        raise NotFoundError("There is no such message.", field="message")
    if state == "queued":
        return False
    await s.execute(
        "UPDATE app.message_log SET id = %(new)s, state = 'queued', reason = NULL,"
        " provider_reference = NULL, created_at = %(now)s, sent_at = NULL"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": log_id, "new": new_id, "now": now},
    )
    await outbox.put(s, SendNotification(log_id=new_id))
    return True


async def skip_queued(s: WriteSession, *, before: datetime, reason: str) -> int:
    """Do not send what was queued before an instant (after an outage, for a past); how many."""
    skipped = await s.all(
        UUID,
        "UPDATE app.message_log SET state = 'skipped', reason = %(reason)s"
        " WHERE tenant_id = %(tenant_id)s AND state = 'queued' AND created_at < %(before)s"
        " RETURNING id",
        {"before": before, "reason": reason},
    )
    await s.execute(
        "UPDATE app.outbox SET done_at = now() WHERE tenant_id = %(tenant_id)s"
        " AND topic = %(topic)s AND done_at IS NULL AND payload ->> 'log_id' = ANY (%(ids)s)",
        {"topic": SendNotification.topic, "ids": [str(i) for i in skipped]},
    )
    return len(skipped)
