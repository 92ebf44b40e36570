"""Queues of all tenants as the relay counts them, and putting parked messages back to work."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import psycopg
import pytest

from guerdon.kit.errors import NotFoundError
from guerdon.kit.ids import uuid7
from guerdon.plumbing import outbox
from guerdon.plumbing.breaker import FAILURES_MAX, Breaker
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.jobs import Effect, Handlers
from guerdon.plumbing.runner import Ran, Runner
from guerdon.runtime import Runtime
from guerdon.support import pulse, queues, replays
from guerdon.tenancy.errors import TenantStateError
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.tenancy.schemas import Tenant


class Note(outbox.Message, frozen=True):
    topic: ClassVar[str] = "test.note"
    name: str


class Letter(outbox.Message, frozen=True):
    topic: ClassVar[str] = "test.letter"
    queue: ClassVar[str] = "mail"


class Noting(Effect[Note]):
    """Does it once per run, so that a second effect would be seen."""

    message = Note

    def __init__(self) -> None:
        self.done: list[str] = []

    async def apply(self, rt: Any, s: WriteSession, m: Note, now: datetime) -> None:
        self.done.append(m.name)


async def park(rt: Runtime, tenant: Tenant, *messages: outbox.Message, error: str) -> list[UUID]:
    """Messages that were given up, the first an hour ago, each a minute after the one before."""
    ids = []
    async with rt.db.write(tenant.id) as s:
        for n, message in enumerate(messages):
            ids.append(await outbox.put(s, message))
            await s.execute(
                "UPDATE app.outbox SET attempts = 12, last_error = %(error)s,"
                " parked_at = now() - interval '1 hour' + make_interval(mins => %(n)s)"
                " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
                {"id": ids[-1], "error": error, "n": n},
            )
    return ids


async def seen(relay_rt: Runtime, rt: Runtime, *tenants: Tenant) -> dict[tuple[str, str], Any]:
    """What the relay counted, by slug and topic."""
    async with relay_rt.db.control() as s:
        # Another relay may have looked a moment ago; here none does.
        looked = await s.value(
            "SELECT ctl.watch_queues_v1(0, 10, %(later)s, 24)", {"later": list(queues.LATER)}
        )
    assert looked is True
    async with rt.db.read(OPERATOR_ID) as r:
        rows = [row for t in tenants for row in await queues.states(r, tenant_id=t.id)]
    return {(row.slug, row.topic): row for row in rows}


async def test_the_relay_counts_per_tenant_and_topic(
    rt: Runtime, relay_rt: Runtime, make_tenant: Any
) -> None:
    busy, quiet = await make_tenant(), await make_tenant()
    await park(rt, busy, Note(name="a"), Note(name="b"), error="no answer")
    async with rt.db.write(busy.id) as s:
        old = await outbox.put(s, Letter())
        await outbox.put(s, Letter())
        await outbox.put(s, Letter(), delay_s=3600)
        failed = await outbox.put(s, Note(name="c"), delay_s=3600)
        await s.execute(
            "UPDATE app.outbox SET created_at = now() - interval '2 hours',"
            " next_at = now() + interval '5 seconds'"
            " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": old},
        )
        await s.execute(
            "UPDATE app.outbox SET attempts = 3 WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": failed},
        )
    rows = await seen(relay_rt, rt, busy, quiet)
    assert set(rows) == {(busy.slug, "test.note"), (busy.slug, "test.letter")}
    notes, letters = rows[busy.slug, "test.note"], rows[busy.slug, "test.letter"]
    assert (notes.parked, notes.waiting, notes.ready, notes.retrying) == (2, 1, 0, 1)
    assert (letters.queue, letters.waiting, letters.ready, letters.parked) == ("mail", 3, 2, 0)
    # Rung a moment ago and not taken: late since it was written, not since the bell.
    async with rt.db.read(OPERATOR_ID) as s:
        seen_at = await queues.seen_at(s)
    assert seen_at is not None
    late = seen_at - letters.ready_since
    assert timedelta(hours=2) <= late < timedelta(hours=2, seconds=30)
    async with rt.db.read(OPERATOR_ID) as s:
        mine = [d for d in await queues.delays(s, since=seen_at - timedelta(minutes=2))
                if d.slug == busy.slug]  # fmt: skip
    assert [(d.ready, 7_200 <= d.delay_s < 7_230) for d in mine] == [(2, True)]
    await clear(rt, busy)
    assert await seen(relay_rt, rt, busy) == {}


async def clear(rt: Runtime, tenant: Tenant) -> None:
    async with rt.db.write(tenant.id) as s:
        await s.execute(
            "UPDATE app.outbox SET done_at = now()"
            " WHERE tenant_id = %(tenant_id)s AND done_at IS NULL"
        )


async def test_only_the_operator_sees_all_tenants(rt: Runtime, tenant: Tenant) -> None:
    for sql in (
        "SELECT * FROM ctl.queue_states_v1(NULL)",
        "SELECT * FROM ctl.queue_delays_v1('2020-01-01')",
        "SELECT * FROM ctl.traffic_v1('2020-01-01', '00000000-0000-0000-0000-000000000000')",
        "SELECT * FROM ctl.busiest_v1('2020-01-01', 10)",
        "SELECT * FROM ctl.signs_v1(true, 10)",
        "SELECT * FROM ctl.pulses_v1(NULL)",
        "SELECT * FROM ctl.list_announcements_v1(10)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only the operator"):
            async with rt.db.read(tenant.id) as s:
                await s.all(object, sql)


async def test_the_relay_sees_no_payload_of_what_is_parked(relay_rt: Runtime) -> None:
    for column in ("payload", "last_error"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with relay_rt.db.control() as s:
                await s.value(f"SELECT {column} FROM app.outbox WHERE parked_at IS NOT NULL")


async def replay(rt: Runtime, tenant: Tenant, message_id: UUID) -> bool:
    async with rt.db.write(tenant.id) as s:
        return await replays.replay(
            s, tenant=tenant, maintenance=rt.maintenance, message_id=message_id,
            actor="platform:vera", now=datetime.now(UTC),
        )  # fmt: skip


async def trail(rt: Runtime, tenant: Tenant) -> list[tuple[str, str, Any]]:
    async with rt.db.read(tenant.id) as s:
        rows = await s.all(
            dict[str, Any],
            "SELECT jsonb_build_object('actor', actor, 'action', action, 'summary', summary)"
            " FROM app.audit_entry WHERE tenant_id = %(tenant_id)s ORDER BY seq",
        )
    return [(r["actor"], r["action"], r["summary"]) for r in rows]


async def test_a_message_that_is_replayed_twice_has_one_effect(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant
) -> None:
    noting = Noting()
    runner = Runner(worker_rt, Handlers(noting))
    (message,) = await park(rt, tenant, Note(name="a"), error="no answer")
    assert [await replay(rt, tenant, message), await replay(rt, tenant, message)] == [True, False]
    assert await runner.run(tenant.id, message) is Ran.DONE
    assert await replay(rt, tenant, message) is False
    assert await runner.run(tenant.id, message) is Ran.GONE
    assert noting.done == ["a"]
    assert await trail(rt, tenant) == [
        ("platform:vera", "message.replayed", {"topic": "test.note"})
    ]


async def test_all_of_one_topic_of_one_tenant(rt: Runtime, make_tenant: Any) -> None:
    tenant, other = await make_tenant(), await make_tenant()
    error = "SMTPRecipientsRefused: ana.lima@example.com said 550, phone +55 11 98765-4321"
    notes = await park(rt, tenant, Note(name="a"), Note(name="b"), Letter(), error=error)
    await park(rt, other, Note(name="c"), error=error)
    async with rt.db.read(tenant.id) as s:
        listed = await replays.parked(s, topic="test.note")
    assert [one.id for one in listed] == notes[:2]
    assert listed[0].error == "SMTPRecipientsRefused: … said 550, phone …"
    done = []
    for _ in range(2):
        async with rt.db.write(tenant.id) as s:
            done.append(
                await replays.replay_all(
                    s,
                    tenant=tenant,
                    maintenance=rt.maintenance,
                    topic="test.note",
                    actor="platform:vera",
                    now=datetime.now(UTC),
                )
            )
    assert done == [replays.Replayed(2, 0), replays.Replayed(0, 0)]
    assert await trail(rt, tenant) == [
        ("platform:vera", "messages.replayed", {"replayed": 2, "left": 0})
    ]
    async with rt.db.read(tenant.id) as s:
        assert [one.topic for one in await replays.parked(s)] == ["test.letter"]
    async with rt.db.read(other.id) as s:
        assert len(await replays.parked(s)) == 1


async def test_what_cannot_be_replayed(rt: Runtime, make_tenant: Any) -> None:
    pending = await make_tenant(status="pending")
    (message,) = await park(rt, pending, Note(name="a"), error="x")
    with pytest.raises(TenantStateError):
        await replay(rt, pending, message)
    assert await trail(rt, pending) == []
    live, other = await make_tenant(), await make_tenant()
    (foreign,) = await park(rt, other, Note(name="a"), error="x")
    for nowhere in (uuid7(), foreign):
        with pytest.raises(NotFoundError):
            await replay(rt, live, nowhere)


async def test_a_pulse_counts_what_fails(rt: Runtime, worker_rt: Runtime, tenant: Tenant) -> None:
    now = datetime.now(UTC)

    async def taken() -> pulse.Found:
        async with worker_rt.db.write(tenant.id) as s:
            found = await pulse.take(worker_rt, s, now=now)
            await pulse.keep(s, found, now=now)
        async with rt.db.read(OPERATOR_ID) as r:
            kept = await pulse.of(r, tenant_id=tenant.id)
            listed = [one.slug for one in await pulse.unwell(r)]
        assert kept is not None
        assert kept.found == found
        assert (tenant.slug in listed) is (found != pulse.Found())
        return found

    assert await taken() == pulse.Found()
    breaker = Breaker(rt.valkey, tenant.id, "amazon")
    for _ in range(FAILURES_MAX):
        await breaker.failed()
    async with rt.db.write(tenant.id) as s:
        await s.execute(
            "INSERT INTO app.webhook_endpoint (tenant_id, key, disabled_at, disabled_reason)"
            " VALUES (%(tenant_id)s, 'erp', %(now)s, 'gone')",
            {"now": now},
        )
    assert await taken() == pulse.Found(endpoints_off=1, providers_failing=("amazon",))
    await breaker.worked()
    assert await taken() == pulse.Found(endpoints_off=1)
