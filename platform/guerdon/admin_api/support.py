"""Who of the platform's support looks into this console: the brand lets them in, and ends it."""

from datetime import datetime
from uuid import UUID

from litestar import Response, get, post
from litestar.params import JSONBody

from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.identity.parameters import SecurityParameters
from guerdon.identity.policy import staff
from guerdon.identity.staff import names_by_actor
from guerdon.identity.support import access
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import PathId
from guerdon.wire.values import In, Out

TAGS = ["Support"]


class SupportAccess(Out, frozen=True):
    """One access: who asked, why, for how long, what became of it. `state`: `asked`, `open`,
    `refused`, `ended` or `lapsed`; `askedWrites`: wants to change things; `writes`: may; `own`: it
    is the caller's."""

    id: UUID
    own: bool
    staff_name: str
    reason: str
    minutes: int
    asked_writes: bool
    writes: bool
    state: str
    asked_at: datetime
    answered_at: datetime | None
    answered_by: str
    ends_at: datetime | None
    ended_at: datetime | None
    ended_by: str

    @classmethod
    def of(
        cls, found: access.Access, *, viewer: UUID, known: dict[str, str], now: datetime
    ) -> "SupportAccess":
        """As the domain has it; `known` are names of the brand's people."""
        state = found.stands(now)
        over = state == "ended" and found.ended_at is None
        people = known | {f"support:{found.staff_id}": found.staff_name}
        return cls(
            id=found.id,
            own=found.staff_id == viewer,
            staff_name=found.staff_name,
            reason=found.reason,
            minutes=found.minutes,
            asked_writes=found.asked_writes,
            writes=found.writes,
            state=state,
            asked_at=found.asked_at,
            answered_at=found.answered_at,
            answered_by=known.get(found.answered_by, found.answered_by),
            ends_at=found.ends_at,
            ended_at=found.ends_at if over else found.ended_at,
            ended_by="time" if over else people.get(found.ended_by, found.ended_by),
        )


class SupportAccesses(Out, frozen=True):
    """The brand's rule, and the latest accesses, the newest first."""

    rule: str
    items: list[SupportAccess]


class ConsentIn(In, frozen=True):
    """How far they may go: `writes` only where they asked for it."""

    writes: bool = False


async def accesses(request: AdminRequest, s: ReadSession) -> SupportAccesses:
    """The brand's accesses as both sides see them."""
    found = await access.listing(s)
    known = await names_by_actor(s, [w for one in found for w in (one.answered_by, one.ended_by)])
    return SupportAccesses(
        rule=request.snapshot[SecurityParameters].support_access,
        items=[
            SupportAccess.of(
                one,
                viewer=request.staff.staff_id,
                known=known,
                now=request.real_now,
            )
            for one in found
        ],
    )


@get("/{brand:str}/support", operation_id="listSupportAccess", operation_class=Read,
     opt={"policy": staff(None)}, tags=TAGS)  # fmt: skip
async def listing(request: AdminRequest) -> Response[SupportAccesses]:
    """Who of the platform asked to look in, who is in, who was."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(await accesses(request, s))


@post("/{brand:str}/support/{access_id:uuid}/consent", operation_id="consentToSupport",
      operation_class=Write, opt={"policy": staff("support:consent", fresh=True)}, tags=TAGS,
      status_code=200)  # fmt: skip
async def consent(
    request: AdminRequest, access_id: PathId, data: JSONBody[ConsentIn]
) -> Response[SupportAccesses]:
    """Let them in, from now on, for as long as they asked."""

    async def work(s: WriteSession, now: datetime) -> Done:
        made = await access.consent(
            s, access_id=access_id, writes=data.writes, by=request.staff.label, now=request.real_now
        )
        told = {"name": made.staff_name, "writes": made.writes, "until": made.ends_at}
        return Done(await accesses(request, s), told)

    return await act(request, action="support.consented", subject=f"support:{access_id}",
                     work=work, given=data)  # fmt: skip


@post("/{brand:str}/support/{access_id:uuid}/end", operation_id="endSupport",
      operation_class=Write, opt={"policy": staff("support:consent")}, tags=TAGS,
      status_code=200)  # fmt: skip
async def end(request: AdminRequest, access_id: PathId) -> Response[SupportAccesses]:
    """End an access at once, or refuse one that was asked for."""

    async def work(s: WriteSession, now: datetime) -> Done:
        made = await access.end(
            s, access_id=access_id, by=request.staff.label, now=request.real_now
        )
        return Done(
            await accesses(request, s),
            {"name": made.staff_name},
            action="support.refused" if made.state == "refused" else None,
        )

    return await act(request, action="support.ended", subject=f"support:{access_id}", work=work)


HANDLERS = [listing, consent, end]
