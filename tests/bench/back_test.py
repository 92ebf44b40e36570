"""A back-test of 100,000 real events: made through the front doors, run as a worker runs it."""

import random
import time
from datetime import datetime, timedelta
from uuid import UUID

from tests.bench.programme import Programme, add_quotes, place

from guerdon.earning import operations as earning
from guerdon.earning.arithmetic import Line
from guerdon.earning.schemas import Event
from guerdon.kit.ids import uuid7
from guerdon.kit.money import Money
from guerdon.plumbing.jobs import Handlers
from guerdon.plumbing.runner import Ran, Runner
from guerdon.programme import SECTIONS
from guerdon.runtime import open_runtime
from guerdon.simulation import jobs, operations, queries
from guerdon.simulation.drafts import Proposed

EVENTS = 100_000
REDEMPTIONS = 2_000
DAYS = 90
_BATCH = 1_000


async def past(p: Programme) -> None:
    """Purchases of the last ninety days, every other one with lines, and redemptions of today."""
    dice = random.Random("bench")
    now = p.rt.clock.now()
    async with p.rt.db.read(p.tenant.id) as s:
        accounts = await s.all(
            UUID, "SELECT account_id FROM app.member WHERE tenant_id = %(tenant_id)s ORDER BY 1"
        )
    for start in range(0, EVENTS - REDEMPTIONS, _BATCH):
        events = [
            _purchase(dice, p.currency, accounts, n, now) for n in range(start, start + _BATCH)
        ]
        given = await earning.earn_many(p.rt, tenant_id=p.tenant.id, events=events, now=now)
        assert not [g.code for g in given if g.code]
    for n in await add_quotes(p, REDEMPTIONS):
        await place(p, p.quote_member(n), p.quote_id(n))


def _purchase(
    dice: random.Random, currency: str, accounts: list[UUID], n: int, now: datetime
) -> Event:
    lines = tuple(Line(f"line-{i}", 1, dice.randint(500, 20_000)) for i in range(3))
    total = sum(line.amount_minor for line in lines) + dice.randint(0, 900)
    return Event(
        account_id=dice.choice(accounts),
        occurred_at=now - timedelta(seconds=dice.randint(60, (DAYS - 1) * 86_400)),
        source="bench",
        event_id=f"past-{n}",
        amount=Money(total, currency),
        items=lines if n % 2 else None,
    )


async def seconds(p: Programme, runs: int) -> list[float]:
    """How long each run takes, from the worker's hand to the report."""
    samples = []
    async with open_runtime(p.rt.settings, role="worker", sections=SECTIONS, pool_size=4) as worker:
        runner = Runner(worker, Handlers(*jobs.HANDLERS))
        for n in range(runs):
            run = await _ask(p, n)
            [message] = await _messages(p)
            started = time.perf_counter()
            assert await runner.run(p.tenant.id, message) is Ran.DONE
            samples.append(time.perf_counter() - started)
            async with p.rt.db.read(p.tenant.id) as s:
                done = await queries.run(s, change_set_id=run.change_set_id, run_id=run.id)
                found = await queries.report(s, change_set_id=run.change_set_id, run_id=run.id)
                there = await s.value(
                    "SELECT count(*) FROM app.redemption WHERE tenant_id = %(tenant_id)s"
                )
            assert done.state == "done", done.error
            assert sum(found.events.values()) >= EVENTS
            # Other rows of the bench have redeemed here, too.
            assert found.before.redemptions == there >= REDEMPTIONS
            assert found.before != found.after
    return samples


async def _ask(p: Programme, n: int) -> queries.Run:
    now = p.rt.clock.now()
    snapshot = await p.rt.snapshot(p.tenant.id, now)
    async with p.rt.db.write(p.tenant.id) as s:
        draft = await s.value(
            "SELECT content FROM app.parameter_version WHERE tenant_id = %(tenant_id)s"
            " AND version = %(version)s",
            {"version": snapshot.version},
        )
        draft["points"] |= {"earn_factor": f"1.{n + 1}", "earn_rounding_per": "line",
                            "price_factor": "90"}  # fmt: skip
        proposed = Proposed(
            change_set_id=uuid7(), title="Bench", row_version=1, base_version=snapshot.version,
            content=draft, over=False,
        )  # fmt: skip
        return await operations.ask(
            p.rt, s, draft=proposed, days=DAYS, principal="staff:bench", now=now
        )


async def _messages(p: Programme) -> list[UUID]:
    async with p.rt.db.read(p.tenant.id) as s:
        return await s.all(
            UUID,
            "SELECT id FROM app.outbox WHERE tenant_id = %(tenant_id)s AND topic = %(topic)s"
            " AND done_at IS NULL",
            {"topic": jobs.RunBackTest.topic},
        )
