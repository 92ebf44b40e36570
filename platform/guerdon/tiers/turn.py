"""When the tiers' year ends, whoever loses a tier by it is told of: a chunk of wallets at a time.

A row per year that has begun says how far that is. A brand's first row only says in which year it
was seen first: years before are nobody's news.
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

import msgspec

from guerdon.members.queries import owners
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing import events, outbox
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.jobs import Effect
from guerdon.tiers.ladder import period_of, standing_of
from guerdon.tiers.parameters import TierParameters

_CHUNK: Final = 500
_NOBODY: Final = UUID(int=0)
_INSTANT: Final = timedelta(microseconds=1)


class TurnTierYear(outbox.Message, frozen=True):
    """Tell of the tiers that a new year takes."""

    topic: ClassVar[str] = "tiers.turn_year"
    queue: ClassVar[str] = "bulk"


class TurnTierYearDue(Effect[TurnTierYear]):
    """One chunk of wallets; a full chunk asks for the next one."""

    message = TurnTierYear

    async def apply(self, rt: Any, s: WriteSession, m: TurnTierYear, now: datetime) -> None:
        if await turn(rt, s, now=now):
            await outbox.put(s, TurnTierYear())


class _Turn(msgspec.Struct, frozen=True):
    period: int
    account_id: UUID
    done_at: datetime | None


class _Wallet(msgspec.Struct, frozen=True):
    account_id: UUID
    before: int
    after: int


async def see_year(s: WriteSession, *, year: int, now: datetime) -> None:
    """Note the year in which the brand is, unless one is known."""
    await s.execute(
        """
        INSERT INTO app.tier_turn (tenant_id, period, account_id, done_at)
        SELECT %(tenant_id)s, %(year)s, %(nobody)s, %(now)s
         WHERE NOT EXISTS (SELECT FROM app.tier_turn WHERE tenant_id = %(tenant_id)s)
        ON CONFLICT DO NOTHING
        """,
        {"year": year, "nobody": _NOBODY, "now": now},
    )


async def turn(rt: Any, s: WriteSession, *, now: datetime) -> bool:
    """Tell of a chunk of the tiers that ended with a year; whether something is left."""
    snapshot: Snapshot = await rt.snapshot(s.tenant_id, now)
    zone = snapshot[ProgrammeParameters].zone
    year = now.astimezone(zone).year
    await see_year(s, year=year, now=now)
    last = await s.one(
        _Turn,
        "SELECT period, account_id, done_at FROM app.tier_turn WHERE tenant_id = %(tenant_id)s"
        " ORDER BY period DESC LIMIT 1 FOR UPDATE",
    )
    if last.done_at is not None:
        if last.period >= year:
            return False
        last = _Turn(last.period + 1, _NOBODY, None)
        await s.execute(
            "INSERT INTO app.tier_turn (tenant_id, period, account_id)"
            " VALUES (%(tenant_id)s, %(period)s, %(nobody)s)",
            {"period": last.period, "nobody": _NOBODY},
        )
    began = datetime(last.period, 1, 1, tzinfo=zone).astimezone(now.tzinfo)
    before = (await rt.snapshot(s.tenant_id, began - _INSTANT))[TierParameters]
    reached = await _tell(s, last, before=before, snapshot=snapshot, began=began, now=now)
    await s.execute(
        "UPDATE app.tier_turn SET account_id = %(reached)s, done_at = %(done)s"
        " WHERE tenant_id = %(tenant_id)s AND period = %(period)s::integer",
        {
            "reached": reached or last.account_id,
            "done": None if reached else now,
            "period": last.period,
        },
    )
    return reached is not None or last.period < year


async def _tell(
    s: WriteSession,
    last: _Turn,
    *,
    before: TierParameters,
    snapshot: Snapshot,
    began: datetime,
    now: datetime,
) -> UUID | None:
    """The wallet that was reached; None after the last one."""
    if before.period != "calendar_year" or not before.tiers[1:]:
        return None
    after = snapshot[TierParameters]
    period = period_of(after, now, snapshot[ProgrammeParameters].zone)
    found = await s.all(
        _Wallet,
        """
        SELECT t.account_id, t.qualifying AS before, coalesce(n.qualifying, 0) AS after
          FROM app.tier_standing t
          LEFT JOIN app.tier_standing n ON n.tenant_id = %(tenant_id)s
               AND n.account_id = t.account_id AND n.period = %(period)s::integer
         WHERE t.tenant_id = %(tenant_id)s AND t.period = %(ended)s::integer
           AND t.qualifying >= %(least)s::bigint AND t.account_id > %(reached)s
         ORDER BY t.account_id LIMIT %(limit)s
        """,
        {
            "period": period,
            "ended": last.period - 1,
            "least": before.tiers[1].threshold,
            "reached": last.account_id,
            "limit": _CHUNK,
        },
    )
    whose = await owners(s, account_ids=[one.account_id for one in found])
    for one in found:
        was = standing_of(before, qualifying=one.before, period=last.period - 1).tier
        now_in = standing_of(after, qualifying=one.after, period=period).tier
        # Who has reached the same tier in the new year already has kept it.
        if was == now_in or one.account_id not in whose:
            continue
        await events.emit(
            s,
            kind="tier.changed",
            member_id=whose[one.account_id],
            occurred_at=began,
            data={
                "from": was,
                "to": now_in,
                "qualifyingPoints": one.after,
                "yearEnded": last.period - 1,
            },
        )
    return found[-1].account_id if len(found) == _CHUNK else None
