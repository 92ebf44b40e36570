"""Runs as jobs: progress, one at a time, killed and begun anew, cancelled, refused."""

import asyncio
import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from tests.simulation.programmes import MEMBERS, NOW, Brand, life, programme

from guerdon.kit.errors import InvalidError
from guerdon.kit.ids import uuid7
from guerdon.parameters.sections import InvalidParametersError
from guerdon.plumbing.jobs import Handlers
from guerdon.plumbing.outbox import waiting
from guerdon.plumbing.runner import Ran, Runner
from guerdon.simulation import engine, jobs, operations, queries
from guerdon.simulation.drafts import Proposed
from guerdon.simulation.errors import (
    NoReportError,
    SimulationEndedError,
    SimulationsWaitingError,
)
from guerdon.simulation.report import encode, report_hash

CHANGE_SET = UUID("019a0000-0000-7000-8000-00000000000c")


class Desk:
    """Asks for runs and works on them."""

    def __init__(self, brand: Brand, worker: Any) -> None:
        self.brand, self.worker = brand, worker

    async def ask(self, draft: dict[str, Any], **changes: Any) -> queries.Run:
        rt, tenant = self.brand.rt, self.brand.tenant
        proposed = Proposed(
            change_set_id=CHANGE_SET, title="Try", row_version=3, base_version=1, content=draft,
            over=False,
        )  # fmt: skip
        given: dict[str, Any] = {
            "draft": proposed, "days": 30, "principal": "staff:1", "now": NOW,
        }  # fmt: skip
        async with rt.db.write(tenant.id) as s:
            return await operations.ask(rt, s, **(given | changes))

    async def read(self, run_id: UUID) -> queries.Run:
        async with self.brand.rt.db.read(self.brand.tenant.id) as s:
            return await queries.run(s, change_set_id=CHANGE_SET, run_id=run_id)

    async def report(self, run_id: UUID) -> Any:
        async with self.brand.rt.db.read(self.brand.tenant.id) as s:
            return await queries.report(s, change_set_id=CHANGE_SET, run_id=run_id)

    async def cancel(self, run_id: UUID) -> queries.Run:
        async with self.brand.rt.db.write(self.brand.tenant.id) as s:
            return await operations.cancel(s, change_set_id=CHANGE_SET, run_id=run_id, now=NOW)

    async def messages(self) -> list[UUID]:
        async with self.brand.rt.db.read(self.brand.tenant.id) as s:
            return [w.id for w in await waiting(s) if w.topic == jobs.RunBackTest.topic]

    async def work(self, message: UUID, *, lease_s: int = 45) -> Ran:
        runner = Runner(self.worker, Handlers(*jobs.HANDLERS), lease_s=lease_s)
        return await runner.run(self.brand.tenant.id, message)


@pytest.fixture
async def desk(open_brand: Any, worker_rt: Any) -> Desk:
    dice = random.Random("desk")
    brand = await open_brand(programme(dice))
    await brand.live(list(enumerate(life(dice, members=MEMBERS, steps=40, until=NOW))))
    return Desk(brand, worker_rt)


async def test_a_run_writes_its_report_and_nothing_else(desk: Desk) -> None:
    before = await _everything(desk)
    asked = await desk.ask(programme(random.Random("draft")))
    assert (asked.state, asked.processed, asked.ahead) == ("queued", 0, 0)
    with pytest.raises(NoReportError):
        await desk.report(asked.id)
    [message] = await desk.messages()
    assert await desk.work(message) is Ran.DONE
    done = await desk.read(asked.id)
    assert (done.state, done.row_version, done.base_version) == ("done", 3, 1)
    assert done.processed == done.total > MEMBERS
    report = await desk.report(asked.id)
    assert report_hash(report).hex() == done.report_hash
    assert report.fingerprint == done.fingerprint
    assert await _everything(desk) == before

    # The same question again has the same answer, byte by byte.
    again = await desk.ask(programme(random.Random("draft")), now=NOW + timedelta(minutes=1))
    [message] = await desk.messages()
    await desk.work(message)
    assert encode(await desk.report(again.id)) == encode(report)


