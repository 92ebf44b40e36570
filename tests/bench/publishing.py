"""From publishing to everybody answering with it: four web processes and a worker's runtime, real
processes all; and what 2,000 product-level parameters cost to edit, open and publish.

`python -m tests.bench.publishing TENANT` is the worker: it tells each version as it comes to know
it. Its clock, CLOCK_MONOTONIC, is the same in every process of a machine.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
from tests.bench.deployment import Deployment, started
from tests.bench.programme import Programme

from guerdon.identity import csrf, staff, staff_sessions
from guerdon.kit.ids import uuid7
from guerdon.ledger.parameters import PointsParameters
from guerdon.parameters.operations import publish
from guerdon.parameters.timeline import content_in_force
from guerdon.programme import RULES, SECTIONS
from guerdon.runtime import open_runtime
from guerdon.settings import load_settings

WEB_PROCESSES = 4
PUBLICATIONS = 60
OFFERS = 2_000
POLL_S = 0.01
READS = 200_000


async def follow(tenant_id: UUID) -> None:
    """The worker's side: print `version nanoseconds` for each version as it is known."""
    settings = load_settings()
    async with open_runtime(settings, role="worker", sections=SECTIONS, rules=RULES) as rt:
        known = 0
        while True:
            version = (await rt.snapshot(tenant_id, rt.clock.now())).version
            if version != known:
                known = version
                print(known, time.monotonic_ns(), flush=True)
            await asyncio.sleep(0.002)


@contextmanager
def processes(d: Deployment, p: Programme) -> Iterator[tuple[list[int], Any]]:
    """Ports of the web processes, and the worker's output."""
    with ExitStack() as stack:
        ports = [d.web_port]
        for _ in range(WEB_PROCESSES - 1):
            ports.append(stack.enter_context(started(d.log)))
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.publishing", str(p.tenant.id)],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        stack.callback(worker.wait)
        stack.callback(worker.terminate)
        assert worker.stdout is not None
        worker.stdout.readline()
        yield ports, worker.stdout


async def _change(p: Programme, n: int) -> tuple[int, int]:
    """Publish another price; the version, and when it was committed."""
    now = p.rt.clock.now()
    async with p.rt.db.write(p.tenant.id) as s:
        content = await content_in_force(s, now)
        content["points"]["price_rounding_step"] = 1 + n % 2
        done = await publish(
            s, registry=p.rt.snapshots.registry, content=content, author="bench", now=now
        )
    assert done.changed
    return done.version, time.monotonic_ns()


async def _answers(client: httpx2.AsyncClient, p: Programme, version: int) -> int:
    """When the process first answered with the version."""
    while True:
        found = await client.get("/api/v1/key", headers=p.headers())
        assert found.status_code == 200, found.text
        if found.json()["parametersVersion"] >= version:
            return time.monotonic_ns()
        await asyncio.sleep(POLL_S)


async def latencies(d: Deployment, p: Programme) -> list[float]:
    """Milliseconds from each commit to each process's first answer with it."""
    taken: list[float] = []
    with processes(d, p) as (ports, worker):
        clients = [httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") for port in ports]
        try:
            for n in range(PUBLICATIONS):
                version, committed = await _change(p, n)
                seen = await asyncio.gather(*(_answers(c, p, version) for c in clients))
                told = await asyncio.to_thread(_told, worker, version)
                taken += [(at - committed) / 1e6 for at in (*seen, told)]
        finally:
            for client in clients:
                await client.aclose()
    assert len(taken) == PUBLICATIONS * (WEB_PROCESSES + 1)
    return taken


def _told(worker: Any, version: int) -> int:
    for line in worker:
        known, at = map(int, line.split())
        if known >= version:
            return at
    raise AssertionError("the worker ended")


def p99(samples: list[float]) -> float:
    """The 99th percentile."""
    return statistics.quantiles(samples, n=100)[98]


async def reading(p: Programme) -> list[float]:
    """Microseconds to read one parameter of a request's snapshot."""
    snapshot = await p.rt.snapshot(p.tenant.id, p.rt.clock.now())
    micros = []
    for _ in range(10):
        started_at = time.perf_counter()
        for _ in range(READS):
            snapshot[PointsParameters].price_factor  # noqa: B018
        micros.append((time.perf_counter() - started_at) / READS * 1e6)
    return micros


async def seated(p: Programme) -> tuple[str, staff_sessions.StaffSession]:
    """The secret of a session of a new owner of the brand at the console, and the session."""
    rt, tenant, now, who = p.rt, p.tenant, p.rt.clock.now(), uuid7()
    async with rt.db.write(tenant.id) as s:
        await staff.add(
            s, id=who, email=f"{who.hex}@bench.example", name="Owner", roles=("owner",), now=now
        )
    return await staff_sessions.start(
        rt.valkey, tenant_id=tenant.id, staff_id=who, host="admin.localhost", method="test",
        idle=timedelta(hours=1), absolute=timedelta(hours=8), now=now,
    )  # fmt: skip


@asynccontextmanager
async def console(d: Deployment, p: Programme) -> AsyncIterator[httpx2.AsyncClient]:
    """The console as an owner of the brand drives it."""
    rt, tenant = p.rt, p.tenant
    token, session = await seated(p)
    async with httpx2.AsyncClient(
        base_url=f"http://127.0.0.1:{d.web_port}/api/admin/v1/{tenant.slug}",
        timeout=60,
        headers={
            "host": rt.settings.console_authority,
            "cookie": f"{staff_sessions.cookie_name(tenant.slug)}={token}",
            "sec-fetch-site": "same-origin",
            "x-csrf-token": csrf.issue(rt.settings, tenant.id, f"console {session.id}"),
        },
    ) as client:
        yield client


async def many_offers(d: Deployment, p: Programme, runs: int) -> dict[str, list[float]]:
    """Milliseconds of each step with 2,000 offers, each changed in each run."""
    taken: dict[str, list[float]] = {"publish": [], "open": []}

    async with console(d, p) as client:

        async def call(method: str, path: str, body: Any = None) -> tuple[Any, float]:
            began = time.perf_counter()
            answer = await client.request(
                method, path, json=body, headers={"idempotency-key": str(uuid7())}
            )
            assert answer.status_code < 300, answer.text[:2000]
            return answer.json(), (time.perf_counter() - began) * 1000

        for n in range(runs):
            offers = [
                {"key": f"offer-{i}", "kind": "ancillary", "name": {"en": f"Offer {i}"},
                 "enabled": True, "weight": 1 + (i + n) % 100}
                for i in range(OFFERS)
            ]  # fmt: skip
            made, _ = await call("POST", "/change-sets", {"title": f"Run {n}"})
            made, _ = await call(
                "PATCH", f"/change-sets/{made['id']}/edits",
                {"rowVersion": made["rowVersion"],
                 "edits": [{"path": "recommendations.offers", "value": offers}]},
            )  # fmt: skip
            # The brand's own offers make way in the first run.
            assert made["editCount"] >= OFFERS, made["editCount"]
            _, section = await call("GET", f"/parameters/recommendations?changeSet={made['id']}")
            _, whole = await call("GET", f"/change-sets/{made['id']}")
            taken["open"].append(section + whole)
            done, published = await call("POST", f"/change-sets/{made['id']}/publish", {})
            assert done["state"] == "published"
            taken["publish"].append(published)
    return taken


if __name__ == "__main__":
    asyncio.run(follow(UUID(sys.argv[1])))
