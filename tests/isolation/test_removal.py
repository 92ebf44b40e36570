"""A closed brand is removed: what was planted in every column of every table is found nowhere.

Tables, columns and the ways between them are read from the catalogue. The removal is killed again
and again on its way, before and after what it does, and ends in one certificate all the same.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import pytest
from psycopg.types.json import Jsonb
from structlog.testing import capture_logs
from tests.isolation.conftest import DATABASE, VALUES, House

from guerdon.kit.ids import uuid7
from guerdon.local.servers import PostgresServer
from guerdon.plumbing import outbox
from guerdon.plumbing.cache import key
from guerdon.plumbing.runner import Ran, Runner
from guerdon.portability import folders, removal
from guerdon.portability.tables import all_tables
from guerdon.programme import RULES, SECTIONS
from guerdon.runtime import Runtime, open_runtime
from guerdon.settings import Settings
from guerdon.tenancy.messages import RemoveData
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon_workers.actors import all_handlers

CANARY = "planted-7f3a@members.example"
ROWS = 3
KILLED_EVERY = 11
KILLS = 20


class KilledError(Exception):
    """The process ends here."""


@pytest.fixture
async def leaver(house: House, postgres: PostgresServer, settings: Settings,
                 tmp_path: Path) -> AsyncIterator[Runtime]:  # fmt: skip
    """A worker of the database in which every table has rows."""
    own = msgspec.structs.replace(
        settings, database_url=postgres.url("{role}", DATABASE), files_dir=str(tmp_path)
    )
    async with open_runtime(own, role="worker", sections=SECTIONS, rules=RULES) as rt:
        yield rt


def planted(kind: str, n: int) -> str:
    """A value of a column type with the canary in it, where the type can hold it."""
    if kind in ("_text", "_varchar"):
        return f"ARRAY['{CANARY}']"
    if kind.startswith("_"):
        return "'{}'"
    return VALUES[kind].format(n=n, uuid=uuid7(), canary=CANARY)


def plant(admin: psycopg.Connection[Any], schema: str, table: str, tenant_id: UUID) -> int:
    """Rows of the brand in one table, made from the column types alone; how many."""
    columns = admin.execute(
        "SELECT a.attname::text, t.typname::text FROM pg_attribute a"
        "  JOIN pg_type t ON t.oid = a.atttypid"
        " WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped"
        "   AND a.attgenerated = ''",
        (f"{schema}.{table}",),
    ).fetchall()
    names = ", ".join(f'"{name}"' for name, _ in columns)
    # What a brand has by being made gives way to a row that holds the canary.
    admin.execute(f"DELETE FROM {schema}.\"{table}\" WHERE tenant_id = '{tenant_id}'".encode())
    made = 0
    for n in range(1, ROWS + 1):
        values = ", ".join(
            f"'{tenant_id}'" if name == "tenant_id" else planted(kind, n) for name, kind in columns
        )
        made += admin.execute(
            f'INSERT INTO {schema}."{table}" ({names}) VALUES ({values})'
            " ON CONFLICT DO NOTHING".encode()
        ).rowcount
    return made


def control_tables(admin: psycopg.Connection[Any]) -> list[str]:
    """The control plane's tables that name brands, those left aside that stay."""
    rows = admin.execute(
        "SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'ctl'::regnamespace"
        " AND c.relkind IN ('r', 'p') AND EXISTS (SELECT FROM pg_attribute a"
        "   WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)"
    ).fetchall()
    names = {name for (name,) in rows}
    assert set(removal.KEPT) <= names | {"tenant"}
    return sorted(names - set(removal.KEPT))


def holding(admin: psycopg.Connection[Any], needle: str) -> list[str]:
    """Every table of the database in which a text stands, as text or as bytes."""
    tables = admin.execute(
        "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p', 'm') AND left(n.nspname, 3) <> 'pg_'"
        "   AND n.nspname <> 'information_schema' ORDER BY 1"
    ).fetchall()
    return [
        table
        for (table,) in tables
        if admin.execute(
            f"SELECT FROM {table} t WHERE t::text LIKE %s OR t::text LIKE %s LIMIT 1".encode(),
            (f"%{needle}%", f"%{needle.encode().hex()}%"),
        ).rowcount
    ]


