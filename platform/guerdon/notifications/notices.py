"""What members are told of when something happens to their points or their tier."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from guerdon.members.queries import member
from guerdon.notifications.operations import notify
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.events import DomainEvent, listen
from guerdon.runtime import Runtime
from guerdon.tiers.parameters import TierParameters

# What a file tells of months ago is no news to anybody.
NEWS: Final = timedelta(days=7)


async def _points_expire(rt: Runtime, s: WriteSession, m: DomainEvent, now: datetime) -> None:
    # The subject is the day and the notice, whatever became of the sweep that found them.
    subject = uuid5(m.member_id, f"expiring:{m.data['lastDay']}:{m.data['notice']}")
    values = {name: m.data[name] for name in ("points", "lastDay")}
    await _write(rt, s, "points_expiring", m, subject, values, now)


async def _tier_changed(rt: Runtime, s: WriteSession, m: DomainEvent, now: datetime) -> None:
    if "yearEnded" not in m.data and now - m.occurred_at > NEWS:
        return
    tiers = (await rt.snapshot(s.tenant_id, now))[TierParameters].tiers
    rank = {tier.key: n for n, tier in enumerate(tiers)}
    before, after = m.data.get("from"), m.data.get("to")
    if after not in rank:
        return
    kind = "tier_reached" if rank[after] > rank.get(str(before), -1) else "tier_lost"
    names = {tier.key: tier.name for tier in tiers}
    values = {
        "key": after,
        "tier": names[after],
        "before_key": before,
        "before": names.get(str(before), {}),
    }
    await _write(rt, s, kind, m, m.event_id, values, now)


async def _write(
    rt: Runtime, s: WriteSession, kind: str, m: DomainEvent, subject: UUID,
    values: dict[str, Any], now: datetime,
) -> None:  # fmt: skip
    who = await member(s, member_id=m.member_id)
    if not who.active:
        return
    programme = (await rt.snapshot(s.tenant_id, now))[ProgrammeParameters]
    await notify(
        s,
        kind=kind,
        member_id=who.id,
        subject_id=subject,
        language=who.language or programme.languages[0],
        values=values,
        now=now,
    )


listen("points.expiring", _points_expire)
listen("tier.changed", _tier_changed)
