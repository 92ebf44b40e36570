"""A catalogue file from the console: sent, looked through, taken in."""

from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.params import QueryParameter

from guerdon.admin_api.file_imports import ImportCalls, SendCsv, ShownImport
from guerdon.admin_api.requests import AdminRequest, act, answer
from guerdon.catalogue.import_jobs import IMPORTS
from guerdon.identity.policy import staff
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import PathId
from guerdon.wire.tables import csv_file
from guerdon.wire.values import Out

TAGS = ["Catalogue"]
READ = {"policy": staff("catalogue:read")}
WRITE = {"policy": staff("catalogue:write")}


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


class CatalogueImport(ShownImport, frozen=True, kw_only=True):
    """An import as it stands. `position` of `sizeBytes` tells how far the present pass is.

    While `checking`, `totals` say what would be done; once `applying`, what is done, and
    `checkedTotals` what was announced. `fault` is why the file as a whole cannot be read.
    """

    totals: ImportTotals
    checked_totals: ImportTotals | None
    errors: list[RefusedLine]
    fault_field: str | None


class CatalogueImports(Out, frozen=True):
    """The latest imports, without their refused lines."""

    items: list[CatalogueImport]


class SendFile(SendCsv):
    """A file of products."""

    bytes_max = IMPORTS.bytes_max


CALLS: Final = ImportCalls(IMPORTS, CatalogueImport, subject="catalogue_import")


@post("/{brand:str}/catalogue/imports", operation_id="sendCatalogueFile", operation_class=SendFile,
      opt=WRITE, tags=TAGS, status_code=201, request_max_body_size=None)  # fmt: skip
async def send(
    request: AdminRequest,
    name: Annotated[
        str, QueryParameter(min_length=1, max_length=200, description="The file's name")
    ],
) -> Response[CatalogueImport]:
    """Send a file and have it looked through: every line is tried and nothing is changed."""
    async with CALLS.kept(request, name) as file:
        return await act(
            request, action="catalogue.file_sent", subject="catalogue_import", work=file.work,
            given=file.given, status=201,
        )  # fmt: skip


@get("/{brand:str}/catalogue/imports", operation_id="listCatalogueImports", operation_class=Read,
     opt=READ, tags=TAGS)  # fmt: skip
async def listing(request: AdminRequest) -> Response[CatalogueImports]:
    """List the latest imports."""
    return answer(CatalogueImports(await CALLS.latest(request)))


@get("/{brand:str}/catalogue/imports/{import_id:uuid}", operation_id="readCatalogueImport",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def one(request: AdminRequest, import_id: PathId) -> Response[CatalogueImport]:
    """Read how far an import is, and which lines it refuses (the first thousand)."""
    return answer(await CALLS.one(request, import_id))


@get("/{brand:str}/catalogue/imports/{import_id:uuid}/refused",
     operation_id="exportRefusedLines", operation_class=Read, opt=READ, tags=TAGS,
     media_type="text/csv")  # fmt: skip
async def refused(request: AdminRequest, import_id: PathId) -> Response[bytes]:
    """Take the refused lines away as CSV."""
    found = await CALLS.one(request, import_id)
    return csv_file(
        ["line", "column", "code", "reason", "text"],
        ([e.line, e.column, e.code, e.reason, e.text] for e in found.errors),
        name="refused-lines.csv",
    )


@post("/{brand:str}/catalogue/imports/{import_id:uuid}/apply",
      operation_id="applyCatalogueImport", operation_class=Write, opt=WRITE, tags=TAGS,
      status_code=200)  # fmt: skip
async def apply(request: AdminRequest, import_id: PathId) -> Response[CatalogueImport]:
    """Take in what was looked through; refused lines stay out."""
    return await act(
        request, action="catalogue.import_started", subject=f"catalogue_import:{import_id}",
        work=CALLS.taking_in(request, import_id),
    )  # fmt: skip


@post("/{brand:str}/catalogue/imports/{import_id:uuid}/discard",
      operation_id="discardCatalogueImport", operation_class=Write, opt=WRITE, tags=TAGS,
      status_code=200)  # fmt: skip
async def discard(request: AdminRequest, import_id: PathId) -> Response[CatalogueImport]:
    """Take no more of a file in; what was taken in stays."""
    return await act(
        request, action="catalogue.import_discarded", subject=f"catalogue_import:{import_id}",
        work=CALLS.dropping(import_id),
    )  # fmt: skip


HANDLERS: list[Any] = [send, listing, one, refused, apply, discard]
