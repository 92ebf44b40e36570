"""Points: what they are earned and spent at, how long they live, how far a wallet may go."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, ClassVar, Literal

import msgspec

from guerdon.kit.money import Rounding
from guerdon.parameters.sections import DecimalText, Finding, Percent, Section, field_meta

ROUNDINGS = {
    "floor": "always down",
    "ceiling": "always up",
    "half_up": "to the nearest, a half up",
    "half_even": "to the nearest, a half to the even one",
}


class Validity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long points live. Their last day is counted in the programme's time zone.

    `rolling`: `months` and `days` after the day they were earned; `fixed_date`: the next
    `month`/`day`, `years_ahead` years further if wanted; `none`: for ever.
    """

    model: Annotated[
        Literal["none", "rolling", "fixed_date"],
        field_meta(
            "Model",
            labels={
                "none": "for ever",
                "rolling": "for a time from the day they are earned",
                "fixed_date": "to a fixed date",
            },
        ),
    ] = "none"
    months: Annotated[int, field_meta("Months", unit="months", ge=0, le=600)] = 0
    days: Annotated[int, field_meta("Days", unit="days", ge=0, le=18_300)] = 0
    month: Annotated[int, field_meta("Month", ge=1, le=12)] = 12
    day: Annotated[int, field_meta("Day", "The last of a shorter month.", ge=1, le=31)] = 31
    years_ahead: Annotated[int, field_meta("Years ahead", unit="years", ge=0, le=50)] = 0


class NegativePolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a claw-back may do to a wallet that has spent its points already.

    `forbid`: take what is there; `floor`: down to minus `floor`; `allow`: without limit. New
    points settle a debt first; expiry goes on as ever.
    """

    model: Annotated[
        Literal["forbid", "floor", "allow"],
        field_meta(
            "Model",
            labels={
                "forbid": "never below zero",
                "floor": "down to a floor",
                "allow": "without limit",
            },
        ),
    ] = "allow"
    floor: Annotated[int, field_meta("Floor", unit="points", ge=0, le=10**12)] = 0

    @property
    def limit(self) -> int | None:
        """How much may be owed; None means any amount."""
        return {"forbid": 0, "floor": self.floor, "allow": None}[self.model]


class Fee(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Charged on the money part of a mixed redemption."""

    flat_minor: Annotated[int, field_meta("Flat", unit="minor units", ge=0, le=10**9)] = 0
    percent: Annotated[Percent, field_meta("Percent", unit="%")] = "0"


class PointsParameters(Section, frozen=True):
    """What points are worth and how long they live."""

    section: ClassVar[str] = "points"
    title: ClassVar[str] = "Points"

    earn_factor: Annotated[
        DecimalText,
        field_meta("Points earned", "For one major unit of money.", unit="points", risk="high"),
    ] = "1"
    earn_rounding: Annotated[
        Rounding, field_meta("Rounding when earning", risk="medium", labels=ROUNDINGS)
    ] = Rounding.FLOOR
    earn_rounding_per: Annotated[
        Literal["order", "line"],
        field_meta(
            "Round per",
            "The whole order at once, or each line.",
            risk="medium",
            labels={"order": "the whole order", "line": "each line"},
        ),
    ] = "order"
    price_factor: Annotated[
        DecimalText,
        field_meta("Points asked", "For one major unit of value.", unit="points", risk="high"),
    ] = "100"
    price_rounding: Annotated[
        Rounding, field_meta("Rounding of prices", risk="medium", labels=ROUNDINGS)
    ] = Rounding.CEILING
    price_rounding_step: Annotated[
        int, field_meta("Step of prices", unit="points", risk="medium", ge=1, le=1_000_000)
    ] = 1
    price_floor_points: Annotated[
        int, field_meta("Lowest price", unit="points", risk="medium", ge=0, le=10**12)
    ] = 0
    minimum_points_share_percent: Annotated[
        int, field_meta("Least share in points", unit="%", risk="medium", ge=0, le=100)
    ] = 0
    fee: Annotated[Fee, field_meta("Fee on the money part", risk="medium")] = Fee()
    validity: Annotated[Validity, field_meta("Validity", risk="high")] = Validity()
    hold_grace_days: Annotated[
        int,
        field_meta(
            "Grace after a hold",
            "Points that came back after their last day live this much longer, once.",
            unit="days",
            ge=0,
            le=365,
        ),
    ] = 7
    negative_policy: Annotated[NegativePolicy, field_meta("Negative balance", risk="high")] = (
        NegativePolicy()
    )
    adjustment_approval_limit: Annotated[
        int,
        field_meta(
            "Corrections need a second person above", unit="points", risk="high", ge=0, le=10**12
        ),
    ] = 10_000

    def check(self) -> Iterator[Finding]:
        if self.earn_factor.strip("0.") == "":
            yield Finding(
                "points.earn_factor", "zero_factor", "Nobody would earn anything.", "warning"
            )
        if self.price_factor.strip("0.") == "":
            yield Finding("points.price_factor", "zero_factor", "Every reward would be free.")
        validity = self.validity
        if validity.model == "rolling" and validity.months == validity.days == 0:
            yield Finding(
                "points.validity.months", "no_validity", "Rolling validity needs months or days."
            )
        if validity.model == "fixed_date":
            try:
                date(2024, validity.month, validity.day)
            except ValueError:
                yield Finding("points.validity.day", "no_such_day", "That month has no such day.")
        if self.negative_policy.model == "floor" and self.negative_policy.floor == 0:
            yield Finding(
                "points.negative_policy.floor", "zero_floor", "A floor of 0 is the model `forbid`."
            )
