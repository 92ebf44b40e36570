"""Versions in time: which is in force, which come later, and how a change goes in between.

The version in force at an instant is the one with the greatest (effective_at, version) that was
not withdrawn. Rows are never changed: a scheduled version that has to make way is withdrawn by a
row of its own, and its successor is a new version.

Whoever writes holds the tenant's lock: the writers of one tenant stand in line.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from guerdon.kit.errors import ConflictError
from guerdon.parameters.differences import Conflict, diff, merge
from guerdon.parameters.paths import by_keys
from guerdon.parameters.sections import InvalidParametersError, Registry, content_hash
from guerdon.plumbing.db import ReadSession, WriteSession, jsonb
from guerdon.tenancy.changes import note_change

# Every process has heard of a change after this time. What takes effect sooner is left alone, so
# that all of them go over to the same version at the same instant.
NOTICE = timedelta(seconds=2)

# When what only some members have would be in force for all by itself.
NEVER: Final = datetime(9999, 12, 31, tzinfo=UTC)


def moment(at: datetime | None) -> datetime | None:
    """The instant as people are told it: what waits for ever has none."""
    return None if at == NEVER else at


class Stored(msgspec.Struct, frozen=True):
    """A version with its content."""

    version: int
    content: dict[str, Any]
    content_hash: bytes
    effective_at: datetime
    author: str
    note: str


class Timeline(msgspec.Struct, frozen=True):
    """The version in force `now`, and those scheduled, soonest first.

    Clocks of two machines differ by a little: `now` is never before the last publication, so that
    a later version is never effective earlier.
    """

    now: datetime
    in_force: Stored | None
    scheduled: tuple[Stored, ...]

    @property
    def tried(self) -> Stored | None:
        """What some members have before the others: it stands in line for ever."""
        return next((v for v in self.scheduled if v.effective_at == NEVER), None)

    def before(self, instant: datetime) -> Stored | None:
        """The version that will be in force just before a new one of this instant."""
        earlier = [v for v in self.scheduled if v.effective_at <= instant]
        return earlier[-1] if earlier else self.in_force


class ScheduledConflictError(ConflictError):
    """A scheduled change contradicts what is to be published."""

    code = "scheduled_conflict"
    title = "A scheduled change stands against this"

    def __init__(self, version: int, title: str, conflicts: Sequence[Conflict], why: str) -> None:
        named = f"“{title}” (version {version})" if title else f"version {version}"
        super().__init__(
            f"The scheduled change {named} {why} Take it off the schedule, or change the same"
            " fields there, and try again.",
            field=conflicts[0].path if conflicts else None,
            version=version,
            scheduled=title,
        )
        self.conflicts = tuple(conflicts)


class TooSoonError(ConflictError):
    """A scheduled change takes effect this moment."""

    code = "change_imminent"
    title = "A scheduled change takes effect this moment"


class RolloutRunningError(ConflictError):
    """Some members have a change set before the others; that has to end first."""

    code = "rollout_running"
    title = "A rollout is under way"


_STORED = """
SELECT v.version, v.content, v.content_hash, v.effective_at, v.author, v.note
  FROM app.parameter_version v
 WHERE v.tenant_id = %(tenant_id)s
   AND NOT EXISTS (SELECT FROM app.parameter_withdrawal w
                    WHERE w.tenant_id = v.tenant_id AND w.version = v.version)
"""


async def lock(s: WriteSession) -> None:
    """Stand in line with every other writer of this tenant's versions."""
    await s.value(
        "SELECT pg_advisory_xact_lock(hashtextextended('parameters ' || %(tenant_id)s::text, 0))"
    )


async def in_force(s: ReadSession, now: datetime) -> Stored | None:
    """The version in force; before the first one, that one."""
    found = await s.one_or_none(
        Stored,
        _STORED + " AND v.effective_at <= %(now)s ORDER BY v.effective_at DESC, v.version DESC"
        " LIMIT 1",
        {"now": now},
    )
    return found or await s.one_or_none(
        Stored,
        _STORED + " ORDER BY v.effective_at, v.version LIMIT 1",
    )


async def timeline(s: ReadSession, now: datetime) -> Timeline:
    """The version in force and all that are scheduled."""
    last = await s.value(
        "SELECT max(effective_at) FROM app.parameter_version"
        " WHERE tenant_id = %(tenant_id)s AND NOT scheduled"
    )
    now = now if last is None else max(now, last)
    current = await in_force(s, now)
    later = await s.all(
        Stored,
        _STORED + " AND v.scheduled AND v.effective_at > %(now)s"
        " ORDER BY v.effective_at, v.version",
        {"now": now},
    )
    return Timeline(now, current, tuple(v for v in later if v != current))


async def content_in_force(s: ReadSession, now: datetime) -> dict[str, Any]:
    """The content of the version in force, or nothing."""
    found = await in_force(s, now)
    return {} if found is None else found.content


async def content_of(s: ReadSession, version: int) -> dict[str, Any]:
    """The content of any version. Raises NotFoundError."""
    stored = await s.one(
        Stored,
        "SELECT version, content, content_hash, effective_at, author, note"
        " FROM app.parameter_version WHERE tenant_id = %(tenant_id)s AND version = %(version)s",
        {"version": version},
    )
    return stored.content


def normal(registry: Registry, content: Mapping[str, Any]) -> dict[str, Any]:
    """A content with every field that there is today."""
    return registry.encode(registry.convert(content))


