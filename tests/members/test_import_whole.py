"""A brand moves in: tiers, control totals, a run that was killed, an export with faults in it."""

import asyncio
import io
import os
import sys
from asyncio.subprocess import PIPE
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.conftest import MakeTenant

from guerdon.earning.verify import verify as verify_earning
from guerdon.kit.ids import uuid7
from guerdon.ledger.verify import verify
from guerdon.members import imports, operations, queries
from guerdon.members.import_merge import Totals
from guerdon.members.import_rows import ImportFileError, RowError
from guerdon.runtime import Runtime
from guerdon.settings import Settings
from guerdon.tenancy.schemas import Tenant
from guerdon.tiers import queries as tiers

LADDER = {
    "period": "calendar_year",
    "tiers": [
        {"key": "blue", "threshold": 0},
        {"key": "silver", "name": {"en": "Silver", "pt-BR": "Prata"}, "threshold": 2_000},
        {"key": "gold", "threshold": 10_000},
    ],
}


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 12, 12, 0, tzinfo=UTC)


async def bring_in(
    rt: Runtime, tenant: Tenant, content: str, now: datetime, **more: Any
) -> tuple[Totals, list[RowError]]:
    errors: list[RowError] = []
    totals = await imports.run(
        rt,
        tenant_id=tenant.id,
        file=io.BytesIO(content.encode()),
        snapshot=await rt.snapshot(tenant.id, now),
        now=now,
        on_error=errors.append,
        **more,
    )
    return totals, errors


async def tier_of(rt: Runtime, tenant: Tenant, email: str, at: datetime) -> str | None:
    async with rt.db.read(tenant.id) as s:
        member = await queries.find_by_email(s, email_norm=email)
        assert member is not None
        snapshot = await rt.snapshot(tenant.id, at)
        standing = await tiers.standing(s, account_id=member.account_id, snapshot=snapshot, now=at)
        return standing.tier


async def proved(rt: Runtime, tenant: Tenant) -> list[Any]:
    async with rt.db.read(tenant.id) as s:
        return [*(await verify(s)).findings, *await verify_earning(s)]


async def test_tiers_come_along(rt: Runtime, make_tenant: MakeTenant, now: datetime) -> None:
    tenant = await make_tenant(tiers=LADDER)
    async with rt.db.write(tenant.id) as s:
        await operations.join(
            s, id=uuid7(), email="eva@example.com", name="Eva",
            snapshot=await rt.snapshot(tenant.id, now), now=now,
        )  # fmt: skip
    content = (
        "email,name,points,tier,tier until\n"
        "ana@example.com,Ana,100,gold,2028-12-31\n"
        "bia@example.com,Bia,,PRATA,\n"
        "caio@example.com,Caio,50,blue,\n"
        "dan@example.com,Dan,70,platinum,\n"
        "eva@example.com,Eva,30,Silver,\n"
        "fay@example.com,Fay,5,gold,2027-03-31\n"
        "gil@example.com,Gil,5,gold,2025-12-31\n"
        "hugo@example.com,Hugo,5,,2027-12-31\n"
        "ivo@example.com,Ivo,5,gold,2040-12-31\n"
    )
    rehearsed, _ = await bring_in(rt, tenant, content, now, dry_run=True)
    totals, errors = await bring_in(rt, tenant, content, now)
    assert rehearsed == totals
    assert totals == Totals(
        rows=9, created=3, unchanged=1, rejected=5, points_in_file=180, points_booked=180,
        points_rejected=90, tiers={"gold": 1, "silver": 2, "blue": 1},
    )  # fmt: skip
    assert [(e.line, e.column, e.reason, e.message) for e in errors] == [
        (5, "tier", "tier", "There is no such tier; known: blue, silver, gold."),
        (7, "tier_until", "year", "Tiers last until the end of a year: write 2027-12-31."),
        (8, "tier_until", "past", "This day is over."),
        (9, "tier_until", "tier", "A last day needs a tier."),
        (10, "tier_until", "ahead", "At most 5 years ahead."),
    ]
    later = datetime(2028, 12, 31, 12, tzinfo=UTC)
    after = datetime(2029, 1, 2, 12, tzinfo=UTC)
    assert [
        [await tier_of(rt, tenant, f"{who}@example.com", at) for at in (now, later, after)]
        for who in ("ana", "bia", "caio", "eva")
    ] == [
        ["gold", "gold", "blue"],
        ["silver", "blue", "blue"],
        ["blue", "blue", "blue"],
        ["silver", "blue", "blue"],
    ]
    assert await proved(rt, tenant) == []
    again, errors = await bring_in(rt, tenant, content, now)
    assert (again.created, again.unchanged, again.points_booked, again.points_there) == (
        0, 4, 0, 180,
    )  # fmt: skip
    assert again.reconciled
    assert await proved(rt, tenant) == []


