"""`guerdon audit` on a real brand."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from guerdon.audit.operations import record
from guerdon.runtime import Runtime


async def test_a_trail_is_kept_elsewhere_and_proved(
    guerdon: Any, rt: Runtime, tenant: Any, tmp_path: Path, postgres: Any
) -> None:
    where = ("--tenant", tenant.slug)
    for n in (1, 2, 3):
        async with rt.db.write(tenant.id) as s:
            await record(
                s, actor="cli", action="tenant.applied", subject=f"version:{n}",
                summary={"n": n}, now=datetime(2026, 1, n, tzinfo=UTC),
            )  # fmt: skip
    kept = tmp_path / "elsewhere.jsonl"
    kept.write_text((await guerdon("audit", "checkpoint", *where)).stdout)
    exported = (await guerdon("audit", "export", *where)).stdout.splitlines()
    assert [msgspec.json.decode(line)["subject"] for line in exported] == [
        "version:1", "version:2", "version:3",
    ]  # fmt: skip
    proved = await guerdon("audit", "verify", *where, "--checkpoints", str(kept))
    assert (proved.returncode, proved.stdout) == (0, "the trail is whole\n")
    with psycopg.connect(postgres.admin_dsn, dbname="guerdon_test", autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        for table in ("audit_entry", "audit_head"):
            admin.execute(f"DELETE FROM app.{table} WHERE tenant_id = '{tenant.id}'".encode())
    assert (await guerdon("audit", "verify", *where)).returncode == 0
    cut = await guerdon("audit", "verify", *where, "--checkpoints", str(kept))
    assert (cut.returncode, cut.stderr) == (
        1, "entry 1: the trail was cut: a checkpoint knows 3\n",
    )  # fmt: skip
