"""A catalogue file from the console: sent, looked through, taken in."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, RequestBody, Schema
from litestar.params import QueryParameter

from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.catalogue import import_jobs
from guerdon.identity import staff as people
from guerdon.identity.policy import staff
from guerdon.kit.ids import uuid7
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import PathId
from guerdon.wire.values import Out

TAGS = ["Catalogue"]
READ = {"policy": staff("catalogue:read")}
WRITE = {"policy": staff("catalogue:write")}


@dataclass
class SendCsv(Write):
    """A write whose body is a table."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.request_body = RequestBody(
            description=f"CSV in UTF-8, at most {import_jobs.FILE_BYTES_MAX // 1_000_000} MB",
            content={"text/csv": OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))},
            required=True,
        )


class ImportTotals(Out, frozen=True):
    """Lines read and refused; products made, changed, as they were."""

    lines: int
    refused: int
    created: int
    changed: int
    unchanged: int


class RefusedLine(Out, frozen=True):
    """A line that is not taken: where, why (`code` for programs), and how it begins."""

    line: int
    column: str
    reason: str
    text: str
    code: str


class CatalogueImport(Out, frozen=True):
    """An import as it stands. `position` of `sizeBytes` tells how far the present pass is.

    While `checking`, `totals` say what would be done; once `applying`, what is done, and
    `checkedTotals` what was announced. `fault` is why the file as a whole cannot be read.
    """

    id: UUID
    file_name: str
    size_bytes: int
    state: import_jobs.State
    position: int
    totals: ImportTotals
    checked_totals: ImportTotals | None
    errors: list[RefusedLine]
    fault: str | None
    fault_field: str | None
    created_by: str
    created_at: datetime
    applied_by: str | None
    changed_at: datetime


class CatalogueImports(Out, frozen=True):
    """The latest imports, without their refused lines."""

    items: list[CatalogueImport]


async def _told(s: ReadSession, rows: list[import_jobs.Import]) -> list[CatalogueImport]:
    actors = {a for row in rows for a in (row.created_by, row.applied_by) if a}
    ids = {UUID(a.removeprefix("staff:")) for a in actors if a.startswith("staff:")}
    names = {f"staff:{one}": name for one, name in (await people.names(s, ids)).items()}
    return [
        msgspec.structs.replace(
            msgspec.convert(row, CatalogueImport, from_attributes=True),
            created_by=names.get(row.created_by, row.created_by),
            applied_by=names.get(row.applied_by or "", row.applied_by),
        )
        for row in rows
    ]


@post("/{brand:str}/catalogue/imports", operation_id="sendCatalogueFile", operation_class=SendCsv,
      opt=WRITE, tags=TAGS, status_code=201, request_max_body_size=None)  # fmt: skip
async def send(
    request: AdminRequest,
    name: Annotated[
        str, QueryParameter(min_length=1, max_length=200, description="The file's name")
    ],
) -> Response[CatalogueImport]:
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
            subject=f"catalogue_import:{import_id}",
        )

    try:
        return await act(
            request, action="catalogue.file_sent", subject="catalogue_import", work=work,
            given={"name": name, "size": size}, status=201,
        )  # fmt: skip
    finally:
        if not taken:
            await import_jobs.uploads(rt).forget(tenant_id, import_id)


@get("/{brand:str}/catalogue/imports", operation_id="listCatalogueImports", operation_class=Read,
     opt=READ, tags=TAGS)  # fmt: skip
async def listing(request: AdminRequest) -> Response[CatalogueImports]:
    """List the latest imports."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(CatalogueImports(await _told(s, await import_jobs.latest(s))))


@get("/{brand:str}/catalogue/imports/{import_id:uuid}", operation_id="readCatalogueImport",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def one(request: AdminRequest, import_id: PathId) -> Response[CatalogueImport]:
    """Read how far an import is, and which lines it refuses (the first thousand)."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await import_jobs.one(s, import_id=import_id)
        return answer((await _told(s, [found]))[0])


@get("/{brand:str}/catalogue/imports/{import_id:uuid}/refused",
     operation_id="exportRefusedLines", operation_class=Read, opt=READ, tags=TAGS,
     media_type="text/csv")  # fmt: skip
async def refused(request: AdminRequest, import_id: PathId) -> Response[bytes]:
    """Take the refused lines away as CSV."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await import_jobs.one(s, import_id=import_id)
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["line", "column", "code", "reason", "text"])
    writer.writerows([e.line, e.column, e.code, e.reason, e.text] for e in found.errors)
    return Response(
        b"\xef\xbb\xbf" + table.getvalue().encode(),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="refused-lines.csv"',
            "Cache-Control": "no-store",
        },
    )


@post("/{brand:str}/catalogue/imports/{import_id:uuid}/apply",
      operation_id="applyCatalogueImport", operation_class=Write, opt=WRITE, tags=TAGS,
      status_code=200)  # fmt: skip
async def apply(request: AdminRequest, import_id: PathId) -> Response[CatalogueImport]:
    """Take in what was looked through; refused lines stay out."""

    async def work(s: WriteSession, now: datetime) -> Done:
        made = await import_jobs.take_in(
            s, import_id=import_id, principal=request.staff.label, now=now
        )
        return Done(
            (await _told(s, [made]))[0],
            {"file": made.file_name, "announced": msgspec.to_builtins(made.checked_totals)},
        )

    return await act(
        request, action="catalogue.import_started", subject=f"catalogue_import:{import_id}",
        work=work,
    )  # fmt: skip


@post("/{brand:str}/catalogue/imports/{import_id:uuid}/discard",
      operation_id="discardCatalogueImport", operation_class=Write, opt=WRITE, tags=TAGS,
      status_code=200)  # fmt: skip
async def discard(request: AdminRequest, import_id: PathId) -> Response[CatalogueImport]:
    """Take no more of a file in; what was taken in stays."""

    async def work(s: WriteSession, now: datetime) -> Done:
        made = await import_jobs.discard(s, import_id=import_id, now=now)
        return Done((await _told(s, [made]))[0], {"file": made.file_name})

    return await act(
        request, action="catalogue.import_discarded", subject=f"catalogue_import:{import_id}",
        work=work,
    )  # fmt: skip


HANDLERS: list[Any] = [send, listing, one, refused, apply, discard]
