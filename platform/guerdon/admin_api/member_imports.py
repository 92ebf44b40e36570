"""Members from a file, from the console: sent, looked through, taken in."""

import csv
import io
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import QueryParameter

from guerdon.admin_api.catalogue_imports import SendCsv
from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.identity import staff as people
from guerdon.identity.policy import staff
from guerdon.kit.ids import uuid7
from guerdon.members import import_jobs
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import PathId
from guerdon.wire.values import Out

TAGS = ["Members"]
POLICY = {"policy": staff("members:import")}
ALL = "/{brand:str}/members/imports"
ONE = f"{ALL}/{{file_id:uuid}}"


class MemberImportTotals(Out, frozen=True):
    """Lines read and refused; members made, and there before; their points, and who is in a tier.

    `pointsInFile`, of the lines that are taken, is `pointsBooked` and `pointsThere` together.
    """

    rows: int
    created: int
    unchanged: int
    rejected: int
    points_in_file: int
    points_booked: int
    points_there: int
    points_rejected: int
    tiers: dict[str, int]


class RefusedMember(Out, frozen=True):
    """A line that is not taken: where, why (`reason` for programs), and how it begins."""

    line: int
    column: str
    reason: str
    message: str
    text: str


class MemberImport(Out, frozen=True):
    """An import as it stands. `position` of `sizeBytes` tells how far the present pass is.

    While `checking`, `totals` say what would be done; once `applying`, what is done, and
    `checkedTotals` what was announced. `fault` is why it ended early (`faultCode` for programs).
    """

    id: UUID
    file_name: str
    size_bytes: int
    state: import_jobs.State
    position: int
    totals: MemberImportTotals
    checked_totals: MemberImportTotals | None
    errors: list[RefusedMember]
    fault: str | None
    fault_code: str | None
    created_by: str
    created_at: datetime
    applied_by: str | None
    changed_at: datetime


class MemberImports(Out, frozen=True):
    """The latest imports, without their refused lines."""

    items: list[MemberImport]


async def _told(s: ReadSession, rows: list[import_jobs.Import]) -> list[MemberImport]:
    actors = {a for row in rows for a in (row.created_by, row.applied_by) if a}
    ids = {UUID(a.removeprefix("staff:")) for a in actors if a.startswith("staff:")}
    names = {f"staff:{one}": name for one, name in (await people.names(s, ids)).items()}
    return [
        msgspec.structs.replace(
            msgspec.convert(row, MemberImport, from_attributes=True),
            created_by=names.get(row.created_by, row.created_by),
            applied_by=names.get(row.applied_by or "", row.applied_by),
        )
        for row in rows
    ]


@post(ALL, operation_id="sendMembersFile", operation_class=SendCsv, opt=POLICY, tags=TAGS,
      status_code=201, request_max_body_size=None)  # fmt: skip
async def send(
    request: AdminRequest,
    name: Annotated[
        str, QueryParameter(min_length=1, max_length=200, description="The file's name")
    ],
) -> Response[MemberImport]:
    """Send a file and have it looked through: every line is tried and nothing is changed."""
    rt, tenant_id, import_id = request.rt, request.tenant.id, uuid7()
    request.idempotency_key  # noqa: B018 - refused before the file is read
    size = await import_jobs.keep(rt, tenant_id, import_id, request.stream())
    taken = False

    async def work(s: WriteSession, now: datetime) -> Done:
        nonlocal taken
        made = await import_jobs.start(
            s, import_id=import_id, file_name=name, size_bytes=size,
            principal=request.staff.label, now=now,
        )  # fmt: skip
        taken = True
        return Done(
            (await _told(s, [made]))[0],
            {"file": name, "bytes": size},
            subject=f"member_import:{import_id}",
        )

    try:
        return await act(
            request, action="member_import.file_sent", subject="member_import", work=work,
            given={"name": name, "size": size}, status=201,
        )  # fmt: skip
    finally:
        if not taken:
            await import_jobs.uploads(rt).forget(tenant_id, import_id)


@get(ALL, operation_id="listMemberImports", operation_class=Read, opt=POLICY, tags=TAGS)
async def listing(request: AdminRequest) -> Response[MemberImports]:
    """List the latest imports."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(MemberImports(await _told(s, await import_jobs.latest(s))))


@get(ONE, operation_id="readMemberImport", operation_class=Read, opt=POLICY, tags=TAGS)
async def one(request: AdminRequest, file_id: PathId) -> Response[MemberImport]:
    """Read how far an import is, and which lines it refuses (the first five thousand)."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await import_jobs.one(s, import_id=file_id)
        return answer((await _told(s, [found]))[0])


@get(f"{ONE}/refused", operation_id="exportRefusedMembers", operation_class=Read, opt=POLICY,
     tags=TAGS, media_type="text/csv")  # fmt: skip
async def refused(request: AdminRequest, file_id: PathId) -> Response[bytes]:
    """Take the refused lines away as CSV."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await import_jobs.one(s, import_id=file_id)
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["line", "column", "reason", "message", "value"])
    writer.writerows([e.line, e.column, e.reason, e.message, e.text] for e in found.errors)
    return Response(
        b"\xef\xbb\xbf" + table.getvalue().encode(),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="refused-members.csv"',
            "Cache-Control": "no-store",
        },
    )


@post(f"{ONE}/apply", operation_id="applyMemberImport", operation_class=Write, opt=POLICY,
      tags=TAGS, status_code=200)  # fmt: skip
async def apply(request: AdminRequest, file_id: PathId) -> Response[MemberImport]:
    """Take in what was looked through; refused lines stay out."""

    async def work(s: WriteSession, now: datetime) -> Done:
        made = await import_jobs.take_in(
            s, import_id=file_id, principal=request.staff.label, now=now
        )
        return Done(
            (await _told(s, [made]))[0],
            {"file": made.file_name, "announced": msgspec.to_builtins(made.checked_totals)},
        )

    return await act(
        request, action="member_import.started", subject=f"member_import:{file_id}", work=work
    )


@post(f"{ONE}/discard", operation_id="discardMemberImport", operation_class=Write, opt=POLICY,
      tags=TAGS, status_code=200)  # fmt: skip
async def discard(request: AdminRequest, file_id: PathId) -> Response[MemberImport]:
    """Take no more of a file in; who came in stays."""

    async def work(s: WriteSession, now: datetime) -> Done:
        made = await import_jobs.discard(s, import_id=file_id, now=now)
        return Done((await _told(s, [made]))[0], {"file": made.file_name})

    return await act(
        request, action="member_import.discarded", subject=f"member_import:{file_id}", work=work
    )


HANDLERS: list[Any] = [send, listing, one, refused, apply, discard]
