"""The admin API of simulations: started, watched, downloaded, cancelled, stale, foreign."""

import csv
import hashlib
import io
import random
from typing import Any
from uuid import UUID

import pytest
from tests.simulation.desk import change_set, discard, edit
from tests.simulation.programmes import programme

from guerdon.kit.ids import uuid7
from guerdon.plumbing.jobs import Handlers
from guerdon.plumbing.runner import Ran, Runner
from guerdon.simulation import jobs

EDITS = {"points.price_factor": "90"}


async def work(rt: Any, worker: Any, tenant: Any) -> None:
    """What a worker does with the runs in line."""
    async with rt.db.read(tenant.id) as s:
        waiting = await s.all(
            UUID,
            "SELECT id FROM app.outbox WHERE tenant_id = %(tenant_id)s AND topic = %(topic)s"
            " AND done_at IS NULL ORDER BY id",
            {"topic": jobs.RunBackTest.topic},
        )
    for message in waiting:
        assert await Runner(worker, Handlers(*jobs.HANDLERS)).run(tenant.id, message) is Ran.DONE


@pytest.fixture
async def brand(make_tenant: Any) -> Any:
    return await make_tenant(**programme(random.Random("api")))


async def test_a_change_is_tried_from_the_console(
    rt: Any, worker_rt: Any, brand: Any, console: Any
) -> None:
    c = await console(brand, roles=("marketer",))
    draft = await change_set(rt, brand, EDITS)
    path = f"{c.brand}/change-sets/{draft}/simulations"
    started = await c.post(path, json={"days": 7})
    assert started.status_code == 202, started.text
    run = started.json()
    assert (run["state"], run["days"], run["stale"]) == ("queued", 7, None)
    assert run["requestedByName"] == "Olga Owner"
    early = await c.get(f"{path}/{run['id']}/report")
    assert (early.status_code, early.json()["code"]) == (409, "no_report")

    await work(rt, worker_rt, brand)
    done = (await c.get(f"{path}/{run['id']}")).json()
    assert (done["state"], done["processed"]) == ("done", done["total"])
    report = await c.get(f"{path}/{run['id']}/report")
    assert hashlib.sha256(report.content).hexdigest() == done["reportHash"]
    told = report.json()
    assert told["days"] == len(told["byDay"]) == 7
    assert told["fingerprint"] == done["fingerprint"]
    table = await c.get(f"{path}/{run['id']}/report.csv")
    assert table.headers["content-disposition"].endswith('.csv"')
    rows = list(csv.reader(io.StringIO(table.text)))
    assert rows[0] == ["part", "what", "before", "after", "change"]
    assert ["total", "issued", "0", "0", "0"] in rows

    ended = await c.post(f"{path}/{run['id']}/cancel")
    assert (ended.status_code, ended.json()["code"]) == (409, "simulation_ended")
    second = (await c.post(path, json={"days": 7})).json()
    stopped = await c.post(f"{path}/{second['id']}/cancel")
    assert stopped.json()["state"] == "cancelled"
    listed = (await c.get(path)).json()["items"]
    assert [r["state"] for r in listed] == ["cancelled", "done"]

    await edit(rt, brand, draft, {"points.price_factor": "80"}, row_version=2)
    assert (await c.get(f"{path}/{run['id']}")).json()["stale"] == "draft_changed"
    async with rt.db.read(brand.id) as s:
        actions = await s.all(
            str, "SELECT action FROM app.audit_entry WHERE tenant_id = %(tenant_id)s ORDER BY seq"
        )
    assert actions == ["simulation.started", "simulation.started", "simulation.cancelled"]


async def test_what_cannot_be_tried_says_why(rt: Any, brand: Any, console: Any) -> None:
    c = await console(brand)
    draft = await change_set(rt, brand, {"points.price_factor": "0"})
    path = f"{c.brand}/change-sets/{draft}/simulations"
    for days in (0, 367):
        refused = await c.post(path, json={"days": days})
        assert refused.status_code in {400, 422}
        assert "days" in refused.text
    broken = await c.post(path, json={"days": 7})
    assert (broken.status_code, broken.json()["code"]) == (422, "invalid_parameters")
    assert "points.price_factor" in broken.text
    await edit(rt, brand, draft, {"points.price_factor": "50"}, row_version=2)
    await discard(rt, brand, draft)
    over = await c.post(path, json={"days": 7})
    assert (over.status_code, over.json()["code"]) == (409, "nothing_proposed")
    nowhere = await c.post(f"{c.brand}/change-sets/{uuid7()}/simulations", json={"days": 7})
    assert nowhere.status_code == 404


async def test_a_run_is_its_brand_s_and_its_change_set_s(
    rt: Any, worker_rt: Any, brand: Any, make_tenant: Any, console: Any
) -> None:
    c, other = await console(brand), await make_tenant()
    stranger = await console(other)
    draft, another = await change_set(rt, brand, EDITS), await change_set(rt, brand, EDITS)
    path = f"{c.brand}/change-sets/{draft}/simulations"
    run = (await c.post(path, json={"days": 3})).json()["id"]
    await work(rt, worker_rt, brand)
    for tail in ("", "/report", "/report.csv"):
        assert (await c.get(f"{path}/{run}{tail}")).status_code == 200
        foreign = f"{stranger.brand}/change-sets/{draft}/simulations/{run}{tail}"
        assert (await stranger.get(foreign)).status_code == 404
        wrong = f"{c.brand}/change-sets/{another}/simulations/{run}{tail}"
        assert (await c.get(wrong)).status_code == 404
    agent = await console(brand, roles=("support_agent",))
    assert (await agent.get(path)).status_code == 403
