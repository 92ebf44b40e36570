"""The queue: taken once, done with the effect, retried, parked, rung fairly, scheduled once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec
import pytest
from dramatiq.brokers.redis import RedisBroker

from guerdon.kit.ids import uuid7
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.jobs import Effect, Handlers, Job, PostponeError
from guerdon.plumbing.outbox import Message
from guerdon.plumbing.runner import Ran, Runner, backoff_s
from guerdon.runtime import Runtime
from guerdon.settings import Settings
from guerdon.tenancy import allowances
from guerdon.tenancy.lifecycle import State, Who
from guerdon.tenancy.schemas import Tenant
from guerdon.tenancy.transitions import change_state
from guerdon_workers.broker import open_broker, waiting
from guerdon_workers.relay import PER_TENANT, ring_round
from guerdon_workers.scheduler import Every, declare, fire_due
from guerdon_workers.worker import THREADS


class Knock(Message, frozen=True):
    topic: ClassVar[str] = "test.knock"
    name: str


class Impatient(Knock, frozen=True):
    topic: ClassVar[str] = "test.impatient"
    attempts_max: ClassVar[int | None] = 2


class Yearly(Message, frozen=True):
    topic: ClassVar[str] = "test.yearly"
    queue: ClassVar[str] = "bulk"


class Call(msgspec.Struct, frozen=True):
    name: str


class Knocking(Job[Knock, Call, str]):
    """Remembers what it was asked to do; behaves as told."""

    message = Knock

    def __init__(self) -> None:
        self.performed: list[str] = []
        self.asked: list[str] = []
        self.recorded: list[str] = []
        self.parked_names: list[str] = []
        self.failures = 0
        self.answer_to_ask: str | None = None
        self.gate: asyncio.Event | None = None
        self.inside = asyncio.Event()

    async def prepare(self, rt: Any, s: WriteSession, m: Knock, now: datetime) -> Call | None:
        return None if m.name == "nothing" else Call(m.name)

    async def ask(self, rt: Any, call: Call) -> str | None:
        self.asked.append(call.name)
        return self.answer_to_ask

    async def perform(self, rt: Any, call: Call) -> str:
        self.performed.append(call.name)
        self.inside.set()
        if self.gate is not None:
            await self.gate.wait()
        if call.name == "later":
            raise PostponeError(0, "the shop opens later")
        if self.failures:
            self.failures -= 1
            raise RuntimeError("no answer")
        return call.name.upper()

    async def record(self, rt: Any, s: WriteSession, m: Knock, outcome: str, now: datetime) -> None:
        self.recorded.append(outcome)

    async def parked(self, rt: Any, s: WriteSession, m: Knock, now: datetime) -> None:
        self.parked_names.append(m.name)


class Row(msgspec.Struct):
    attempts: int
    done: bool
    parked: bool
    last_error: str | None
    wait: float


async def read(rt: Runtime, tenant: UUID, row: UUID) -> Row:
    async with rt.db.read(tenant) as s:
        return await s.one(
            Row,
            """
            SELECT attempts, done_at IS NOT NULL AS done, parked_at IS NOT NULL AS parked,
                   last_error, extract(epoch FROM next_at - now())::float AS wait
              FROM app.outbox WHERE tenant_id = %(tenant_id)s AND id = %(id)s
            """,
            {"id": row},
        )


async def put(rt: Runtime, tenant: Tenant, message: Message, **options: Any) -> UUID:
    async with rt.db.write(tenant.id) as s:
        return await outbox.put(s, message, **options)


class Strolling(Knocking):
    """Takes longer than a lease lasts, and says so."""

    long: ClassVar[bool] = True

    async def perform(self, rt: Any, call: Call) -> str:
        self.inside.set()
        await asyncio.sleep(2.5)
        return await super().perform(rt, call)


async def test_a_long_job_keeps_its_lease(rt: Runtime, worker_rt: Runtime, tenant: Tenant) -> None:
    job = Strolling()
    row = await put(rt, tenant, Knock(name="door"))
    runner = Runner(worker_rt, Handlers(job), lease_s=1)
    running = asyncio.create_task(runner.run(tenant.id, row))
    await job.inside.wait()
    taken_meanwhile = []
    for _ in range(8):
        await asyncio.sleep(0.25)
        taken_meanwhile.append(await Runner(worker_rt, Handlers(job)).run(tenant.id, row))
    assert set(taken_meanwhile) == {Ran.GONE}
    assert await running is Ran.DONE
    assert job.recorded == ["DOOR"]


async def test_a_message_is_done_with_its_effect(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant
) -> None:
    job = Knocking()
    row = await put(rt, tenant, Knock(name="door"))
    runner = Runner(worker_rt, Handlers(job))
    assert await runner.run(tenant.id, row) is Ran.DONE
    assert (job.performed, job.recorded, job.asked) == (["door"], ["DOOR"], [])
    assert await runner.run(tenant.id, row) is Ran.GONE
    assert job.performed == ["door"]
    after = await read(rt, tenant.id, row)
    assert (after.attempts, after.done, after.parked) == (1, True, False)


async def test_a_message_with_nothing_to_do_is_done(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant
) -> None:
    job = Knocking()
    row = await put(rt, tenant, Knock(name="nothing"))
    assert await Runner(worker_rt, Handlers(job)).run(tenant.id, row) is Ran.DONE
    assert job.performed == []
    assert (await read(rt, tenant.id, row)).done


async def test_another_tenant_cannot_run_it(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant, make_tenant: Any
) -> None:
    job = Knocking()
    other = await make_tenant()
    row = await put(rt, tenant, Knock(name="door"))
    assert await Runner(worker_rt, Handlers(job)).run(other.id, row) is Ran.GONE
    assert job.performed == []
    assert (await read(rt, tenant.id, row)).attempts == 0


async def test_two_workers_take_it_once(rt: Runtime, worker_rt: Runtime, tenant: Tenant) -> None:
    job = Knocking()
    row = await put(rt, tenant, Knock(name="door"))
    runner = Runner(worker_rt, Handlers(job))
    ran = await asyncio.gather(*(runner.run(tenant.id, row) for _ in range(20)))
    assert sorted(ran) == [Ran.DONE] + [Ran.GONE] * 19
    assert job.performed == ["door"]


async def test_who_lost_the_lease_cannot_record(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant
) -> None:
    slow, quick = Knocking(), Knocking()
    slow.gate = asyncio.Event()
    row = await put(rt, tenant, Knock(name="door"))
    first = asyncio.create_task(Runner(worker_rt, Handlers(slow)).run(tenant.id, row))
    await slow.inside.wait()
    async with worker_rt.db.write(tenant.id) as s:
        await s.execute(
            "UPDATE app.outbox SET leased_until = now() WHERE tenant_id = %(tenant_id)s"
        )
    quick.answer_to_ask = "ALREADY DONE"
    assert await Runner(worker_rt, Handlers(quick)).run(tenant.id, row) is Ran.DONE
    slow.gate.set()
    assert await first is Ran.GONE
    assert (slow.recorded, quick.recorded, quick.performed) == ([], ["ALREADY DONE"], [])


async def test_an_unknown_outcome_is_asked_about(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant
) -> None:
    job = Knocking()
    job.failures = 1
    row = await put(rt, tenant, Knock(name="door"))
    runner = Runner(worker_rt, Handlers(job))
    assert await runner.run(tenant.id, row) is Ran.FAILED
    failed = await read(rt, tenant.id, row)
    assert failed.last_error == "RuntimeError: no answer"
    assert 0 < failed.wait <= 1
    job.answer_to_ask = "OPEN"
    assert await runner.run(tenant.id, row) is Ran.DONE
    assert (job.asked, job.performed, job.recorded) == (["door"], ["door"], ["OPEN"])


async def test_a_poison_message_is_parked_and_replayed_once(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant
) -> None:
    job = Knocking()
    job.failures = 3
    row = await put(rt, tenant, Knock(name="door"))
    runner = Runner(worker_rt, Handlers(job), attempts_max=3)
    assert [await runner.run(tenant.id, row) for _ in range(4)] == [
        Ran.FAILED,
        Ran.FAILED,
        Ran.PARKED,
        Ran.GONE,
    ]
    assert job.parked_names == ["door"]
    async with rt.db.read(tenant.id) as s:
        assert [p.id for p in await outbox.parked(s)] == [row]
    async with rt.db.write(tenant.id) as s:
        assert await outbox.replay(s, row) is True
        assert await outbox.replay(s, row) is False
    assert await runner.run(tenant.id, row) is Ran.DONE
    assert job.recorded == ["DOOR"]


@pytest.mark.parametrize(("deployments", "tries"), [(12, 2), (1, 1)])
async def test_a_message_may_ask_for_fewer_attempts_than_the_deployment_grants(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant, deployments: int, tries: int
) -> None:
    job = Knocking()
    job.message = Impatient
    job.failures = 9
    row = await put(rt, tenant, Impatient(name="door"))
    runner = Runner(worker_rt, Handlers(job), attempts_max=deployments)
    came_of_it = [await runner.run(tenant.id, row) for _ in range(tries)]
    assert came_of_it == [Ran.FAILED] * (tries - 1) + [Ran.PARKED]
    assert job.parked_names == ["door"]


async def test_unreadable_and_unknown_messages_are_parked(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant
) -> None:
    job = Knocking()
    row = await put(rt, tenant, Knock(name="door"))
    async with rt.db.write(tenant.id) as s:
        await s.execute(
            "UPDATE app.outbox SET payload = '{\"nom\": 1}'"
            " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": row},
        )
    assert await Runner(worker_rt, Handlers(job)).run(tenant.id, row) is Ran.PARKED
    nobody = await put(rt, tenant, Knock(name="door"))
    runner = Runner(worker_rt, Handlers(), attempts_max=2)
    assert [await runner.run(tenant.id, nobody) for _ in range(2)] == [Ran.FAILED, Ran.PARKED]
    assert "NoHandlerError" in ((await read(rt, tenant.id, nobody)).last_error or "")
    assert job.performed == []


async def test_postponing_is_no_failure(rt: Runtime, worker_rt: Runtime, tenant: Tenant) -> None:
    job = Knocking()
    row = await put(rt, tenant, Knock(name="later"))
    runner = Runner(worker_rt, Handlers(job), attempts_max=1)
    assert [await runner.run(tenant.id, row) for _ in range(3)] == [Ran.POSTPONED] * 3
    after = await read(rt, tenant.id, row)
    assert (after.attempts, after.parked, after.last_error) == (0, False, None)


async def test_a_given_id_is_written_once(rt: Runtime, tenant: Tenant) -> None:
    same = uuid7()
    for name in ("first", "second"):
        assert await put(rt, tenant, Knock(name=name), id=same) == same
    async with rt.db.read(tenant.id) as s:
        assert await s.all(
            str,
            "SELECT payload ->> 'name' FROM app.outbox"
            " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": same},
        ) == ["first"]


def test_back_off_doubles_and_is_capped() -> None:
    for attempt, whole in ((1, 1), (2, 2), (5, 16), (9, 256), (10, 300), (60, 300)):
        waits = [backoff_s(attempt) for _ in range(200)]
        assert whole / 2 <= min(waits) < max(waits) < whole


@pytest.fixture
async def broker(settings: Settings, relay_rt: Runtime) -> AsyncIterator[RedisBroker]:
    """The queue, empty; what other tests have left is rung already and takes nobody's room."""
    opened = open_broker(settings.broker_url)
    opened.client.flushdb()
    while await ring_round(relay_rt, opened):
        opened.client.flushdb()
    yield opened
    opened.client.flushdb()
    opened.close()


