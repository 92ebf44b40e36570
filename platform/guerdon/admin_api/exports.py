"""Everything of the brand, to take away: asked for, made by a worker, downloaded for a week."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import BinaryIO, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Stream

from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.audit import operations as audit
from guerdon.identity import staff as people
from guerdon.identity.policy import staff
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.portability import exports
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import PathId
from guerdon.wire.values import Out

TAGS = ["Brand"]
LOOK = {"policy": staff("brand:export")}
TAKE = {"policy": staff("brand:export", fresh=True)}
START = {"policy": staff("brand:export", fresh=True, changes=True)}
ALL = "/{brand:str}/exports"
_PIECE: Final = 1 << 18


class BrandExport(Out, frozen=True):
    """An export. `done` of `total` steps are made; `contentHash` is the one in its manifest.

    States: `waiting`, `running`, `ready` until `expiresAt`, `failed`, `expired`.
    """

    id: UUID
    state: exports.ExportState
    requested_by_name: str
    requested_at: datetime
    done: int
    total: int
    ready_at: datetime | None
    expires_at: datetime | None
    size_bytes: int | None
    row_count: int | None
    file_count: int | None
    content_hash: str | None


class BrandExports(Out, frozen=True):
    """The last exports, newest first. So many may be asked for in a day."""

    items: list[BrandExport]
    a_day: int


@get(ALL, operation_id="listBrandExports", operation_class=Read, opt=LOOK, tags=TAGS)
async def listing(request: AdminRequest) -> Response[BrandExports]:
    """List the last exports of everything."""
    async with request.rt.db.read(request.tenant.id) as s:
        items = await _shown(s, await exports.recent(s))
    return answer(BrandExports(items, exports.A_DAY))


@post(ALL, operation_id="startBrandExport", operation_class=Write, opt=START, tags=TAGS,
      status_code=202)  # fmt: skip
async def start(request: AdminRequest) -> Response[BrandExport]:
    """Have everything exported: parameters, ledger, members, orders, the trail, files."""

    async def work(s: WriteSession, now: datetime) -> Done:
        asked = await exports.ask(s, requested_by=request.staff.label, now=now)
        [shown] = await _shown(s, [asked])
        return Done(shown, subject=f"export:{asked.id}")

    return await act(request, action="export.asked", subject="export", work=work, status=202)


@get(f"{ALL}/{{export_id:uuid}}", operation_id="readBrandExport", operation_class=Read,
     opt=TAKE, tags=TAGS)  # fmt: skip
async def one(request: AdminRequest, export_id: PathId) -> Response[BrandExport]:
    """Say how far an export is; asks for who this is like the download, which no form can."""
    async with request.rt.db.read(request.tenant.id) as s:
        [shown] = await _shown(s, [await exports.find(s, export_id)])
    return answer(shown)


@get(f"{ALL}/{{export_id:uuid}}/file", operation_id="downloadBrandExport", operation_class=Read,
     opt=TAKE, tags=TAGS)  # fmt: skip
async def download(request: AdminRequest, export_id: PathId) -> Stream:
    """Download an export, a zip file with a manifest of hashes and a program that proves it."""
    async with request.rt.db.write(request.tenant.id) as s:
        found = await exports.find(s, export_id)
        file = await asyncio.to_thread(
            exports.open_file, request.rt.settings, request.tenant.id, found, request.now
        )
        await audit.record(
            s, actor=request.staff.label, action="export.downloaded",
            subject=f"export:{export_id}", summary={"content": found.content_hash},
            now=request.now, address=request.address, request_id=request.request_id,
        )  # fmt: skip
    return Stream(
        _pieces(file),
        media_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{request.tenant.slug}-export.zip"',
            "Content-Length": str(found.size_bytes),
            "Cache-Control": "no-store",
        },
    )


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece


async def _shown(s: ReadSession, found: list[exports.Export]) -> list[BrandExport]:
    names = await people.names_by_actor(s, [one.requested_by for one in found])
    return [
        BrandExport(
            requested_by_name=names.get(one.requested_by, ""),
            **{
                name: getattr(one, name)
                for name in BrandExport.__struct_fields__
                if name != "requested_by_name"
            },
        )
        for one in found
    ]


HANDLERS = [listing, start, one, download]
