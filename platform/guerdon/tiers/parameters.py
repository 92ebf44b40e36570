"""Tiers: what a member has to reach, and what it brings."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

import msgspec

from guerdon.parameters.sections import (
    DecimalText,
    Finding,
    Section,
    Texts,
    field_meta,
)


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One step. A member has the highest tier whose threshold is reached."""

    key: Annotated[str, field_meta("Key", pattern="^[a-z][a-z0-9_]{0,39}$")]
    name: Annotated[Texts, field_meta("Name")] = {}
    threshold: Annotated[
        int,
        field_meta("Threshold", "Qualifying points.", unit="points", risk="high", ge=0, le=10**12),
    ]
    earn_multiplier: Annotated[DecimalText, field_meta("Earns times", unit="×", risk="high")] = "1"
    colour: Annotated[str, field_meta("Colour", pattern="^#[0-9a-fA-F]{6}$")] = "#6b7280"


class TierParameters(Section, frozen=True):
    """The ladder, lowest step first."""

    section: ClassVar[str] = "tiers"
    title: ClassVar[str] = "Tiers"

    period: Annotated[
        Literal["lifetime", "calendar_year"],
        field_meta(
            "Counted over",
            "A calendar year follows the programme's zone.",
            risk="high",
            labels={"lifetime": "the whole membership", "calendar_year": "a calendar year"},
        ),
    ] = "lifetime"
    tiers: Annotated[tuple[Tier, ...], field_meta("Tiers", max_length=20)] = ()

    def check(self) -> Iterator[Finding]:
        keys = [t.key for t in self.tiers]
        for n, tier in enumerate(self.tiers):
            path = f"tiers.tiers[{n}]"
            if tier.key in keys[:n]:
                yield Finding(
                    f"{path}.key",
                    "duplicate_tier",
                    "The key %(key)s stands twice.",
                    params={"key": tier.key},
                )
            if not tier.earn_multiplier.strip("0."):
                yield Finding(
                    f"{path}.earn_multiplier",
                    "zero_multiplier",
                    "Members of %(tier)s would earn nothing; use 1 for the normal amount.",
                    params={"tier": tier.key},
                )
            if n == 0 and tier.threshold != 0:
                yield Finding(
                    f"{path}.threshold",
                    "first_tier_not_zero",
                    "Everybody starts in the first tier: 0.",
                )
            if n and tier.threshold <= self.tiers[n - 1].threshold:
                yield Finding(
                    f"{path}.threshold",
                    "overlapping_tiers",
                    "%(tier)s must need more than %(below)s.",
                    params={"tier": tier.key, "below": keys[n - 1]},
                )
