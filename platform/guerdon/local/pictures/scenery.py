"""What landscapes are made of, and the places that hotels stand in."""

import itertools
import math
import random

from guerdon.local.pictures.canvas import Pen, dark, light, mix

_SKIES = {
    "day": ("#6fb7ec", "#e6f4fb", "#fff6d6"),
    "morning": ("#8cc4ea", "#fde9cf", "#fff2c4"),
    "dusk": ("#3d3a84", "#f7a57d", "#ffe0a3"),
    "night": ("#141a45", "#47508f", "#f4f1da"),
}


def sky(pen: Pen, hour: str, *, sun: tuple[float, float] = (610, 150), size: float = 54) -> None:
    """The whole sheet as a sky, with the sun or the moon."""
    top, bottom, disc = _SKIES[hour]
    middle = "#c76b8f" if hour == "dusk" else ""
    pen.rect(0, 0, 800, 600, pen.gradient(top, bottom, middle=middle))
    pen.disc(*sun, size * 2.1, pen.glow(disc, disc), opacity=0.7)
    pen.disc(*sun, size, disc)
    if hour == "night":
        dice = random.Random("stars")
        for _ in range(40):
            pen.disc(dice.randint(5, 795), dice.randint(5, 300), dice.choice((1, 1.5, 2.2)), "#ffffff",
                     opacity=0.8)  # fmt: skip


def cloud(pen: Pen, x: float, y: float, scale: float = 1, opacity: float = 0.85) -> None:
    """A fair-weather cloud."""
    with pen.group(move=(x, y), scale=scale, about=(0, 0), opacity=opacity):
        pen.path("M-90 20a34 34 0 0 1 22 -62a56 56 0 0 1 104 -14a44 44 0 0 1 62 76z", "#ffffff")


def hills(pen: Pen, y: float, height: float, fill: str, seed: int = 0, opacity: float = 1) -> None:
    """A soft range across the sheet."""
    points = [
        (x, y - height * (0.5 + 0.5 * math.sin(x / 97 + seed * 1.7) * math.cos(x / 171 + seed)))
        for x in range(-40, 900, 80)
    ]
    d = f"M{points[0][0]} {points[0][1]:.0f}"
    for (x1, y1), (x2, y2) in itertools.pairwise(points):
        d += f"Q{x1} {y1:.0f} {(x1 + x2) // 2} {(y1 + y2) / 2:.0f}"
    pen.path(f"{d}V600H-40Z", fill, opacity=opacity)


def sea(pen: Pen, y: float, top: str, bottom: str) -> None:
    """Water to the lower edge, with a few lines of light."""
    pen.rect(0, y, 800, 600 - y, pen.gradient(top, bottom))
    dice = random.Random(f"sea {y}")
    for _ in range(22):
        x, w, down = dice.randint(0, 760), dice.randint(18, 70), dice.random()
        pen.line(x, y + 8 + down * (592 - y), x + w, y + 8 + down * (592 - y), "#ffffff", 3,
                 opacity=0.28)  # fmt: skip


def palm(pen: Pen, x: float, y: float, height: float, *, lean: float = 20) -> None:
    """A palm whose foot is at x, y."""
    tip = (x + lean, y - height)
    pen.path(f"M{x} {y}Q{x + lean * 0.2:.0f} {y - height * 0.6:.0f} {tip[0]} {tip[1]}",
             stroke="#7a5a3d", width=11)  # fmt: skip
    for angle in (-172, -140, -95, -50, -12, 24, 158):
        r = math.radians(angle)
        ex, ey = tip[0] + 84 * math.cos(r), tip[1] + 66 * math.sin(r) + 26
        mx, my = tip[0] + 50 * math.cos(r), tip[1] + 56 * math.sin(r) - 14
        green = "#2f8a5b" if angle % 3 else "#3fa56d"
        pen.path(f"M{tip[0]} {tip[1]}Q{mx:.0f} {my:.0f} {ex:.0f} {ey:.0f}"
                 f"Q{mx + 2:.0f} {my + 26:.0f} {tip[0]} {tip[1]}z", green)  # fmt: skip


