"""What happens to usage every hour: it is counted, owners are told, a month that is over closes."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from guerdon.identity import staff
from guerdon.identity.jobs import SendStaffLetter
from guerdon.plans import meters, periods, statements
from guerdon.plans.queries import FULL_PERCENT, NEAR_PERCENT, Gauge, chosen, gauges
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession, jsonb
from guerdon.plumbing.jobs import Effect
from guerdon.plumbing.outbox import Message
from guerdon.runtime import Runtime
from guerdon.tenancy import sheets


class CountUsage(Message, frozen=True):
    """Count what the brand uses."""

    topic: ClassVar[str] = "plans.count"
    queue: ClassVar[str] = "bulk"
    real_time: ClassVar[bool] = True


class UsageCounted(Effect[CountUsage]):
    """Counts from the rows, so that running it again changes nothing."""

    message = CountUsage

    async def apply(self, rt: Runtime, s: WriteSession, m: CountUsage, now: datetime) -> None:
        period = periods.period_of(now)
        plan = await chosen(s)
        found = await meters.usage(s, rt.files, period=period)
        against = gauges(found, plan.quotas)
        fullest = min(max(gauge.percent for gauge in against), 1_000_000)
        await s.execute(
            "SELECT ctl.note_usage_v1(%(tenant_id)s, %(plan)s, %(usage)s, %(fullest)s, %(now)s)",
            {
                "plan": plan.plan,
                "usage": jsonb(found),
                "fullest": fullest,
                "now": now,
            },
        )
        await sheets.save_plan(s, plan=plan.plan, usage_percent=fullest)
        for gauge in against:
            await _tell(s, gauge, period=period, now=now)
        for over in await statements.due(s, now=now):
            await statements.close(s, rt.files, period=over, now=now)


async def _tell(s: WriteSession, gauge: Gauge, *, period: date, now: datetime) -> None:
    """Owners hear of 80 % and of 100 %, once each in a period, of the higher where both are new."""
    new = [
        percent
        for percent in (NEAR_PERCENT, FULL_PERCENT)
        if gauge.limit and gauge.percent >= percent
        and await s.execute(
            """
            INSERT INTO app.quota_notice (tenant_id, period, meter, percent, used, quota, told_at)
            VALUES (%(tenant_id)s, %(period)s, %(meter)s, %(percent)s, %(used)s, %(quota)s, %(now)s)
            ON CONFLICT DO NOTHING
            """,
            {
                "period": period, "meter": gauge.meter, "percent": percent, "used": gauge.used,
                "quota": gauge.limit, "now": now,
            },
        )
    ]  # fmt: skip
    if new:
        what = f"{gauge.meter} {max(new)} {gauge.policy} {gauge.used} {gauge.limit}"
        await write_to_owners(s, await staff.active_owners(s), kind="quota", what=what)


async def write_to_owners(
    s: WriteSession, owners: Sequence[UUID], *, kind: str, what: str, at: datetime | None = None
) -> None:
    """One letter each."""
    for owner in owners:
        await outbox.put(
            s,
            SendStaffLetter(kind=kind, staff_id=owner, what=what, at=at),  # type: ignore[arg-type]
        )
