"""Where a member stands."""

import msgspec


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The tier reached in a period (a calendar year, or 0 for the whole life), and what is next.

    `tier` is None when the programme has no tiers; `next_tier` and `missing` in the highest.
    """

    period: int
    qualifying: int
    tier: str | None
    next_tier: str | None
    missing: int | None
