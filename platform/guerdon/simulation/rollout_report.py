"""What a rollout brings: the members who are in beside those who are not."""

import math
from datetime import datetime
from typing import Final, Literal

import msgspec

from guerdon.kit.ids import first_id_at
from guerdon.parameters.rollouts import Rollout
from guerdon.plumbing.db import ReadSession

_Z95: Final = 1.959963985
# Below this many on a side, nothing is said.
ENOUGH: Final = 30


class Side(msgspec.Struct, frozen=True):
    """Members who earned or redeemed since the start, and what each did on average."""

    members: int
    earned: int
    redeemed: int
    earned_mean: float
    earned_variance: float
    redeemed_mean: float
    redeemed_variance: float


class Difference(msgspec.Struct, frozen=True):
    """In minus out, a member, with the 95 % interval (Welch, normal approximation)."""

    mean: float
    low: float
    high: float
    verdict: Literal["more", "less", "inconclusive"]


class Report(msgspec.Struct, frozen=True):
    """Both sides and how they differ; no difference is told with too few members."""

    inside: Side
    outside: Side
    earned: Difference | None
    redeemed: Difference | None


class _Row(msgspec.Struct):
    inside: bool
    members: int
    earned: int
    redeemed: int
    earned_mean: float
    earned_variance: float
    redeemed_mean: float
    redeemed_variance: float


_SIDES = """
WITH acts AS (
  SELECT t.account_id,
         coalesce(sum(t.points) FILTER (WHERE t.kind IN ('earn', 'reverse')), 0) AS earned,
         coalesce(-sum(t.points) FILTER (WHERE t.kind IN ('redeem', 'refund')), 0) AS redeemed
    FROM app.ledger_txn t
   WHERE t.tenant_id = %(tenant_id)s AND t.id >= %(first)s AND t.id < %(end)s
     AND t.kind IN ('earn', 'reverse', 'redeem', 'refund')
   GROUP BY t.account_id
), people AS (
  SELECT a.earned, a.redeemed,
         m.id = ANY (%(members)s) OR (
           (get_byte(h.d, 0)::bigint << 24) + (get_byte(h.d, 1)::bigint << 16)
           + (get_byte(h.d, 2)::bigint << 8) + get_byte(h.d, 3)) %% 10000
           < %(percent)s * 100 AS inside
    FROM acts a
    JOIN app.member m ON m.tenant_id = %(tenant_id)s AND m.account_id = a.account_id
   CROSS JOIN LATERAL (SELECT sha256(uuid_send(%(id)s::uuid) || uuid_send(m.id)) AS d) h
)
SELECT inside, count(*) AS members, sum(earned)::bigint AS earned,
       sum(redeemed)::bigint AS redeemed,
       avg(earned)::float8 AS earned_mean, coalesce(var_samp(earned), 0)::float8 AS earned_variance,
       avg(redeemed)::float8 AS redeemed_mean,
       coalesce(var_samp(redeemed), 0)::float8 AS redeemed_variance
  FROM people GROUP BY inside
"""


async def report(s: ReadSession, *, rollout: Rollout, now: datetime) -> Report:
    """What both sides did from the rollout's start until its end, or until now."""
    rows = await s.all(
        _Row,
        _SIDES,
        {
            "id": rollout.change_set_id,
            "members": rollout.members,
            "percent": rollout.percent,
            "first": first_id_at(rollout.started_at),
            "end": first_id_at(rollout.ended_at or now),
        },
    )
    sides = {row.inside: row for row in rows}
    inside, outside = _side(sides.get(True)), _side(sides.get(False))
    enough = min(inside.members, outside.members) >= ENOUGH
    return Report(
        inside=inside,
        outside=outside,
        earned=_difference(
            inside.earned_mean - outside.earned_mean,
            inside.earned_variance / inside.members + outside.earned_variance / outside.members,
        )
        if enough
        else None,
        redeemed=_difference(
            inside.redeemed_mean - outside.redeemed_mean,
            inside.redeemed_variance / inside.members + outside.redeemed_variance / outside.members,
        )
        if enough
        else None,
    )


def _side(row: _Row | None) -> Side:
    if row is None:
        return Side(0, 0, 0, 0.0, 0.0, 0.0, 0.0)
    return msgspec.convert(row, Side, from_attributes=True)


def _difference(mean: float, variance: float) -> Difference:
    reach = _Z95 * math.sqrt(variance)
    low, high = mean - reach, mean + reach
    verdict: Literal["more", "less", "inconclusive"] = (
        "more" if low > 0 else "less" if high < 0 else "inconclusive"
    )
    return Difference(mean, low, high, verdict)
