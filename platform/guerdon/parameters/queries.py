"""Reading versions and change sets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from guerdon.kit.paging import Page, check_page_size, decode_cursor, encode_cursor
from guerdon.parameters.change_sets import ChangeSet, Event, State
from guerdon.parameters.sections import Section
from guerdon.plumbing.db import ReadSession

S1 = TypeVar("S1", bound=Section)
S2 = TypeVar("S2", bound=Section)


async def two_sections(
    s: ReadSession, first: type[S1], second: type[S2], *, version: int
) -> tuple[S1, S2]:
    """Two sections of the version told, as they were in force that day.

    Works inside a transaction and needs no snapshot. Raises NotFoundError.
    """
    contents = await s.one(
        _Two,
        """
        SELECT coalesce(content -> %(first)s, '{}') AS first,
               coalesce(content -> %(second)s, '{}') AS second
          FROM app.parameter_version
         WHERE tenant_id = %(tenant_id)s AND version = %(version)s
        """,
        {"first": first.section, "second": second.section, "version": version},
    )
    return msgspec.convert(contents.first, first), msgspec.convert(contents.second, second)


class _Two(msgspec.Struct):
    first: dict[str, object]
    second: dict[str, object]


class Version(msgspec.Struct, frozen=True):
    """A version without its content. `change_set_id` is None for what a folder published."""

    version: int
    content_hash: bytes
    effective_at: datetime
    recorded_at: datetime
    scheduled: bool
    author: str
    note: str
    restores: int | None
    withdrawn_at: datetime | None
    change_set_id: UUID | None
    published_by: str | None


class VersionWithContent(Version, frozen=True):
    """A version with its content."""

    content: dict[str, Any]


# A set is published or superseded by the clock alone: nothing has to run at that instant.
_STATED = """
SELECT c.id, c.title, c.note, c.base_version, c.row_version, c.edits, c.author, c.editors,
       c.version, c.effective_at, c.created_at, c.updated_at,
       CASE WHEN c.version IS NULL THEN c.state
            WHEN c.state = 'scheduled' AND c.effective_at > %(now)s THEN 'scheduled'
            WHEN (c.effective_at, c.version) < (now_in_force.effective_at, now_in_force.version)
              THEN 'superseded'
            ELSE 'published' END AS state
  FROM app.change_set c
  LEFT JOIN LATERAL (
       SELECT v.effective_at, v.version FROM app.parameter_version v
        WHERE v.tenant_id = %(tenant_id)s AND v.effective_at <= %(now)s
          AND NOT EXISTS (SELECT FROM app.parameter_withdrawal w
                           WHERE w.tenant_id = v.tenant_id AND w.version = v.version)
        ORDER BY v.effective_at DESC, v.version DESC LIMIT 1) now_in_force ON true
 WHERE c.tenant_id = %(tenant_id)s
"""


async def change_set(s: ReadSession, change_set_id: UUID, *, now: datetime) -> ChangeSet:
    """One change set with its state at `now`. Raises NotFoundError."""
    return await s.one(ChangeSet, _STATED + " AND c.id = %(id)s", {"id": change_set_id, "now": now})


async def change_sets(
    s: ReadSession,
    *,
    states: Sequence[State],
    now: datetime,
    cursor: str | None,
    limit: int,
) -> Page[ChangeSet]:
    """Change sets in these states (none: in any), newest first."""
    check_page_size(limit)
    created_at, id_ = decode_cursor(cursor, datetime, UUID) if cursor else (None, None)
    rows = await s.all(
        ChangeSet,
        f"""
        SELECT * FROM ({_STATED}) c
         WHERE (%(any)s OR c.state = ANY (%(states)s))
           AND (%(created_at)s::timestamptz IS NULL
                OR (c.created_at, c.id) < (%(created_at)s::timestamptz, %(cursor_id)s::uuid))
         ORDER BY c.created_at DESC, c.id DESC LIMIT %(n)s
        """,  # noqa: S608
        {
            "any": not states,
            "states": list(states),
            "now": now,
            "created_at": created_at,
            "cursor_id": id_,
            "n": limit + 1,
        },
    )
    kept = rows[:limit]
    more = encode_cursor(kept[-1].created_at, kept[-1].id) if len(rows) > limit else None
    return Page(kept, more)


async def scheduled(s: ReadSession, *, now: datetime) -> list[ChangeSet]:
    """The change sets on the schedule, soonest first."""
    return await s.all(
        ChangeSet,
        f"SELECT * FROM ({_STATED}) c WHERE c.state = 'scheduled'"  # noqa: S608
        " ORDER BY c.effective_at, c.version",
        {"now": now},
    )


async def events(s: ReadSession, change_set_id: UUID) -> list[Event]:
    """What happened to a change set, in order."""
    return await s.all(
        Event,
        "SELECT row_version, kind, occurred_at, actor, comment, data FROM app.change_set_event"
        " WHERE tenant_id = %(tenant_id)s AND change_set_id = %(id)s"
        " ORDER BY row_version, occurred_at, kind",
        {"id": change_set_id},
    )


async def authors_of(s: ReadSession, version: int) -> list[str]:
    """Everybody who had a hand in a version. Raises NotFoundError."""
    return await s.one(
        list[str],
        """
        SELECT coalesce(c.editors, ARRAY[v.author])
          FROM app.parameter_version v
          LEFT JOIN app.change_set c ON c.tenant_id = v.tenant_id AND c.version = v.version
         WHERE v.tenant_id = %(tenant_id)s AND v.version = %(version)s
        """,
        {"version": version},
    )


_VERSION = """
SELECT v.version, v.content_hash, v.effective_at, v.recorded_at, v.scheduled, v.author, v.note,
       v.restores, w.withdrawn_at, c.id AS change_set_id,
       (SELECT e.actor FROM app.change_set_event e
         WHERE e.tenant_id = c.tenant_id AND e.change_set_id = c.id
           AND e.kind IN ('published', 'scheduled')
         ORDER BY e.row_version DESC LIMIT 1) AS published_by
"""
_FROM_VERSIONS = """
  FROM app.parameter_version v
  LEFT JOIN app.parameter_withdrawal w ON w.tenant_id = v.tenant_id AND w.version = v.version
  LEFT JOIN app.change_set c ON c.tenant_id = v.tenant_id AND c.version = v.version
 WHERE v.tenant_id = %(tenant_id)s
"""


async def versions(s: ReadSession, *, cursor: str | None, limit: int) -> Page[Version]:
    """Every version there was, newest first."""
    check_page_size(limit)
    below = decode_cursor(cursor, int)[0] if cursor else None
    rows = await s.all(
        Version,
        _VERSION
        + _FROM_VERSIONS
        + " AND (%(below)s::int IS NULL OR v.version < %(below)s::int)"
        + " ORDER BY v.version DESC LIMIT %(n)s",
        {"below": below, "n": limit + 1},
    )
    kept = rows[:limit]
    return Page(kept, encode_cursor(kept[-1].version) if len(rows) > limit else None)


async def version(s: ReadSession, number: int) -> VersionWithContent:
    """One version with its content. Raises NotFoundError."""
    return await s.one(
        VersionWithContent,
        _VERSION + ", v.content" + _FROM_VERSIONS + " AND v.version = %(version)s",
        {"version": number},
    )
