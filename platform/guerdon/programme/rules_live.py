"""Rules that ask the brand's own data what a change would do to it.

What stands wrong already is told as a warning, so that it never keeps somebody from publishing
something else; what a change makes wrong is an error.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import msgspec

from guerdon.catalogue import pricing
from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.catalogue.rules import price_rules
from guerdon.fulfilment import secrets as supplier_secrets
from guerdon.fulfilment.parameters import FulfilmentParameters
from guerdon.identity.parameters import SecurityParameters
from guerdon.identity.staff import count_holders
from guerdon.kit.money import Money
from guerdon.ledger.parameters import PointsParameters
from guerdon.members.parameters import MemberParameters
from guerdon.parameters.sections import (
    Change,
    Finding,
    LiveRule,
    ProgrammeParameters,
    Sections,
    Severity,
)
from guerdon.parameters.snapshot import Snapshot
from guerdon.payments import secrets as payment_secrets
from guerdon.payments.parameters import PaymentParameters
from guerdon.plumbing.db import ReadSession
from guerdon.redemption.schemas import ENDED
from guerdon.tiers.parameters import TierParameters

_HUNDRED: Final = Decimal(100)
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS_A_YEAR: Final = 12
_TWO: Final = 2
# A provider works without these: they let it tell us sooner.
_OPTIONAL: Final = frozenset({"payments.stripe.webhook_secret"})


def _severity(now_wrong: Collection[str], was: Collection[str] | None) -> Severity:
    """An error if the change itself makes something wrong; `was` is None for a first version."""
    return "error" if was is not None and set(now_wrong) - set(was) else "warning"


async def currency_of_balances(s: ReadSession, change: Change) -> list[Finding]:
    """Points that members hold were earned and priced in the currency that is there."""
    before, after = change.before, change.after[ProgrammeParameters].currency
    if before is None or before[ProgrammeParameters].currency == after:
        return []
    holders = await s.value(
        "SELECT count(*) FROM app.ledger_account"
        " WHERE tenant_id = %(tenant_id)s AND (posted <> 0 OR held <> 0)"
    )
    if not holders:
        return []
    return [
        Finding(
            "programme.currency",
            "currency_of_live_programme",
            "%(holders)s members hold points that were earned in %(before)s; a running programme"
            " keeps its currency. Open another brand for %(after)s.",
            params={
                "holders": int(holders), "before": before[ProgrammeParameters].currency,
                "after": after,
            },
        )
    ]  # fmt: skip


async def days_of_a_running_programme(s: ReadSession, change: Change) -> list[Finding]:
    """Another zone moves the days on which points expire and tiers end."""
    before, after = change.before, change.after[ProgrammeParameters].time_zone
    if before is None or before[ProgrammeParameters].time_zone == after:
        return []
    if not await s.value("SELECT 1 FROM app.member WHERE tenant_id = %(tenant_id)s LIMIT 1"):
        return []
    return [
        Finding(
            "programme.time_zone",
            "days_move",
            "Days would begin at another hour: points that expire today, and schedules, follow"
            " %(zone)s from the moment this is in force.",
            severity="warning",
            params={"zone": after},
        )
    ]


async def texts_that_were_agreed_to(s: ReadSession, change: Change) -> list[Finding]:
    """Who agreed to a text agreed to that text: another one has another version."""
    if change.before is None:
        return []
    found = []
    was, now = change.before[ProgrammeParameters], change.after[ProgrammeParameters]
    if was.terms and was.terms != now.terms and was.terms_version == now.terms_version:
        found.append(
            Finding(
                "programme.terms_version",
                "terms_without_version",
                "The terms change and their version stays %(version)s: members would not be asked"
                " again. Give them a new version.",
                params={"version": now.terms_version},
            )
        )
    for n, purpose in enumerate(change.after[MemberParameters].purposes):
        old = change.before[MemberParameters].purpose(purpose.key)
        if old is not None and old.text != purpose.text and old.version == purpose.version:
            found.append(
                Finding(
                    f"members.purposes[{n}].version",
                    "consent_without_version",
                    "The text of %(purpose)s changes and its version stays %(version)s: consents"
                    " given to the old text would count for the new one. Give it a new version.",
                    params={"purpose": purpose.key, "version": purpose.version},
                )
            )
    return found


class _Counted(msgspec.Struct):
    name: str
    times: int


async def languages_that_members_read(s: ReadSession, change: Change) -> list[Finding]:
    """A language is not taken from members who chose it without a word."""
    if change.before is None:
        return []
    now = change.after[ProgrammeParameters].languages
    gone = sorted(set(change.before[ProgrammeParameters].languages) - set(now))
    if not gone:
        return []
    readers = await s.all(
        _Counted,
        "SELECT language AS name, count(*) AS times FROM app.member"
        " WHERE tenant_id = %(tenant_id)s AND language = ANY(%(gone)s) GROUP BY 1 ORDER BY 1",
        {"gone": gone},
    )
    return [
        Finding(
            "programme.languages",
            "language_still_read",
            "%(members)s members chose %(language)s; they would read %(default)s from now on.",
            severity="warning",
            params={"members": one.times, "language": one.name, "default": now[0]},
        )
        for one in readers
    ]


class _Goods(msgspec.Struct):
    """Published products of a category from a supplier in a currency; the cheapest's cost."""

    category: str
    supplier: str
    currency: str
    products: int
    cheapest: int


