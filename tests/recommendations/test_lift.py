"""The lift and its interval, held against figures worked out by hand."""

import random

from guerdon.recommendations.lift import Arm, Lift, lift


def test_the_interval_is_that_of_katz() -> None:
    # As scipy.stats.contingency.relative_risk has it:
    # ln(0.2 / 0.1) ± 1.959964 · √(0.8 / 40 + 0.9 / 10) = 0.693147 ± 0.650047
    found = lift(Arm(200, 40), Arm(100, 10))
    assert found == Lift("gain", 1_000_000, 44_043, 2_831_260)
    assert lift(Arm(100, 10), Arm(200, 40)) == Lift("loss", -500_000, -738_989, -42_185)


def test_where_there_is_nothing_to_compare_with() -> None:
    assert lift(Arm(200, 40), Arm()) == Lift("no_holdout")
    assert lift(Arm(200, 40), Arm(100, 4)) == Lift("too_little")
    # Everybody did it: there is as little to tell of those who did not.
    assert lift(Arm(200, 198), Arm(100, 50)) == Lift("too_little")
    assert lift(Arm(), Arm(100, 50)) == Lift("too_little")


def test_of_the_same_twice_one_in_twenty_seems_a_difference() -> None:
    dice = random.Random(5)

    def arm(reached: int) -> Arm:
        return Arm(reached, sum(dice.random() < 0.12 for _ in range(reached)))

    verdicts = [lift(arm(900), arm(600)).verdict for _ in range(400)]
    # 5 % of 400, within 4 standard deviations.
    assert 3 <= 400 - verdicts.count("none") <= 37


def test_what_is_there_is_found() -> None:
    dice = random.Random(6)

    def arm(reached: int, rate: float) -> Arm:
        return Arm(reached, sum(dice.random() < rate for _ in range(reached)))

    found = [lift(arm(3000, 0.15), arm(1500, 0.10)) for _ in range(40)]
    assert [one.verdict for one in found].count("gain") >= 36
    held = [one for one in found if (one.low or 0) <= 500_000 <= (one.high or 0)]
    assert len(held) >= 34
