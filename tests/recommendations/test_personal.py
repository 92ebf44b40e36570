"""Products for one member, through the API: the model's list, what is laid over it, and who is not
to have any of it. The models here are written by hand, so that every place is known."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from tests.brand_api.shop import SECTIONS, definition, join, stock_up
from tests.conftest import create_tenant

from guerdon.members import consents
from guerdon.plumbing.db import Database
from guerdon.recommendations import model_jobs, personal, training
from guerdon.recommendations.learning.model_writer import Writer
from guerdon.recommendations.learning.plan import Outcome
from guerdon.recommendations.model_store import ModelStore
from guerdon.recommendations.service import Asked, engine
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

SLUGS = ("latte", "beans", "grinder", "tea", "mug", "spoon")
# What everybody gets, best first.
POPULAR = ["spoon", "mug", "tea", "grinder", "beans", "latte"]
# Everything costs 500 points.
POINTS = 1_000
CONTENT = {
    "kinds": {"catalogue": {"enabled": True, "exploration_percent": 0, "holdout_percent": 0}},
    "placements": [{"key": "home", "kinds": ["catalogue"], "slots": 6}],
}


class Brand:
    """A brand with six products and the model that a test gives it."""

    def __init__(self, rt: Runtime, tenant: Tenant, api: Any, made: Mapping[str, Any]) -> None:
        self.rt, self.tenant, self.api = rt, tenant, api
        self.ids = {slug: UUID(one["id"]) for slug, one in made.items()}

    async def learn(
        self, lists: Mapping[str, Sequence[str]], near: Mapping[str, Sequence[str]]
    ) -> str:
        """Put a model in force in which members have these products and products these
        neighbours; the hash of its file."""
        keys = np.frombuffer(b"".join(self.ids[s].bytes for s in SLUGS), np.uint8).reshape(-1, 16)
        made_at = datetime.now(UTC)
        writer = Writer(self.tenant.id, method="als", made_at=made_at, products=keys)
        ids = [UUID(member) for member in lists]
        writer.members(np.frombuffer(b"".join(i.bytes for i in ids), np.uint8).reshape(-1, 16))
        writer.lists(np.arange(len(ids)), ranked(list(lists.values())))
        writer.near(ranked([near.get(slug, ()) for slug in SLUGS]))
        for name in ("popular", "trending"):
            worth = np.array([len(SLUGS) - POPULAR.index(slug) for slug in SLUGS], np.float64)
            writer.ranked(name, worth, count=6)
        store = ModelStore(self.rt.settings.files_dir)
        path = Path(store.folder(self.tenant.id)) / str(uuid4())
        path.parent.mkdir(parents=True, exist_ok=True)
        file_hash, size = writer.write(path)
        await store.take(self.tenant.id, path, file_hash)
        outcome = Outcome("als", "als", None, None, 1, 6, 1, "", file_hash, size, {}, 1.0, 1)
        async with self.rt.db.write(self.tenant.id) as s:
            await training.keep(
                s, outcome, engine="one_machine", knobs=model_jobs.KNOBS, made_by="test",
                now=made_at,
            )  # fmt: skip
        return file_hash

    async def slate(self, member: Mapping[str, Any], **more: Any) -> Any:
        given = {"memberId": member["id"], "placement": "home", **more}
        answered = await self.api.post("/recommendations/slate", json=given, key="")
        assert answered.status_code == 200, answered.text
        return answered.json()

    async def slugs(self, member: Mapping[str, Any], **more: Any) -> list[str]:
        return [i["product"]["slug"] for i in (await self.slate(member, **more))["items"]]

    async def reasons(self, member: Mapping[str, Any], **more: Any) -> dict[str, str]:
        items = (await self.slate(member, **more))["items"]
        return {i["product"]["slug"]: i["reason"]["text"] for i in items}


def ranked(lists: Sequence[Sequence[str]]) -> tuple[Any, Any]:
    """Lists as a method makes them: 1, ½, ¼ … of the best."""
    found = np.zeros((len(lists), 6), np.int32)
    scores = np.zeros((len(lists), 6), np.float32)
    for row, slugs in enumerate(lists):
        for place, slug in enumerate(slugs):
            found[row, place] = SLUGS.index(slug)
            scores[row, place] = 0.5**place
    return found, scores


@pytest.fixture
async def brand(rt: Runtime, make_api: Any) -> Brand:
    tenant = await create_tenant(rt, sections=SECTIONS | {"recommendations": CONTENT})
    api = await make_api(tenant)
    goods = [definition(slug, price="5.00", stock=50) for slug in SLUGS]
    return Brand(rt, tenant, api, await stock_up(api, *goods))


async def test_a_member_s_own_list_is_theirs_and_of_nobody_who_objects(brand: Brand) -> None:
    ana, bea = [await join(brand.api, points=POINTS) for _ in range(2)]
    await brand.learn({ana["id"]: ["latte", "tea"]}, {})
    slate = await brand.slate(ana)
    assert [i["product"]["slug"] for i in slate["items"]] == ["latte", "tea"]
    assert [(i["score"], i["reason"]["code"]) for i in slate["items"]] == [
        ("1", "liked_alike"), ("0.8", "liked_alike"),
    ]  # fmt: skip
    assert slate["modelVersion"] == "1"
    assert await brand.slugs(bea) == POPULAR
    async with brand.rt.db.write(brand.tenant.id) as s:
        for who in (ana, bea):
            await consents.allow_profiling(
                s, member_id=UUID(who["id"]), allowed=False, language="en", now=datetime.now(UTC)
            )
    slates = [await brand.slate(who, explain=True) for who in (ana, bea)]
    for told in slates:
        del told["slateId"]
        for item in told["items"]:
            del item["feedbackId"], item["expiresAt"]
    assert slates[0] == slates[1]
    assert [i["product"]["slug"] for i in slates[0]["items"]] == POPULAR


async def test_what_is_at_hand_and_what_was_looked_at_bring_what_goes_with_them(
    brand: Brand,
) -> None:
    ana, bea = [await join(brand.api, points=POINTS) for _ in range(2)]
    near = {"latte": ["beans", "spoon"], "tea": ["mug"]}
    await brand.learn({ana["id"]: ["grinder", "latte", "tea"]}, near)
    assert await brand.slugs(ana) == ["grinder", "latte", "tea"]
    # On the product's page: its neighbours, then the rest at half their worth, never itself.
    page = await brand.slate(ana, lookingAt="LATTE")
    assert [(i["product"]["slug"], i["scoreParts"][1]["value"]) for i in page["items"]] == [
        ("beans", "0.4"), ("grinder", "0.2"), ("spoon", "0.2"), ("tea", "0.05"),
    ]  # fmt: skip
    assert page["items"][0]["reason"]["text"] == "Because you are looking at Latte."
    told = await brand.reasons(ana, lookingAt="LATTE", language="pt-BR")
    assert told["beans"] == "Porque você está vendo Latte."
    # With the basket, which may well be filled with the same again.
    basket = {"kind": "basket", "items": [{"sku": "TEA"}, {"sku": "NONE"}]}
    assert (await brand.reasons(ana, context=basket))["mug"] == "Often chosen together with Tea."
    assert await brand.slugs(ana, context=basket) == ["mug", "grinder", "latte", "tea"]
    # Of a product that nobody knows nothing follows.
    assert await brand.slugs(ana, lookingAt="NONE") == ["grinder", "latte", "tea"]
    # A view changes the next slate, for whoever looked and for nobody else.
    viewed = {"type": "view", "memberId": ana["id"], "sku": "LATTE"}
    answer = await brand.api.post("/recommendations/events", json={"events": [viewed]})
    assert answer.json() == {"recorded": 1}
    assert await brand.slugs(ana) == ["grinder", "latte", "beans", "tea", "spoon"]
    reasons = await brand.reasons(ana)
    assert (reasons["latte"], reasons["beans"]) == (
        "You looked at it lately.", "Because you looked at Latte.",
    )  # fmt: skip
    assert await brand.slugs(bea) == POPULAR


async def test_an_erased_member_leaves_the_model_in_force_at_once(brand: Brand) -> None:
    ana, bea = [await join(brand.api, points=POINTS) for _ in range(2)]
    await brand.learn({who["id"]: ["latte", "tea"] for who in (ana, bea)}, {})
    model = await personal.personal(brand.rt, brand.tenant.id)
    assert model is not None
    assert [len(model.top(UUID(who["id"]))) for who in (ana, bea)] == [2, 2]
    assert (await brand.api.delete(f"/members/{ana['id']}")).status_code == 200
    async with asyncio.timeout(5):
        while model.top(UUID(ana["id"])):
            await asyncio.sleep(0.05)  # between two looks
    assert len(model.top(UUID(bea["id"]))) == 2
    assert await personal.personal(brand.rt, brand.tenant.id) is model
    # A process that begins now reads the same file, and does not find them either.
    personal.forget(brand.rt, brand.tenant.id)
    anew = await personal.personal(brand.rt, brand.tenant.id)
    assert anew is not None
    assert anew is not model
    assert [len(anew.top(UUID(who["id"]))) for who in (ana, bea)] == [0, 2]


async def test_a_file_that_cannot_be_used_takes_nobody_s_list_away(
    brand: Brand, application: Any, capsys: Any
) -> None:
    ana = await join(brand.api, points=POINTS)
    await brand.learn({ana["id"]: ["latte", "tea"]}, {})
    assert await brand.slugs(ana) == ["latte", "tea"]
    # The next model's file does not arrive whole: the one before it goes on serving.
    store = ModelStore(brand.rt.settings.files_dir)
    path = store.path(brand.tenant.id, await brand.learn({ana["id"]: ["mug"]}, {}))
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    async with asyncio.timeout(5):
        while "model_broken" not in capsys.readouterr().out:
            await asyncio.sleep(0.05)  # between two looks
            assert await brand.slugs(ana) in (["latte", "tea"], ["mug"])
    served = await brand.slate(ana)
    assert (served["modelVersion"], len(served["items"])) == ("1", 2)
    # A process that has none falls back to what its members redeem, and says that no model did it.
    personal.forget(application.litestar.state.rt, brand.tenant.id)
    served = await brand.slate(ana)
    assert (served["modelVersion"], served["items"]) == (None, [])
    path.write_bytes(whole)
    personal.forget(application.litestar.state.rt, brand.tenant.id)
    assert await brand.slugs(ana) == ["mug"]


async def test_a_slate_costs_the_member_s_row_and_no_other_statement(
    brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await join(brand.api, points=POINTS)
    await brand.learn({ana["id"]: ["latte", "tea"]}, {"latte": ["beans"]})
    asked = Asked(member_id=UUID(ana["id"]), placement="home", looking_at="LATTE")
    borrowed = 0
    taken = Database._taken

    async def counted(self: Database, tenant_id: UUID) -> Any:
        nonlocal borrowed
        borrowed += 1
        return await taken(self, tenant_id)

    async def statements() -> int:
        nonlocal borrowed
        borrowed = 0
        now = datetime.now(UTC)
        snapshot = await brand.rt.snapshot(brand.tenant.id, now)
        made = await engine(brand.rt).slate(asked, snapshot=snapshot, now=now)
        assert [i.chosen.candidate.sku for i in made.items] == ["BEANS", "TEA"]
        return borrowed

    monkeypatch.setattr(Database, "_taken", counted)
    # Sums are read once a second whoever asks; between two readings there is but the row.
    assert min([await statements() for _ in range(5)]) == 1
