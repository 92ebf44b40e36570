"""Members from a file, from the desk: looked through, taken in, and refused where it must be."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from tests.admin_api.test_catalogue import run_jobs
from tests.conftest import MakeTenant
from tests.members.test_import_whole import LADDER, proved
from tests.plans.test_usage import give
from tests.redemption.world import World

from guerdon.members import import_jobs
from guerdon.plans.plans import Override
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant


@pytest.fixture
async def brand(make_tenant: MakeTenant) -> Tenant:
    return await make_tenant(tiers=LADDER)


@pytest.fixture
async def desk(console: Any, brand: Tenant) -> Any:
    return await console(brand, roles=("administrator",), name="Ada Admin")


async def send(desk: Any, content: str, name: str = "members.csv") -> str:
    sent = await desk.post(f"{desk.brand}/members/imports?name={name}", content=content.encode())
    assert (sent.status_code, sent.json()["state"]) == (201, "checking"), sent.text
    return f"{desk.brand}/members/imports/{sent.json()['id']}"


async def points(rt: Runtime, brand: Tenant) -> tuple[int, int]:
    async with rt.db.read(brand.id) as s:
        return (
            await s.value("SELECT count(*) FROM app.member WHERE tenant_id = %(tenant_id)s"),
            await s.value(
                "SELECT coalesce(sum(posted), 0)::bigint FROM app.ledger_account"
                " WHERE tenant_id = %(tenant_id)s"
            ),
        )


async def test_a_file_is_looked_through_and_then_taken_in(
    desk: Any, console: Any, brand: Tenant, rt: Runtime, worker_rt: Runtime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """In stretches of forty lines, of which one dies and is done again."""
    monkeypatch.setattr(import_jobs, "CHUNK", 40)
    content = "email,name,points,tier\n" + "".join(
        f"m{n}@example.com,Member {n},{n},{'gold' if n % 50 == 0 else ''}\n" for n in range(150)
    )
    content += "m3@example.com,Again,4,\nzoe@example.com,Zoe,9,platinum\n=1+1@example.com,F,1,\n"
    one = await send(desk, content)
    early = await desk.post(f"{one}/apply")
    assert (early.status_code, early.json()["code"]) == (409, "member_import_state")
    await run_jobs(rt, worker_rt, brand)
    looked = (await desk.get(one)).json()
    totals = {
        "rows": 153, "created": 150, "unchanged": 0, "rejected": 3, "pointsInFile": 11_175,
        "pointsBooked": 11_175, "pointsThere": 0, "pointsRejected": 13, "tiers": {"gold": 3},
    }  # fmt: skip
    assert (looked["state"], looked["totals"]) == ("checked", totals)
    assert looked["position"] == looked["sizeBytes"] == len(content)
    assert [(e["line"], e["column"], e["reason"]) for e in looked["errors"]] == [
        (152, "email", "duplicate"), (153, "tier", "tier"), (154, "email", "formula"),
    ]  # fmt: skip
    assert await points(rt, brand) == (0, 0)

    merge, calls = import_jobs.merge, []

    async def once(*given: Any, **more: Any) -> Any:
        calls.append(1)
        done = await merge(*given, **more)
        if len(calls) == 2:
            raise RuntimeError("the process dies here")
        return done

    monkeypatch.setattr(import_jobs, "merge", once)
    started = await desk.post(f"{one}/apply")
    assert started.json()["state"] == "applying"
    await World(rt, worker_rt, brand).drain(soon_s=600)
    applied = (await desk.get(one)).json()
    assert (applied["state"], applied["totals"], len(calls)) == ("applied", totals, 5)
    assert applied["checkedTotals"] == totals
    assert (applied["createdBy"], applied["appliedBy"]) == ("Ada Admin", "Ada Admin")
    assert await points(rt, brand) == (150, 11_175)
    assert await proved(rt, brand) == []
    refused = await desk.get(f"{one}/refused")
    assert list(csv.reader(io.StringIO(refused.text.lstrip("\ufeff")))) == [
        ["line", "column", "reason", "message", "value"],
        ["152", "email", "duplicate", "The same as in line 5.", "m3@example.com"],
        ["153", "tier", "tier", "There is no such tier; known: blue, silver, gold.", "platinum"],
        ["154", "email", "formula", "The value begins like a formula.", "'=1+1@example.com"],
    ]
    owner = await console(brand)
    told = (await owner.get(f"{owner.brand}/audit?action=member_import.*")).json()["items"]
    assert [e["action"] for e in told] == ["member_import.started", "member_import.file_sent"]
    assert (await desk.post(f"{one}/discard")).status_code == 409

    again = await send(desk, content)
    await run_jobs(rt, worker_rt, brand)
    looked = (await desk.get(again)).json()
    assert looked["totals"] == totals | {
        "created": 0, "unchanged": 150, "pointsBooked": 0, "pointsThere": 11_175,
    }  # fmt: skip
    dropped = await desk.post(f"{again}/discard")
    assert dropped.json()["state"] == "discarded"
    listed = (await desk.get(f"{desk.brand}/members/imports")).json()["items"]
    assert [i["state"] for i in listed] == ["discarded", "applied"]
    assert all(i["errors"] == [] for i in listed)


async def test_a_plan_without_room_says_so_before_anything_comes_in(
    desk: Any, brand: Tenant, rt: Runtime, worker_rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_jobs, "CHUNK", 2)
    await give(rt, brand, "free", {"members": Override(3)})
    rows = [f"m{n}@example.com,M,1\n" for n in range(4)]
    one = await send(desk, "email,name,points\n" + "".join(rows))
    await run_jobs(rt, worker_rt, brand)
    told = (await desk.get(one)).json()
    assert (told["state"], told["faultCode"]) == ("failed", "quota_reached")
    assert told["fault"].startswith("The plan of the programme includes 3 members.")
    assert await points(rt, brand) == (0, 0)
    one = await send(desk, "email,name,points\n" + "".join(rows[:3]))
    await run_jobs(rt, worker_rt, brand)
    assert (await desk.post(f"{one}/apply")).status_code == 200
    await run_jobs(rt, worker_rt, brand)
    assert (await desk.get(one)).json()["state"] == "applied"
    assert await points(rt, brand) == (3, 3)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("email|name\n", "delimiter"), ("name\nAna\n", "missing_column"),
        ("email,name,e-mail\n", "duplicate_column"), ("\x00\n", "heading"),
    ],
)  # fmt: skip
async def test_a_file_that_cannot_be_read_says_why(
    desk: Any, brand: Tenant, rt: Runtime, worker_rt: Runtime, content: str, code: str
) -> None:
    one = await send(desk, content)
    await run_jobs(rt, worker_rt, brand)
    told = (await desk.get(one)).json()
    assert (told["state"], told["faultCode"]) == ("failed", code)


async def test_only_who_may_sends_files(
    console: Any, brand: Tenant, rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = await console(brand, roles=("support_agent",))
    answer = await agent.post(f"{agent.brand}/members/imports?name=m.csv", content=b"email,name\n")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing")
    monkeypatch.setattr(import_jobs.IMPORTS, "bytes_max", 10)
    owner = await console(brand)
    answer = await owner.post(f"{owner.brand}/members/imports?name=m.csv", content=b"email,name\n")
    assert (answer.status_code, answer.json()["code"]) == (413, "upload_too_large")
    kept = Path(rt.settings.files_dir) / "uploads" / str(brand.id)
    assert list(kept.glob("*")) == []
