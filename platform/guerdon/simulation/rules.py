"""One version of a programme, run on one wallet after the other.

Every figure comes from the function that the live programme uses: what a purchase earns and what
a return takes from `earning`, where a member stands from `tiers.ladder`, what a reward costs from
`catalogue.pricing`, how long points live from `ledger.expiry`.
"""

from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from guerdon.catalogue import pricing
from guerdon.catalogue.errors import NoRateError
from guerdon.catalogue.rules import price_rules
from guerdon.earning.arithmetic import Line, Purchase, worth
from guerdon.earning.errors import CurrencyDiffersError
from guerdon.earning.operations import rule_of
from guerdon.earning.returns import Credit, undue
from guerdon.earning.schemas import Return
from guerdon.kit.money import POINTS_MAX, Money
from guerdon.ledger.errors import NotEnoughPointsError, PointsOutOfRangeError
from guerdon.ledger.expiry import last_day, local_day
from guerdon.ledger.parameters import PointsParameters
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.simulation.happenings import Happening
from guerdon.tiers.ladder import period_of, standing_of
from guerdon.tiers.parameters import TierParameters

# What a product that is no longer in the catalogue is priced as: the general margin.
_NO_CATEGORY = ""
_PRICES_MAX = 50_000


class Purse:
    """One wallet under one set of rules, while its events are replayed.

    `held` are points of redemptions that are still under way.
    """

    __slots__ = ("available", "credits", "held", "qualifying", "refused", "returns")

    def __init__(self, available: int, held: int, qualifying: dict[int, int]) -> None:
        self.available = available
        self.held = held
        self.qualifying = qualifying
        self.credits: dict[UUID, Credit] = {}
        self.refused: set[UUID] = set()
        self.returns: dict[UUID, list[dict[str, Any]]] = {}


