"""A small pen for flat illustrations: shapes, gradients and groups, written as compact SVG."""

from collections.abc import Iterator
from contextlib import contextmanager

WIDTH, HEIGHT = 800, 600


def mix(one: str, other: str, share: float) -> str:
    """The colour `share` of the way from `one` to `other`, both `#rrggbb`."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def light(colour: str, share: float = 0.35) -> str:
    """The colour moved towards white."""
    return mix(colour, "#ffffff", share)


def dark(colour: str, share: float = 0.3) -> str:
    """The colour moved towards a deep blue-black, which keeps it from turning muddy."""
    return mix(colour, "#140f1f", share)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _number(value: float) -> str:
    text = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


class Pen:
    """Collects shapes; `svg` writes them. Coordinates are pixels of an 800 × 600 sheet."""

    def __init__(self, width: int = WIDTH, height: int = HEIGHT) -> None:
        self.width, self.height = width, height
        self._defs: dict[str, str] = {}
        self._parts: list[str] = []

    def gradient(self, start: str, end: str, *, across: bool = False, middle: str = "") -> str:
        """A linear gradient from top to bottom, or from left to right."""
        key = f"{start}{end}{middle}{across}"
        if key not in self._defs:
            name = f"g{len(self._defs)}"
            ends = 'x2="1" y2="0"' if across else 'x2="0" y2="1"'
            stop = f'<stop offset=".5" stop-color="{middle}"/>' if middle else ""
            self._defs[key] = (
                f'<linearGradient id="{name}" x1="0" y1="0" {ends}>'
                f'<stop stop-color="{start}"/>{stop}<stop offset="1" stop-color="{end}"/>'
                "</linearGradient>"
            )
        return f"url(#g{list(self._defs).index(key)})"

    def glow(self, centre: str, edge: str, *, opacity: float = 0) -> str:
        """A radial gradient that fades from `centre` to `edge`."""
        key = f"r{centre}{edge}{opacity}"
        if key not in self._defs:
            name = f"g{len(self._defs)}"
            self._defs[key] = (
                f'<radialGradient id="{name}"><stop stop-color="{centre}"/>'
                f'<stop offset="1" stop-color="{edge}" stop-opacity="{_number(opacity)}"/>'
                "</radialGradient>"
            )
        return f"url(#g{list(self._defs).index(key)})"

    def _paint(
        self, fill: str, stroke: str, width: float, opacity: float, *, dash: str = ""
    ) -> str:
        text = f' fill="{fill or "none"}"'
        if stroke:
            text += f' stroke="{stroke}" stroke-width="{_number(width)}"'
            text += ' stroke-linecap="round" stroke-linejoin="round"'
        if dash:
            text += f' stroke-dasharray="{dash}"'
        if opacity < 1:
            text += f' opacity="{opacity:.2f}"'
        return text

    def rect(
        self, x: float, y: float, w: float, h: float, fill: str, *, r: float = 0,
        stroke: str = "", width: float = 0, opacity: float = 1,
    ) -> None:  # fmt: skip
        """A rectangle with rounded corners."""
        corner = f' rx="{_number(r)}"' if r else ""
        self._parts.append(
            f'<rect x="{_number(x)}" y="{_number(y)}" width="{_number(w)}" height="{_number(h)}"'
            f"{corner}{self._paint(fill, stroke, width, opacity)}/>"
        )

    def oval(
        self, cx: float, cy: float, rx: float, ry: float, fill: str = "", *,
        stroke: str = "", width: float = 0, opacity: float = 1,
    ) -> None:  # fmt: skip
        """An ellipse."""
        self._parts.append(
            f'<ellipse cx="{_number(cx)}" cy="{_number(cy)}" rx="{_number(rx)}" '
            f'ry="{_number(ry)}"{self._paint(fill, stroke, width, opacity)}/>'
        )

    def disc(
        self, cx: float, cy: float, r: float, fill: str = "", *,
        stroke: str = "", width: float = 0, opacity: float = 1,
    ) -> None:  # fmt: skip
        """A circle."""
        self._parts.append(
            f'<circle cx="{_number(cx)}" cy="{_number(cy)}" r="{_number(r)}"'
            f"{self._paint(fill, stroke, width, opacity)}/>"
        )

    def path(
        self, d: str, fill: str = "", *, stroke: str = "", width: float = 0,
        opacity: float = 1, dash: str = "",
    ) -> None:  # fmt: skip
        """A path; `d` as in SVG."""
        self._parts.append(f'<path d="{d}"{self._paint(fill, stroke, width, opacity, dash=dash)}/>')

    def line(
        self, x1: float, y1: float, x2: float, y2: float, stroke: str, width: float, *,
        opacity: float = 1,
    ) -> None:  # fmt: skip
        """A straight line with round ends."""
        self.path(
            f"M{_number(x1)} {_number(y1)}L{_number(x2)} {_number(y2)}",
            stroke=stroke, width=width, opacity=opacity,
        )  # fmt: skip

    def shadow(self, cx: float = 400, cy: float = 505, rx: float = 180, ry: float = 22) -> None:
        """What a thing throws on the ground it stands on."""
        self.oval(cx, cy, rx, ry, self.glow("#1a1230", "#1a1230"), opacity=0.34)

    @contextmanager
    def group(
        self, *, move: tuple[float, float] = (0, 0), turn: float = 0, scale: float = 1,
        about: tuple[float, float] = (400, 300), mirror: bool = False, opacity: float = 1,
    ) -> Iterator[None]:  # fmt: skip
        """Shapes drawn inside are moved, turned in degrees and scaled about a point."""
        x, y = about
        steps = []
        if move != (0, 0):
            steps.append(f"translate({_number(move[0])} {_number(move[1])})")
        if turn:
            steps.append(f"rotate({_number(turn)} {_number(x)} {_number(y)})")
        if scale != 1 or mirror:
            flip = f"{-scale:g} {scale:g}" if mirror else f"{scale:g}"
            steps.append(
                f"translate({_number(x)} {_number(y)}) scale({flip}) "
                f"translate({_number(-x)} {_number(-y)})"
            )
        fade = f' opacity="{opacity:.2f}"' if opacity < 1 else ""
        transform = f' transform="{" ".join(steps)}"' if steps else ""
        self._parts.append(f"<g{transform}{fade}>")
        yield
        self._parts.append("</g>")

    def svg(self) -> str:
        """The picture as a document of its own: no scripts, no outside references."""
        defs = f"<defs>{''.join(self._defs.values())}</defs>" if self._defs else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" '
            f'height="{self.height}" viewBox="0 0 {self.width} {self.height}">'
            f"{defs}{''.join(self._parts)}</svg>\n"
        )
