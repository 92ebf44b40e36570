"""The engine finds the structure that is there, and no structure where there is none."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from tests.recommendations import lake, structured

from guerdon.kit.ids import uuid7
from guerdon.recommendations.learning.evaluation import evaluate, sample
from guerdon.recommendations.learning.events import Dataset, Known
from guerdon.recommendations.learning.methods import Lists, Rows
from guerdon.recommendations.learning.plan import Evaluation, Knobs, Outcome, Plan, Progress, Worth
from guerdon.recommendations.learning.train import Training
from guerdon.recommendations.model_file import LISTED, NEAR, Model, read_model

MEMBERS, PRODUCTS, EACH = 12_000, 1_000, 30
SPLIT = int(structured.SPLIT.timestamp())
KNOBS = Knobs()


@dataclass(frozen=True)
class Learnt:
    """A training on generated events and what came of it."""

    tenant_id: UUID
    world: structured.World
    data: Dataset
    outcome: Outcome
    told: list[Progress]

    @property
    def evaluation(self) -> Evaluation:
        assert self.outcome.evaluation is not None
        return self.outcome.evaluation

    def model(self) -> Model:
        return read_model(
            Path(self.outcome.file),
            tenant_id=self.tenant_id,
            file_hash=self.outcome.file_hash,
            version=1,
        )


def learn(folder: Path, world: structured.World, events: structured.Events) -> Learnt:
    members, products = len(world.tastes), world.popularity.shape[1]
    lake.write(folder, events, members=members, products=products)
    plan = Plan(
        tenant_id=uuid7(),
        folder=str(folder),
        made_at=structured.END,
        split_at=structured.SPLIT,
        knobs=KNOBS,
    )
    told: list[Progress] = []
    outcome = Training(plan, told.append).run()
    return Learnt(plan.tenant_id, world, Dataset(folder, KNOBS), outcome, told)


@pytest.fixture(scope="module")
def world() -> structured.World:
    return structured.world(members=MEMBERS, products=PRODUCTS)


@pytest.fixture(scope="module")
def learnt(world: structured.World, tmp_path_factory: pytest.TempPathFactory) -> Learnt:
    events = structured.events(world, each=EACH)
    return learn(tmp_path_factory.mktemp("structured"), world, events)


@dataclass
class Oracle:
    """Ranks by the probabilities that the events are drawn from."""

    world: structured.World
    known: Known

    def lists(self, members: Rows, *, count: int) -> Lists:
        owned = self.known.owned
        seen = [owned.indices[owned.indptr[m] : owned.indptr[m + 1]] for m in members]
        found = self.world.oracle(members, seen, count=count)
        return found.astype(np.int32), np.ones(found.shape, np.float32)


def oracle(of: Learnt) -> Worth:
    """What nobody can beat, on the very members and truth of the training's own evaluation."""
    known = of.data.known(SPLIT)
    truth = of.data.redeemed_from(SPLIT)
    members = sample(truth, known.weights, most=KNOBS.tested_members_max, seed=KNOBS.seed)
    assert len(members) == of.evaluation.tested_members
    return evaluate(Oracle(of.world, known), truth, members).worth()


def test_the_engine_covers_most_of_the_way_to_the_oracle(learnt: Learnt) -> None:
    best, found = oracle(learnt), learnt.evaluation.methods
    assert best.hit_rate > 3 * found["popularity"].hit_rate
    for name in ("hit_rate", "ndcg"):
        popularity = getattr(found["popularity"], name)
        uplift = getattr(best, name) - popularity
        assert getattr(found["als"], name) - popularity >= 0.8 * uplift, name
        assert getattr(found["item_item"], name) - popularity >= 0.5 * uplift, name
    assert found["als"].coverage > 10 * found["popularity"].coverage
    assert learnt.outcome.method == "als"
    assert learnt.outcome.refusal is None


def test_without_structure_there_is_nothing_to_gain_and_the_model_is_refused(
    world: structured.World, tmp_path: Path
) -> None:
    twin = learn(tmp_path, world, structured.shuffled(structured.events(world, each=EACH)))
    found = twin.evaluation.methods
    impersonal = max(found["popularity"].ndcg, found["trending"].ndcg)
    assert found["als"].ndcg < impersonal
    assert found["item_item"].ndcg < impersonal * 1.05
    assert twin.outcome.refusal == "no_better_than_popularity"
    assert twin.outcome.method == "popularity"
    model = twin.model()
    assert model.top(lake.member_id(0)) == []
    order = np.argsort(-twin.data.known(twin.data.latest + 1).popular, kind="stable")
    assert [p for p, _ in model.popular()[:10]] == [lake.product_id(int(n)) for n in order[:10]]


def test_a_list_in_the_file_is_the_method_s_list_for_that_member(learnt: Learnt) -> None:
    model = learnt.model()
    assert (model.method, model.version, model.made_at) == ("als", 1, structured.END)
    assert model.members == MEMBERS
    known = learnt.data.known(learnt.data.latest + 1)
    likes = learnt.world.tastes @ (learnt.world.belonging > 0)
    liked = []
    for n in range(0, MEMBERS, 97):
        found = model.top(lake.member_id(n))
        if not known.weights[n].nnz:
            assert found == []
            continue
        products = [product for product, _ in found]
        scores = [score for _, score in found]
        assert len(found) == LISTED == len(set(products))
        assert scores[0] == 1_000_000
        assert scores == sorted(scores, reverse=True)
        mine = {lake.product_id(int(p)) for p in known.owned[n].indices}
        assert mine.isdisjoint(products)
        liked.append(np.mean([likes[n, _number(product)] for product in products[:10]]))
    # Ten of their list are far more to their taste than ten of the catalogue.
    assert np.mean(liked) > 3 * likes.mean()
    assert model.top(uuid7()) == []


def test_similar_products_share_a_genre(learnt: Learnt) -> None:
    model, together = learnt.model(), []
    for n in np.argsort(-learnt.data.known(SPLIT).popular)[:200]:
        found = model.similar(lake.product_id(int(n)))
        assert len(found) == NEAR
        assert lake.product_id(int(n)) not in [product for product, _ in found]
        genres = learnt.world.belonging[:, n] > 0
        near = [_number(product) for product, _ in found]
        together.append((learnt.world.belonging[genres][:, near] > 0).any(axis=0).mean())
    assert np.mean(together) > 0.8
    assert model.similar(uuid7()) == []


def test_what_rises_is_told(learnt: Learnt) -> None:
    rising = [_number(product) for product, _ in learnt.model().trending()[:50]]
    popularity = learnt.world.popularity
    growth = popularity[-1] / popularity[0]
    assert np.mean(growth[rising]) > 1.3 * growth.mean()


def test_progress_is_told_step_by_step(learnt: Learnt) -> None:
    assert [p.done for p in learnt.told if p.step == "als" and p.total] == list(
        range(1, KNOBS.iterations + 1)
    )
    last = [p for p in learnt.told if p.step == "lists"][-1]
    assert (last.done, last.total) == (MEMBERS, MEMBERS)


def _number(product: UUID) -> int:
    return _NUMBERS[product]


_NUMBERS = {lake.product_id(n): n for n in range(PRODUCTS)}
