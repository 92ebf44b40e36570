"""Verify passes on a ledger with everything in it, and names every corruption planted in it."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from click.testing import CliRunner
from tests.conftest import create_tenant

from guerdon.cli import ledger as cli
from guerdon.earning.verify import verify as verify_earning
from guerdon.kit.ids import uuid7
from guerdon.ledger import jobs
from guerdon.ledger.verify import chain_holds, verify
from guerdon.local.servers import PostgresServer
from guerdon.plumbing.db import ReadSession
from guerdon.programme import SECTIONS
from guerdon.runtime import open_runtime

DATABASE = "guerdon_test"

# What an administrator could do behind the ledger's back, and the check that must name it.
# $t is the tenant, $earn, $redeem, $refund, $reverse, $expire, $adjust a transaction of that kind,
# $account the wallet, $hold a pending hold.
CORRUPTIONS = {
    "entries_unbalanced": "UPDATE app.ledger_entry SET amount = amount + 1"
    " WHERE tenant_id = $t AND txn_id = $earn AND account_id = $account",
    "entries_missing": "DELETE FROM app.ledger_entry"
    " WHERE tenant_id = $t AND txn_id = $earn AND account_id = $account",
    "entries_missing 2": "DELETE FROM app.ledger_entry WHERE tenant_id = $t AND txn_id = $redeem",
    "entry_orphaned": "INSERT INTO app.ledger_entry VALUES ($t, gen_random_uuid(), $account, 5)",
    "entry_differs": "UPDATE app.ledger_entry SET amount = 2 * amount"
    " WHERE tenant_id = $t AND txn_id = $earn",
    "counter_entry_differs": "UPDATE app.ledger_entry"
    " SET account_id = '00000000-0000-8000-8000-000000000002'"
    " WHERE tenant_id = $t AND txn_id = $earn AND account_id <> $account",
    "account_unknown": "DELETE FROM app.ledger_account WHERE tenant_id = $t AND id = $account",
    "balance_differs": "UPDATE app.ledger_account SET posted = posted + 100"
    " WHERE tenant_id = $t AND id = $account",
    "held_differs": "UPDATE app.ledger_account SET held = held - 1"
    " WHERE tenant_id = $t AND id = $account",
    "held_differs 2": "DELETE FROM app.ledger_hold WHERE tenant_id = $t AND id = $hold",
    "debt_differs": "UPDATE app.ledger_account SET posted = -5, held = 0, debt = 5"
    " WHERE tenant_id = $t AND id = $account",
    "debt_breaks_rule": "ALTER TABLE app.ledger_account DROP CONSTRAINT ledger_account_debt;"
    " UPDATE app.ledger_account SET debt = 7 WHERE tenant_id = $t AND id = $account",
    "lots_differ_from_balance": "UPDATE app.ledger_lot SET remaining = remaining + 1"
    " WHERE tenant_id = $t AND account_id = $account",
    "lots_differ_from_balance 2": "DELETE FROM app.ledger_lot"
    " WHERE tenant_id = $t AND account_id = $account",
    "movements_differ": "UPDATE app.ledger_lot_move SET points = points - 1"
    " WHERE tenant_id = $t AND txn_id = $refund",
    "movements_differ 2": "DELETE FROM app.ledger_lot_move"
    " WHERE tenant_id = $t AND txn_id = $expire",
    "movement_orphaned": "INSERT INTO app.ledger_lot_move"
    " VALUES ($t, gen_random_uuid(), gen_random_uuid(), '2030-01-01', 5)",
    # Somebody lets points live longer.
    "lot_differs": "UPDATE app.ledger_lot SET expires_on = expires_on + 365"
    " WHERE tenant_id = $t AND account_id = $account",
    "lot_differs 2": "UPDATE app.ledger_hold SET lot_expires_on[1] = '2040-01-01'"
    " WHERE tenant_id = $t AND id = $hold",
    "lot_without_origin": "UPDATE app.ledger_lot SET lot = gen_random_uuid()"
    " WHERE tenant_id = $t AND account_id = $account",
    "hold_differs_from_lots": "UPDATE app.ledger_hold SET lot_points[1] = lot_points[1] + 1"
    " WHERE tenant_id = $t AND id = $hold",
    "hold_without_transaction": "UPDATE app.ledger_hold"
    " SET state = 'posted', txn_id = gen_random_uuid(), posted_points = 1, resolved_at = now()"
    " WHERE tenant_id = $t AND id = $hold",
    "redemption_without_hold": "DELETE FROM app.ledger_hold WHERE tenant_id = $t AND id = $redeem",
    "undone_too_much": "UPDATE app.ledger_txn"
    " SET explanation = jsonb_set(explanation, '{due}', '100000')"
    " WHERE tenant_id = $t AND id = $reverse",
    "undone_too_much 2": "UPDATE app.ledger_txn SET reverses = $earn"
    " WHERE tenant_id = $t AND id = $refund",
    "answer_differs": "UPDATE app.ledger_txn SET answer = jsonb_set(answer, '{points}', '9')"
    " WHERE tenant_id = $t AND id = $earn",
    "answer_differs 2": "UPDATE app.ledger_txn SET balance_after = balance_after + 1"
    " WHERE tenant_id = $t AND id = $adjust",
    "adjustment_differs": "INSERT INTO app.ledger_adjustment (tenant_id, id, account_id, points,"
    " reason, requested_by, requested_at, parameters_version, idempotency_key, fingerprint, state,"
    " decided_by, decided_at, txn_id) VALUES ($t, gen_random_uuid(), $account, 999, 'x', 'a',"
    " now(), 1, 'z', '', 'approved', 'b', now(), $adjust)",
    "sealed_twice": "INSERT INTO app.ledger_seal (tenant_id, seq, previous, hash, txns, digests,"
    " upto) SELECT tenant_id, 1000, previous, hash, txns, digests, upto FROM app.ledger_seal"
    " WHERE tenant_id = $t AND seq = 1",
    "left_unsealed": "UPDATE app.ledger_seal SET txns = txns[2:],"
    " digests = substring(digests from 33) WHERE tenant_id = $t AND seq = 1;"
    " UPDATE app.ledger_seal SET upto = 'ffffffff-ffff-7fff-bfff-ffffffffffff'"
    " WHERE tenant_id = $t",
    "seal_missing": "DELETE FROM app.ledger_seal WHERE tenant_id = $t AND seq = 1",
    "seal_unchained": "UPDATE app.ledger_seal SET previous = sha256('x'),"
    " hash = sha256(sha256('x') || digests) WHERE tenant_id = $t AND seq = 2",
    "seal_broken": "UPDATE app.ledger_seal SET hash = sha256('x') WHERE tenant_id = $t AND seq = 2",
    "sealed_transaction_changed": "UPDATE app.ledger_txn SET occurred_at ="
    " occurred_at + interval '1 microsecond' WHERE tenant_id = $t AND id = $redeem",
    "sealed_transaction_changed 2": "UPDATE app.ledger_txn SET event_id = 'another'"
    " WHERE tenant_id = $t AND id = $earn",
    "sealed_transaction_changed 3": "UPDATE app.ledger_txn SET parameters_version = 2"
    " WHERE tenant_id = $t AND id = $earn",
    "sealed_transaction_changed 4": "UPDATE app.ledger_txn SET idempotency_key = 'another'"
    " WHERE tenant_id = $t AND id = $adjust",
    "sealed_transaction_changed 5": "UPDATE app.ledger_entry SET amount = 2 * amount"
    " WHERE tenant_id = $t AND txn_id = $redeem",
    "sealed_transaction_missing": "DELETE FROM app.ledger_txn WHERE tenant_id = $t AND id = $earn",
    "standing_differs": "UPDATE app.tier_standing SET qualifying = qualifying + 1"
    " WHERE tenant_id = $t AND account_id = $account",
    "standing_differs 2": "DELETE FROM app.tier_standing WHERE tenant_id = $t",
    "arithmetic_differs": "UPDATE app.ledger_txn"
    " SET explanation = jsonb_set(explanation, '{factor}', '\"2\"')"
    " WHERE tenant_id = $t AND id = $earn",
    "arithmetic_differs 2": "UPDATE app.ledger_txn SET points = points + 1"
    " WHERE tenant_id = $t AND id = $earn",
}


@pytest.fixture(scope="module")
def bare(postgres: PostgresServer):
    """The administrator's connection with triggers off, always rolled back."""
    with psycopg.connect(postgres.admin_dsn, dbname=DATABASE) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.commit()
        yield connection