class Rules:
    """A version, ready for many events."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        programme, points = snapshot[ProgrammeParameters], snapshot[PointsParameters]
        self.zone = programme.zone
        self.currency = programme.currency
        self.tiers = snapshot[TierParameters]
        self.pricing = price_rules(snapshot)
        self.validity = points.validity
        self.rounding = points.earn_rounding
        self.per = points.earn_rounding_per
        self._unit = str(rule_of(snapshot)["unit"])
        self._factor = points.earn_factor
        self._multipliers = {t.key: t.earn_multiplier for t in self.tiers.tiers}
        self._rates: dict[str | None, Fraction] = {None: self._purchase(0, None, "1").rate}
        for tier, multiplier in self._multipliers.items():
            self._rates[tier] = self._purchase(0, None, multiplier).rate
        self._base_rate: Fraction = self._purchase(0, None, "1").base_rate
        self._prices: dict[tuple[Any, ...], pricing.Price] = {}
        self._last_days: dict[date, date] = {}

    def _purchase(
        self, amount_minor: int, items: tuple[Line, ...] | None, multiplier: str
    ) -> Purchase:
        return Purchase(
            amount_minor, self._unit, self._factor, multiplier, self.rounding, self.per, items
        )

    def tier(self, purse: Purse, period: int) -> str | None:
        """Where the wallet's owner stands in a period."""
        qualifying = purse.qualifying.get(period, 0)
        return standing_of(self.tiers, qualifying=qualifying, period=period).tier

    def period(self, at: datetime) -> int:
        """The period that an instant counts in."""
        return period_of(self.tiers, at, self.zone)

    def last_day(self, at: datetime) -> date:
        """The last day of points earned at an instant."""
        day = local_day(at, self.zone)
        found = self._last_days.get(day)
        if found is None:
            found = self._last_days[day] = last_day(self.validity, day)
        return found

    def earn(self, purse: Purse, event: Happening) -> int:
        """Credit a purchase or a grant; its points.

        Raises CurrencyDiffersError, PointsOutOfRangeError.
        """
        told = event.told
        period = self.period(event.occurred_at)
        if (amount := told.get("amount_minor")) is None:
            points, base = int(told["points"]), int(told["base"])
            explanation = {**told, "period": period}
        else:
            if told["currency"] != self.currency:
                raise CurrencyDiffersError(expected=self.currency)
            items = _lines(told.get("items"))
            tier = self.tier(purse, period)
            base = worth(amount, items, self._base_rate, self.rounding, self.per)
            points = worth(amount, items, self._rates[tier], self.rounding, self.per)
            explanation = {
                "amount_minor": amount, "items": told.get("items"), "unit": self._unit,
                "factor": self._factor, "multiplier": self._multipliers.get(tier or "", "1"),
                "rounding": self.rounding, "per": self.per, "points": points, "base": base,
                "period": period,
            }  # fmt: skip
        if purse.available + points > POINTS_MAX:
            raise PointsOutOfRangeError(points=points)
        purse.available += points
        if base:
            purse.qualifying[period] = purse.qualifying.get(period, 0) + base
        purse.credits[event.id] = Credit(points=points, explanation=explanation)
        return points

    def take_back(self, purse: Purse, event: Happening) -> int:
        """Take back what a return makes undue; the points due.

        A credit from before the window is taken back as it was recorded.
        """
        if event.reverses is None or event.reverses in purse.refused:
            return 0
        credit = purse.credits.get(event.reverses)
        if credit is None:
            period = int(event.told.get("period", 0))
            base = int(event.told.get("base", 0))
            purse.qualifying[period] = purse.qualifying.get(period, 0) - base
            purse.available += event.points
            return int(event.told["due"])
        before = purse.returns.setdefault(event.reverses, [])
        left = credit.points - sum(e["due"] for e in before)
        due, base = undue(credit, _returned(event.told, left), before)
        before.append({**event.told, "due": due, "base": base})
        period = int(credit.explanation["period"])
        purse.qualifying[period] = purse.qualifying.get(period, 0) - base
        # What had expired or could not be collected stays as it was recorded.
        purse.available += event.points - (due - int(event.told["due"]))
        return due

    def redeem(self, purse: Purse, event: Happening) -> int:
        """Redeem the same things in the same mix of points and money; the points they cost.

        Raises NotEnoughPointsError, NoRateError.
        """
        tier = self.tier(purse, self.period(event.occurred_at))
        lines = [line for line in event.told["lines"] if line["quantity"] > line["back"]]
        if not lines:
            return 0
        price = pricing.together(
            [self._price(line, tier, line["quantity"] - line["back"]) for line in lines]
        )
        asked = sum(int(line["full"]) for line in event.told["lines"])
        points = price.points
        if event.told["points"] < asked:
            share = Fraction(event.told["points"] * price.points, asked)
            least = pricing.minimum_points(price, self.pricing)
            step = self.pricing.step
            points = min(points, max(least, share.__floor__() // step * step))
        if points > purse.available:
            raise NotEnoughPointsError(available=purse.available, points=points)
        purse.available -= points
        purse.held += points if event.told["held"] else 0
        return points

    def price_of(self, cost: Money, category: str, *, tier: str | None = None) -> pricing.Price:
        """What one piece costs now; NoRateError."""
        return pricing.price(cost=cost, category=category, rules=self.pricing, tier=tier)

    def _price(self, line: dict[str, Any], tier: str | None, quantity: int) -> pricing.Price:
        category = line["category"] or _NO_CATEGORY
        key = (line["cost"], line["currency"], category, tier, quantity)
        found = self._prices.get(key)
        if found is None:
            if len(self._prices) >= _PRICES_MAX:
                self._prices.clear()
            found = self._prices[key] = pricing.price(
                cost=Money(line["cost"], line["currency"]),
                category=category,
                rules=self.pricing,
                tier=tier,
                quantity=quantity,
            )
        return found

    def value_minor(self, points: int) -> int:
        """What so many points buy, in minor units: points ÷ the factor of prices."""
        return pricing.worth_minor(points, self.pricing)


REFUSALS = (CurrencyDiffersError, NoRateError, NotEnoughPointsError, PointsOutOfRangeError)


def _lines(items: list[dict[str, Any]] | None) -> tuple[Line, ...] | None:
    if items is None:
        return None
    return tuple(Line(i["ref"], i["quantity"], i["amount_minor"]) for i in items)


def _returned(told: dict[str, Any], left: int) -> Return:
    """What a recorded return asked for."""
    pieces = told.get("returned_pieces") or None
    minor = told.get("returned_minor") or None
    if pieces or minor:
        return Return(pieces=pieces, amount_minor=minor)
    if points := told.get("returned_points"):
        return Return(points=min(points, left))
    return Return()
