"""A brand's icon: its initial in its colours, as SVG and, for installed apps, as PNG.

The letters are strokes on a grid of 100 by 100, drawn by distance to the stroke: no font and no
imaging library is needed for one letter.
"""

import math
import struct
import zlib
from functools import lru_cache
from itertools import pairwise

SIZES = (180, 192, 512)
_STROKE = 13.0

Point = tuple[float, float]


def _arc(cx: float, cy: float, rx: float, ry: float, start: float, end: float) -> list[Point]:
    count = max(6, int(abs(end - start) / 12))
    angles = [math.radians(start + (end - start) * i / count) for i in range(count + 1)]
    return [(cx + rx * math.cos(a), cy + ry * math.sin(a)) for a in angles]


_LETTERS: dict[str, list[list[Point]]] = {
    "A": [[(16, 86), (50, 14), (84, 86)], [(29, 60), (71, 60)]],
    "B": [[(26, 14), (26, 86)], [(26, 14), (50, 14), *_arc(54, 31, 18, 17, -90, 90), (26, 48)],
          [(26, 48), (54, 48), *_arc(56, 67, 20, 19, -90, 90), (26, 86)]],
    "C": [_arc(52, 50, 34, 36, -48, -312)],
    "D": [[(26, 14), (26, 86)], [(26, 14), (44, 14), *_arc(44, 50, 34, 36, -90, 90), (26, 86)]],
    "E": [[(76, 14), (26, 14), (26, 86), (76, 86)], [(26, 50), (66, 50)]],
    "F": [[(76, 14), (26, 14), (26, 86)], [(26, 50), (66, 50)]],
    "G": [[*_arc(50, 50, 34, 36, -48, -360), (56, 50)]],
    "H": [[(24, 14), (24, 86)], [(76, 14), (76, 86)], [(24, 50), (76, 50)]],
    "I": [[(50, 14), (50, 86)]],
    "J": [[(66, 14), (66, 62), *_arc(44, 62, 22, 24, 0, 165)]],
    "K": [[(26, 14), (26, 86)], [(76, 14), (26, 58)], [(44, 44), (78, 86)]],
    "L": [[(28, 14), (28, 86), (76, 86)]],
    "M": [[(16, 86), (20, 14), (50, 66), (80, 14), (84, 86)]],
    "N": [[(24, 86), (24, 14), (76, 86), (76, 14)]],
    "O": [_arc(50, 50, 34, 36, 0, 360)],
    "P": [[(28, 86), (28, 14), (52, 14), *_arc(54, 34, 20, 20, -90, 90), (28, 54)]],
    "Q": [_arc(50, 50, 34, 36, 0, 360), [(60, 66), (82, 90)]],
    "R": [[(26, 86), (26, 14), (52, 14), *_arc(54, 33, 19, 19, -90, 90), (26, 52)],
          [(52, 52), (78, 86)]],
    "S": [[*_arc(50, 32, 25, 18, -30, -270), *_arc(50, 68, 27, 18, -90, 150)]],
    "T": [[(18, 14), (82, 14)], [(50, 14), (50, 86)]],
    "U": [[(24, 14), (24, 60), *_arc(50, 60, 26, 26, 180, 0), (76, 14)]],
    "V": [[(18, 14), (50, 86), (82, 14)]],
    "W": [[(12, 14), (30, 86), (50, 34), (70, 86), (88, 14)]],
    "X": [[(22, 14), (78, 86)], [(78, 14), (22, 86)]],
    "Y": [[(20, 14), (50, 52), (80, 14)], [(50, 52), (50, 86)]],
    "Z": [[(22, 14), (78, 14), (22, 86), (78, 86)]],
}  # fmt: skip
_OTHER: list[list[Point]] = [_arc(50, 50, 24, 24, 0, 360)]


def _strokes(letter: str) -> list[list[Point]]:
    """The letter's strokes within the middle half, which every mask of a phone leaves whole."""
    strokes = _LETTERS.get(letter.upper(), _OTHER)
    return [[(27 + 0.46 * x, 27 + 0.46 * y) for x, y in stroke] for stroke in strokes]


def icon_svg(letter: str, ground: str, ink: str) -> str:
    """The icon as SVG."""
    paths = "".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in stroke) for stroke in _strokes(letter)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
        f'<rect width="100" height="100" rx="22" fill="{ground}"/>'
        f'<path d="{paths}" fill="none" stroke="{ink}" stroke-width="{0.46 * _STROKE + 2:.1f}"'
        ' stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )


@lru_cache(maxsize=256)
def icon_png(letter: str, ground: str, ink: str, size: int) -> bytes:
    """The icon as PNG, `size` pixels wide, its ground to the edges."""
    segments = [pair for stroke in _strokes(letter) for pair in pairwise(stroke)]
    scale, half = size / 100, (0.46 * _STROKE + 2) / 2
    below, above = _rgb(ground), _rgb(ink)
    rows = []
    for row in range(size):
        y = (row + 0.5) / scale
        near = [s for s in segments if _reaches(s, y, half + 1)]
        line = bytearray([0])
        for column in range(size):
            x = (column + 0.5) / scale
            cover = 0.0
            if near:
                distance = min(_distance(x, y, s) for s in near)
                cover = min(1.0, max(0.0, (half - distance) * scale + 0.5))
            line += bytes(round(b + (a - b) * cover) for a, b in zip(above, below, strict=True))
        rows.append(bytes(line))
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(b"".join(rows), 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _reaches(segment: tuple[Point, Point], y: float, margin: float) -> bool:
    ys = segment[0][1], segment[1][1]
    return min(ys) - margin <= y <= max(ys) + margin


def _distance(x: float, y: float, segment: tuple[Point, Point]) -> float:
    (ax, ay), (bx, by) = segment
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    along = 0.0 if length == 0 else max(0.0, min(1.0, ((x - ax) * dx + (y - ay) * dy) / length))
    return math.hypot(x - ax - along * dx, y - ay - along * dy)
