"""What every way in shares: the visitor, and a session at the end."""

from uuid import UUID

from litestar.response import Redirect

from guerdon.kit.errors import InvalidError
from guerdon.member_web.web import LANGUAGE_COOKIE, Web
from guerdon.members import normal
from guerdon.members.linking import Visitor
from guerdon.members.schemas import Member

_YEAR_S = 365 * 86_400


def visitor_of(web: Web, email: str = "") -> Visitor:
    """Where a try comes from."""
    try:
        known = web.visit.knows(normal.email(email)[1]) if email else None
    except InvalidError:
        known = None
    return Visitor(web.visit.browser_id(), web.visit.address, known)


async def enter(web: Web, member: Member, *, method: str, path: str) -> Redirect:
    """Start the member's session and go on at a path of ours."""
    await web.visit.sign_in(member_id=member.id, method=method, now=web.real_now)
    if member.email:
        web.visit.remember(normal.email(member.email)[1])
    answer = web.redirect(path)
    speaks = member.language in web.look.programme.languages
    if speaks and member.language and LANGUAGE_COOKIE not in web.request.cookies:
        answer.set_cookie(
            LANGUAGE_COOKIE,
            member.language,
            max_age=_YEAR_S,
            httponly=True,
            secure=True,
            samesite="lax",
        )
    return answer


def challenge_id(text: str) -> UUID:
    """The id of a code's challenge; an id that is none matches nothing."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
