"""Flights, and what makes them pleasant."""

import math

from guerdon.local.pictures.canvas import Pen, dark, light, mix
from guerdon.local.pictures.scenery import cloud, sky


def aircraft(pen: Pen, x: float, y: float, scale: float, tint: str, turn: float = -8) -> None:
    """An airliner seen from its side, climbing by `-turn` degrees."""
    with pen.group(move=(x, y), scale=scale, about=(0, 0)), pen.group(turn=turn, about=(0, 0)):
        pen.path("M-40 6L-150 86h54L70 14z", "#c3cede")
        pen.path("M-170 -18L-214 -96h52l66 76z", tint)
        pen.path(
            "M-210 -14Q-60 -48 150 -34q54 6 74 34 -14 30 -90 34 -220 6 -344 -34z",
            pen.gradient("#ffffff", "#d5deea"),
        )
        pen.path(
            "M-210 -14Q-60 26 150 16q50 -2 74 -16 -14 30 -90 34 -220 6 -344 -48z",
            "#b9c6d8",
            opacity=0.8,
        )
        for i in range(9):
            pen.rect(-110 + i * 27, -24, 13, 16, "#4b6ea8", r=5)
        pen.path("M176 -26q30 6 40 18h-46z", "#3a5a92")
        pen.path("M-10 10L-70 120h52L110 12z", pen.gradient("#dfe7f1", "#a9b8cc"))
        pen.path("M-188 -2L-240 26h36l60 -22z", "#a9b8cc")
        pen.path("M-70 120h52l12 -16h-54z", tint)


def plane(pen: Pen, tint: str, *, hour: str = "morning") -> None:
    """An aircraft above the clouds."""
    sky(pen, hour, sun=(640, 150))
    for x, y, s in (
        (120, 470, 1.4),
        (360, 540, 1.9),
        (640, 500, 1.6),
        (80, 580, 1.8),
        (780, 580, 1.7),
    ):
        cloud(pen, x, y, s, 0.95)
    pen.rect(0, 520, 800, 80, "#ffffff")
    cloud(pen, 200, 160, 0.7, 0.6)
    aircraft(pen, 400, 300, 1.25, tint)


def window(pen: Pen, tint: str) -> None:
    """The wing at dusk through a cabin window."""
    pen.rect(0, 0, 800, 600, pen.gradient("#f4f1ee", "#d8d6da"))
    pen.rect(214, 36, 372, 528, "#c9c9d2", r=170)
    pen.rect(228, 48, 344, 504, "#ffffff", r=158)
    pen.rect(252, 74, 296, 452, pen.gradient("#34367c", "#ffc38d", middle="#d77a92"), r=134)
    pen.disc(470, 330, 36, "#ffe8b8")
    pen.oval(360, 440, 70, 16, "#ffffff", opacity=0.5)
    pen.oval(470, 410, 60, 12, "#ffffff", opacity=0.4)
    pen.path(
        "M254 400L520 330l24 6L300 470a134 134 0 0 1 -46 -70z", pen.gradient("#eef2f7", "#9aa8bd")
    )
    pen.path("M520 330l8 -46 16 -6v62z", tint)
    pen.path("M280 400q60 -10 120 -30", stroke="#7f8da3", width=4)
    pen.rect(214, 36, 372, 528, "", r=170, stroke="#b4b5c0", width=4)
    pen.rect(0, 0, 60, 600, light(tint, 0.1), opacity=0.9)
    pen.rect(740, 0, 60, 600, light(tint, 0.1), opacity=0.9)


def seat(pen: Pen, tint: str, *, flat: bool = False) -> None:
    """A wide seat with its own light; `flat` for the one that becomes a bed."""
    pen.rect(0, 0, 800, 600, pen.gradient("#e9e6ea", "#cfcbd4"))
    pen.rect(0, 500, 800, 100, "#5c5a70")
    pen.rect(560, 70, 150, 200, pen.gradient("#9cc7e8", "#e8f3fa"), r=66)
    pen.rect(560, 70, 150, 200, "", r=66, stroke="#ffffff", width=12)
    pen.shadow(390, 536, 280, 26)
    body = pen.gradient(light(tint, 0.25), dark(tint, 0.2), across=True)
    if flat:
        pen.rect(110, 400, 560, 90, body, r=40)
        pen.rect(110, 440, 560, 90, dark(tint, 0.35), r=34)
        pen.path("M110 440V300q0 -50 44 -50h20q34 0 40 40l16 130z", body)
        pen.rect(190, 364, 130, 62, "#ffffff", r=26)
        pen.path("M300 404q180 -50 372 0v50H300z", "#f2ede4")
        pen.path("M300 430q180 -40 372 0", stroke=light(tint, 0.3), width=8)
        pen.rect(60, 240, 28, 290, dark(tint, 0.5), r=14)
    else:
        pen.rect(270, 96, 220, 330, body, r=56)
        pen.rect(300, 110, 160, 76, light(tint, 0.5), r=30)
        for y in (230, 280, 330):
            pen.path(f"M300 {y}q80 16 160 0", stroke=dark(tint, 0.3), width=4, opacity=0.6)
        pen.rect(240, 390, 280, 96, body, r=36)
        for x in (206, 506):
            pen.rect(x, 320, 50, 190, dark(tint, 0.4), r=22)
            pen.rect(x - 6, 310, 62, 34, light(tint, 0.4), r=16)
    pen.path("M150 60q0 -20 20 -20h40", stroke="#8b8798", width=8)
    pen.path("M204 30h44l20 40h-84z", "#3b3a4c")
    pen.path("M184 70h84l70 150H114z", "#fff3c9", opacity=0.45)


