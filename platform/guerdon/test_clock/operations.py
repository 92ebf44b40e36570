"""Moving a sandbox's clock. Nothing on the way: it moves at once; else a worker walks it there."""

from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

import msgspec

from guerdon.kit.clock import TenantClock
from guerdon.kit.ids import uuid7
from guerdon.ledger.expiry import add_months
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing import outbox
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.tenancy.lifecycle import State
from guerdon.test_clock import due
from guerdon.test_clock.errors import ClockNotMovableError, ClockTargetError, ClockUnderWayError

FURTHEST: Final = timedelta(days=3_660)


class WalkClock(outbox.Message, frozen=True):
    """Walk the clock to the target of a move."""

    topic: ClassVar[str] = "test_clock.walk"
    queue: ClassVar[str] = "money"
    real_time: ClassVar[bool] = True
    attempts_max: ClassVar[int | None] = 5
    move_id: UUID


class Move(msgspec.Struct, frozen=True):
    """A move of the clock: where it has got to, and how much happened. Ended: `ended_at`."""

    id: UUID
    asked_by: str
    from_at: datetime
    target_at: datetime
    reached_at: datetime
    happenings: int
    asked_at: datetime
    ended_at: datetime | None


COLUMNS: Final = "id, asked_by, from_at, target_at, reached_at, happenings, asked_at, ended_at"


class Standing(msgspec.Struct, frozen=True):
    """The brand's state and clock, locked."""

    status: State
    ahead: timedelta
    stands_at: datetime | None

    @property
    def clock(self) -> TenantClock:
        """The clock alone."""
        return TenantClock(self.ahead, self.stands_at)


async def lock(s: WriteSession) -> Standing:
    """The clock as it stands; whoever else moves it waits."""
    return await s.one(Standing, "SELECT * FROM ctl.lock_tenant_clock_v1(%(tenant_id)s)")


async def set_clock(s: WriteSession, clock: TenantClock) -> None:
    """Let it stand, or go, so; every process follows within a second."""
    await s.execute(
        "SELECT ctl.set_tenant_clock_v1(%(tenant_id)s, %(ahead)s, %(stands_at)s)",
        {"ahead": clock.ahead, "stands_at": clock.stands_at},
    )


def later(
    now: datetime, snapshot: Snapshot, *, days: int = 0, months: int = 0, years: int = 0
) -> datetime:
    """The instant at which the programme's calendar shows the same time of a later day."""
    zone = snapshot[ProgrammeParameters].zone
    local = now.astimezone(zone)
    day = add_months(local.date(), months + 12 * years) + timedelta(days=days)
    return datetime.combine(day, local.time(), tzinfo=zone).astimezone(now.tzinfo)


async def move(
    s: WriteSession, *, to: datetime, snapshot: Snapshot, asked_by: str, real: datetime
) -> Move:
    """Move the clock of the tenant in context to `to`; `real` is the machine's instant.

    Raises ClockNotMovableError for what is not a sandbox, ClockUnderWayError, ClockTargetError.
    """
    standing = await lock(s)
    if standing.status is not State.SANDBOX:
        raise ClockNotMovableError(
            f"The brand is {standing.status}. Only the time of a sandbox can be moved.", field="to"
        )
    if standing.stands_at is not None:
        raise ClockUnderWayError("Wait until it has arrived, then move it on.", field="to")
    now = standing.clock.at(real)
    if to <= now:
        raise ClockTargetError(
            f"It is {now:%Y-%m-%d %H:%M} UTC already. A clock never goes back.", field="to"
        )
    if to > now + FURTHEST:
        raise ClockTargetError("Choose a day of the next ten years.", field="to")
    first = await due.upcoming(s, now=now, until=to, snapshot=snapshot)
    move_id = uuid7()
    if first:
        await set_clock(s, TenantClock(standing.ahead, now))
    else:
        await set_clock(s, TenantClock(max(standing.ahead, to - real)))
    made = await s.one(
        Move,
        f"""
        INSERT INTO app.clock_move
               (tenant_id, id, asked_by, from_at, target_at, reached_at, asked_at, ended_at)
        VALUES (%(tenant_id)s, %(id)s, %(asked_by)s, %(now)s, %(to)s, %(reached)s, %(real)s,
                %(ended)s)
        RETURNING {COLUMNS}
        """,  # noqa: S608
        {
            "id": move_id,
            "asked_by": asked_by,
            "now": now,
            "to": to,
            "reached": now if first else to,
            "real": real,
            "ended": None if first else real,
        },
    )
    if first:
        await outbox.put(s, WalkClock(move_id=move_id))
    return made


class Happening(msgspec.Struct, frozen=True):
    """What fell due on the way."""

    seq: int
    at: datetime
    kind: str
    count: int
    detail: dict[str, object]


async def last_move(s: ReadSession) -> Move | None:
    """The move under way, or the last one."""
    return await s.one_or_none(
        Move,
        f"SELECT {COLUMNS} FROM app.clock_move WHERE tenant_id = %(tenant_id)s"  # noqa: S608
        " ORDER BY ended_at IS NOT NULL, id DESC LIMIT 1",
    )


async def happenings(
    s: ReadSession, *, move_id: UUID, after: int = 0, limit: int = 100
) -> list[Happening]:
    """What happened on a move, in order."""
    return await s.all(
        Happening,
        "SELECT seq, at, kind, count, detail FROM app.clock_happening"
        " WHERE tenant_id = %(tenant_id)s AND move_id = %(move)s AND seq > %(after)s"
        " ORDER BY seq LIMIT %(limit)s",
        {"move": move_id, "after": after, "limit": limit},
    )
