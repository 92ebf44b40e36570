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

from guerdon.parameters.sections import Registry
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
    sections = registry.decode(row.content)
    snapshot = Snapshot(s.tenant_id, version, row.effective_at, sections)
    return snapshot, registry.encode(sections)
