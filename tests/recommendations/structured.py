"""A data set with known structure, its oracle, and a twin without structure.

Products belong to genres, most of them to one and some to two, and have a popularity that falls
off like a power and drifts over the year. A member has a taste: a mixture of a few genres. What a
member redeems or views next is drawn from

    p(product | member, month) = (1 - NOISE) * sum over genres of taste[genre] * q[genre, product]
                                 + NOISE * popularity[product]

with q[genre, product] proportional to popularity times belonging. All of it is known, so the
oracle ranks by the very probabilities that the last month is drawn from: nobody can do better on
average. Popularity is what the same events say without the members. The twin has the same events
with products dealt anew among the members of each month: activity, popularity and its drift stay,
tastes are gone.

Everything follows from the seed. Memory is proportional to the events, not members times products.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

SEED: Final = 20_261_122
BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
MONTHS: Final = 12
MONTH: Final = timedelta(days=30)
# The last month is what has to be foretold.
SPLIT: Final = BEGIN + (MONTHS - 1) * MONTH
END: Final = BEGIN + MONTHS * MONTH

GENRES: Final = 24
TASTES: Final = 3  # Genres that a member likes.
NOISE: Final = 0.15  # Share of events that have nothing to do with the member.
STEEPNESS: Final = 0.8  # Of popularity, as a power of the rank.
DRIFT: Final = 0.7  # Spread of a product's change over the year, as a logarithm.
TWO_GENRES: Final = 0.2  # Share of products that stand in two.
REDEEMED: Final = 0.4  # Share of events that are redemptions; the others are views.

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Events:
    """Who did what when, in order of time. Instants are seconds since the epoch."""

    member: Ints
    product: Ints
    at: Ints
    redeemed: NDArray[np.bool_]


@dataclass(frozen=True)
class World:
    """The structure: what the events are drawn from."""

    seed: int
    tastes: Floats  # member × genre
    popularity: Floats  # month × product
    belonging: Floats  # genre × product

    def by_genre(self, month: int) -> Floats:
        """q: for each genre, how likely each product is in that month."""
        weight = self.belonging * self.popularity[month]
        share: Floats = weight / weight.sum(axis=1, keepdims=True)
        return share

    def probabilities(self, members: Ints, month: int) -> Floats:
        """For each of these members, how likely each product is in that month."""
        popularity = self.popularity[month] / self.popularity[month].sum()
        told: Floats = (1 - NOISE) * self.tastes[members] @ self.by_genre(month)
        return told + NOISE * popularity

    def oracle(self, members: Ints, seen: list[Ints], *, count: int) -> Ints:
        """The best list of `count` products for each, in the last month, without what they saw."""
        known = self.probabilities(members, MONTHS - 1)
        for row, products in zip(known, seen, strict=True):
            row[products] = -1
        best = np.argpartition(-known, count, axis=1)[:, :count]
        order = np.argsort(-np.take_along_axis(known, best, axis=1), axis=1)
        return np.take_along_axis(best, order, axis=1)


def world(*, members: int, products: int, seed: int = SEED) -> World:
    """Tastes, genres and popularity of a programme."""
    dice = np.random.default_rng([seed, 1])
    base = 1 / np.arange(1, products + 1) ** STEEPNESS
    dice.shuffle(base)
    slope = dice.normal(0, DRIFT, products)
    months = np.arange(MONTHS)[:, None] / MONTHS
    belonging = np.zeros((GENRES, products))
    every = np.arange(products)
    belonging[dice.permutation(every % GENRES), every] = 1
    second = dice.random(products) < TWO_GENRES
    belonging[dice.integers(0, GENRES, products)[second], every[second]] = 0.5
    tastes = np.zeros((members, GENRES), dtype=np.float32)
    strength = dice.dirichlet(np.full(TASTES, 0.8), members).astype(np.float32)
    rows = np.arange(members)
    for n in range(TASTES):
        np.add.at(tastes, (rows, dice.integers(0, GENRES, members)), strength[:, n])
    return World(seed, tastes, base * np.exp(slope * months), belonging)


def events(of: World, *, each: int) -> Events:
    """`each` events of every member on average, over the year."""
    dice = np.random.default_rng([of.seed, 2])
    members, products = len(of.tastes), of.popularity.shape[1]
    activity = dice.gamma(4, 0.25, members)
    likes = np.cumsum(of.tastes, axis=1, dtype=np.float32)
    parts = []
    for month in range(MONTHS):
        times = dice.poisson(activity * (each / MONTHS))
        who = np.repeat(np.arange(members), times)
        own = dice.random(len(who)) >= NOISE
        drawn = dice.random(len(who), dtype=np.float32) * likes[who, -1]
        genre = np.zeros(len(who), dtype=np.int64)
        for edge in range(GENRES - 1):
            genre += drawn >= likes[who, edge]
        what = np.empty(len(who), dtype=np.int64)
        tables = np.vstack([of.by_genre(month), of.popularity[month]])
        genre[~own] = GENRES
        for row in range(GENRES + 1):
            mine = np.flatnonzero(genre == row)
            edges = np.cumsum(tables[row])
            spot = dice.random(len(mine)) * edges[-1]
            what[mine] = np.searchsorted(edges, spot, side="right").clip(max=products - 1)
        start = int((BEGIN + month * MONTH).timestamp())
        at = start + dice.integers(0, int(MONTH.total_seconds()), len(who))
        order = np.argsort(at, kind="stable")
        bought = dice.random(len(who)) < REDEEMED
        parts.append(Events(who[order], what[order], at[order], bought))
    return Events(
        np.concatenate([p.member for p in parts]),
        np.concatenate([p.product for p in parts]),
        np.concatenate([p.at for p in parts]),
        np.concatenate([p.redeemed for p in parts]),
    )


def shuffled(of: Events, *, seed: int = SEED) -> Events:
    """The twin: the same products at the same times, dealt anew among the members."""
    dice = np.random.default_rng([seed, 3])
    month = (of.at - int(BEGIN.timestamp())) // int(MONTH.total_seconds())
    product = of.product.copy()
    for n in range(MONTHS):
        here = np.flatnonzero(month == n)
        product[here] = product[dice.permutation(here)]
    return Events(of.member, product, of.at, of.redeemed)
