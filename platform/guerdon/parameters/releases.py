"""From a draft to a version: review, approval, publishing, the schedule, going back.

Who publishes what asks for a second person must not have had a hand in it; nor in what is brought
back. Everything that writes a version stands in line first, then locks its change set.
"""

from datetime import datetime
from uuid import UUID

from guerdon.kit.errors import InvalidError
from guerdon.parameters import timeline
from guerdon.parameters.change_sets import (
    OPEN,
    Approval,
    ApprovalNeededError,
    ChangeSet,
    NothingChangedError,
    OwnChangeError,
    StaleDraftError,
    accept,
    draft_of,
    insert,
    load,
    require_fresh,
    require_state,
    risk,
    save,
    tell,
)
from guerdon.parameters.differences import diff, merge
from guerdon.parameters.drafts import rebase_onto
from guerdon.parameters.queries import authors_of
from guerdon.parameters.sections import ProgrammeParameters, Registry
from guerdon.parameters.timeline import (
    NOTICE,
    RolloutRunningError,
    ScheduledConflictError,
    Timeline,
)
from guerdon.parameters.wall_clock import Fold, TimeInPastError, instant_of
from guerdon.plumbing.db import WriteSession


async def submit(
    s: WriteSession,
    *,
    registry: Registry,
    change_set_id: UUID,
    row_version: int | None,
    actor: str,
    comment: str,
    now: datetime,
) -> ChangeSet:
    """Ask for a review. Raises InvalidParametersError while a rule is broken."""
    change_set = await load(s, change_set_id)
    require_state(change_set, ("draft", "returned"), "submitted")
    require_fresh(change_set, row_version)
    _require_edits(change_set)
    draft = await draft_of(s, registry, change_set)
    await accept(s, registry, draft.before, draft.content)
    return await save(
        s, change_set, kind="submitted", actor=actor, now=now, comment=comment, state="in_review"
    )


async def send_back(
    s: WriteSession,
    *,
    change_set_id: UUID,
    row_version: int | None,
    actor: str,
    comment: str,
    now: datetime,
) -> ChangeSet:
    """Return it to its author, with the reason."""
    change_set = await load(s, change_set_id)
    require_state(change_set, ("in_review", "approved"), "returned")
    require_fresh(change_set, row_version)
    return await save(
        s, change_set, kind="returned", actor=actor, now=now, comment=comment, state="returned"
    )


async def approve(
    s: WriteSession,
    *,
    change_set_id: UUID,
    row_version: int | None,
    actor: str,
    comment: str,
    now: datetime,
) -> ChangeSet:
    """Say yes to it as it stands. Raises OwnChangeError for one who had a hand in it."""
    change_set = await load(s, change_set_id)
    require_state(change_set, ("in_review",), "approved")
    require_fresh(change_set, row_version)
    if actor in change_set.editors:
        raise OwnChangeError
    return await save(
        s, change_set, kind="approved", actor=actor, now=now, comment=comment, state="approved"
    )


async def publish(
    s: WriteSession,
    *,
    registry: Registry,
    change_set_id: UUID,
    row_version: int | None,
    approval: Approval,
    rebase: bool,
    actor: str,
    now: datetime,
) -> ChangeSet:
    """Put it in force now. `rebase`: take it over to a newer version where nothing contradicts.

    Raises StaleDraftError, InvalidParametersError, OwnChangeError, ApprovalNeededError,
    ScheduledConflictError.
    """
    line, change_set = await ready(
        s, registry, change_set_id, row_version, approval, rebase=rebase, actor=actor, now=now
    )
    draft = await draft_of(s, registry, change_set)
    content = await accept(s, registry, draft.before, draft.content)
    made = await timeline.publish_now(
        s, registry, line, content, author=change_set.author, note=change_set.title
    )
    return await save(
        s,
        change_set,
        kind="published",
        actor=actor,
        now=now,
        data={"version": made.version, "armed": approval.armed},
        state="published",
        version=made.version,
        effective_at=made.effective_at,
    )


