"""The colours of a logo, the most telling first: a brand colour to begin with.

Greys and whites say nothing of a brand. Colours that are hardly told apart are one colour.
"""

import io
import re
from collections import Counter
from typing import Final

from PIL import Image

from guerdon.theming.colour import Oklch, parse

COLOURS_MAX: Final = 4
_SIDE: Final = 96
_DULL: Final = 0.035
_APART: Final = 0.09
_OPAQUE: Final = 200
_SHARE_LEAST: Final = 0.01
_HEX: Final = re.compile(rb"#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")


def logo_colours(content: bytes, extension: str) -> list[str]:
    """Up to `COLOURS_MAX` colours as `#rrggbb`; none of a logo in greys. Takes processor time.

    `content` has been taken in already: drawn anew, or an SVG of shapes and paint only.
    """
    counted = _of_svg(content) if extension == "svg" else _of_picture(content)
    found: list[tuple[str, Oklch]] = []
    for colour, _ in sorted(counted.items(), key=lambda one: -_weight(*one)):
        seen = parse(colour)
        if seen.chroma >= _DULL and all(_distance(seen, other) > _APART for _, other in found):
            found.append((colour, seen))
        if len(found) == COLOURS_MAX:
            break
    return [colour for colour, _ in found]


def _weight(colour: str, count: int) -> float:
    """How much of the logo it covers, and how vivid it is."""
    return float(count**0.5) * parse(colour).chroma


def _distance(one: Oklch, other: Oklch) -> float:
    turn = abs(one.hue - other.hue) % 360
    return (
        abs(one.lightness - other.lightness) * 0.5
        + abs(one.chroma - other.chroma)
        + min(turn, 360 - turn) / 360
    )


def _of_svg(content: bytes) -> Counter[str]:
    return Counter(_long(match[1].decode()) for match in _HEX.finditer(content))


def _long(digits: str) -> str:
    whole = digits if len(digits) == 6 else "".join(2 * c for c in digits)
    return f"#{whole.lower()}"


def _of_picture(content: bytes) -> Counter[str]:
    """The commonest shade of each of some thousand colours, counted with its neighbours."""
    with Image.open(io.BytesIO(content)) as source:
        small = source.convert("RGBA")
    # Without blending: edges would be colours of their own.
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.NEAREST)
    shades: dict[tuple[int, ...], Counter[tuple[int, ...]]] = {}
    for *channels, opacity in zip(*[iter(small.tobytes())] * 4, strict=True):
        if opacity > _OPAQUE:
            place = tuple(c // 16 for c in channels)
            shades.setdefault(place, Counter())[tuple(channels)] += 1
    least = sum(of.total() for of in shades.values()) * _SHARE_LEAST
    found = Counter[str]()
    for of in shades.values():
        if of.total() >= least:
            (commonest, _), *_rest = of.most_common(1)
            found["#" + "".join(f"{c:02x}" for c in commonest)] += of.total()
    return found
