"""Colours of a logo, and what factors come to in money."""

import io

import pytest
from PIL import Image, ImageDraw

from guerdon.kit.errors import InvalidError
from guerdon.kit.money import Money
from guerdon.onboarding.blueprints import blueprint, every, rates
from guerdon.onboarding.examples import check_generosity, factor, worked
from guerdon.theming.logo_colours import logo_colours
from guerdon.theming.palette import palette


def png(*discs: tuple[str, tuple[int, int, int, int]]) -> bytes:
    picture = Image.new("RGB", (200, 200), "white")
    draw = ImageDraw.Draw(picture)
    for colour, box in discs:
        draw.ellipse(box, fill=colour)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def test_the_largest_vivid_colour_comes_first_and_greys_not_at_all() -> None:
    content = png(
        ("#777777", (0, 0, 199, 199)), ("#cc1133", (20, 20, 150, 150)),
        ("#0044dd", (150, 150, 190, 190)),
    )  # fmt: skip
    assert logo_colours(content, "png") == ["#cc1133", "#0044dd"]
    assert logo_colours(png(("#808080", (9, 9, 99, 99))), "png") == []
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><path fill="#FFF"/><path fill="#0a8754"/></svg>'
    assert logo_colours(svg, "svg") == ["#0a8754"]


@pytest.mark.parametrize("colour", ["#ffff00", "#fafafa", "#000000", "#7a1f5c", "#00ff00"])
def test_whatever_is_proposed_can_be_read(colour: str) -> None:
    assert palette(colour, "cool").light["accent"]


def test_the_examples_are_the_products_own_arithmetic() -> None:
    told = worked(blueprint("coffee"), currency="USD", earn_factor="10", price_factor="100")
    assert (told.purchase, told.earned, told.back_percent) == (Money(10_000, "USD"), 1_000, "10")
    first = told.rewards[0]
    assert (first.cost, first.points, first.spend) == (
        Money(320, "USD"), 320, Money(3_200, "USD"),
    )  # fmt: skip
    in_reais = worked(blueprint("coffee"), currency="BRL", earn_factor="0.5", price_factor="10")
    # 3.20 USD at 5.555556 are 17.78 BRL; ten points each, rounded up; half a point for a real.
    assert (in_reais.rewards[0].cost, in_reais.rewards[0].points, in_reais.rewards[0].spend) == (
        Money(1_778, "BRL"), 178, Money(35_600, "BRL"),
    )  # fmt: skip
    assert set(every()) == {"airline", "coffee", "retail"}
    assert rates("USD")["EUR"] == "1.1"


def test_factors_are_numbers_within_reason() -> None:
    assert [factor(t, field="f") for t in ("10", " 0,50 ", "2.5")] == ["10", "0.5", "2.5"]
    for text in ("", "0", "-1", "1e9", "abc", "NaN", "100001", "1.23456", "1/2"):
        with pytest.raises(InvalidError):
            factor(text, field="f")
    check_generosity("10", "10")
    with pytest.raises(InvalidError):
        check_generosity("10.1", "10")
