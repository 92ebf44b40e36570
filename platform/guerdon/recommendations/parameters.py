"""How a brand steers what its members are recommended."""

from collections.abc import Iterator
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, field

from guerdon.parameters.sections import Area, Finding, Section, field_meta
from guerdon.recommendations.context_parameters import ContextParameters
from guerdon.recommendations.eligibility import check_rule
from guerdon.recommendations.offers import (
    KINDS,
    CategoryKey,
    Eligibility,
    Factor,
    Key,
    Kind,
    Lifespan,
    Names,
    Offer,
    duplicates,
    is_zero,
    zero_factor,
)

OFFERS_MAX = 5000
PLACEMENTS_MAX = 40


class Fatigue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a member has seen enough of it."""

    impressions_max: Annotated[
        int,
        field_meta("Shown to one member", "Within the days below.", unit="times", ge=1, le=1000),
    ] = 20
    days: Annotated[int, field_meta("Counted over", unit="days", ge=1, le=365)] = 7
    dismissed_days: Annotated[
        int,
        field_meta("Rest after a dismissal", "0: it may come back.", unit="days", ge=0, le=3650),
    ] = 30


class KindParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of recommendation."""

    enabled: Annotated[
        bool, field_meta("Enabled", "Off takes the whole kind away.", risk="medium")
    ] = False
    weight: Annotated[
        int,
        field_meta("Weight", "Its share in the slots it stands in.", risk="medium", ge=0, le=100),
    ] = 50
    factor: Annotated[
        Factor, field_meta("Factor", "Multiplies every score.", unit="×", risk="high")
    ] = "1"
    eligibility: Annotated[Eligibility, field_meta("For whom", risk="medium")] = ""
    lifespan: Annotated[Lifespan, field_meta("Lifespan")] = Lifespan()
    fatigue: Annotated[Fatigue, field_meta("Fatigue")] = Fatigue()
    category_caps: Annotated[
        dict[CategoryKey, Annotated[int, Meta(ge=0, le=100)]],
        field_meta("Most of one category", "In one slate.", unit="offers"),
    ] = field(default_factory=dict)
    exploration_percent: Annotated[
        int,
        field_meta(
            "Exploration",
            "Share of slots that try what is not known to work yet.",
            unit="%",
            risk="medium",
            ge=0,
            le=50,
        ),
    ] = 5
    holdout_percent: Annotated[
        int,
        field_meta(
            "Holdout",
            "Share of members who see the baseline, so that the lift can be measured.",
            unit="%",
            risk="medium",
            ge=0,
            le=50,
        ),
    ] = 5

    def check(self, at: str) -> Iterator[Finding]:
        yield from self.lifespan.check(f"{at}.lifespan")
        yield from check_rule(self.eligibility, f"{at}.eligibility")
        if is_zero(self.factor):
            yield zero_factor(f"{at}.factor")


class Kinds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every kind there is."""

    co_branded_card: Annotated[KindParameters, field_meta("Co-branded cards")] = KindParameters()
    ancillary: Annotated[KindParameters, field_meta("Ancillary products")] = KindParameters()
    club: Annotated[KindParameters, field_meta("Club packages")] = KindParameters()
    catalogue: Annotated[KindParameters, field_meta("Catalogue")] = KindParameters()

    def of(self, kind: Kind) -> KindParameters:
        """The parameters of one kind."""
        match kind:
            case "co_branded_card":
                return self.co_branded_card
            case "ancillary":
                return self.ancillary
            case "club":
                return self.club
            case "catalogue":
                return self.catalogue


class Placement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place on a page or in an app, with so many slots for these kinds."""

    key: Annotated[Key, field_meta("Key", "Named by whoever asks for a slate.")]
    kinds: Annotated[
        tuple[Kind, ...], field_meta("Kinds", min_length=1, max_length=4, labels=KINDS)
    ]
    name: Annotated[Names, field_meta("Heading", "Text per language.")] = field(
        default_factory=dict
    )
    enabled: Annotated[bool, field_meta("Enabled", risk="medium")] = True
    slots: Annotated[int, field_meta("Slots", unit="offers", ge=1, le=50)] = 4


