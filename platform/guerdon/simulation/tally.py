"""Adding up what single wallets came to."""

from bisect import bisect_right
from collections import Counter
from datetime import date, timedelta
from typing import Final

from guerdon.ledger.expiry import NEVER
from guerdon.simulation.happenings import Window
from guerdon.simulation.replay import ISSUED, REDEEMED, REDEMPTIONS, TAKEN_BACK, Outcome, Side
from guerdon.simulation.report import (
    BackTestBucket,
    BackTestDay,
    BackTestMember,
    BackTestMembers,
    BackTestMonth,
    BackTestMove,
    BackTestTier,
    BackTestTiers,
    BackTestTotals,
)
from guerdon.simulation.rules import Rules

NAMED: Final = 10
# Percent by which the value of a wallet changes; 0 stands by itself: nothing changes.
EDGES: Final = (-50, -25, -10, -5, -1, 0, 1, 5, 10, 25, 50)


class _Sums:
    """One side's totals."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.sums = [0, 0, 0, 0]
        self.by_day: dict[date, list[int]] = {}
        self.expiries: Counter[date] = Counter()
        self.refusals: Counter[str] = Counter()
        self.outstanding = 0

    def add(self, side: Side) -> None:
        for kind, amount in enumerate(side.sums):
            self.sums[kind] += amount
        for day, amounts in side.by_day.items():
            sums = self.by_day.setdefault(day, [0, 0, 0, 0])
            for kind, amount in enumerate(amounts):
                sums[kind] += amount
        self.expiries.update(side.expiries)
        self.refusals.update(side.refusals)
        # What members owe is no claim of theirs.
        self.outstanding += max(0, side.outstanding)

    def totals(self) -> BackTestTotals:
        return BackTestTotals(
            issued=self.sums[ISSUED],
            taken_back=self.sums[TAKEN_BACK],
            redeemed=self.sums[REDEEMED],
            redemptions=self.sums[REDEMPTIONS],
            outstanding=self.outstanding,
            liability_minor=self.rules.value_minor(self.outstanding),
            currency=self.rules.currency,
            refused=dict(sorted(self.refusals.items())),
        )

    def of_day(self, day: date, kind: int) -> int:
        sums = self.by_day.get(day)
        return 0 if sums is None else sums[kind]


class Tally:
    """What all wallets come to; fed one by one, in any order with the same end."""

    def __init__(self, before: Rules, after: Rules) -> None:
        self._before, self._after = _Sums(before), _Sums(after)
        self._moves: Counter[tuple[str | None, str | None]] = Counter()
        self._buckets = [0] * (len(EDGES) + 1)
        self._same = self._gain = self._lose = 0
        self._winners: list[tuple[int, BackTestMember]] = []
        self._losers: list[tuple[int, BackTestMember]] = []
        self.recomputed = 0
        self.equal = 0

    def add(self, outcome: Outcome) -> None:
        """One wallet."""
        before, after = outcome.before, outcome.after
        self._before.add(before)
        self._after.add(after)
        self.recomputed += outcome.recomputed
        self.equal += outcome.equal
        if outcome.wallet.number is None:
            return
        self._moves[before.tier, after.tier] += 1
        was = self._before.rules.value_minor(before.outstanding)
        becomes = self._after.rules.value_minor(after.outstanding)
        if was == becomes:
            self._same += 1
            return
        self._gain += becomes > was
        self._lose += becomes < was
        self._buckets[_bucket(was, becomes)] += 1
        change = BackTestMember(
            number=outcome.wallet.number,
            points_before=before.outstanding,
            points_after=after.outstanding,
            value_before=was,
            value_after=becomes,
        )
        named = self._winners if becomes > was else self._losers
        named.append((-abs(becomes - was), change))
        if len(named) >= 50 * NAMED:
            named.sort(key=_rank)
            del named[NAMED:]

    def totals(self) -> tuple[BackTestTotals, BackTestTotals]:
        """Both sides' sums."""
        return self._before.totals(), self._after.totals()

    def days(self, window: Window) -> list[BackTestDay]:
        """Every day of the window, also those without events."""
        count = (window.last - window.first).days + 1
        days = [window.first + timedelta(days=n) for n in range(count)]
        return [
            BackTestDay(
                day=day,
                issued_before=self._before.of_day(day, ISSUED),
                issued_after=self._after.of_day(day, ISSUED),
                redeemed_before=self._before.of_day(day, REDEEMED),
                redeemed_after=self._after.of_day(day, REDEEMED),
            )
            for day in days
        ]

    def expiry(self) -> list[BackTestMonth]:
        """The window's points by the month of their last day."""
        before, after = _months(self._before.expiries), _months(self._after.expiries)
        return [
            BackTestMonth(month=month, before=before[month], after=after[month])
            for month in sorted({*before, *after}, key=lambda m: m or "9999-99")
        ]

    def tiers(self) -> BackTestTiers:
        """Who stands where, and who moves."""
        gone, ladder = self._before.rules.tiers.tiers, self._after.rules.tiers.tiers
        # A step that the draft does not have any more ranks where it stood.
        rank: dict[str | None, int] = {tier.key: n for n, tier in enumerate(gone)}
        rank |= {tier.key: n for n, tier in enumerate(ladder)}
        names = {t.key: t.name for t in (*gone, *ladder)}
        order = list(dict.fromkeys([*(t.key for t in ladder), *names, None]))
        before: Counter[str | None] = Counter()
        after: Counter[str | None] = Counter()
        up = down = same = 0
        moves = []
        for (start, end), members in self._moves.items():
            before[start] += members
            after[end] += members
            if start != end:
                moves.append(BackTestMove(from_tier=start, to_tier=end, members=members))
            height = rank.get(end, -1) - rank.get(start, -1)
            up += members if height > 0 else 0
            down += members if height < 0 else 0
            same += members if height == 0 else 0
        place = {tier: n for n, tier in enumerate(order)}
        return BackTestTiers(
            counts=[
                BackTestTier(
                    tier=tier,
                    names={str(k): v for k, v in names.get(tier or "", {}).items()},
                    before=before[tier],
                    after=after[tier],
                )
                for tier in order
                if tier in names or before[tier] or after[tier]
            ],
            moves=sorted(moves, key=lambda m: (place[m.from_tier], place[m.to_tier])),
            up=up,
            down=down,
            same=same,
        )

    def members(self) -> BackTestMembers:
        """The distribution, and the ten who gain and lose most."""
        return BackTestMembers(
            compared=self._gain + self._lose + self._same,
            gain=self._gain,
            lose=self._lose,
            same=self._same,
            distribution=[
                BackTestBucket(low=low, high=high, members=members)
                for low, high, members in zip(
                    (None, *EDGES), (*EDGES, None), self._buckets, strict=True
                )
            ],
            winners=_first(self._winners),
            losers=_first(self._losers),
        )


def _bucket(was: int, becomes: int) -> int:
    """Where a change belongs. From nothing to something is the most that one can gain."""
    if was <= 0:
        return len(EDGES) if becomes > was else 0
    # Compared as whole numbers: change × 100 against edge × value.
    return bisect_right([edge * was for edge in EDGES], (becomes - was) * 100)


def _rank(entry: tuple[int, BackTestMember]) -> tuple[int, str]:
    return entry[0], entry[1].number


def _first(named: list[tuple[int, BackTestMember]]) -> list[BackTestMember]:
    return [change for _, change in sorted(named, key=_rank)[:NAMED]]


def _months(expiries: Counter[date]) -> Counter[str | None]:
    months: Counter[str | None] = Counter()
    for day, points in expiries.items():
        months[None if day == NEVER else day.isoformat()[:7]] += points
    return months
