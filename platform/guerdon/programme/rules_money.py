"""Rules over sections: what points, prices, tiers and payments must not do to each other."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Final

from babel.numbers import list_currencies

from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.ledger.parameters import PointsParameters, Validity
from guerdon.parameters.sections import Finding, ProgrammeParameters, Sections
from guerdon.payments.parameters import PaymentParameters
from guerdon.payments.providers.amazon_pay import CURRENCIES as AMAZON_PAY_CURRENCIES
from guerdon.payments.providers.amazon_pay import STATEMENT_MAX
from guerdon.tiers.parameters import TierParameters

_HUNDRED: Final = Decimal(100)
_GENEROUS_PERCENT: Final = Decimal(50)
_FEE_PERCENT_MAX: Final = Decimal(25)
_CORRECTION_MAX: Final = Decimal(10_000)
_DAYS_A_MONTH: Final = 30


def known_currencies(sections: Sections) -> Iterator[Finding]:
    """Currencies are those of ISO 4217."""
    known = list_currencies()
    programme, catalogue = sections[ProgrammeParameters], sections[CatalogueParameters]
    if programme.currency not in known:
        yield Finding(
            "programme.currency",
            "unknown_currency",
            "%(currency)s is no currency of ISO 4217; use a code such as USD or BRL.",
            params={"currency": programme.currency},
        )
    for currency, rate in catalogue.fx.items():
        if currency not in known:
            yield Finding(
                f"catalogue.fx.{currency}",
                "unknown_currency",
                "%(currency)s is no currency of ISO 4217; use a code such as USD or BRL.",
                params={"currency": currency},
            )
        elif currency == programme.currency and Decimal(rate) != 1:
            yield Finding(
                f"catalogue.fx.{currency}",
                "rate_of_own_currency",
                "%(currency)s is the programme's own currency, whose rate is 1; remove it.",
                params={"currency": currency},
            )


def discounts_of_known_tiers(sections: Sections) -> Iterator[Finding]:
    """A discount belongs to a tier that exists, and does not fall as tiers rise."""
    ladder = sections[TierParameters].tiers
    discounts = sections[CatalogueParameters].tier_discounts
    keys = [tier.key for tier in ladder]
    for key in discounts:
        if key not in keys:
            yield Finding(
                f"catalogue.tier_discounts.{key}",
                "unknown_tier",
                "There is no tier %(tier)s, so nobody gets this discount; remove it, or name one of"
                " %(tiers)s.",
                params={"tier": key, "tiers": ", ".join(keys) or "-"},
            )
    for lower, higher in pairwise(ladder):
        before = Decimal(discounts.get(lower.key, "0"))
        after = Decimal(discounts.get(higher.key, "0"))
        if after < before:
            yield Finding(
                f"catalogue.tier_discounts.{higher.key}",
                "falling_discount",
                "%(higher)s gets %(after)s %% off and the lower tier %(lower)s gets %(before)s %%:"
                " rising would cost the member. Raise the one or lower the other.",
                severity="warning",
                params={
                    "higher": higher.key, "lower": lower.key, "after": str(after),
                    "before": str(before),
                },
            )  # fmt: skip


def multipliers_that_rise(sections: Sections) -> Iterator[Finding]:
    """Who rises earns at least as much as before."""
    ladder = sections[TierParameters].tiers
    for place, (lower, higher) in enumerate(pairwise(ladder), start=1):
        if Decimal(higher.earn_multiplier) < Decimal(lower.earn_multiplier):
            yield Finding(
                f"tiers.tiers[{place}].earn_multiplier",
                "falling_multiplier",
                "%(higher)s earns %(after)s times and the lower tier %(lower)s earns %(before)s"
                " times: rising would cost the member.",
                severity="warning",
                params={
                    "higher": higher.key, "lower": lower.key, "after": higher.earn_multiplier,
                    "before": lower.earn_multiplier,
                },
            )  # fmt: skip


def _best(sections: Sections) -> Decimal:
    """What the best-off member gets back of what they spend, in percent."""
    points, tiers = sections[PointsParameters], sections[TierParameters].tiers
    discounts = sections[CatalogueParameters].tier_discounts
    price = Decimal(points.price_factor)
    if not price:
        return Decimal(0)
    best = [Decimal(1)]
    for tier in tiers:
        pays = _HUNDRED - Decimal(discounts.get(tier.key, "0"))
        if pays > 0:
            best.append(Decimal(tier.earn_multiplier) * _HUNDRED / pays)
    return Decimal(points.earn_factor) * max(best) / price * _HUNDRED


def money_back(sections: Sections) -> Iterator[Finding]:
    """Nobody earns with a purchase what the purchase cost."""
    percent = _best(sections)
    params: dict[str, str | int] = {"percent": f"{percent:.0f}"}
    if percent >= _HUNDRED:
        yield Finding(
            "points.earn_factor",
            "more_than_money_back",
            "The best tier would get %(percent)s %% of what it spends back in rewards, so that"
            " spending earns more than it costs. Lower the points earned or raise the points"
            " asked.",
            params=params,
        )
    elif percent > _GENEROUS_PERCENT:
        yield Finding(
            "points.earn_factor",
            "half_money_back",
            "The best tier would get %(percent)s %% of what it spends back in rewards. Is that"
            " what you want?",
            severity="warning",
            params=params,
        )


def money_that_can_be_paid(sections: Sections) -> Iterator[Finding]:
    """The money part, its fee and its provider fit together."""
    points, payments = sections[PointsParameters], sections[PaymentParameters]
    fee = points.fee
    if payments.provider == "none":
        if fee.flat_minor or Decimal(fee.percent):
            yield Finding(
                "points.fee",
                "fee_without_payments",
                "A fee is charged on the money part, but the programme takes no money; choose a"
                " payment provider or remove the fee.",
                severity="warning",
            )
    elif points.minimum_points_share_percent == 100:
        yield Finding(
            "points.minimum_points_share_percent",
            "money_never_due",
            "At 100 % in points nobody ever pays with money, though a payment provider is chosen;"
            " lower the share or choose none.",
            severity="warning",
        )
    if Decimal(fee.percent) > _FEE_PERCENT_MAX:
        yield Finding(
            "points.fee.percent",
            "high_fee",
            "A fee of %(percent)s %% of the money part will surprise members.",
            severity="warning",
            params={"percent": fee.percent},
        )


def amazon_pay_bounds(sections: Sections) -> Iterator[Finding]:
    """What Amazon Pay takes is less than what another provider takes."""
    payments, currency = sections[PaymentParameters], sections[ProgrammeParameters].currency
    if payments.provider != "amazon_pay":
        return
    if currency not in AMAZON_PAY_CURRENCIES:
        yield Finding(
            "payments.provider",
            "currency_not_taken",
            "Amazon Pay takes no %(currency)s, only %(taken)s; keep another provider.",
            params={"currency": currency, "taken": ", ".join(sorted(AMAZON_PAY_CURRENCIES))},
        )
    if len(payments.statement) > STATEMENT_MAX:
        yield Finding(
            "payments.statement",
            "statement_too_long",
            "Amazon Pay prints at most %(most)s characters on a statement; this text has"
            " %(length)s.",
            params={"most": STATEMENT_MAX, "length": len(payments.statement)},
        )
    if "card" not in payments.methods:
        yield Finding(
            "payments.methods",
            "methods_not_offered",
            "Amazon Pay offers what stands in the member's own wallet; leave card among the"
            " methods, for the provider that you may return to.",
            severity="warning",
        )


def _days(validity: Validity) -> int | None:
    if validity.model == "none":
        return None
    if validity.model == "rolling":
        return validity.months * _DAYS_A_MONTH + validity.days
    # The shortest life: earned the day before the fixed one.
    return 1 + 365 * validity.years_ahead


def lives_of_points(sections: Sections) -> Iterator[Finding]:
    """Points live longer than the promises that are made with them."""
    points, catalogue = sections[PointsParameters], sections[CatalogueParameters]
    days = _days(points.validity)
    if not days:
        return
    if points.validity.model == "rolling" and points.hold_grace_days > days:
        yield Finding(
            "points.hold_grace_days",
            "grace_longer_than_validity",
            "Points live %(days)s days, and ones that come back would live %(grace)s more: an order"
            " that is placed and cancelled would make them last. Shorten the grace.",
            params={"days": days, "grace": points.hold_grace_days},
        )
    if points.validity.model == "fixed_date" and points.validity.years_ahead == 0:
        yield Finding(
            "points.validity.years_ahead",
            "expires_at_once",
            "What is earned the day before the fixed date would live one day. Let points live until"
            " the date of the year after.",
            severity="warning",
        )
    if days * 86_400 < catalogue.quote_lifetime_s:
        yield Finding(
            "catalogue.quote_lifetime_s",
            "quote_outlives_points",
            "A price would hold longer than the points that pay it live.",
        )


def steps_of_prices(sections: Sections) -> Iterator[Finding]:
    """The lowest price stands on a step, and corrections have a ceiling that means something."""
    points = sections[PointsParameters]
    if points.price_floor_points % points.price_rounding_step:
        yield Finding(
            "points.price_floor_points",
            "floor_between_steps",
            "Prices are multiples of %(step)s, and the lowest price %(floor)s is none; use a"
            " multiple.",
            severity="warning",
            params={"step": points.price_rounding_step, "floor": points.price_floor_points},
        )
    price = Decimal(points.price_factor)
    if price and points.adjustment_approval_limit / price > _CORRECTION_MAX:
        yield Finding(
            "points.adjustment_approval_limit",
            "corrections_unchecked",
            "One person alone could give away %(points)s points, worth %(worth)s %(currency)s."
            " Lower the limit.",
            severity="warning",
            params={
                "points": points.adjustment_approval_limit,
                "worth": f"{points.adjustment_approval_limit / price:.0f}",
                "currency": sections[ProgrammeParameters].currency,
            },
        )


RULES: Final = (
    known_currencies,
    discounts_of_known_tiers,
    multipliers_that_rise,
    money_back,
    money_that_can_be_paid,
    amazon_pay_bounds,
    lives_of_points,
    steps_of_prices,
)
