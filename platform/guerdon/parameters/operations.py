"""Publishing versions of a tenant's programme."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from guerdon.parameters.sections import Registry, content_hash
from guerdon.plumbing.db import ReadSession, WriteSession, jsonb
from guerdon.tenancy.changes import note_change


class Published(msgspec.Struct, frozen=True):
    """The version in force after publishing; `changed` is False when the content was the same."""

    version: int
    changed: bool


class FieldChange(msgspec.Struct, frozen=True):
    """One field that differs: its path, and both values (None where absent)."""

    path: str
    before: Any
    after: Any


class _Latest(msgspec.Struct):
    version: int
    content: dict[str, Any]
    content_hash: bytes


async def _latest(s: ReadSession) -> _Latest | None:
    return await s.one_or_none(
        _Latest,
        "SELECT version, content, content_hash FROM app.parameter_version"
        " WHERE tenant_id = %(tenant_id)s ORDER BY version DESC LIMIT 1",
    )


async def latest_content(s: ReadSession) -> dict[str, Any]:
    """The content of the newest version, or nothing."""
    latest = await _latest(s)
    return {} if latest is None else latest.content


async def publish(
    s: WriteSession,
    *,
    registry: Registry,
    content: Mapping[str, Any],
    author: str,
    now: datetime,
    note: str = "",
    effective_at: datetime | None = None,
) -> Published:
    """Make `content` (plain data by section) the tenant's newest version.

    The same content as the newest version's publishes nothing. Raises InvalidParametersError.
    Two publishers at once: the key decides, the second fails with a conflict.
    """
    encoded = registry.encode(registry.decode(content))
    digest = content_hash(encoded)
    latest = await _latest(s)
    if latest is not None and latest.content_hash == digest:
        return Published(latest.version, changed=False)
    version = 1 if latest is None else latest.version + 1
    await s.execute(
        "INSERT INTO app.parameter_version (tenant_id, version, content, content_hash,"
        " effective_at, author, note) VALUES (%(tenant_id)s, %(version)s, %(content)s, %(hash)s,"
        " %(effective_at)s, %(author)s, %(note)s)",
        {
            "version": version,
            "content": jsonb(encoded),
            "hash": digest,
            "effective_at": effective_at or now,
            "author": author,
            "note": note,
        },
    )
    await note_change(s, "parameters")
    return Published(version, changed=True)


def diff(before: Mapping[str, Any], after: Mapping[str, Any], path: str = "") -> list[FieldChange]:
    """Every field that differs between two contents, in order of path."""
    return list(_diff(before, after, path))


def _diff(before: Any, after: Any, path: str) -> Iterator[FieldChange]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted(set(before) | set(after)):
            yield from _diff(before.get(key), after.get(key), f"{path}.{key}" if path else key)
    elif before != after:
        yield FieldChange(path, before, after)
