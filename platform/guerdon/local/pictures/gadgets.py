"""Things with a battery or a plug: to listen with, to see with, to carry."""

from guerdon.local.pictures.canvas import Pen, dark, light

_STEEL = "#b8c0cc"
_GLASS = "#1b2030"


def headphones(pen: Pen, tint: str) -> None:
    """Over-ear headphones."""
    pen.shadow(400, 512, 190)
    pen.path("M236 360C216 60 584 60 564 360", stroke=dark(tint, 0.35), width=36)
    pen.path(
        "M236 352C220 72 580 72 564 352", stroke=pen.gradient(light(tint, 0.25), tint), width=20
    )
    pen.path("M286 176C330 116 470 116 514 176", stroke="#ffffff", width=7, opacity=0.35)
    for x, way in ((236, 1), (564, -1)):
        pen.rect(x - 12 + way * 30 - 26, 308, 76, 176, "#23202f", r=36)
        pen.rect(x - 44, 300, 84, 190, pen.gradient(light(tint, 0.2), dark(tint, 0.25)), r=40)
        pen.rect(x - 44 + (6 if way > 0 else 60), 330, 16, 100, "#ffffff", r=8, opacity=0.3)
        pen.disc(x - 2, 450, 6, "#7fe0c3")


def earbuds(pen: Pen, tint: str) -> None:
    """Two buds above their open case."""
    pen.shadow(400, 512, 190)
    pen.path("M250 330q0 -120 150 -120t150 120z", pen.gradient(light(tint, 0.5), light(tint, 0.1)))
    pen.path("M276 326q0 -92 124 -92t124 92z", dark(tint, 0.45))
    pen.path("M245 330h310v70q0 100 -110 100h-90q-110 0 -110 -100z",
             pen.gradient(light(tint, 0.3), dark(tint, 0.15)))  # fmt: skip
    pen.rect(262, 322, 276, 20, dark(tint, 0.35), r=10)
    pen.disc(400, 420, 7, "#7fe0c3")
    for x, mirror in ((330, False), (470, True)):
        with pen.group(about=(x, 200), mirror=mirror):
            pen.rect(x - 12, 190, 24, 110, pen.gradient("#ffffff", "#d9dee8", across=True), r=12)
            pen.disc(x - 8, 168, 44, pen.gradient("#ffffff", "#dbe0ea"))
            pen.oval(x + 22, 158, 22, 28, dark(tint, 0.35))
            pen.disc(x - 18, 160, 8, _GLASS)
    pen.path("M268 372q4 66 56 96", stroke="#ffffff", width=9, opacity=0.4)


def speaker(pen: Pen, tint: str) -> None:
    """A round-shouldered portable speaker."""
    pen.shadow(400, 506, 220)
    pen.path("M300 170q0 -60 100 -60t100 60", stroke=dark(tint, 0.4), width=18)
    pen.rect(215, 165, 370, 330, pen.gradient(light(tint, 0.22), dark(tint, 0.25)), r=84)
    for row in range(11):
        for column in range(14):
            x, y = 254 + column * 22.4, 214 + row * 22.4
            if (x - 400) ** 2 / 160**2 + (y - 328) ** 2 / 128**2 < 1:
                pen.disc(x, y, 4.6, dark(tint, 0.5))
    pen.disc(400, 328, 74, dark(tint, 0.3))
    pen.disc(400, 328, 56, pen.gradient("#3a3f52", "#171a26"))
    pen.disc(400, 328, 24, pen.gradient("#566079", "#232838"))
    pen.path("M244 250q6 -60 66 -68", stroke="#ffffff", width=9, opacity=0.45)
    for x in (352, 400, 448):
        pen.rect(x - 14, 178, 28, 8, "#ffffff", r=4, opacity=0.7)