async def _goods(s: ReadSession) -> list[_Goods]:
    return await s.all(
        _Goods,
        "SELECT category, supplier, cost_currency AS currency, count(*) AS products,"
        " min(cost_minor) AS cheapest FROM app.product"
        " WHERE tenant_id = %(tenant_id)s AND status = 'published'"
        " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    )


def _needed(names: Mapping[str, int], there: Collection[str]) -> dict[str, int]:
    return {name: times for name, times in sorted(names.items()) if name not in there}


def _sum(goods: list[_Goods], of: str) -> dict[str, int]:
    totals: dict[str, int] = {}
    for one in goods:
        key = getattr(one, of)
        totals[key] = totals.get(key, 0) + one.products
    return totals


async def what_products_need(s: ReadSession, change: Change) -> list[Finding]:
    """Categories, suppliers and rates that published products stand on."""
    goods = await _goods(s)
    found: list[Finding] = []
    for of, path, code, message in (
        ("category", "catalogue.categories", "category_in_use",
         "%(products)s published products stand in the category %(name)s, which would be gone; move"
         " them first."),
        ("supplier", "fulfilment.suppliers", "supplier_in_use",
         "%(products)s published products come from the supplier %(name)s, which would be gone;"
         " withdraw them first, or name another supplier."),
        ("currency", "catalogue.fx", "rate_missing",
         "%(products)s published products are priced in %(name)s, for which there is no rate; add"
         " one."),
    ):  # fmt: skip
        totals = _sum(goods, of)
        missing = _needed(totals, _there(change.after, of))
        was = None if change.before is None else _needed(totals, _there(change.before, of))
        found += [
            Finding(
                path, code, message, severity=_severity([name], was),
                params={"products": times, "name": name},
            )
            for name, times in missing.items()
        ]  # fmt: skip
    return found


def _there(sections: Sections, of: str) -> Collection[str]:
    catalogue = sections[CatalogueParameters]
    if of == "category":
        return catalogue.category_keys
    if of == "supplier":
        return {supplier.key for supplier in sections[FulfilmentParameters].suppliers}
    return {sections[ProgrammeParameters].currency, *catalogue.fx}


async def orders_under_way(s: ReadSession, change: Change) -> list[Finding]:
    """An order ends at the supplier it went to: until then its connection stays."""
    if change.before is None:
        return []
    now = {supplier.key for supplier in change.after[FulfilmentParameters].suppliers}
    gone = {x.key for x in change.before[FulfilmentParameters].suppliers} - now
    if not gone:
        return []
    open_orders = await s.all(
        _Counted,
        "SELECT supplier AS name, count(*) AS times FROM app.redemption"
        " WHERE tenant_id = %(tenant_id)s AND supplier = ANY(%(gone)s)"
        " AND state <> ALL(%(ended)s) AND state NOT IN ('delivered', 'settled', 'returned')"
        " GROUP BY 1 ORDER BY 1",
        {"gone": sorted(gone), "ended": sorted(ENDED)},
    )
    return [
        Finding(
            "fulfilment.suppliers",
            "supplier_with_open_orders",
            "%(orders)s orders are under way at %(name)s; keep it until they have ended.",
            params={"orders": one.times, "name": one.name},
        )
        for one in open_orders
    ]


async def secrets_that_are_needed(s: ReadSession, change: Change) -> list[Finding]:
    """A provider is called with secrets, which are stored before it is chosen."""
    wanted: dict[str, tuple[str, bool]] = {}
    provider = change.after[PaymentParameters].provider
    fresh = change.before is not None and change.before[PaymentParameters].provider != provider
    for name in payment_secrets.names():
        if name.startswith(f"payments.{provider}.") and name not in _OPTIONAL:
            wanted[name] = ("payments.provider", fresh)
    for name in supplier_secrets.names(change.after[FulfilmentParameters]):
        wanted[name] = ("fulfilment.suppliers", False)
    if not wanted:
        return []
    stored = await s.all(
        str,
        "SELECT name FROM app.secret WHERE tenant_id = %(tenant_id)s AND name = ANY(%(names)s)",
        {"names": list(wanted)},
    )
    found = []
    for path in ("payments.provider", "fulfilment.suppliers"):
        missing = [n for n, (at, _) in wanted.items() if at == path and n not in stored]
        if missing:
            found.append(
                Finding(
                    path,
                    "secrets_missing",
                    "These secrets are not stored: %(names)s. Store them under Connections first.",
                    severity="error" if wanted[missing[0]][1] else "warning",
                    params={"names": ", ".join(missing)},
                )
            )
    return found


async def somebody_else_looks(s: ReadSession, change: Change) -> list[Finding]:
    """Where several people can publish, a second one sees what is risky."""
    if change.after[SecurityParameters].approval_from != "never":
        return []
    people = await count_holders(s, "parameters:publish")
    if people < _TWO:
        return []
    return [
        Finding(
            "security.approval_from",
            "nobody_else_looks",
            "%(people)s people can publish, and no change would need a second one; ask for approval"
            " of risky changes at least.",
            severity="warning",
            params={"people": people},
        )
    ]


async def prices_below_cost(s: ReadSession, change: Change) -> list[Finding]:
    """What an outside supplier is paid for is not given away for less."""
    after = change.after
    catalogue, tiers = after[CatalogueParameters], after[TierParameters].tiers
    keys = {tier.key for tier in tiers}
    discounts = {k: Decimal(v) for k, v in catalogue.tier_discounts.items() if k in keys}
    if not discounts:
        return []
    tier, discount = max(discounts.items(), key=lambda pair: pair[1])
    bought = {
        x.key for x in after[FulfilmentParameters].suppliers if x.provider == "amazon_business"
    }
    found = []
    for category in sorted({one.category for one in await _goods(s) if one.supplier in bought}):
        place = next((n for n, c in enumerate(catalogue.categories) if c.key == category), None)
        own = None if place is None else catalogue.categories[place].margin_percent
        margin = Decimal(own if own is not None else catalogue.margin_percent)
        kept = (_HUNDRED + margin) * (_HUNDRED - discount) / _HUNDRED - _HUNDRED
        if kept < 0:
            found.append(
                Finding(
                    "catalogue.margin_percent"
                    if own is None
                    else f"catalogue.categories[{place}].margin_percent",
                    "below_cost",
                    "With the discount of %(tier)s, products of %(category)s are given for"
                    " %(loss)s %% less than the supplier is paid; raise the margin or lower the"
                    " discount.",
                    severity="warning",
                    params={"tier": tier, "category": category, "loss": f"{-kept:.1f}"},
                )
            )
    return found


async def rewards_that_can_be_reached(s: ReadSession, change: Change) -> list[Finding]:
    """The best earner can have the cheapest reward before the points expire."""
    after = change.after
    ladder, points = after[TierParameters], after[PointsParameters]
    best = await s.value(
        """
        SELECT max(qualifying) FROM app.tier_standing
         WHERE tenant_id = %(tenant_id)s
           AND period = CASE WHEN %(lifetime)s THEN 0
                 ELSE (SELECT max(period) FROM app.tier_standing
                        WHERE tenant_id = %(tenant_id)s) END
        """,
        {"lifetime": ladder.period == "lifetime"},
    )
    cheapest = _cheapest(await _goods(s), s, after)
    if not best or cheapest is None:
        return []
    earned = Decimal(int(best))
    if change.before is not None:
        before = Decimal(change.before[PointsParameters].earn_factor)
        earned = earned * Decimal(points.earn_factor) / before if before else earned
    if ladder.period == "calendar_year" and points.validity.model == "rolling":
        months = points.validity.months + Decimal(points.validity.days) / 30
        earned = earned * months / _MONTHS_A_YEAR
    if earned >= cheapest:
        return []
    return [
        Finding(
            "points.price_factor",
            "unreachable_reward",
            "The cheapest reward costs %(price)s points, and the member who earns most gathers"
            " about %(earned)s before they expire: nobody could redeem anything.",
            severity="warning",
            params={"price": cheapest, "earned": int(earned)},
        )
    ]


def _cheapest(goods: list[_Goods], s: ReadSession, after: Sections) -> int | None:
    """The lowest price in points of anything published that has a rate."""
    first = after[ProgrammeParameters].currency
    rules = price_rules(Snapshot(s.tenant_id, 0, _EVER, after.by_type))
    prices = [
        pricing.price(
            cost=Money(one.cheapest, one.currency), category=one.category, rules=rules
        ).points
        for one in goods
        if one.currency == first or one.currency in rules.rates
    ]
    return min(prices, default=None)


RULES: Final[tuple[LiveRule, ...]] = (
    currency_of_balances,
    days_of_a_running_programme,
    texts_that_were_agreed_to,
    languages_that_members_read,
    what_products_need,
    orders_under_way,
    secrets_that_are_needed,
    somebody_else_looks,
    prices_below_cost,
    rewards_that_can_be_reached,
)