@pytest.mark.parametrize(
    ("ladder", "cells", "column", "said"),
    [
        ({}, "gold,", "tier",
         "The programme has no tiers: leave this empty or make its tiers first."),
        (LADDER | {"period": "lifetime"}, "gold,2027-12-31", "tier_until",
         "Tiers count over the whole membership and have no last day: leave this empty."),
    ],
)  # fmt: skip
async def test_tiers_that_the_programme_cannot_keep(
    rt: Runtime, make_tenant: MakeTenant, now: datetime,
    ladder: dict[str, Any], cells: str, column: str, said: str,
) -> None:  # fmt: skip
    tenant = await make_tenant(tiers=ladder)
    content = f"email,name,tier,tier until\nana@example.com,Ana,{cells}\n"
    _, errors = await bring_in(rt, tenant, content, now)
    assert [(e.line, e.column, e.message) for e in errors] == [(2, column, said)]


FILE = "email,name,points\nana@example.com,Ana,100\nbad,Bia,20\ncaio@example.com,Caio,x\n"


@pytest.mark.parametrize(
    ("lines", "points", "reason"), [(3, 120, None), (4, 120, "lines"), (3, 121, "points")]
)
def test_what_was_announced_has_to_be_there(lines: int, points: int, reason: str | None) -> None:
    """Lines that will be refused count too: the totals are the sender's."""
    file = io.BytesIO(FILE.encode())
    if reason is None:
        imports.require(file, lines=lines, points=points)
        assert file.read() == FILE.encode()
        return
    with pytest.raises(imports.TotalsDifferError) as refused:
        imports.require(file, lines=lines, points=points)
    assert refused.value.params == {"reason": reason, "lines": 3, "points": 120}
    assert "nothing is imported" in refused.value.detail


def test_a_file_parted_otherwise_says_so() -> None:
    with pytest.raises(
        ImportFileError, match=r"parted by \|; part them by comma, semicolon or tab"
    ):
        imports.tally(io.BytesIO(b"email|name\nana@example.com|Ana\n"))


async def test_an_export_with_faults_in_it(
    rt: Runtime, tenant: Tenant, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three lines in a hundred are wrong, in ways that other systems' exports are."""
    monkeypatch.setattr(imports, "CHUNK", 70)
    faults = [
        "=HYPERLINK(1),Formula,5", "zoe@example,No domain,5", "m1@example.com,Twice,5",
        "late@example.com,Half a point,1.5", "\x00nul@example.com,Nul,5",
        'open@example.com,"Open,5',
        "few@example.com,Few", "neg@example.com,Negative,-5", "none@example.com,,5",
        f"long@example.com,{'A' * 20_000},5",
    ]  # fmt: skip
    lines, wrong = ["email,name,points"], []
    for n in range(330):
        lines.append(f"m{n}@example.com,Member {n},{n}")
        if n % 33 == 32:
            lines.append(faults[n // 33])
            wrong.append(len(lines))
    totals, errors = await bring_in(rt, tenant, "\n".join(lines) + "\n", now)
    assert [e.line for e in errors] == wrong
    assert [e.reason for e in errors] == [
        "formula", "email", "duplicate", "points", "nul", "quotes", "columns", "points",
        "required", "too_long",
    ]  # fmt: skip
    assert totals == Totals(
        rows=340, created=330, rejected=10, points_in_file=54_285, points_booked=54_285,
        points_rejected=15,
    )  # fmt: skip
    assert await proved(rt, tenant) == []


async def test_a_killed_run_is_finished_by_the_next(
    rt: Runtime, tenant: Tenant, settings: Settings, root: Path, tmp_path: Path,
    guerdon: Any, now: datetime,
) -> None:  # fmt: skip
    """It is killed while it waits in its second chunk, for a member whom somebody is making."""
    count = imports.CHUNK + 500
    file = tmp_path / "members.csv"
    file.write_text(
        "email,name,points\n" + "".join(f"m{n}@example.com,M{n},{n}\n" for n in range(count))
    )
    environ = dict(os.environ) | {
        f"GUERDON_{name.upper()}": value
        if isinstance(value, str)
        else ",".join(value)
        if isinstance(value, tuple)
        else msgspec.json.encode(value).decode()
        for name, value in msgspec.structs.asdict(settings).items()
    }

    async def there() -> int:
        async with rt.aside.read(tenant.id) as s:
            return int(
                await s.value("SELECT count(*) FROM app.member WHERE tenant_id = %(tenant_id)s")
            )

    class NeverMindError(Exception):
        pass

    with pytest.raises(NeverMindError):
        async with rt.db.write(tenant.id) as s:
            await operations.join(
                s, id=uuid7(), email=f"m{count - 1}@example.com", name="Slow",
                snapshot=await rt.snapshot(tenant.id, now), now=now,
            )  # fmt: skip
            command = ["members", "import", str(file), "--tenant", tenant.slug]
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "guerdon.cli", *command),
                env=environ, cwd=root, stdout=PIPE, stderr=PIPE,
            )  # fmt: skip
            try:
                while await there() < imports.CHUNK:
                    assert child.returncode is None
                    await asyncio.sleep(0.05)  # nothing tells when a chunk is in
            finally:
                child.kill()
                await child.communicate()
            raise NeverMindError
    assert await there() == imports.CHUNK
    done = await guerdon(
        *command, "--expect-lines", str(count), "--expect-points", str(count * (count - 1) // 2)
    )
    assert done.returncode == 0, done.stderr
    assert f"{count} lines: 500 created, {imports.CHUNK} there" in done.stdout
    assert await there() == count
    assert await proved(rt, tenant) == []