def reader(pen: Pen, tint: str) -> None:
    """An e-reader showing a page."""
    pen.shadow(400, 520, 170)
    with pen.group(turn=-5):
        pen.rect(258, 90, 292, 414, dark(tint, 0.55), r=26)
        pen.rect(252, 84, 292, 414, pen.gradient("#3b4055", "#20243a"), r=26)
        pen.rect(276, 110, 244, 326, "#f3efe4", r=6)
        pen.path("M276 250C340 190 420 300 520 214V190a6 6 0 0 0 0 0V116q0 -6 -6 -6H282q-6 0 -6 6z",
                 light(tint, 0.45))  # fmt: skip
        pen.disc(458, 160, 24, "#f6d27a")
        for y, w in ((290, 190), (314, 204), (338, 178), (362, 204), (386, 120)):
            pen.line(296, y, 296 + w, y, "#8d8878", 6, opacity=0.7)
        pen.disc(398, 466, 9, "#4d536b")


def watch(pen: Pen, tint: str) -> None:
    """A smartwatch with rings."""
    pen.shadow(400, 540, 120, 14)
    strap = pen.gradient(light(tint, 0.1), dark(tint, 0.25), across=True)
    pen.path("M322 210L344 60q2 -16 18 -16h76q16 0 18 16l22 150z", strap)
    pen.path("M322 390l22 140q2 14 18 14h76q16 0 18 -14l22 -140z", strap)
    for y in (462, 486, 510):
        pen.oval(400, y, 7, 6, dark(tint, 0.5))
    pen.rect(518, 258, 20, 50, "#8f97a6", r=8)
    pen.rect(276, 172, 248, 256, pen.gradient("#e4e8ef", "#8f97a6", across=True), r=74)
    pen.rect(290, 186, 220, 228, _GLASS, r=62)
    for r, colour, d in (
        (74, "#ff6b81", "M400 226a74 74 0 1 1 -70 50"),
        (54, "#8ce36a", "M400 246a54 54 0 1 1 -54 54"),
        (34, "#5cc8ff", "M400 266a34 34 0 0 1 20 61"),
    ):
        pen.disc(400, 300, r, "", stroke=dark(colour, 0.65), width=14)
        pen.path(d, stroke=colour, width=14)
    pen.path("M308 250q4 -48 52 -52", stroke="#ffffff", width=6, opacity=0.45)


def _screen(pen: Pen, x: float, y: float, w: float, h: float, tint: str, r: float = 10) -> None:
    """A landscape at dusk, as wallpapers are."""
    pen.rect(x, y, w, h, pen.gradient("#27306b", "#f0a58f", middle=tint), r=r)
    pen.disc(x + w * 0.66, y + h * 0.5, h * 0.13, "#ffe2b0")
    base = y + h - r
    pen.path(f"M{x} {y + h * 0.78}L{x + w * 0.22} {y + h * 0.5}L{x + w * 0.4} {y + h * 0.72}"
             f"L{x + w * 0.6} {y + h * 0.56}L{x + w} {y + h * 0.86}V{base}q0 {r} {-r} {r}"
             f"H{x + r}q{-r} 0 {-r} {-r}z", "#1d2450", opacity=0.9)  # fmt: skip


def tablet(pen: Pen, tint: str) -> None:
    """A tablet leaning on its folio, with a pencil."""
    pen.shadow(400, 496, 270)
    pen.path("M560 480L630 250q6 -18 24 -12l12 6L640 490z", dark(tint, 0.3))
    pen.rect(150, 140, 470, 345, pen.gradient("#e6e9ef", "#aeb5c1"), r=30)
    pen.rect(158, 146, 454, 332, _GLASS, r=26)
    _screen(pen, 178, 164, 414, 296, tint)
    for i, colour in enumerate(("#ffffff", "#ffcf70", "#7be0c3", "#ff8f8f")):
        pen.rect(264 + i * 64, 404, 44, 44, colour, r=12, opacity=0.92)
    with pen.group(turn=14, about=(690, 340)):
        pen.rect(672, 170, 20, 280, pen.gradient("#ffffff", "#c9cfda", across=True), r=8)
        pen.path("M672 446h20l-10 34z", "#e8e2d6")