@pytest.fixture
async def full(bench_of) -> AsyncIterator:
    """A wallet with one of everything, sealed in several batches."""
    b = await bench_of(points={"validity": {"model": "rolling", "days": 90}})
    await b.earn(500, event_id="old")
    b.later(days=80)
    bought = await b.earn(amount="1000.00", event_id="o-1", key="k-1")
    spent = await b.spend(300)
    refund = await b.refund(spent, 100)
    reverse = await b.reverse(bought.transaction_id, 50)
    adjust = await b.adjust(40)
    hold = await b.hold(60)
    b.later(days=20)
    assert await b.expire() == 240
    b.ids = {
        "earn": bought.transaction_id,
        "redeem": spent,
        "refund": refund.transaction_id,
        "reverse": reverse.transaction_id,
        "adjust": adjust.change.transaction_id,
        "hold": hold,
        "account": b.account_id,
        "t": b.tenant.id,
    }
    return b


async def seal(b, worker_rt) -> int:
    total = 0
    async with worker_rt.db.write(b.tenant.id) as s:
        while n := await jobs.seal(s, limit=3):
            total += n
    return total


async def found(b) -> set[str]:
    async with b.rt.db.read(b.tenant.id) as s:
        return {f.check for f in (await verify(s)).findings + await verify_earning(s)}


