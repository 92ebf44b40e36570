"""The rules of prices, out of a version of the programme's parameters."""

from decimal import Decimal
from functools import lru_cache

from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.catalogue.pricing import PriceRules
from guerdon.ledger.parameters import PointsParameters
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot


@lru_cache(maxsize=1_000)
def price_rules(snapshot: Snapshot) -> PriceRules:
    """What prices depend on in this version, worked out once."""
    points = snapshot[PointsParameters]
    catalogue = snapshot[CatalogueParameters]
    return PriceRules(
        version=snapshot.version,
        currency=snapshot[ProgrammeParameters].currency,
        rates={currency: Decimal(rate) for currency, rate in catalogue.fx.items()},
        margin_percent=Decimal(catalogue.margin_percent),
        margin_overrides={
            c.key: Decimal(c.margin_percent)
            for c in catalogue.categories
            if c.margin_percent is not None
        },
        price_factor=Decimal(points.price_factor),
        rounding=points.price_rounding,
        step=points.price_rounding_step,
        floor_points=points.price_floor_points,
        tier_discounts={tier: Decimal(p) for tier, p in catalogue.tier_discounts.items()},
        minimum_share_percent=Decimal(points.minimum_points_share_percent),
        fee_flat_minor=points.fee.flat_minor,
        fee_percent=Decimal(points.fee.percent),
    )
