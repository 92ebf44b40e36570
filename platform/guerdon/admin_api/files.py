"""Pictures that the brand's people upload: logos, large pictures, pictures of products."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from litestar import Response, get, post
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, RequestBody, Schema
from litestar.params import PathParameter

from guerdon.admin_api.requests import AdminRequest, Done, act
from guerdon.catalogue.svg import check_svg
from guerdon.identity.policy import staff
from guerdon.plans.quotas import require_storage
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.files import FILE_BYTES_MAX
from guerdon.plumbing.pictures import Drawn, PictureTooLargeError, redraw
from guerdon.theming.headers import UPLOAD_HEADERS
from guerdon.wire.openapi import Read, Write
from guerdon.wire.values import Out

TAGS = ["Parameters"]
FIELD: Final = "file"
# A browser that is answered before it has sent everything shows a broken connection and not the
# answer, so that what is too large is read to its end, and thrown away, up to here.
_DRAINED_MAX: Final = 64_000_000
_MEDIA: Final = ("image/png", "image/jpeg", "image/webp", "image/svg+xml")


@dataclass
class Upload(Write):
    """A write whose body is the file itself."""

    def __post_init__(self) -> None:
        super().__post_init__()
        binary = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))
        self.request_body = RequestBody(
            description=f"PNG, JPEG, WebP or SVG of at most {FILE_BYTES_MAX // 1_000_000} MB",
            content=dict.fromkeys(_MEDIA, binary),
            required=True,
        )


class Stored(Out, frozen=True):
    """A picture as it is kept: its name for a parameter, its kind and size. An SVG has no size."""

    name: str
    kind: str
    bytes: int
    width: int | None
    height: int | None


async def taken_in(content: bytes, *, field: str) -> Drawn:
    """The picture as it may be kept: drawn anew, or an SVG of shapes and paint only.

    Raises PictureTooLargeError, NotAPictureError, InvalidError for an SVG that could run.
    """
    head = content[:400].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"<"):
        check_svg(content, field=field)
        return Drawn(content, "svg", 0, 0)
    return await asyncio.to_thread(redraw, content, field=field)


async def _body(request: AdminRequest) -> bytes:
    kept, seen = bytearray(), 0
    async for chunk in request.stream():
        seen += len(chunk)
        if seen <= FILE_BYTES_MAX:
            kept += chunk
        elif seen > _DRAINED_MAX:
            break
    if seen > FILE_BYTES_MAX:
        raise PictureTooLargeError(
            f"A picture has at most {FILE_BYTES_MAX // 1_000_000} MB; this file has"
            f" {-(-seen // 1_000_000)} MB. Save it smaller and choose it again.",
            field=FIELD,
            limit=FILE_BYTES_MAX,
        )
    return bytes(kept)


@post(
    "/{brand:str}/files",
    operation_id="uploadFile",
    operation_class=Upload,
    opt={"policy": staff("parameters:propose")},
    tags=TAGS,
    status_code=201,
    request_max_body_size=None,
)
async def upload(request: AdminRequest) -> Response[Stored]:
    """Keep a picture; the name that comes back is the value of a parameter."""
    drawn = await taken_in(await _body(request), field=FIELD)

    async def work(s: WriteSession, now: datetime) -> Done:
        await require_storage(s, request.rt.files, len(drawn.content))
        name = await request.rt.files.put(request.tenant.id, drawn.content, drawn.extension)
        stored = Stored(
            name=name,
            kind=drawn.extension,
            bytes=len(drawn.content),
            width=drawn.width or None,
            height=drawn.height or None,
        )
        return Done(
            stored,
            summary={"kind": stored.kind, "bytes": stored.bytes},
            subject=f"file:{name}",
        )

    return await act(
        request,
        action="file.upload",
        subject="file",
        work=work,
        given=drawn.content,
        status=201,
    )


@get(
    "/{brand:str}/files/{name:str}",
    operation_id="readFile",
    operation_class=Read,
    opt={"policy": staff(None)},
    tags=TAGS,
    media_type="application/octet-stream",
)
async def read(
    request: AdminRequest,
    name: Annotated[str, PathParameter(max_length=80, description="As `uploadFile` named it")],
) -> Response[bytes]:
    """A picture of the brand; it can run nothing."""
    content, media_type = await request.rt.files.get(request.tenant.id, name)
    return Response(
        content,
        media_type=media_type,
        headers={**UPLOAD_HEADERS, "cache-control": "private, max-age=31536000, immutable"},
    )


HANDLERS = [upload, read]
