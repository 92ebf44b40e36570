"""The site as an app on a phone: manifest and icons per brand, service worker, offline page."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from guerdon.identity.policy import public
from guerdon.kit.errors import NotFoundError
from guerdon.member_web.views.account import ErrorPage
from guerdon.member_web.web import Web, html
from guerdon.theming.icons import SIZES, icon_png, icon_svg

_DAY = "public, max-age=86400"


@get("/manifest.webmanifest", opt={"policy": public()}, sync_to_thread=False)
def manifest(web: NamedDependency[Web]) -> Response[dict[str, Any]]:
    """What an installed app is called and looks like."""
    _, look = web.words.text, web.look
    light = look.palette.light
    icons = [
        {
            "src": f"/icons/{size}.png?v={look.version}",
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": "any maskable",
        }
        for size in (192, 512)
    ]  # fmt: skip
    icons.append({"src": "/icons/icon.svg", "sizes": "any", "type": "image/svg+xml"})
    return Response(
        {
            "id": "/",
            "name": look.programme.name,
            "short_name": look.programme.name[:12],
            "description": look.words(look.branding.tagline, web.language),
            "lang": web.language,
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": light["surface"],
            "theme_color": light["surface"],
            "icons": icons,
            "shortcuts": [
                {"name": _("Catalogue"), "url": "/catalogue"},
                {"name": _("Orders"), "url": "/orders"},
            ],
        },
        media_type="application/manifest+json",
        headers={"cache-control": "no-cache"},
    )


@get("/icons/{name:str}", opt={"policy": public()}, sync_to_thread=True)
def icon(name: FromPath[str], web: NamedDependency[Web]) -> Response[bytes]:
    """The brand's icon, drawn from its initial and colour."""
    light = web.look.palette.light
    letter = web.look.programme.name[:1]
    if name == "icon.svg":
        content = icon_svg(letter, light["accent"], light["accent-text"]).encode()
        return Response(content, media_type="image/svg+xml", headers={"cache-control": _DAY})
    size = name.removesuffix(".png")
    if not name.endswith(".png") or not size.isdigit() or int(size) not in SIZES:
        raise NotFoundError
    content = icon_png(letter, light["accent"], light["accent-text"], int(size))
    return Response(content, media_type="image/png", headers={"cache-control": _DAY})


@get("/sw.js", opt={"policy": public()}, sync_to_thread=False)
def service_worker(web: NamedDependency[Web]) -> Response[bytes]:
    """Keeps static files and the offline page; never a page with a member's data."""
    assets = web.pages.looks.themes.assets
    found = assets.get(assets.url("base/scripts/worker.js").removeprefix("/assets/"))
    if found is None:
        raise NotFoundError
    head = f"const STYLE={web.look.style_url!r};const VERSION={web.look.style_url[-20:]!r};\n"
    return Response(
        head.encode() + found.content,
        media_type="text/javascript",
        headers={"cache-control": "no-cache", "x-content-type-options": "nosniff"},
    )


@get("/offline", opt={"policy": public()}, sync_to_thread=False)
def offline(web: NamedDependency[Web]) -> Response[str]:
    """What the service worker shows without a network."""
    _ = web.words.text
    view = ErrorPage(
        status=200,
        title=_("You are offline"),
        text=_("This page needs the network. It comes back by itself when you are connected."),
        safe=_("Nothing was changed, and nothing is lost."),
        action_label=_("Try again"),
        action_url="/",
        reference=None,
        symbol="offline",
    )
    guest = web.reader(signed_in=False)
    return html(
        web.pages.render(guest, "pages/error.html", "offline", view),
        headers={"cache-control": "no-cache"},
    )


HANDLERS = [manifest, icon, service_worker, offline]
