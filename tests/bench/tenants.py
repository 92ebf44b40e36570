"""Ten thousand brands on a deployment, and ten: what is asked of one must cost the same.

Two databases of the same PostgreSQL, a web process for each. One brand is made by the product from
a blueprint, with members; the others are copies of all its rows under other tenants, so that each
has hosts, parameters, a catalogue, prices and members of its own.
"""

import asyncio
import resource
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import get_args
from uuid import UUID

import msgspec
import psycopg
from psycopg import sql
from tests.bench.deployment import Deployment, started
from tests.bench.load import fire, request
from tests.bench.rows import Row, at_most

from guerdon.kit.ids import uuid7
from guerdon.members import operations as members
from guerdon.plumbing import provision
from guerdon.plumbing.process import settle
from guerdon.programme import RULES, SECTIONS
from guerdon.programme.blueprints import from_blueprint
from guerdon.programme.folder import apply_folder
from guerdon.programme.operator import ensure_operator
from guerdon.runtime import Runtime, open_runtime
from guerdon.settings import Settings
from guerdon.tenancy import sheets
from guerdon.tenancy.lifecycle import State
from guerdon.tenancy.operator import OPERATOR_ID

MANY = 10_000
FEW = 10
MEMBERS = 5
VISITED = 200
LOOKED_UP = 100
PAGE = 4
VISITS = 600
BLUEPRINT = "coffee"
_UNCOPIED = {"outbox", "audit_entry"}


