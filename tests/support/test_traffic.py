"""What the web answered: counted without a statement on the way, written together, drawn."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.conftest import http_client

from guerdon.app import Application
from guerdon.kit.errors import UnavailableError
from guerdon.kit.ids import uuid7
from guerdon.plumbing.db import Database
from guerdon.runtime import Runtime
from guerdon.support import traffic
from guerdon.support.traffic import BOUNDS_MS, Meter, percentile_ms
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.tenancy.schemas import Tenant


def minute_of(now: datetime) -> int:
    return int(now.timestamp() // 60)


async def kept(rt: Runtime, tenant: Tenant, now: datetime) -> list[traffic.Minute]:
    async with rt.db.read(OPERATOR_ID) as s:
        return await traffic.minutes(s, since=now - timedelta(minutes=5), tenant_id=tenant.id)


async def test_processes_add_up_minute_by_minute(rt: Runtime, tenant: Tenant) -> None:
    now = datetime.now(UTC)
    at, one, other = minute_of(now), Meter(), Meter()
    for meter, times in ((one, 3), (other, 2)):
        for _ in range(times):
            meter.add(minute=at, face="site", tenant_id=tenant.id, status=200, seconds=0.004)
        meter.add(minute=at, face="site", tenant_id=tenant.id, status=503, seconds=11)
        meter.add(minute=at, face="api", tenant_id=tenant.id, status=422, seconds=0.0301)
        # Each of the two faces, for the tenant and for all.
        assert await meter.flush(rt.db, now) == 4
        assert await meter.flush(rt.db, now) == 0
    api, site = await kept(rt, tenant, now)
    assert (api.face, api.requests, api.refused, api.failed) == ("api", 2, 2, 0)
    assert (site.face, site.requests, site.refused, site.failed) == ("site", 7, 0, 2)
    assert site.minute == datetime.fromtimestamp(at * 60, UTC)
    expected = [0] * (len(BOUNDS_MS) + 1)
    expected[BOUNDS_MS.index(5)], expected[-1] = 5, 2
    assert site.buckets == expected
    assert (percentile_ms(site.buckets, 0.5), percentile_ms(site.buckets, 0.95)) == (5, 10_000)
    async with rt.db.read(OPERATOR_ID) as s:
        busy = await traffic.busiest(s, since=now - timedelta(minutes=5), limit=100)
    assert [(b.requests, b.refused, b.failed) for b in busy if b.slug == tenant.slug] == [(9, 2, 2)]


async def test_counts_are_kept_while_the_database_is_away(rt: Runtime, tenant: Tenant) -> None:
    class Away(Database):
        def __init__(self) -> None:
            pass

        def control(self) -> None:  # type: ignore[override]
            raise UnavailableError

    now, meter = datetime.now(UTC), Meter()
    meter.add(minute=minute_of(now), face="site", tenant_id=tenant.id, status=200, seconds=0.001)
    with pytest.raises(UnavailableError):
        await meter.flush(Away(), now)
    meter.add(minute=minute_of(now), face="site", tenant_id=tenant.id, status=200, seconds=0.001)
    await meter.flush(rt.db, now)
    assert [m.requests for m in await kept(rt, tenant, now)] == [2]


async def test_what_is_old_is_swept(rt: Runtime, tenant: Tenant) -> None:
    now, meter = datetime.now(UTC), Meter()
    old = now - traffic.TENANTS_KEPT - timedelta(minutes=2)
    meter.add(minute=minute_of(old), face="site", tenant_id=tenant.id, status=200, seconds=0.001)
    await meter.flush(rt.db, now)
    async with rt.db.read(OPERATOR_ID) as s:
        assert await traffic.minutes(s, since=old - timedelta(minutes=1), tenant_id=tenant.id) == []
        of_all = await traffic.minutes(s, since=old - timedelta(minutes=1))
    assert datetime.fromtimestamp(minute_of(old) * 60, UTC) in {m.minute for m in of_all}


async def test_a_meter_does_not_grow_with_tenants(rt: Runtime) -> None:
    meter = Meter()
    for _ in range(traffic.TENANTS_MAX + 50):
        meter.add(minute=1, face="site", tenant_id=uuid7(), status=200, seconds=0.001)
    assert len(meter._slots) == traffic.TENANTS_MAX + 1
    assert meter._slots[1, traffic.NOBODY, "site"][0] == traffic.TENANTS_MAX + 50


async def test_a_request_is_counted_where_it_was_served(
    application: Application, rt: Runtime, tenant: Tenant
) -> None:
    meter = application.meter
    await meter.flush(rt.db, datetime.now(UTC))
    now = datetime.now(UTC)
    async with http_client(application, tenant.canonical_host) as site:
        await site.get("/")
        await site.get("/no-such-page")
        await site.get("/api/v1/members")
    async with http_client(application, rt.settings.console_authority) as desk:
        await desk.get("/health/live")
    await meter.flush(rt.db, now)
    rows = await kept(rt, tenant, now)
    counts = [
        (face, sum(m.requests for m in rows if m.face == face),
         sum(m.refused for m in rows if m.face == face)) for face in ("site", "api", "console")
    ]  # fmt: skip
    assert counts == [("site", 2, 1), ("api", 1, 1), ("console", 0, 0)]


def test_percentiles_of_nothing_and_of_one() -> None:
    assert percentile_ms([0] * (len(BOUNDS_MS) + 1), 0.95) is None
    one = [0] * (len(BOUNDS_MS) + 1)
    one[3] = 1
    assert (percentile_ms(one, 0.5), percentile_ms(one, 0.99)) == (5, 5)
