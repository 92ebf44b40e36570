"""Snapshots of what is not published: a draft seen through the same glass as a version.

Caches of a process tell versions apart by tenant and number. A draft gets a number below zero of
its own, never given twice in a process, so that nothing made for it is ever shown for a version,
for another draft, or for the same draft after a change.
"""

from datetime import UTC, datetime
from itertools import count
from typing import Any, Final
from uuid import UUID

import msgspec

from guerdon.kit.errors import NotFoundError
from guerdon.parameters import queries, timeline
from guerdon.parameters.differences import apply
from guerdon.parameters.sections import Registry, Section
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing.db import ReadSession

_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_numbers = count(1)


def snapshot_of(
    registry: Registry, tenant_id: UUID, content: dict[str, Any]
) -> tuple[Snapshot, dict[str, Any]]:
    """A draft as a snapshot, and its content with every field; InvalidParametersError."""
    sections = registry.decode(content)
    return Snapshot(tenant_id, -next(_numbers), _EVER, sections), registry.encode(sections)


def renumbered(draft: Snapshot, *sections: Section) -> Snapshot:
    """The draft with these sections in place of its own, under a number of its own."""
    return Snapshot(
        draft.tenant_id,
        -next(_numbers),
        _EVER,
        draft.sections() | {type(one): one for one in sections},
    )


class _Version(msgspec.Struct):
    content: dict[str, Any]
    effective_at: datetime


async def published(
    s: ReadSession, registry: Registry, *, version: int
) -> tuple[Snapshot, dict[str, Any]]:
    """A version as a snapshot, and its content with every field; NotFoundError."""
    row = await s.one(
        _Version,
        "SELECT content, effective_at FROM app.parameter_version"
        " WHERE tenant_id = %(tenant_id)s AND version = %(version)s",
        {"version": version},
    )
    # As when it was published: rules made since do not judge it.
    sections = registry.convert(row.content)
    snapshot = Snapshot(s.tenant_id, version, row.effective_at, sections)
    return snapshot, registry.encode(sections)


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """A change set on top of the version in force: what it would make of the programme now.

    `over`: it is published or discarded, so that it proposes nothing any more.
    """

    change_set_id: UUID
    title: str
    row_version: int
    base_version: int
    content: dict[str, Any]
    over: bool


async def proposed(
    s: ReadSession, registry: Registry, *, change_set_id: UUID, now: datetime
) -> Proposed:
    """The change set's edits applied to the version in force at `now`; NotFoundError.

    Where a newer version changed the same field, the change set's value stands: it is what its
    author looks at.
    """
    found = await queries.change_set(s, change_set_id, now=now)
    current = await timeline.in_force(s, now)
    if current is None:
        raise NotFoundError
    content = apply(timeline.normal(registry, current.content), found.edits)
    return Proposed(
        change_set_id=change_set_id,
        title=found.title,
        row_version=found.row_version,
        base_version=current.version,
        content=content,
        over=found.state in {"published", "superseded", "discarded"},
    )
