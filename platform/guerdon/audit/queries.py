"""Reading the trail."""

from datetime import datetime
from typing import Any, Final

import msgspec

from guerdon.plumbing.db import ReadSession

# In so many entries a text is looked for at a time.
LOOKED_AT: Final = 50_000
_LAST: Final = chr(0x10FFFF)
_COLUMNS: Final = (
    "e.seq, e.occurred_at, e.recorded_at, e.actor, e.action, e.subject, e.summary, e.address,"
    " e.request_id, e.hash"
)


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


class Find(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries; None is no condition. The period is half-open `[since, until)`.

    `action` and `subject` may end in `*`; `text` is looked for in subject and summary, among the
    entries that the other conditions leave.
    """

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Place(msgspec.Struct, frozen=True):
    """An entry's place in the trail."""

    occurred_at: datetime
    seq: int


class Found(msgspec.Struct, frozen=True):
    """Entries, and the place below which to go on; None at the end of the trail.

    The trail may go on where `entries` are few or none: a text is looked for in so many entries at
    a time.
    """

    entries: list[Entry]
    before: Place | None


async def page(
    s: ReadSession, *, find: Find, before: Place | None = None, limit: int = 50
) -> Found:
    """Entries, newest first, below the place `before`."""
    where = ["e.tenant_id = %(tenant_id)s"]
    params: dict[str, Any] = {"looked_at": limit + 1 if find.text is None else LOOKED_AT}
    newest, below = "ORDER BY e.seq DESC", "e.seq < %(seq)s"
    if (find.since or find.until) and not (find.actor or find.action or find.subject):
        newest = "ORDER BY e.occurred_at DESC, e.seq DESC"
        below = "(e.occurred_at, e.seq) < (%(at)s, %(seq)s)"
    if before is not None:
        where.append(below)
        params |= {"at": before.occurred_at, "seq": before.seq}
    for name, condition, value in (
        ("actor", "e.actor = %(actor)s", find.actor),
        ("since", "e.occurred_at >= %(since)s", find.since),
        ("until", "e.occurred_at < %(until)s", find.until),
    ):
        if value is not None:
            where.append(condition)
            params[name] = value
    if find.subject is not None and find.subject.endswith("*"):
        where.append('e.subject COLLATE "C" >= %(subject)s AND e.subject COLLATE "C" < %(past)s')
        params |= {"subject": find.subject[:-1], "past": find.subject[:-1] + _LAST}
    elif find.subject is not None:
        where.append('e.subject COLLATE "C" = %(subject)s')
        params["subject"] = find.subject
    if find.action is not None:
        params["actions"] = await _named(s, find.action)
        where.append("e.action = a.name")
    looked = (
        f"SELECT {_COLUMNS} FROM app.audit_entry e"  # noqa: S608
        f" WHERE {' AND '.join(where)} {newest} LIMIT %(looked_at)s"
    )
    if find.action is not None:
        # The newest of each action by its index, then the newest of all.
        looked = (
            f"SELECT {_COLUMNS} FROM unnest(%(actions)s::text[]) a (name)"  # noqa: S608
            f" CROSS JOIN LATERAL ({looked}) e {newest} LIMIT %(looked_at)s"
        )
    if find.text is None:
        return _page(await s.all(Entry, looked, params), limit)
    params |= {"text": f"%{_escaped(find.text)}%", "limit": limit + 1}
    found = await s.all(
        Entry,
        f"SELECT {_COLUMNS} FROM ({looked}) e"  # noqa: S608
        " WHERE e.subject ILIKE %(text)s OR e.summary::text ILIKE %(text)s"
        f" {newest} LIMIT %(limit)s",
        params,
    )
    if len(found) > limit:
        return _page(found, limit)
    last = await s.one_or_none(
        Place,
        f"SELECT e.occurred_at, e.seq FROM ({looked}) e {newest}"  # noqa: S608
        " OFFSET %(looked_at)s - 1 LIMIT 1",
        params,
    )
    return Found(found, last)


def _page(found: list[Entry], limit: int) -> Found:
    more = len(found) > limit
    last = found[limit - 1] if more else None
    return Found(found[:limit], Place(last.occurred_at, last.seq) if last else None)


async def search(
    s: ReadSession,
    *,
    actor: str | None = None,
    action: str | None = None,
    subject: str | None = None,
    text: str | None = None,
    limit: int = 50,
) -> list[Entry]:
    """The newest entries that `Find` names."""
    find = Find(actor=actor, action=action, subject=subject, text=text)
    return (await page(s, find=find, limit=limit)).entries


async def _named(s: ReadSession, action: str) -> list[str]:
    if not action.endswith("*"):
        return [action]
    return [one for one in await actions(s) if one.startswith(action[:-1])]


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
