"""Files for browsers: style sheet, scripts, fonts, pictures of the blueprints."""

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from guerdon.identity.policy import platform_public
from guerdon.kit.errors import NotFoundError
from guerdon.onboarding import blueprints
from guerdon.platform_web.rendering import Pages
from guerdon.platform_web.web import PlatformRequest
from guerdon.theming.assets import Asset
from guerdon.theming.headers import UPLOAD_HEADERS

PUBLIC = {"policy": platform_public()}
_FOREVER = "public, max-age=31536000, immutable"


def _answer(asset: Asset, request: PlatformRequest, cache: str) -> Response[bytes]:
    packed = asset.gzipped if "gzip" in request.headers.get("accept-encoding", "") else None
    headers = {
        "cache-control": cache,
        "vary": "accept-encoding",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
    }
    if packed is not None:
        headers["content-encoding"] = "gzip"
    return Response(packed or asset.content, media_type=asset.media_type, headers=headers)


@get("/assets/{path:path}", opt=PUBLIC, sync_to_thread=False)
def asset(
    path: FromPath[str], request: PlatformRequest, pages: NamedDependency[Pages]
) -> Response[bytes]:
    """A file under an address with its content's hash."""
    found = pages.assets.get(path.lstrip("/"))
    if found is None:
        raise NotFoundError
    return _answer(found, request, _FOREVER)


@get("/theme/{name:str}", opt=PUBLIC, sync_to_thread=False)
def style(
    name: FromPath[str], request: PlatformRequest, pages: NamedDependency[Pages]
) -> Response[bytes]:
    """The style sheet; one of another release is answered with the present one, kept nowhere."""
    found = pages.style(name.removesuffix(".css"))
    if found is not None:
        return _answer(found, request, _FOREVER)
    return _answer(pages.present_style, request, "no-store")


@get("/blueprints/{key:str}/{name:str}", opt=PUBLIC, sync_to_thread=True)
def picture(key: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """A picture of what a blueprint has."""
    return Response(
        blueprints.picture(key, name),
        media_type="image/svg+xml",
        headers={**UPLOAD_HEADERS, "cache-control": "public, max-age=86400"},
    )


HANDLERS = [asset, style, picture]