def pine(pen: Pen, x: float, y: float, height: float, green: str = "#22594f") -> None:
    """A fir whose foot is at x, y."""
    pen.rect(x - 5, y - 14, 10, 16, "#5b4030")
    for i in range(3):
        w, top = height * (0.30 - 0.06 * i), y - 12 - height * (0.28 * i + 0.42)
        pen.path(f"M{x} {top:.0f}L{x - w:.0f} {y - 12 - height * 0.26 * i:.0f}"
                 f"H{x + w:.0f}z", mix(green, "#4c9a78", 0.25 * i))  # fmt: skip


def house(pen: Pen, x: float, w: float, top: float, ground: float, wall: str, door: str) -> None:
    """A colonial town house with a tiled roof."""
    roof = "#b5573a"
    pen.rect(x, top, w, ground - top, pen.gradient(light(wall, 0.2), wall))
    pen.path(f"M{x - 10} {top}l14 -40h{w - 8}l14 40z", roof)
    pen.rect(x - 10, top - 4, w + 20, 9, dark(roof, 0.2))
    columns = max(2, round(w / 62))
    step = w / columns
    for floor in range(2 if ground - top > 170 else 1):
        for i in range(columns):
            wx, wy = x + step * i + step / 2 - 15, top + 28 + floor * 92
            entrance = floor == (1 if ground - top > 170 else 0) and i % 2 == 0
            h = ground - wy if entrance else 52
            pen.rect(wx - 5, wy - 5, 40, h + 5, "#ffffff", r=4)
            pen.rect(wx, wy, 30, h, door, r=3)
            pen.line(wx + 15, wy + 4, wx + 15, wy + h - 4, light(door, 0.35), 2)


def town(pen: Pen, tint: str, *, hour: str = "day", walls: tuple[str, ...] = ()) -> None:
    """A street of bright old houses."""
    sky(pen, hour, sun=(650, 120))
    cloud(pen, 180, 120, 0.9)
    hills(pen, 330, 120, mix("#4f8f6f", "#2b3a67", 0.5 if hour == "dusk" else 0.1), 2)
    walls = walls or ("#fdf8ec", "#f6d365", "#fdf8ec", light(tint, 0.35), "#f4b8a0")
    doors = (tint, "#2f6f5e", "#c2543d", "#27548a", "#7a4fd0")
    x = -20.0
    for i, (wall, w) in enumerate(zip(walls, (170, 150, 200, 140, 210), strict=False)):
        house(pen, x, w, 230 + (i * 37) % 60, 500, wall, doors[i % 5])
        x += w
    pen.rect(0, 500, 800, 100, "#b9aea0")
    dice = random.Random(4)
    for _ in range(70):
        pen.oval(dice.randint(0, 800), dice.randint(510, 596), dice.randint(12, 24), 6, "#8d8377",
                 opacity=0.45)  # fmt: skip
    palm(pen, 700, 505, 210, lean=-24)
    pen.path("M60 500V340", stroke="#2b3040", width=9)
    pen.rect(44, 300, 32, 44, "#ffe7a6", r=6, stroke="#2b3040", width=5)


def beach(pen: Pen, tint: str, *, hour: str = "day") -> None:
    """A hotel tower on a bay with a sugar-loaf."""
    sky(pen, hour, sun=(200, 130))
    cloud(pen, 560, 110, 0.8)
    pen.path("M60 400C110 400 130 250 190 236S280 350 330 400z", mix("#4d7f78", tint, 0.2))
    pen.path("M-20 400C40 330 80 330 120 400z", "#5f978c")
    sea(pen, 392, "#3fb0c6", "#1d6f9c")
    pen.path("M300 600C360 480 560 450 800 440V600z", "#f3dfb4")
    pen.path("M300 600C360 480 560 450 800 440", stroke="#ffffff", width=10, opacity=0.8)
    pen.rect(470, 130, 220, 340, pen.gradient("#ffffff", "#dfe6ee", across=True), r=8)
    for row in range(7):
        pen.rect(486, 152 + row * 42, 188, 26, light(tint, 0.15), r=4)
        for i in range(4):
            pen.rect(486 + i * 47, 152 + row * 42, 4, 26, "#ffffff")
        pen.rect(478, 176 + row * 42, 204, 6, "#c3ccd8")
    pen.rect(510, 108, 140, 24, tint, r=6)
    palm(pen, 420, 500, 200, lean=-26)
    palm(pen, 735, 520, 240, lean=22)
    for x, colour in ((520, "#ff7a66"), (620, tint)):
        pen.path(f"M{x} 540V480", stroke="#6d5a45", width=5)
        pen.path(f"M{x - 46} 492q46 -50 92 0z", colour)


