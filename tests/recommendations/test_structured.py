"""The data set with known structure has the structure that it is said to have."""

import numpy as np
from tests.recommendations import structured

MEMBERS, PRODUCTS, EACH = 3_000, 400, 20


def test_the_same_seed_makes_the_same_data_and_another_seed_others() -> None:
    made = [
        structured.events(structured.world(members=200, products=50, seed=seed), each=10)
        for seed in (7, 7, 8)
    ]
    assert np.array_equal(made[0].product, made[1].product)
    assert np.array_equal(made[0].at, made[1].at)
    assert not np.array_equal(made[0].product[:500], made[2].product[:500])


def test_events_follow_the_probabilities_that_the_oracle_knows() -> None:
    world = structured.world(members=MEMBERS, products=PRODUCTS)
    events = structured.events(world, each=EACH)
    last = events.at >= int(structured.SPLIT.timestamp())
    assert events.at.min() >= int(structured.BEGIN.timestamp())
    assert events.at.max() < int(structured.END.timestamp())
    assert abs(len(events.at) / (MEMBERS * EACH) - 1) < 0.03
    assert abs(events.redeemed.mean() - structured.REDEEMED) < 0.01
    known = world.probabilities(np.arange(MEMBERS), structured.MONTHS - 1)
    assert np.allclose(known.sum(axis=1), 1)
    # The hundred likeliest products of each member get as many events as their probabilities say.
    best = np.argsort(-known, axis=1)[:, :100]
    promised = np.take_along_axis(known, best, axis=1).sum(axis=1)[events.member[last]]
    came = (best[events.member[last]] == events.product[last][:, None]).any(axis=1)
    sigma = np.sqrt((promised * (1 - promised)).sum())
    assert abs(came.sum() - promised.sum()) < 4 * sigma


def test_the_twin_keeps_everything_but_whose_events_they_are() -> None:
    world = structured.world(members=MEMBERS, products=PRODUCTS)
    events = structured.events(world, each=EACH)
    twin = structured.shuffled(events)
    assert np.array_equal(twin.member, events.member)
    assert np.array_equal(twin.at, events.at)
    assert np.array_equal(np.bincount(twin.product), np.bincount(events.product))
    tasted = [np.corrcoef(_genres(world, e).T, world.tastes.T)[:24, 24:].diagonal().mean()
              for e in (events, twin)]  # fmt: skip
    assert tasted[0] > 0.5
    assert abs(tasted[1]) < 0.03


def _genres(world: structured.World, events: structured.Events) -> structured.Floats:
    """How often each member met each genre."""
    met = np.zeros(world.tastes.shape)
    np.add.at(met, events.member, (world.belonging > 0).T[events.product])
    return met
