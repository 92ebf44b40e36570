"""Change sets: what people change together, from a draft to a version.

draft → in_review → approved → scheduled or published; returned and discarded on the way. A set
stores its edits against the version it started from; an edit of any kind makes it a draft again,
so that an approval always means what is there. `superseded` is not stored: it is a published set
whose version is in force no more.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from guerdon.kit.errors import ConflictError, ForbiddenError
from guerdon.parameters import timeline
from guerdon.parameters.differences import Conflict, Edit, apply, merge
from guerdon.parameters.paths import by_keys
from guerdon.parameters.schema import RISKS, risk_of, riskiest
from guerdon.parameters.sections import (
    Content,
    Finding,
    InvalidParametersError,
    Registry,
    Risk,
    Section,
    Sections,
)
from guerdon.plumbing.db import ReadSession, WriteSession, jsonb
from guerdon.plumbing.refusals import refusal

State = Literal[
    "draft", "in_review", "returned", "approved", "scheduled", "published", "superseded",
    "discarded",
]  # fmt: skip
Decoded = dict[type[Section], Section]
OPEN: tuple[State, ...] = ("draft", "in_review", "returned", "approved")


class ChangeSet(msgspec.Struct, frozen=True):
    """A change set as it stands. `version` and `effective_at` once it is scheduled or published."""

    id: UUID
    title: str
    note: str
    state: State
    base_version: int
    row_version: int
    edits: list[Edit]
    author: str
    editors: list[str]
    version: int | None
    effective_at: datetime | None
    created_at: datetime
    updated_at: datetime


class Event(msgspec.Struct, frozen=True):
    """One step of a change set."""

    row_version: int
    kind: str
    occurred_at: datetime
    actor: str
    comment: str
    data: dict[str, Any]


class Approval(msgspec.Struct, frozen=True):
    """What a brand asks for: a second person from this risk on, once there are two who can publish.

    `publishers` counts the people who can. With one alone, nobody could approve.
    """

    required_from: Risk | Literal["never"]
    publishers: int

    @property
    def armed(self) -> bool:
        """Whether there is a second person at all."""
        return self.publishers >= 2

    def needed(self, risk: Risk) -> bool:
        """Whether a change of this risk asks for a second person."""
        if self.required_from == "never":
            return False
        return RISKS.index(risk) >= RISKS.index(self.required_from)


class StaleDraftError(ConflictError):
    """Somebody changed this set, or published another one, in the meantime."""

    code = "stale_draft"
    title = "Somebody was faster"

    def __init__(
        self, detail: str, *, reason: str, conflicts: Sequence[Conflict] = (), version: int
    ) -> None:
        super().__init__(detail, reason=reason, version=version)
        self.conflicts = tuple(conflicts)


class EditConflictError(ConflictError):
    """Fields that this set and a newer version changed differently; each needs a decision."""

    code = "edit_conflict"
    title = "Both changed the same field"

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        fields = ", ".join(c.path for c in conflicts[:5])
        super().__init__(
            f"Both changed {fields}. Say for each field whether yours or theirs holds.",
            field=conflicts[0].path,
            conflicts=len(conflicts),
        )
        self.conflicts = tuple(conflicts)


class WrongStateError(ConflictError):
    """A change set in this state does not take this step."""

    code = "wrong_state"
    title = "The change set is not at that point"


class NothingChangedError(ConflictError):
    """There is nothing to publish."""

    code = "nothing_changed"
    title = "Nothing is changed"


class ApprovalNeededError(ConflictError):
    """The set has to be submitted for review first."""

    code = "approval_needed"
    title = "A second person has to look at this first"


@refusal
class OwnChangeError(ForbiddenError):
    """Nobody approves, publishes or brings back their own change where a second person is asked."""

    code = "own_change"
    title = "Somebody else has to decide this"

    def __init__(self, detail: str = "", **params: Any) -> None:
        super().__init__(
            detail or "You had a hand in this change, so somebody else has to approve it.", **params
        )


class AreaForbiddenError(ForbiddenError):
    """The person may propose changes, in other areas."""

    code = "area_forbidden"
    title = "This is not yours to change"


_COLUMNS = (
    "id, title, note, state, base_version, row_version, edits, author, editors, version,"
    " effective_at, created_at, updated_at"
)


async def load(s: WriteSession, change_set_id: UUID) -> ChangeSet:
    """The change set, locked until the transaction ends. Raises NotFoundError."""
    return await s.one(
        ChangeSet,
        f"SELECT {_COLUMNS} FROM app.change_set"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s FOR UPDATE",
        {"id": change_set_id},
    )


async def insert(s: WriteSession, made: ChangeSet) -> None:
    """Keep a new change set."""
    await s.execute(
        f"INSERT INTO app.change_set (tenant_id, {_COLUMNS}) VALUES (%(tenant_id)s, %(id)s,"  # noqa: S608
        " %(title)s, %(note)s, %(state)s, %(base_version)s, %(row_version)s, %(edits)s, %(author)s,"
        " %(editors)s, %(version)s, %(effective_at)s, %(created_at)s, %(updated_at)s)",
        msgspec.structs.asdict(made) | {"edits": jsonb(made.edits)},
    )


async def save(
    s: WriteSession,
    before: ChangeSet,
    *,
    kind: str,
    actor: str,
    now: datetime,
    comment: str = "",
    data: dict[str, Any] | None = None,
    **changes: Any,
) -> ChangeSet:
    """Change a locked change set and write down the step; returns it as it is now."""
    after = msgspec.structs.replace(
        before, row_version=before.row_version + 1, updated_at=now, **changes
    )
    await s.execute(
        """
        UPDATE app.change_set
           SET title = %(title)s, note = %(note)s, state = %(state)s,
               base_version = %(base_version)s, row_version = %(row_version)s, edits = %(edits)s,
               editors = %(editors)s, version = %(version)s, effective_at = %(effective_at)s,
               updated_at = %(updated_at)s
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s
        """,
        msgspec.structs.asdict(after) | {"edits": jsonb(after.edits)},
    )
    await tell(s, after, kind=kind, actor=actor, now=now, comment=comment, data=data)
    return after


async def tell(
    s: WriteSession,
    of: ChangeSet,
    *,
    kind: str,
    actor: str,
    now: datetime,
    comment: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    """Write down a step."""
    await s.execute(
        "INSERT INTO app.change_set_event (tenant_id, change_set_id, row_version, kind,"
        " occurred_at, actor, comment, data) VALUES (%(tenant_id)s, %(id)s, %(row_version)s,"
        " %(kind)s, %(now)s, %(actor)s, %(comment)s, %(data)s)",
        {
            "id": of.id,
            "row_version": of.row_version,
            "kind": kind,
            "now": now,
            "actor": actor,
            "comment": comment,
            "data": jsonb(data or {}),
        },
    )


class Draft(msgspec.Struct, frozen=True):
    """A change set with what it started from and what it comes to, both with every field."""

    change_set: ChangeSet
    base: dict[str, Any]
    content: dict[str, Any]
    before: Sections

    def conflicts_with(self, theirs: dict[str, Any]) -> list[Conflict]:
        """Fields that `theirs` changed differently."""
        return merge(self.base, self.content, theirs).conflicts


async def draft_of(s: ReadSession, registry: Registry, change_set: ChangeSet) -> Draft:
    """The contents of a change set."""
    stored = await timeline.content_of(s, change_set.base_version)
    before = registry.convert(stored)
    base = registry.encode(before)
    return Draft(change_set, base, apply(base, change_set.edits), Sections(before))


def require_fresh(change_set: ChangeSet, row_version: int | None) -> None:
    """StaleDraftError if the caller saw another state of the set."""
    if row_version is not None and row_version != change_set.row_version:
        raise StaleDraftError(
            "This change set was changed in the meantime. Look at it again and repeat your change.",
            reason="row_version",
            version=change_set.row_version,
        )


def require_state(change_set: ChangeSet, allowed: Sequence[State], what: str) -> None:
    """WrongStateError unless the set is in one of these states."""
    if change_set.state not in allowed:
        raise WrongStateError(
            f"A change set that is {change_set.state.replace('_', ' ')} cannot be {what}.",
            state=change_set.state,
        )


def risk(registry: Registry, edits: Sequence[Edit]) -> Risk:
    """The riskiest of these edits."""
    return riskiest(*(risk_of(registry, edit) for edit in edits))


def findings(registry: Registry, content: dict[str, Any]) -> list[Finding]:
    """What the rules say of a content, each place by the keys of its items."""
    try:
        found = registry.review(registry.convert(content))
    except InvalidParametersError as error:
        found = list(error.findings)
    return _by_keys(content, found)


async def findings_of_change(
    s: ReadSession, registry: Registry, before: Content, after: dict[str, Any]
) -> list[Finding]:
    """What the rules say of `after`, and the brand's own data of going over to it."""
    try:
        decoded = registry.convert(after)
    except InvalidParametersError as error:
        return _by_keys(after, error.findings)
    return await _review(s, registry, before, after, decoded)


async def _review(
    s: ReadSession, registry: Registry, before: Content, after: dict[str, Any], decoded: Decoded
) -> list[Finding]:
    found = registry.review(decoded)
    found += await registry.review_change(s, before, Sections(decoded))
    return _by_keys(after, found)


def _by_keys(content: dict[str, Any], found: Sequence[Finding]) -> list[Finding]:
    known: dict[int, str | None] = {}
    return [msgspec.structs.replace(f, path=by_keys(content, f.path, known)) for f in found]


async def accept(
    s: ReadSession, registry: Registry, before: Content, content: dict[str, Any]
) -> dict[str, Any]:
    """The content with every field, ready to follow `before`. Raises InvalidParametersError."""
    try:
        decoded = registry.convert(content)
    except InvalidParametersError as error:
        raise InvalidParametersError(_by_keys(content, error.findings)) from None
    found = await _review(s, registry, before, content, decoded)
    errors = [f for f in found if f.severity == "error"]
    if errors:
        raise InvalidParametersError(errors)
    return registry.encode(decoded)