async def _everything(desk: Desk) -> dict[str, Any]:
    """A digest of every table of the brand but the queue and the runs."""
    tables = """
    SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
     WHERE n.nspname = 'app' AND c.relkind = 'r' AND c.relname NOT IN ('outbox', 'simulation_run')
       AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1
    """
    async with desk.brand.rt.db.read(desk.brand.tenant.id) as s:
        names = await s.all(str, tables)
        return {
            name: await s.value(
                f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM app.{name} t"
                " WHERE t.tenant_id = %(tenant_id)s"
            )
            for name in names
        }


async def test_one_at_a_time_and_the_rest_in_line(desk: Desk) -> None:
    first = await desk.ask(programme(random.Random("one")))
    second = await desk.ask(programme(random.Random("two")), now=NOW + timedelta(seconds=1))
    assert (first.ahead, second.ahead) == (0, 1)
    one, two = await desk.messages()
    assert await desk.work(two) is Ran.POSTPONED
    assert (await desk.read(second.id)).state == "queued"
    assert await desk.work(one) is Ran.DONE
    assert await desk.work(two) is Ran.DONE
    assert (await desk.read(second.id)).state == "done"


async def test_a_worker_that_died_leaves_nothing_behind(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = programme(random.Random("killed"))
    run = await desk.ask(draft)
    [message] = await desk.messages()
    inside = asyncio.Event()

    async def hang(*_: Any) -> bool:
        inside.set()
        await asyncio.Event().wait()
        return True

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "_tell", hang)
        dying = asyncio.create_task(desk.work(message, lease_s=1))
        await inside.wait()
        dying.cancel()
        await asyncio.wait([dying])
    assert (await desk.read(run.id)).state == "running"
    await asyncio.sleep(1.1)
    assert await desk.work(message) is Ran.DONE
    done = await desk.read(run.id)
    assert done.state == "done"
    untouched, _ = await desk.brand.test(draft)
    assert encode(await desk.report(run.id)) == encode(untouched)


async def test_a_run_is_cancelled_while_waiting_or_at_work(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = await desk.ask(programme(random.Random("waits")))
    assert (await desk.cancel(waits.id)).state == "cancelled"
    [message] = await desk.messages()
    assert await desk.work(message) is Ran.DONE
    works = await desk.ask(programme(random.Random("works")))
    tell = jobs._tell

    async def cancelled_first(*given: Any) -> bool:
        if (await desk.read(works.id)).state == "running":
            await desk.cancel(works.id)
        return await tell(*given)

    monkeypatch.setattr(jobs, "_tell", cancelled_first)
    [message] = await desk.messages()
    assert await desk.work(message) is Ran.DONE
    ended = await desk.read(works.id)
    assert (ended.state, ended.report_hash) == ("cancelled", None)
    with pytest.raises(SimulationEndedError):
        await desk.cancel(works.id)


async def test_window_too_large_say_how_many_days_would_do(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "EVENTS_MAX", 5)
    run = await desk.ask(programme(random.Random("many")))
    [message] = await desk.messages()
    assert await desk.work(message) is Ran.DONE
    failed = await desk.read(run.id)
    assert failed.state == "failed"
    assert failed.error is not None
    assert failed.error["code"] == "window_too_large"
    assert failed.error["params"]["most"] == 5
    assert 1 <= failed.error["params"]["days"] < 30


async def test_what_cannot_be_run_is_not_taken(desk: Desk) -> None:
    draft = programme(random.Random("bad"))
    for days in (0, 367):
        with pytest.raises(InvalidError):
            await desk.ask(draft, days=days)
    broken = {**draft, "points": {**draft["points"], "price_factor": "0"}}
    with pytest.raises(InvalidParametersError):
        await desk.ask(broken)
    for n in range(operations.WAITING_MAX):
        await desk.ask(draft, now=NOW + timedelta(seconds=n))
    with pytest.raises(SimulationsWaitingError):
        await desk.ask(draft)
    assert await desk.messages() != []
    async with desk.brand.rt.db.read(desk.brand.tenant.id) as s:
        page = await queries.runs(s, change_set_id=CHANGE_SET, limit=7)
        rest = await queries.runs(s, change_set_id=CHANGE_SET, cursor=page.next_cursor, limit=7)
        none = await queries.runs(s, change_set_id=uuid7())
    assert (len(page.items), len(rest.items), rest.next_cursor, none.items) == (7, 3, None, [])
    assert msgspec.json.encode(page.items[0])
