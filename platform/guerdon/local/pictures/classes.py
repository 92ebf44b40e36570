"""Classes to take: people, tables, machines at work."""

import random

from guerdon.local.pictures.canvas import Pen, dark, light

_STEEL, _WOOD = "#b8c0cc", "#a8703f"


def _people(pen: Pen, spots: tuple[tuple[float, float, str, str], ...]) -> None:
    for x, y, skin, shirt in spots:
        pen.path(f"M{x - 62} 600v{-(600 - y) + 70}q0 -56 62 -56t62 56v{600 - y - 70}z", shirt)
        pen.disc(x, y - 40, 42, skin)
        pen.path(f"M{x - 44} {y - 40}q-4 -52 44 -54t46 50q-30 -24 -90 4z", "#2b1a14")


def barista(pen: Pen, tint: str) -> None:
    """A class at the bar: a barista pours, two watch."""
    pen.rect(0, 0, 800, 600, pen.gradient("#f3e4cf", "#e9d2b3"))
    pen.rect(60, 60, 330, 170, "#2f3b38", r=12)
    for y, w in ((100, 180), (130, 240), (160, 140), (190, 210)):
        pen.line(90, y, 90 + w, y, "#d8e0d8", 6, opacity=0.8)
    for y in (110, 200):
        pen.rect(480, y, 270, 12, _WOOD)
        for k in range(5):
            c = (tint, "#2f5d56", "#d9a05b", "#8a3b3b", "#e9d8c0")[(k + y) % 5]
            pen.rect(496 + k * 50, y - 56, 34, 56, c, r=5)
    pen.path("M430 600V330q0 -60 70 -60t70 60v270z", "#fbf4e6")
    pen.path("M446 600V340h108v260z", tint)
    pen.disc(500, 220, 46, "#b5734a")
    pen.path("M452 216q0 -60 50 -60t46 56q-40 -30 -96 4z", "#2b1a14")
    pen.path("M450 330q-60 40 -90 40", stroke="#fbf4e6", width=34)
    pen.path("M300 300h90l-8 90h-74zM300 310l-26 -14 10 40z", _STEEL)
    pen.path("M288 340q-20 40 -10 70", stroke="#ffffff", width=7)
    pen.path("M220 410h110q0 64 -55 64t-55 -64z", light(tint, 0.2))
    pen.rect(0, 470, 800, 34, "#8a5a34")
    pen.rect(0, 500, 800, 100, "#6b4426")
    _people(pen, ((120, 430, "#e0ac7e", "#2f5d56"), (690, 420, "#8a5a3c", "#d9a05b")))


def cupping(pen: Pen, tint: str) -> None:
    """A cupping table from above."""
    pen.rect(0, 0, 800, 600, pen.gradient("#b98556", "#8a5c37"))
    for y in range(40, 600, 86):
        pen.path(f"M0 {y}q400 {16 if y % 3 else -16} 800 0", stroke="#7a4f2c", width=4, opacity=0.5)
    dice = random.Random(5)
    for row in range(2):
        for column in range(4):
            x, y = 140 + column * 174, 190 + row * 220
            pen.disc(x + 8, y + 12, 74, "#3a2413", opacity=0.35)
            pen.disc(
                x, y, 74, (light(tint, 0.2), "#fbf4e6", "#2f5d56", "#d9a05b")[(row + column) % 4]
            )
            pen.disc(x, y, 60, "#4a2713")
            pen.disc(x, y, 60, pen.glow("#a8703f", "#4a2713", opacity=0.3))
            for _ in range(9):
                pen.disc(
                    x + dice.randint(-40, 40),
                    y + dice.randint(-40, 40),
                    dice.randint(3, 7),
                    "#d9b070",
                    opacity=0.6,
                )
    with pen.group(turn=-38, about=(400, 300)):
        pen.rect(300, 292, 250, 18, "#dfe4ea", r=9)
        pen.oval(280, 300, 46, 34, pen.gradient("#ffffff", "#b8c0cc"))
        pen.oval(280, 302, 32, 22, "#6b3820")
    pen.rect(606, 484, 160, 92, "#fffaf0", r=4)
    for y in (506, 526, 546):
        pen.line(622, y, 622 + (120 if y != 526 else 80), y, "#cbb99a", 6)


