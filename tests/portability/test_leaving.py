"""A brand leaves: exported, closed, removed with proof, and whole again elsewhere."""

import asyncio
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import pytest
from tests.brand_api.conftest import Api, issue
from tests.brand_api.shop import SECTIONS, definition, join, stock_up
from tests.identity.test_staff_links import letters_to
from tests.tenancy.test_states import lead, stands

from guerdon.app import Application
from guerdon.audit.operations import record
from guerdon.earning.verify import verify as verify_earning
from guerdon.fulfilment.providers.counter import code_hash
from guerdon.kit.ids import uuid7
from guerdon.ledger.jobs import SealLedger
from guerdon.ledger.verify import verify
from guerdon.local.servers import PostgresServer
from guerdon.onboarding import companies, names
from guerdon.onboarding.companies import Company
from guerdon.onboarding.errors import NameRefusedError
from guerdon.plans.recording import Recorder
from guerdon.plumbing import outbox
from guerdon.plumbing.cache import key
from guerdon.plumbing.runner import Ran, Runner
from guerdon.portability import books, folders, removal
from guerdon.portability.applying import apply_export
from guerdon.portability.errors import (
    ExportBrokenError,
    RemovalRefusedError,
    TenantThereError,
)
from guerdon.portability.exporting import Manifest, export_everything
from guerdon.portability.tables import LEFT_OUT, all_tables, exported_tables
from guerdon.portability.verify_export import content_hash, findings
from guerdon.programme import RULES
from guerdon.programme import SECTIONS as EVERY_SECTION
from guerdon.programme.life import EndState
from guerdon.runtime import Runtime, open_runtime
from guerdon.settings import Settings
from guerdon.tenancy.lifecycle import State
from guerdon.tenancy.messages import RemoveData
from guerdon.tenancy.operations import save_tenant
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.tenancy.schemas import Tenant
from guerdon_workers.actors import all_handlers

DATABASE = "guerdon_test"
ELSEWHERE = "guerdon_elsewhere"
REMOVAL, CERTIFICATE = "tenancy.remove_data", "tenancy.send_certificate"
STAYS = {"ctl.change", "ctl.tenant", "ctl.tenant_host", "ctl.tenant_removal"}
PICTURE = b"\x89PNG a picture"


async def settle(worker: Runtime, tenant: Tenant, *, patience: int = 400) -> None:
    """Run what is due until nothing is; letters and webhooks have nobody to take them."""
    runner = Runner(worker, all_handlers())
    for _ in range(patience):
        async with worker.db.read(tenant.id) as s:
            due = await s.value(
                "SELECT id FROM app.outbox WHERE tenant_id = %(tenant_id)s AND done_at IS NULL"
                " AND parked_at IS NULL AND next_at <= now() AND queue <> 'mail'"
                " AND topic NOT LIKE 'webhooks%%' ORDER BY created_at, id LIMIT 1"
            )
        if due is None:
            return
        assert await runner.run(tenant.id, due) is not Ran.PARKED
    raise AssertionError("there is no end of work")


