"""From one brand colour, a full palette for light and dark with its contrasts met.

Text has at least 4.5:1 on every surface it may stand on, controls and their borders 3:1
(WCAG 2.2, 1.4.3 and 1.4.11). The brand colour keeps its hue; where it cannot be read it is moved
in lightness to the nearest that can, and `Palette.moved` says so.
"""

from typing import NamedTuple

from guerdon.theming.colour import Oklch, contrast, meets, nearest_readable, parse, to_hex

TEXT = 4.5
CONTROL = 3.0

# Hue and chroma of the greys; a trace of colour keeps them from looking dead.
NEUTRALS = {"warm": (75.0, 0.010), "cool": (245.0, 0.009), "pure": (0.0, 0.0)}

_SIGNALS = {
    "positive": (0.55, 0.13, 152.0),
    "warning": (0.60, 0.13, 70.0),
    "danger": (0.55, 0.19, 27.0),
}


class Scheme(NamedTuple):
    """Lightness of each neutral in one colour scheme."""

    surface: float
    raised: float
    sunken: float
    border: float
    control: float
    muted: float
    text: float
    soft: float
    soft_chroma: float


LIGHT = Scheme(0.982, 1.0, 0.952, 0.895, 0.60, 0.47, 0.22, 0.945, 0.026)
DARK = Scheme(0.175, 0.215, 0.145, 0.315, 0.56, 0.74, 0.955, 0.285, 0.045)


class Palette(NamedTuple):
    """Semantic colours (`token` → `#rrggbb`) of both schemes; `moved` is the brand colour's
    replacement in the light scheme, None when it could be used as it is."""

    light: dict[str, str]
    dark: dict[str, str]
    moved: str | None


def palette(brand_colour: str, neutral: str) -> Palette:
    """The palette of a brand. Raises ValueError if `brand_colour` is not `#rrggbb`."""
    brand = parse(brand_colour)
    light = _scheme(brand, neutral, LIGHT)
    dark = _scheme(brand, neutral, DARK)
    moved = light["accent"] if light["accent"] != brand_colour.lower() else None
    return Palette(light, dark, moved)


def _scheme(brand: Oklch, neutral: str, scheme: Scheme) -> dict[str, str]:
    hue, chroma = NEUTRALS[neutral]
    grey = Oklch(0.5, chroma, hue)
    tokens = {
        "surface": to_hex(grey.at(scheme.surface, chroma * 0.6)),
        "raised": to_hex(grey.at(scheme.raised, 0 if scheme.raised == 1 else chroma)),
        "sunken": to_hex(grey.at(scheme.sunken)),
        "border": to_hex(grey.at(scheme.border, chroma * 1.3)),
    }
    grounds = [tokens["surface"], tokens["raised"], tokens["sunken"]]
    soft = to_hex(brand.at(scheme.soft, min(brand.chroma, scheme.soft_chroma)))
    tokens["accent-soft"] = soft
    tokens["text"] = nearest_readable(grey.at(scheme.text, chroma * 1.6), [*grounds, soft], 7.0)
    tokens["muted"] = nearest_readable(grey.at(scheme.muted, chroma * 1.6), [*grounds, soft], TEXT)
    tokens["control"] = nearest_readable(grey.at(scheme.control, chroma * 1.6), grounds, CONTROL)
    tokens["accent"] = _accent(brand, grounds)
    tokens["accent-text"] = _text_on(tokens["accent"], brand)
    tokens["accent-ink"] = nearest_readable(parse(tokens["accent"]), [*grounds, soft], TEXT)
    tokens["focus"] = tokens["accent-ink"]
    # The deep ground of heroes and cards: dark in both schemes, so that white stands on it.
    deep = brand.at(min(0.30, max(0.24, brand.lightness - 0.16)), min(brand.chroma, 0.10))
    tokens["deep"] = to_hex(deep)
    tokens["deep-text"] = to_hex(brand.at(0.985, min(brand.chroma, 0.008)))
    tokens["deep-muted"] = nearest_readable(
        brand.at(0.84, min(brand.chroma, 0.04)), [tokens["deep"]], TEXT
    )
    for name, (lightness, signal_chroma, signal_hue) in _SIGNALS.items():
        ink = Oklch(lightness, signal_chroma, signal_hue)
        ground = to_hex(ink.at(scheme.soft, scheme.soft_chroma))
        tokens[f"{name}-soft"] = ground
        tokens[name] = nearest_readable(ink, [*grounds, ground], TEXT)
    return tokens


def _accent(brand: Oklch, grounds: list[str]) -> str:
    """The brand colour, or the nearest that stands out from every ground and carries text."""
    for step in range(1001):
        for lightness in (brand.lightness - step / 1000, brand.lightness + step / 1000):
            if 0 <= lightness <= 1:
                candidate = to_hex(brand.at(lightness))
                if meets(candidate, grounds, CONTROL) and _carries_text(candidate, brand):
                    return candidate
    raise ValueError("no lightness of this hue is readable")


def _carries_text(ground: str, brand: Oklch) -> bool:
    return contrast(_text_on(ground, brand), ground) >= TEXT


def _text_on(ground: str, brand: Oklch) -> str:
    white, ink = "#ffffff", to_hex(brand.at(0.16, min(brand.chroma, 0.03)))
    return white if contrast(white, ground) >= TEXT else ink
