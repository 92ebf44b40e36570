"""Members under another ladder: counted once, moved exactly."""

import secrets
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guerdon.kit.ids import uuid7
from guerdon.members import operations as members
from guerdon.runtime import Runtime
from guerdon.tiers import distribution as module
from guerdon.tiers import operations as tiers
from guerdon.tiers.distribution import BARS, Distribution, bar_edges, distribution
from guerdon.tiers.parameters import Tier, TierParameters

NOW = datetime(2026, 11, 12, 12, tzinfo=UTC)
ZONE = ZoneInfo("America/Sao_Paulo")


def ladder(*thresholds: int, period: Any = "lifetime") -> TierParameters:
    names = ("blue", "silver", "gold", "black")
    return TierParameters(
        period=period,
        tiers=tuple(Tier(key=k, threshold=n) for k, n in zip(names, thresholds, strict=False)),
    )


@given(st.integers(0, 10**12))
def test_bars_are_few_round_and_reach_above_the_highest_threshold(highest: int) -> None:
    edges = bar_edges(highest)
    assert 2 <= len(edges) <= BARS
    assert edges[0] == 0
    assert edges[-1] > highest
    (step,) = {b - a for a, b in pairwise(edges)}
    assert str(step).rstrip("0") in {"1", "2", "5"}


@pytest.fixture
def join(rt: Runtime, tenant: Any) -> Any:
    """A member with so many qualifying points by period."""

    async def joined(**points: int) -> None:
        async with rt.db.write(tenant.id) as s:
            made = await members.join(
                s, id=uuid7(), snapshot=await rt.snapshot(tenant.id, NOW), now=NOW,
                email=f"{secrets.token_hex(6)}@example.com", name="Ana",
            )  # fmt: skip
            for period, qualifying in points.items():
                await tiers.count(
                    s, account_id=made.account_id, period=int(period.strip("p")),
                    points=qualifying,
                )  # fmt: skip

    return joined


@pytest.fixture
def spread(rt: Runtime, tenant: Any) -> Any:
    async def counted(before: TierParameters, after: TierParameters) -> Distribution:
        async with rt.db.read(tenant.id) as s:
            return await distribution(s, before=before, after=after, zone=ZONE, now=NOW)

    return counted


async def test_a_higher_threshold_moves_whom_it_leaves_behind(join: Any, spread: Any) -> None:
    for qualifying in (0, 999, 1000, 1499, 1500, 4999, 5000):
        await join(**({"p0": qualifying} if qualifying else {}))
    found = await spread(ladder(0, 1000, 5000), ladder(0, 1500, 4000))
    assert found.members == 7
    assert [(t.tier, t.before, t.after) for t in found.tiers] == [
        ("blue", 2, 4), ("silver", 4, 1), ("gold", 1, 2),
    ]  # fmt: skip
    assert [(m.source, m.target, m.members) for m in found.moves] == [
        ("silver", "blue", 2), ("silver", "gold", 1),
    ]  # fmt: skip
    assert (found.up, found.down) == (1, 2)
    assert sum(bar.members for bar in found.bars) == 7
    drawn = {bar.start: bar.members for bar in found.bars if bar.members}
    step = found.bars[1].start
    assert drawn == {
        start: sum(start <= q < start + step for q in (0, 999, 1000, 1499, 1500, 4999, 5000))
        for start in drawn
    }
    assert found.bars[-1].end is None


async def test_an_unchanged_ladder_moves_nobody(join: Any, spread: Any) -> None:
    await join(p0=700)
    await join(p0=7000)
    found = await spread(ladder(0, 1000), ladder(0, 1000))
    assert (found.up, found.down, found.moves) == (0, 0, [])
    assert [(t.before, t.after) for t in found.tiers] == [(1, 1), (1, 1)]


async def test_a_tier_that_goes_leaves_its_members_to_the_one_below(join: Any, spread: Any) -> None:
    await join(p0=6000)
    found = await spread(ladder(0, 1000, 5000), ladder(0, 1000))
    assert [(t.tier, t.before, t.after) for t in found.tiers] == [
        ("blue", 0, 0), ("silver", 0, 1), ("gold", 1, 0),
    ]  # fmt: skip
    assert (found.up, found.down) == (0, 1)


async def test_another_period_counts_other_points(join: Any, spread: Any) -> None:
    await join(p0=9000, p2026=200, p2025=9000)
    found = await spread(ladder(0, 1000), ladder(0, 1000, period="calendar_year"))
    assert [(t.before, t.after) for t in found.tiers] == [(0, 1), (1, 0)]
    assert found.down == 1


async def test_without_tiers_the_highest_standing_sets_the_scale(join: Any, spread: Any) -> None:
    await join(p0=30_000)
    found = await spread(TierParameters(), TierParameters())
    assert found.tiers == found.moves == []
    assert sum(b.members for b in found.bars) == 1
    assert found.bars[-1].start > 30_000


async def test_members_are_counted_in_one_scan(rt: Runtime, tenant: Any) -> None:
    async with rt.db.read(tenant.id) as s:
        plan = await s.all(
            str,
            f"EXPLAIN (COSTS OFF) {module._CELLS_ONE}",
            {"edges": [0, 1000, 5000], "period_before": 0, "period_after": 0},
        )
    # A bitmap of the index and the rows that it leads to are one scan, told in two lines.
    told = [line for line in plan if "Bitmap Index Scan" not in line]
    assert sum("on member " in line or "on member_" in line for line in told) <= 1, plan
    assert not any("SubPlan" in line for line in plan), plan