async def furnish(rt: Runtime, worker: Runtime, http: Any, tenant: Tenant) -> Api:
    """Members, points that came and went, orders, people, a picture, a trail, seals."""
    api = Api(await http(tenant), await issue(rt, tenant))
    async with rt.db.write(tenant.id) as s:
        await rt.secrets.put(s, "stripe", "sk_test_never_leaves")
    goods = await stock_up(
        api, definition("latte", price="5.00", stock=9), definition("mocha", price="7.00", stock=3)
    )
    variant = goods["latte"]["variants"][0]["id"]
    for n in range(3):
        member = await join(api, points=2_000 + n)
        placed = await api.post(
            "/redemptions",
            json={
                "memberId": member["id"], "lines": [{"variantId": variant, "quantity": 1}],
                "expectedPoints": 500,
            },
        )  # fmt: skip
        assert placed.status_code == 201, placed.text
        order = placed.json()["id"]
        if n == 0:
            ended = await api.post(f"/redemptions/{order}/cancel", json={"reason": "no thirst"})
        else:
            await settle(worker, tenant)
            code = (await api.get(f"/redemptions/{order}")).json()["pickupCode"]
            ended = await api.post("/counter/collect", json={"code": code})
        assert ended.status_code == 200, ended.text
    last = await join(api, points=100)
    back = await api.post(
        "/points/adjust", json={"memberId": last["id"], "points": -40, "reason": "a mistake"}
    )
    assert back.status_code == 201, back.text
    await rt.files.put(tenant.id, PICTURE, "png")
    now = datetime.now(UTC)
    async with rt.db.write(tenant.id) as s:
        await s.execute(
            "INSERT INTO app.staff (tenant_id, id, email_norm, name, status, roles, language,"
            " created_at) VALUES (%(tenant_id)s, %(id)s, %(email)s, 'Olga Owner', 'active',"
            " '{owner}', 'pt-BR', %(now)s)",
            {"id": uuid7(), "email": f"olga@{tenant.slug}.example", "now": now},
        )
        for n in range(3):
            await record(
                s, actor="cli", action="tenant.looked_at", subject=f"tenant:{n}",
                summary={"n": n}, now=now,
            )  # fmt: skip
        await outbox.put(s, SealLedger())
    await settle(worker, tenant)
    return api


@pytest.fixture
async def brand(rt: Runtime, worker_rt: Runtime, make_tenant: Any, http: Any) -> Tenant:
    """A brand with something of everything."""
    tenant: Tenant = await make_tenant(**SECTIONS)
    await furnish(rt, worker_rt, http, tenant)
    return tenant


