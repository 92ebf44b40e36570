"""Models in the console: what they are worth, a training asked for once, an earlier one again."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from guerdon.plumbing import outbox
from guerdon.recommendations import training_progress
from guerdon.recommendations.learning.plan import Evaluation, Knobs, Outcome, Progress, Worth
from guerdon.recommendations.model_jobs import TrainModel
from guerdon.recommendations.model_store import ModelStore
from guerdon.recommendations.training import keep
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

SPLIT = datetime(2026, 5, 1, tzinfo=UTC)


def outcome(mark: str, *, refused: bool = False) -> Outcome:
    evaluation = Evaluation(
        SPLIT, 900,
        {"popularity": Worth(0.1, 0.01, 0.05, 0.004, 0.2),
         "als": Worth(0.2, 0.01, 0.09, 0.005, 0.6)},
        0.04, 0.004,
    )  # fmt: skip
    return Outcome(
        "popularity" if refused else "als", "als",
        "no_better_than_popularity" if refused else None,
        evaluation, 1000, 50, 20_000, "", mark * 64, 4096, {"als": 2.5, "lists": 1.0}, 3.0, 200,
    )  # fmt: skip


async def kept(rt: Runtime, tenant: Tenant, *outcomes: Outcome, files: bool = True) -> None:
    store = ModelStore(rt.settings.files_dir)
    for n, one in enumerate(outcomes):
        async with rt.db.write(tenant.id) as s:
            await keep(
                s, one, engine="one_machine", knobs=Knobs(), made_by="schedule",
                now=datetime.now(UTC) - timedelta(days=len(outcomes) - n),
            )  # fmt: skip
        if files and one.refusal is None:
            path = store.path(tenant.id, one.file_hash)

            def write(path: Any = path) -> None:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(b"")

            await asyncio.to_thread(write)


async def models(client: Any) -> Any:
    return (await client.get(f"{client.brand}/recommendations/models")).json()


@pytest.fixture
async def made(rt: Runtime, tenant: Tenant) -> Tenant:
    await kept(rt, tenant, outcome("a"), outcome("b"), outcome("c", refused=True))
    return tenant


async def test_versions_say_what_they_are_worth(console: Any, made: Tenant) -> None:
    told = await models(await console(made, roles=("analyst",)))
    assert told["training"]["state"] == "none"
    assert [(m["version"], m["state"], m["restorable"]) for m in told["items"]] == [
        (3, "refused", False), (2, "in_force", False), (1, "superseded", True),
    ]  # fmt: skip
    refused = told["items"][0]
    assert (refused["reason"], refused["method"]) == ("no_better_than_popularity", "als")
    assert (refused["members"], refused["products"], refused["events"]) == (1000, 50, 20_000)
    worth = {m["method"]: m for m in refused["evaluation"]["methods"]}
    assert (worth["als"]["hitRate"], worth["popularity"]["ndcg"]) == (0.2, 0.05)
    assert (refused["evaluation"]["testedMembers"], refused["seconds"]) == (900, 3.5)


async def test_an_earlier_one_is_put_back_in_force(console: Any, rt: Runtime, made: Tenant) -> None:
    owner = await console(made)
    at = f"{owner.brand}/recommendations/models"
    answer = await owner.post(f"{at}/1/restore")
    assert answer.status_code == 200, answer.text
    states = {m["version"]: m["state"] for m in answer.json()["items"]}
    assert states == {3: "refused", 2: "superseded", 1: "in_force"}
    for version, status, code in ((1, 409, "model_not_kept"), (3, 409, "model_not_kept"),
                                  (9, 404, "model_not_found")):  # fmt: skip
        refused = await owner.post(f"{at}/{version}/restore")
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    path = ModelStore(rt.settings.files_dir).path(made.id, "b" * 64)
    await asyncio.to_thread(path.unlink)
    refused = await owner.post(f"{at}/2/restore")
    assert refused.json()["code"] == "model_not_kept"
    trail = (await owner.get(f"{owner.brand}/audit")).json()["items"]
    assert trail[0]["action"] == "model.restored"


async def test_a_training_is_asked_for_once(console: Any, rt: Runtime, tenant: Tenant) -> None:
    owner = await console(tenant)
    at = f"{owner.brand}/recommendations/models"
    answer = await owner.post(f"{at}/train")
    assert (answer.status_code, answer.json()["training"]["state"]) == (202, "queued")
    refused = await owner.post(f"{at}/train")
    assert (refused.status_code, refused.json()["code"]) == (409, "training_under_way")
    async with rt.db.read(tenant.id) as s:
        [waiting] = [w for w in await outbox.waiting(s) if w.topic == TrainModel.topic]
    # At work: a worker has taken it, and tells how far it is.
    async with rt.db.write(tenant.id) as s:
        await s.execute(
            "UPDATE app.outbox SET leased_until = now() + interval '1 minute'"
            " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": waiting.id},
        )
    await training_progress.tell(rt, tenant.id, Progress("lists", 30, 120))
    told = (await models(owner))["training"]
    assert (told["state"], told["step"], told["done"], told["total"]) == (
        "running", "lists", 30, 120,
    )  # fmt: skip
    async with rt.db.write(tenant.id) as s:
        await s.execute(
            "UPDATE app.outbox SET parked_at = now(), last_error = 'out of memory'"
            " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": waiting.id},
        )
    told = (await models(owner))["training"]
    assert (told["state"], told["error"]) == ("failed", "out of memory")
    assert (await owner.post(f"{at}/train")).json()["training"]["state"] == "queued"
    marketer = await console(tenant, roles=("marketer",))
    refused = await marketer.post(f"{marketer.brand}/recommendations/models/train")
    assert refused.json()["code"] == "permission_missing"
