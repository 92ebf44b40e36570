"""Which tier a number of qualifying points is. Pure functions."""

from bisect import bisect_right
from datetime import datetime
from zoneinfo import ZoneInfo

from guerdon.tiers.parameters import TierParameters
from guerdon.tiers.schemas import Standing


def period_of(parameters: TierParameters, at: datetime, zone: ZoneInfo) -> int:
    """The period that the instant `at` counts in: its year in `zone`, or 0."""
    return at.astimezone(zone).year if parameters.period == "calendar_year" else 0


def standing_of(parameters: TierParameters, *, qualifying: int, period: int) -> Standing:
    """The tier of `qualifying` points. A threshold that is just reached counts."""
    tiers = parameters.tiers
    if not tiers:
        return Standing(
            period=period, qualifying=qualifying, tier=None, next_tier=None, missing=None
        )
    reached = max(bisect_right([t.threshold for t in tiers], qualifying), 1)
    following = tiers[reached] if reached < len(tiers) else None
    return Standing(
        period=period,
        qualifying=qualifying,
        tier=tiers[reached - 1].key,
        next_tier=following.key if following else None,
        missing=following.threshold - qualifying if following else None,
    )
