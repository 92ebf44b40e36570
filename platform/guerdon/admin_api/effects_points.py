"""What a draft does to prices and to what is earned, on real products and plain amounts."""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated
from uuid import UUID

from litestar import Response, get
from litestar.params import QueryParameter

from guerdon.admin_api.drafts import ChangeSetQuery, both, shown_language
from guerdon.admin_api.requests import AdminRequest, answer
from guerdon.catalogue.pricing import affordable_value
from guerdon.catalogue.repricing import SAMPLE_MAX, Priced, reprice
from guerdon.catalogue.rules import price_rules
from guerdon.earning.arithmetic import worth
from guerdon.identity.policy import staff
from guerdon.kit.money import exponent
from guerdon.ledger.parameters import PointsParameters
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.tiers.parameters import TierParameters
from guerdon.wire.openapi import Read
from guerdon.wire.values import Money, Out

TAGS = ["Parameters"]
# Purchases that are worked out, in major units.
AMOUNTS = (10, 50, 100, 1000)


class SplitStop(Out, frozen=True):
    """A position of the slider: points, money for the rest, and the fee on it."""

    points: int
    money: Money
    fee: Money


class PriceEffect(Out, frozen=True):
    """A price. `points` is null where the supplier's currency has no rate (`missingRate`)."""

    points: int | None
    list_points: int | None
    value: Money | None
    missing_rate: str | None
    stops: list[SplitStop]


class ProductEffect(Out, frozen=True):
    """A product of the catalogue, priced by the version in force and by the draft."""

    id: UUID
    slug: str
    name: str
    category: str
    cost: Money
    before: PriceEffect
    after: PriceEffect


class EarningEffect(Out, frozen=True):
    """What a purchase earns in a tier (null: a programme without tiers)."""

    tier: str | None
    amount: Money
    before: int
    after: int


class ReturnEffect(Out, frozen=True):
    """What members get back: the value that the points of 1,000 major units buy."""

    spent: Money
    before: Money
    after: Money


class PointsEffect(Out, frozen=True):
    """Real products under the draft's prices, purchases under its earning."""

    tier: str | None
    products: list[ProductEffect]
    earning: list[EarningEffect]
    gives_back: ReturnEffect


TierQuery = Annotated[
    str | None, QueryParameter(max_length=40, description="Prices as this tier's members see them")
]
SizeQuery = Annotated[int, QueryParameter(ge=1, le=SAMPLE_MAX, description="How many products")]


def _price(priced: Priced) -> PriceEffect:
    price = priced.price
    return PriceEffect(
        points=price.points if price else None,
        list_points=price.list_points if price else None,
        value=Money.of(price.value) if price else None,
        missing_rate=priced.missing_rate,
        stops=[
            SplitStop(stop.points, Money.of(stop.money), Money.of(stop.fee))
            for stop in (priced.slider.stops if priced.slider else ())
        ],
    )


def _earned(snapshot: Snapshot, minor: int, multiplier: str) -> int:
    points = snapshot[PointsParameters]
    unit = Decimal(1).scaleb(-exponent(snapshot[ProgrammeParameters].currency))
    rate = Fraction(unit) * Fraction(Decimal(points.earn_factor)) * Fraction(Decimal(multiplier))
    return worth(minor, None, rate, points.earn_rounding, points.earn_rounding_per)


def _earning(before: Snapshot, after: Snapshot) -> list[EarningEffect]:
    currency = after[ProgrammeParameters].currency
    old = {t.key: t.earn_multiplier for t in before[TierParameters].tiers}
    ladder: list[tuple[str | None, str]] = [
        (t.key, t.earn_multiplier) for t in after[TierParameters].tiers
    ] or [(None, "1")]
    return [
        EarningEffect(
            tier=tier,
            amount=Money(minor, currency),
            before=_earned(before, minor, old.get(tier, "1") if tier else "1"),
            after=_earned(after, minor, multiplier),
        )
        for tier, multiplier in ladder
        for minor in (major * 10 ** exponent(currency) for major in AMOUNTS)
    ]


def _gives_back(snapshot: Snapshot, minor: int) -> Money:
    first = snapshot[TierParameters].tiers
    earned = _earned(snapshot, minor, first[0].earn_multiplier if first else "1")
    rules = price_rules(snapshot)
    return Money(max(0, affordable_value(earned, rules, None)), rules.currency)


@get("/{brand:str}/effects/points", operation_id="pointsEffect", operation_class=Read,
     opt={"policy": staff("parameters:read")}, tags=TAGS)  # fmt: skip
async def points(
    request: AdminRequest,
    change_set: ChangeSetQuery = None,
    tier: TierQuery = None,
    size: SizeQuery = 18,
) -> Response[PointsEffect]:
    """Real products re-priced by the draft, and what purchases would earn."""
    before, after = await both(request, change_set)
    spoken = after[ProgrammeParameters].languages
    async with request.rt.db.read(request.tenant.id) as s:
        products = await reprice(
            s,
            before=price_rules(before),
            after=price_rules(after),
            tier=tier,
            language=shown_language(request, after),
            fallback=spoken[0],
            now=request.now,
            limit=size,
        )
    spent = 1000 * 10 ** exponent(after[ProgrammeParameters].currency)
    return answer(
        PointsEffect(
            tier=tier,
            products=[
                ProductEffect(
                    id=p.id,
                    slug=p.slug,
                    name=p.name,
                    category=p.category,
                    cost=Money.of(p.cost),
                    before=_price(p.before),
                    after=_price(p.after),
                )
                for p in products
            ],
            earning=_earning(before, after),
            gives_back=ReturnEffect(
                spent=Money(spent, after[ProgrammeParameters].currency),
                before=_gives_back(before, spent),
                after=_gives_back(after, spent),
            ),
        )
    )


HANDLERS = [points]
