"""The events of one wallet, under the rules in force and under the draft."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from guerdon.kit.errors import GuerdonError
from guerdon.simulation.happenings import Happening, Wallet
from guerdon.simulation.rules import REFUSALS, Purse, Rules

ISSUED, TAKEN_BACK, REDEEMED, REDEMPTIONS = range(4)
_KINDS: Final = 4


class Side:
    """What one set of rules made of one wallet's events."""

    __slots__ = ("available", "by_day", "expiries", "number", "outstanding", "qualifying",
                 "refusals", "sums", "tier")  # fmt: skip

    def __init__(self) -> None:
        self.sums = [0] * _KINDS
        self.by_day: dict[date, list[int]] = {}
        self.expiries: Counter[date] = Counter()
        self.refusals: Counter[str] = Counter()
        self.available = 0
        self.outstanding = 0
        self.qualifying = 0
        self.tier: str | None = None

    def add(self, kind: int, day: date, amount: int) -> None:
        """Count towards the window and the day."""
        self.sums[kind] += amount
        day_sums = self.by_day.get(day)
        if day_sums is None:
            day_sums = self.by_day[day] = [0] * _KINDS
        day_sums[kind] += amount


class Outcome:
    """One wallet's two sides, and how far its recorded events were found again.

    `recomputed` counts the purchases that were recorded under the version in force, `equal` those
    of them whose points came out the same.
    """

    __slots__ = ("after", "before", "equal", "recomputed", "wallet")

    def __init__(self, wallet: Wallet, before: Side, after: Side) -> None:
        self.wallet, self.before, self.after = wallet, before, after
        self.recomputed = 0
        self.equal = 0


class Replay:
    """Runs wallets under two sets of rules, from where each stood before the window."""

    def __init__(self, before: Rules, after: Rules, *, until: Any) -> None:
        self._before, self._after = before, after
        self._until = until
        self._zone = before.zone

    def run(self, wallet: Wallet, events: Sequence[Happening]) -> Outcome:
        """Both sides of one wallet; `events` in their order."""
        days = [e.occurred_at.astimezone(self._zone).date() for e in events]
        earned: list[int | None] = []
        before = self._side(self._before, wallet, events, days, earned)
        after = self._side(self._after, wallet, events, days, [])
        outcome = Outcome(wallet, before, after)
        version = self._before.snapshot.version
        # Under another version an earlier event may have led to another tier.
        if all(e.version == version for e in events):
            for event, points in zip(events, earned, strict=True):
                if event.kind == "earn" and "amount_minor" in event.told:
                    outcome.recomputed += 1
                    outcome.equal += points == event.points
        return outcome

    def _side(
        self,
        rules: Rules,
        wallet: Wallet,
        events: Iterable[Happening],
        days: Sequence[date],
        earned: list[int | None],
    ) -> Side:
        side = Side()
        purse = _opening(wallet, events)
        for event, day in zip(events, days, strict=True):
            points: int | None = None
            try:
                match event.kind:
                    case "earn":
                        points = rules.earn(purse, event)
                        side.add(ISSUED, day, points)
                        side.expiries[rules.last_day(event.occurred_at)] += points
                    case "reverse":
                        side.add(TAKEN_BACK, day, rules.take_back(purse, event))
                    case "redeem":
                        side.add(REDEEMED, day, rules.redeem(purse, event))
                        side.add(REDEMPTIONS, day, 1)
                    case _:
                        purse.available += event.points
            except REFUSALS as error:
                purse.refused.add(event.id)
                side.refusals[_code(error)] += 1
            earned.append(points)
        period = rules.period(self._until)
        side.available = purse.available
        side.outstanding = purse.available + purse.held
        side.qualifying = purse.qualifying.get(period, 0)
        side.tier = rules.tier(purse, period)
        return side


def _code(error: GuerdonError) -> str:
    return error.code


def _opening(wallet: Wallet, events: Iterable[Happening]) -> Purse:
    """Where the wallet stood before the window: where it is now, without the window's events."""
    qualifying = {int(period): points for period, points in wallet.standings.items()}
    available, held = wallet.available, wallet.posted - wallet.available
    for event in events:
        available -= event.points
        if event.kind == "redeem" and event.told["held"]:
            held -= event.told["points"]
        if event.kind in {"earn", "reverse"} and (base := int(event.told.get("base", 0))):
            period = int(event.told.get("period", 0))
            counted = base if event.kind == "earn" else -base
            qualifying[period] = qualifying.get(period, 0) - counted
    return Purse(available, held, qualifying)
