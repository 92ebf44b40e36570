"""Publishing a whole content at once: what a folder, an import or a test does.

People's changes go through change sets, which end in the same timeline.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from guerdon.parameters import timeline
from guerdon.parameters.sections import InvalidParametersError, Registry, content_hash
from guerdon.plumbing.db import WriteSession


class Published(msgspec.Struct, frozen=True):
    """The version after publishing; `changed` is False when the content was the same."""

    version: int
    changed: bool


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
    """Make `content` (plain data by section) what is in force now, or from `effective_at` on.

    The same content as is in force then publishes nothing. What is scheduled is carried over.
    Raises InvalidParametersError, ScheduledConflictError.
    """
    encoded = registry.encode(registry.decode(content))
    await timeline.lock(s)
    line = await timeline.timeline(s, now)
    at = line.now if effective_at is None else effective_at
    previous = line.before(at)
    if previous is not None and previous.content_hash == content_hash(encoded):
        return Published(previous.version, changed=False)
    told = await registry.review_change(s, None if previous is None else previous.content, encoded)
    if errors := [f for f in told if f.severity == "error"]:
        raise InvalidParametersError(errors)
    if at > line.now:
        made = await timeline.schedule(s, registry, line, encoded, at=at, author=author, note=note)
    else:
        made = await timeline.publish_now(s, registry, line, encoded, author=author, note=note)
    return Published(made.version, changed=True)