class Brands:
    """A database with so many brands."""

    def __init__(self, rt: Runtime, settings: Settings, hosts: Sequence[str]) -> None:
        self.rt = rt
        self.settings = settings
        self.hosts = hosts

    def chosen(self, count: int) -> list[str]:
        """So many hosts, spread over all brands."""
        step = max(1, len(self.hosts) // count)
        spread = self.hosts[::step][:count]
        return list(spread) * (count // len(spread))


@asynccontextmanager
async def brands(d: Deployment, count: int) -> AsyncIterator[Brands]:
    """A database of `count` brands, and a runtime that serves them."""
    name = f"guerdon_{count}"
    provision.provision_database(d.postgres.admin_dsn, name)
    settings = msgspec.structs.replace(d.settings, database_url=d.postgres.url("{role}", name))
    provision.migrate(settings.database_dsn("migrator"))
    provision.install_context_key(
        settings.database_dsn("migrator"), bytes.fromhex(settings.context_key)
    )
    async with open_runtime(
        settings, role="app", sections=SECTIONS, rules=RULES, pool_size=8
    ) as rt:
        now = rt.clock.now()
        await ensure_operator(rt, now=now)
        folder = from_blueprint(BLUEPRINT, slug="brand0", title="Brand 0", status=State.LIVE)
        tenant = (await apply_folder(rt, folder, author="bench", now=now)).tenant
        snapshot = await rt.snapshot(tenant.id, now)
        async with rt.db.write(tenant.id) as s:
            for n in range(MEMBERS):
                await members.join(
                    s, id=uuid7(), email=f"m{n}@bench.example", name=f"Member {n}",
                    language="en", snapshot=snapshot, now=now,
                )  # fmt: skip
        await asyncio.to_thread(_copy, d, name, tenant.id, count)
        domain = settings.base_domain
        yield Brands(rt, settings, [f"brand{n}.{domain}" for n in range(count)])


def _copy(d: Deployment, database: str, model: UUID, count: int) -> None:
    """Every row of the model brand, `count` - 1 times more."""
    with psycopg.connect(d.postgres.admin_dsn, dbname=database) as link:
        # The rows were checked when the model's were made; here they are only repeated.
        link.execute("SET session_replication_role = replica")
        link.execute("SET synchronous_commit = off")
        link.execute(
            "CREATE TEMP TABLE copy AS SELECT n, uuidv7() AS id FROM generate_series(1, %s) n",
            (count - 1,),
        )
        link.execute(
            """
            INSERT INTO ctl.tenant (id, slug, name, status, canonical_host)
            SELECT c.id, 'brand' || n, initcap(md5(n::text)) || ' ' || n, t.status,
                   replace(t.canonical_host, 'brand0.', 'brand' || n || '.')
              FROM copy c JOIN ctl.tenant t ON t.id = %(model)s
            """,
            {"model": model},
        )
        link.execute(
            """
            INSERT INTO ctl.tenant_host (host, tenant_id, verified_at)
            SELECT replace(h.host, 'brand0.', 'brand' || n || '.'), c.id, h.verified_at
              FROM copy c JOIN ctl.tenant_host h ON h.tenant_id = %(model)s
            UNION ALL
            SELECT 'club' || n || '.example', c.id, now() FROM copy c
            """,
            {"model": model},
        )
        link.execute(
            """
            INSERT INTO ctl.tenant_sheet (tenant_id, slug, name, status, status_since, created_at,
              plan, usage_percent, members, points_outstanding, points_held, open_orders, parked,
              requests, failed, health)
            SELECT c.id, t.slug, t.name, t.status, t.status_since,
                   now() - make_interval(mins => c.n),
                   (ARRAY['', 'free', 'growth', 'scale'])[1 + c.n % 4], c.n * 7 % 120,
                   c.n::bigint * 7919 % 100000, c.n::bigint * 104729 % 1000000,
                   c.n::bigint * 1299709 % 10000,
                   c.n * 31 % 50, (c.n % 97 = 0)::int * c.n, c.n * 13,
                   (c.n % 89 = 0)::int * c.n, (c.n % 97 = 0)::int * 2
              FROM copy c JOIN ctl.tenant t ON t.id = c.id
            """,
        )
        tables = link.execute(
            """
            SELECT c.relname, array_agg(a.attname ORDER BY a.attnum)
              FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
             WHERE c.relnamespace = 'app'::regnamespace AND c.relkind IN ('r', 'p')
               AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
               AND a.attgenerated = '' AND a.attname <> 'tenant_id'
             GROUP BY 1
            """
        ).fetchall()
        for table, columns in tables:
            if table in _UNCOPIED:
                continue
            listed = sql.SQL(", ").join(map(sql.Identifier, columns))
            theirs = sql.SQL(", ").join(sql.Identifier("m", column) for column in columns)
            link.execute(
                sql.SQL(
                    "INSERT INTO app.{table} (tenant_id, {columns}) OVERRIDING SYSTEM VALUE"
                    " SELECT c.id, {theirs} FROM app.{table} m CROSS JOIN copy c"
                    " WHERE m.tenant_id = {model}"
                ).format(
                    table=sql.Identifier(table),
                    columns=listed,
                    theirs=theirs,
                    model=sql.Literal(model),
                )
            )
    with psycopg.connect(d.postgres.admin_dsn, dbname=database, autocommit=True) as link:
        link.execute("VACUUM ANALYZE")


async def _host(b: Brands) -> None:
    for host in b.chosen(LOOKED_UP):
        assert await b.rt.directory._look_up(host) is not None


async def _parameters(b: Brands) -> None:
    for host in b.chosen(LOOKED_UP):
        tenant = b.rt.directory.peek(host)
        assert tenant is not None
        b.rt.snapshots._loaded.pop(tenant.id, None)
        await b.rt.snapshots.load(tenant.id)


async def _list(b: Brands) -> None:
    for sort in get_args(sheets.Sort):
        for down in (False, True):
            cursor = None
            for _ in range(2):
                async with b.rt.db.read(OPERATOR_ID) as s:
                    page = await sheets.page(s, sort=sort, down=down, cursor=cursor, limit=PAGE)
                assert len(page.items) == PAGE
                cursor = page.next_cursor


def _pages(b: Brands, port: int) -> float:
    """Seconds of each visit of a guest at the home pages of `VISITED` brands, or of all."""
    hosts = b.chosen(VISITED)
    visits = [request("GET", "/", {"host": host, "accept-language": "en"}) for host in hosts]
    visits = visits * (VISITS // len(visits))
    outcome = fire(port, visits, clients=8, keep=1)
    assert set(outcome.statuses) == {200}, (outcome.statuses, outcome.bodies)
    assert b'class="card-link"' in outcome.bodies[0]
    return outcome.seconds / len(visits)


async def _timed(work: Callable[[Brands], Awaitable[None]], b: Brands) -> float:
    started_at = time.perf_counter()
    await work(b)
    return time.perf_counter() - started_at


async def ratios(d: Deployment, pairs: int) -> list[Row]:
    """Many ÷ few of each part, in pairs that take turns."""
    rows = []
    async with brands(d, FEW) as few, brands(d, MANY) as many:
        for b in (few, many):
            # Every brand is known to the process, as to one that has run for a while.
            await asyncio.gather(*(_known(b, b.hosts[n::8]) for n in range(8)))
        # As a web process does once it is loaded: thousands of brands are not looked through again.
        settle()
        grown = await parameters_mb(many)
        rows.append(at_most(f"tenants: memory of {MANY:,} brands' parameters", "MB", 300, [grown]))
        parts = {"a host": _host, "parameters": _parameters, "the list by each column": _list}
        for name, work in parts.items():
            samples = []
            for n in range(-1, 3 * pairs):
                taken = {}
                for b in (few, many) if n % 2 else (many, few):
                    taken[b] = await _timed(work, b)
                if n >= 0:
                    samples.append(taken[many] / taken[few])
            rows.append(at_most(f"tenants: {name}, {MANY:,} ÷ {FEW}", "times", 1.2, samples))
        with (
            started(d.log, GUERDON_DATABASE_URL=few.settings.database_url) as few_port,
            started(d.log, GUERDON_DATABASE_URL=many.settings.database_url) as many_port,
        ):
            samples = []
            for n in range(-1, pairs):
                ports = [(few, few_port), (many, many_port)]
                times = {}
                for b, port in ports if n % 2 else ports[::-1]:
                    times[b] = await asyncio.to_thread(_pages, b, port)
                if n >= 0:
                    samples.append(times[many] / times[few])
            rows.append(at_most(f"tenants: home page, {MANY:,} ÷ {FEW}", "times", 1.2, samples))
    return rows


async def parameters_mb(b: Brands) -> float:
    """By how much this process grows when it takes in the parameters of all brands."""

    async def taken_in(hosts: Sequence[str]) -> None:
        for host in hosts:
            tenant = b.rt.directory.peek(host)
            assert tenant is not None
            await b.rt.snapshots.ensure(tenant.id)

    before = _resident_mb()
    await asyncio.gather(*(taken_in(b.hosts[n::8]) for n in range(8)))
    return _resident_mb() - before


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


async def _known(b: Brands, hosts: Sequence[str]) -> None:
    for host in hosts:
        assert await b.rt.directory.by_host(host) is not None
