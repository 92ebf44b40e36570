"""A programme with points, and a bench to work on one of its wallets."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from guerdon.earning import operations as earning
from guerdon.earning.schemas import Earned, Event
from guerdon.earning.verify import verify as prove_earning
from guerdon.kit.ids import uuid7
from guerdon.kit.money import Money
from guerdon.ledger import adjustments, jobs, queries
from guerdon.ledger import operations as ledger
from guerdon.ledger.expiry import local_day
from guerdon.ledger.opening import open_accounts
from guerdon.ledger.schemas import Adjustment, Balance, Change
from guerdon.ledger.verify import verify
from guerdon.parameters.operations import publish
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Bench:
    """One wallet of one tenant, with a clock that the test moves."""

    def __init__(self, rt: Runtime, tenant: Tenant, account_id: UUID, now: datetime) -> None:
        self.rt, self.tenant, self.account_id, self.now = rt, tenant, account_id, now

    def later(self, **by: float) -> "Bench":
        self.now += timedelta(**by)
        return self

    @property
    def snapshot(self) -> Snapshot:
        return self.rt.snapshots.current(self.tenant.id, self.now)

    async def new_account(self) -> UUID:
        async with self.rt.db.write(self.tenant.id) as s:
            account_id = uuid7()
            await open_accounts(s, ids=[account_id], now=self.now)
            return account_id

    async def publish(self, **sections: Any) -> None:
        async with self.rt.db.write(self.tenant.id) as s:
            await publish(
                s,
                registry=self.rt.snapshots.registry,
                content=sections,
                author="test",
                now=datetime(2020, 1, 1, tzinfo=UTC),
            )
        await self.rt.snapshots.load(self.tenant.id)

    async def earn(self, points: int | None = None, **fields: Any) -> Earned:
        fields = {"source": "till", "event_id": str(uuid7()), "occurred_at": self.now} | fields
        if isinstance(amount := fields.get("amount"), str):
            currency = self.snapshot[ProgrammeParameters].currency
            fields["amount"] = Money.parse(amount, currency)
        dry_run = fields.pop("dry_run", False)
        event = Event(**{"account_id": self.account_id, "points": points} | fields)
        return await earning.earn(
            self.rt, tenant_id=self.tenant.id, event=event, now=self.now, dry_run=dry_run
        )

    async def hold(self, points: int, *, hold_id: UUID | None = None, hours: int = 1) -> UUID:
        hold_id = hold_id or uuid7()
        async with self.rt.db.write(self.tenant.id) as s:
            await ledger.hold(
                s,
                id=hold_id,
                account_id=self.account_id,
                points=points,
                purpose="redemption",
                expires_at=self.now + timedelta(hours=hours),
                version=self.snapshot.version,
                now=self.now,
            )
        return hold_id

    async def post(self, hold_id: UUID, points: int | None = None) -> UUID:
        async with self.rt.db.write(self.tenant.id) as s:
            await ledger.post_hold(s, hold_id=hold_id, txn_id=hold_id, now=self.now, points=points)
        return hold_id

    async def spend(self, points: int) -> UUID:
        return await self.post(await self.hold(points))

    async def void(self, hold_id: UUID) -> None:
        async with self.rt.db.write(self.tenant.id) as s:
            await ledger.void_hold(s, hold_id=hold_id, now=self.now)

    async def refund(
        self, txn_id: UUID, points: int | None = None, *, key: UUID | None = None
    ) -> Change:
        async with self.rt.db.write(self.tenant.id) as s:
            return await ledger.refund(
                s, txn_id=txn_id, refund_id=key or uuid7(), now=self.now, points=points
            )

    async def reverse(
        self, txn_id: UUID, points: int | None = None, *, key: UUID | None = None
    ) -> Change:
        async with self.rt.db.write(self.tenant.id) as s:
            return await ledger.reverse(
                s, txn_id=txn_id, reversal_id=key or uuid7(), now=self.now, points=points
            )

    async def adjust(
        self, points: int, *, principal: str = "key:a", key: str | None = None
    ) -> Adjustment:
        async with self.rt.db.write(self.tenant.id) as s:
            return await adjustments.adjust(
                s,
                snapshot=self.snapshot,
                account_id=self.account_id,
                points=points,
                reason="goodwill",
                principal=principal,
                key=key or str(uuid7()),
                now=self.now,
            )

    async def expire(self) -> int:
        total = 0
        async with self.rt.db.write(self.tenant.id) as s:
            while (done := await jobs.expire_due(s, snapshot=self.snapshot, now=self.now)).lots:
                total += done.points
        return total

    async def expire_holds(self) -> list[UUID]:
        async with self.rt.db.write(self.tenant.id) as s:
            return await jobs.expire_holds(s, snapshot=self.snapshot, now=self.now)

    async def balance(self) -> Balance:
        today = local_day(self.now, self.snapshot[ProgrammeParameters].zone)
        async with self.rt.db.read(self.tenant.id) as s:
            return await queries.balance(s, account_id=self.account_id, today=today)

    async def lots(self) -> list[tuple[int, str]]:
        today = local_day(self.now, self.snapshot[ProgrammeParameters].zone)
        async with self.rt.db.read(self.tenant.id) as s:
            found = await queries.expiring(s, account_id=self.account_id, today=today)
        return [(lot.remaining, str(lot.expires_on)) for lot in found]

    async def proven(self) -> None:
        async with self.rt.db.read(self.tenant.id) as s:
            found = (await verify(s)).findings + await prove_earning(s)
        assert found == []


MakeBench = Callable[..., Awaitable[Bench]]


@pytest.fixture
async def bench_of(rt: Runtime, make_tenant: Any) -> MakeBench:
    """`await bench_of(points={...}, tiers={...})`: a tenant with these sections and a wallet."""

    async def make(**sections: Any) -> Bench:
        tenant = await make_tenant(**sections)
        bench = Bench(rt, tenant, uuid7(), START)
        bench.account_id = await bench.new_account()
        return bench

    return make


@pytest.fixture
async def bench(bench_of: MakeBench) -> Bench:
    """A wallet whose points live 90 days."""
    return await bench_of(points={"validity": {"model": "rolling", "days": 90}})
