"""Corrections of points: asked for with a reason, above a limit approved by another person."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import JSONBody
from msgspec import Meta

from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.earning import corrections
from guerdon.identity import staff as people
from guerdon.identity.policy import staff
from guerdon.ledger import adjustments
from guerdon.ledger import queries as ledger
from guerdon.ledger.parameters import PointsParameters
from guerdon.members import queries as members
from guerdon.members import search
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import PathId
from guerdon.wire.values import In, Out, SignedPoints

TAGS = ["Members"]


class AdjustMemberIn(In, frozen=True):
    """So many points more, or fewer below zero, and why; the member reads the reason."""

    points: SignedPoints
    reason: Annotated[str, Meta(min_length=3, max_length=500)]


class MemberAdjusted(Out, frozen=True):
    """Done (`transactionId` is set, `posted` is the balance), or waiting for another person."""

    transaction_id: UUID | None
    request_id: UUID | None
    points: int
    posted: int | None


class WaitingAdjustment(Out, frozen=True):
    """A correction above the limit. `own`: you asked for it, so another person decides."""

    id: UUID
    member_id: UUID | None
    member_name: str | None
    member_number: str | None
    points: int
    balance: int
    reason: str
    requested_by: str
    requested_at: datetime
    own: bool


class WaitingAdjustments(Out, frozen=True):
    """What waits for approval, oldest first, and the limit above which it does."""

    items: list[WaitingAdjustment]
    approval_limit: int


@post("/{brand:str}/members/{member_id:uuid}/adjustments", operation_id="adjustMember",
      operation_class=Write, opt={"policy": staff("members:adjust")}, tags=TAGS)  # fmt: skip
async def adjust(
    request: AdminRequest, member_id: PathId, data: JSONBody[AdjustMemberIn]
) -> Response[MemberAdjusted]:
    """Correct a member's points. Above the programme's limit it waits for another person."""
    key = request.idempotency_key

    async def work(s: WriteSession, now: datetime) -> Done:
        member = await members.member(s, member_id=member_id)
        made = await corrections.adjust(
            s,
            snapshot=request.snapshot,
            account_id=member.account_id,
            points=data.points,
            reason=data.reason,
            principal=request.staff.label,
            key=key,
            now=now,
        )
        change = made.change
        return Done(
            MemberAdjusted(
                transaction_id=change.transaction_id if change else None,
                request_id=made.request_id,
                points=data.points,
                posted=change.posted if change else None,
            ),
            {"points": data.points, "reason": data.reason},
            action="points.adjusted" if change else "points.adjustment_requested",
        )

    return await act(
        request, action="points.adjusted", subject=f"member:{member_id}", work=work, given=data,
        status=201,
    )  # fmt: skip


@get("/{brand:str}/adjustments", operation_id="listAdjustments", operation_class=Read,
     opt={"policy": staff("members:read")}, tags=TAGS)  # fmt: skip
async def waiting(request: AdminRequest) -> Response[WaitingAdjustments]:
    """List corrections that wait for another person."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(await _waiting(request, s))


async def _waiting(request: AdminRequest, s: ReadSession) -> WaitingAdjustments:
    rows = await adjustments.awaiting(s)
    accounts = [row.account_id for row in rows]
    owners = await members.owners(s, account_ids=accounts)
    who = await search.by_ids(s, ids=list(owners.values()))
    free = await ledger.free_points(s, account_ids=accounts)
    names = await people.names_by_actor(s, [row.requested_by for row in rows])
    items = []
    for row in rows:
        member = who.get(owners[row.account_id]) if row.account_id in owners else None
        items.append(
            WaitingAdjustment(
                id=row.id,
                member_id=member.id if member else None,
                member_name=member.name if member else None,
                member_number=member.number if member else None,
                points=row.points,
                balance=free.get(row.account_id, 0),
                reason=row.reason,
                requested_by=names.get(row.requested_by, row.requested_by),
                requested_at=row.requested_at,
                own=row.requested_by == request.staff.label,
            )
        )
    limit = request.snapshot[PointsParameters].adjustment_approval_limit
    return WaitingAdjustments(items, limit)


async def _decided(
    request: AdminRequest, s: WriteSession, now: datetime, request_id: UUID, *, approve: bool
) -> Done:
    before = await _waiting(request, s)
    asked = next((one for one in before.items if one.id == request_id), None)
    await corrections.decide(
        s, request_id=request_id, approve=approve, principal=request.staff.label, now=now
    )
    summary = {} if asked is None else {"points": asked.points, "reason": asked.reason}
    subject = f"member:{asked.member_id}" if asked and asked.member_id else None
    return Done(
        await _waiting(request, s), {"request": str(request_id), **summary}, subject=subject
    )


@post("/{brand:str}/adjustments/{request_id:uuid}/approve", operation_id="approveAdjustment",
      operation_class=Write, opt={"policy": staff("members:approve_adjustment")}, tags=TAGS,
      status_code=200)  # fmt: skip
async def approve(request: AdminRequest, request_id: PathId) -> Response[WaitingAdjustments]:
    """Make the points that another person asked for."""

    async def work(s: WriteSession, now: datetime) -> Done:
        return await _decided(request, s, now, request_id, approve=True)

    return await act(
        request, action="points.adjustment_approved", subject=f"adjustment:{request_id}", work=work
    )


@post("/{brand:str}/adjustments/{request_id:uuid}/reject", operation_id="rejectAdjustment",
      operation_class=Write, opt={"policy": staff("members:approve_adjustment")}, tags=TAGS,
      status_code=200)  # fmt: skip
async def reject(request: AdminRequest, request_id: PathId) -> Response[WaitingAdjustments]:
    """Turn down what another person asked for; no points are made."""

    async def work(s: WriteSession, now: datetime) -> Done:
        return await _decided(request, s, now, request_id, approve=False)

    return await act(
        request, action="points.adjustment_rejected", subject=f"adjustment:{request_id}", work=work
    )


HANDLERS: list[Any] = [adjust, waiting, approve, reject]
