"""What requests about change sets have in common: the reader, the brand's approval, one step."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response

from guerdon.admin_api.change_set_values import ChangeSetOut, View
from guerdon.admin_api.parameter_problems import parameter_problem
from guerdon.admin_api.requests import AdminRequest, Done, act
from guerdon.identity.parameters import SecurityParameters
from guerdon.identity.staff import count_holders
from guerdon.parameters import queries
from guerdon.parameters.change_sets import Approval, ChangeSet, StaleDraftError
from guerdon.parameters.sections import Registry
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.theming.translations import LANGUAGES, choose_language

TAGS = ["Parameters"]
Work = Callable[[WriteSession, datetime], Awaitable[ChangeSet]]


def language_of(request: AdminRequest) -> str:
    """The language that the page is in, else the one that the person chose."""
    accepted = request.headers.get("accept-language") or request.staff.language
    return choose_language(LANGUAGES, accept_language=accepted)


def registry_of(request: AdminRequest) -> Registry:
    """All sections and rules."""
    return request.rt.snapshots.registry


async def approval_of(request: AdminRequest, s: ReadSession) -> Approval:
    """What the version in force asks for, and how many people can publish now."""
    return Approval(
        request.snapshot[SecurityParameters].approval_from,
        await count_holders(s, "parameters:publish"),
    )


async def view_of(request: AdminRequest, s: ReadSession) -> View:
    """Change sets as this person sees them."""
    return View(
        registry_of(request),
        language=language_of(request),
        approval=await approval_of(request, s),
        now=request.now,
    )


async def shown(request: AdminRequest, s: ReadSession, change_set_id: UUID) -> ChangeSetOut:
    """A change set as it stands."""
    found = await queries.change_set(s, change_set_id, now=request.now)
    return await (await view_of(request, s)).whole(s, found)


async def enact(
    request: AdminRequest,
    *,
    action: str,
    change_set_id: UUID,
    work: Work,
    given: Any = None,
    status: int = 200,
) -> Response[Any]:
    """Take one step with a change set, tell it in the trail, answer with the set.

    A refusal because somebody was faster comes with the set as it is now.
    """

    async def whole(s: WriteSession, now: datetime) -> Done:
        done = await work(s, now)
        seen = await shown(request, s, done.id)
        summary: dict[str, Any] = {
            "title": done.title,
            "state": done.state,
            "edits": [edit.words for edit in seen.edits[:20]],
            "count": len(seen.edits),
            "risk": seen.risk,
        }
        if seen.comments and (said := seen.comments[-1]).at == now:
            summary["comment"] = said.text
        if done.version is not None:
            approval = await approval_of(request, s)
            summary |= {"version": done.version, "armed": approval.armed}
        return Done(seen, summary, subject=f"change_set:{done.id}")

    try:
        return await act(
            request, action=action, subject=f"change_set:{change_set_id}", work=whole,
            given=given, status=status,
        )  # fmt: skip
    except StaleDraftError as error:
        async with request.rt.db.read(request.tenant.id) as s:
            fresh = await shown(request, s, change_set_id)
        return parameter_problem(request, error, fresh)
