"""The code of the moment, which a member shows at the till."""

from litestar import Response, get
from litestar.di import NamedDependency

from guerdon.identity import totp
from guerdon.identity.policy import member
from guerdon.member_web.views.account import OwnCode
from guerdon.member_web.web import Web
from guerdon.members import queries as members
from guerdon.redemption import till_code


@get("/profile/code", opt={"policy": member()})
async def page(web: NamedDependency[Web]) -> Response[str]:
    """A new code; the page asks for the next one while it has a connection."""
    async with web.rt.db.read(web.tenant.id) as s:
        who = await members.member(s, member_id=web.member_id)
        key = await web.rt.secrets.data_key(s)
    if key is None:
        async with web.rt.db.write(web.tenant.id) as s:
            key = await web.rt.secrets.ensure_data_key(s)
    shown = till_code.of(key, number=who.number or "", now=web.real_now)
    drawn = totp.picture(shown.code)
    groups = tuple(shown.code[n : n + 4] for n in range(0, len(shown.code), 4))
    return web.page(
        "own_code", "profile", OwnCode(groups, drawn.size, drawn.path, shown.until, who.name or "")
    )


HANDLERS = [page]
