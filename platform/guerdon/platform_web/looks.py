"""The step of the look: a logo, colours found in it, and what the palette makes of one."""

import asyncio
import re
from typing import Any, Final

from litestar import Response, get
from litestar.di import NamedDependency

from guerdon.catalogue.svg import check_svg
from guerdon.identity.policy import platform_public
from guerdon.kit.errors import GuerdonError, InvalidError, NotFoundError
from guerdon.onboarding import blueprints, drafts
from guerdon.onboarding.schemas import Draft, Style
from guerdon.platform_web.forms import Form
from guerdon.platform_web.web import Web
from guerdon.plumbing.pictures import check_size, redraw
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.theming.headers import UPLOAD_HEADERS
from guerdon.theming.logo_colours import logo_colours
from guerdon.theming.palette import palette

PUBLIC = {"policy": platform_public()}
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")


async def view(
    web: Web, draft: Draft, *, form: Form | None = None, error: GuerdonError | None = None
) -> dict[str, Any]:
    """The page's data: the colours to choose from and the look of the one chosen."""
    kept = draft.answers.look
    colour = kept.colour if kept else blueprints.blueprint(draft.answers.blueprint).colour
    typed = form.text("colour").lower() if form is not None else colour
    return {
        "colour": typed,
        "found": kept.found if kept else (),
        "has_logo": bool(kept and kept.logo),
        "logo_version": kept.logo[:12] if kept and kept.logo else "",
        "preview": await asyncio.to_thread(preview, typed if _COLOUR.fullmatch(typed) else colour),
        "brand": draft.answers.brand.name if draft.answers.brand else "",
    }


def preview(colour: str) -> dict[str, Any]:
    """The palette that follows from a colour. Takes processor time."""
    made = palette(colour, "cool")
    return {"light": made.light, "dark": made.dark, "moved": made.moved}


async def keep(web: Web, draft: Draft, form: Form) -> dict[str, Any] | None:
    """Take the logo in, propose a colour from it; or keep the colour that was chosen."""
    _, content = await form.file("logo")
    before = draft.answers.look
    logo, found = (before.logo, before.found) if before else ("", ())
    colour = (form.text("chosen") or form.text("colour")).lower()
    if content:
        logo, found = await _taken_in(web, content)
        if found:
            colour = found[0]
    if not _COLOUR.fullmatch(colour):
        raise InvalidError("This is no colour.", field="colour", reason="colour")
    style = Style(colour=colour, logo=logo, found=tuple(found))
    async with web.rt.db.write(OPERATOR_ID) as s:
        held = await drafts.locked(s, draft.id, now=web.now)
        kept = await drafts.answer(s, held, now=web.now, look=style)
    # A new logo, or a wish to see: the proposal is shown before it goes on.
    return await view(web, kept) if content or form.text("send") == "try" else None


async def _taken_in(web: Web, content: bytes) -> tuple[str, tuple[str, ...]]:
    """The logo as it may be kept, and its colours. Raises PictureTooLargeError, NotAPictureError,
    InvalidError for an SVG that could run."""
    check_size(content, field="logo")
    head = content[:400].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"<"):
        check_svg(content, field="logo")
        kept, extension = content, "svg"
    else:
        drawn = await asyncio.to_thread(redraw, content, field="logo")
        kept, extension = drawn.content, drawn.extension
    name = await web.rt.files.put(OPERATOR_ID, kept, extension)
    return name, tuple(await asyncio.to_thread(logo_colours, kept, extension))


@get("/sign-up/look/logo", opt=PUBLIC)
async def logo(web: NamedDependency[Web]) -> Response[bytes]:
    """The logo of this browser's sign-up; it can run nothing."""
    draft = await web.draft()
    if draft.answers.look is None or not draft.answers.look.logo:
        raise NotFoundError
    content, media_type = await web.rt.files.get(OPERATOR_ID, draft.answers.look.logo)
    headers = {**UPLOAD_HEADERS, "cache-control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


HANDLERS = [logo]
