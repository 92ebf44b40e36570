"""What recommendations brought, against members who saw the baseline. Pure functions.

Chance puts members in one arm or the other, so that members are counted and not impressions: n
were reached in an arm, x of them did what was hoped for, and p = x / n. The lift is the relative
risk less one, p1 / p0 - 1. Its interval is taken on the logarithm, where the ratio of two shares
is close to normal:

    p1 / p0 · exp(±z · √((1 - p1) / x1 + (1 - p0) / x0)) - 1,   z = 1.959964 for 95 %

D. Katz, J. Baptista, S. P. Azen and M. C. Pike, "Obtaining confidence intervals for the risk ratio
in cohort studies", Biometrics 34 (1978), 469-474. It holds with enough of both outcomes in both
arms; with fewer than five of any there is no interval, and it is said that there is too little.
"""

from math import exp, log, sqrt
from statistics import NormalDist
from typing import Final, Literal

import msgspec

# Of both outcomes in both arms.
OUTCOMES_MIN: Final = 5
LEVEL: Final = 0.95
MILLION: Final = 1_000_000
_Z: Final = NormalDist().inv_cdf(1 - (1 - LEVEL) / 2)

Verdict = Literal["no_holdout", "too_little", "none", "gain", "loss"]


class Arm(msgspec.Struct, frozen=True):
    """Members of one arm: how many were reached, and how many of them did it."""

    reached: int = 0
    converted: int = 0

    @property
    def rate(self) -> int:
        """The share that did it, in millionths."""
        return round(self.converted * MILLION / self.reached) if self.reached else 0


class Lift(msgspec.Struct, frozen=True):
    """The lift and its interval in millionths; all None where there is too little to tell.

    `none`: the interval holds nought, so that chance alone could have made the difference.
    """

    verdict: Verdict
    lift: int | None = None
    low: int | None = None
    high: int | None = None


def lift(shown: Arm, holdout: Arm) -> Lift:
    """How much likelier a member was to do it for seeing what was meant for them."""
    if not holdout.reached:
        return Lift("no_holdout")
    outcomes = [n for a in (shown, holdout) for n in (a.converted, a.reached - a.converted)]
    if min(outcomes) < OUTCOMES_MIN:
        return Lift("too_little")
    p1, p0 = shown.converted / shown.reached, holdout.converted / holdout.reached
    reach = _Z * sqrt((1 - p1) / shown.converted + (1 - p0) / holdout.converted)
    middle = log(p1 / p0)
    low, high = exp(middle - reach) - 1, exp(middle + reach) - 1
    verdict: Verdict = "gain" if low > 0 else "loss" if high < 0 else "none"
    return Lift(verdict, *(round(v * MILLION) for v in (p1 / p0 - 1, low, high)))
