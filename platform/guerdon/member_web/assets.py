"""Files for browsers: themes' own, brands' style sheets, brands' pictures."""

from litestar import Response, get
from litestar.datastructures import Headers
from litestar.di import NamedDependency
from litestar.params import FromPath

from guerdon.identity.policy import public
from guerdon.kit.errors import NotFoundError
from guerdon.member_web.rendering import Pages
from guerdon.member_web.web import WebRequest
from guerdon.runtime import Runtime
from guerdon.theming.assets import Asset
from guerdon.theming.headers import UPLOAD_HEADERS

FOREVER = "public, max-age=31536000, immutable"


def _answer(asset: Asset, headers: Headers, cache: str = FOREVER) -> Response[bytes]:
    packed = asset.gzipped is not None and "gzip" in headers.get("accept-encoding", "")
    content = asset.gzipped if packed and asset.gzipped is not None else asset.content
    extra = {"content-encoding": "gzip"} if packed else {}
    return Response(
        content,
        media_type=asset.media_type,
        headers={
            "cache-control": cache,
            "vary": "accept-encoding",
            "x-content-type-options": "nosniff",
            "cross-origin-resource-policy": "same-origin",
            **extra,
        },
    )


@get("/assets/{path:path}", opt={"policy": public(session=False)}, sync_to_thread=False)
def asset(
    path: FromPath[str], request: WebRequest, pages: NamedDependency[Pages]
) -> Response[bytes]:
    """A file of a theme, under an address with its content's hash."""
    found = pages.looks.themes.assets.get(path.lstrip("/"))
    if found is None:
        raise NotFoundError
    return _answer(found, request.headers)


@get("/theme/{name:str}", opt={"policy": public(session=False)}, sync_to_thread=False)
def style(
    name: FromPath[str], request: WebRequest, pages: NamedDependency[Pages]
) -> Response[bytes]:
    """A brand's style sheet. One that another process or an earlier version named is answered
    with the present one, which no cache keeps."""
    found = pages.looks.style(name.removesuffix(".css"))
    if found is not None:
        return _answer(found, request.headers)
    look = pages.looks.of(request.scope["state"]["snapshot"])
    present = pages.looks.style(look.style_url.removeprefix("/theme/").removesuffix(".css"))
    if present is None:
        raise NotFoundError
    return _answer(present, request.headers, "no-store")


@get("/files/{name:str}", opt={"policy": public(session=False)})
async def file(
    name: FromPath[str], request: WebRequest, rt: NamedDependency[Runtime]
) -> Response[bytes]:
    """A picture of the brand, as it was uploaded; it can run nothing."""
    content, media_type = await rt.files.get(request.scope["state"]["tenant"].id, name)
    return Response(
        content, media_type=media_type, headers={**UPLOAD_HEADERS, "cache-control": FOREVER}
    )


HANDLERS = [asset, style, file]