async def schedule(
    s: WriteSession,
    *,
    registry: Registry,
    change_set_id: UUID,
    row_version: int | None,
    approval: Approval,
    local: str,
    fold: Fold | None,
    actor: str,
    now: datetime,
) -> ChangeSet:
    """Put it in force when the clocks of the programme's zone show `local`.

    Raises what `publish` raises, and TimeInGapError, AmbiguousTimeError, TimeInPastError.
    """
    line, change_set = await ready(
        s, registry, change_set_id, row_version, approval, rebase=False, actor=actor, now=now
    )
    if line.tried:
        raise RolloutRunningError(
            f"“{line.tried.note}” is tried on some members. Promote or stop it first."
        )
    draft = await draft_of(s, registry, change_set)
    programme = draft.before[ProgrammeParameters]
    at = instant_of(local, programme.zone, fold)
    if at <= line.now + NOTICE:
        raise TimeInPastError(
            f"{local} is over, or too near. Choose a later time, or publish now.", field="local"
        )
    previous = line.before(at)
    if previous is None:
        raise InvalidError("The brand has no parameters yet.")
    theirs = timeline.normal(registry, previous.content)
    merged = merge(draft.base, draft.content, theirs)
    if merged.conflicts:
        fields = ", ".join(c.path for c in merged.conflicts[:5])
        raise ScheduledConflictError(
            previous.version, previous.note, merged.conflicts, f"changes {fields} before that."
        )
    content = await accept(s, registry, theirs, merged.content)
    made = await timeline.schedule(
        s, registry, line, content, at=at, author=change_set.author, note=change_set.title
    )
    return await save(
        s,
        change_set,
        kind="scheduled",
        actor=actor,
        now=now,
        data={"version": made.version, "local": local, "armed": approval.armed},
        state="scheduled",
        base_version=previous.version,
        edits=diff(theirs, content),
        version=made.version,
        effective_at=at,
    )


async def unschedule(
    s: WriteSession, *, registry: Registry, change_set_id: UUID, actor: str, now: datetime
) -> ChangeSet:
    """Take it off the schedule; it is a draft on the version in force."""
    await timeline.lock(s)
    line = await timeline.timeline(s, now)
    change_set = await load(s, change_set_id)
    require_state(change_set, ("scheduled",), "taken off the schedule")
    version = change_set.version
    if version is None or version not in {v.version for v in line.scheduled}:
        raise TimeInPastError("It is in force already. Go back to an earlier version instead.")
    draft = await draft_of(s, registry, change_set)
    await timeline.withdraw(s, registry, line, version, by=actor)
    current = line.in_force
    if current is None:
        raise LookupError("a scheduled version follows another")
    theirs = timeline.normal(registry, current.content)
    clashes = merge(draft.base, draft.content, theirs).conflicts
    own = merge(draft.base, draft.content, theirs, {c.path: "yours" for c in clashes})
    return await save(
        s,
        change_set,
        kind="unscheduled",
        actor=actor,
        now=now,
        data={"version": version},
        state="draft",
        base_version=current.version,
        edits=diff(theirs, timeline.normal(registry, own.content)),
        version=None,
        effective_at=None,
    )


