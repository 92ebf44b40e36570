"""Walking a clock: from one due instant to the next, each in a transaction of its own.

At every instant the jobs that the scheduler fires for all brands are run with that instant, so
that a jump of three years does what three years do. A walk that was cut off goes on where the
clock stands.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

import msgspec
import structlog

from guerdon.earning.jobs import ExpirePoints, ExpirePointsDue
from guerdon.kit.clock import TenantClock
from guerdon.ledger.expiry import local_day
from guerdon.ledger.jobs import ExpireHolds, ExpireHoldsDue
from guerdon.notifications import expiring
from guerdon.notifications.parameters import NotificationParameters
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plumbing.db import ReadSession, WriteSession, jsonb
from guerdon.plumbing.jobs import Effect, Handler, Job
from guerdon.plumbing.outbox import Message
from guerdon.redemption.messages import PaymentDue
from guerdon.runtime import Runtime
from guerdon.test_clock import due
from guerdon.test_clock.operations import COLUMNS, Move, WalkClock, lock, set_clock
from guerdon.tiers import turn
from guerdon.tiers.ladder import period_of
from guerdon.tiers.parameters import TierParameters

# What acts on a kind: the message that the scheduler sends, and its handler as it is.
ACTS: Final[dict[str, tuple[Message, Effect[Any]]]] = {
    "hold": (ExpireHolds(), ExpireHoldsDue()),
    "points": (ExpirePoints(), ExpirePointsDue()),
}
# How long the walk waits at an instant for payments to be called off at their provider.
PATIENCE_S: Final = 20.0
_LOOK_S: Final = 0.1
log = structlog.get_logger(__name__)


class Walking(msgspec.Struct, frozen=True):
    """A walk to be made."""

    tenant_id: UUID
    move_id: UUID


class Walk(Job[WalkClock, Walking, bool]):
    """Walks the clock to where it was asked to go."""

    message = WalkClock
    long: ClassVar[bool] = True
    perform_timeout_s: ClassVar[float] = timedelta(minutes=30).total_seconds()

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: WalkClock, now: datetime
    ) -> Walking | None:
        found = await _under_way(s, m.move_id)
        return None if found is None else Walking(s.tenant_id, m.move_id)

    async def perform(self, rt: Runtime, call: Walking) -> bool:
        paid: datetime | None = None
        while True:
            async with rt.db.write(call.tenant_id) as s:
                at, waits = await step(rt, s, move_id=call.move_id, paid=paid)
            if at is None:
                return True
            if waits:
                await _called_off(rt, call.tenant_id, at)
                paid = at

    async def record(
        self, rt: Runtime, s: WriteSession, m: WalkClock, outcome: bool, now: datetime
    ) -> None:
        log.info("test_clock.arrived", tenant_id=str(s.tenant_id), move_id=str(m.move_id))

    async def parked(self, rt: Runtime, s: WriteSession, m: WalkClock, now: datetime) -> None:
        """It goes on from where it got to: a brand does not stand still for ever."""
        found = await _under_way(s, m.move_id)
        if found is not None:
            found = await _note(s, found, found.reached_at, "stopped", 0, {})
            await _end(s, found, found.reached_at, now)


async def step(
    rt: Runtime, s: WriteSession, *, move_id: UUID, paid: datetime | None
) -> tuple[datetime | None, bool]:
    """Go to the next due instant and let happen what is due: the instant, and whether payments
    have to be waited for. None: the clock has arrived and goes on from there.
    """
    standing = await lock(s)
    found = await _under_way(s, move_id)
    if found is None or standing.stands_at is None:
        return None, False
    now = standing.stands_at
    snapshot = await rt.snapshot(s.tenant_id, now)
    more = {"paid": paid} if paid is not None else {}
    year = local_day(now, snapshot[ProgrammeParameters].zone).year
    await turn.see_year(s, year=year, now=now)
    coming = await due.upcoming(s, now=now, until=found.target_at, snapshot=snapshot, **more)
    if not coming:
        await _end(s, found, found.target_at, rt.clock.now(), ahead=standing.ahead)
        return None, False
    at = coming[0].at
    await set_clock(s, TenantClock(standing.ahead, at))
    waits = False
    for one in coming:
        if one.kind == "payment":
            waits = True
        found = await _happen(rt, s, found, one, **more)
    await s.execute(
        "UPDATE app.clock_move SET reached_at = %(at)s, happenings = %(happenings)s"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": found.id, "at": at, "happenings": found.happenings},
    )
    return at, waits


async def _happen(
    rt: Runtime, s: WriteSession, found: Move, one: due.Due, **more: datetime
) -> Move:
    at = one.at
    snapshot = await rt.snapshot(s.tenant_id, at)
    zone = snapshot[ProgrammeParameters].zone
    if one.kind == "version":
        for published in await due.versions_at(s, at):
            detail = {"version": published.version, "note": published.note}
            found = await _note(s, found, at, "version", 1, detail)
        return found
    if one.kind == "tier_year":
        ladder = snapshot[TierParameters]
        ended = period_of(ladder, at, zone) - 1
        stood = await due.stood(s, period=ended, ladder=ladder)
        tiers = {each.tier: each.members for each in stood}
        while await turn.turn(rt, s, now=at):
            pass
        detail = {"year": ended, "tiers": tiers}
        return await _note(s, found, at, "tier_year", sum(tiers.values()), detail)
    if one.kind == "notice":
        return await _tell(rt, s, found, at)
    weight = await due.weight(s, one.kind, now=at, zone=zone, **more)
    if one.kind == "payment":
        await _hasten(s, at)
    else:
        await _act(rt, s, one.kind, at, weight.count, zone_key=zone)
    return await _note(s, found, at, one.kind, weight.count, {"points": weight.points})


async def _act(
    rt: Runtime, s: WriteSession, kind: str, at: datetime, count: int, *, zone_key: Any
) -> None:
    message, handler = ACTS[kind]
    while count:
        await handler.apply(rt, s, message, at)
        left = (await due.weight(s, kind, now=at, zone=zone_key)).count
        if left >= count:
            raise RuntimeError(f"{left} of kind {kind} are due at {at} and stay so")
        count = left


async def _tell(rt: Runtime, s: WriteSession, found: Move, at: datetime) -> Move:
    """Expiries of some days later are told of, as the scheduler would have told of all before."""
    snapshot = await rt.snapshot(s.tenant_id, at)
    zone, notices = (
        snapshot[ProgrammeParameters].zone,
        snapshot[NotificationParameters].expiry_notices,
    )
    await expiring.pass_quiet_days(s, notices=notices, today=local_day(at, zone))
    due_now = await expiring.count_notices(s, notices=notices, now=at, until=at, zone=zone)
    left = due_now.count
    while True:
        await expiring.AnnounceExpiriesDue().apply(rt, s, expiring.AnnounceExpiries(), at)
        still = await expiring.count_notices(s, notices=notices, now=at, until=at, zone=zone)
        if still.count >= left:
            raise RuntimeError(f"{left} notices are due at {at} and stay so")
        left = still.count
        if not left:
            return await _note(s, found, at, "notice", due_now.count, {"points": due_now.points})


async def _hasten(s: WriteSession, at: datetime) -> None:
    """The time to pay is over by the programme's clock: its timer rings now."""
    await s.execute(
        """
        UPDATE app.outbox o SET next_at = now()
          FROM app.redemption r
         WHERE o.tenant_id = %(tenant_id)s AND o.topic = %(topic)s
           AND o.done_at IS NULL AND o.parked_at IS NULL AND o.next_at > now()
           AND r.tenant_id = o.tenant_id AND r.id = (o.payload ->> 'redemption_id')::uuid
           AND r.payment_due_at <= %(at)s
        """,
        {"topic": PaymentDue.topic, "at": at},
    )


