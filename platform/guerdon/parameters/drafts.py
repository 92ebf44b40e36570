"""Writing a change set: begun, edited, taken over to a newer version, thrown away."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET

from guerdon.kit.errors import InvalidError
from guerdon.parameters import timeline
from guerdon.parameters.change_sets import (
    OPEN,
    AreaForbiddenError,
    ChangeSet,
    Draft,
    EditConflictError,
    draft_of,
    insert,
    load,
    require_fresh,
    require_state,
    save,
    tell,
)
from guerdon.parameters.differences import Edit, Take, Together, apply, diff, merge, same, value_at
from guerdon.parameters.paths import by_keys
from guerdon.parameters.schema import areas_of, nodes_at
from guerdon.parameters.secret_texts import secret_texts
from guerdon.parameters.sections import (
    KEEP_IT_SEALED,
    Finding,
    InvalidParametersError,
    Registry,
)
from guerdon.plumbing.db import WriteSession

EDITS_MAX = 10_000


class Wish(msgspec.Struct, frozen=True):
    """One edit as it is asked for: a value, or to remove or to revert what stands there."""

    path: str
    value: Any = UNSET
    remove: bool = False
    revert: bool = False


async def create(
    s: WriteSession,
    *,
    change_set_id: UUID,
    title: str,
    note: str = "",
    actor: str,
    now: datetime,
) -> ChangeSet:
    """Begin an empty change set on the version in force."""
    base = await timeline.in_force(s, now)
    if base is None:
        raise InvalidError("The brand has no parameters yet.")
    made = ChangeSet(
        id=change_set_id, title=title, note=note, state="draft", base_version=base.version,
        row_version=1, edits=[], author=actor, editors=[actor], version=None, effective_at=None,
        created_at=now, updated_at=now,
    )  # fmt: skip
    await insert(s, made)
    await tell(s, made, kind="created", actor=actor, now=now)
    return made


async def rename(
    s: WriteSession,
    *,
    change_set_id: UUID,
    row_version: int,
    title: str,
    note: str,
    actor: str,
    now: datetime,
) -> ChangeSet:
    """Give it other words; what it changes stays, and so does an approval."""
    change_set = await load(s, change_set_id)
    require_state(change_set, OPEN, "renamed")
    require_fresh(change_set, row_version)
    return await save(s, change_set, kind="renamed", actor=actor, now=now, title=title, note=note)


async def edit(
    s: WriteSession,
    *,
    registry: Registry,
    change_set_id: UUID,
    row_version: int,
    wishes: Sequence[Wish],
    actor: str,
    areas: frozenset[str],
    now: datetime,
) -> ChangeSet:
    """Put values in, take them out, or back to what the base has; the set is a draft again.

    A broken rule is kept and told as a finding. Raises StaleDraftError, UnknownPathError,
    InvalidParametersError for a wrong type or a secret, AreaForbiddenError.
    """
    change_set = await load(s, change_set_id)
    require_state(change_set, OPEN, "edited")
    require_fresh(change_set, row_version)
    draft = await draft_of(s, registry, change_set)
    content = _put(registry, draft, wishes)
    changed = diff(draft.content, content)
    if not changed:
        return change_set
    _check_areas(registry, changed, areas)
    _check_secrets(changed)
    edits = diff(draft.base, content) if change_set.edits else changed
    if len(edits) > EDITS_MAX:
        raise InvalidError(f"A change set holds at most {EDITS_MAX} edits.", field="edits")
    return await save(
        s,
        change_set,
        kind="edited",
        actor=actor,
        now=now,
        data={"paths": [e.path for e in changed[:100]], "count": len(changed)},
        state="draft",
        edits=edits,
        editors=_with(change_set.editors, actor),
    )


def _put(registry: Registry, draft: Draft, wishes: Sequence[Wish]) -> dict[str, Any]:
    """The draft's content with the wishes in it, every field present."""
    content, together = draft.content, Together()
    for wish in wishes:
        nodes_at(registry, wish.path)
        value = UNSET if wish.remove else wish.value
        if wish.revert:
            value = value_at(draft.base, wish.path)
        elif value is UNSET and not wish.remove:
            raise InvalidError(f"{wish.path}: no value is given.", field=wish.path)
        one = Edit(wish.path, UNSET, value)
        if not together.add(one):
            content, together = apply(content, together.edits), Together()
            together.add(one)
    content = apply(content, together.edits)
    try:
        return timeline.normal(registry, content)
    except InvalidParametersError as error:
        raise InvalidParametersError(
            [
                msgspec.structs.replace(f, path=_named(content, f.path, wishes))
                for f in error.findings
            ]
        ) from None