def chalet(pen: Pen, tint: str) -> None:
    """An A-frame among firs in the hills."""
    sky(pen, "morning", sun=(160, 140))
    hills(pen, 330, 150, "#9fb8cf", 5)
    hills(pen, 400, 120, "#6f9a9a", 1)
    pen.path("M-20 470Q300 400 820 460V600H-20z", "#7fae74")
    for x, h in ((60, 260), (130, 200), (690, 280), (760, 210), (620, 180)):
        pine(pen, x, 480, h)
    pen.path("M400 130L220 500H580z", pen.gradient("#8a5a3b", "#5f3b27"))
    pen.path("M400 186L266 500H534z", "#f6e2c0")
    pen.path("M400 130L196 500h30L400 166 574 500h30z", tint)
    pen.path("M400 210l-60 126h120z", "#ffdf94")
    pen.line(400, 216, 400, 336, "#8a5a3b", 7)
    pen.rect(300, 346, 200, 12, "#8a5a3b")
    pen.rect(366, 390, 68, 110, "#7a4a2e", r=6)
    pen.disc(420, 446, 5, "#ecc873")
    for x in (296, 452):
        pen.rect(x, 400, 52, 62, "#ffdf94", r=4, stroke="#8a5a3b", width=6)
    pen.path("M340 600Q380 540 366 500h68q20 50 70 100z", "#d9c39a")


def bungalow(pen: Pen, tint: str, *, hour: str = "dusk") -> None:
    """Huts on stilts above warm water."""
    sky(pen, hour, sun=(400, 300), size=70)
    pen.path("M520 340L590 170q20 -34 44 0L700 340z", mix("#3c4f78", tint, 0.25))
    pen.path("M600 340l60 -120q14 -20 30 0l70 120z", mix("#324268", tint, 0.2))
    sea(pen, 338, "#e08f86" if hour == "dusk" else "#4fc0c8", "#2a4a86")
    pen.path("M330 600L388 440h40L560 600z", "#8a6a4c")
    for i in range(6):
        pen.line(380 - i * 10, 452 + i * 28, 436 + i * 22, 452 + i * 28, "#6d5139", 4)
    for x, y, s in ((150, 330, 1.15), (300, 350, 0.75)):
        with pen.group(move=(x, y), scale=s, about=(0, 0)):
            for leg in (-70, -20, 30, 76):
                pen.line(leg, 80, leg, 150, "#5b4432", 9)
            pen.rect(-86, 0, 176, 86, "#a97c52")
            pen.path("M-120 6Q0 -120 124 6z", pen.gradient("#d9b070", "#9a6f3f"))
            for k in range(-90, 100, 22):
                pen.line(k * 0.2, -56, k, 4, "#84602f", 2.5, opacity=0.5)
            pen.rect(-22, 26, 46, 60, "#ffdf94", r=4)
            pen.rect(-70, 30, 30, 30, "#ffdf94", r=4)
            pen.rect(46, 30, 30, 30, "#ffdf94", r=4)
            pen.rect(-98, 82, 200, 9, "#6d5139")
    palm(pen, 720, 470, 230, lean=-40)
    pen.path("M600 600q60 -150 220 -140V600z", "#35506b")


def lodge(pen: Pen, tint: str) -> None:
    """A timber lodge at a clear river in the forest."""
    sky(pen, "morning", sun=(640, 110))
    hills(pen, 300, 120, "#7fb79a", 3)
    hills(pen, 370, 110, "#4c9272", 7)
    for x in range(-10, 830, 62):
        pen.disc(x, 330 + (x * 7) % 46, 58, mix("#2f7a55", "#57a877", (x * 3 % 10) / 10))
    pen.rect(170, 280, 380, 160, pen.gradient("#b98556", "#8a5c37"))
    for y in range(300, 440, 20):
        pen.line(172, y, 548, y, "#6f4829", 3, opacity=0.5)
    pen.path("M140 286L360 180 580 286z", mix(tint, "#3b2f2a", 0.35))
    pen.path("M140 286L360 180 580 286", stroke="#5b3d26", width=12)
    for x in (200, 290, 400, 480):
        pen.rect(x, 316, 50, 70, "#ffe2a0", r=4, stroke="#5b3d26", width=6)
    pen.rect(140, 436, 440, 16, "#6f4829")
    for x in (160, 250, 340, 430, 520):
        pen.rect(x, 450, 12, 40, "#6f4829")
    pen.path("M-20 480Q240 440 420 500T820 470V600H-20z", pen.gradient("#63c9c9", "#2d8a9c"))
    for x, y in ((120, 540), (330, 560), (560, 536), (690, 570)):
        pen.line(x, y, x + 70, y, "#ffffff", 4, opacity=0.5)
    pen.path("M560 530q50 30 130 0l-16 26q-50 14 -98 0z", tint)
    palm(pen, 700, 480, 250, lean=14)


