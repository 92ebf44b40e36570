"""What an owner does with the brand as a whole: go live, close it, take the closing back."""

from datetime import datetime
from typing import Final

import msgspec

from guerdon.go_live.checklist import Point, checklist, unmet
from guerdon.go_live.errors import NotReadyError
from guerdon.kit.errors import InvalidError
from guerdon.ledger import statistics
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.redemption.queries import open_orders
from guerdon.runtime import Runtime
from guerdon.tenancy.lifecycle import CLOSING_GRACE, State, Who, onward
from guerdon.tenancy.schemas import Tenant
from guerdon.tenancy.transitions import Changed, change_state

READ: Final = "SELECT * FROM ctl.read_tenant_v2(%(tenant_id)s)"


class AtStake(msgspec.Struct, frozen=True):
    """What an end would mean: who takes part, what they hold, what is on its way."""

    members: int
    points: int
    held: int
    open_orders: int
    last_day: datetime


class Standing(msgspec.Struct, frozen=True):
    """Where the brand stands, where an owner may lead it, and what is missing or at stake."""

    tenant: Tenant
    ways: list[State]
    points: list[Point]
    at_stake: AtStake


async def standing(rt: Runtime, s: ReadSession, *, snapshot: Snapshot, now: datetime) -> Standing:
    """All of it, as it is in this transaction."""
    tenant = await s.one(Tenant, READ)
    ways = [way.target for way in onward(tenant.status, tenant.came_from) if Who.OWNER in way.by]
    return Standing(
        tenant,
        list(dict.fromkeys(ways)),
        await checklist(rt, s, snapshot=snapshot, now=now),
        await at_stake(s, tenant, now=now),
    )


async def at_stake(s: ReadSession, tenant: Tenant, *, now: datetime) -> AtStake:
    """What closing would mean, or means."""
    held = await statistics.outstanding(s)
    members = await s.value(
        "SELECT count(*) FROM app.member WHERE tenant_id = %(tenant_id)s AND status = 'active'"
    )
    began = tenant.status_since if tenant.status is State.CLOSING else now
    return AtStake(
        members=int(members),
        points=held.points,
        held=held.held,
        open_orders=await open_orders(s),
        last_day=began + CLOSING_GRACE,
    )


async def go_live(
    rt: Runtime,
    s: WriteSession,
    *,
    snapshot: Snapshot,
    points_only: bool,
    actor: str,
    now: datetime,
    address: str = "",
    request_id: str = "",
) -> Changed:
    """Let members in for real. Raises NotReadyError, and what `change_state` raises."""
    tenant = await s.one(Tenant, READ)
    if tenant.status is State.SANDBOX:
        open_ = unmet(await checklist(rt, s, snapshot=snapshot, now=now), points_only=points_only)
        if open_:
            codes = ", ".join(point.code for point in open_)
            raise NotReadyError(
                f"{len(open_)} points are open: {codes}. The checklist names the screen that"
                " closes each.",
                open=codes,
            )
    return await change_state(
        s, to=State.LIVE, by=Who.OWNER, actor=actor, reason="", now=now, address=address,
        request_id=request_id,
    )  # fmt: skip


async def begin_closing(
    s: WriteSession,
    *,
    confirmed_slug: str,
    reason: str,
    actor: str,
    now: datetime,
    address: str = "",
    request_id: str = "",
) -> Changed:
    """Begin to close the brand: its people have typed its short name."""
    tenant = await s.one(Tenant, READ)
    if confirmed_slug.strip() != tenant.slug:
        raise InvalidError(
            f"Type the short name of the brand, {tenant.slug}, to close it.", field="slug"
        )
    return await change_state(
        s, to=State.CLOSING, by=Who.OWNER, actor=actor, reason=reason, now=now, address=address,
        request_id=request_id,
    )  # fmt: skip


async def take_back_closing(
    s: WriteSession,
    *,
    reason: str,
    actor: str,
    now: datetime,
    address: str = "",
    request_id: str = "",
) -> Changed:
    """Go on as before the closing; refused by `change_state` where nothing was closing."""
    tenant = await s.one(Tenant, READ)
    before = tenant.came_from[-1] if tenant.status is State.CLOSING else State.LIVE
    return await change_state(
        s, to=before, by=Who.OWNER, actor=actor, reason=reason, now=now, address=address,
        request_id=request_id,
    )  # fmt: skip
