"""The offers of a page, fetched once it is painted, and what a member does with them."""

from collections.abc import Sequence
from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from guerdon.identity.policy import member, public
from guerdon.kit.errors import InvalidError
from guerdon.kit.ids import uuid7
from guerdon.member_web.forms import Form, read_form
from guerdon.member_web.slots import slot_here, slot_of
from guerdon.member_web.web import Web, html, safe_path
from guerdon.members import consents
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plumbing import limits
from guerdon.plumbing.cache import key
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.recommendations import feedback
from guerdon.recommendations.errors import FeedbackInvalidError
from guerdon.recommendations.feedback import Happening, Place
from guerdon.recommendations.parameters import RecommendationParameters

SEEN_MAX: Final = 50
# A reader who scrolls through every page of the site stays far below.
_A_MINUTE: Final = 240
_VIEW_AGAIN_S: Final = 600
_JSON = "application/json"


class Answer(msgspec.Struct, frozen=True):
    """What the page's script is told: the id under which the card goes on."""

    id: str = ""


@get("/recommendations/{slot:str}", opt={"policy": public()})
async def fetch(slot: FromPath[str], web: NamedDependency[Web]) -> Response[str]:
    """A placement's offers as a part of a page; empty where there are none."""
    looking_at = (web.request.query_params.get("looking_at") or "")[:60]
    found = None
    if slot_here(web, slot) is not None:
        found = await slot_of(web, slot, looking_at=looking_at)
    if found is None:
        return html("")
    return web.fragment("components/slot.html", found)


@post("/recommendations/seen", opt={"policy": member()})
async def seen(web: NamedDependency[Web]) -> Response[Answer]:
    """Offers that really came into view, each once: fields `id-0`, `id-1` and so on."""
    form = await read_form(web.request)
    texts = [text for n in range(SEEN_MAX) if (text := form.text(f"id-{n}"))]
    if not texts:
        raise InvalidError("Say which offers were seen.", field="id-0")
    await _record(web, [Happening("impression", _place(web, text), web.now) for text in texts])
    return _answer()


@post("/recommendations/followed", opt={"policy": member()})
async def followed(web: NamedDependency[Web]) -> Response[Answer]:
    """An offer's button was pressed."""
    place = _place(web, (await read_form(web.request)).text("id"))
    await _record(web, [Happening("click", place, web.now)])
    return _answer()


@post("/recommendations/dismiss", opt={"policy": member()})
async def dismiss(web: NamedDependency[Web]) -> Response[Answer] | Redirect:
    """Send an offer away."""
    form = await read_form(web.request)
    await _record(web, [Happening("dismissal", _place(web, form.text("id")), web.now)])
    return _done(web, form, "", "offer_dismissed")


@post("/recommendations/undo", opt={"policy": member()})
async def undo(web: NamedDependency[Web]) -> Response[Answer] | Redirect:
    """Have an offer back; from here on it counts as shown anew."""
    form = await read_form(web.request)
    place = _place(web, form.text("id"))
    await _record(web, [Happening("dismissal_undone", place, web.now)])
    fresh = msgspec.structs.replace(place, slate_id=uuid7())
    again = feedback.sign(web.rt.settings, web.tenant.id, fresh)
    return _done(web, form, again, "saved")


def _done(web: Web, form: Form, again: str, notice: str) -> Response[Answer] | Redirect:
    if web.request.headers.get("accept") == _JSON:
        return _answer(again)
    return web.redirect(f"{safe_path(form.text('next')).partition('?')[0]}?done={notice}")


def _answer(again: str = "") -> Response[Answer]:
    return Response(Answer(again), media_type=_JSON, headers={"cache-control": "no-store"})


def _place(web: Web, text: str) -> Place:
    """The place of a card on this member's page; InvalidError for any other."""
    try:
        place = feedback.opened(web.rt.settings, web.tenant.id, text)
    except FeedbackInvalidError as error:
        raise InvalidError("This is no offer of this page.", field="id") from error
    if place.member_id not in (web.member_id, None):
        raise InvalidError("This is no offer of this page.", field="id")
    return place


async def _record(web: Web, told: Sequence[Happening]) -> None:
    """Write what happened; of a member who has objected to profiling, as nobody's."""
    await limits.take(web.rt.valkey, [_limit(web)], cost=len(told), fail_open=True)
    async with web.rt.db.write(web.tenant.id) as s:
        if not await consents.profiling_allowed(s, member_id=web.member_id):
            told = [
                msgspec.structs.replace(
                    one, place=msgspec.structs.replace(one.place, member_id=None)
                )
                for one in told
            ]
        await _write(web, s, told)


async def _write(web: Web, s: WriteSession, told: Sequence[Happening]) -> None:
    await feedback.record(
        s,
        happenings=told,
        parameters=web.snapshot[RecommendationParameters],
        day=web.now.astimezone(web.snapshot[ProgrammeParameters].zone).date(),
        source="site",
        now=web.now,
    )


def _limit(web: Web) -> limits.Limit:
    name = key(web.tenant.id, "offers", str(web.member_id))
    return limits.Limit.per(name, _A_MINUTE, 60)


async def note_view(web: Web, sku: str) -> None:
    """The member looked at a product: kept once in a while, and not of those who object."""
    if not (await limits.ask(web.rt.valkey, [_limit(web)], fail_open=True)).allowed:
        return
    async with web.rt.db.write(web.tenant.id) as s:
        if await _looked_just_now(s, web, sku) or not await consents.profiling_allowed(
            s, member_id=web.member_id
        ):
            return
        viewed = feedback.view(
            member_id=web.member_id, sku=sku, version=web.snapshot.version, at=web.now
        )
        await _write(web, s, [viewed])


async def _looked_just_now(s: ReadSession, web: Web, sku: str) -> bool:
    at: int | None = await s.value(
        "SELECT (lately -> %(sku)s ->> 0)::bigint FROM app.recommendation_member"
        " WHERE tenant_id = %(tenant_id)s AND member_id = %(member)s",
        {"sku": sku, "member": web.member_id},
    )
    return at is not None and web.now.timestamp() - at < _VIEW_AGAIN_S


HANDLERS = [fetch, seen, followed, dismiss, undo]
