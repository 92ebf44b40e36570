"""From a brand's own history to the model that serves its members."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from tests.recommendations import structured
from tests.recommendations.history import History

from guerdon.kit.ids import uuid7
from guerdon.plumbing import outbox
from guerdon.plumbing.jobs import Handlers
from guerdon.plumbing.outbox import put
from guerdon.plumbing.runner import Ran, Runner
from guerdon.recommendations import model_jobs, training
from guerdon.recommendations.learning.plan import Evaluation, Outcome
from guerdon.recommendations.model_store import ModelStore
from guerdon.recommendations.personal import personal
from guerdon.recommendations.training import ModelVersion
from guerdon.runtime import Runtime

MEMBERS, PRODUCTS, EACH = 600, 120, 40


@pytest.fixture(scope="module")
def world() -> structured.World:
    return structured.world(members=MEMBERS, products=PRODUCTS, seed=5)


@pytest.fixture(scope="module")
def events(world: structured.World) -> structured.Events:
    return structured.events(world, each=EACH)


def history(postgres: Any, tenant: Any, events: structured.Events) -> History:
    made = History(postgres.admin_dsn, tenant.id, members=MEMBERS, products=PRODUCTS)
    made.write(events)
    return made


async def versions(rt: Runtime, tenant_id: UUID) -> list[ModelVersion]:
    async with rt.db.read(tenant_id) as s:
        return await training.versions(s)


async def test_the_command_trains_and_serving_processes_follow(
    guerdon: Any, rt: Runtime, tenant: Any, postgres: Any, events: structured.Events
) -> None:
    made = history(postgres, tenant, events)
    objects, erased, returned = made.members[0], made.members[1], made.members[2]
    made.execute(
        "INSERT INTO app.member_consent (tenant_id, id, member_id, purpose, granted, text_version,"
        " text_hash, language, given_at) VALUES (%s, %s, %s, 'profiling', false, '1', sha256('x'),"
        " 'en', now())",
        uuid7(), objects,
    )  # fmt: skip
    made.execute(
        "UPDATE app.member SET status = 'erased', erased_at = now(), number = NULL, email = NULL,"
        " email_norm = NULL, name = NULL, language = NULL WHERE tenant_id = %s AND id = %s",
        erased,
    )
    made.execute(
        "UPDATE app.redemption SET state = 'returned' WHERE tenant_id = %s AND member_id = %s",
        returned,
    )
    made.execute("UPDATE app.product SET status = 'withdrawn' WHERE tenant_id = %s AND id = %s",
                 made.products[3])  # fmt: skip
    assert await personal(rt, tenant.id) is None
    folder = ModelStore(rt.settings.files_dir).folder(tenant.id)

    done = await guerdon("recommendations", "train", tenant.slug, "--factors", "16")
    assert done.returncode == 0, done.stderr
    [version] = await versions(rt, tenant.id)
    assert (version.version, version.state, version.made_by) == (1, "in_force", "cli")
    assert version.method in ("als", "item_item")
    assert (version.members, version.products) == (MEMBERS - 2, PRODUCTS)
    found = msgspec.convert(version.metrics["evaluation"], Evaluation)
    assert found.gain > 0.05 * found.methods["popularity"].ndcg
    assert f"version 1: {version.method}, in_force" in done.stdout
    assert f"hit rate@10 {found.methods['als'].hit_rate:.4f}" in done.stdout
    assert "als\n" in done.stderr
    listed = await guerdon("recommendations", "models", tenant.slug)
    assert listed.stdout == done.stdout

    # No second copy of what members did is left.
    assert [path.name for path in folder.rglob("*") if path.is_file()] == [
        f"{version.file_hash}.model"
    ]
    # This process asked before there was a model, and is told.
    async with asyncio.timeout(5):
        while (model := await personal(rt, tenant.id)) is None:
            await asyncio.sleep(0.05)  # between two looks
    assert (model.version, model.method) == (1, version.method)
    assert model.top(objects) == []
    assert model.top(erased) == []
    shown = {product for member in made.members for product, _ in model.top(member)}
    assert len(shown) > PRODUCTS // 2
    assert made.products[3] not in shown | {product for product, _ in model.popular()}

    def redeemed(n: int) -> set[UUID]:
        mine = events.redeemed & (events.member == n)
        return {made.products[p] for p in events.product[mine]}

    assert redeemed(7).isdisjoint(product for product, _ in model.top(made.members[7]))
    # What came back may be offered again.
    assert not redeemed(2).isdisjoint(product for product, _ in model.top(returned))


async def run_job(worker_rt: Runtime, tenant_id: UUID, message: outbox.Message) -> Ran:
    async with worker_rt.db.write(tenant_id) as s:
        message_id = await put(s, message)
    return await Runner(worker_rt, Handlers(*model_jobs.HANDLERS)).run(tenant_id, message_id)


async def test_the_night_s_training_follows_the_brand_s_parameters(
    rt: Runtime, worker_rt: Runtime, make_tenant: Any
) -> None:
    async def asked(**kinds: Any) -> int:
        tenant = await make_tenant(recommendations={"kinds": kinds})
        assert await run_job(worker_rt, tenant.id, model_jobs.TrainNightly()) is Ran.DONE
        async with rt.db.read(tenant.id) as s:
            return len([w for w in await outbox.waiting(s) if w.topic == "recommendations.train"])

    assert await asked(catalogue={"enabled": True}) == 1
    assert await asked(catalogue={"enabled": False}) == 0


async def test_a_worker_refuses_what_is_no_better_and_serves_what_all_see_alike(
    rt: Runtime, worker_rt: Runtime, tenant: Any, postgres: Any, events: structured.Events
) -> None:
    made = history(postgres, tenant, structured.shuffled(events))
    for turn in (1, 2):
        message = model_jobs.TrainModel(made_by="test")
        assert await run_job(worker_rt, tenant.id, message) is Ran.DONE
        latest = await versions(rt, tenant.id)
        assert len(latest) == 2 * turn
        in_force, refused = latest[0], latest[1]
        assert (refused.state, refused.reason) == ("refused", "no_better_than_popularity")
        assert refused.file_hash is None
        assert refused.method in ("als", "item_item")
        assert (in_force.state, in_force.method) == ("in_force", "popularity")
    assert [v.state for v in latest[2:]] == ["superseded", "refused"]
    model = await personal(rt, tenant.id)
    assert model is not None
    assert model.version == 4
    assert model.top(made.members[0]) == []
    assert len(model.popular()) == PRODUCTS


async def test_a_refusal_leaves_a_personal_model_in_force(
    rt: Runtime, tenant: Any, tmp_path: Path
) -> None:
    good = Outcome("als", "als", None, None, 1, 1, 1, "", "a" * 64, 10, {}, 1.0, 1)
    bad = msgspec.structs.replace(good, method="popularity", refusal="too_little_data")
    async with rt.db.write(tenant.id) as s:
        for outcome in (good, bad):
            await training.keep(
                s, outcome, engine="one_machine", knobs=model_jobs.KNOBS, made_by="test",
                now=structured.END,
            )  # fmt: skip
    assert [(v.version, v.state, v.method) for v in await versions(rt, tenant.id)] == [
        (2, "refused", "als"), (1, "in_force", "als"),
    ]  # fmt: skip


async def test_a_brand_without_history_gets_no_personal_model(
    guerdon: Any, rt: Runtime, tenant: Any
) -> None:
    done = await guerdon("recommendations", "train", tenant.slug)
    assert done.returncode == 1
    assert "refused (too_little_data)" in done.stdout
    model = await personal(rt, tenant.id)
    assert model is not None
    assert (model.method, model.popular()) == ("popularity", [])
    unknown = await guerdon("recommendations", "train", "nobody-here")
    assert unknown.returncode == 1
    assert "There is no tenant 'nobody-here'" in unknown.stderr


async def test_a_file_of_another_brand_or_a_broken_one_is_never_served(
    rt: Runtime, worker_rt: Runtime, make_tenant: Any, capsys: Any
) -> None:
    mine, other = await make_tenant(), await make_tenant()
    for tenant in (mine, other):
        message = model_jobs.TrainModel(made_by="test")
        assert await run_job(worker_rt, tenant.id, message) is Ran.DONE
    store = ModelStore(rt.settings.files_dir)
    paths = []
    for tenant in (mine, other):
        [version] = [v for v in await versions(rt, tenant.id) if v.state == "in_force"]
        assert version.file_hash is not None
        paths.append(store.path(tenant.id, version.file_hash))
    paths[0].write_bytes(paths[1].read_bytes())
    assert await personal(rt, mine.id) is None
    assert "model_foreign" in capsys.readouterr().out
    whole = paths[1].read_bytes()
    paths[1].write_bytes(whole[:-1] + b"!")
    assert await personal(rt, other.id) is None
    assert "model_broken" in capsys.readouterr().out


async def test_a_training_process_that_dies_says_why(
    rt: Runtime, tenant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(training.TrainingFailedError, match="status 1"):
        await training.learn(rt, tenant_id=tenant.id, now=structured.END)
    folder = ModelStore(rt.settings.files_dir).folder(tenant.id)
    assert list(folder.iterdir()) == []