async def roll_back(
    s: WriteSession,
    *,
    registry: Registry,
    version: int,
    change_set_id: UUID,
    title: str,
    approval: Approval,
    review: bool,
    actor: str,
    now: datetime,
) -> ChangeSet:
    """Publish what an earlier version had, as a new one; `review`: only propose it.

    Raises OwnChangeError where a second person is asked for and the actor wrote that version.
    """
    await timeline.lock(s)
    line = await timeline.timeline(s, now)
    current = line.in_force
    if current is None or not await _was_in_force(s, version, line.now):
        raise InvalidError(f"Version {version} was never in force.", field="version")
    content = timeline.normal(registry, await timeline.content_of(s, version))
    before = timeline.normal(registry, current.content)
    edits = diff(before, content)
    if not edits:
        raise NothingChangedError(f"What version {version} had is in force already.")
    await accept(s, registry, before, content)
    authors = await authors_of(s, version)
    needed = approval.needed(risk(registry, edits))
    if needed and approval.armed and not review and actor in authors:
        raise OwnChangeError(
            "You had a hand in that version, so somebody else has to bring it back. Send it for"
            " review instead."
        )
    made = ChangeSet(
        id=change_set_id, title=title, note="", state="in_review", base_version=current.version,
        row_version=1, edits=edits, author=actor,
        editors=list(dict.fromkeys([actor, *authors])), version=None, effective_at=None,
        created_at=now, updated_at=now,
    )  # fmt: skip
    await insert(s, made)
    await tell(s, made, kind="created", actor=actor, now=now, data={"restores": version})
    if review:
        return made
    written = await timeline.publish_now(
        s, registry, line, content, author=actor, note=title, restores=version
    )
    return await save(
        s,
        made,
        kind="published",
        actor=actor,
        now=now,
        data={"version": written.version, "armed": approval.armed, "restores": version},
        state="published",
        version=written.version,
        effective_at=written.effective_at,
    )


async def ready(
    s: WriteSession,
    registry: Registry,
    change_set_id: UUID,
    row_version: int | None,
    approval: Approval,
    *,
    rebase: bool,
    actor: str,
    now: datetime,
) -> tuple[Timeline, ChangeSet]:
    """The timeline and the set, both locked, when the set may become a version.

    Raises StaleDraftError, NothingChangedError, ApprovalNeededError, OwnChangeError.
    """
    await timeline.lock(s)
    line = await timeline.timeline(s, now)
    change_set = await load(s, change_set_id)
    require_state(change_set, OPEN, "published")
    require_fresh(change_set, row_version)
    _require_edits(change_set)
    change_set = await _on_current(s, registry, change_set, line, rebase, actor, now)
    _require_edits(change_set)
    if not approval.needed(risk(registry, change_set.edits)) or not approval.armed:
        return line, change_set
    if change_set.state == "approved":
        return line, change_set
    if actor in change_set.editors:
        raise OwnChangeError
    require_reviewable(change_set)
    change_set = await save(s, change_set, kind="approved", actor=actor, now=now, state="approved")
    return line, change_set


def require_reviewable(change_set: ChangeSet) -> None:
    """ApprovalNeededError unless its author has handed it in."""
    if change_set.state != "in_review":
        raise ApprovalNeededError("Its author has not submitted it for review yet.")


async def _on_current(
    s: WriteSession,
    registry: Registry,
    change_set: ChangeSet,
    line: Timeline,
    rebase: bool,
    actor: str,
    now: datetime,
) -> ChangeSet:
    current = line.in_force
    if current is None or current.version == change_set.base_version:
        return change_set
    draft = await draft_of(s, registry, change_set)
    conflicts = draft.conflicts_with(timeline.normal(registry, current.content))
    if rebase and not conflicts:
        return await rebase_onto(
            s, registry, change_set, current, resolutions={}, actor=actor, now=now
        )
    told = f"{len(conflicts)} fields were changed by both." if conflicts else "Nothing clashes."
    raise StaleDraftError(
        f"Version {current.version} was published since this began on version"
        f" {change_set.base_version}. {told} Take its changes in, look again, and publish.",
        conflicts=conflicts,
        reason="base_version",
        version=current.version,
    )


def _require_edits(change_set: ChangeSet) -> None:
    if not change_set.edits:
        raise NothingChangedError("This change set changes nothing.")


async def _was_in_force(s: WriteSession, version: int, now: datetime) -> bool:
    return bool(
        await s.value(
            """
            SELECT EXISTS (
              SELECT FROM app.parameter_version v
               WHERE v.tenant_id = %(tenant_id)s AND v.version = %(version)s
                 AND v.effective_at <= %(now)s
                 AND NOT EXISTS (SELECT FROM app.parameter_withdrawal w
                                  WHERE w.tenant_id = v.tenant_id AND w.version = v.version))
            """,
            {"version": version, "now": now},
        )
    )