def lounge(pen: Pen, tint: str) -> None:
    """An armchair, a plant, a drink, and aircraft behind the glass."""
    pen.rect(0, 0, 800, 600, "#efe7dc")
    pen.rect(60, 50, 680, 330, pen.gradient("#7fb4e0", "#fde3c4"), r=10)
    aircraft(pen, 430, 260, 0.72, tint, turn=0)
    for x in (60, 286, 512, 730):
        pen.rect(x, 50, 12, 330, "#ffffff")
    pen.rect(0, 430, 800, 170, "#c9a888")
    pen.shadow(330, 536, 230, 24)
    pen.path(
        "M190 300q0 -50 50 -50h170q50 0 50 50v120H190z",
        pen.gradient(light(tint, 0.2), dark(tint, 0.15)),
    )
    pen.rect(170, 400, 310, 90, pen.gradient(light(tint, 0.32), tint), r=32)
    for x in (140, 450):
        pen.rect(x, 350, 62, 150, dark(tint, 0.18), r=28)
    for x in (180, 460):
        pen.line(x, 490, x - 6, 534, "#6b4a32", 12)
    pen.rect(560, 420, 130, 14, "#6b4a32", r=7)
    pen.line(625, 432, 625, 536, "#6b4a32", 12)
    pen.path("M600 360h40l-6 60h-28z", "#ffffff", opacity=0.85)
    pen.path("M603 388h34l-4 32h-26z", "#e8a33c")
    pen.rect(712, 440, 60, 90, "#b5573a", r=10)
    for angle in (-130, -105, -80, -55):
        r = math.radians(angle)
        pen.path(
            f"M742 444Q{742 + 60 * math.cos(r):.0f} {444 + 90 * math.sin(r):.0f} {742 + 110 * math.cos(r):.0f} {444 + 130 * math.sin(r):.0f}",
            stroke="#3c8a5e",
            width=16,
        )


def passes(pen: Pen, tint: str) -> None:
    """Two boarding passes."""
    pen.rect(0, 0, 800, 600, pen.gradient(light(tint, 0.78), "#fbf9fd"))
    for x, y, turn, colour in ((120, 140, -9, dark(tint, 0.05)), (160, 250, 6, light(tint, 0.18))):
        with pen.group(turn=turn, about=(400, y + 100)):
            pen.rect(x + 6, y + 10, 520, 210, "#1a1230", r=22, opacity=0.12)
            pen.rect(x, y, 520, 210, "#ffffff", r=22)
            pen.path(f"M{x} {y + 60}V{y + 22}q0 -22 22 -22h476q22 0 22 22V{y + 60}z", colour)
            with pen.group(move=(x + 50, y + 32), scale=0.13, about=(0, 0)):
                pen.path(
                    "M-210 -14Q-60 -48 150 -34q54 6 74 34 -14 30 -90 34 -220 6 -344 -34zM-10 10L-70 120h52L110 12zM-170 -18L-214 -96h52l66 76z",
                    "#ffffff",
                )
            pen.line(x + 370, y + 74, x + 370, y + 196, "#cfd5e0", 4)
            for row, w in ((94, 70), (94, 200)):
                pen.rect(x + 30 + w - 70, y + row, 90, 34, mix(colour, "#20263a", 0.75), r=7)
            pen.path(f"M{x + 132} {y + 111}h20m-8 -7l8 7 -8 7", stroke=colour, width=5)
            for i, w in enumerate((120, 90, 60)):
                pen.line(x + 30, y + 150 + i * 18, x + 30 + w, y + 150 + i * 18, "#c4cad6", 7)
                pen.line(x + 200, y + 150 + i * 18, x + 200 + w, y + 150 + i * 18, "#dde2ea", 7)
            for i in range(15):
                pen.rect(x + 396 + i * 7, y + 86, (2, 4, 3)[i % 3], 96, "#20263a")


FLIGHTS = {
    "plane": plane,
    "window": window,
    "seat": seat,
    "lounge": lounge,
    "passes": passes,
}
