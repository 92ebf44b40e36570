"""A copy of all data, and its erasure."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from guerdon.identity.policy import member
from guerdon.member_web.errors import form_errors
from guerdon.member_web.forms import read_form
from guerdon.member_web.orders import open_count
from guerdon.member_web.views.account import Erase
from guerdon.member_web.views.frame import FieldError
from guerdon.member_web.wallet import wallet_of
from guerdon.member_web.web import Web
from guerdon.members import personal_data
from guerdon.members.errors import ErasureBlockedError

_FRESH = {"policy": member(fresh=True)}


@get("/profile/export", opt=_FRESH)
async def export(web: NamedDependency[Web]) -> Response[bytes]:
    """Everything that is kept of the member, as a ZIP of JSON files."""
    async with web.rt.db.read(web.tenant.id) as s:
        packed = await personal_data.export_zip(s, member_id=web.member_id, now=web.now)
    name = f"{web.tenant.slug}-{web.now:%Y-%m-%d}.zip"
    return Response(
        packed,
        media_type="application/zip",
        headers={
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        },
    )


@get("/profile/erase", opt=_FRESH)
async def ask(web: NamedDependency[Web]) -> Response[str]:
    """What erasing means, in numbers."""
    return await _page(web)


async def _page(web: Web, errors: tuple[FieldError, ...] = (), status: int = 200) -> Response[str]:
    async with web.rt.db.read(web.tenant.id) as s:
        wallet = await wallet_of(s, web)
        view = Erase(
            balance=wallet.available,
            open_orders=await open_count(s, web.member_id),
            member_since=wallet.member.joined_at.date(),
            errors=errors,
        )
    return web.page("erase", "profile", view, status=status)


@post("/profile/erase", opt=_FRESH)
async def erase(web: NamedDependency[Web]) -> Response[str] | Redirect:
    """Erase the member and end every session."""
    form = await read_form(web.request)
    if not form.checked("sure"):
        _ = web.words.text
        told = FieldError("sure", _("Tick the box if you really want this."))
        return await _page(web, (told,), 422)
    try:
        async with web.rt.db.write(web.tenant.id) as s:
            await personal_data.erase(
                s, member_id=web.member_id, requested_by="member", now=web.now
            )
    except ErasureBlockedError as error:
        return await _page(web, form_errors(error, web.words), error.status)
    await web.visit.sign_out()
    return web.redirect("/?done=erased")


HANDLERS = [export, ask, erase]