@pytest.fixture(scope="module")
def elsewhere(
    empty_database: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """Another deployment, which knows nobody."""
    made = empty_database(ELSEWHERE)
    return msgspec.structs.replace(
        made, files_dir=str(tmp_path_factory.mktemp("elsewhere")), master_key="ab12cd34" * 8
    )


async def exported(worker: Runtime, tenant: Tenant, folder: Path) -> Manifest:
    return await export_everything(worker, tenant, folder, now=datetime.now(UTC))


@pytest.fixture
async def small(rt: Runtime, worker_rt: Runtime, tenant: Tenant, http: Any, tmp_path: Path) -> Path:
    """An export of a brand with one member."""
    api = Api(await http(tenant), await issue(rt, tenant))
    await join(api, points=70)
    await exported(worker_rt, tenant, tmp_path / "small")
    return tmp_path / "small"


async def close(rt: Runtime, worker: Runtime, tenant: Tenant) -> None:
    """Closing, its grace, the end; the hour of the scheduler."""
    then = datetime.now(UTC) - timedelta(days=30, minutes=1)
    await lead(rt, tenant, State.CLOSING, now=then)
    async with rt.db.write(tenant.id) as s:
        message = await outbox.put(s, EndState())
    assert await Runner(worker, all_handlers()).run(tenant.id, message) is Ran.DONE
    assert (await stands(rt, tenant)).status is State.CLOSED


async def remove(worker: Runtime, tenant: Tenant) -> list[Ran]:
    """What a worker does with a brand that has closed."""
    return [await job(worker, tenant, REMOVAL), await job(worker, tenant, CERTIFICATE)]


async def job(worker: Runtime, tenant: Tenant, topic: str) -> Ran:
    """Run the message of that topic."""
    async with worker.db.read(tenant.id) as s:
        message = await s.value(
            "SELECT id FROM app.outbox WHERE tenant_id = %(tenant_id)s AND topic = %(topic)s",
            {"topic": topic},
        )
    return await Runner(worker, all_handlers()).run(tenant.id, message)


async def written(application: Application, rt: Runtime) -> None:
    """What the web process has counted and not written yet is written."""
    now = datetime.now(UTC)
    await application.meter.flush(rt.db, now)
    await application.litestar.state.recorder.flush(rt.db, now=now)


def proved_alone(folder: Path) -> str:
    """What the program inside an export says last, without this installation."""
    said = subprocess.run(
        [sys.executable, "-I", "-S", str(folder / "verify.py")],
        capture_output=True, text=True, check=False, cwd=folder.parent,
    )  # fmt: skip
    return said.stdout.splitlines()[-1]


def rows_of(admin: psycopg.Connection[Any], tenant_id: UUID) -> set[str]:
    """Every table of the database in which the id of a brand stands, as the administrator."""
    tables = admin.execute(
        "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname IN ('app', 'ctl', 'app_private', 'public') AND c.relkind IN ('r', 'p')"
    ).fetchall()
    found = set()
    for (table,) in tables:
        query = f"SELECT FROM {table} t WHERE t::text LIKE '%{tenant_id}%' LIMIT 1"
        if admin.execute(query.encode()).rowcount:
            found.add(table)
    return found


async def test_a_brand_leaves_and_is_whole_again_elsewhere(
    rt: Runtime, worker_rt: Runtime, brand: Tenant, make_tenant: Any, http: Any,
    postgres: PostgresServer, mailbox_peer: Any, guerdon: Any, elsewhere: Settings, tmp_path: Path,
    application: Application,
) -> None:  # fmt: skip
    neighbour = await make_tenant(**SECTIONS)
    await furnish(rt, worker_rt, http, neighbour)
    await written(application, rt)
    await rt.valkey.set(key(brand.id, "session", "x"), b"of the brand")
    await rt.valkey.set(key(neighbour.id, "session", "x"), b"of the neighbour")
    beside = (await exported(worker_rt, neighbour, tmp_path / "before")).content_hash

    made = await exported(worker_rt, brand, tmp_path / "one")
    assert (await exported(worker_rt, brand, tmp_path / "two")).content_hash == made.content_hash
    rows = {f.name: f.rows for f in made.files if f.rows}
    assert (rows["tables/member.jsonl"], rows["tables/ledger_txn.jsonl"]) == (4, 7)
    picture = hashlib.sha256(PICTURE).hexdigest()
    assert [f.name for f in made.files if f.name.startswith("files/")] == [
        f"files/pictures/{picture[:2]}/{picture}.png"
    ]
    assert b"sk_test_never_leaves" not in b"".join(
        p.read_bytes() for p in (tmp_path / "one").rglob("*") if p.is_file()
    )
    assert proved_alone(tmp_path / "one") == f"content {made.content_hash}"

    await close(rt, worker_rt, brand)
    assert await remove(worker_rt, brand) == [Ran.DONE, Ran.DONE]
    with psycopg.connect(postgres.admin_dsn, dbname=DATABASE) as admin:
        assert rows_of(admin, brand.id) == STAYS
    assert folders.folders(Path(rt.settings.files_dir), brand.id) == []
    assert [k async for k in rt.valkey.scan_iter(f"*{brand.id}*")] == []
    assert await rt.valkey.get(key(neighbour.id, "session", "x")) == b"of the neighbour"
    assert (await exported(worker_rt, neighbour, tmp_path / "after")).content_hash == beside

    told = await guerdon("tenants", "certificate", brand.slug)
    assert told.returncode == 0, told.stderr
    certificate = json.loads(told.stdout)
    assert hashlib.sha256(told.stdout.strip().encode()).hexdigest() in told.stderr
    assert certificate["rows"]["app.member"] == 4
    assert certificate["rows"]["app.ledger_txn"] == 7
    assert (certificate["files"], certificate["keys"] > 0) == (1, True)
    [letter] = letters_to(mailbox_peer, f"olga@{brand.slug}.example")
    assert brand.slug in letter["subject"]
    assert told.stderr.split()[1] in letter["text"]

    there, _ = await apply_export(elsewhere, tmp_path / "one")
    assert (there.id, there.status) == (brand.id, State.LIVE)
    async with open_runtime(elsewhere, role="worker", sections=EVERY_SECTION, rules=RULES) as other:
        again = await exported(other, there, tmp_path / "three")
        async with other.db.read(there.id) as s:
            assert (await verify(s)).findings == []
            assert await verify_earning(s) == []
            data_key = await other.secrets.data_key(s)
            codes = await s.all(
                tuple[bytes, str],
                "SELECT jsonb_build_array(encode(o.code_hash, 'base64'), r.pickup_code)"
                " FROM app.counter_order o JOIN app.redemption r USING (tenant_id, id)"
                " WHERE o.tenant_id = %(tenant_id)s AND r.pickup_code IS NOT NULL",
            )
        assert data_key is not None
        assert [one for one, _ in codes] == [code_hash(data_key, code) for _, code in codes]
        assert len(codes) == 2
        assert (await other.snapshot(there.id, datetime.now(UTC))).version == 1
    assert again.content_hash == made.content_hash
    with pytest.raises(TenantThereError):
        await apply_export(elsewhere, tmp_path / "one")


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("tables/member.jsonl", lambda b: b.replace(b"Ana", b"Eva"), "not what was written"),
        ("tables/ledger_entry.jsonl", None, "the file is missing"),
        ("tables/more.jsonl", lambda _: b"{}\n", "not part of the export"),
        ("manifest.json", lambda b: b.replace(b'"rows"', b'"rowz"', 1), "the manifest says"),
        ("manifest.json", lambda b: b[:90], "cannot be read"),
    ],
)
async def test_a_broken_export_is_refused_by_name(
    small: Path, elsewhere: Settings, tmp_path: Path, file: str, change: Any, said: str
) -> None:
    folder = tmp_path / "export"
    shutil.copytree(small, folder)
    path = folder / file
    if change is None:
        path.unlink()
    else:
        path.write_bytes(change(path.read_bytes() if path.exists() else b""))
    with pytest.raises(ExportBrokenError) as caught:
        await apply_export(elsewhere, folder)
    assert said in caught.value.detail
    assert file == "manifest.json" or caught.value.params["file"] == file


