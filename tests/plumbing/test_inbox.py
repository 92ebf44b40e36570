"""An event from outside is taken once, however often and at once it comes."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from guerdon.plumbing.housekeeping import SweepOutbox, SweepOutboxDone
from guerdon.plumbing.inbox import first_time
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

NOW = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)


async def take(rt: Runtime, tenant: Tenant, event_id: str, now: datetime = NOW) -> bool:
    async with rt.db.write(tenant.id) as s:
        return await first_time(s, source="payments.stripe", event_id=event_id, now=now)


async def test_once_of_twenty_at_once(rt: Runtime, tenant: Tenant) -> None:
    taken = await asyncio.gather(*(take(rt, tenant, "evt_1") for _ in range(20)))
    assert sorted(taken) == [False] * 19 + [True]
    assert await take(rt, tenant, "evt_2")


async def test_an_event_whose_effect_failed_is_new_again(rt: Runtime, tenant: Tenant) -> None:
    async def taken_then_failed() -> None:
        async with rt.db.write(tenant.id) as s:
            assert await first_time(s, source="payments.stripe", event_id="evt_1", now=NOW)
            raise LookupError

    with pytest.raises(LookupError):
        await taken_then_failed()
    assert await take(rt, tenant, "evt_1")


async def test_old_events_are_swept(rt: Runtime, worker_rt: Runtime, tenant: Tenant) -> None:
    today = datetime.now(UTC)
    await take(rt, tenant, "old", today - timedelta(days=91))
    await take(rt, tenant, "young", today - timedelta(days=89))
    async with worker_rt.db.write(tenant.id) as s:
        await SweepOutboxDone().apply(worker_rt, s, SweepOutbox(), today)
        left = await s.all(
            str, "SELECT event_id FROM app.provider_event WHERE tenant_id = %(tenant_id)s"
        )
    assert left == ["young"]