def skyline(pen: Pen, tint: str, *, hour: str = "dusk") -> None:
    """Glass towers under snowy mountains."""
    sky(pen, hour, sun=(160, 170))
    pen.path("M-20 400L90 210l60 70 110 -170 90 130 70 -70 130 170 90 -120 110 120 180 90V420H-20z",
             "#6d74a8")  # fmt: skip
    pen.path("M260 110l44 64 -26 -6 -22 22 -24 -24zM90 210l26 32 -22 8zM640 220l-26 36 22 -10zM420 170"
             "l-22 26 24 -4 20 14z", "#ffffff")  # fmt: skip
    dice = random.Random(11)
    for x, w, top in ((20, 90, 330), (96, 80, 280), (560, 90, 300), (640, 110, 350), (720, 100, 290),
                      (180, 120, 350), (470, 100, 340)):  # fmt: skip
        pen.rect(x, top, w, 600 - top, pen.gradient("#4a5590", "#2a3060"))
        for wy in range(top + 16, 580, 26):
            for wx in range(x + 12, x + w - 14, 22):
                if dice.random() < 0.55:
                    pen.rect(wx, wy, 11, 13, "#ffdd98", opacity=0.85)
    pen.path(
        "M320 600V210q0 -70 70 -90q70 20 70 90V600z",
        pen.gradient(light(tint, 0.35), dark(tint, 0.2)),
    )
    for y in range(190, 590, 24):
        pen.line(330, y, 450, y, "#ffffff", 3, opacity=0.35)
    pen.line(390, 60, 390, 122, "#c8d0e0", 5)


def tram(pen: Pen, tint: str) -> None:
    """A yellow tram climbing between tiled houses."""
    sky(pen, "morning", sun=(400, 140))
    house(pen, -30, 210, 150, 470, "#f4ead8", "#27548a")
    house(pen, 620, 230, 130, 470, light(tint, 0.5), "#2f6f5e")
    pen.rect(180, 250, 120, 240, "#f0c9b0")
    pen.rect(500, 240, 120, 250, "#d7e4ea")
    pen.rect(0, 468, 800, 132, "#cbbfae")
    pen.path("M0 600L300 400h200L800 600z", "#a39c95")
    pen.path("M250 600L370 410M550 600L430 410", stroke="#5f5a58", width=7)
    pen.rect(284, 210, 232, 300, pen.gradient("#ffd24a", "#eba91f"), r=34)
    pen.rect(284, 392, 232, 92, "#fff6e0")
    pen.rect(304, 250, 192, 116, "#2a3550", r=14)
    pen.rect(312, 258, 84, 100, "#8fc3e0", r=8)
    pen.rect(404, 258, 84, 100, "#8fc3e0", r=8)
    pen.rect(352, 222, 96, 22, "#2a3550", r=6)
    pen.disc(400, 436, 20, "#fff2c4", stroke="#c98d1d", width=6)
    pen.rect(270, 484, 260, 22, "#3b3f4f", r=8)
    for x in (324, 476):
        pen.disc(x, 512, 20, "#262a38")
    pen.path("M400 210L360 90M400 210L440 90", stroke="#3b3f4f", width=5)
    pen.line(0, 96, 800, 80, "#3b3f4f", 3)


HOTELS = {
    "town": town, "beach": beach, "chalet": chalet, "bungalow": bungalow, "lodge": lodge,
    "skyline": skyline, "tram": tram,
}  # fmt: skip