async def test_sums_that_are_wrong_are_found(small: Path, tmp_path: Path) -> None:
    """Whoever changes a balance and every hash with it is still found out."""
    folder = tmp_path / "export"
    shutil.copytree(small, folder)
    path = folder / "tables/ledger_account.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"posted":70', b'"posted":71'))
    manifest = json.loads((folder / "manifest.json").read_bytes())
    entry = next(f for f in manifest["files"] if f["name"] == "tables/ledger_account.jsonl")
    entry["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest["content_hash"] = content_hash((f["name"], f["sha256"]) for f in manifest["files"])
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert {name for name, _ in findings(folder)} == {
        "tables/ledger_account.jsonl", "tables/ledger_lot.jsonl"
    }  # fmt: skip


async def test_every_table_is_exported_or_left_out_for_a_reason(
    worker_rt: Runtime, tenant: Tenant
) -> None:
    """A new table belongs into LEFT_OUT with its reason, or a worker may read it."""
    async with worker_rt.db.read(tenant.id) as s:
        names = {table.name for table in await all_tables(s)}
        assert set(LEFT_OUT) <= names
        assert names - set(LEFT_OUT) == {table.name for table in await exported_tables(s)}
        unreadable = await s.all(
            str,
            "SELECT n FROM unnest(%(names)s::text[]) n"
            " WHERE NOT has_table_privilege('app.' || n, 'SELECT')",
            {"names": sorted(names - set(LEFT_OUT))},
        )
    assert unreadable == []


async def test_nothing_is_removed_of_a_brand_that_is_open(
    worker_rt: Runtime, tenant: Tenant
) -> None:
    async with worker_rt.db.write(tenant.id) as s:
        message = await outbox.put(s, RemoveData())
    assert await Runner(worker_rt, all_handlers()).run(tenant.id, message) is Ran.DONE
    with pytest.raises(RemovalRefusedError):
        await removal.remove_everything(worker_rt, tenant.id)
    async with worker_rt.db.read(tenant.id) as s:
        assert await s.value("SELECT count(*) FROM app.parameter_version") == 1


async def test_nothing_counts_a_brand_that_is_gone(
    rt: Runtime, worker_rt: Runtime, relay_rt: Runtime, tenant: Tenant, http: Any,
    application: Application, postgres: PostgresServer,
) -> None:  # fmt: skip
    """Web, worker and relay write their counts of it later than its data was removed."""

    async def looked() -> None:
        async with relay_rt.db.control() as s:
            assert await s.value("SELECT ctl.watch_queues_v1(0, 10, '{}', 24)")

    worker = Recorder()
    site = await http(tenant)
    assert (await site.get("/")).status_code == 200
    await written(application, rt)
    await close(rt, worker_rt, tenant)
    with psycopg.connect(postgres.admin_dsn, dbname=DATABASE, autocommit=True) as admin:
        await looked()
        counts = {"app.usage_hour", "ctl.queue_minute", "ctl.queue_state", "ctl.traffic_minute"}
        assert rows_of(admin, tenant.id) >= counts
        async with asyncio.timeout(10):
            while (await site.get("/")).status_code != 410:
                await asyncio.sleep(0.02)
        worker.job(tenant.id, outside=False, seconds=0.1)
        assert await job(worker_rt, tenant, REMOVAL) is Ran.DONE
        await looked()
        await written(application, rt)
        await worker.flush(worker_rt.db, now=datetime.now(UTC))
        assert rows_of(admin, tenant.id) == STAYS | {"app.outbox", "ctl.queue_state"}
        assert await job(worker_rt, tenant, CERTIFICATE) is Ran.DONE
        worker.job(tenant.id, outside=True, seconds=0.1)
        await looked()
        assert (await site.get("/")).status_code == 410
        await written(application, rt)
        await worker.flush(worker_rt.db, now=datetime.now(UTC))
        assert rows_of(admin, tenant.id) == STAYS


async def test_counts_that_came_too_late_for_the_removal_are_found(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant, postgres: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Nothing is certified while anything is left, be it of the platform's own tables."""
    real = removal.remove_everything

    async def late(runtime: Runtime, tenant_id: UUID) -> None:
        await real(runtime, tenant_id)
        monkeypatch.setattr(removal, "remove_everything", real)
        admin.execute(
            "INSERT INTO ctl.traffic_minute VALUES (now(), %s, 'site', 1, 0, 0, '{1}')",
            (tenant_id,),
        )

    monkeypatch.setattr(removal, "remove_everything", late)
    await close(rt, worker_rt, tenant)
    with psycopg.connect(postgres.admin_dsn, dbname=DATABASE, autocommit=True) as admin:
        assert await job(worker_rt, tenant, REMOVAL) is Ran.FAILED
        async with worker_rt.db.read(tenant.id) as s:
            told = await removal.read_removal(s)
        assert told is not None
        assert told.certificate is None
        assert await remove(worker_rt, tenant) == [Ran.DONE, Ran.DONE]
        assert rows_of(admin, tenant.id) == STAYS


async def test_a_short_name_comes_free_a_year_after(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant, make_tenant: Any, http: Any,
    postgres: PostgresServer,
) -> None:  # fmt: skip
    """Nobody gets the name, nor anything like it, before; then it is as if it had never been."""
    other = await make_tenant()

    async def hour() -> None:
        async with rt.db.write(other.id) as s:
            message = await outbox.put(s, EndState())
        assert await Runner(worker_rt, all_handlers()).run(other.id, message) is Ran.DONE

    async def refused(slug: str) -> str | None:
        async with rt.db.read(OPERATOR_ID) as s:
            try:
                await names.check_free(s, slug)
            except NameRefusedError as error:
                return str(error.params["reason"])
        return None

    await close(rt, worker_rt, tenant)
    assert await remove(worker_rt, tenant) == [Ran.DONE, Ran.DONE]
    await hour()
    alike = f"{tenant.slug[0]}-{tenant.slug[1:]}"
    assert (await refused(tenant.slug), await refused(alike)) == ("taken", "alike")
    assert (await (await http(tenant)).get("/")).status_code == 410
    # The day is kept in real time, which no test can wait for.
    with psycopg.connect(postgres.admin_dsn, dbname=DATABASE, autocommit=True) as admin:
        query = "UPDATE ctl.tenant_removal SET slug_free_at = %s WHERE tenant_id = %s"
        row = admin.execute(
            "SELECT slug_free_at - finished_at FROM ctl.tenant_removal WHERE tenant_id = %s",
            (tenant.id,),
        ).fetchone()
        assert row == (removal.SLUG_RESERVED,)
        now = datetime.now(UTC)
        admin.execute(query, (now + timedelta(minutes=5), tenant.id))
        await hour()
        assert await refused(tenant.slug) == "taken"
        admin.execute(query, (now - timedelta(seconds=1), tenant.id))
    await hour()
    assert (await refused(tenant.slug), await refused(alike)) == (None, None)
    with psycopg.connect(postgres.admin_dsn, dbname=DATABASE, autocommit=True) as admin:
        assert rows_of(admin, tenant.id) == STAYS - {"ctl.tenant_host"}

    async with rt.db.write(uuid7()) as s:
        heir = await save_tenant(
            s, tenant_id=s.tenant_id, slug=tenant.slug, name="Heir", begins_as=State.LIVE,
            canonical_host=tenant.canonical_host, hosts=[tenant.canonical_host],
        )  # fmt: skip
    assert heir.id != tenant.id
    async with rt.db.read(tenant.id) as reading:
        told = await removal.read_removal(reading)
    assert told is not None
    assert told.certificate is not None
    assert told.certificate["slug"] == heir.slug


async def test_the_platforms_books_keep_what_was_billed(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant
) -> None:
    """The bills, to whom and how paid, each once, though the removal is killed and begins anew."""
    paid = datetime(2026, 8, 3, 9, 0, tzinfo=UTC)
    async with worker_rt.db.write(tenant.id) as s:
        for month, total in ((6, 0), (7, 4_900), (8, 5_150)):
            await s.execute(
                "INSERT INTO app.usage_statement (tenant_id, period, plan, lines, cost,"
                " total_minor, currency, closed_at) VALUES (%(tenant_id)s, %(period)s, 'grow',"
                " '[]', '{}', %(total)s, 'USD', %(at)s)",
                {"period": date(2026, month, 1), "total": total, "at": paid},
            )
        await s.execute(
            "INSERT INTO app.plan_charge (tenant_id, period, amount_minor, currency, state, due_at,"
            " attempt, reference, card, paid_at) VALUES (%(tenant_id)s, '2026-07-01', 4900, 'USD',"
            " 'paid', %(at)s, %(attempt)s, 'pi_1', '4242', %(at)s)",
            {"at": paid, "attempt": uuid7()},
        )
    async with rt.db.write(tenant.id) as s:
        await companies.keep(s, Company("Kettle Ltda", "BR", "11222333000181"), now=paid)
    await close(rt, worker_rt, tenant)
    async with worker_rt.db.read(tenant.id) as s:
        told = (await books.bills(s), await books.company(s))
    await books.keep(worker_rt, tenant, bills=told[0][:1], company=told[1], now=paid)
    assert await remove(worker_rt, tenant) == [Ran.DONE, Ran.DONE]

    company = {"legal_name": "Kettle Ltda", "country": "BR", "tax_id": "11222333000181"}
    common = {"brand": str(tenant.id), "plan": "grow", "currency": "USD", "company": company}
    async with rt.db.read(OPERATOR_ID) as s:
        kept = await s.all(
            dict[str, Any],
            "SELECT summary FROM app.audit_entry WHERE tenant_id = %(tenant_id)s"
            " AND subject = %(subject)s ORDER BY seq",
            {"subject": f"tenant:{tenant.slug}"},
        )
    assert kept == [
        common | {"period": "2026-07-01", "total_minor": 4_900, "state": "paid",
                  "paid_at": "2026-08-03T09:00:00Z", "reference": "pi_1"},
        common | {"period": "2026-08-01", "total_minor": 5_150, "state": "due",
                  "paid_at": None, "reference": None},
    ]  # fmt: skip
