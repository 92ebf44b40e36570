"""The contrast table says what the palette promises."""

from guerdon.theming.contrasts import NEEDED, PAIRS, chosen, contrasts
from guerdon.theming.palette import palette


def test_every_pair_of_both_schemes_meets_what_it_needs() -> None:
    for colour in ("#1f4fa8", "#ffe94d", "#000000", "#ffffff", "#7a7a7a"):
        found = palette(colour, "warm")
        for tokens in (found.light, found.dark):
            table = contrasts(tokens)
            assert [(c.ink, c.ground) for c in table] == [(i, g) for i, g, _ in PAIRS]
            assert all(c.ratio >= c.needed == NEEDED[c.use] for c in table)


def test_a_ratio_is_never_rounded_up_over_its_limit() -> None:
    (pair,) = [c for c in contrasts({**palette("#1f4fa8", "cool").light, "muted": "#777777"})
               if (c.ink, c.ground) == ("muted", "sunken")]  # fmt: skip
    assert pair.ratio < pair.needed


def test_the_chosen_colour_is_judged_against_the_page() -> None:
    found = palette("#ffe94d", "warm")
    judged = chosen("#ffe94d", found)
    assert judged.ratio < judged.needed
    assert found.moved is not None
