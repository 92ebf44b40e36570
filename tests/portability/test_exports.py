"""An export asked for in the console: made by a worker, downloaded by an owner, gone in time."""

import io
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from guerdon.plumbing.runner import Ran, Runner
from guerdon.portability import exports
from guerdon.portability.exports import ExpireExport, MakeExport
from guerdon.portability.verify_export import findings
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant
from guerdon_workers.actors import all_handlers


async def work(worker: Runtime, tenant: Tenant, topic: str) -> None:
    async with worker.db.read(tenant.id) as s:
        message = await s.value(
            "SELECT id FROM app.outbox WHERE tenant_id = %(tenant_id)s AND topic = %(topic)s"
            " AND done_at IS NULL",
            {"topic": topic},
        )
    assert await Runner(worker, all_handlers()).run(tenant.id, message) is Ran.DONE


async def actions(rt: Runtime, tenant: Tenant) -> list[str]:
    async with rt.db.read(tenant.id) as s:
        return await s.all(
            str,
            "SELECT action FROM app.audit_entry WHERE tenant_id = %(tenant_id)s ORDER BY seq",
        )


async def test_an_owner_takes_the_brand_away(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant, make_tenant: Any, console: Any, tmp_path: Path
) -> None:
    owner = await console(tenant)
    at = f"{owner.brand}/exports"
    asked = await owner.post(at)
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting"), asked.text
    at_once = await owner.post(at)
    assert (at_once.status_code, at_once.json()["code"]) == (409, "export_under_way")
    one = f"{at}/{asked.json()['id']}/file"
    early = await owner.get(one)
    assert (early.status_code, early.json()["code"]) == (410, "export_gone")

    await work(worker_rt, tenant, MakeExport.topic)
    (ready,) = (await owner.get(at)).json()["items"]
    assert (ready["state"], ready["done"]) == ("ready", ready["total"])
    assert ready["requestedByName"] == "Olga Owner"
    got = await owner.get(one)
    assert got.headers["content-type"] == "application/zip"
    assert len(got.content) == ready["sizeBytes"] == int(got.headers["content-length"])
    with zipfile.ZipFile(io.BytesIO(got.content)) as packed:
        packed.extractall(tmp_path)
    folder = tmp_path / f"{tenant.slug}-export"
    assert list(findings(folder)) == []
    assert ready["contentHash"].encode() in (folder / "manifest.json").read_bytes()
    assert await actions(rt, tenant) == ["export.asked", "export.made", "export.downloaded"]

    neighbour = await console(await make_tenant())
    foreign = await neighbour.get(f"{neighbour.brand}/exports/{ready['id']}/file")
    assert foreign.status_code == 404
    administrator = await console(tenant, roles=("administrator",))
    assert (await administrator.post(at)).status_code == 403

    await work(worker_rt, tenant, ExpireExport.topic)
    gone = await owner.get(one)
    assert (gone.status_code, gone.json()["code"]) == (410, "export_gone")
    assert not exports.file_of(rt.settings, tenant.id, ready["id"]).exists()


async def test_so_many_a_day(rt: Runtime, worker_rt: Runtime, tenant: Tenant, console: Any) -> None:
    owner = await console(tenant)
    at = f"{owner.brand}/exports"
    now = datetime.now(UTC)
    for n in range(exports.A_DAY):
        async with rt.db.write(tenant.id) as s:
            made = await exports.ask(s, requested_by="cli", now=now - timedelta(hours=n))
        async with worker_rt.db.write(tenant.id) as s:
            await exports.failed(s, export_id=made.id)
    refused = await owner.post(at)
    assert (refused.status_code, refused.json()["code"]) == (429, "export_limit")
    assert 0 < int(refused.headers["retry-after"]) <= 22 * 3600
