"""The contrasts that a palette meets, pair by pair, as WCAG 2.2 measures them."""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from guerdon.theming.colour import contrast
from guerdon.theming.palette import CONTROL, TEXT, Palette

Use = Literal["text", "control"]

# What stands on what, and what it has to be seen as.
PAIRS: Final[tuple[tuple[str, str, Use], ...]] = (
    ("text", "surface", "text"),
    ("text", "raised", "text"),
    ("muted", "surface", "text"),
    ("muted", "sunken", "text"),
    ("accent-ink", "surface", "text"),
    ("accent-ink", "accent-soft", "text"),
    ("accent-text", "accent", "text"),
    ("deep-text", "deep", "text"),
    ("deep-muted", "deep", "text"),
    ("positive", "positive-soft", "text"),
    ("warning", "warning-soft", "text"),
    ("danger", "danger-soft", "text"),
    ("accent", "surface", "control"),
    ("control", "raised", "control"),
    ("focus", "surface", "control"),
)
NEEDED: Final[Mapping[Use, float]] = {"text": TEXT, "control": CONTROL}


class Contrast(msgspec.Struct, frozen=True):
    """One pair of tokens in one scheme; `ratio` is cut, never rounded up over `needed`."""

    ink: str
    ground: str
    use: Use
    ratio: float
    needed: float


def contrasts(tokens: Mapping[str, str]) -> list[Contrast]:
    """Every pair of one scheme."""
    return [
        Contrast(ink, ground, use, _cut(contrast(tokens[ink], tokens[ground])), NEEDED[use])
        for ink, ground, use in PAIRS
    ]


def chosen(colour: str, found: Palette) -> Contrast:
    """The brand colour as it was chosen, against the light page: why it was moved."""
    return Contrast(
        "brand", "surface", "control", _cut(contrast(colour, found.light["surface"])), CONTROL
    )


def _cut(ratio: float) -> float:
    return int(ratio * 100) / 100
