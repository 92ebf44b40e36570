"""A brand that the database's statistics know nothing of, since it came after them: what an import
and the ledger's proof read of it grows as the brand does, not as its square."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import psycopg
import pytest
from tests.conftest import create_tenant

from guerdon.earning.verify import verify as verify_earning
from guerdon.ledger.verify import verify
from guerdon.local.servers import PostgresServer
from guerdon.members import imports
from guerdon.programme import SECTIONS
from guerdon.runtime import Runtime, open_runtime
from guerdon.settings import Settings
from guerdon.tenancy.schemas import Tenant

NOW = datetime(2026, 11, 12, 12, tzinfo=UTC)
DATABASE = "guerdon_growth"
MEMBERS = 1_500


async def bring_in(rt: Runtime, tenant: Tenant, count: int) -> imports.Totals:
    lines = "".join(f"m{n}@example.com,M{n},{n + 1},crm-{n}\n" for n in range(count))
    return await imports.run(
        rt,
        tenant_id=tenant.id,
        file=BytesIO(f"email,name,points,external id\n{lines}".encode()),
        snapshot=await rt.snapshot(tenant.id, NOW),
        now=NOW,
    )


async def test_rows_read_grow_with_the_brand(
    empty_database: Callable[[str], Settings], postgres: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    settings = empty_database(DATABASE)
    monkeypatch.setattr(imports, "CHUNK", 100)

    def asked(sql: str) -> list[Any]:
        with psycopg.connect(postgres.url("postgres", DATABASE), autocommit=True) as admin:
            cursor = admin.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def read_per_member() -> dict[str, int]:
        counted = asked(
            "SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables"
        )
        asked("SELECT pg_stat_reset()")
        return {name: rows // MEMBERS for name, rows in counted if rows >= MEMBERS}

    async with open_runtime(settings, role="app", sections=SECTIONS) as rt:
        await bring_in(rt, await create_tenant(rt), 300)
    asked("VACUUM (ANALYZE)")
    read_per_member()

    # What a connection has read is counted when it ends, at the latest.
    async with open_runtime(settings, role="app", sections=SECTIONS) as rt:
        tenant = await create_tenant(rt)
        assert (await bring_in(rt, tenant, MEMBERS)).created == MEMBERS
    assert read_per_member()["member"] < 5
    async with open_runtime(settings, role="app", sections=SECTIONS) as rt:
        assert (await bring_in(rt, tenant, MEMBERS)).unchanged == MEMBERS
    read = read_per_member()
    assert (read["member"], read["ledger_txn"]) == (2, 1)

    async with open_runtime(settings, role="app", sections=SECTIONS) as rt:
        async with rt.db.read(tenant.id) as s:
            report = await verify(s)
            assert (report.findings, report.transactions) == ([], MEMBERS)
            assert await verify_earning(s) == []
    assert max(read_per_member().values()) < 40
