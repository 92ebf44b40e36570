"""The parameters that a screen is about: the version in force, and a draft on top of it."""

from typing import Annotated
from uuid import UUID

from litestar.params import QueryParameter

from guerdon.admin_api.requests import AdminRequest
from guerdon.parameters import queries, timeline
from guerdon.parameters.change_sets import draft_of
from guerdon.parameters.differences import merge
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot

ChangeSetQuery = Annotated[
    UUID | None,
    QueryParameter(name="changeSet", description="With the draft of this change set"),
]


def shown_language(request: AdminRequest, snapshot: Snapshot) -> str:
    """The programme's language that the screen speaks, else the person's, else its first."""
    spoken = snapshot[ProgrammeParameters].languages
    wishes = [*request.headers.get("accept-language", "").split(","), request.staff.language]
    for wish in wishes:
        for language in spoken:
            if wish.strip().split("-")[0].lower() == language.split("-")[0].lower():
                return language
    return spoken[0]


async def both(request: AdminRequest, change_set: UUID | None) -> tuple[Snapshot, Snapshot]:
    """The version in force, and what it would be with the change set (the same without one).

    A draft that started from an older version is looked at on top of the one in force. It may break
    rules; its types and bounds hold. Raises NotFoundError, InvalidParametersError.
    """
    before = request.snapshot
    if change_set is None:
        return before, before
    registry = request.rt.snapshots.registry
    async with request.rt.db.read(request.tenant.id) as s:
        found = await queries.change_set(s, change_set, now=request.now)
        draft = await draft_of(s, registry, found)
        content = draft.content
        if found.base_version != before.version:
            theirs = timeline.normal(registry, await timeline.content_of(s, before.version))
            content = merge(draft.base, draft.content, theirs).content
    sections = registry.convert(content)
    return before, Snapshot(before.tenant_id, before.version, before.effective_at, sections)
