"""The demo's past: made through the front doors, true to the ledger, the same every time."""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from guerdon.earning.verify import verify as verify_earning
from guerdon.kit.paths import bundled
from guerdon.ledger.verify import verify
from guerdon.local.history import Named, make_history
from guerdon.local.history_plan import DAYS, HABITS, MEMBERS, WINDOWS, people, purchases
from guerdon.members import queries
from guerdon.programme.folder import apply_folder, read_folder
from guerdon.redemption.queries import violations
from guerdon.runtime import Runtime

NOW = datetime.now(UTC)


class _Count(msgspec.Struct):
    what: str
    n: int


def _named(folder: Path) -> list[Named]:
    told = tomllib.loads((folder / "demo.toml").read_text())["members"]
    return [msgspec.convert({k: m[k] for k in ("name", "email", "language", "story")}, Named)
            for m in told]  # fmt: skip


@pytest.mark.parametrize("brand", ["aurora", "kettle"])
async def test_twelve_months_are_made_once_and_hold(
    rt: Runtime, worker_rt: Runtime, brand: str
) -> None:
    folder = bundled("tenants") / "demo" / brand
    tenant = (await apply_folder(rt, read_folder(folder), author="test", now=NOW)).tenant
    told: list[int] = []
    made: dict[str, Any] = {"tenant": tenant, "named": _named(folder), "now": NOW}

    assert await make_history(rt, worker_rt, progress=lambda done, _: told.append(done), **made)
    assert told == list(range(1, WINDOWS + 1))
    before = await _counts(rt, tenant.id)
    assert not await make_history(rt, worker_rt, **made)
    assert await _counts(rt, tenant.id) == before

    assert before["members"] == MEMBERS + 2
    assert before["earn"] >= 3_000
    for kind in ("adjust", "redeem", "reverse", "expire"):
        assert before[kind] >= 5, kind
    assert before["settled"] >= 60
    assert before["cancelled"] >= 5
    assert before["confirmed"] >= 2
    assert before["letters"] == 0
    async with rt.db.read(tenant.id) as s:
        report = await verify(s)
        assert report.findings == []
        assert await verify_earning(s) == []
        assert await violations(s) == []
        rich = await queries.find_by_email(s, email_norm=made["named"][0].email)
        assert rich is not None
        assert rich.joined_at < NOW - timedelta(days=DAYS)
        latest = await s.value("SELECT max(occurred_at) FROM app.ledger_txn")
        assert latest < NOW


async def _counts(rt: Runtime, tenant_id: Any) -> dict[str, int]:
    async with rt.db.read(tenant_id) as s:
        rows = await s.all(
            _Count,
            "SELECT kind AS what, count(*) AS n FROM app.ledger_txn GROUP BY kind"
            " UNION ALL SELECT state, count(*) FROM app.redemption GROUP BY state"
            " UNION ALL SELECT 'members', count(*) FROM app.member"
            " UNION ALL SELECT 'letters', count(*) FROM app.message_log WHERE state = 'queued'",
        )
    return {row.what: row.n for row in rows}


def test_the_dice_always_fall_the_same() -> None:
    for brand in HABITS:
        everyone = people(brand)
        assert everyone == people(brand)
        assert len({p.email for p in everyone}) == MEMBERS
        assert all(p.email.endswith(".example") for p in everyone)
        assert list(purchases(brand, everyone, 7)) == list(purchases(brand, everyone, 7))
