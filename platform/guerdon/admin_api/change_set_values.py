"""Change sets and versions on the wire."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta

from guerdon.admin_api.words import Words
from guerdon.identity import staff as people
from guerdon.parameters import queries, rollouts, timeline
from guerdon.parameters.change_sets import (
    OPEN,
    Approval,
    ChangeSet,
    Event,
    draft_of,
    findings_of_change,
    risk,
)
from guerdon.parameters.differences import Conflict, Edit, merge
from guerdon.parameters.schema import risk_of
from guerdon.parameters.sections import Finding, Registry
from guerdon.plumbing.db import ReadSession
from guerdon.theming.translations import translator
from guerdon.wire.values import In, Out

State = Literal[
    "draft", "in_review", "returned", "approved", "scheduled", "published", "superseded",
    "discarded",
]  # fmt: skip
RiskName = Literal["low", "medium", "high"]
Path = Annotated[
    str, Meta(min_length=1, max_length=400, description="As `tiers.tiers[gold].threshold`")
]
Title = Annotated[str, Meta(min_length=1, max_length=120)]
LongText = Annotated[str, Meta(max_length=2000)]
RowVersion = Annotated[int, Meta(ge=1, le=2**31 - 1, description="As it was read")]


class Person(Out, frozen=True):
    """Somebody who works for the brand, or what acted by itself (`cli`, `system`)."""

    id: str
    name: str


class EditOut(Out, frozen=True):
    """One change. `before` is absent for what is new, `after` for what goes.

    `words` say it in the reader's language.
    """

    path: str
    risk: RiskName
    words: str
    before: Any = UNSET
    after: Any = UNSET


class FindingOut(Out, frozen=True):
    """What a rule says. An error cannot be published, a warning can."""

    path: str
    code: str
    message: str
    severity: Literal["error", "warning"]


class ConflictOut(Out, frozen=True):
    """A field that this set and a newer version changed differently; absent is not there."""

    path: str
    base: Any = UNSET
    yours: Any = UNSET
    theirs: Any = UNSET


class Said(Out, frozen=True):
    """What somebody said when they took a step."""

    by: Person
    at: datetime
    kind: str
    text: str


class ApprovalOut(Out, frozen=True):
    """A second person's yes."""

    by: Person
    at: datetime
    comment: str


class Step(Out, frozen=True):
    """One step of the set's way."""

    kind: str
    by: Person
    at: datetime
    comment: str


class ChangeSetHead(Out, frozen=True):
    """A change set without its edits.

    `effectiveAt` is null while it is rolled out: `rolloutPercent` of the members have it.
    """

    id: UUID
    title: str
    note: str
    state: State
    base_version: int
    row_version: int
    author: Person
    editors: list[Person]
    edit_count: int
    risk: RiskName
    needs_approval: bool
    effective_at: datetime | None
    rollout_percent: int | None
    published_version: int | None
    created_at: datetime
    updated_at: datetime


class ChangeSetOut(ChangeSetHead, frozen=True):
    """A change set. `needsApproval`: its risk asks for a second person, and there is one."""

    edits: list[EditOut]
    findings: list[FindingOut]
    conflicts: list[ConflictOut]
    approvals: list[ApprovalOut]
    comments: list[Said]
    steps: list[Step]


class ChangeSetIn(In, frozen=True):
    """A change set to begin."""

    title: Title
    note: LongText = ""


class RenameIn(In, frozen=True):
    """Other words for a change set."""

    row_version: RowVersion
    title: Title
    note: LongText = ""


class EditIn(In, frozen=True):
    """A value to put in; or `remove`: to take out what stands there, or `revert`: as before."""

    path: Path
    value: Any = UNSET
    remove: bool = False
    revert: bool = False


class EditsIn(In, frozen=True):
    """Edits to make, all or none. `rowVersion` is the one that the person saw."""

    row_version: RowVersion
    edits: Annotated[list[EditIn], Meta(min_length=1, max_length=500)]


class StepIn(In, frozen=True):
    """A step, and what to say about it. With `rowVersion`, only as the person saw the set."""

    comment: LongText = ""
    row_version: RowVersion | None = None


class PublishIn(In, frozen=True):
    """`rebase`: take the set over to a newer version where nothing contradicts."""

    row_version: RowVersion | None = None
    rebase: bool = False


class ScheduleIn(In, frozen=True):
    """When the clocks of the programme's zone show `local`. `fold` where they show it twice."""

    local: Annotated[str, Meta(min_length=16, max_length=19, description="2026-12-01T00:00")]
    fold: Literal["earlier", "later"] | None = None
    row_version: RowVersion | None = None


class ResolutionIn(In, frozen=True):
    """Which side holds at a conflict."""

    path: Path
    take: Literal["yours", "theirs"]


class RebaseIn(In, frozen=True):
    """Decisions for every conflict."""

    resolutions: Annotated[tuple[ResolutionIn, ...], Meta(max_length=500)] = ()
    row_version: RowVersion | None = None


