"""The trail: whole when whole, and every kind of tampering is named."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import psycopg
import pytest

from guerdon.audit import operations, queries
from guerdon.audit.verify import Broken, checkpoint, read_checkpoints, verify
from guerdon.runtime import Runtime

NOW = datetime(2026, 11, 12, 12, tzinfo=UTC)


async def fill(rt: Runtime, tenant: Any, count: int = 6) -> None:
    for n in range(count):
        async with rt.db.write(tenant.id) as s:
            seq = await operations.record(
                s, actor=f"staff:{n % 2}", action="change_set.published",
                subject=f"change_set:{n}", summary={"title": f"Ação {n}", "n": n},
                now=NOW + timedelta(minutes=n), address="192.0.2.1", request_id="r",
            )  # fmt: skip
        assert seq == n + 1


async def faults(rt: Runtime, tenant: Any, **kwargs: Any) -> list[Broken]:
    async with rt.db.read(tenant.id) as s:
        return await verify(s, **kwargs)


@pytest.fixture
async def tamper(postgres: Any, tenant: Any) -> Any:
    """Run a statement as the cluster's administrator, whom no trigger stops."""

    def run(sql: str) -> None:
        with psycopg.connect(postgres.admin_dsn, dbname="guerdon_test", autocommit=True) as c:
            c.execute("SET session_replication_role = replica")
            c.execute(sql.format(t=tenant.id).encode())

    return run


async def test_an_untouched_trail_is_whole(rt: Runtime, tenant: Any) -> None:
    assert await faults(rt, tenant) == []
    await fill(rt, tenant)
    assert await faults(rt, tenant) == []


@pytest.mark.parametrize(
    ("sql", "seq", "reason"),
    [
        ("UPDATE app.audit_entry SET summary = '{{}}' WHERE tenant_id = '{t}' AND seq = 3",
         3, "the entry is not what was written"),
        ("UPDATE app.audit_entry SET occurred_at = occurred_at + interval '1 us'"
         " WHERE tenant_id = '{t}' AND seq = 2", 2, "the entry is not what was written"),
        ("DELETE FROM app.audit_entry WHERE tenant_id = '{t}' AND seq = 4",
         4, "entries 4 to 4 are gone"),
        ("DELETE FROM app.audit_entry WHERE tenant_id = '{t}' AND seq = 6",
         6, "the trail was cut: 6 entries were written"),
    ],
)  # fmt: skip
async def test_tampering_is_named(
    rt: Runtime, tenant: Any, tamper: Any, sql: str, seq: int, reason: str
) -> None:
    await fill(rt, tenant)
    tamper(sql)
    assert (await faults(rt, tenant))[0] == Broken(seq, reason)


async def test_a_cut_that_mends_the_head_is_seen_by_its_checkpoint(
    rt: Runtime, tenant: Any, tamper: Any
) -> None:
    await fill(rt, tenant)
    async with rt.db.read(tenant.id) as s:
        mark = await checkpoint(s, rt.settings, now=NOW)
    assert mark is not None
    line = msgspec.json.encode(mark).decode()
    tamper("DELETE FROM app.audit_entry WHERE tenant_id = '{t}' AND seq > 4")
    tamper(
        "UPDATE app.audit_head h SET seq = 4, hash = (SELECT hash FROM app.audit_entry e"
        " WHERE e.tenant_id = h.tenant_id AND seq = 4) WHERE tenant_id = '{t}'"
    )
    assert await faults(rt, tenant) == []
    known = list(read_checkpoints(rt.settings, [line]))
    assert await faults(rt, tenant, checkpoints=known) == [
        Broken(5, "the trail was cut: a checkpoint knows 6")
    ]
    with pytest.raises(ValueError, match="line 1: this checkpoint was not made here"):
        list(read_checkpoints(rt.settings, [line.replace('"seq":6', '"seq":4')]))


async def test_the_product_cannot_change_what_was_told(rt: Runtime, tenant: Any) -> None:
    await fill(rt, tenant, 1)
    for sql in ("UPDATE app.audit_entry SET actor = 'x'", "DELETE FROM app.audit_entry"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with rt.db.write(tenant.id) as s:
                await s.execute(sql)


async def test_search_narrows(rt: Runtime, tenant: Any) -> None:
    await fill(rt, tenant)
    async with rt.db.read(tenant.id) as s:
        assert [e.seq for e in await queries.search(s, actor="staff:1")] == [6, 4, 2]
        assert [e.seq for e in await queries.search(s, subject="change_set:5")] == [6]
        assert [e.seq for e in await queries.search(s, action="change_set.*", limit=2)] == [6, 5]
        assert [e.seq for e in await queries.search(s, text="ação 2")] == [3]
        assert [e.seq for e in await queries.search(s, text="%")] == []
        assert await queries.actions(s) == ["change_set.published"]


@pytest.mark.parametrize(
    ("find", "seqs"),
    [
        ({}, [6, 5, 4, 3, 2, 1]),
        ({"action": "change_set.*"}, [6, 5, 4, 3, 2, 1]),
        ({"action": "change_set.publish"}, []),
        ({"actor": "staff:1", "action": "change_set.published"}, [6, 4, 2]),
        ({"subject": "change_set:*"}, [6, 5, 4, 3, 2, 1]),
        ({"subject": "change*"}, [6, 5, 4, 3, 2, 1]),
        ({"subject": "change"}, []),
        ({"since": NOW + timedelta(minutes=1), "until": NOW + timedelta(minutes=5)}, [5, 4, 3, 2]),
        ({"since": NOW + timedelta(minutes=1), "actor": "staff:1"}, [6, 4, 2]),
        ({"text": "ação 1"}, [2]),
        ({"text": "ação", "until": NOW + timedelta(minutes=3)}, [3, 2, 1]),
        ({"text": "nowhere"}, []),
    ],
)
async def test_pages_meet_without_a_gap(
    rt: Runtime, tenant: Any, monkeypatch: Any, find: dict[str, Any], seqs: list[int]
) -> None:
    monkeypatch.setattr(queries, "LOOKED_AT", 2)
    await fill(rt, tenant)
    seen: list[int] = []
    before, pages = None, 0
    async with rt.db.read(tenant.id) as s:
        while True:
            found = await queries.page(s, find=queries.Find(**find), before=before, limit=2)
            seen += [e.seq for e in found.entries]
            pages, before = pages + 1, found.before
            if before is None:
                break
    assert seen == seqs
    # Two entries are looked through at a time, whether they have the word or not.
    assert pages == {"nowhere": 4, "ação 1": 4}.get(find.get("text", ""), pages)