class ExternalScores(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Scores by a model of the brand's own. Its key is the secret `recommendations.scores`."""

    url: Annotated[
        str, field_meta("Address", "Empty: no external model.", risk="high", max_length=500)
    ] = ""
    timeout_ms: Annotated[
        int,
        field_meta("Waits at most", "Then the last known scores count, then the rules.",
                   unit="ms", risk="medium", ge=20, le=1000),
    ] = 150  # fmt: skip
    cache_s: Annotated[
        int, field_meta("A score is good for", unit="s", risk="medium", ge=0, le=86_400)
    ] = 300


class RecommendationParameters(Section, frozen=True):
    """What is recommended, to whom, where, how often and how strongly."""

    section: ClassVar[str] = "recommendations"
    title: ClassVar[str] = "Recommendations"
    area: ClassVar[Area] = "commercial"

    enabled: Annotated[
        bool, field_meta("Enabled", "Off empties every slate at once.", risk="medium")
    ] = True
    kinds: Annotated[Kinds, field_meta("Kinds")] = Kinds()
    placements: Annotated[
        tuple[Placement, ...], field_meta("Placements", max_length=PLACEMENTS_MAX)
    ] = ()
    offers: Annotated[tuple[Offer, ...], field_meta("Offers", max_length=OFFERS_MAX)] = ()
    contexts: Annotated[ContextParameters, field_meta("Tickets, stays and policies")] = (
        ContextParameters()
    )
    attribution_days: Annotated[
        int,
        field_meta(
            "Counts as a result",
            "A redemption of the product so long after the member followed its offer.",
            unit="days",
            ge=1,
            le=90,
        ),
    ] = 7
    external_scores: Annotated[ExternalScores, field_meta("External model", risk="high")] = (
        ExternalScores()
    )

    def check(self) -> Iterator[Finding]:
        """Keys are unique, periods have days, and every slot can be filled."""
        for kind in Kinds.__struct_fields__:
            yield from getattr(self.kinds, kind).check(f"recommendations.kinds.{kind}")
        yield from self._check_placements()
        yield from duplicates((o.key for o in self.offers), "recommendations.offers")
        for place, offer in enumerate(self.offers):
            yield from offer.check(f"recommendations.offers[{place}]")
        yield from self._check_weights()
        yield from self.contexts.check("recommendations.contexts")
        url = self.external_scores.url
        if url and not _address(url):
            yield Finding(
                "recommendations.external_scores.url",
                "bad_address",
                "An address is https:// and a host, without a user name.",
            )

    def _check_placements(self) -> Iterator[Finding]:
        at = "recommendations.placements"
        yield from duplicates((p.key for p in self.placements), at)
        for place, placement in enumerate(self.placements):
            if len(set(placement.kinds)) != len(placement.kinds):
                yield Finding(f"{at}[{place}].kinds", "duplicate_kind", "A kind stands twice.")
            live = [k for k in placement.kinds if self.kinds.of(k).enabled]
            if not placement.enabled or not self.enabled:
                continue
            if not live:
                yield Finding(
                    f"{at}[{place}].kinds",
                    "empty_slot",
                    "None of its kinds is enabled, so nothing can stand here; enable a kind or"
                    " disable the placement.",
                    severity="warning",
                )
            elif not any(self.kinds.of(k).weight for k in live):
                yield Finding(
                    f"{at}[{place}].kinds",
                    "weightless_slot",
                    "The weights of %(kinds)s are all 0, so nothing could be chosen; give one a"
                    " weight or disable the placement.",
                    params={"kinds": ", ".join(live)},
                )

    def _check_weights(self) -> Iterator[Finding]:
        """A kind whose every offer weighs nothing can never be chosen from."""
        weights: dict[Kind, int] = {}
        for offer in self.offers:
            if offer.enabled:
                weights[offer.kind] = weights.get(offer.kind, 0) + offer.weight
        for kind, total in weights.items():
            if total == 0 and self.kinds.of(kind).enabled:
                yield Finding(
                    "recommendations.offers",
                    "weightless_kind",
                    "Every enabled offer of the kind %(kind)s has weight 0; give one a weight or"
                    " disable the kind.",
                    params={"kind": kind},
                )


def _address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    # Nothing leaves to a loopback address but by an exception of the operator's.
    local = parts.scheme == "http" and parts.hostname == "127.0.0.1"
    return (parts.scheme == "https" or local) and bool(parts.hostname) and parts.username is None
