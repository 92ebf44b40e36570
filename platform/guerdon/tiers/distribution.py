"""How a programme's members spread over qualifying points, and what other thresholds do to them.

Members are counted once, in SQL, into cells that no threshold cuts; bars and tiers are sums of
cells. Which tier a cell is in is asked of the ladder itself.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from guerdon.plumbing.db import ReadSession
from guerdon.tiers.ladder import period_of, standing_of
from guerdon.tiers.parameters import TierParameters

BARS = 40
# Steps that people count in.
_STEPS = (1, 2, 5)


class Bar(msgspec.Struct, frozen=True):
    """Members with `start <= qualifying < end`; the last bar has no end, the first no start."""

    start: int
    end: int | None
    members: int


class Share(msgspec.Struct, frozen=True):
    """A tier's members under the ladders before and after."""

    tier: str
    before: int
    after: int


class Move(msgspec.Struct, frozen=True):
    """Members whose tier would be another."""

    source: str
    target: str
    members: int


class Distribution(msgspec.Struct, frozen=True):
    """Members by qualifying points and by tier. `up` and `down` count members who would move."""

    members: int
    bars: list[Bar]
    tiers: list[Share]
    moves: list[Move]
    up: int
    down: int


class _Cell(msgspec.Struct):
    before: int
    after: int
    members: int


# Whoever never earned has no standing: nought.
_CELLS = """
SELECT width_bucket(coalesce(b.qualifying, 0), %(edges)s::bigint[]) AS before,
       width_bucket(coalesce(a.qualifying, 0), %(edges)s::bigint[]) AS after,
       count(*) AS members
  FROM app.member m
  LEFT JOIN app.tier_standing b ON b.tenant_id = %(tenant_id)s AND b.account_id = m.account_id
                               AND b.period = %(period_before)s::integer
  LEFT JOIN app.tier_standing a ON a.tenant_id = %(tenant_id)s AND a.account_id = m.account_id
                               AND a.period = %(period_after)s::integer
 WHERE m.tenant_id = %(tenant_id)s AND m.status <> 'erased'
 GROUP BY 1, 2
"""
# The same, where both ladders count the same period.
_CELLS_ONE = """
SELECT c.cell AS before, c.cell AS after, count(*) AS members
  FROM (SELECT width_bucket(coalesce(a.qualifying, 0), %(edges)s::bigint[]) AS cell
          FROM app.member m
          LEFT JOIN app.tier_standing a
                 ON a.tenant_id = %(tenant_id)s AND a.account_id = m.account_id
                AND a.period = %(period_after)s::integer
         WHERE m.tenant_id = %(tenant_id)s AND m.status <> 'erased') c
 GROUP BY c.cell
"""
_HIGHEST = """
SELECT coalesce(max(qualifying), 0) FROM app.tier_standing
 WHERE tenant_id = %(tenant_id)s AND period = %(period)s::integer
"""


async def distribution(
    s: ReadSession,
    *,
    before: TierParameters,
    after: TierParameters,
    zone: ZoneInfo,
    now: datetime,
) -> Distribution:
    """The members of today under both ladders; bars are by the points that `after` counts."""
    period_before, period_after = period_of(before, now, zone), period_of(after, now, zone)
    thresholds = sorted({t.threshold for ladder in (before, after) for t in ladder.tiers})
    highest: int = thresholds[-1] if thresholds else 0
    if not highest:
        highest = await s.value(_HIGHEST, {"period": period_after})
    bars = bar_edges(highest)
    edges = sorted({*bars, *thresholds})
    cells = await s.all(
        _Cell,
        _CELLS_ONE if period_before == period_after else _CELLS,
        {"edges": edges, "period_before": period_before, "period_after": period_after},
    )
    moves = Counter[tuple[str | None, str | None]]()
    for cell in cells:
        moves[
            _tier(before, edges, cell.before, period_before),
            _tier(after, edges, cell.after, period_after),
        ] += cell.members
    return Distribution(
        members=sum(c.members for c in cells),
        bars=_bars(bars, edges, cells),
        tiers=_shares(before, after, moves),
        moves=[
            Move(source, target, members)
            for (source, target), members in sorted(moves.items(), key=lambda m: -m[1])
            if source and target and source != target
        ],
        up=_moved(before, after, moves, up=True),
        down=_moved(before, after, moves, up=False),
    )


def bar_edges(highest: int) -> list[int]:
    """Round edges from 0 to a little above the highest threshold; at most `BARS` bars."""
    wanted = max(highest + highest // 3, BARS // 2)
    size = 1
    while True:
        for step in _STEPS:
            if step * size * (BARS - 1) >= wanted:
                count = -(-wanted // (step * size))
                return [n * step * size for n in range(count + 1)]
        size *= 10


def _tier(ladder: TierParameters, edges: Sequence[int], cell: int, period: int) -> str | None:
    lowest = edges[cell - 1] if cell else -1
    return standing_of(ladder, qualifying=lowest, period=period).tier


def _bars(bars: Sequence[int], edges: Sequence[int], cells: Iterable[_Cell]) -> list[Bar]:
    counted = [0] * len(bars)
    starts = [sum(b <= edge for b in bars) - 1 for edge in edges]
    for cell in cells:
        counted[starts[cell.after - 1] if cell.after else 0] += cell.members
    ends: list[int | None] = [*bars[1:], None]
    return [Bar(b, e, n) for b, e, n in zip(bars, ends, counted, strict=True)]


def _shares(
    before: TierParameters, after: TierParameters, moves: Counter[tuple[str | None, str | None]]
) -> list[Share]:
    keys = [t.key for t in after.tiers]
    keys += [t.key for t in before.tiers if t.key not in keys]
    return [
        Share(
            key,
            sum(n for (source, _), n in moves.items() if source == key),
            sum(n for (_, target), n in moves.items() if target == key),
        )
        for key in keys
    ]


def _moved(
    before: TierParameters,
    after: TierParameters,
    moves: Counter[tuple[str | None, str | None]],
    *,
    up: bool,
) -> int:
    """Members who climb (or fall) the ladder, by the order of `after`, where a tier is gone by
    the order of `before`."""
    order = {t.key: n for n, t in enumerate(before.tiers)} | {
        t.key: n for n, t in enumerate(after.tiers)
    }
    return sum(
        members
        for (source, target), members in moves.items()
        if source and target and source != target and (order[target] > order[source]) == up
    )
