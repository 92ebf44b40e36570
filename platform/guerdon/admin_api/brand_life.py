"""Where the brand stands, what is missing to go live, and the steps that its owners may take."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody
from msgspec import Meta

from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.catalogue import pricing
from guerdon.catalogue.rules import price_rules
from guerdon.go_live import operations
from guerdon.go_live.checklist import unmet
from guerdon.identity.policy import staff
from guerdon.kit.money import Money as Amount
from guerdon.plumbing.db import WriteSession
from guerdon.wire.openapi import Read, Write
from guerdon.wire.values import In, Money, Out

TAGS = ["Brand"]
MANAGE = {"policy": staff("brand:manage", fresh=True)}
# Whoever does not accept new terms of the platform can leave.
LEAVE = {"policy": staff("brand:manage", fresh=True, terms=False)}
Reason = Annotated[str, Meta(min_length=1, max_length=500)]


class LifePoint(Out, frozen=True):
    """A point of the checklist. `screen` closes it; `facts` are what its words need; one that is
    not required is advice. `confirm`: closed by saying so with the change."""

    code: str
    state: Literal["done", "open", "confirm"]
    screen: str
    required: bool
    facts: dict[str, str | int | list[str]]


class AtStake(Out, frozen=True):
    """What closing would mean, or means: `lastDay` is the last on which members can spend."""

    members: int
    points: int
    held: int
    liability: Money
    open_orders: int
    last_day: datetime


class BrandLife(Out, frozen=True):
    """Where the brand stands. `ways`: the states that an owner may lead it to; `ready`: nothing
    required is open, what is confirmed with the change aside."""

    state: str
    since: datetime
    ends_at: datetime | None
    came_from: list[str]
    ways: list[str]
    ready: bool
    points: list[LifePoint]
    at_stake: AtStake


class GoLiveIn(In, frozen=True):
    """`pointsOnly`: nobody pays money here, and that is meant."""

    points_only: bool = False


class CloseIn(In, frozen=True):
    """`slug`: the short name of the brand, typed, so that nobody closes another one."""

    slug: Annotated[str, Meta(max_length=60)]
    reason: Reason


class KeepIn(In, frozen=True):
    """Why the brand goes on."""

    reason: Reason


@get("/{brand:str}/life", operation_id="readBrandLife", operation_class=Read,
     opt={"policy": staff("brand:read")}, tags=TAGS)  # fmt: skip
async def life(request: AdminRequest) -> Response[BrandLife]:
    """State, checklist and what closing would mean, worked out now."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await operations.standing(request.rt, s, snapshot=request.snapshot, now=request.now)
    return answer(_shown(request, found))


@post("/{brand:str}/life/go-live", operation_id="goLive", operation_class=Write, opt=MANAGE,
      tags=TAGS, status_code=200)  # fmt: skip
async def go_live(request: AdminRequest, data: JSONBody[GoLiveIn]) -> Response[BrandLife]:
    """Go live; refused with the open points while there are any."""

    async def work(s: WriteSession, now: datetime) -> None:
        await operations.go_live(
            request.rt, s, snapshot=request.snapshot, points_only=data.points_only,
            actor=request.staff.label, now=now, address=request.address,
            request_id=request.request_id,
        )  # fmt: skip

    return await act(request, action="tenant.state_changed", subject=_subject(request),
                     work=_then_shown(request, work), given=data)  # fmt: skip


@post("/{brand:str}/life/close", operation_id="closeBrand", operation_class=Write, opt=LEAVE,
      tags=TAGS, status_code=200)  # fmt: skip
async def close(request: AdminRequest, data: JSONBody[CloseIn]) -> Response[BrandLife]:
    """Begin to close the brand: members spend until the last day, nobody joins, nothing is earned.

    Until that day an owner can take it back.
    """

    async def work(s: WriteSession, now: datetime) -> None:
        await operations.begin_closing(
            s, confirmed_slug=data.slug, reason=data.reason, actor=request.staff.label, now=now,
            address=request.address, request_id=request.request_id,
        )  # fmt: skip

    return await act(request, action="tenant.state_changed", subject=_subject(request),
                     work=_then_shown(request, work), given=data)  # fmt: skip


@post("/{brand:str}/life/keep", operation_id="keepBrand", operation_class=Write, opt=MANAGE,
      tags=TAGS, status_code=200)  # fmt: skip
async def keep(request: AdminRequest, data: JSONBody[KeepIn]) -> Response[BrandLife]:
    """Take the closing back: the brand goes on as it was before."""

    async def work(s: WriteSession, now: datetime) -> None:
        await operations.take_back_closing(
            s, reason=data.reason, actor=request.staff.label, now=now, address=request.address,
            request_id=request.request_id,
        )  # fmt: skip

    return await act(request, action="tenant.state_changed", subject=_subject(request),
                     work=_then_shown(request, work), given=data)  # fmt: skip


def _subject(request: AdminRequest) -> str:
    return f"tenant:{request.tenant.slug}"


def _then_shown(
    request: AdminRequest, work: Callable[[WriteSession, datetime], Awaitable[None]]
) -> Callable[[WriteSession, datetime], Awaitable[Done]]:
    async def done(s: WriteSession, now: datetime) -> Done:
        await work(s, now)
        found = await operations.standing(request.rt, s, snapshot=request.snapshot, now=now)
        # The change of state has told the trail itself.
        return Done(_shown(request, found), changed=False)

    return done


def _shown(request: AdminRequest, found: operations.Standing) -> BrandLife:
    rules = price_rules(request.snapshot)
    stake, tenant = found.at_stake, found.tenant
    worth = pricing.worth_minor(stake.points, rules)
    return BrandLife(
        state=tenant.status.value,
        since=tenant.status_since,
        ends_at=tenant.status_ends_at,
        came_from=[one.value for one in tenant.came_from],
        ways=[one.value for one in found.ways],
        ready=not unmet(found.points, points_only=True),
        points=[msgspec.convert(one, LifePoint, from_attributes=True) for one in found.points],
        at_stake=AtStake(
            members=stake.members,
            points=stake.points,
            held=stake.held,
            liability=Money.of(Amount(worth, rules.currency)),
            open_orders=stake.open_orders,
            last_day=stake.last_day,
        ),
    )


HANDLERS = [life, go_live, close, keep]
