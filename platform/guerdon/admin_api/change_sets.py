"""Change sets: drafts, their review, publishing and the schedule."""

from datetime import datetime
from typing import Annotated

from litestar import Response, get, patch, post
from litestar.params import JSONBody, QueryParameter

from guerdon.admin_api.change_set_requests import (
    TAGS,
    approval_of,
    enact,
    registry_of,
    shown,
    view_of,
)
from guerdon.admin_api.change_set_values import (
    ChangeSetHead,
    ChangeSetIn,
    ChangeSetOut,
    EditsIn,
    PublishIn,
    RebaseIn,
    RenameIn,
    ScheduleIn,
    State,
    StepIn,
)
from guerdon.admin_api.requests import AdminRequest, answer
from guerdon.identity.policy import staff
from guerdon.kit.ids import uuid7
from guerdon.kit.paging import PAGE_SIZE_DEFAULT, Page
from guerdon.parameters import drafts, queries, releases
from guerdon.parameters.change_sets import ChangeSet
from guerdon.parameters.drafts import Wish
from guerdon.plumbing.db import WriteSession
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import Cursor, Limit, PathId

READ = {"policy": staff("parameters:read")}
PROPOSE = {"policy": staff("parameters:propose")}
PUBLISH = {"policy": staff("parameters:publish")}
States = Annotated[
    list[State] | None, QueryParameter(name="state", description="In these states; may repeat")
]
ONE = "/{brand:str}/change-sets/{change_set_id:uuid}"


