"""A brand's heap of jobs: few compute at a time; any number wait for an answer from outside."""

import asyncio
from datetime import datetime
from typing import Any

from tests.workers.test_queue import Call, Knock, Knocking, put, read

from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.jobs import Handlers
from guerdon.plumbing.pace import AT_ONCE
from guerdon.plumbing.runner import Ran, Runner
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant


class Slow(Knocking):
    """Computes until told otherwise, then is outside until told otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.computes = asyncio.Semaphore(0)
        self.outside = asyncio.Semaphore(0)
        self.go_out, self.come_in = asyncio.Event(), asyncio.Event()

    async def prepare(self, rt: Any, s: WriteSession, m: Knock, now: datetime) -> Call | None:
        self.computes.release()
        if m.name != "other":
            await self.go_out.wait()
        return Call(m.name)

    async def perform(self, rt: Any, call: Call) -> str:
        self.outside.release()
        await self.come_in.wait()
        return await super().perform(rt, call)


async def test_a_heap_leaves_the_processor_to_others(
    rt: Runtime, worker_rt: Runtime, make_tenant: Any
) -> None:
    crowd, single = await make_tenant(), await make_tenant()
    rows = [await put(rt, crowd, Knock(name=f"{n}")) for n in range(AT_ONCE + 1)]
    beside = await put(rt, single, Knock(name="other"))
    job = Slow()
    job.come_in.set()
    runner = Runner(worker_rt, Handlers(job), lease_s=1)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        running = [group.create_task(runner.run(crowd.id, row)) for row in rows[:AT_ONCE]]
        for _ in running:
            await job.computes.acquire()
        # Not taken, so nothing of its lease or its attempts is used up: it is rung again.
        assert await runner.run(crowd.id, rows[-1]) is Ran.CROWDED
        assert (await read(rt, crowd.id, rows[-1])).attempts == 0
        assert await runner.run(single.id, beside) is Ran.DONE
        job.go_out.set()
    assert [one.result() for one in running] == [Ran.DONE] * AT_ONCE
    assert await runner.run(crowd.id, rows[-1]) is Ran.DONE


async def test_outside_any_number_of_a_heap_wait(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant
) -> None:
    rows = [await put(rt, tenant, Knock(name=f"{n}")) for n in range(AT_ONCE + 2)]
    job = Slow()
    job.go_out.set()
    runner = Runner(worker_rt, Handlers(job))
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        running = [group.create_task(runner.run(tenant.id, row)) for row in rows]
        for _ in rows:
            await job.outside.acquire()
        job.come_in.set()
    assert [one.result() for one in running] == [Ran.DONE] * len(rows)
    assert sorted(job.performed) == [f"{n}" for n in range(len(rows))]
