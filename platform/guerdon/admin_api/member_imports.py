"""Members from a file, from the console: sent, looked through, taken in."""

from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.params import QueryParameter

from guerdon.admin_api.file_imports import ImportCalls, SendCsv, ShownImport
from guerdon.admin_api.requests import AdminRequest, act, answer
from guerdon.identity.policy import staff
from guerdon.members.import_jobs import IMPORTS
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import PathId
from guerdon.wire.tables import csv_file
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


class MemberImport(ShownImport, frozen=True, kw_only=True):
    """An import as it stands. `position` of `sizeBytes` tells how far the present pass is.

    While `checking`, `totals` say what would be done; once `applying`, what is done, and
    `checkedTotals` what was announced. `fault` is why it ended early (`faultCode` for programs).
    """

    totals: MemberImportTotals
    checked_totals: MemberImportTotals | None
    errors: list[RefusedMember]
    fault_code: str | None


class MemberImports(Out, frozen=True):
    """The latest imports, without their refused lines."""

    items: list[MemberImport]


class SendFile(SendCsv):
    """A file of members."""

    bytes_max = IMPORTS.bytes_max


CALLS: Final = ImportCalls(IMPORTS, MemberImport, subject="member_import")


@post(ALL, operation_id="sendMembersFile", operation_class=SendFile, opt=POLICY, tags=TAGS,
      status_code=201, request_max_body_size=None)  # fmt: skip
async def send(
    request: AdminRequest,
    name: Annotated[
        str, QueryParameter(min_length=1, max_length=200, description="The file's name")
    ],
) -> Response[MemberImport]:
    """Send a file and have it looked through: every line is tried and nothing is changed."""
    async with CALLS.kept(request, name) as file:
        return await act(
            request, action="member_import.file_sent", subject="member_import", work=file.work,
            given=file.given, status=201,
        )  # fmt: skip


@get(ALL, operation_id="listMemberImports", operation_class=Read, opt=POLICY, tags=TAGS)
async def listing(request: AdminRequest) -> Response[MemberImports]:
    """List the latest imports."""
    return answer(MemberImports(await CALLS.latest(request)))


@get(ONE, operation_id="readMemberImport", operation_class=Read, opt=POLICY, tags=TAGS)
async def one(request: AdminRequest, file_id: PathId) -> Response[MemberImport]:
    """Read how far an import is, and which lines it refuses (the first five thousand)."""
    return answer(await CALLS.one(request, file_id))


@get(f"{ONE}/refused", operation_id="exportRefusedMembers", operation_class=Read, opt=POLICY,
     tags=TAGS, media_type="text/csv")  # fmt: skip
async def refused(request: AdminRequest, file_id: PathId) -> Response[bytes]:
    """Take the refused lines away as CSV."""
    found = await CALLS.one(request, file_id)
    return csv_file(
        ["line", "column", "reason", "message", "value"],
        ([e.line, e.column, e.reason, e.message, e.text] for e in found.errors),
        name="refused-members.csv",
    )


@post(f"{ONE}/apply", operation_id="applyMemberImport", operation_class=Write, opt=POLICY,
      tags=TAGS, status_code=200)  # fmt: skip
async def apply(request: AdminRequest, file_id: PathId) -> Response[MemberImport]:
    """Take in what was looked through; refused lines stay out."""
    return await act(
        request,
        action="member_import.started",
        subject=f"member_import:{file_id}",
        work=CALLS.taking_in(request, file_id),
    )


@post(f"{ONE}/discard", operation_id="discardMemberImport", operation_class=Write, opt=POLICY,
      tags=TAGS, status_code=200)  # fmt: skip
async def discard(request: AdminRequest, file_id: PathId) -> Response[MemberImport]:
    """Take no more of a file in; who came in stays."""
    return await act(
        request,
        action="member_import.discarded",
        subject=f"member_import:{file_id}",
        work=CALLS.dropping(file_id),
    )


HANDLERS: list[Any] = [send, listing, one, refused, apply, discard]