def phone(pen: Pen, tint: str) -> None:
    """A phone, its back behind it."""
    pen.shadow(410, 526, 190)
    with pen.group(turn=8, about=(480, 300)):
        pen.rect(400, 70, 210, 430, pen.gradient(light(tint, 0.35), dark(tint, 0.1)), r=40)
        pen.rect(500, 90, 92, 96, dark(tint, 0.15), r=28, opacity=0.7)
        for x, y in ((526, 116), (566, 116), (526, 158)):
            pen.disc(x, y, 17, _GLASS)
            pen.disc(x - 4, y - 4, 5, "#6a7bb5")
        pen.disc(566, 158, 7, "#fff3c9")
    with pen.group(turn=-6, about=(330, 310)):
        pen.rect(226, 92, 214, 432, "#c8ced9", r=42)
        pen.rect(232, 98, 202, 420, _GLASS, r=37)
        _screen(pen, 242, 108, 182, 400, tint, r=28)
        pen.rect(303, 120, 60, 17, "#0d0f17", r=8.5)
        pen.rect(262, 210, 142, 60, "#ffffff", r=16, opacity=0.85)
        pen.line(282, 232, 350, 232, tint, 6)
        pen.line(282, 250, 380, 250, "#8a92a6", 5)


def camera(pen: Pen, tint: str) -> None:
    """A mirrorless camera."""
    pen.shadow(400, 490, 260)
    pen.rect(320, 128, 160, 80, "#2c2f3d", r=18)
    pen.rect(226, 166, 60, 30, "#3d4152", r=8)
    pen.rect(520, 160, 54, 34, _STEEL, r=10)
    pen.rect(170, 184, 460, 300, pen.gradient("#d3d8e1", "#9aa2b1"), r=36)
    pen.rect(170, 232, 460, 206, pen.gradient(tint, dark(tint, 0.3)))
    pen.disc(400, 330, 142, dark(_STEEL, 0.3))
    pen.disc(400, 326, 134, pen.gradient("#40465a", "#191c28"))
    pen.disc(400, 326, 100, "", stroke="#5d6580", width=7)
    pen.disc(400, 326, 84, pen.glow("#5f7fe0", "#10131f", opacity=1))
    pen.disc(400, 326, 40, pen.glow("#8d6ae8", "#10131f", opacity=1))
    pen.oval(368, 290, 26, 15, "#ffffff", opacity=0.7)
    pen.disc(430, 360, 8, "#ffffff", opacity=0.5)
    pen.rect(200, 202, 26, 14, "#ff6b6b", r=6)
    pen.rect(556, 250, 40, 120, dark(tint, 0.35), r=14, opacity=0.6)


def instant(pen: Pen, tint: str) -> None:
    """An instant camera pushing out a print."""
    pen.shadow(400, 540, 210, 18)
    pen.rect(300, 380, 200, 156, "#ffffff", r=6)
    pen.rect(318, 380, 164, 116, pen.gradient("#8fd3f4", "#f9c58d"))
    pen.path("M318 496l50 -60 34 30 36 -48 44 78z", "#4d7c6f")
    pen.path("M220 180q0 -50 50 -50h260q50 0 50 50v220h-360z",
             pen.gradient(light(tint, 0.5), light(tint, 0.2)))  # fmt: skip
    pen.rect(196, 330, 408, 112, pen.gradient(tint, dark(tint, 0.18)), r=30)
    pen.rect(268, 398, 264, 18, dark(tint, 0.6), r=9)
    pen.disc(400, 250, 92, "#ffffff")
    pen.disc(400, 250, 78, "#2b2f40")
    pen.disc(400, 250, 46, pen.glow("#6d8bea", "#10131f", opacity=1))
    pen.oval(382, 230, 14, 9, "#ffffff", opacity=0.8)
    pen.rect(246, 156, 74, 52, "#fff6d8", r=12)
    pen.rect(486, 160, 54, 40, _GLASS, r=10)
    pen.disc(544, 300, 20, "#ff7a66")


def action(pen: Pen, tint: str) -> None:
    """An action camera in its case, under water."""
    pen.shadow(400, 500, 190)
    pen.rect(350, 440, 100, 60, dark(_STEEL, 0.3), r=14)
    pen.rect(230, 150, 340, 310, light(tint, 0.4), r=44, opacity=0.75)
    pen.rect(252, 172, 296, 266, pen.gradient("#4a5064", "#232736"), r=32)
    pen.rect(276, 196, 250, 218, "#2b3040", r=22)
    pen.disc(450, 270, 68, "#12141d")
    pen.disc(450, 270, 50, pen.glow("#5fb2f0", "#10131f", opacity=1))
    pen.oval(432, 250, 16, 10, "#ffffff", opacity=0.75)
    pen.rect(294, 214, 70, 56, pen.gradient("#27306b", tint), r=8)
    for y in (330, 352, 374):
        pen.line(300, y, 400, y, "#454b5f", 8)
    pen.disc(500, 388, 9, "#ff5b5b")
    pen.rect(300, 132, 70, 22, "#d94f4f", r=8)


