"""Slates over HTTP, and how soon every process answers with a new model.

The brand of the bench gets 60 offers with a rule each and a model that has a list for each of its
members; a slate has 20 places and comes with a ticket.
"""

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta
from itertools import count
from uuid import UUID

import httpx2
import msgspec
import numpy as np
from tests.bench import slates
from tests.bench.deployment import Deployment, started
from tests.bench.load import fire, request
from tests.bench.programme import Programme

from guerdon.kit.ids import uuid7
from guerdon.parameters.operations import publish
from guerdon.parameters.timeline import content_in_force
from guerdon.recommendations import model_jobs, training
from guerdon.recommendations.learning.model_writer import Writer
from guerdon.recommendations.learning.plan import Outcome
from guerdon.recommendations.model_file import LISTED
from guerdon.recommendations.model_store import ModelStore

WEB_PROCESSES = 4
SWAPS = 25
STRANGERS = 100_000
POLL_S = 0.01
PATH = "/api/v1/recommendations/slate"


@asynccontextmanager
async def steered(p: Programme) -> AsyncIterator[None]:
    """The brand with the offers of the bench; its own parameters are back afterwards."""
    async with p.rt.db.read(p.tenant.id) as s:
        before = await content_in_force(s, p.rt.clock.now())
    ours = slates.content(enabled=("ancillary", "catalogue"))
    await _publish(p, {**before, "recommendations": ours})
    try:
        yield
    finally:
        await _publish(p, before)


async def _publish(p: Programme, content: dict[str, object]) -> None:
    async with p.rt.db.write(p.tenant.id) as s:
        await publish(
            s,
            registry=p.rt.snapshots.registry,
            content=content,
            author="bench",
            now=p.rt.clock.now(),
        )


async def learn(p: Programme) -> int:
    """Put a model in force in which each member has a list of their own; its version."""
    async with p.rt.db.read(p.tenant.id) as s:
        products = await s.all(
            UUID,
            "SELECT id FROM app.product WHERE tenant_id = %(tenant_id)s AND status = 'published'"
            " ORDER BY id",
        )
    now, store = p.rt.clock.now(), ModelStore(p.rt.settings.files_dir)
    dice = np.random.default_rng(len(p.member_ids))
    mine = np.frombuffer(b"".join(m.bytes for m in p.member_ids), np.uint8).reshape(-1, 16)
    others = dice.integers(0, 256, (STRANGERS, 16), dtype=np.uint8)
    keys = np.concatenate([mine, others])
    known = np.frombuffer(b"".join(i.bytes for i in products), np.uint8).reshape(-1, 16)
    writer = Writer(p.tenant.id, method="als", made_at=now, products=known)
    writer.members(keys)
    listed = min(LISTED, len(products))
    lists = dice.permuted(np.tile(np.arange(len(products), dtype=np.int32), (len(mine), 1)), axis=1)
    scores = np.tile(np.linspace(1, 0.1, listed, dtype=np.float32), (len(mine), 1))
    writer.lists(np.arange(len(mine)), (lists[:, :listed], scores))
    for name in ("popular", "trending"):
        writer.ranked(name, np.arange(len(products), dtype=np.float64), count=200)
    path = store.folder(p.tenant.id) / str(uuid7())
    path.parent.mkdir(parents=True, exist_ok=True)
    file_hash, size = writer.write(path)
    await store.take(p.tenant.id, path, file_hash)
    outcome = Outcome("als", "als", None, None, len(keys), len(products), 0, "", file_hash, size,
                      {}, 0.0, 0)  # fmt: skip
    async with p.rt.db.write(p.tenant.id) as s:
        made = await training.keep(
            s, outcome, engine="one_machine", knobs=model_jobs.KNOBS, made_by="bench", now=now
        )
    return made[0].version


def bodies(p: Programme, size: int) -> list[bytes]:
    """What is asked: the slate of a member who has just bought a ticket."""
    leaves = (p.rt.clock.now() + timedelta(days=20)).date()
    back = str(leaves + timedelta(days=7))
    ticket = {
        "kind": "itinerary",
        "segments": [
            {"origin": "GRU", "destination": "LIS", "departsOn": str(leaves),
             "arrivesOn": str(leaves + timedelta(days=1))},
            {"origin": "LIS", "destination": "GRU", "departsOn": back, "arrivesOn": back},
        ],
        "passengers": [{}, {}],
    }  # fmt: skip
    return [
        json.dumps(
            {
                "memberId": str(p.member_ids[n % len(p.member_ids)]),
                "placement": "home",
                "context": ticket,
            }
        ).encode()
        for n in range(size)
    ]


def asked(d: Deployment, p: Programme, size: int, clients: int) -> float:
    """Slates a second."""
    sent = [request("POST", PATH, p.headers(), body) for body in bodies(p, size)]
    outcome = fire(d.web_port, sent, clients=clients, keep=1)
    assert set(outcome.statuses) == {200}, (outcome.statuses, outcome.bodies)
    found = msgspec.json.decode(outcome.bodies[0])
    assert len(found["items"]) == slates.SLOTS, len(found["items"])
    assert {item["kind"] for item in found["items"]} == {"ancillary", "catalogue"}
    assert found["modelVersion"] is not None
    return outcome.per_second


async def ready(d: Deployment, p: Programme, version: int) -> None:
    """The web process has the offers and the model."""
    (body,) = bodies(p, 1)
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{d.web_port}") as client:
        await _answers(client, p, body, version)


async def swaps(d: Deployment, p: Programme) -> list[float]:
    """Milliseconds from each commit of a model to each process's first slate by it; meanwhile
    every request is answered, and no process is started anew."""
    taken: list[float] = []
    (body,) = bodies(p, 1)
    with ExitStack() as stack:
        ports = [d.web_port]
        ports += [stack.enter_context(started(d.log)) for _ in range(WEB_PROCESSES - 1)]
        clients = [httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") for port in ports]
        try:
            for _ in range(SWAPS):
                version = await learn(p)
                committed = time.monotonic()
                seen = await asyncio.gather(*(_answers(c, p, body, version) for c in clients))
                taken += [(at - committed) * 1_000 for at in seen]
        finally:
            for client in clients:
                await client.aclose()
    return taken


async def _answers(client: httpx2.AsyncClient, p: Programme, body: bytes, version: int) -> float:
    for _ in count():
        headers = {**p.headers(), "content-type": "application/json"}
        found = await client.post(PATH, headers=headers, content=body)
        assert found.status_code == 200, found.text
        answer = found.json()
        if int(answer["modelVersion"] or 0) >= version and len(answer["items"]) == slates.SLOTS:
            break
        await asyncio.sleep(POLL_S)  # between two looks
    return time.monotonic()


def p99(taken: Sequence[float]) -> float:
    """The time within which 99 of 100 were."""
    return statistics.quantiles(taken, n=100, method="inclusive")[98]