@get("/{brand:str}/change-sets", operation_id="listChangeSets", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def listing(
    request: AdminRequest,
    states: States = None,
    cursor: Cursor = None,
    limit: Limit = PAGE_SIZE_DEFAULT,
) -> Response[Page[ChangeSetHead]]:
    """List change sets, newest first."""
    async with request.rt.db.read(request.tenant.id) as s:
        page = await queries.change_sets(
            s, states=states or (), now=request.now, cursor=cursor, limit=limit
        )
        heads = await (await view_of(request, s)).heads(s, page.items)
    return answer(Page(heads, page.next_cursor))


@post("/{brand:str}/change-sets", operation_id="createChangeSet", operation_class=Write,
      opt=PROPOSE, tags=TAGS)  # fmt: skip
async def create(request: AdminRequest, data: JSONBody[ChangeSetIn]) -> Response[ChangeSetOut]:
    """Begin an empty change set on the version in force."""
    made = uuid7()

    async def work(s: WriteSession, now: datetime) -> ChangeSet:
        return await drafts.create(
            s, change_set_id=made, title=data.title, note=data.note, actor=request.staff.label,
            now=now,
        )  # fmt: skip

    return await enact(request, action="change_set.created", change_set_id=made, work=work,
                      given=data, status=201)  # fmt: skip


@get(ONE, operation_id="readChangeSet", operation_class=Read, opt=READ, tags=TAGS)
async def read(request: AdminRequest, change_set_id: PathId) -> Response[ChangeSetOut]:
    """Read a change set: its edits in words, what the rules say, what clashes, who said what."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(await shown(request, s, change_set_id))


@patch(ONE, operation_id="renameChangeSet", operation_class=Write, opt=PROPOSE, tags=TAGS)
async def rename(
    request: AdminRequest, change_set_id: PathId, data: JSONBody[RenameIn]
) -> Response[ChangeSetOut]:
    """Give a change set another title and note."""

    async def work(s: WriteSession, now: datetime) -> ChangeSet:
        return await drafts.rename(
            s, change_set_id=change_set_id, row_version=data.row_version, title=data.title,
            note=data.note, actor=request.staff.label, now=now,
        )  # fmt: skip

    return await enact(request, action="change_set.renamed", change_set_id=change_set_id,
                      work=work, given=data)  # fmt: skip


@patch(ONE + "/edits", operation_id="editChangeSet", operation_class=Write, opt=PROPOSE,
       tags=TAGS)  # fmt: skip
async def edit(
    request: AdminRequest, change_set_id: PathId, data: JSONBody[EditsIn]
) -> Response[ChangeSetOut]:
    """Make edits, all or none; the set is a draft again, and an approval is void.

    A value that breaks a rule is kept and told in `findings`. A wrong type, a text that looks
    like a secret, or a field outside of one's areas is refused with the field.
    """
    wishes = [Wish(e.path, e.value, remove=e.remove, revert=e.revert) for e in data.edits]

    async def work(s: WriteSession, now: datetime) -> ChangeSet:
        return await drafts.edit(
            s, registry=registry_of(request), change_set_id=change_set_id,
            row_version=data.row_version, wishes=wishes, actor=request.staff.label,
            areas=request.staff.areas, now=now,
        )  # fmt: skip

    return await enact(request, action="change_set.edited", change_set_id=change_set_id,
                      work=work, given=data)  # fmt: skip


@post(ONE + "/submit", operation_id="submitChangeSet", operation_class=Write, opt=PROPOSE,
      tags=TAGS, status_code=200)  # fmt: skip
async def submit(
    request: AdminRequest, change_set_id: PathId, data: JSONBody[StepIn]
) -> Response[ChangeSetOut]:
    """Ask for a review."""

    async def work(s: WriteSession, now: datetime) -> ChangeSet:
        return await releases.submit(
            s, registry=registry_of(request), change_set_id=change_set_id,
            row_version=data.row_version, actor=request.staff.label, comment=data.comment, now=now,
        )  # fmt: skip

    return await enact(request, action="change_set.submitted", change_set_id=change_set_id,
                      work=work, given=data)  # fmt: skip


@post(ONE + "/return", operation_id="returnChangeSet", operation_class=Write, opt=PUBLISH,
      tags=TAGS, status_code=200)  # fmt: skip
async def send_back(
    request: AdminRequest, change_set_id: PathId, data: JSONBody[StepIn]
) -> Response[ChangeSetOut]:
    """Return a change set to its author with the reason."""

    async def work(s: WriteSession, now: datetime) -> ChangeSet:
        return await releases.send_back(
            s, change_set_id=change_set_id, row_version=data.row_version,
            actor=request.staff.label, comment=data.comment, now=now,
        )  # fmt: skip

    return await enact(request, action="change_set.returned", change_set_id=change_set_id,
                      work=work, given=data)  # fmt: skip


@post(ONE + "/approve", operation_id="approveChangeSet", operation_class=Write, opt=PUBLISH,
      tags=TAGS, status_code=200)  # fmt: skip
async def approve(
    request: AdminRequest, change_set_id: PathId, data: JSONBody[StepIn]
) -> Response[ChangeSetOut]:
    """Approve a change set as it stands; nobody who edited it can."""

    async def work(s: WriteSession, now: datetime) -> ChangeSet:
        return await releases.approve(
            s, change_set_id=change_set_id, row_version=data.row_version,
            actor=request.staff.label, comment=data.comment, now=now,
        )  # fmt: skip

    return await enact(request, action="change_set.approved", change_set_id=change_set_id,
                      work=work, given=data)  # fmt: skip


@post(ONE + "/publish", operation_id="publishChangeSet", operation_class=Write, opt=PUBLISH,
      tags=TAGS, status_code=200)  # fmt: skip
async def publish(
    request: AdminRequest, change_set_id: PathId, data: JSONBody[PublishIn]
) -> Response[ChangeSetOut]:
    """Put a change set in force now; every process follows within a second."""

    async def work(s: WriteSession, now: datetime) -> ChangeSet:
        return await releases.publish(
            s, registry=registry_of(request), change_set_id=change_set_id,
            row_version=data.row_version, approval=await approval_of(request, s),
            rebase=data.rebase, actor=request.staff.label, now=now,
        )  # fmt: skip

    return await enact(request, action="change_set.published", change_set_id=change_set_id,
                      work=work, given=data)  # fmt: skip


@post(ONE + "/schedule", operation_id="scheduleChangeSet", operation_class=Write, opt=PUBLISH,
      tags=TAGS, status_code=200)  # fmt: skip
async def schedule(
    request: AdminRequest, change_set_id: PathId, data: JSONBody[ScheduleIn]
) -> Response[ChangeSetOut]:
    """Put a change set in force at an exact moment of the programme's zone."""

    async def work(s: WriteSession, now: datetime) -> ChangeSet:
        return await releases.schedule(
            s, registry=registry_of(request), change_set_id=change_set_id,
            row_version=data.row_version, approval=await approval_of(request, s),
            local=data.local, fold=data.fold, actor=request.staff.label, now=now,
        )  # fmt: skip

    return await enact(request, action="change_set.scheduled", change_set_id=change_set_id,
                      work=work, given=data)  # fmt: skip


@post(ONE + "/unschedule", operation_id="unscheduleChangeSet", operation_class=Write, opt=PUBLISH,
      tags=TAGS, status_code=200)  # fmt: skip
async def unschedule(request: AdminRequest, change_set_id: PathId) -> Response[ChangeSetOut]:
    """Take a change set off the schedule; it is a draft again."""

    async def work(s: WriteSession, now: datetime) -> ChangeSet:
        return await releases.unschedule(
            s, registry=registry_of(request), change_set_id=change_set_id,
            actor=request.staff.label, now=now,
        )  # fmt: skip

    return await enact(request, action="change_set.unscheduled", change_set_id=change_set_id,
                      work=work)  # fmt: skip


@post(ONE + "/rebase", operation_id="rebaseChangeSet", operation_class=Write, opt=PROPOSE,
      tags=TAGS, status_code=200)  # fmt: skip
async def rebase(
    request: AdminRequest, change_set_id: PathId, data: JSONBody[RebaseIn]
) -> Response[ChangeSetOut]:
    """Take a change set over to the version in force, with a decision for every conflict."""

    async def work(s: WriteSession, now: datetime) -> ChangeSet:
        return await drafts.rebase(
            s, registry=registry_of(request), change_set_id=change_set_id,
            row_version=data.row_version, resolutions={r.path: r.take for r in data.resolutions},
            actor=request.staff.label, now=now,
        )  # fmt: skip

    return await enact(request, action="change_set.rebased", change_set_id=change_set_id,
                      work=work, given=data)  # fmt: skip


@post(ONE + "/discard", operation_id="discardChangeSet", operation_class=Write, opt=PROPOSE,
      tags=TAGS, status_code=200)  # fmt: skip
async def discard(request: AdminRequest, change_set_id: PathId) -> Response[ChangeSetOut]:
    """Throw a change set away; it stays readable."""

    async def work(s: WriteSession, now: datetime) -> ChangeSet:
        return await drafts.discard(
            s, change_set_id=change_set_id, actor=request.staff.label, now=now
        )

    return await enact(request, action="change_set.discarded", change_set_id=change_set_id,
                      work=work)  # fmt: skip


HANDLERS = [
    listing, create, read, rename, edit, submit, send_back, approve, publish, schedule,
    unschedule, rebase, discard,
]  # fmt: skip
