"""The bundled font pairs. A brand chooses a pair by its key; files are ours, subset and hosted.

Each face has a fallback with its metrics (CSS `size-adjust` and overrides, computed from the
files), so that text does not move when the font arrives.
"""

import msgspec


class Face(msgspec.Struct, frozen=True):
    """One font file; percentages relate to Arial or Times, which fall in for it."""

    family: str
    file: str
    weights: str
    fallback: str
    size_adjust: str
    ascent: str
    descent: str
    style: str = "normal"


class Pair(msgspec.Struct, frozen=True):
    """A heading and a body family; `preload` names what the first view needs."""

    label: str
    heading: str
    body: str
    faces: tuple[Face, ...]
    heading_weight: int
    heading_tracking: str

    @property
    def preload(self) -> tuple[str, ...]:
        """Files that the first view shows."""
        return tuple(face.file for face in self.faces if face.style == "normal")


_SANS = "'Arial', 'Liberation Sans', 'Helvetica'"
_SERIF = "'Times New Roman', 'Liberation Serif', 'Times'"

FIGTREE = Face("Figtree", "figtree.woff2", "300 900", _SANS, "100.7%", "94.3%", "24.8%")
INSTRUMENT = Face(
    "Instrument Sans", "instrument-sans.woff2", "400 700", _SANS, "102.7%", "94.5%", "24.3%"
)
BRICOLAGE = Face(
    "Bricolage Grotesque",
    "bricolage-grotesque.woff2",
    "200 800",
    _SANS,
    "108.6%",
    "85.6%",
    "24.9%",
)
NEWSREADER = Face(
    "Newsreader Display", "newsreader-display.woff2", "300 600", _SERIF, "111.5%", "65.9%", "23.8%"
)
NEWSREADER_ITALIC = Face(
    "Newsreader Display",
    "newsreader-display-italic.woff2",
    "400",
    _SERIF,
    "102%",
    "72%",
    "26%",
    style="italic",
)

PAIRS: dict[str, Pair] = {
    "clear": Pair("Figtree", "Figtree", "Figtree", (FIGTREE,), 650, "-0.02em"),
    "editorial": Pair(
        "Newsreader with Instrument Sans",
        "Newsreader Display",
        "Instrument Sans",
        (NEWSREADER, NEWSREADER_ITALIC, INSTRUMENT),
        400,
        "-0.025em",
    ),
    "lively": Pair(
        "Bricolage Grotesque with Figtree",
        "Bricolage Grotesque",
        "Figtree",
        (BRICOLAGE, FIGTREE),
        750,
        "-0.03em",
    ),
}


def font_faces(pair: Pair, url_of: dict[str, str]) -> str:
    """The `@font-face` rules of a pair; `url_of` maps a file to its address."""
    rules = []
    for face in pair.faces:
        rules.append(
            f"@font-face{{font-family:'{face.family}';src:url('{url_of[face.file]}') "
            f"format('woff2');font-weight:{face.weights};font-style:{face.style};"
            "font-display:swap}"
        )
        sources = ",".join(f"local({name.strip()})" for name in face.fallback.split(","))
        rules.append(
            f"@font-face{{font-family:'{face.family} Fallback';src:{sources};"
            f"font-style:{face.style};size-adjust:{face.size_adjust};"
            f"ascent-override:{face.ascent};descent-override:{face.descent};line-gap-override:0%}}"
        )
    return "\n".join(rules)


def family_stack(family: str) -> str:
    """The CSS value for a family, with its metric twin and a generic."""
    generic = "serif" if family == NEWSREADER.family else "sans-serif"
    return f"'{family}','{family} Fallback',{generic}"
