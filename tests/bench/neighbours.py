"""One brand at a hundred times its quota, in requests and in jobs, and the one beside it.

Quiet and loud rounds take turns. In a quiet round the same flood, from the same generator at the
same rate, goes to the empty route instead, so that the generator takes as much of the machine in
both; what differs is what the product spends on a flood, and who waits for it.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from typing import cast
from uuid import UUID, uuid4

import psycopg
from tests.bench.deployment import DATABASE, Deployment, at_work, started
from tests.bench.load import request
from tests.bench.programme import Programme

from guerdon.app.turns import BURST_S
from guerdon.kit.ids import uuid7
from guerdon.ledger.jobs import ExpireHolds
from guerdon.parameters.operations import publish
from guerdon.plumbing import outbox
from guerdon.tenancy.lifecycle import State
from guerdon.tenancy.operations import save_tenant
from guerdon.tenancy.schemas import Tenant

A_MINUTE = 1_200
TIMES = 100
ROUNDS = 3
SECONDS = 8.0
# Three quarters of the quota.
CALLS_A_SECOND = 15
JOB_EVERY = 5
HEAP = 2_000


@dataclass
class Felt:
    """What the brand beside it lived through in one round."""

    statuses: Counter[int] = field(default_factory=Counter)
    ms: list[float] = field(default_factory=list)
    dwell_ms: list[float] = field(default_factory=list)


class _Line(asyncio.Protocol):
    """One connection; an answer is awaited before the next request is sent."""

    def __init__(self) -> None:
        self._buffer = b""
        self._answer: asyncio.Future[int] | None = None
        self._transport: asyncio.Transport | None = None
        self._turn = asyncio.Lock()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    async def ask(self, data: bytes) -> int:
        assert self._transport is not None
        async with self._turn:
            self._answer = asyncio.get_running_loop().create_future()
            self._transport.write(data)
            return await self._answer

    def close(self) -> None:
        assert self._transport is not None
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        length = int(head.partition(b"content-length: ")[2].partition(b"\r")[0])
        if len(self._buffer) >= end + 4 + length and self._answer is not None:
            self._answer.set_result(int(head[9:12]))
            self._buffer = b""


async def brand(p: Programme) -> Tenant:
    """One more brand, with the parameters that a brand begins with."""
    tenant_id = uuid7()
    slug = f"loud{tenant_id.hex[-10:]}"
    host = f"{slug}.localhost"
    async with p.rt.db.write(tenant_id) as s:
        tenant = await save_tenant(
            s,
            tenant_id=tenant_id,
            slug=slug,
            name="Loud",
            begins_as=State.LIVE,
            canonical_host=host,
            hosts=[host],
        )
        await publish(
            s,
            registry=p.rt.snapshots.registry,
            content={},
            author="bench",
            now=datetime(2020, 1, 1, tzinfo=UTC),
        )
    return tenant


def _earn(p: Programme, n: int) -> bytes:
    body = {
        "memberId": str(p.member_ids[n % len(p.member_ids)]),
        "source": "neighbours",
        "eventId": str(uuid4()),
        "occurredAt": p.rt.clock.now().isoformat(),
        "amount": {"minor": 4990, "currency": p.currency},
    }
    headers = {**p.headers(), "idempotency-key": str(uuid4())}
    return request("POST", "/api/v1/points/earn", headers, json.dumps(body).encode())


async def calm(p: Programme, port: int, seconds: float) -> Felt:
    """A brand within its quota: pages and earning in turn, and a job now and then."""
    loop = asyncio.get_running_loop()
    page = request("GET", "/", {"host": p.host, "accept-language": "en"})
    lines = [(await loop.create_connection(_Line, "127.0.0.1", port))[1] for _ in range(4)]
    felt, jobs, running = Felt(), list[UUID](), set[asyncio.Task[None]]()

    async def one(line: _Line, data: bytes, due: float) -> None:
        felt.statuses[await line.ask(data)] += 1
        felt.ms.append((time.perf_counter() - due) * 1000)

    due = time.perf_counter()
    until = due + seconds
    for n, line in enumerate(cycle(lines)):
        if due > until:
            break
        # Paced: a brand within its quota.
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        data = page if n % 2 else _earn(p, n)
        running.add(asyncio.create_task(one(line, data, time.perf_counter())))
        if n % JOB_EVERY == 0:
            async with p.rt.db.write(p.tenant.id) as s:
                jobs.append(await outbox.put(s, ExpireHolds()))
        due += 1 / CALLS_A_SECOND
    await asyncio.gather(*running)
    for line in lines:
        line.close()
    deadline = time.monotonic() + 60
    while len(felt.dwell_ms) < len(jobs) and time.monotonic() < deadline:
        await asyncio.sleep(0.1)  # until the last one is done
        async with p.rt.db.read(p.tenant.id) as s:
            felt.dwell_ms = await s.all(
                float,
                "SELECT (extract(epoch FROM done_at - created_at) * 1000)::float8 FROM app.outbox"
                " WHERE tenant_id = %(tenant_id)s AND id = ANY(%(ids)s) AND done_at IS NOT NULL",
                {"ids": jobs},
            )
    assert len(felt.dwell_ms) == len(jobs), "jobs were not done within a minute"
    return felt


@contextmanager
def flooded(port: int, host: str) -> Iterator[dict[str, int]]:
    """The flood while the body runs; what came of it is told afterwards."""
    told: dict[str, int] = {}
    argv = [
        *(sys.executable, "-m", "tests.bench.flood", f"--port={port}", f"--host={host}"),
        *("--path=/", "--path=/api/v1/products", f"--a-second={A_MINUTE * TIMES // 60}"),
        f"--seconds={SECONDS + 1}",
    ]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as generator:
        time.sleep(1.0)  # the flood is to stand before its neighbour comes; it tells nobody when
        yield told
        said, _ = generator.communicate(timeout=60)
    told.update(json.loads(said))


async def heap(p: Programme, tenant: Tenant, count: int) -> None:
    """Jobs of the loud brand."""
    async with p.rt.db.write(tenant.id) as s:
        for _ in range(count):
            await outbox.put(s, ExpireHolds())


async def cleared(d: Deployment, tenant: Tenant) -> None:
    """Take the heap away, but for what workers have in their hands; wait for that."""
    where = {"tenant": tenant.id}
    async with await psycopg.AsyncConnection.connect(
        d.postgres.admin_dsn, dbname=DATABASE, autocommit=True
    ) as link:
        while True:
            await link.execute(
                "DELETE FROM app.outbox o USING (SELECT id FROM app.outbox"
                "  WHERE tenant_id = %(tenant)s AND leased_until IS NULL FOR UPDATE SKIP LOCKED)"
                " free WHERE o.tenant_id = %(tenant)s AND o.id = free.id",
                where,
            )
            left = await link.execute(
                "SELECT 1 FROM app.outbox WHERE tenant_id = %(tenant)s AND done_at IS NULL LIMIT 1",
                where,
            )
            if await left.fetchone() is None:
                return
            await asyncio.sleep(0.1)  # until a worker has done what it holds


async def idle(d: Deployment) -> None:
    """Until no job is due any more: what came before is not measured."""
    async with await psycopg.AsyncConnection.connect(
        d.postgres.admin_dsn, dbname=DATABASE, autocommit=True
    ) as link:
        while True:
            due = await link.execute(
                "SELECT count(*) FROM app.outbox WHERE done_at IS NULL AND parked_at IS NULL"
                " AND created_at > now() - interval '1 hour' AND next_at < now() + interval '20 s'"
            )
            if (await due.fetchone() or (0,))[0] == 0:
                return
            await asyncio.sleep(0.2)  # until workers have done them


def p95(values: list[float]) -> float:
    """The value that one in twenty exceeds."""
    return statistics.quantiles(values, n=20)[18]


@dataclass
class Ratios:
    """Loud ÷ quiet of each round: the p95 of answers beside a flood of requests, beside requests
    and a heap of jobs, and the p95 of the time that jobs wait beside both."""

    requests: list[float] = field(default_factory=list)
    both: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)


async def rounds(d: Deployment, p: Programme) -> Ratios:
    """Quiet, a flood of requests, and one of requests and jobs, in turn."""
    loud = await brand(p)
    found = Ratios()
    quota = {"GUERDON_TENANT_REQUESTS_PER_MINUTE": str(A_MINUTE)}
    with started(d.log, **quota) as port, at_work(d.log, "worker", "relay"):
        await calm(p, port, 2)
        await idle(d)
        for _ in range(ROUNDS):
            with flooded(d.empty_port, "localhost"):
                quiet = await calm(p, port, SECONDS)
            flood = await _beside(p, port, loud)
            await heap(p, loud, HEAP)
            both = await _beside(p, port, loud)
            await cleared(d, loud)
            assert set(quiet.statuses) == {200, 201}, quiet.statuses
            found.requests.append(p95(flood.ms) / p95(quiet.ms))
            found.both.append(p95(both.ms) / p95(quiet.ms))
            found.waits.append(p95(both.dwell_ms) / p95(quiet.dwell_ms))
            print(
                f"· p95 {p95(quiet.ms):.1f} ms, beside requests {p95(flood.ms):.1f},"
                f" and jobs {p95(both.ms):.1f}; jobs wait {p95(quiet.dwell_ms):.0f} ms,"
                f" {p95(both.dwell_ms):.0f}",
                flush=True,
            )
    return found


async def _beside(p: Programme, port: int, loud: Tenant) -> Felt:
    with flooded(port, loud.canonical_host) as told:
        felt = await calm(p, port, SECONDS)
    assert set(felt.statuses) == {200, 201}, felt.statuses
    let_in = A_MINUTE / 60 * (BURST_S + SECONDS + 3)
    assert told["429"] == told["told when"] >= told["sent"] - let_in, told
    assert not told.get("lost"), told
    return felt
