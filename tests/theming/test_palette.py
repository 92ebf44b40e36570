"""One brand colour becomes a palette that everybody can read."""

from hypothesis import given
from hypothesis import strategies as st

from guerdon.theming.colour import contrast, parse, to_hex
from guerdon.theming.palette import NEUTRALS, palette
from guerdon.theming.parameters import BrandingParameters

SURFACES = ("surface", "raised", "sunken")
INKS = ("text", "muted", "accent-ink", "positive", "warning", "danger")


def test_black_on_white_is_21_to_1() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21.0
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


@given(st.integers(0, 0xFFFFFF))
def test_a_colour_survives_the_way_through_oklch(number: int) -> None:
    colour = f"#{number:06x}"
    assert to_hex(parse(colour)) == colour


@given(st.integers(0, 0xFFFFFF), st.sampled_from(sorted(NEUTRALS)))
def test_every_brand_colour_gives_readable_schemes(number: int, neutral: str) -> None:
    found = palette(f"#{number:06x}", neutral)
    for scheme in (found.light, found.dark):
        for surface in SURFACES:
            for ink in INKS:
                assert contrast(scheme[ink], scheme[surface]) >= 4.5, (ink, surface)
            for control in ("accent", "control", "focus"):
                assert contrast(scheme[control], scheme[surface]) >= 3.0, (control, surface)
        assert contrast(scheme["accent-text"], scheme["accent"]) >= 4.5
        assert contrast(scheme["accent-ink"], scheme["accent-soft"]) >= 4.5
        assert contrast(scheme["muted"], scheme["accent-soft"]) >= 4.5
        assert contrast(scheme["deep-text"], scheme["deep"]) >= 4.5
        assert contrast(scheme["deep-muted"], scheme["deep"]) >= 4.5
        for signal in ("positive", "warning", "danger"):
            assert contrast(scheme[signal], scheme[f"{signal}-soft"]) >= 4.5


def test_a_readable_colour_is_used_as_it_is() -> None:
    assert palette("#0f4c5c", "cool").light["accent"] == "#0f4c5c"
    assert list(BrandingParameters(brand_colour="#0f4c5c").check()) == []


def test_an_unreadable_colour_is_moved_and_reported() -> None:
    moved = palette("#ffe94d", "warm").moved
    assert moved is not None
    assert abs(parse(moved).hue - parse("#ffe94d").hue) < 6
    (finding,) = BrandingParameters(brand_colour="#ffe94d").check()
    assert finding.code == "unreadable_colour"
    assert finding.severity == "warning"
    assert finding.path == "branding.brand_colour"
    assert moved in finding.text()
