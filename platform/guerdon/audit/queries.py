"""Reading the trail."""

from datetime import datetime
from typing import Any

import msgspec

from guerdon.plumbing.db import ReadSession


class Entry(msgspec.Struct, frozen=True):
    """One thing that somebody did."""

    seq: int
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    action: str
    subject: str
    summary: dict[str, Any]
    address: str
    request_id: str
    hash: bytes


class Head(msgspec.Struct, frozen=True):
    """The end of the chain: how many entries, and the hash of the last."""

    seq: int
    hash: bytes


async def search(
    s: ReadSession,
    *,
    actor: str | None = None,
    action: str | None = None,
    subject: str | None = None,
    text: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Entry]:
    """Entries, newest first, below the number `before`.

    `action` and `subject` may end in `*`; `text` is looked for in subject and summary, among the
    entries that the other conditions leave. Periods are half-open `[since, until)`.
    """
    return await s.all(
        Entry,
        """
        SELECT seq, occurred_at, recorded_at, actor, action, subject, summary, address,
               request_id, hash
          FROM app.audit_entry
         WHERE tenant_id = %(tenant_id)s
           AND (%(before)s::bigint IS NULL OR seq < %(before)s)
           AND (%(actor)s::text IS NULL OR actor = %(actor)s)
           AND (%(action)s::text IS NULL OR action LIKE %(action)s)
           AND (%(subject)s::text IS NULL OR subject LIKE %(subject)s)
           AND (%(since)s::timestamptz IS NULL OR occurred_at >= %(since)s)
           AND (%(until)s::timestamptz IS NULL OR occurred_at < %(until)s)
           AND (%(text)s::text IS NULL OR subject ILIKE %(text)s OR summary::text ILIKE %(text)s)
         ORDER BY seq DESC LIMIT %(limit)s
        """,
        {
            "before": before,
            "actor": actor,
            "action": _pattern(action),
            "subject": _pattern(subject),
            "text": None if text is None else f"%{_escaped(text)}%",
            "since": since,
            "until": until,
            "limit": limit,
        },
    )


async def head(s: ReadSession) -> Head | None:
    """The end of the chain, or None before the first entry."""
    return await s.one_or_none(
        Head, "SELECT seq, hash FROM app.audit_head WHERE tenant_id = %(tenant_id)s"
    )


async def actions(s: ReadSession) -> list[str]:
    """Every action that stands in the trail, for a filter; a skip scan over the index."""
    return await s.all(
        str,
        """
        WITH RECURSIVE found AS (
          (SELECT action FROM app.audit_entry WHERE tenant_id = %(tenant_id)s
            ORDER BY action LIMIT 1)
          UNION ALL
          SELECT (SELECT e.action FROM app.audit_entry e
                   WHERE e.tenant_id = %(tenant_id)s AND e.action > f.action
                   ORDER BY e.action LIMIT 1)
            FROM found f WHERE f.action IS NOT NULL)
        SELECT action FROM found WHERE action IS NOT NULL
        """,
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def _pattern(text: str | None) -> str | None:
    if text is None:
        return None
    return _escaped(text[:-1]) + "%" if text.endswith("*") else _escaped(text)
