"""Rollouts: a change set is tried on some members before it is in force for all.

A member is in by the change set and the member alone, so always on the same side; the others have
what is in force. The version of those who are in stands in line for an instant that never comes:
publishing something else carries it over, as it carries what is scheduled. One at a time.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import msgspec

from guerdon.kit.errors import InvalidError, NotFoundError
from guerdon.parameters import releases, timeline
from guerdon.parameters.change_sets import (
    Approval,
    ChangeSet,
    OwnChangeError,
    accept,
    draft_of,
    load,
    risk,
    save,
)
from guerdon.parameters.sections import Registry
from guerdon.parameters.timeline import NEVER, RolloutRunningError
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.tenancy.changes import note_change

MEMBERS_MAX: Final = 500
_BUCKETS: Final = 10_000


class NoRolloutError(NotFoundError):
    """No rollout of this change set is under way."""

    code = "no_rollout"
    title = "No rollout is under way"


class Rollout(msgspec.Struct, frozen=True):
    """Who has a change set before the others. `version` is what they have."""

    change_set_id: UUID
    title: str
    version: int | None
    started_at: datetime
    started_by: str
    percent: int
    members: list[UUID]
    ended_at: datetime | None
    outcome: Literal["promoted", "stopped"] | None

    def takes(self, member_id: UUID) -> bool:
        """Whether a member is in."""
        return member_id in self.members or bucket(self.change_set_id, member_id) < (
            self.percent * _BUCKETS // 100
        )


def bucket(change_set_id: UUID, member_id: UUID) -> int:
    """0 to 9,999: the first four bytes of SHA-256 over both ids, modulo 10,000."""
    digest = hashlib.sha256(change_set_id.bytes + member_id.bytes).digest()
    return int.from_bytes(digest[:4], "big") % _BUCKETS


_ROLLOUT = """
SELECT r.change_set_id, c.title, c.version, r.started_at, r.started_by, r.percent, r.members,
       r.ended_at, r.outcome
  FROM app.parameter_rollout r
  JOIN app.change_set c ON c.tenant_id = r.tenant_id AND c.id = r.change_set_id
 WHERE r.tenant_id = %(tenant_id)s
"""
RUNNING = _ROLLOUT + " AND r.ended_at IS NULL"


async def running(s: ReadSession) -> Rollout | None:
    """The rollout that is under way."""
    return await s.one_or_none(Rollout, RUNNING)


async def every(s: ReadSession) -> list[Rollout]:
    """The last hundred rollouts, newest first."""
    return await s.all(Rollout, _ROLLOUT + " ORDER BY r.first_version DESC LIMIT 100")


async def start(
    s: WriteSession,
    *,
    registry: Registry,
    change_set_id: UUID,
    row_version: int | None,
    approval: Approval,
    percent: int,
    members: Sequence[UUID],
    actor: str,
    now: datetime,
) -> ChangeSet:
    """Give the change set to `percent` of the members, and to those named.

    Raises what publishing raises, and RolloutRunningError, InvalidError.
    """
    _check(percent, members)
    line, change_set = await releases.ready(
        s, registry, change_set_id, row_version, approval, rebase=False, actor=actor, now=now
    )
    if await running(s) is not None:
        raise RolloutRunningError("Promote or stop the rollout that is under way first.")
    if line.scheduled:
        raise RolloutRunningError(
            "Something is scheduled. Take it off the schedule, or wait until it is in force."
        )
    draft = await draft_of(s, registry, change_set)
    content = await accept(s, registry, draft.before, draft.content)
    made = await timeline.schedule(
        s, registry, line, content, at=NEVER, author=change_set.author, note=change_set.title
    )
    await s.execute(
        "INSERT INTO app.parameter_rollout (tenant_id, first_version, change_set_id, started_at,"
        " started_by, percent, members) VALUES (%(tenant_id)s, %(version)s, %(id)s, %(now)s,"
        " %(actor)s, %(percent)s, %(members)s)",
        {
            "version": made.version,
            "id": change_set_id,
            "now": now,
            "actor": actor,
            "percent": percent,
            "members": list(dict.fromkeys(members)),
        },
    )
    return await save(
        s,
        change_set,
        kind="scheduled",
        actor=actor,
        now=now,
        data={"version": made.version, "rollout": percent, "armed": approval.armed},
        state="scheduled",
        version=made.version,
        effective_at=NEVER,
    )


async def widen(
    s: WriteSession, *, change_set_id: UUID, percent: int, members: Sequence[UUID], now: datetime
) -> Rollout:
    """Change who is in. Members who are in stay in while `percent` grows."""
    _check(percent, members)
    await timeline.lock(s)
    touched = await s.execute(
        "UPDATE app.parameter_rollout SET percent = %(percent)s, members = %(members)s"
        " WHERE tenant_id = %(tenant_id)s AND change_set_id = %(id)s AND ended_at IS NULL",
        {"id": change_set_id, "percent": percent, "members": list(dict.fromkeys(members))},
    )
    found = await running(s)
    if not touched or found is None:
        raise NoRolloutError("No rollout of this change set is under way.")
    await note_change(s, "parameters")
    return found


async def promote(
    s: WriteSession,
    *,
    registry: Registry,
    change_set_id: UUID,
    approval: Approval,
    actor: str,
    now: datetime,
) -> ChangeSet:
    """Put what some have in force for all. Raises NoRolloutError, OwnChangeError."""
    await timeline.lock(s)
    line = await timeline.timeline(s, now)
    change_set = await load(s, change_set_id)
    needed = approval.needed(risk(registry, change_set.edits))
    if needed and approval.armed and actor in change_set.editors:
        raise OwnChangeError
    version = await _end(s, change_set, "promoted", now)
    content = timeline.normal(registry, await timeline.content_of(s, version))
    await timeline.withdraw(s, registry, line, version, by=actor)
    line = await timeline.timeline(s, now)
    made = await timeline.publish_now(
        s, registry, line, content, author=change_set.author, note=change_set.title
    )
    return await save(
        s,
        change_set,
        kind="published",
        actor=actor,
        now=now,
        data={"version": made.version, "rollout": version, "armed": approval.armed},
        state="published",
        version=made.version,
        effective_at=made.effective_at,
    )


async def stop(
    s: WriteSession, *, registry: Registry, change_set_id: UUID, actor: str, now: datetime
) -> ChangeSet:
    """Everybody has what is in force again; the change set is a draft. Raises NoRolloutError."""
    await timeline.lock(s)
    await _end(s, await load(s, change_set_id), "stopped", now)
    return await releases.unschedule(
        s, registry=registry, change_set_id=change_set_id, actor=actor, now=now
    )


async def _end(s: WriteSession, change_set: ChangeSet, outcome: str, now: datetime) -> int:
    touched = await s.execute(
        "UPDATE app.parameter_rollout SET ended_at = %(now)s, outcome = %(outcome)s"
        " WHERE tenant_id = %(tenant_id)s AND change_set_id = %(id)s AND ended_at IS NULL",
        {"id": change_set.id, "now": now, "outcome": outcome},
    )
    if not touched or change_set.version is None:
        raise NoRolloutError("No rollout of this change set is under way.")
    return change_set.version


def _check(percent: int, members: Sequence[UUID]) -> None:
    if not 0 <= percent <= 99:
        raise InvalidError("A rollout takes 0 to 99 % of the members.", field="percent")
    if len(members) > MEMBERS_MAX:
        raise InvalidError(f"At most {MEMBERS_MAX} members can be named.", field="members")
    if percent == 0 and not members:
        raise InvalidError("Give a percentage, or name members.", field="percent")