async def clear(worker_rt: Runtime, *tenants: Tenant) -> None:
    for tenant in tenants:
        async with worker_rt.db.write(tenant.id) as s:
            await s.execute("DELETE FROM app.outbox WHERE tenant_id = %(tenant_id)s")


async def test_the_relay_is_fair_and_rings_again(
    rt: Runtime, worker_rt: Runtime, relay_rt: Runtime, make_tenant: Any, broker: RedisBroker
) -> None:
    crowd, single = await make_tenant(), await make_tenant()
    for n in range(PER_TENANT + 5):
        await put(rt, crowd, Knock(name=f"crowd {n}"))
    wanted = await put(rt, single, Knock(name="single"))
    await put(rt, single, Knock(name="not yet"), delay_s=60)
    await ring_round(relay_rt, broker)
    rung = [args[1] for args in lying(broker) if args[0] == str(single.id)]
    assert rung == [str(wanted)]
    assert sum(args[0] == str(crowd.id) for args in lying(broker)) == PER_TENANT
    # Nothing more of the crowd until some of it is done.
    await ring_round(relay_rt, broker)
    assert sum(args[0] == str(crowd.id) for args in lying(broker)) == PER_TENANT
    first = next(UUID(args[1]) for args in lying(broker) if args[0] == str(crowd.id))
    assert await Runner(worker_rt, Handlers(Knocking())).run(crowd.id, first) is Ran.DONE
    await ring_round(relay_rt, broker)
    assert sum(args[0] == str(crowd.id) for args in lying(broker)) == PER_TENANT + 1
    assert sum(args[0] == str(single.id) for args in lying(broker)) == 1
    # A brand with a number of its own has that many in hand.
    few = await make_tenant()
    for n in range(3):
        await put(rt, few, Knock(name=f"few {n}"))
    async with rt.db.write(few.id) as s:
        await allowances.set_limit(
            s, name="jobs_at_once", value=2, until=None, reason="It floods", actor="test",
            now=datetime.now(UTC),
        )  # fmt: skip
    await relay_rt.allowances.load()
    await ring_round(relay_rt, broker)
    assert sum(args[0] == str(few.id) for args in lying(broker)) == 2
    # Valkey loses everything; the rows are still undone, so they are rung again in time.
    broker.client.flushdb()
    async with worker_rt.db.write(single.id) as s:
        await s.execute(
            "UPDATE app.outbox SET next_at = now() WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": wanted},
        )
    await ring_round(relay_rt, broker)
    assert [args[1] for args in lying(broker) if args[0] == str(single.id)] == [str(wanted)]
    await clear(worker_rt, crowd, single, few)


