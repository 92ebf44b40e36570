"""What a draft would do, drawn beside the fields that it changes. Computed by the functions that
serve members, with the draft in place of the version in force; nothing is written."""

from datetime import datetime
from functools import cache
from typing import Annotated

from litestar import Response, get
from litestar.params import QueryParameter

from guerdon.admin_api import effects_points
from guerdon.admin_api.drafts import ChangeSetQuery, both
from guerdon.admin_api.requests import AdminRequest, answer
from guerdon.identity.policy import staff
from guerdon.kit.paths import bundled
from guerdon.parameters.sections import InvalidParametersError, ProgrammeParameters, Section
from guerdon.parameters.snapshot import Snapshot
from guerdon.recommendations.parameters import RecommendationParameters
from guerdon.recommendations.shares import Shared, shares
from guerdon.theming.contrasts import Contrast, chosen, contrasts
from guerdon.theming.fonts import PAIRS
from guerdon.theming.looks import points_name
from guerdon.theming.palette import palette
from guerdon.theming.parameters import BrandingParameters
from guerdon.theming.themes import ThemeFile, choices
from guerdon.tiers.distribution import distribution
from guerdon.tiers.parameters import TierParameters
from guerdon.wire.openapi import Read
from guerdon.wire.values import Out

TAGS = ["Parameters"]
READ = {"policy": staff("parameters:read")}
ColourQuery = Annotated[
    str | None,
    QueryParameter(
        pattern="^#[0-9a-fA-F]{6}$", description="Another brand colour than the draft's"
    ),
]
NeutralQuery = Annotated[
    str | None, QueryParameter(pattern="^(warm|cool|pure)$", description="Other greys")
]


class ContrastEffect(Out, frozen=True):
    """Two tokens on each other: the ratio they have and the ratio they need (WCAG 2.2)."""

    ink: str
    ground: str
    use: str
    ratio: float
    needed: float

    @classmethod
    def of(cls, found: Contrast) -> "ContrastEffect":
        """As theming has it."""
        return cls(found.ink, found.ground, found.use, found.ratio, found.needed)


class SchemeEffect(Out, frozen=True):
    """The tokens of one colour scheme and their contrasts."""

    tokens: dict[str, str]
    contrasts: list[ContrastEffect]


class ThemeChoice(Out, frozen=True):
    """A theme that can be chosen, and its own fonts."""

    key: str
    name: str
    description: str
    fonts: str


class FontChoice(Out, frozen=True):
    """A pair of fonts that can be chosen."""

    key: str
    label: str
    heading: str
    body: str


class BrandingEffect(Out, frozen=True):
    """The palette that a brand colour becomes. `moved`: it could not be read, this is used."""

    colour: str
    neutral: str
    moved: str | None
    chosen: ContrastEffect
    light: SchemeEffect
    dark: SchemeEffect
    themes: list[ThemeChoice]
    fonts: list[FontChoice]
    points_name: dict[str, str]


def sound(snapshot: Snapshot, *needed: type[Section]) -> None:
    """Raise InvalidParametersError when what is computed with breaks its own rules."""
    errors = [
        finding
        for section in needed
        for finding in snapshot[section].check()
        if finding.severity == "error"
    ]
    if errors:
        raise InvalidParametersError(errors)


@get("/{brand:str}/effects/branding", operation_id="brandingEffect", operation_class=Read,
     opt=READ, tags=TAGS)  # fmt: skip
async def branding(
    request: AdminRequest,
    change_set: ChangeSetQuery = None,
    colour: ColourQuery = None,
    neutral: NeutralQuery = None,
) -> Response[BrandingEffect]:
    """The palette, its contrasts, and what else can be chosen for the look."""
    _, after = await both(request, change_set)
    section = after[BrandingParameters]
    wanted, greys = colour or section.brand_colour, neutral or section.neutral
    found = palette(wanted, greys)
    return answer(
        BrandingEffect(
            colour=wanted,
            neutral=greys,
            moved=found.moved,
            chosen=ContrastEffect.of(chosen(wanted, found)),
            light=_scheme(found.light),
            dark=_scheme(found.dark),
            themes=[
                ThemeChoice(key, file.name, file.description, file.fonts)
                for key, file in _themes().items()
            ],
            fonts=[FontChoice(key, p.label, p.heading, p.body) for key, p in PAIRS.items()],
            points_name={
                language: points_name(section, after[ProgrammeParameters], language).other
                for language in after[ProgrammeParameters].languages
            },
        )
    )