class View:
    """How a reader sees change sets: language, what needs approval, who is who."""

    def __init__(
        self, registry: Registry, *, language: str, approval: Approval, now: datetime
    ) -> None:
        self._registry = registry
        self._language = language
        self._approval = approval
        self._now = now

    async def whole(self, s: ReadSession, change_set: ChangeSet) -> ChangeSetOut:
        """With edits in words, findings, conflicts and steps."""
        draft = await draft_of(s, self._registry, change_set)
        steps = await queries.events(s, change_set.id)
        names = await named(s, [*change_set.editors, *(e.actor for e in steps)])
        shares = await _shares(s, [change_set])
        clashes: Sequence[Conflict] = ()
        found: Sequence[Finding] = ()
        if change_set.state in OPEN:
            found = await findings_of_change(s, self._registry, draft.before, draft.content)
            current = await timeline.in_force(s, self._now)
            if current is not None and current.version != change_set.base_version:
                theirs = timeline.normal(self._registry, current.content)
                clashes = merge(draft.base, draft.content, theirs).conflicts
        return ChangeSetOut(
            **msgspec.structs.asdict(self.head(change_set, names, shares)),
            edits=self.edits(change_set.edits, draft.base, draft.content),
            findings=self.findings(found),
            conflicts=[conflict(c) for c in clashes],
            approvals=[
                ApprovalOut(names[e.actor], e.occurred_at, e.comment)
                for e in steps
                if e.kind == "approved"
            ],
            comments=[
                Said(names[e.actor], e.occurred_at, e.kind, e.comment) for e in steps if e.comment
            ],
            steps=[Step(e.kind, names[e.actor], e.occurred_at, e.comment) for e in _told(steps)],
        )

    async def heads(self, s: ReadSession, change_sets: Sequence[ChangeSet]) -> list[ChangeSetHead]:
        """Without edits, for lists."""
        names = await named(s, [a for c in change_sets for a in c.editors])
        shares = await _shares(s, change_sets)
        return [self.head(c, names, shares) for c in change_sets]

    def head(
        self, change_set: ChangeSet, names: dict[str, Person], shares: dict[UUID, int]
    ) -> ChangeSetHead:
        """Without edits."""
        how_risky = risk(self._registry, change_set.edits)
        return ChangeSetHead(
            id=change_set.id,
            title=change_set.title,
            note=change_set.note,
            state=change_set.state,
            base_version=change_set.base_version,
            row_version=change_set.row_version,
            author=names[change_set.author],
            editors=[names[one] for one in change_set.editors],
            edit_count=len(change_set.edits),
            risk=how_risky,
            needs_approval=self._approval.needed(how_risky) and self._approval.armed,
            effective_at=timeline.moment(change_set.effective_at),
            rollout_percent=shares.get(change_set.id),
            published_version=change_set.version,
            created_at=change_set.created_at,
            updated_at=change_set.updated_at,
        )

    def edits(
        self, edits: Iterable[Edit], before: dict[str, Any], after: dict[str, Any]
    ) -> list[EditOut]:
        """Edits between two contents, in words."""
        words = Words(self._registry, before, after, language=self._language)
        return [
            EditOut(e.path, risk_of(self._registry, e), words.of(e), e.before, e.after)
            for e in edits
        ]

    def findings(self, found: Iterable[Finding]) -> list[FindingOut]:
        """In the reader's language, errors first."""
        text = translator(self._language).text
        ordered = sorted(found, key=lambda f: f.severity != "error")
        return [FindingOut(f.path, f.code, f.text(text), f.severity) for f in ordered]


async def _shares(s: ReadSession, change_sets: Sequence[ChangeSet]) -> dict[UUID, int]:
    """Which of them are rolled out, and to how many per cent of the members."""
    if all(c.effective_at != timeline.NEVER for c in change_sets):
        return {}
    found = await rollouts.running(s)
    return {} if found is None else {found.change_set_id: found.percent}


def conflict(one: Conflict) -> ConflictOut:
    """As the domain has it."""
    return ConflictOut(one.path, one.base, one.yours, one.theirs)


def _told(steps: Sequence[Event]) -> list[Event]:
    """Steps without the many edits in a row by the same person."""
    kept: list[Event] = []
    for step in steps:
        last = kept[-1] if kept else None
        if last is not None and step.kind == last.kind == "edited" and step.actor == last.actor:
            kept.pop()
        kept.append(step)
    return kept


async def named(s: ReadSession, actors: Iterable[str]) -> dict[str, Person]:
    """Who these actors are; people by their names."""
    every = set(actors)
    ids = {a: UUID(a.removeprefix("staff:")) for a in every if a.startswith("staff:")}
    known = await people.names(s, set(ids.values()))
    return {
        actor: Person(str(ids[actor]), known.get(ids[actor], ""))
        if actor in ids
        else Person(actor, actor)
        for actor in every
    }
