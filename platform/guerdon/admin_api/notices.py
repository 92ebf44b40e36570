"""What the platform tells the people of every brand: announcements, and maintenance."""

from datetime import datetime
from uuid import UUID

from litestar import Response, get

from guerdon.admin_api.requests import AdminRequest, answer
from guerdon.identity import desk
from guerdon.identity.policy import staff
from guerdon.identity.staff import owner_names
from guerdon.support import announcements
from guerdon.theming.translations import LANGUAGES, choose_language
from guerdon.wire.openapi import Read
from guerdon.wire.values import Out


class Notice(Out, frozen=True):
    """Something that the platform tells, in the reader's language."""

    id: UUID
    level: str
    text: str
    until_at: datetime


class MaintenanceNotice(Out, frozen=True):
    """Nothing can be changed; `everywhere`: in no brand."""

    everywhere: bool
    since: datetime
    expected_end: datetime
    reason: str


class TermsNotice(Out, frozen=True):
    """New terms of the platform wait for one of `owners`. `due`: they are in force, and the console
    takes no change until one has accepted them."""

    version: str
    effective_at: datetime
    due: bool
    owners: list[str]


class Notices(Out, frozen=True):
    """What is told now."""

    items: list[Notice]
    maintenance: MaintenanceNotice | None
    terms: TermsNotice | None


@get("/{brand:str}/notices", operation_id="listNotices", operation_class=Read,
     opt={"policy": staff(None)}, tags=["Session"])  # fmt: skip
async def notices(request: AdminRequest) -> Response[Notices]:
    """List what the platform tells everybody now, and whether anything can be changed."""
    now = request.rt.clock.now()
    async with request.rt.db.control() as s:
        told = await announcements.current(s, now)
    language = choose_language(
        LANGUAGES, accept_language=request.headers.get("accept-language", "")
    )
    resting = request.rt.maintenance.of(request.tenant.id)
    return answer(
        Notices(
            items=[
                Notice(one.id, one.level, announcements.text_in(one.texts, language), one.until_at)
                for one in told
            ],
            maintenance=None
            if resting is None
            else MaintenanceNotice(
                resting.everywhere, resting.since, resting.expected_end, resting.reason
            ),
            terms=await _terms(request, now),
        )
    )


async def _terms(request: AdminRequest, now: datetime) -> TermsNotice | None:
    asked = await desk.asked_of(request.rt, request.tenant.id)
    if asked is None:
        return None
    async with request.rt.db.read(request.tenant.id) as s:
        owners = await owner_names(s)
    return TermsNotice(asked.version, asked.effective_at, asked.due(now), owners)


HANDLERS = [notices]
