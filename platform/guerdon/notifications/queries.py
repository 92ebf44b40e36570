"""What was sent to whom."""

from datetime import datetime
from uuid import UUID

import msgspec

from guerdon.kit.paging import check_page_size
from guerdon.plumbing.db import ReadSession


class Sent(msgspec.Struct, frozen=True):
    """A row of the message log. `state` is queued, sent, skipped or failed."""

    id: UUID
    kind: str
    channel: str
    member_id: UUID
    subject_id: UUID
    language: str
    state: str
    reason: str | None
    created_at: datetime
    sent_at: datetime | None


async def sent(
    s: ReadSession,
    *,
    member_id: UUID | None = None,
    subject_id: UUID | None = None,
    limit: int = 50,
) -> list[Sent]:
    """Messages of a member or about a subject, newest first."""
    return await s.all(
        Sent,
        """
        SELECT id, kind, channel, member_id, subject_id, language, state, reason, created_at,
               sent_at
          FROM app.message_log
         WHERE tenant_id = %(tenant_id)s
           AND (%(member)s::uuid IS NULL OR member_id = %(member)s)
           AND (%(subject)s::uuid IS NULL OR subject_id = %(subject)s)
         ORDER BY created_at DESC, id DESC LIMIT %(limit)s
        """,
        {"member": member_id, "subject": subject_id, "limit": check_page_size(limit)},
    )
