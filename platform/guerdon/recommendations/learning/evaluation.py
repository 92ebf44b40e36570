"""How well a method foretells what members redeem next."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from guerdon.recommendations.learning.events import Floats
from guerdon.recommendations.learning.methods import BLOCK, Ranking, Rows
from guerdon.recommendations.learning.plan import Worth

AT = 10
_DISCOUNT = 1 / np.log2(np.arange(2, AT + 2))
_IDEAL = np.concatenate([[0.0], np.cumsum(_DISCOUNT)])


@dataclass(frozen=True)
class Scores:
    """Each tested member's hit and NDCG at ten, and the products that stood on any list."""

    hit: Floats
    ndcg: Floats
    shown: int
    products: int

    def worth(self) -> Worth:
        """The means, with their standard errors."""
        return Worth(
            hit_rate=_mean(self.hit),
            hit_rate_error=_error(self.hit),
            ndcg=_mean(self.ndcg),
            ndcg_error=_error(self.ndcg),
            coverage=round(self.shown / max(self.products, 1), 6),
        )


def sample(truth: sparse.csr_matrix, known: sparse.csr_matrix, *, most: int, seed: int) -> Rows:
    """Members who redeemed something new and of whom something was known; a sample of many."""
    who = np.flatnonzero((np.diff(truth.indptr) > 0) & (np.diff(known.indptr) > 0))
    if len(who) > most:
        who = np.sort(np.random.default_rng(seed).choice(who, most, replace=False))
    return who


def evaluate(ranking: Ranking, truth: sparse.csr_matrix, members: Rows) -> Scores:
    """Rank for the members and compare with what they redeemed."""
    hits, gains, shown = [], [], set()
    for start in range(0, len(members), BLOCK):
        block = members[start : start + BLOCK]
        products, scores = ranking.lists(block, count=AT)
        shown.update(np.unique(products[scores > 0]).tolist())
        rows = np.repeat(np.arange(len(block)), products.shape[1])
        found = np.asarray(truth[block][rows, products.ravel()]).reshape(products.shape) > 0
        found &= scores > 0
        hits.append(found.any(axis=1).astype(float))
        wanted = np.diff(truth[block].indptr).clip(max=AT)
        gains.append(found @ _DISCOUNT[: products.shape[1]] / _IDEAL[wanted])
    return Scores(np.concatenate(hits), np.concatenate(gains), len(shown), int(truth.shape[1]))


def gain(ours: Scores, theirs: Scores) -> tuple[float, float]:
    """The mean difference of NDCG, member by member, and its standard error."""
    difference = ours.ndcg - theirs.ndcg
    return _mean(difference), _error(difference)


def _mean(values: Floats) -> float:
    return round(float(values.mean()), 6)


def _error(values: Floats) -> float:
    return round(float(values.std(ddof=1) / np.sqrt(len(values))), 6) if len(values) > 1 else 0.0