async def test_the_relay_leaves_what_is_leased_done_or_parked(
    rt: Runtime, worker_rt: Runtime, relay_rt: Runtime, make_tenant: Any, broker: RedisBroker
) -> None:
    tenant = await make_tenant()
    rows = [await put(rt, tenant, Knock(name=str(n))) for n in range(4)]
    async with worker_rt.db.write(tenant.id) as s:
        for row, change in zip(
            rows, ("leased_until = now() + interval '1 minute'", "done_at = now()",
                   "parked_at = now()"), strict=False
        ):  # fmt: skip
            await s.execute(
                f"UPDATE app.outbox SET {change} WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
                {"id": row},
            )
    await ring_round(relay_rt, broker)
    assert [args[1] for args in lying(broker) if args[0] == str(tenant.id)] == [str(rows[3])]
    await clear(worker_rt, tenant)


def test_jobs_of_a_brand_that_hang_leave_workers_to_others() -> None:
    assert THREADS > PER_TENANT


def lying(broker: RedisBroker) -> list[tuple[str, str]]:
    """Tenant and row of every ring in the default queue."""
    assert set(waiting(broker)) == set(outbox.QUEUES)
    bodies = broker.client.hgetall("dramatiq:default.msgs").values()
    return [tuple(msgspec.json.decode(body)["args"]) for body in bodies]