def charger(pen: Pen, tint: str) -> None:
    """A power bank with its cable."""
    pen.shadow(400, 512, 200)
    pen.path("M470 140C560 60 640 180 590 300S620 470 560 480", stroke="#ffffff", width=15)
    pen.path("M470 140C560 60 640 180 590 300S620 470 560 480", stroke="#d4dae5", width=4)
    pen.rect(530, 462, 54, 34, _STEEL, r=8)
    with pen.group(turn=-6):
        pen.rect(
            262, 110, 230, 392, pen.gradient(light(tint, 0.2), dark(tint, 0.25), across=True), r=48
        )
        pen.rect(280, 128, 194, 356, "", r=36, stroke=light(tint, 0.4), width=3, opacity=0.6)
        pen.path("M392 190l-56 110h40l-14 90 66 -118h-42z", "#ffffff", opacity=0.92)
        for i in range(4):
            pen.disc(338 + i * 26, 448, 7, "#7fe0c3" if i < 3 else dark(tint, 0.45))


def keyboard(pen: Pen, tint: str) -> None:
    """A compact mechanical keyboard."""
    pen.shadow(400, 446, 310)
    with pen.group(turn=-4):
        pen.rect(110, 196, 580, 240, dark(tint, 0.4), r=26)
        pen.rect(110, 184, 580, 240, pen.gradient(light(tint, 0.15), dark(tint, 0.12)), r=26)
        pen.rect(128, 202, 544, 204, dark(tint, 0.5), r=14)
        for row in range(4):
            x = 138.0
            widths = (
                [42] * 12,
                [60] + [42] * 10 + [24],
                [72] + [42] * 9 + [54],
                [56, 56, 56, 220, 56, 56],
            )[row]
            for i, w in enumerate(widths):
                edge = row == 0 and i == 0
                colour = (
                    "#f2a65a"
                    if edge
                    else ("#f6f4ee" if 1 <= i < 10 or row == 3 else light(tint, 0.55))
                )
                pen.rect(x, 214 + row * 47, w - 4, 40, dark(colour, 0.22), r=7)
                pen.rect(x + 2, 211 + row * 47, w - 8, 35, colour, r=6)
                x += w + 1.5


def vacuum(pen: Pen, tint: str) -> None:
    """A robot vacuum seen from above its edge."""
    pen.shadow(400, 470, 280)
    pen.oval(400, 362, 250, 116, "#1f2330")
    pen.path(
        "M150 330v34a250 116 0 0 0 500 0v-34z", pen.gradient("#3b4258", "#232838", across=True)
    )
    pen.oval(400, 326, 250, 116, pen.gradient("#ffffff", "#d4dae6"))
    pen.oval(400, 326, 222, 98, "", stroke="#b9c1d0", width=3)
    pen.path("M316 276v-34a84 36 0 0 1 168 0v34z", pen.gradient("#c9d0dc", "#8f98aa", across=True))
    pen.oval(400, 278, 84, 36, "#8f98aa")
    pen.oval(400, 240, 84, 36, pen.gradient(light(tint, 0.35), tint))
    pen.oval(400, 240, 30, 12, "#ffffff", opacity=0.85)
    pen.oval(400, 376, 26, 12, tint)
    pen.path("M170 400q-50 30 -70 8M182 420q-30 46 -62 36", stroke="#5b6378", width=5)
    pen.disc(536, 340, 6, "#7fe0c3")


