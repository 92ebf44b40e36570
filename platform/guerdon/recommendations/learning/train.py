"""One training: weigh, test every method on the same split, choose, learn from everything, write.

A method that does not beat popularity beyond doubt and by a margin is refused: then the file has
the lists that are the same for everybody, and nothing personal.
"""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from threadpoolctl import threadpool_limits

from guerdon.recommendations.learning.evaluation import Scores, evaluate, gain, sample
from guerdon.recommendations.learning.events import Dataset, Known, instant
from guerdon.recommendations.learning.methods import (
    ByFactors,
    ByNeighbours,
    ByPopularity,
    Factors,
    Ranking,
    Rows,
    Tell,
    blocks,
    factorise,
    rising,
    trend,
)
from guerdon.recommendations.learning.model_writer import Writer
from guerdon.recommendations.learning.plan import (
    Evaluation,
    Knobs,
    Outcome,
    Plan,
    Progress,
    Refusal,
    Tested,
)
from guerdon.recommendations.model_file import LISTED, NEAR, Method

MEMBERS_MIN: Final = 30
SAME_FOR_ALL: Final = 200
# One-sided, five per cent: how many standard errors the gain has to be away from nothing.
DOUBT: Final = 1.645
# And the share of the impersonal list's NDCG that it has to be at least: less is not worth a model.
MARGIN: Final = 0.05
FILE: Final = "made.model"


class Factorise(Protocol):
    """Where the factorisation runs: here, or on a cluster that reads the same files."""

    def __call__(self, known: Known, knobs: Knobs, tell: Tell, *, until: int) -> Factors: ...


def here(known: Known, knobs: Knobs, tell: Tell, *, until: int) -> Factors:
    """On this machine."""
    return factorise(known, knobs, tell)


class Training:
    """The state of one training, step by step."""

    def __init__(
        self, plan: Plan, tell: Callable[[Progress], None], factors: Factorise = here
    ) -> None:
        self._plan = plan
        self._tell = tell
        self._factors = factors
        self._data = Dataset(Path(plan.folder), plan.knobs)
        self.seconds: dict[str, float] = {}

    def run(self) -> Outcome:
        """Everything; the outcome names the file."""
        # The matrices are many and small, and `implicit` has threads of its own.
        with threadpool_limits(1, "blas"):
            return self._run()

    def _run(self) -> Outcome:
        plan, data = self._plan, self._data
        evaluation, chosen, refusal = self._evaluate()
        method: Method = "popularity" if refusal or chosen is None else chosen
        writer = Writer(
            plan.tenant_id, method=method, made_at=plan.made_at, products=data.product_keys
        )
        known = self._known(data.latest + 1)
        hidden = np.flatnonzero(~data.live)
        for name, scores in (("popular", known.popular), ("trending", rising(known))):
            writer.ranked(name, np.where(data.live, scores, 0), count=SAME_FOR_ALL)
        if data.events and min(data.shape) > 1:
            with self._step("neighbours"):
                near = ByNeighbours(known, plan.knobs, hidden)
                writer.near(near.of_products(NEAR))
            if method != "popularity":
                self._write_lists(writer, known, near if method == "item_item" else None, hidden)
        with self._step("write"):
            file = Path(plan.folder) / FILE
            file_hash, size = writer.write(file)
        used = resource.getrusage(resource.RUSAGE_SELF)
        return Outcome(
            method=method,
            tried=chosen or "als",
            refusal=refusal,
            evaluation=evaluation,
            members=data.shape[0],
            products=data.shape[1],
            events=data.events,
            file=str(file),
            file_hash=file_hash,
            size_bytes=size,
            seconds={name: round(taken, 2) for name, taken in self.seconds.items()},
            cpu_seconds=round(used.ru_utime + used.ru_stime, 2),
            peak_mb=used.ru_maxrss // 1024,
        )

    def _evaluate(self) -> tuple[Evaluation | None, Method | None, Refusal | None]:
        plan, data = self._plan, self._data
        split = int(plan.split_at.timestamp()) if plan.split_at else data.split()
        if not data.events or min(data.shape) < 2:
            return None, None, "too_little_data"
        known = self._known(split)
        truth = data.redeemed_from(split)
        members = sample(
            truth, known.weights, most=plan.knobs.tested_members_max, seed=plan.knobs.seed
        )
        if len(members) < MEMBERS_MIN:
            return None, None, "too_little_data"
        scores: dict[Tested, Scores] = {}
        for method, ranking in self._rankings(known, split):
            with self._step(f"test_{method}_lists"):
                scores[method] = evaluate(ranking, truth, members)

        def better(one: Tested, other: Tested) -> bool:
            return bool(scores[one].ndcg.mean() > scores[other].ndcg.mean())

        chosen: Method = "als" if better("als", "item_item") else "item_item"
        same = scores["trending" if better("trending", "popularity") else "popularity"]
        more, error = gain(scores[chosen], same)
        evaluation = Evaluation(
            split_at=instant(split),
            tested_members=len(members),
            methods={method: found.worth() for method, found in scores.items()},
            gain=more,
            gain_error=error,
        )
        needed = max(DOUBT * error, MARGIN * float(same.ndcg.mean()))
        doubtful = more <= needed or scores[chosen].hit.mean() < same.hit.mean()
        return evaluation, chosen, "no_better_than_popularity" if doubtful else None

    def _rankings(self, known: Known, until: int) -> Iterator[tuple[Tested, Ranking]]:
        knobs = self._plan.knobs
        yield "popularity", ByPopularity(known)
        yield "trending", ByPopularity(known, trend(known, knobs))
        with self._step("test_neighbours"):
            near = ByNeighbours(known, knobs)
        yield "item_item", near
        yield "als", ByFactors(self._factorise("test_als", known, until), known, knobs)

    def _factorise(self, step: str, known: Known, until: int) -> Factors:
        with self._step(step):
            return self._factors(
                known,
                self._plan.knobs,
                lambda done, total: self._tell(Progress(step, done, total)),
                until=until,
            )

    def _write_lists(
        self, writer: Writer, known: Known, near: ByNeighbours | None, hidden: Rows
    ) -> None:
        ranking: Ranking = near or ByFactors(
            self._factorise("als", known, self._data.latest + 1),
            known,
            self._plan.knobs,
            hidden,
        )
        with self._step("lists"):
            writer.members(self._data.member_keys)
            for rows in blocks(self._data.shape[0]):
                writer.lists(rows, ranking.lists(rows, count=LISTED))
                self._tell(Progress("lists", int(rows[-1]) + 1, self._data.shape[0]))

    def _known(self, until: int) -> Known:
        with self._step("weigh"):
            return self._data.known(until)

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        self._tell(Progress(name))
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0) + time.perf_counter() - began