async def test_two_schedulers_fire_a_slot_once(
    rt: Runtime, worker_rt: Runtime, relay_rt: Runtime, make_tenant: Any
) -> None:
    one, two = await make_tenant(), await make_tenant(status="pending")
    async with rt.db.write(two.id) as s:
        await change_state(
            s, to=State.CLOSED, by=Who.PLATFORM, actor="test", reason="never opened",
            now=datetime.now(UTC),
        )  # fmt: skip
    await declare(relay_rt, [Every("test.yearly", Yearly, 31_536_000)])
    fired = await asyncio.gather(*(fire_due(relay_rt) for _ in range(2)))
    assert sorted(name for names in fired for name in names) == ["test.yearly"]
    assert await fire_due(relay_rt) == []
    counts = []
    for tenant in (one, two):
        async with rt.db.read(tenant.id) as s:
            counts.append(
                await s.value(
                    "SELECT count(*) FROM app.outbox WHERE tenant_id = %(tenant_id)s"
                    " AND topic = %(topic)s",
                    {"topic": Yearly.topic},
                )
            )
    assert counts == [1, 0]
    await declare(relay_rt, [])
    await clear(worker_rt, one)


class Fold(Effect[Knock]):
    """An effect that writes before it fails."""

    message = Knock

    async def apply(self, rt: Any, s: WriteSession, m: Knock, now: datetime) -> None:
        await outbox.put(s, Knock(name="written by an effect"))
        if m.name == "fails":
            raise RuntimeError("after writing")


async def test_a_failed_effect_leaves_nothing(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant
) -> None:
    runner = Runner(worker_rt, Handlers(Fold()))
    bad, good = await put(rt, tenant, Knock(name="fails")), await put(rt, tenant, Knock(name="ok"))
    assert await runner.run(tenant.id, bad) is Ran.FAILED
    assert await runner.run(tenant.id, good) is Ran.DONE
    async with rt.db.read(tenant.id) as s:
        assert (
            await s.value(
                "SELECT count(*) FROM app.outbox WHERE tenant_id = %(tenant_id)s"
                " AND payload ->> 'name' = 'written by an effect'"
            )
            == 1
        )
