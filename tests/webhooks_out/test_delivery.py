"""From an event to a receiver over real HTTP: sequence, signature, retries, 410, replay."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from guerdon.kit.clock import MovableClock
from guerdon.kit.ids import uuid7
from guerdon.plumbing.events import MANY, emit
from guerdon.plumbing.jobs import Handlers
from guerdon.plumbing.runner import Ran, Runner
from guerdon.programme import SECTIONS
from guerdon.runtime import Runtime, open_runtime
from guerdon.settings import Settings
from guerdon.tenancy.schemas import Tenant
from guerdon.webhooks_out import operations, queries
from guerdon.webhooks_out.jobs import Deliver, RecordEvent
from guerdon.webhooks_out.parameters import IntegrationParameters
from guerdon.webhooks_out.schemas import DeliveryRow
from guerdon.webhooks_out.signing import verify

START = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)


class Receiver:
    """A brand's server: notes every POST, answers with the next status it was told."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.received.append((headers, body))
        status = self.answers.pop(0) if self.answers else 204
        extra = "Location: http://127.0.0.1:1/\r\n" if status == 302 else ""
        writer.write(
            f"HTTP/1.1 {status} X\r\n{extra}Content-Length: 0\r\nConnection: close\r\n\r\n".encode()
        )
        await writer.drain()
        writer.close()

    def bodies(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(body) for _, body in self.received]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    one = Receiver()
    server = await asyncio.start_server(one.handle, "127.0.0.1", 0)
    one.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield one
    server.close()


class World:
    """A tenant with one endpoint, and a worker that runs what is due."""

    def __init__(self, rt: Runtime, worker: Runtime, tenant: Tenant, clock: MovableClock) -> None:
        self.rt, self.worker, self.tenant, self.clock = rt, worker, tenant, clock
        self.member_id = uuid7()
        self.runner = Runner(worker, Handlers(RecordEvent(), Deliver()))

    async def parameters(self) -> IntegrationParameters:
        return (await self.rt.snapshot(self.tenant.id, self.clock.now()))[IntegrationParameters]

    async def happen(self, kind: str = "points.earned", **data: Any) -> UUID:
        async with self.rt.db.write(self.tenant.id) as s:
            return await emit(
                s, kind=kind, member_id=self.member_id, occurred_at=self.clock.now(), data=data
            )

    async def work(self) -> list[Ran]:
        """Run every message there is, delayed ones too, until none is left or due."""
        ran = []
        while due := await self.open_messages():
            results = [await self.runner.run(self.tenant.id, one) for one in due]
            ran += results
            if set(results) <= {Ran.GONE}:
                break
        return ran

    async def open_messages(self) -> list[UUID]:
        async with self.worker.db.read(self.tenant.id) as s:
            return await s.all(
                UUID,
                "SELECT id FROM app.outbox WHERE tenant_id = %(tenant_id)s AND done_at IS NULL"
                " AND next_at <= now() ORDER BY id",
            )

    async def hasten(self) -> None:
        """Real time passes: whatever waits is due now."""
        async with self.worker.db.write(self.tenant.id) as s:
            await s.execute(
                "UPDATE app.outbox SET next_at = now() WHERE tenant_id = %(tenant_id)s"
                " AND done_at IS NULL"
            )

    async def waits(self) -> list[float]:
        async with self.worker.db.read(self.tenant.id) as s:
            return await s.all(
                float,
                "SELECT extract(epoch FROM next_at - now())::float8 FROM app.outbox"
                " WHERE tenant_id = %(tenant_id)s AND done_at IS NULL",
            )

    async def log(self) -> list[DeliveryRow]:
        async with self.rt.db.read(self.tenant.id) as s:
            page = await queries.deliveries(
                s, endpoint_key="till", status=None, cursor=None, limit=100
            )
        return page.items

    async def rotate(self) -> str:
        async with self.rt.db.write(self.tenant.id) as s:
            return await operations.rotate_secret(self.rt, s, key="till", now=self.clock.now())


@pytest.fixture
async def world(
    rt: Runtime, settings: Settings, receiver: Receiver, make_tenant: Any
) -> AsyncIterator[World]:
    tenant = await make_tenant(
        integrations={
            "webhooks": [
                {
                    "key": "till", "url": f"{receiver.url}/hook",
                    "events": ["points.earned", "member.imported"],
                }
            ]
        }
    )  # fmt: skip
    clock = MovableClock(START)
    known = msgspec.structs.replace(settings, egress_allowed_origins=(receiver.url,))
    async with open_runtime(
        known, role="worker", sections=SECTIONS, clock=clock, pool_size=2
    ) as worker:
        yield World(rt, worker, tenant, clock)


async def test_an_event_arrives_signed_and_numbered(world: World, receiver: Receiver) -> None:
    secret = await world.rotate()
    first = await world.happen(points=120)
    await world.happen("member.updated")
    third = await world.happen(points=7)
    await world.work()
    assert [(b["id"], b["sequence"], b["data"]) for b in receiver.bodies()] == [
        (str(first), 1, {"points": 120}),
        (str(third), 3, {"points": 7}),
    ]
    headers, body = receiver.received[0]
    assert verify(secret, headers, body, now_s=int(START.timestamp()))
    assert headers["webhook-id"] == str(first)
    log = await world.log()
    assert [(d.sequence, d.status, d.attempts, d.last_status) for d in log] == [
        (3, "delivered", 1, 204),
        (1, "delivered", 1, 204),
    ]