def roasting(pen: Pen, tint: str) -> None:
    """A drum roaster at work."""
    pen.rect(0, 0, 800, 600, pen.gradient("#4a3a34", "#2b2220"))
    pen.rect(0, 500, 800, 100, "#6b5a50")
    pen.shadow(400, 540, 300, 26)
    pen.path("M500 180V0h70v190z", "#7a6a60")
    pen.rect(240, 190, 360, 250, pen.gradient(light(tint, 0.2), dark(tint, 0.3)), r=60)
    pen.disc(300, 316, 130, dark(tint, 0.35))
    pen.disc(300, 316, 112, "#d9b070")
    pen.disc(300, 316, 100, "#2b1a12")
    for x, y in (
        (270, 360),
        (310, 372),
        (340, 350),
        (250, 330),
        (300, 340),
        (330, 322),
        (282, 390),
    ):
        pen.oval(x, y, 19, 13, "#7a4526")
        pen.line(x - 13, y, x + 13, y, "#3a1c10", 3)
    pen.path("M440 200l30 -90h120l-30 90z", light(tint, 0.35))
    pen.path("M160 450h300q0 60 -150 60t-150 -60z", "#3b4055")
    pen.oval(310, 450, 150, 30, "#6b3820")
    dice = random.Random(9)
    for _ in range(26):
        pen.oval(
            310 + dice.randint(-120, 120),
            450 + dice.randint(-18, 18),
            12,
            8,
            dice.choice(("#4a2713", "#8a5530")),
        )
    for x in (470, 580):
        pen.rect(x, 430, 24, 100, "#3b4055")
    pen.disc(540, 300, 34, "#f6f1e6")
    pen.line(540, 300, 558, 280, "#c0392b", 6)
    for x in (620, 664, 708):
        pen.path(f"M{x} 500q-20 -40 0 -70t0 -60", stroke="#ffffff", width=9, opacity=0.12)
    pen.rect(650, 400, 120, 130, "#c9a26a", r=18)
    pen.path("M656 404q54 -30 108 0", stroke="#8a6a3a", width=9)


def baking(pen: Pen, tint: str) -> None:
    """Dough, a pin and flour on a worktop."""
    pen.rect(0, 0, 800, 600, pen.gradient("#f3e4cf", "#e4cba6"))
    pen.rect(0, 380, 800, 220, "#b98556")
    pen.rect(0, 380, 800, 14, "#d9a870")
    dice = random.Random(6)
    for _ in range(60):
        pen.disc(
            dice.randint(120, 700),
            dice.randint(420, 580),
            dice.randint(1, 4),
            "#ffffff",
            opacity=0.8,
        )
    pen.oval(330, 500, 190, 46, "#3a2413", opacity=0.18)
    pen.path(
        "M150 480q0 -110 180 -110t180 110q-20 40 -180 40t-180 -40z",
        pen.gradient("#f8e6c8", "#e0bd88"),
    )
    pen.path("M220 420q60 -40 120 -6t120 -4", stroke="#c99b5f", width=8, opacity=0.7)
    with pen.group(turn=-18, about=(580, 480)):
        pen.rect(470, 456, 230, 54, pen.gradient("#d9a870", "#8a5c37"), r=24)
        pen.rect(420, 472, 60, 22, tint, r=11)
        pen.rect(690, 472, 60, 22, tint, r=11)
    pen.path("M90 170h150l14 210H76z", "#fbf4e6")
    pen.rect(104, 230, 122, 86, tint, r=8)
    pen.path("M142 290q20 -50 46 0z", "#fbf4e6")
    pen.path(
        "M540 180q0 -20 90 -20t90 20l-16 190q-4 14 -20 14H576q-16 0 -20 -14z", light(tint, 0.3)
    )
    pen.oval(630, 182, 90, 18, "#fff8ea")
    pen.path("M560 110l90 -50M600 100l60 80", stroke=_WOOD, width=13)


CLASSES = {"barista": barista, "cupping": cupping, "roasting": roasting, "baking": baking}