async def _called_off(rt: Runtime, tenant_id: UUID, at: datetime) -> None:
    """Wait until the payments due by now have ended; one that its provider keeps open is left."""
    # Real waiting: the timers' jobs run in other workers and call the provider.
    for _ in range(round(PATIENCE_S / _LOOK_S)):
        async with rt.db.read(tenant_id) as s:
            if not await _still_open(s, at):
                return
        await asyncio.sleep(_LOOK_S)


async def _still_open(s: ReadSession, at: datetime) -> bool:
    return bool(
        await s.value(
            "SELECT EXISTS (SELECT FROM app.redemption WHERE tenant_id = %(tenant_id)s"
            " AND state IN ('held', 'awaiting_payment') AND payment_due_at <= %(at)s)",
            {"at": at},
        )
    )


async def _under_way(s: WriteSession, move_id: UUID) -> Move | None:
    return await s.one_or_none(
        Move,
        f"SELECT {COLUMNS} FROM app.clock_move"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND ended_at IS NULL FOR UPDATE",
        {"id": move_id},
    )


async def _note(
    s: WriteSession, found: Move, at: datetime, kind: str, count: int, detail: dict[str, Any]
) -> Move:
    seq = found.happenings + 1
    await s.execute(
        "INSERT INTO app.clock_happening (tenant_id, move_id, seq, at, kind, count, detail)"
        " VALUES (%(tenant_id)s, %(move)s, %(seq)s, %(at)s, %(kind)s, %(count)s, %(detail)s)",
        {
            "move": found.id,
            "seq": seq,
            "at": at,
            "kind": kind,
            "count": count,
            "detail": jsonb(detail),
        },
    )
    return msgspec.structs.replace(found, happenings=seq)


async def _end(
    s: WriteSession,
    found: Move,
    reached: datetime,
    real: datetime,
    *,
    ahead: timedelta | None = None,
) -> None:
    if ahead is None:
        ahead = (await lock(s)).ahead
    await set_clock(s, TenantClock(max(ahead, reached - real)))
    await s.execute(
        "UPDATE app.clock_move SET reached_at = %(at)s, ended_at = %(real)s,"
        " happenings = %(happenings)s WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": found.id, "at": reached, "real": real, "happenings": found.happenings},
    )


HANDLERS: Final[tuple[Handler, ...]] = (Walk(),)
