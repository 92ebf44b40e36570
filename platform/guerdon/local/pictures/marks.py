"""A brand's mark and the large picture of its home page."""

import math
import random

from guerdon.local.pictures.brewing import dripper, gooseneck
from guerdon.local.pictures.cafe import beans, latte
from guerdon.local.pictures.canvas import Pen, light, mix
from guerdon.local.pictures.flights import aircraft


def aurora_mark() -> Pen:
    """A wing of northern light in a rounded square."""
    pen = Pen(96, 96)
    pen.rect(0, 0, 96, 96, pen.gradient("#10265c", "#1f4fa8"), r=24)
    pen.path("M14 70C34 66 52 50 62 18 70 40 66 62 46 74z", pen.gradient("#7be0c3", "#39c6b4"))
    pen.path("M26 78C48 76 68 60 76 32 86 54 76 74 54 82z", pen.gradient("#a89bff", "#7c6cf0"))
    pen.disc(26, 28, 3, "#ffffff")
    pen.disc(40, 18, 2, "#ffffff")
    return pen


def kettle_mark() -> Pen:
    """A kettle on a paper-coloured disc."""
    pen = Pen(96, 96)
    pen.disc(48, 48, 48, "#f7eee2")
    with pen.group(move=(48, 46), scale=0.15, about=(0, 0)), pen.group(move=(-390, -330)):
        pen.path("M290 440C180 440 220 260 160 200q-24 -22 -58 -12", stroke="#b5602c", width=34)
        pen.path("M520 250q110 -30 110 60t-60 140", stroke="#2f5d56", width=38)
        pen.path("M290 270q0 -50 60 -60h100q60 10 60 60l40 200q4 30 -30 30H280q-34 0 -30 -30z",
                 pen.gradient("#e39b63", "#b5602c", across=True))  # fmt: skip
        pen.path("M300 220q100 -60 200 0z", "#e8ad7c")
        pen.rect(378, 150, 44, 46, "#2f5d56", r=14)
    return pen


def aurora_hero() -> Pen:
    """An aircraft under the northern lights, above a sea of cloud."""
    pen = Pen(1600, 900)
    dice = random.Random("hero")
    pen.rect(0, 0, 1600, 900, pen.gradient("#0b1540", "#7a8fd0", middle="#27459b"))
    for _ in range(130):
        pen.disc(dice.randint(5, 1595), dice.randint(5, 520), dice.choice((1, 1.4, 2.2)), "#ffffff",
                 opacity=0.85)  # fmt: skip
    for colour, top, height, opacity in (("#39c6b4", 150, 250, 0.55), ("#7be0c3", 230, 200, 0.45),
                                         ("#7c6cf0", 90, 260, 0.45), ("#d977c9", 330, 150, 0.30)):  # fmt: skip
        edge = [
            (x, top + 60 * math.sin(x / 190 + top) + 34 * math.sin(x / 83))
            for x in range(-40, 1700, 40)
        ]
        path = "M" + "L".join(f"{x} {y:.0f}" for x, y in edge)
        path += "L" + "L".join(f"{x} {y + height:.0f}" for x, y in reversed(edge)) + "z"
        pen.path(path, pen.gradient(colour, light(colour, 0.1)), opacity=opacity * 0.55)
        for x, y in edge[::2]:
            pen.line(x, y, x + 10, y + height * 0.8, light(colour, 0.4), 10, opacity=0.10)
    pen.disc(1240, 210, 54, "#f7f2d8")
    pen.disc(1240, 210, 150, pen.glow("#f7f2d8", "#f7f2d8"), opacity=0.4)
    for row, (y, shade) in enumerate(((690, "#8fa2dc"), (770, "#b9c6ee"), (850, "#e4eafa"))):
        for x in range(-80, 1720, 120):
            pen.disc(x + row * 50, y + dice.randint(-14, 14), dice.randint(74, 112), shade)
        pen.rect(0, y + 30, 1600, 900 - y, shade)
    aircraft(pen, 1120, 430, 1.6, "#39c6b4")
    return pen


def kettle_hero() -> Pen:
    """The morning counter: kettle, dripper, cup, beans."""
    pen = Pen(1600, 900)
    pen.rect(0, 0, 1600, 900, pen.gradient("#f7eee2", "#f2e0c8"))
    pen.disc(800, 470, 380, "#f0cfae")
    pen.disc(800, 470, 300, "#eebf95")
    for x in range(60, 1600, 190):
        pen.rect(x, 90, 150, 14, "#c9a279")
        for k, colour in enumerate(("#c9733f", "#2f5d56", "#d9a05b")):
            pen.rect(x + 10 + k * 46, 38, 36, 52, mix(colour, "#f7eee2", 0.35), r=6)
    pen.rect(0, 730, 1600, 170, "#b98556")
    pen.rect(0, 730, 1600, 14, "#d9a870")
    for y in (780, 830, 870):
        pen.path(f"M0 {y}q400 12 800 0t800 0", stroke="#9a6a3f", width=4, opacity=0.5)
    for x, scale, draw, tint in ((-10, 0.98, gooseneck, "#c9733f"), (430, 0.98, dripper, "#8a3b3b"),
                                 (800, 0.80, latte, "#2f5d56"), (1100, 0.92, beans, "#c9733f")):  # fmt: skip
        with pen.group(move=(x, 745 - 512 * scale), scale=scale, about=(0, 0)):
            draw(pen, tint)
    return pen


MARKS = {"aurora": (aurora_mark, aurora_hero), "kettle": (kettle_mark, kettle_hero)}
