"""What one user of a connection leaves behind never serves the next."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from guerdon.kit.ids import uuid7
from guerdon.plumbing.db import Database

QUERIES = 3_000
TENANTS = 20
SEED = 20261112


class MishapError(Exception):
    """A bug in the middle of a transaction."""


@pytest.fixture
async def pool(settings: Any) -> AsyncIterator[Database]:
    """A pool of five connections as guerdon_app, in the common test database."""
    db = Database(settings.database_dsn("app"), bytes.fromhex(settings.context_key), pool_size=5)
    await db.open()
    yield db
    await db.close()


async def poison(db: Database, tenant_id: UUID) -> None:
    """Session-level residue on every server connection, as a careless `SET` would leave it."""

    async def one() -> None:
        # Nobody holds every connection, so each is taken for somebody else.
        async with db._borrow(uuid7()) as connection:
            for name, value in (("app.ctx", db.sign(tenant_id)), ("app.ctx_at", "1")):
                await connection.execute("SELECT set_config(%s, %s, false)", (name, value))
            await asyncio.sleep(0.05)

    await asyncio.gather(*(one() for _ in range(5)))


async def test_residue_is_harmless(pool: Database, make_tenant: Any, report: Any, rt: Any) -> None:
    tenants = [await make_tenant() for _ in range(TENANTS)]
    for tenant in tenants:
        async with rt.db.write(tenant.id) as s:
            await rt.secrets.put(s, "mark", str(tenant.id))
    await poison(pool, tenants[0].id)
    dice = random.Random(SEED)
    foreign = asked = 0

    async def visit(own: UUID, turn: int) -> None:
        nonlocal foreign, asked
        try:
            opener = pool.write if turn % 3 else pool.read
            async with opener(own) as s:
                for _ in range(1 + turn % 3):
                    asked += 1
                    rows = await s.all(UUID, "SELECT tenant_id FROM app.secret")
                    foreign += sum(row != own for row in rows)
                    assert rows == [own]
                if turn % 7 == 0:
                    raise MishapError
                if turn % 11 == 0:
                    await s.value("SELECT 1 / 0")
                if turn % 13 == 0:
                    await s.value("SELECT set_config('app.ctx', %(c)s, false)", {"c": "junk"})
                if turn % 17 == 0:
                    await asyncio.wait_for(s.value("SELECT pg_sleep(5)"), 0.01)
        except (MishapError, psycopg.Error, TimeoutError):
            return

    async def forgetful() -> None:
        nonlocal asked
        asked += 1
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with pool.control() as s:
                await s.value("SELECT count(*) FROM app.secret")

    turn = 0
    while asked < QUERIES:
        batch = []
        for _ in range(25):
            turn += 1
            if turn % 19 == 0:
                batch.append(forgetful())
            else:
                batch.append(visit(dice.choice(tenants).id, turn))
        await asyncio.gather(*batch)
        if turn % 500 == 0:
            await poison(pool, dice.choice(tenants).id)
    report.add("poisoned connections", crossed=foreign, queries=QUERIES, tenants=TENANTS, seed=SEED)
    assert foreign == 0
