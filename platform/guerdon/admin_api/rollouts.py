"""Rollouts: a change set tried on some members before it is in force for all."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, patch, post
from litestar.params import JSONBody
from msgspec import Meta

from guerdon.admin_api.change_set_requests import approval_of, registry_of
from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.identity.policy import staff
from guerdon.parameters import rollouts
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.simulation.rollout_report import Difference, report
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import PathId
from guerdon.wire.values import In, Out

TAGS = ["Parameters"]
READ = {"policy": staff("parameters:read")}
PUBLISH = {"policy": staff("parameters:publish")}
Percent = Annotated[int, Meta(ge=0, le=99, description="Share of the members who are in")]
Members = Annotated[
    tuple[UUID, ...],
    Meta(max_length=rollouts.MEMBERS_MAX, description="Members who are in by name"),
]


class Rollout(Out, frozen=True):
    """Who has a change set before the others, and since when."""

    change_set_id: UUID
    title: str
    version: int | None
    started_at: datetime
    started_by: str
    percent: int
    members: list[UUID]
    ended_at: datetime | None
    outcome: str | None

    @classmethod
    def of(cls, found: rollouts.Rollout) -> "Rollout":
        """As the domain has it."""
        return msgspec.convert(found, cls, from_attributes=True)


class Rollouts(Out, frozen=True):
    """Rollouts, the newest first; one without an end is under way."""

    items: list[Rollout]


class RolloutSide(Out, frozen=True):
    """Members who earned or redeemed meanwhile; points in all and on average."""

    members: int
    earned: int
    redeemed: int
    earned_mean: float
    redeemed_mean: float


class RolloutDifference(Out, frozen=True):
    """Points a member on the inside has more, with the 95 % interval, and what it says."""

    mean: float
    low: float
    high: float
    verdict: str

    @classmethod
    def of(cls, found: Difference | None) -> "RolloutDifference | None":
        """As the domain has it."""
        return None if found is None else msgspec.convert(found, cls, from_attributes=True)


class RolloutReport(Out, frozen=True):
    """Both sides; differences are null until each side has thirty members."""

    rollout: Rollout
    inside: RolloutSide
    outside: RolloutSide
    earned: RolloutDifference | None
    redeemed: RolloutDifference | None


class RolloutIn(In, frozen=True):
    """Who gets it first. `rowVersion`: the change set as it was seen."""

    percent: Percent
    members: Members = ()
    row_version: int | None = None


@get("/{brand:str}/rollouts", operation_id="listRollouts", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def listing(request: AdminRequest) -> Response[Rollouts]:
    """List rollouts, the one under way first."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await rollouts.every(s)
    return answer(Rollouts([Rollout.of(one) for one in found]))


@get("/{brand:str}/change-sets/{change_set_id:uuid}/rollout", operation_id="readRollout",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def read(request: AdminRequest, change_set_id: PathId) -> Response[RolloutReport]:
    """Compare the members who are in with those who are not."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = next(
            (one for one in await rollouts.every(s) if one.change_set_id == change_set_id), None
        )
        if found is None:
            raise rollouts.NoRolloutError("This change set was never rolled out.")
        told = await report(s, rollout=found, now=request.now)
    return answer(
        RolloutReport(
            rollout=Rollout.of(found),
            inside=msgspec.convert(told.inside, RolloutSide, from_attributes=True),
            outside=msgspec.convert(told.outside, RolloutSide, from_attributes=True),
            earned=RolloutDifference.of(told.earned),
            redeemed=RolloutDifference.of(told.redeemed),
        )
    )


@post("/{brand:str}/change-sets/{change_set_id:uuid}/rollout", operation_id="startRollout",
      operation_class=Write, opt=PUBLISH, tags=TAGS, status_code=200)  # fmt: skip
async def start(
    request: AdminRequest, change_set_id: PathId, data: JSONBody[RolloutIn]
) -> Response[Rollout]:
    """Give a change set to some members; each stays on the same side."""

    async def work(s: WriteSession, now: datetime) -> Done:
        made = await rollouts.start(
            s, registry=registry_of(request), change_set_id=change_set_id,
            row_version=data.row_version, approval=await approval_of(request, s),
            percent=data.percent, members=data.members, actor=request.staff.label, now=now,
        )  # fmt: skip
        return Done(await _running(s), {"title": made.title, "percent": data.percent})

    return await act(
        request, action="rollout.started", subject=f"change_set:{change_set_id}", work=work,
        given=data,
    )  # fmt: skip


@patch("/{brand:str}/change-sets/{change_set_id:uuid}/rollout", operation_id="changeRollout",
       operation_class=Write, opt=PUBLISH, tags=TAGS)  # fmt: skip
async def change(
    request: AdminRequest, change_set_id: PathId, data: JSONBody[RolloutIn]
) -> Response[Rollout]:
    """Change who is in; a member who is in stays in while the share grows."""

    async def work(s: WriteSession, now: datetime) -> Done:
        found = await rollouts.widen(
            s, change_set_id=change_set_id, percent=data.percent, members=data.members, now=now
        )
        return Done(Rollout.of(found), {"title": found.title, "percent": data.percent})

    return await act(
        request, action="rollout.changed", subject=f"change_set:{change_set_id}", work=work,
        given=data,
    )  # fmt: skip


@post("/{brand:str}/change-sets/{change_set_id:uuid}/rollout/promote", operation_class=Write,
      operation_id="promoteRollout", opt=PUBLISH, tags=TAGS, status_code=200)  # fmt: skip
async def promote(request: AdminRequest, change_set_id: PathId) -> Response[Rollouts]:
    """Put what some members have in force for all."""

    async def work(s: WriteSession, now: datetime) -> Done:
        made = await rollouts.promote(
            s, registry=registry_of(request), change_set_id=change_set_id,
            approval=await approval_of(request, s), actor=request.staff.label, now=now,
        )  # fmt: skip
        return Done(await _all(s), {"title": made.title, "version": made.version})

    return await act(
        request, action="rollout.promoted", subject=f"change_set:{change_set_id}", work=work
    )


@post("/{brand:str}/change-sets/{change_set_id:uuid}/rollout/stop", operation_class=Write,
      operation_id="stopRollout", opt=PUBLISH, tags=TAGS, status_code=200)  # fmt: skip
async def stop(request: AdminRequest, change_set_id: PathId) -> Response[Rollouts]:
    """Give everybody what is in force again; the change set is a draft."""

    async def work(s: WriteSession, now: datetime) -> Done:
        made = await rollouts.stop(
            s, registry=registry_of(request), change_set_id=change_set_id,
            actor=request.staff.label, now=now,
        )  # fmt: skip
        return Done(await _all(s), {"title": made.title})

    return await act(
        request, action="rollout.stopped", subject=f"change_set:{change_set_id}", work=work
    )


async def _running(s: ReadSession) -> Rollout:
    found = await rollouts.running(s)
    if found is None:
        raise rollouts.NoRolloutError
    return Rollout.of(found)


async def _all(s: ReadSession) -> Rollouts:
    return Rollouts([Rollout.of(one) for one in await rollouts.every(s)])


HANDLERS = [listing, read, start, change, promote, stop]
