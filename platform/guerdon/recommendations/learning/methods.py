"""Ways to rank products for members: alternating least squares, neighbours, popularity, trend."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import guerdon.recommendations.learning.openmp  # noqa: F401  (`implicit` needs it loaded)

# isort: split
import numpy as np
from implicit.als import AlternatingLeastSquares
from implicit.nearest_neighbours import CosineRecommender
from implicit.utils import ParameterWarning
from numpy.typing import NDArray
from scipy import sparse

from guerdon.recommendations.learning.events import Floats, Known
from guerdon.recommendations.learning.plan import Knobs

Rows = NDArray[np.int64]
Lists = tuple[NDArray[np.int32], NDArray[np.float32]]
Tell = Callable[[int, int], None]

BLOCK = 4096
_TREND_SPAN = 4.0


class Ranking(Protocol):
    """Lists for members: products best first, and their scores. Shorter lists end in score 0."""

    def lists(self, members: Rows, *, count: int) -> Lists: ...


@dataclass(frozen=True)
class Factors:
    """What a factorisation comes to, wherever it ran."""

    members: NDArray[np.float32]
    products: NDArray[np.float32]


def trend(known: Known, knobs: Knobs) -> NDArray[np.float32]:
    """How much more of a product is wanted lately than usually; at most a factor of four."""
    smooth = 1.0
    lately = (known.recent + smooth) / (known.recent + smooth).sum()
    usually = (known.popular + smooth) / (known.popular + smooth).sum()
    ratio = np.clip(lately / usually, 1 / _TREND_SPAN, _TREND_SPAN)
    found: NDArray[np.float32] = (ratio**knobs.trend_power).astype(np.float32)
    return found


def rising(known: Known) -> Floats:
    """How surprising the latest demand is: its excess over the usual in standard deviations."""
    if not known.popular.sum():
        return known.recent
    usual = known.popular * (known.recent.sum() / known.popular.sum())
    excess: Floats = (known.recent - usual) / np.sqrt(usual + 1)
    return np.maximum(excess, 0)


def fitted_factors(shape: tuple[int, int], knobs: Knobs) -> int:
    """As many factors as the data can carry."""
    return max(2, min(knobs.factors, min(shape) // 4))


def factorise(known: Known, knobs: Knobs, tell: Tell) -> Factors:
    """Alternating least squares with confidence 1 + c·weight for what was dealt with, on the
    cores of this machine."""
    model = AlternatingLeastSquares(
        factors=fitted_factors(known.weights.shape, knobs),
        regularization=knobs.regularization,
        alpha=1.0,
        iterations=knobs.iterations,
        num_threads=knobs.threads,
        random_state=knobs.seed,
        use_gpu=False,
        calculate_training_loss=False,
    )
    confidence = known.weights.copy()
    confidence.data = 1 + knobs.confidence * confidence.data
    model.fit(
        confidence,
        show_progress=False,
        callback=lambda iteration, *_: tell(iteration + 1, knobs.iterations),
    )
    return Factors(model.user_factors, model.item_factors)


class ByFactors:
    """Products by the factors of member and product, times the product's trend."""

    def __init__(
        self, factors: Factors, known: Known, knobs: Knobs, hidden: NDArray[np.int64] | None = None
    ) -> None:
        self._owned = known.owned
        self._hidden = hidden
        # Only to rank: the factors come from elsewhere.
        self._ranker = AlternatingLeastSquares(
            factors=factors.products.shape[1], num_threads=knobs.threads, use_gpu=False
        )
        self._ranker.user_factors = factors.members
        self._ranker.item_factors = factors.products * trend(known, knobs)[:, None]

    def lists(self, members: Rows, *, count: int) -> Lists:
        products, scores = self._ranker.recommend(
            members,
            self._owned[members],
            N=min(count, self._owned.shape[1]),
            filter_already_liked_items=True,
            filter_items=self._hidden,
        )
        # What is filtered comes last, with the lowest score there is.
        return products.astype(np.int32), np.maximum(scores, 0)


class ByNeighbours:
    """Products that were had together with those the member dealt with."""

    def __init__(self, known: Known, knobs: Knobs, hidden: NDArray[np.int64] | None = None) -> None:
        model = CosineRecommender(K=knobs.neighbours, num_threads=knobs.threads)
        with warnings.catch_warnings():
            # The library hands its own intermediate to itself in a form that it complains of.
            warnings.simplefilter("ignore", ParameterWarning)
            model.fit(known.weights, show_progress=False)
        near = sparse.csr_matrix(model.similarity)
        near.setdiag(0)
        near.eliminate_zeros()
        self.near = near
        self._ranked = near @ sparse.diags_array(trend(known, knobs))
        self._known = known
        self._hidden = hidden

    def lists(self, members: Rows, *, count: int) -> Lists:
        scores = (self._known.weights[members] @ self._ranked).toarray().astype(np.float32)
        rows, columns = self._known.owned[members].nonzero()
        scores[rows, columns] = 0
        if self._hidden is not None:
            scores[:, self._hidden] = 0
        return best(scores, count)

    def of_products(self, count: int) -> Lists:
        """The nearest products of each."""
        parts = []
        for rows in blocks(self.near.shape[0]):
            scores = self.near[rows].toarray().astype(np.float32)
            if self._hidden is not None:
                scores[:, self._hidden] = 0
            parts.append(best(scores, count))
        return np.vstack([p for p, _ in parts]), np.vstack([s for _, s in parts])


class ByPopularity:
    """The same for everybody, without what they have; `times` the trend or not."""

    def __init__(self, known: Known, times: NDArray[np.float32] | None = None) -> None:
        self._owned = known.owned
        wanted = known.popular if times is None else known.popular * times
        self._order = np.argsort(-wanted, kind="stable").astype(np.int32)
        self._scores = wanted[self._order].astype(np.float32)

    def lists(self, members: Rows, *, count: int) -> Lists:
        products = np.zeros((len(members), count), np.int32)
        scores = np.zeros((len(members), count), np.float32)
        for row, member in enumerate(members):
            own = self._owned.indices[self._owned.indptr[member] : self._owned.indptr[member + 1]]
            # As many more as the member could have of them.
            first = self._order[: count + len(own)]
            free = np.flatnonzero(~np.isin(first, own))[:count]
            products[row, : len(free)] = first[free]
            scores[row, : len(free)] = self._scores[free]
        return products, scores


def best(scores: NDArray[np.float32], count: int) -> Lists:
    """The best `count` columns of each row, best first."""
    count = min(count, scores.shape[1])
    found = np.argpartition(-scores, count - 1, axis=1)[:, :count]
    order = np.argsort(-np.take_along_axis(scores, found, axis=1), axis=1, kind="stable")
    found = np.take_along_axis(found, order, axis=1)
    return found.astype(np.int32), np.take_along_axis(scores, found, axis=1)


def blocks(rows: int) -> Iterator[Rows]:
    """Row numbers, some thousands at a time."""
    for start in range(0, rows, BLOCK):
        yield np.arange(start, min(start + BLOCK, rows))
