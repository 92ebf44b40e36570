"""A brand's style sheet: tokens from its few choices, then the theme's rules, as one file."""

import re
from collections.abc import Mapping

from guerdon.theming.assets import Assets
from guerdon.theming.fonts import PAIRS, family_stack, font_faces
from guerdon.theming.palette import Palette
from guerdon.theming.themes import Theme

_CORNERS = {"sharp": (0, 2, 2, 3), "soft": (6, 10, 14, 20), "round": (10, 16, 22, 30)}
_DENSITY = {"comfortable": "1", "compact": "0.84"}

_ASSET = re.compile(r"asset\('([^']+)'\)")


def stylesheet(
    *, theme: Theme, palette: Palette, corners: str, fonts: str, density: str, assets: Assets
) -> str:
    """The whole style sheet of a brand. Layers: tokens, base, theme."""
    pair = PAIRS[fonts or theme.file.fonts]
    faces = font_faces(pair, {f.file: assets.url(f"base/fonts/{f.file}") for f in pair.faces})
    small, medium, large, largest = _CORNERS[corners]
    shape = {
        "radius-s": f"{small}px",
        "radius-m": f"{medium}px",
        "radius-l": f"{large}px",
        "radius-xl": f"{largest}px",
        "radius-full": "2px" if corners == "sharp" else "999px",
        "density": _DENSITY[density],
        "font-heading": family_stack(pair.heading),
        "font-body": family_stack(pair.body),
        "heading-weight": str(pair.heading_weight),
        "heading-tracking": pair.heading_tracking,
        **theme.file.tokens,
    }
    rules = _ASSET.sub(lambda found: f"url('{assets.url(found[1])}')", theme.styles)
    return "\n".join(
        (
            "@layer tokens, base, theme;",
            faces,
            "@layer tokens{",
            _block(":root", {**shape, **palette.light}, "light"),
            f"@media (prefers-color-scheme:dark){{{_block(':root', palette.dark, 'dark')}}}",
            "}",
            rules,
        )
    )


def _block(selector: str, tokens: Mapping[str, str], scheme: str) -> str:
    body = "".join(f"--{name}:{value};" for name, value in tokens.items())
    return f"{selector}{{color-scheme:{scheme};{body}}}"