@cache
def _themes() -> dict[str, ThemeFile]:
    return choices(bundled("themes"))


def _scheme(tokens: dict[str, str]) -> SchemeEffect:
    return SchemeEffect(tokens, [ContrastEffect.of(c) for c in contrasts(tokens)])


class HistogramBar(Out, frozen=True):
    """Members from `start` up to below `end`; the last bar is open."""

    start: int
    end: int | None
    members: int


class TierMembers(Out, frozen=True):
    """How many members a tier has and would have."""

    tier: str
    before: int
    after: int


class TierMove(Out, frozen=True):
    """Members whose tier would be another."""

    source: str
    target: str
    members: int


class TiersEffect(Out, frozen=True):
    """Members by qualifying points and by tier, today, under the ladder in force and the draft."""

    members: int
    bars: list[HistogramBar]
    tiers: list[TierMembers]
    moves: list[TierMove]
    up: int
    down: int
    period_changed: bool


@get("/{brand:str}/effects/tiers", operation_id="tiersEffect", operation_class=Read,
     opt=READ, tags=TAGS)  # fmt: skip
async def tiers(request: AdminRequest, change_set: ChangeSetQuery = None) -> Response[TiersEffect]:
    """The members of today on a histogram of qualifying points, and who would move."""
    before, after = await both(request, change_set)
    sound(after, ProgrammeParameters, TierParameters)
    async with request.rt.db.read(request.tenant.id) as s:
        found = await distribution(
            s,
            before=before[TierParameters],
            after=after[TierParameters],
            zone=after[ProgrammeParameters].zone,
            now=request.now,
        )
    return answer(
        TiersEffect(
            members=found.members,
            bars=[HistogramBar(b.start, b.end, b.members) for b in found.bars],
            tiers=[TierMembers(t.tier, t.before, t.after) for t in found.tiers],
            moves=[TierMove(m.source, m.target, m.members) for m in found.moves],
            up=found.up,
            down=found.down,
            period_changed=before[TierParameters].period != after[TierParameters].period,
        )
    )


class WeightShare(Out, frozen=True):
    """A candidate's weight, its share in millionths, and why it has none (`live` has one)."""

    key: str
    weight: int
    share: int
    state: str


class PlacementEffect(Out, frozen=True):
    """A placement: how its slots are shared among kinds."""

    key: str
    enabled: bool
    slots: int
    kinds: list[WeightShare]


class OfferEffect(Out, frozen=True):
    """An offer: its share among its kind, and the shares of its variants."""

    key: str
    kind: str
    weight: int
    share: int
    state: str
    variants: list[WeightShare]


class RecommendationsEffect(Out, frozen=True):
    """What weights come to on a day of the programme."""

    enabled: bool
    day: str
    placements: list[PlacementEffect]
    offers: list[OfferEffect]


def _weights(found: list[Shared]) -> list[WeightShare]:
    return [WeightShare(one.key, one.weight, one.share, one.state) for one in found]


@get("/{brand:str}/effects/recommendations", operation_id="recommendationsEffect",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def recommendations(
    request: AdminRequest, change_set: ChangeSetQuery = None
) -> Response[RecommendationsEffect]:
    """The shares that weights come to: of kinds in placements, of offers, of variants."""
    _, after = await both(request, change_set)
    sound(after, ProgrammeParameters)
    day = _day(after, request.now)
    found = shares(after[RecommendationParameters], day=day.date())
    return answer(
        RecommendationsEffect(
            enabled=found.enabled,
            day=day.date().isoformat(),
            placements=[
                PlacementEffect(p.key, p.enabled, p.slots, _weights(p.kinds))
                for p in found.placements
            ],
            offers=[
                OfferEffect(o.key, o.kind, o.weight, o.share, o.state, _weights(o.variants))
                for o in found.offers
            ],
        )
    )


def _day(snapshot: Snapshot, now: datetime) -> datetime:
    return now.astimezone(snapshot[ProgrammeParameters].zone)


HANDLERS = [branding, *effects_points.HANDLERS, tiers, recommendations]