def _named(content: dict[str, Any], path: str, wishes: Sequence[Wish]) -> str:
    """The place of a wrong type by keys. Of a wrong entry the decoder tells only the map."""
    outer, entry, _ = path.partition("[...]")
    outer = by_keys(content, outer)
    if not entry:
        return outer
    return next((w.path for w in wishes if w.path.startswith(outer)), outer)


def _check_areas(registry: Registry, changed: Sequence[Edit], areas: frozenset[str]) -> None:
    for one in changed:
        foreign = areas_of(registry, one) - areas
        if foreign:
            area = min(foreign)
            raise AreaForbiddenError(
                f"{one.path} belongs to the area {area}, in which you may not propose changes.",
                field=one.path,
                area=area,
            )


def _check_secrets(changed: Sequence[Edit]) -> None:
    """A secret is not even kept in a draft."""
    found = [
        Finding(path, "looks_like_a_secret", KEEP_IT_SEALED)
        for one in changed
        for path in secret_texts(one.after, one.path)
    ]
    if found:
        raise InvalidParametersError(found)


async def rebase(
    s: WriteSession,
    *,
    registry: Registry,
    change_set_id: UUID,
    row_version: int | None,
    resolutions: Mapping[str, Take],
    actor: str,
    now: datetime,
) -> ChangeSet:
    """Take the set over to the version in force. An approval lasts while the edits are the same.

    Raises EditConflictError for fields without a decision.
    """
    change_set = await load(s, change_set_id)
    require_state(change_set, OPEN, "rebased")
    require_fresh(change_set, row_version)
    current = await timeline.in_force(s, now)
    if current is None or current.version == change_set.base_version:
        return change_set
    return await rebase_onto(
        s, registry, change_set, current, resolutions=resolutions, actor=actor, now=now
    )


async def rebase_onto(
    s: WriteSession,
    registry: Registry,
    change_set: ChangeSet,
    current: timeline.Stored,
    *,
    resolutions: Mapping[str, Take],
    actor: str,
    now: datetime,
) -> ChangeSet:
    """The locked set against the version `current`."""
    draft = await draft_of(s, registry, change_set)
    theirs = timeline.normal(registry, current.content)
    merged = merge(draft.base, draft.content, theirs, resolutions)
    if merged.conflicts:
        raise EditConflictError(merged.conflicts)
    edits = diff(theirs, timeline.normal(registry, merged.content))
    seen = {e.path: e.after for e in change_set.edits}
    kept = all(e.path in seen and same(e.after, seen[e.path]) for e in edits)
    return await save(
        s,
        change_set,
        kind="rebased",
        actor=actor,
        now=now,
        data={"from": change_set.base_version, "to": current.version, "decided": dict(resolutions)},
        state=change_set.state if kept else "draft",
        base_version=current.version,
        edits=edits,
        editors=change_set.editors if kept else _with(change_set.editors, actor),
    )


async def discard(s: WriteSession, *, change_set_id: UUID, actor: str, now: datetime) -> ChangeSet:
    """Throw the set away; it stays readable."""
    change_set = await load(s, change_set_id)
    require_state(change_set, OPEN, "discarded")
    return await save(s, change_set, kind="discarded", actor=actor, now=now, state="discarded")


def _with(editors: list[str], actor: str) -> list[str]:
    return editors if actor in editors else [*editors, actor]
