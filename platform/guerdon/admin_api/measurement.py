"""What recommendations brought: shown, followed, taken, and the lift against the holdout."""

from datetime import date, timedelta
from typing import Annotated, Final, Literal

from litestar import Response, get
from litestar.params import QueryParameter

from guerdon.admin_api.drafts import shown_language
from guerdon.admin_api.requests import AdminRequest, answer
from guerdon.identity.policy import staff
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.recommendations import lift, measurement
from guerdon.recommendations.feedback import Source
from guerdon.recommendations.measurement import Asked, Counts, Line, Measured
from guerdon.recommendations.offers import Kind, called
from guerdon.recommendations.parameters import RecommendationParameters
from guerdon.wire.openapi import Read
from guerdon.wire.tables import csv_file
from guerdon.wire.values import Out

TAGS = ["Recommendations"]
READ = {"policy": staff("overview:read")}
Counted = Literal["real", "site", "api", "generated", "all"]
SOURCES: Final[dict[Counted, tuple[Source, ...]]] = {
    "real": measurement.REAL,
    "site": ("site",),
    "api": ("api",),
    "generated": ("generated",),
    "all": ("site", "api", "generated"),
}
_DAYS: Final = 30
FirstQuery = Annotated[
    date | None, QueryParameter(description="First day; left out: 30 days with the last")
]
LastQuery = Annotated[date | None, QueryParameter(description="Last day; left out: today")]
SourceQuery = Annotated[
    Counted,
    QueryParameter(description="Whose events count; `real`: the site's and the API's"),
]
PlacementQuery = Annotated[str, QueryParameter(max_length=60, description="Of one placement only")]
KindQuery = Annotated[Kind | None, QueryParameter(description="Of one kind only")]


class MeasuredArm(Out, frozen=True):
    """Members reached in one arm, how many of them took something up, and the share (10⁻⁶)."""

    reached: int
    converted: int
    rate: int


class MeasuredLine(Out, frozen=True):
    """A kind at a placement, or at all of them (null). `lift`, `low` and `high` are in millionths.

    `verdict` is `gain`, `loss`, `none` where the interval holds nought, `too_little` or
    `no_holdout`. `mixed` members were in both arms and count in neither.
    """

    placement: str | None
    kind: Kind
    impressions: int
    clicks: int
    conversions: int
    dismissals: int
    shown: MeasuredArm
    holdout: MeasuredArm
    mixed: int
    verdict: lift.Verdict
    lift: int | None
    low: int | None
    high: int | None


class MeasuredDay(Out, frozen=True):
    """What happened on a day of the programme."""

    day: date
    impressions: int
    clicks: int
    conversions: int


class MeasuredSources(Out, frozen=True):
    """Events that each source told in the period."""

    site: int
    api: int
    generated: int


class NamedPlacement(Out, frozen=True):
    """A placement that is in force, and its heading."""

    key: str
    name: str


class Measurement(Out, frozen=True):
    """A period, its days and lines. `level` is the interval's, in percent."""

    first: date
    last: date
    source: Counted
    level: int
    outcomes_min: int
    sources: MeasuredSources
    placements: list[NamedPlacement]
    lines: list[MeasuredLine]
    days: list[MeasuredDay]


async def _measured(
    request: AdminRequest,
    first: date | None,
    last: date | None,
    source: Counted,
    placement: str,
    kind: Kind | None,
) -> tuple[Asked, Measured]:
    zone = request.snapshot[ProgrammeParameters].zone
    end = last or (first + timedelta(days=_DAYS - 1) if first else None)
    end = end or request.now.astimezone(zone).date()
    asked = Asked(
        first=first or end - timedelta(days=_DAYS - 1),
        last=end,
        sources=SOURCES[source],
        placement=placement,
        kind=kind,
    )
    async with request.rt.db.read(request.tenant.id) as s:
        return asked, await measurement.measure(s, asked, zone=zone)


def _arm(arm: lift.Arm) -> MeasuredArm:
    return MeasuredArm(arm.reached, arm.converted, arm.rate)


def _line(line: Line) -> MeasuredLine:
    counts, found = line.counts, line.lift
    return MeasuredLine(
        line.placement, line.kind, counts.impressions, counts.clicks, counts.conversions,
        counts.dismissals, _arm(line.shown), _arm(line.holdout), line.mixed, found.verdict,
        found.lift, found.low, found.high,
    )  # fmt: skip


def _day(day: date, counts: Counts) -> MeasuredDay:
    return MeasuredDay(day, counts.impressions, counts.clicks, counts.conversions)


def _placements(request: AdminRequest) -> list[NamedPlacement]:
    language = shown_language(request, request.snapshot)
    return [
        NamedPlacement(one.key, called(one.name, language) or one.key)
        for one in request.snapshot[RecommendationParameters].placements
    ]


@get("/{brand:str}/recommendations/measurement", operation_id="measureRecommendations",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def measured(
    request: AdminRequest,
    first: FirstQuery = None,
    last: LastQuery = None,
    source: SourceQuery = "real",
    placement: PlacementQuery = "",
    kind: KindQuery = None,
) -> Response[Measurement]:
    """Count what became of recommendations in a period, and the lift with its interval."""
    asked, found = await _measured(request, first, last, source, placement, kind)
    return answer(
        Measurement(
            first=asked.first,
            last=asked.last,
            source=source,
            level=round(lift.LEVEL * 100),
            outcomes_min=lift.OUTCOMES_MIN,
            sources=MeasuredSources(
                found.sources.get("site", 0),
                found.sources.get("api", 0),
                found.sources.get("generated", 0),
            ),
            placements=_placements(request),
            lines=[_line(line) for line in found.lines],
            days=[_day(one.day, one.counts) for one in found.days],
        )
    )


_HEADING: Final = (
    "placement", "kind", "source", "first", "last", "impressions", "clicks", "conversions",
    "dismissals", "shown_members", "shown_converted", "holdout_members", "holdout_converted",
    "in_both_arms", "lift", "lift_low", "lift_high", "verdict",
)  # fmt: skip


@get("/{brand:str}/recommendations/measurement.csv", operation_id="exportMeasurement",
     operation_class=Read, opt=READ, tags=TAGS, media_type="text/csv")  # fmt: skip
async def table(
    request: AdminRequest,
    first: FirstQuery = None,
    last: LastQuery = None,
    source: SourceQuery = "real",
    placement: PlacementQuery = "",
    kind: KindQuery = None,
) -> Response[bytes]:
    """Take the counts and the lift away as CSV."""
    asked, found = await _measured(request, first, last, source, placement, kind)
    table: list[list[object]] = []
    for line in found.lines:
        counts, told = line.counts, line.lift
        table.append(
            [
                line.placement or "", line.kind, source, asked.first, asked.last,
                counts.impressions, counts.clicks, counts.conversions, counts.dismissals,
                line.shown.reached, line.shown.converted, line.holdout.reached,
                line.holdout.converted, line.mixed,
                *("" if v is None else f"{v / lift.MILLION:.6f}"
                  for v in (told.lift, told.low, told.high)),
                told.verdict,
            ]
        )  # fmt: skip
    return csv_file(_HEADING, table, name=f"recommendations-{asked.first}-{asked.last}.csv")


HANDLERS = [measured, table]
