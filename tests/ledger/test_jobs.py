"""What time does: jobs in chunks, safe to run twice, and members hear of it."""

from typing import Any

import pytest

from guerdon.earning import corrections
from guerdon.earning import operations as earning
from guerdon.earning.jobs import ExpirePoints, ExpirePointsDue
from guerdon.earning.returns import reverse
from guerdon.earning.schemas import Event, Return
from guerdon.kit.ids import uuid7
from guerdon.ledger import jobs
from guerdon.ledger.jobs import ExpireHolds, ExpireHoldsDue, SealLedger, SealLedgerBatch
from guerdon.members import operations as members


async def told(b) -> list[tuple[str, int]]:
    async with b.rt.db.read(b.tenant.id) as s:
        return [
            (row["type"], row["data"]["points"])
            for row in await s.all(
                dict,
                "SELECT payload FROM app.outbox WHERE tenant_id = %(tenant_id)s"
                " AND topic = 'domain.event' AND payload->>'type' LIKE 'points.%%' ORDER BY id",
            )
        ]


@pytest.fixture
async def joined(bench):
    """The bench's wallet belongs to a member."""
    async with bench.rt.db.write(bench.tenant.id) as s:
        member = await members.join(
            s, id=uuid7(), email="ana@example.com", name="Ana", snapshot=bench.snapshot,
            now=bench.now,
        )  # fmt: skip
    bench.account_id, bench.member_id = member.account_id, member.id
    return bench


async def apply(worker_rt, b, effect: Any, message: Any) -> None:
    async with worker_rt.db.write(b.tenant.id) as s:
        await effect.apply(worker_rt, s, message, b.now)


async def test_expired_points_are_announced_once(joined, worker_rt) -> None:
    b = joined
    await b.earn(30, member_id=b.member_id)
    await b.earn(12, member_id=b.member_id)
    b.later(days=91)
    for _ in range(2):
        await apply(worker_rt, b, ExpirePointsDue(), ExpirePoints())
    assert (await b.balance()).posted == 0
    assert await told(b) == [("points.earned", 30), ("points.earned", 12), ("points.expired", -42)]
    await b.proven()


async def test_a_batch_announces_each_credit_and_a_tier_once(bench_of) -> None:
    tiers = [{"key": "blue", "threshold": 0}, {"key": "gold", "threshold": 100}]
    b = await bench_of(tiers={"tiers": tiers})
    async with b.rt.db.write(b.tenant.id) as s:
        ana = await members.join(
            s, id=uuid7(), email="ana@example.com", name="Ana", snapshot=b.snapshot, now=b.now
        )
    events = [
        Event(
            account_id=ana.account_id, member_id=ana.id, occurred_at=b.now, source="file",
            event_id=str(n), points=points, qualifies=True,
        )
        for n, points in enumerate([60, 50, 10])
    ]  # fmt: skip
    for _ in range(2):
        await earning.earn_many(b.rt, tenant_id=b.tenant.id, events=events, now=b.now)
    assert sorted(await told(b)) == [("points.earned", n) for n in (10, 50, 60)]
    async with b.rt.db.read(b.tenant.id) as s:
        changes = await s.all(
            dict,
            "SELECT payload->'data' FROM app.outbox WHERE tenant_id = %(tenant_id)s"
            " AND payload->>'type' = 'tier.changed'",
        )
    assert changes == [{"from": "blue", "to": "gold", "qualifyingPoints": 110}]


async def test_corrections_and_returns_are_announced(joined) -> None:
    b = joined
    bought = await b.earn(100)
    async with b.rt.db.write(b.tenant.id) as s:
        await corrections.adjust(
            s, snapshot=b.snapshot, account_id=b.account_id, points=7, reason="goodwill",
            principal="key:a", key="k", now=b.now,
        )  # fmt: skip
        await reverse(
            s, txn_id=bought.transaction_id, what=Return(points=40), source="till",
            event_id="r-1", now=b.now,
        )  # fmt: skip
    assert await told(b) == [("points.adjusted", 7), ("points.reversed", -40)]


async def test_holds_end_and_batches_are_sealed_by_jobs(joined, worker_rt) -> None:
    b = joined
    await b.earn(100)
    await b.hold(60, hours=1)
    await apply(worker_rt, b.later(hours=2), ExpireHoldsDue(), ExpireHolds())
    assert (await b.balance()).available == 100
    await apply(worker_rt, b, SealLedgerBatch(), SealLedger())
    async with worker_rt.db.write(b.tenant.id) as s:
        assert await jobs.seal(s) == 0
    await b.proven()


async def test_expiry_works_in_chunks_and_spares_what_is_held(bench) -> None:
    accounts = [await bench.new_account() for _ in range(12)]
    for account in accounts:
        bench.account_id = account
        await bench.earn(10)
        await bench.earn(5)
    await bench.hold(12, hours=24 * 200)
    bench.later(days=91)
    chunks = []
    while True:
        async with bench.rt.db.write(bench.tenant.id) as s:
            done = await jobs.expire_due(s, snapshot=bench.snapshot, now=bench.now, limit=5)
        if not done.lots:
            break
        chunks.append((done.lots, done.points, len(done.transactions)))
    assert sum(points for _, points, _ in chunks) == 12 * 15 - 12
    assert sum(count for _, _, count in chunks) == 12
    assert len(chunks) >= 3
    assert (await bench.balance()).held == 12
    await bench.proven()
