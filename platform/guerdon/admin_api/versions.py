"""The history of the parameters: read, compared, brought back."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from guerdon.admin_api.change_set_requests import (
    TAGS,
    approval_of,
    enact,
    language_of,
    registry_of,
    view_of,
)
from guerdon.admin_api.change_set_values import ChangeSetOut, EditOut, Person, RiskName, named
from guerdon.admin_api.requests import AdminRequest, answer
from guerdon.identity.policy import staff
from guerdon.kit.ids import uuid7
from guerdon.kit.paging import PAGE_SIZE_DEFAULT, Page
from guerdon.parameters import queries, releases, timeline
from guerdon.parameters.change_sets import ChangeSet, risk
from guerdon.parameters.differences import diff
from guerdon.plumbing.db import WriteSession
from guerdon.theming.translations import translator
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import Cursor, Limit
from guerdon.wire.values import In, Out

READ = {"policy": staff("parameters:read")}
PUBLISH = {"policy": staff("parameters:publish")}
Number = Annotated[FromPath[int], Meta(ge=1, le=2**31 - 1)]


class VersionHead(Out, frozen=True):
    """A version without its content.

    `effectiveAt` is null for what a rollout gives to some members. `scheduled`: it was written
    before its moment; with `withdrawnAt`, it never took effect. `restores`: it brought that
    version back.
    """

    version: int
    content_hash: str
    effective_at: datetime | None
    recorded_at: datetime
    in_force: bool
    scheduled: bool
    withdrawn_at: datetime | None
    author: Person
    published_by: Person | None
    title: str
    restores: int | None
    change_set_id: UUID | None


class VersionOut(VersionHead, frozen=True, kw_only=True):
    """A version with every section as it was."""

    content: dict[str, Any]


class Comparison(Out, frozen=True):
    """What differs between two versions, in words."""

    from_version: int
    to_version: int
    risk: RiskName
    edits: list[EditOut]


class RollbackIn(In, frozen=True):
    """`review`: only propose it, for somebody else to publish."""

    review: bool = False


@get("/{brand:str}/versions", operation_id="listVersions", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def listing(
    request: AdminRequest, cursor: Cursor = None, limit: Limit = PAGE_SIZE_DEFAULT
) -> Response[Page[VersionHead]]:
    """List all versions there were, newest first, those scheduled and withdrawn included."""
    async with request.rt.db.read(request.tenant.id) as s:
        page = await queries.versions(s, cursor=cursor, limit=limit)
        current = await timeline.in_force(s, request.now)
        names = await named(s, [a for v in page.items for a in (v.author, v.published_by) if a])
    in_force = 0 if current is None else current.version
    heads = [VersionHead(**_head(v, in_force, names)) for v in page.items]
    return answer(Page(heads, page.next_cursor))


@get("/{brand:str}/versions/compare", operation_id="compareVersions", operation_class=Read,
     opt=READ, tags=TAGS)  # fmt: skip
async def compare(
    request: AdminRequest,
    from_version: Annotated[int, QueryParameter(name="from", ge=1, le=2**31 - 1)],
    to_version: Annotated[int, QueryParameter(name="to", ge=1, le=2**31 - 1)],
) -> Response[Comparison]:
    """Tell in words what differs between two versions."""
    registry = registry_of(request)
    async with request.rt.db.read(request.tenant.id) as s:
        before, after = [
            timeline.normal(registry, await timeline.content_of(s, number))
            for number in (from_version, to_version)
        ]
        view = await view_of(request, s)
    edits = diff(before, after)
    return answer(
        Comparison(
            from_version, to_version, risk(registry, edits), view.edits(edits, before, after)
        )
    )


@get("/{brand:str}/versions/{version:int}", operation_id="readVersion", operation_class=Read,
     opt=READ, tags=TAGS)  # fmt: skip
async def read(request: AdminRequest, version: Number) -> Response[VersionOut]:
    """Read one version as it was published."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await queries.version(s, version)
        current = await timeline.in_force(s, request.now)
        names = await named(s, [a for a in (found.author, found.published_by) if a])
    in_force = 0 if current is None else current.version
    return answer(VersionOut(**_head(found, in_force, names), content=found.content))


@post("/{brand:str}/versions/{version:int}/rollback", operation_id="rollBack",
      operation_class=Write, opt=PUBLISH, tags=TAGS, status_code=200)  # fmt: skip
async def roll_back(
    request: AdminRequest, version: Number, data: JSONBody[RollbackIn]
) -> Response[ChangeSetOut]:
    """Publish what an earlier version had, as a new version.

    Where the change asks for a second person, nobody brings back what they wrote themselves.
    """
    made = uuid7()
    title = translator(language_of(request)).text("Back to version %(version)s", version=version)

    async def work(s: WriteSession, now: datetime) -> ChangeSet:
        return await releases.roll_back(
            s, registry=registry_of(request), version=version, change_set_id=made, title=title,
            approval=await approval_of(request, s), review=data.review,
            actor=request.staff.label, now=now,
        )  # fmt: skip

    return await enact(request, action="version.rolled_back", change_set_id=made, work=work,
                      given=data)  # fmt: skip


def _head(found: queries.Version, in_force: int, names: dict[str, Person]) -> dict[str, Any]:
    return {
        "version": found.version,
        "content_hash": found.content_hash.hex(),
        "effective_at": timeline.moment(found.effective_at),
        "recorded_at": found.recorded_at,
        "in_force": found.version == in_force,
        "scheduled": found.scheduled,
        "withdrawn_at": found.withdrawn_at,
        "author": names[found.author],
        "published_by": None if found.published_by is None else names[found.published_by],
        "title": found.note,
        "restores": found.restores,
        "change_set_id": found.change_set_id,
    }


HANDLERS = [listing, compare, read, roll_back]
