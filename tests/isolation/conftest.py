"""Two tenants in every table there is, made from the catalogue: a new table is in by existing.

The database is migrated like any other. Then checks, foreign keys and triggers are taken away,
so that rows can be made from the column types alone and nothing but the tenant guard is left to
hold. Rows are written by the administrator, whom the guard does not bind.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.isolation.report import Report

from guerdon.kit.ids import uuid7
from guerdon.local.servers import PostgresServer
from guerdon.plumbing.context import ContextSigner
from guerdon.plumbing.provision import install_context_key, migrate, provision_database
from guerdon.settings import Settings

DATABASE = "guerdon_isolation"
ROWS = 3
CANARY = "CANARY-{}-7f3a"
ROLES = (
    "guerdon_app", "guerdon_worker", "guerdon_relay", "guerdon_console", "guerdon_migrator",
)  # fmt: skip
VALUES = {
    "bool": "true", "int2": "{n}", "int4": "{n}", "int8": "{n}", "numeric": "{n}",
    "uuid": "'{uuid}'", "text": "'{canary}-{n}'", "varchar": "'{canary}-{n}'", "bpchar": "'x'",
    "jsonb": "'{{\"canary\": \"{canary}\", \"n\": {n}}}'", "json": "'{{}}'",
    "bytea": "convert_to('{canary}-{n}', 'UTF8')", "date": "DATE '2026-01-01' + {n}",
    "timestamptz": "TIMESTAMPTZ '2026-01-01' + {n} * INTERVAL '1 day'",
    "interval": "INTERVAL '1 day'", "tsvector": "to_tsvector('simple', '{canary}')",
    "float4": "{n}", "float8": "{n}", "inet": "'192.0.2.{n}'", "tstzrange": "'empty'",
}  # fmt: skip


@dataclass
class Table:
    """A table of the schema `app` with its plain columns and their types."""

    name: str
    columns: dict[str, str]

    def insert(self, tenant_id: UUID, canary: str, n: int) -> str:
        """A statement that adds a row of `tenant_id`."""
        values = []
        for column, kind in self.columns.items():
            if column == "tenant_id":
                values.append(f"'{tenant_id}'")
            elif kind.startswith("_"):
                values.append("'{}'")
            else:
                values.append(VALUES[kind].format(n=n, uuid=uuid7(), canary=canary))
        names = ", ".join(f'"{c}"' for c in self.columns)
        return f'INSERT INTO app."{self.name}" ({names}) VALUES ({", ".join(values)})'


@dataclass
class House:
    """The database, its tables, the two tenants, and a connection per role."""

    server: PostgresServer
    tables: list[Table]
    tenants: tuple[UUID, UUID]
    key: bytes
    connections: dict[str, psycopg.Connection[Any]] = field(default_factory=dict)
    roles: tuple[str, ...] = ROLES

    @property
    def admin(self) -> psycopg.Connection[Any]:
        """A connection of the administrator."""
        return self.connections["admin"]

    def canary(self, tenant_id: UUID) -> str:
        """The text that stands in every text column of a tenant."""
        return CANARY.format("AB"[self.tenants.index(tenant_id)])

    def connect(self, role: str) -> psycopg.Connection[Any]:
        """A new connection of a login role; the migrator's works as the owner."""
        made = psycopg.connect(self.server.url(role, DATABASE), autocommit=True)
        if role == "guerdon_migrator":
            made.execute("SET ROLE guerdon_owner")
        return made

    def role(self, name: str) -> psycopg.Connection[Any]:
        """The kept connection of a login role."""
        if name not in self.connections:
            self.connections[name] = self.connect(name)
        return self.connections[name]

    def sign(self, role: str, tenant_id: UUID) -> str:
        """The context of a tenant for a role."""
        return ContextSigner(self.key, role).sign(tenant_id)

    def fingerprint(self, tenant_id: UUID) -> str:
        """A hash over every row that a tenant has in any table."""
        parts = [
            f"SELECT coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '') AS h"
            f" FROM app.\"{table.name}\" t WHERE tenant_id = '{tenant_id}'"
            for table in self.tables
        ]
        query = f"SELECT md5(string_agg(h, '|')) FROM ({' UNION ALL '.join(parts)}) x"
        row = self.admin.execute(query.encode()).fetchone()
        assert row is not None
        return str(row[0])


@pytest.fixture(scope="session")
def report() -> Report:
    """The report of this run."""
    return Report()


def read_tables(connection: psycopg.Connection[Any]) -> list[Table]:
    """Every table of the schema `app`, as the catalogue tells."""
    rows = connection.execute(
        """
        SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum),
               array_agg(t.typname::text ORDER BY a.attnum)
          FROM pg_class c
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                             AND a.attgenerated = ''
          JOIN pg_type t ON t.oid = a.atttypid
         WHERE c.relnamespace = 'app'::regnamespace AND c.relkind IN ('r', 'p')
         GROUP BY c.relname ORDER BY c.relname
        """
    ).fetchall()
    return [Table(name, dict(zip(columns, kinds, strict=True))) for name, columns, kinds in rows]


def strip(connection: psycopg.Connection[Any], tables: list[Table]) -> None:
    """Leave nothing but the guard: no checks, no foreign keys, no triggers."""
    rows = connection.execute(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint"
        " WHERE connamespace = 'app'::regnamespace AND contype IN ('f', 'c', 'x')"
        " AND conrelid <> 0 ORDER BY contype DESC"
    ).fetchall()
    for table, name in rows:
        connection.execute(
            f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS "{name}" CASCADE'.encode()
        )
    for table in tables:
        connection.execute(f'ALTER TABLE app."{table.name}" DISABLE TRIGGER ALL'.encode())


@pytest.fixture(scope="session")
def house(postgres: PostgresServer, settings: Settings) -> Iterator[House]:
    """See the module."""
    provision_database(postgres.admin_dsn, DATABASE)
    migrate(postgres.url("guerdon_migrator", DATABASE))
    key = bytes.fromhex(settings.context_key)
    install_context_key(postgres.url("guerdon_migrator", DATABASE), key)
    admin = psycopg.connect(postgres.admin_dsn, dbname=DATABASE, autocommit=True)
    tables = read_tables(admin)
    strip(admin, tables)
    made = House(postgres, tables, (uuid7(), uuid7()), key, {"admin": admin})
    for tenant_id in made.tenants:
        for table in tables:
            for n in range(1, ROWS + 1):
                # A table with one row per tenant takes the first.
                text = table.insert(tenant_id, made.canary(tenant_id), n)
                admin.execute(f"{text} ON CONFLICT DO NOTHING".encode())
    yield made
    for connection in made.connections.values():
        connection.close()
    with psycopg.connect(postgres.admin_dsn, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)".encode())


@pytest.fixture
def everything_granted(house: House) -> Iterator[None]:
    """Every privilege on every table, for every login role."""
    kept = house.admin.execute(
        "SELECT c.oid::regclass::text, c.relacl::text[] FROM pg_class c"
        " WHERE c.relnamespace = 'app'::regnamespace AND c.relkind IN ('r', 'p')"
    ).fetchall()
    names = ", ".join(role for role in ROLES if role != "guerdon_migrator")
    for table, _ in kept:
        house.admin.execute(f"GRANT ALL ON {table} TO {names}".encode())
    yield
    for table, acl in kept:
        house.admin.execute(
            "UPDATE pg_class SET relacl = %s::text[]::aclitem[] WHERE oid = %s::regclass",
            (acl, table),
        )