async def _write(
    s: WriteSession,
    content: Mapping[str, Any],
    *,
    effective_at: datetime,
    scheduled: bool,
    author: str,
    note: str,
    restores: int | None = None,
) -> Stored:
    digest = content_hash(content)
    version = await s.value(
        """
        INSERT INTO app.parameter_version
               (tenant_id, version, content, content_hash, effective_at, scheduled, author, note,
                restores)
        SELECT %(tenant_id)s, coalesce(max(version), 0) + 1, %(content)s, %(hash)s,
               %(effective_at)s, %(scheduled)s, %(author)s, %(note)s, %(restores)s
          FROM app.parameter_version WHERE tenant_id = %(tenant_id)s
        RETURNING version
        """,
        {
            "content": jsonb(content),
            "hash": digest,
            "effective_at": effective_at,
            "scheduled": scheduled,
            "author": author,
            "note": note,
            "restores": restores,
        },
    )
    await note_change(s, "parameters")
    return Stored(int(version), dict(content), digest, effective_at, author, note)


async def publish_now(
    s: WriteSession,
    registry: Registry,
    line: Timeline,
    content: Mapping[str, Any],
    *,
    author: str,
    note: str,
    restores: int | None = None,
) -> Stored:
    """Put a content in force, and carry what is scheduled over to it.

    `content` is normal and breaks no rule. Raises ScheduledConflictError.
    """
    _leave_alone(line)
    made = await _write(
        s,
        content,
        effective_at=line.now,
        scheduled=False,
        author=author,
        note=note,
        restores=restores,
    )
    if line.in_force is not None:
        await _carry(s, registry, line.in_force, made, line.scheduled, line.now)
    return made


async def schedule(
    s: WriteSession,
    registry: Registry,
    line: Timeline,
    content: Mapping[str, Any],
    *,
    at: datetime,
    author: str,
    note: str,
) -> Stored:
    """Put a content in line at an instant to come; what is scheduled after it is carried over.

    `content` continues the version `line.before(at)`. Raises ScheduledConflictError.
    """
    _leave_alone(line)
    made = await _write(s, content, effective_at=at, scheduled=True, author=author, note=note)
    if (previous := line.before(at)) is not None:
        after = [v for v in line.scheduled if v.effective_at > at]
        await _carry(s, registry, previous, made, after, line.now)
    return made


async def withdraw(
    s: WriteSession, registry: Registry, line: Timeline, version: int, *, by: str
) -> Stored:
    """Take a scheduled version out of line; those after it go on without it.

    Returns the version it followed. Raises ScheduledConflictError where one builds on it.
    """
    _leave_alone(line)
    place = [v.version for v in line.scheduled].index(version)
    gone = line.scheduled[place]
    previous = line.scheduled[place - 1] if place else line.in_force
    if previous is None:
        raise LookupError("a scheduled version follows another")
    await _withdraw(s, gone, line.now, by)
    await _carry(s, registry, gone, previous, line.scheduled[place + 1 :], line.now)
    return previous


def _leave_alone(line: Timeline) -> None:
    if line.scheduled and line.scheduled[0].effective_at <= line.now + NOTICE:
        raise TooSoonError(
            "A scheduled change takes effect within seconds. Try again once it is in force.",
            retry_after_s=int(NOTICE.total_seconds()) + 1,
        )


async def _withdraw(s: WriteSession, gone: Stored, now: datetime, by: str) -> None:
    await s.execute(
        "INSERT INTO app.parameter_withdrawal (tenant_id, version, effective_at, withdrawn_at,"
        " withdrawn_by) VALUES (%(tenant_id)s, %(version)s, %(effective_at)s, %(now)s, %(by)s)",
        {"version": gone.version, "effective_at": gone.effective_at, "now": now, "by": by},
    )
    await note_change(s, "parameters")


async def _carry(
    s: WriteSession,
    registry: Registry,
    old: Stored,
    new: Stored,
    scheduled: Sequence[Stored],
    now: datetime,
) -> None:
    """Make each scheduled version, which followed `old`, follow `new` instead."""
    for version in scheduled:
        base = normal(registry, old.content)
        merged = merge(base, normal(registry, version.content), normal(registry, new.content))
        title = str(await s.value(_TITLE, {"version": version.version}) or "")
        if merged.conflicts:
            fields = ", ".join(c.path for c in merged.conflicts[:5])
            raise ScheduledConflictError(
                version.version, title, merged.conflicts, f"changes {fields} too."
            )
        try:
            content = registry.encode(registry.decode(merged.content))
        except InvalidParametersError as error:
            first = error.findings[0]
            place = by_keys(merged.content, first.path)
            raise ScheduledConflictError(
                version.version, title, [Conflict(place)],
                f"could not take effect any more: {place}: {first.text()}",
            ) from error  # fmt: skip
        await _withdraw(s, version, now, "system")
        made = await _write(
            s,
            content,
            effective_at=version.effective_at,
            scheduled=True,
            author=version.author,
            note=version.note,
        )
        await s.execute(
            """
            UPDATE app.change_set
               SET version = %(made)s, base_version = %(base)s, edits = %(edits)s,
                   row_version = row_version + 1, updated_at = %(now)s
             WHERE tenant_id = %(tenant_id)s AND version = %(version)s
            """,
            {
                "made": made.version,
                "base": new.version,
                "edits": jsonb(diff(normal(registry, new.content), content)),
                "version": version.version,
                "now": now,
            },
        )
        old, new = version, made


_TITLE = (
    "SELECT title FROM app.change_set WHERE tenant_id = %(tenant_id)s AND version = %(version)s"
)
