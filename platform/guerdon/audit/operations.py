"""Writing the trail: in the transaction of what is being told, or not at all."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from guerdon.plumbing.db import WriteSession, jsonb


async def record(
    s: WriteSession,
    *,
    actor: str,
    action: str,
    subject: str,
    summary: Mapping[str, Any],
    now: datetime,
    address: str = "",
    request_id: str = "",
) -> int:
    """Add an entry to the tenant's trail; its number.

    `actor` is `staff:<id>`, `key:<id>`, `cli` or `system`; `action` names what was done
    (`change_set.published`); `subject` what it was done to (`change_set:<id>`). `summary` holds
    what a reader needs, never a secret. Entries of one tenant are written one after the other
    until the transaction ends: record last.
    """
    seq: int = await s.value(
        "SELECT app.audit_append_v1(%(tenant_id)s, %(now)s, %(actor)s, %(action)s, %(subject)s,"
        " %(summary)s, %(address)s, %(request_id)s)",
        {
            "now": now,
            "actor": actor,
            "action": action,
            "subject": subject,
            "summary": jsonb(summary),
            "address": address[:64],
            "request_id": request_id[:64],
        },
    )
    return seq
