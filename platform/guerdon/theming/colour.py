"""Colour arithmetic: sRGB and OKLCH, WCAG contrast, and the nearest colour that can be read.

OKLCH keeps perceived lightness apart from hue, so a colour can be made darker until it meets a
contrast without becoming another colour. Matrices: Björn Ottosson, "A perceptual color space for
image processing" (2020). Contrast: WCAG 2.2, "relative luminance".
"""

import math
from collections.abc import Sequence
from typing import NamedTuple, Self


class Oklch(NamedTuple):
    """Lightness 0..1, chroma 0..about 0.37, hue in degrees."""

    lightness: float
    chroma: float
    hue: float

    def at(self, lightness: float, chroma: float | None = None) -> Self:
        """The same hue at another lightness, and chroma if told."""
        return self._replace(lightness=lightness, chroma=self.chroma if chroma is None else chroma)


def _to_linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _from_linear(channel: float) -> float:
    if channel <= 0.0031308:
        return 12.92 * channel
    return float(1.055 * channel ** (1 / 2.4) - 0.055)


def _linear(hex_colour: str) -> tuple[float, float, float]:
    digits = hex_colour.removeprefix("#")
    if len(digits) != 6:
        raise ValueError(f"not a colour: {hex_colour!r}")
    red, green, blue = (_to_linear(int(digits[i : i + 2], 16) / 255) for i in (0, 2, 4))
    return red, green, blue


def parse(hex_colour: str) -> Oklch:
    """`"#rrggbb"` in OKLCH; ValueError if it is not such a colour."""
    r, g, b = _linear(hex_colour)
    long = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    medium = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    short = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b_axis = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return Oklch(lightness, math.hypot(a, b_axis), math.degrees(math.atan2(b_axis, a)) % 360)


def _channels(colour: Oklch) -> tuple[float, float, float]:
    a = colour.chroma * math.cos(math.radians(colour.hue))
    b = colour.chroma * math.sin(math.radians(colour.hue))
    long = (colour.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (colour.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _in_gamut(colour: Oklch) -> bool:
    return all(-0.0001 <= c <= 1.0001 for c in _channels(colour))


def to_hex(colour: Oklch) -> str:
    """The nearest `"#rrggbb"`: chroma is lowered until sRGB can show the colour."""
    if not _in_gamut(colour):
        low, high = 0.0, colour.chroma
        for _ in range(20):
            middle = (low + high) / 2
            if _in_gamut(colour._replace(chroma=middle)):
                low = middle
            else:
                high = middle
        colour = colour._replace(chroma=low)
    eight_bit = (
        round(255 * min(1.0, max(0.0, _from_linear(max(0.0, c))))) for c in _channels(colour)
    )
    return "#" + "".join(f"{c:02x}" for c in eight_bit)


def luminance(hex_colour: str) -> float:
    """WCAG relative luminance, 0 (black) to 1 (white)."""
    r, g, b = _linear(hex_colour)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def meets(colour: str, against: Sequence[str], ratio: float) -> bool:
    """Whether `colour` has at least `ratio` against every colour of `against`."""
    return all(contrast(colour, other) >= ratio for other in against)


def nearest_readable(colour: Oklch, against: Sequence[str], ratio: float) -> str:
    """The colour nearest in lightness, of the same hue, with `ratio` against all of `against`.

    Raises ValueError when neither black nor white would do.
    """
    if meets(to_hex(colour), against, ratio):
        return to_hex(colour)
    for step in range(1, 1001):
        for lightness in (colour.lightness - step / 1000, colour.lightness + step / 1000):
            if 0 <= lightness <= 1:
                candidate = to_hex(colour.at(lightness))
                if meets(candidate, against, ratio):
                    return candidate
    raise ValueError(f"nothing has {ratio}:1 against {', '.join(against)}")