async def test_sequences_are_per_member_and_an_event_is_recorded_once(
    world: World, receiver: Receiver
) -> None:
    await world.rotate()
    event = await world.happen(points=1)
    await world.work()
    other = World(world.rt, world.worker, world.tenant, world.clock)
    await other.happen(points=2)
    await other.work()
    async with world.worker.db.write(world.tenant.id) as s:
        message = operations.DomainEvent(
            event_id=event, type="points.earned", member_id=world.member_id,
            occurred_at=START, data={},
        )  # fmt: skip
        parameters = await world.parameters()
        assert await operations.record_event(s, event=message, parameters=parameters) == 1
        # What tells of many members counts by itself, and names none.
        told = operations.DomainEvent(
            event_id=uuid7(), type="member.imported", member_id=MANY, occurred_at=START,
            data={"members": 2, "points": 30},
        )  # fmt: skip
        assert await operations.record_event(s, event=told, parameters=parameters) == 1
        again = msgspec.structs.replace(told, event_id=uuid7())
        assert await operations.record_event(s, event=again, parameters=parameters) == 2
    assert [d.sequence for d in await world.log()] == [2, 1, 1, 1]
    await world.work()
    named = [(body["memberId"], body["sequence"], body["data"]) for body in receiver.bodies()[-2:]]
    assert named == [(None, 1, told.data), (None, 2, told.data)]


async def test_ten_tries_over_75_hours_then_failed_then_replayed(
    world: World, receiver: Receiver
) -> None:
    await world.rotate()
    await world.happen(points=5)
    receiver.answers = [503] * 10
    planned = []
    while True:
        await world.work()
        if not (waits := await world.waits()):
            break
        planned += [round(w) for w in waits]
        await world.hasten()
    assert planned == [round(w.total_seconds()) for w in operations.RETRY_AFTER]
    assert timedelta(hours=75) < timedelta(seconds=sum(planned)) < timedelta(hours=76)
    (row,) = await world.log()
    assert (row.status, row.attempts, row.last_error) == ("failed", 10, "answered 503")
    assert len(receiver.received) == 10

    async with world.rt.db.write(world.tenant.id) as s:
        again = await operations.replay_since(
            s, key="till", since=START - timedelta(days=99999), parameters=await world.parameters()
        )
    assert again == 1
    await world.work()
    (row,) = await world.log()
    assert (row.status, row.attempts) == ("delivered", 11)
    assert len({body for _, body in receiver.received}) == 1
    async with world.rt.db.write(world.tenant.id) as s:
        again = await operations.replay_since(
            s, key="till", since=START - timedelta(days=99999), parameters=await world.parameters()
        )
    assert again == 0


async def test_gone_switches_the_endpoint_off_until_enabled(
    world: World, receiver: Receiver
) -> None:
    await world.rotate()
    receiver.answers = [410]
    await world.happen(points=1)
    await world.work()
    await world.happen(points=2)
    await world.work()
    assert [d.status for d in await world.log()] == ["discarded", "failed"]
    assert len(receiver.received) == 1
    rows = await world.log()
    async with world.rt.db.write(world.tenant.id) as s:
        await operations.enable(s, key="till", parameters=await world.parameters())
        for row in rows:
            await operations.replay_delivery(
                s, delivery_id=row.id, parameters=await world.parameters()
            )
    await world.work()
    assert [d.status for d in await world.log()] == ["delivered", "delivered"]


async def test_a_redirect_is_a_failure_and_is_not_followed(
    world: World, receiver: Receiver
) -> None:
    await world.rotate()
    receiver.answers = [302]
    await world.happen(points=1)
    await world.work()
    (row,) = await world.log()
    assert (row.status, row.last_status, row.last_error) == ("pending", 302, "answered 302")
    assert len(receiver.received) == 1


async def test_nothing_leaves_unsigned(world: World, receiver: Receiver) -> None:
    await world.happen(points=1)
    await world.work()
    (row,) = await world.log()
    assert (row.status, row.last_error) == ("pending", "rotate the secret first")
    assert receiver.received == []


async def test_private_addresses_are_refused(
    world: World, receiver: Receiver, make_tenant: Any
) -> None:
    """An origin that the operator did not except is never called, whatever a tenant writes."""
    inside = receiver.url.replace("127.0.0.1", "localhost")
    tenant = await make_tenant(
        integrations={"webhooks": [{"key": "till", "url": inside, "events": []}]}
    )
    other = World(world.rt, world.worker, tenant, world.clock)
    await other.rotate()
    await other.happen(points=1)
    await other.work()
    (row,) = await other.log()
    assert (row.status, row.last_status) == ("pending", None)
    assert receiver.received == []


async def test_rotation_overlaps_for_a_day(world: World, receiver: Receiver) -> None:
    old = await world.rotate()
    new = await world.rotate()
    await world.happen(points=1)
    await world.work()
    headers, body = receiver.received[-1]
    at = int(world.clock.now().timestamp())
    assert verify(old, headers, body, now_s=at)
    assert verify(new, headers, body, now_s=at)
    world.clock.advance(timedelta(hours=25))
    await world.happen(points=1)
    await world.work()
    headers, body = receiver.received[-1]
    at = int(world.clock.now().timestamp())
    assert not verify(old, headers, body, now_s=at)
    assert verify(new, headers, body, now_s=at)