@pytest.fixture
def kills(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every so many tables the process ends, in turn before and after it removed something."""
    real, calls, killed = removal._remove_some, [0], []

    async def mortal(s: Any, schema: str, table: str) -> int:
        calls[0] += 1
        dies = calls[0] % KILLED_EVERY == 0 and len(killed) < KILLS
        if dies and len(killed) % 2:
            killed.append(f"before {table}")
            raise KilledError
        removed = await real(s, schema, table)
        if dies:
            killed.append(f"after {table}")
            raise KilledError
        return removed

    monkeypatch.setattr(removal, "_remove_some", mortal)
    monkeypatch.setattr(removal, "ROWS", 2)
    return killed


async def test_what_was_planted_is_found_nowhere(
    house: House, leaver: Runtime, kills: list[str], report: Any, tmp_path: Path
) -> None:
    admin, tenant_id, slug = house.admin, uuid7(), f"leaver{uuid7().hex[-12:]}"
    admin.execute(
        "INSERT INTO ctl.tenant (id, slug, name, status, status_since, canonical_host)"
        " VALUES (%s, %s, %s, 'closed', %s, 'x.example')",
        (tenant_id, slug, CANARY, datetime.now(UTC) - timedelta(days=1)),
    )
    control = control_tables(admin)
    for name, table in admin.execute(
        "SELECT conname, conrelid::regclass::text FROM pg_constraint"
        " WHERE connamespace = 'ctl'::regnamespace AND contype IN ('c', 'f')"
        " AND conrelid::regclass::text = ANY (%s)",
        ([f"ctl.{table}" for table in control],),
    ).fetchall():
        admin.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'.encode())
    made = {f"ctl.{table}": plant(admin, "ctl", table, tenant_id) for table in control}
    made |= {f"app.{t.name}": plant(admin, "app", t.name, tenant_id) for t in house.tables}
    assert min(made.values()) > 0
    admin.execute(
        "INSERT INTO app.signup (tenant_id, id, brand_id, email_norm, language, state, answers,"
        " created_at, changed_at, expires_at, founded_at)"
        " VALUES (%s, %s, %s, %s, 'en', 'founded', %s, now(), now(), now(), now())",
        (OPERATOR_ID, uuid7(), tenant_id, CANARY, Jsonb({"person": CANARY})),
    )
    # It owed nothing: what the platform's books keep of a brand that did is looked at elsewhere.
    admin.execute(
        "UPDATE app.usage_statement SET total_minor = 0 WHERE tenant_id = %s", (tenant_id,)
    )
    append_only = admin.execute(
        "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'append_only'"
    ).fetchall()
    for (table,) in append_only:
        admin.execute(f"ALTER TABLE {table} ENABLE TRIGGER append_only".encode())
    for place in ("", "uploads", "learning", "exports"):
        folder = tmp_path / place / str(tenant_id) / "deep"
        folder.mkdir(parents=True)
        (folder / "file").write_text(CANARY)
    for n in range(20):
        await leaver.valkey.set(key(tenant_id, "session", n), CANARY.encode())
    before = [house.fingerprint(t) for t in house.tenants]

    async with leaver.db.write(tenant_id) as s:
        message = await outbox.put(s, RemoveData())
    runner, ran = Runner(leaver, all_handlers(), attempts_max=500), Ran.FAILED
    with capture_logs() as logs:
        for _ in range(KILLS + 2):
            if (ran := await runner.run(tenant_id, message)) is Ran.DONE:
                break
        async with leaver.db.read(tenant_id) as s:
            letter = await s.value("SELECT id FROM app.outbox")
        assert await runner.run(tenant_id, letter) is Ran.DONE
    for (table,) in append_only:
        admin.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only".encode())

    assert ran is Ran.DONE
    assert len(kills) == KILLS
    assert holding(admin, CANARY) == []
    assert set(holding(admin, str(tenant_id))) <= {f"ctl.{name}" for name in removal.KEPT}
    assert folders.folders(tmp_path, tenant_id) == []
    assert [k async for k in leaver.valkey.scan_iter(f"*{tenant_id}*")] == []
    assert CANARY not in str(logs)
    assert [house.fingerprint(t) for t in house.tenants] == before
    async with leaver.db.read(tenant_id) as s:
        done = await removal.read_removal(s)
        names = [f"app.{table.name}" for table in await all_tables(s)]
    assert done is not None
    assert done.certificate is not None
    assert done.recipients is None
    assert done.certificate["rows"] == made
    assert sorted(names) == sorted(name for name in made if name.startswith("app."))
    report.cover("removal", {name: {"crossed": 0, "planted": n} for name, n in made.items()})
    report.add("removal, killed on its way", crossed=0, kills=len(kills), tables=len(made))