def drone(pen: Pen, tint: str) -> None:
    """A folding drone in flight."""
    pen.shadow(400, 530, 150, 14)
    for x, y in ((190, 196), (610, 196), (236, 330), (564, 330)):
        pen.line(400, 270, x, y + 16, dark(tint, 0.35), 20)
        pen.rect(x - 15, y - 4, 30, 44, "#2b2f40", r=10)
        pen.oval(x, y - 8, 108, 13, "#5b6780", opacity=0.28)
        pen.oval(x, y - 8, 104, 6, dark(tint, 0.2), opacity=0.55)
    pen.path("M300 250q0 -46 100 -46t100 46l-14 86q-6 30 -40 30h-92q-34 0 -40 -30z",
             pen.gradient("#ffffff", "#c6cdda"))  # fmt: skip
    pen.path("M318 236q20 -20 82 -20t82 20l-8 30h-148z", tint)
    pen.rect(352, 346, 96, 74, "#2b2f40", r=24)
    pen.disc(400, 384, 28, "#12141d")
    pen.disc(400, 384, 19, pen.glow("#5fb2f0", "#10131f", opacity=1))
    pen.disc(393, 377, 5, "#ffffff")
    pen.disc(322, 302, 6, "#ff6b6b")
    pen.disc(478, 302, 6, "#7fe0c3")


def television(pen: Pen, tint: str) -> None:
    """A television on thin feet."""
    pen.shadow(400, 506, 290)
    for x in (230, 570):
        pen.path(f"M{x} 440l{-26 if x < 400 else 26} 62", stroke="#3b4055", width=14)
    pen.rect(96, 112, 608, 350, "#2a2e3c", r=14)
    _screen(pen, 106, 122, 588, 326, tint, r=4)
    for i in range(4):
        pen.rect(140 + i * 132, 352, 112, 70, "#ffffff", r=10, opacity=0.9 if i == 0 else 0.35)
    pen.path("M182 370l30 17 -30 17z", tint)


def projector(pen: Pen, tint: str) -> None:
    """A pocket projector throwing a beam."""
    pen.path("M330 300L800 60V560L330 360z", "#fff3c9", opacity=0.6)
    pen.path("M330 310L800 150V470L330 350z", "#ffffff", opacity=0.6)
    pen.shadow(300, 490, 180)
    pen.rect(150, 180, 250, 300, pen.gradient("#f5f6fa", "#c8cfdb", across=True), r=44)
    pen.rect(150, 400, 250, 80, pen.gradient(tint, dark(tint, 0.2), across=True), r=40)
    pen.disc(318, 316, 74, "#2b2f40")
    pen.disc(318, 316, 56, pen.glow("#fff6d0", "#f2a65a", opacity=1))
    pen.oval(300, 296, 16, 10, "#ffffff")
    for y in (230, 252, 274, 296, 318):
        pen.line(180, y, 222, y, "#a4acbb", 7)


def console(pen: Pen, tint: str) -> None:
    """A game controller."""
    pen.shadow(400, 490, 240)
    pen.path("M280 190C200 180 150 330 150 420c0 70 66 80 100 24l34 -56h232l34 56c34 56 100 46 100 -24 "
             "0 -90 -50 -240 -130 -230z", dark(tint, 0.35))  # fmt: skip
    pen.path("M280 178C200 168 150 318 150 408c0 70 66 80 100 24l34 -56h232l34 56c34 56 100 46 100 -24 "
             "0 -90 -50 -240 -130 -230z", pen.gradient(light(tint, 0.25), tint))  # fmt: skip
    pen.rect(256, 254, 76, 26, "#2b2f40", r=8)
    pen.rect(281, 229, 26, 76, "#2b2f40", r=8)
    for x, y, colour in ((506, 230, "#ffd166"), (506, 302, "#7be0c3"), (470, 266, "#ff8f8f"),
                         (542, 266, "#8fc7ff")):  # fmt: skip
        pen.disc(x, y, 17, colour)
    for x in (352, 448):
        pen.disc(x, 336, 36, dark(tint, 0.4))
        pen.disc(x, 330, 30, pen.gradient("#4a5064", "#232736"))
    pen.rect(376, 236, 48, 18, "#ffffff", r=9, opacity=0.8)
    pen.path("M214 250q18 -46 62 -50", stroke="#ffffff", width=8, opacity=0.5)


GADGETS = {
    "headphones": headphones, "earbuds": earbuds, "speaker": speaker, "reader": reader,
    "watch": watch, "tablet": tablet, "phone": phone, "camera": camera, "instant": instant,
    "action": action, "charger": charger, "keyboard": keyboard, "vacuum": vacuum,
    "drone": drone, "television": television, "projector": projector, "console": console,
}  # fmt: skip