async def test_a_sound_ledger_is_proven(full, worker_rt) -> None:
    await full.proven()
    assert await seal(full, worker_rt) == 7
    assert await seal(full, worker_rt) == 0
    await full.proven()
    async with full.rt.db.read(full.tenant.id) as s:
        report = await verify(s)
        assert await chain_holds(s, head=report.head)
        assert not await chain_holds(s, head="00" * 32)
    assert (report.transactions, report.accounts, report.sealed, report.seals) == (7, 1, 7, 3)
    assert report.proven


async def test_every_corruption_is_named(full, worker_rt, bare) -> None:
    await seal(full, worker_rt)
    bare.execute("BEGIN")
    expire = bare.execute(
        "SELECT id FROM app.ledger_txn WHERE tenant_id = %s AND kind = 'expire'", [full.tenant.id]
    ).fetchone()[0]
    bare.rollback()
    missed = []
    for name, sql in CORRUPTIONS.items():
        check = name.split()[0]
        for key, value in {"expire": expire, **full.ids}.items():
            sql = sql.replace(f"${key}", f"'{value}'")
        with psycopg.ClientCursor(bare) as cursor:
            cursor.execute(sql)
            assert cursor.rowcount != 0, name
        named = await inspect(full, bare)
        if check not in named:
            missed.append((name, named))
        bare.rollback()
    assert missed == []
    assert len(CORRUPTIONS) >= 40
    assert await found(full) == set()


async def inspect(b, bare) -> set[str]:
    """What verify says inside the administrator's transaction, which is never committed."""

    class Inside(ReadSession):
        async def _run(self, sql, params):
            cursor = bare.execute(sql, {"tenant_id": self.tenant_id, **params})

            class Fetched:
                description = cursor.description

                async def fetchall(self):
                    return cursor.fetchall()

                async def fetchone(self):
                    return cursor.fetchone()

            return Fetched()

    s = Inside(None, b.tenant.id)
    return {f.check for f in (await verify(s)).findings + await verify_earning(s)}


async def test_the_application_cannot_change_what_is_written(full, worker_rt) -> None:
    for runtime in (full.rt, worker_rt):
        for table in ("ledger_txn", "ledger_entry", "ledger_lot_move", "ledger_seal"):
            for sql in (
                f"UPDATE app.{table} SET tenant_id = tenant_id WHERE tenant_id = %(tenant_id)s",
                f"DELETE FROM app.{table} WHERE tenant_id = %(tenant_id)s",
                f"TRUNCATE app.{table}",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    async with runtime.db.write(full.tenant.id) as s:
                        await s.execute(sql)
    await full.proven()


async def test_the_database_refuses_an_unbalanced_transaction(full) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="unbalanced"):
        async with full.rt.db.write(full.tenant.id) as s:
            await s.execute(
                "INSERT INTO app.ledger_entry (tenant_id, txn_id, account_id, amount)"
                " VALUES (%(tenant_id)s, %(txn)s, gen_random_uuid(), 1)",
                {"txn": full.ids["earn"]},
            )
    with pytest.raises(psycopg.errors.CheckViolation):
        async with full.rt.db.write(full.tenant.id) as s:
            await s.execute(
                "UPDATE app.ledger_account SET held = posted + 1 WHERE tenant_id = %(tenant_id)s"
            )
    await full.proven()


async def test_a_transaction_that_commits_late_is_sealed_by_the_next_batch(
    bench, worker_rt
) -> None:
    early = uuid7()
    await bench.earn(10)
    assert await seal(bench, worker_rt) == 1
    async with bench.rt.db.write(bench.tenant.id) as s:
        await s.execute(
            "INSERT INTO app.ledger_txn (tenant_id, id, account_id, kind, points, balance_after,"
            " occurred_at, parameters_version, explanation)"
            " VALUES (%(tenant_id)s, %(id)s, %(account)s, 'settle', 0, 10, %(now)s, 1, '{}')",
            {"id": early, "account": bench.account_id, "now": bench.now},
        )
    assert await seal(bench, worker_rt) == 1
    await bench.proven()


async def test_two_sealers_at_once_seal_once(bench, worker_rt) -> None:
    for _ in range(5):
        await bench.earn(10)

    async def one() -> int:
        async with worker_rt.db.write(bench.tenant.id) as s:
            return await jobs.seal(s)

    assert sum(await asyncio.gather(*(one() for _ in range(6)))) == 5
    await bench.proven()


async def test_the_command_says_what_is_proven(empty_database, monkeypatch) -> None:
    """Of every tenant there is; a database of its own, since other tests leave broken ones."""
    own = empty_database("guerdon_verify_command")
    async with open_runtime(own, role="app", sections=SECTIONS) as runtime:
        slugs = [(await create_tenant(runtime)).slug for _ in range(2)]
    for name in ("database_url", "redis_url", "broker_url", "context_key", "master_key"):
        monkeypatch.setenv(f"GUERDON_{name.upper()}", getattr(own, name))
    result = await asyncio.to_thread(CliRunner().invoke, cli.command, ["verify"])
    assert result.exit_code == 0, result.output
    assert all(f"{slug}: proven" in result.output for slug in slugs)
    assert "NOT" not in result.output
