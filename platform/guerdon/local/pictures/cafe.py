"""What is handed over the counter: drinks, bakes, bags of beans."""

from guerdon.local.pictures.canvas import Pen, dark, light, mix

_COFFEE, _MILK, _WOOD = "#5a3420", "#f6e9d4", "#a8703f"


def _steam(pen: Pen, x: float, y: float, height: float = 90) -> None:
    for dx, h in ((-34, 0.8), (0, 1.0), (34, 0.75)):
        pen.path(
            f"M{x + dx} {y}q-18 {-height * h / 4:.0f} 0 {-height * h / 2:.0f}t0 {-height * h / 2:.0f}",
            stroke="#ffffff",
            width=9,
            opacity=0.55,
        )


def _saucer(pen: Pen, x: float, y: float, rx: float, colour: str) -> None:
    pen.oval(x, y + 10, rx, rx * 0.17, dark(colour, 0.3))
    pen.oval(x, y, rx, rx * 0.17, pen.gradient(light(colour, 0.5), light(colour, 0.1)))
    pen.oval(x, y + 2, rx * 0.62, rx * 0.09, dark(colour, 0.12))


def _cup(
    pen: Pen, x: float, y: float, w: float, h: float, colour: str, *, handle: bool = True
) -> None:
    """A cup whose rim's centre is at x, y."""
    if handle:
        pen.path(
            f"M{x + w * 0.46:.0f} {y + h * 0.2:.0f}q{w * 0.34:.0f} -10 {w * 0.3:.0f} {h * 0.26:.0f}t{-w * 0.4:.0f} {h * 0.3:.0f}",
            stroke=dark(colour, 0.15),
            width=w * 0.085,
        )
    pen.path(
        f"M{x - w / 2} {y}q{w * 0.03:.0f} {h} {w * 0.27:.0f} {h}h{w * 0.46:.0f}q{w * 0.24:.0f} 0 {w * 0.27:.0f} {-h}z",
        pen.gradient(light(colour, 0.25), dark(colour, 0.2), across=True),
    )
    pen.path(
        f"M{x - w * 0.41:.0f} {y + h * 0.2:.0f}q{w * 0.03:.0f} {h * 0.45:.0f} {w * 0.13:.0f} {h * 0.6:.0f}",
        stroke="#ffffff",
        width=w * 0.03,
        opacity=0.55,
    )
    pen.oval(x, y, w / 2, w * 0.155, light(colour, 0.45))


def latte(pen: Pen, tint: str) -> None:
    """A latte with a rosetta, seen a little from above."""
    pen.shadow(400, 510, 260)
    _saucer(pen, 400, 470, 240, tint)
    _cup(pen, 400, 290, 300, 180, tint)
    pen.oval(400, 292, 134, 40, _COFFEE)
    pen.oval(400, 292, 128, 37, "#b9794a")
    for i, w in enumerate((70, 60, 48, 34)):
        y = 276 + i * 11
        pen.path(f"M{400 - w} {y}Q400 {y + 22} {400 + w} {y}Q400 {y + 10} {400 - w} {y}z", _MILK)
    pen.path("M400 264q-14 8 0 18 14 -10 0 -18z", _MILK)
    pen.line(400, 276, 400, 322, _MILK, 4)
    _steam(pen, 400, 230)


def cappuccino(pen: Pen, tint: str) -> None:
    """A dome of foam with cocoa."""
    pen.shadow(400, 510, 240)
    _saucer(pen, 400, 470, 220, tint)
    _cup(pen, 400, 300, 270, 170, tint)
    pen.path("M272 298Q300 210 400 212T528 298Q400 360 272 298z", pen.gradient("#ffffff", _MILK))
    for i in range(22):
        pen.disc(320 + (i * 37) % 162, 244 + (i * 53) % 62, 3 + i % 3, "#8a5530", opacity=0.7)
    pen.rect(548, 456, 92, 12, "#c8ccd4", r=6)
    pen.oval(640, 462, 22, 12, "#d9dde4")
    _steam(pen, 400, 196)


def espresso(pen: Pen, tint: str) -> None:
    """A short black with its crema, water beside."""
    pen.shadow(400, 510, 240)
    pen.path("M520 240h110l-10 240h-90z", "#ffffff", opacity=0.5)
    pen.path("M525 320h100l-7 154h-86z", "#9fd0e0", opacity=0.6)
    _saucer(pen, 340, 478, 170, tint)
    _cup(pen, 340, 340, 180, 138, tint)
    pen.oval(340, 342, 78, 24, "#2e170c")
    pen.oval(340, 342, 74, 21, "#b06a34")
    pen.oval(330, 340, 46, 12, "#d1904f", opacity=0.8)
    _steam(pen, 340, 292, 110)
    pen.rect(440, 466, 46, 20, "#e9d3ac", r=6)


def cortado(pen: Pen, tint: str) -> None:
    """A small glass in two layers on a wooden board."""
    pen.shadow(400, 520, 220)
    pen.rect(220, 484, 360, 30, _WOOD, r=12)
    pen.rect(220, 484, 360, 8, light(_WOOD, 0.3), r=4)
    pen.path("M300 200h200l-22 284H322z", "#ffffff", opacity=0.45)
    pen.path("M308 300h184l-16 172H324z", pen.gradient("#d8a574", "#4a2713"))
    pen.path("M303 250h194l-5 50H308z", "#f2dfc2")
    pen.path("M303 250q97 22 194 0", stroke="#ffffff", width=6)
    for x in (340, 380, 420, 460):
        pen.line(x, 210, 400 + (x - 400) * 0.8, 474, "#ffffff", 4, opacity=0.35)
    pen.path("M318 226l12 200", stroke="#ffffff", width=8, opacity=0.7)
    _steam(pen, 400, 180, 80)
    pen.oval(540, 474, 18, 11, _COFFEE)
    pen.oval(562, 480, 16, 10, dark(_COFFEE, 0.2))
    pen.rect(566, 440, 6, 6, tint)


def iced(pen: Pen, tint: str, *, liquid: str = "#5a3420", top: str = "#c99763") -> None:
    """A tall iced drink with a straw."""
    pen.shadow(400, 520, 170)
    pen.path("M470 60L430 260", stroke=tint, width=17)
    pen.path("M290 160h220l-28 344q-2 12 -14 12H332q-12 0 -14 -12z", "#ffffff", opacity=0.5)
    pen.path("M300 236h200l-22 260H322z", pen.gradient(top, liquid))
    for x, y, turn in (
        (330, 250, 12),
        (398, 232, -14),
        (434, 300, 22),
        (346, 324, -20),
        (400, 372, 8),
    ):
        with pen.group(turn=turn, about=(x + 28, y + 28)):
            pen.rect(x, y, 58, 58, "#ffffff", r=12, opacity=0.42)
            pen.path(f"M{x + 8} {y + 10}h26", stroke="#ffffff", width=5, opacity=0.7)
    pen.path("M312 190l22 290", stroke="#ffffff", width=9, opacity=0.6)
    pen.oval(400, 160, 110, 16, "", stroke="#ffffff", width=7, opacity=0.85)
    for x, y in ((306, 330), (486, 290), (478, 420), (326, 450)):
        pen.disc(x, y, 4, "#ffffff", opacity=0.8)


def matcha(pen: Pen, tint: str) -> None:
    """Iced matcha in layers."""
    iced(pen, tint, liquid="#f3efe0", top="#7da648")


def coldbrew(pen: Pen, tint: str) -> None:
    """Cold brew, black."""
    iced(pen, tint, liquid="#25120a", top="#4a2513")


def chai(pen: Pen, tint: str) -> None:
    """Spiced tea with cinnamon and anise."""
    pen.shadow(400, 510, 230)
    _cup(pen, 390, 230, 260, 270, tint)
    pen.oval(390, 232, 116, 34, "#b5713a")
    pen.oval(390, 232, 108, 30, "#dba76d")
    pen.oval(370, 228, 40, 10, "#f2d6ab", opacity=0.8)
    _steam(pen, 390, 176, 100)
    for x, turn in ((560, -30), (596, -22)):
        with pen.group(turn=turn, about=(x, 470)):
            pen.rect(x - 14, 380, 28, 120, pen.gradient("#a8622f", "#6f3a18", across=True), r=8)
            pen.path(f"M{x - 2} 384v112", stroke="#4f2710", width=4)
    for k in range(8):
        with pen.group(turn=k * 45, about=(230, 490)):
            pen.oval(230, 472, 7, 17, "#6f3a18")
    pen.disc(230, 490, 6, "#d9a05b")


def cocoa(pen: Pen, tint: str) -> None:
    """Hot chocolate with marshmallows."""
    pen.shadow(400, 512, 230)
    _cup(pen, 390, 240, 280, 262, tint)
    pen.oval(390, 242, 124, 36, "#3a1c10")
    pen.oval(390, 242, 116, 31, "#6b3820")
    for x, y, colour in (
        (340, 222, "#ffffff"),
        (396, 210, "#fbd9d6"),
        (440, 226, "#ffffff"),
        (372, 240, "#fdeee0"),
    ):
        pen.rect(x - 22, y - 20, 44, 36, pen.gradient(colour, dark(colour, 0.08)), r=13)
    pen.rect(330, 352, 120, 14, light(tint, 0.5), r=7)
    pen.rect(350, 378, 80, 10, light(tint, 0.5), r=5)
    _steam(pen, 390, 176, 100)


def affogato(pen: Pen, tint: str) -> None:
    """Ice cream drowned in espresso."""
    pen.shadow(400, 520, 180)
    pen.path(
        "M270 240h260q-10 150 -100 170v70h60q16 22 -90 22t-90 -22h60v-70q-90 -20 -100 -170z",
        "#ffffff",
        opacity=0.6,
    )
    pen.path("M284 300h232q-20 96 -116 98 -96 -2 -116 -98z", pen.gradient("#8a5530", "#3a1c10"))
    pen.disc(352, 236, 68, pen.gradient("#fffaf0", "#f0dcb8"))
    pen.disc(450, 240, 62, pen.gradient("#fffaf0", "#ecd5ac"))
    pen.disc(402, 186, 64, pen.gradient("#ffffff", "#f3e2c2"))
    pen.path(
        "M344 170q60 -30 116 6 10 40 -8 70 -14 20 -20 -10 -10 -24 -24 8 -10 44 -26 4 -8 -30 -24 -4 -20 10 -14 -74z",
        "#4a2513",
    )
    pen.path("M296 260q4 60 40 96", stroke="#ffffff", width=8, opacity=0.6)
    pen.rect(500, 120, 70, 22, "#d9a05b", r=8)
    pen.path("M480 200l60 -80", stroke="#d9a05b", width=16)


def filterjug(pen: Pen, tint: str) -> None:
    """The filter of the day: a server and a cup."""
    pen.shadow(400, 512, 260)
    pen.path(
        "M220 180h150l10 60q60 60 60 150 0 110 -40 114H190q-40 -4 -40 -114 0 -90 60 -150z",
        "#ffffff",
        opacity=0.5,
    )
    pen.path("M164 350h262q6 140 -30 144H194q-36 -4 -30 -144z", pen.gradient("#7a4526", "#2e170c"))
    pen.rect(206, 164, 178, 30, tint, r=12)
    pen.path("M430 280q80 -10 76 80t-86 90", stroke=dark(tint, 0.35), width=24)
    pen.path("M190 300q-10 80 6 170", stroke="#ffffff", width=9, opacity=0.5)
    _cup(pen, 580, 380, 150, 116, light(tint, 0.25), handle=False)
    pen.oval(580, 381, 66, 19, "#3a1c10")
    _steam(pen, 580, 340, 80)


def breakfast(pen: Pen, tint: str) -> None:
    """A croissant and a coffee."""
    pen.shadow(400, 516, 300)
    pen.oval(330, 470, 240, 44, pen.gradient("#ffffff", "#e3dccf"))
    pen.oval(330, 464, 180, 28, "#f1ebdf")
    crust = pen.gradient("#e8ab58", "#a8621f")
    pen.path(
        "M150 440C150 330 250 280 330 280S510 330 510 440q-40 30 -64 -20 -50 -50 -116 -50t-116 50q-24 50 -64 20z",
        crust,
    )
    for d in (
        "M210 400C210 340 236 312 262 296",
        "M280 372C276 330 290 300 310 284",
        "M380 372C384 330 370 300 350 284",
        "M450 400C450 340 424 312 398 296",
    ):
        pen.path(d, stroke="#8a4a16", width=8, opacity=0.7)
    pen.path("M236 330q80 -44 180 -6", stroke="#ffe0a6", width=9, opacity=0.6)
    _cup(pen, 610, 340, 160, 130, tint)
    pen.oval(610, 341, 70, 20, "#6b3820")
    _steam(pen, 610, 296, 80)


def bun(pen: Pen, tint: str) -> None:
    """A cinnamon bun with icing."""
    pen.shadow(400, 508, 250)
    pen.oval(400, 484, 250, 40, pen.gradient(light(tint, 0.5), light(tint, 0.2)))
    pen.path(
        "M210 340q0 -30 190 -30t190 30l-10 100q-20 44 -180 44t-180 -44z",
        pen.gradient("#d99448", "#9a5a22"),
    )
    pen.oval(400, 330, 190, 100, pen.gradient("#f0bd74", "#d08a3e"))
    pen.path(
        "M400 330m-8 0a26 14 0 1 1 40 12a60 34 0 1 1 -92 -22a96 54 0 1 1 150 40a134 76 0 1 1 -226 -50",
        stroke="#8a4a16",
        width=13,
    )
    pen.path(
        "M250 300q40 -40 90 -26t80 4 90 10 50 50 -20 40 -30 14 -60 10 -60 20 -40 -20 -60 0 -40 -40z",
        "#ffffff",
        opacity=0.85,
    )
    pen.path("M400 330m-8 0a26 14 0 1 1 40 12a60 34 0 1 1 -92 -22", stroke="#b9743a", width=9)
    for x, y in ((300, 300), (460, 290), (500, 340), (350, 390), (420, 396)):
        pen.oval(x, y, 7, 4, "#c9733f")


def toast(pen: Pen, tint: str) -> None:
    """Avocado toast."""
    pen.shadow(400, 510, 280)
    pen.oval(400, 480, 280, 46, pen.gradient("#ffffff", "#e3dccf"))
    with pen.group(turn=-7):
        pen.path(
            "M220 330q-20 -90 70 -96h230q90 6 70 96l-14 130q-4 20 -24 20H258q-20 0 -24 -20z",
            "#8a4f22",
        )
        pen.path(
            "M236 332q-16 -74 60 -80h218q74 6 60 80l-14 118q-4 16 -20 16H270q-16 0 -20 -16z",
            "#e9bd7c",
        )
        pen.path(
            "M256 330q-10 -56 50 -58 100 -16 200 0 60 4 48 60l-12 96q-60 30 -142 22t-130 -16z",
            pen.gradient("#b9d36a", "#86ab3c"),
        )
        for x, y in ((310, 330), (400, 310), (486, 340), (350, 400), (448, 404)):
            pen.disc(x, y, 27, "#d6452f")
            pen.disc(x, y, 18, "#ee7a58")
            pen.disc(x - 5, y - 5, 4, "#ffe7b0")
    for x, y in ((300, 300), (440, 290), (520, 390), (390, 360), (330, 440)):
        pen.disc(x, y, 3.5, "#2b2018")
    pen.path("M560 220q40 -10 60 20 -40 20 -60 -20z", tint)


def beans(pen: Pen, tint: str, *, mark: str = "sun") -> None:
    """A bag of beans with a label of its own."""
    pen.shadow(400, 516, 220)
    pen.path(
        "M270 130h260l14 366q0 16 -16 16H272q-16 0 -16 -16z",
        pen.gradient(light(tint, 0.14), dark(tint, 0.22), across=True),
    )
    pen.path("M270 130h260l-4 -50q-126 -14 -252 0z", dark(tint, 0.14))
    pen.path("M272 106q128 -10 256 0", stroke=dark(tint, 0.4), width=5)
    pen.rect(330, 92, 140, 24, "#d9b070", r=4)
    pen.rect(300, 200, 200, 236, "#fbf4e6", r=6)
    pen.disc(400, 160, 12, dark(tint, 0.35))
    cx, cy = 400, 286
    if mark == "sun":
        pen.path(f"M{cx - 62} {cy + 26}a62 62 0 0 1 124 0z", tint)
        for k in range(7):
            with pen.group(turn=-75 + k * 25, about=(cx, cy + 26)):
                pen.line(cx, cy - 46, cx, cy - 62, tint, 7)
        pen.line(cx - 76, cy + 38, cx + 76, cy + 38, dark(tint, 0.2), 6)
    elif mark == "peak":
        pen.path(f"M{cx - 80} {cy + 40}l56 -92 30 46 24 -30 50 76z", tint)
        pen.path(f"M{cx - 24} {cy - 52}l18 28 -20 -6 -14 14z", "#ffffff")
    elif mark == "leaf":
        pen.path(f"M{cx - 56} {cy + 44}q-10 -100 112 -100 10 110 -112 100z", tint)
        pen.path(f"M{cx - 56} {cy + 44}q40 -50 96 -84", stroke="#fbf4e6", width=6)
    elif mark == "wave":
        for k in range(3):
            pen.path(
                f"M{cx - 76} {cy - 30 + k * 32}q38 -34 76 0t76 0",
                stroke=mix(tint, "#ffffff", k * 0.25),
                width=13,
            )
    elif mark == "moon":
        pen.path(f"M{cx + 20} {cy - 56}a58 58 0 1 0 30 96 66 66 0 0 1 -30 -96z", tint)
        for x, y in ((40, -20), (62, 12), (24, 10)):
            pen.disc(cx + x, cy + y, 5, "#d9a05b")
    else:
        for k in range(5):
            with pen.group(turn=k * 72, about=(cx, cy)):
                pen.oval(cx, cy - 36, 20, 34, tint)
        pen.disc(cx, cy, 16, "#d9a05b")
    for i, w in enumerate((130, 90, 110)):
        pen.rect(400 - w / 2, 362 + i * 22, w, 9, dark(tint, 0.35) if i == 0 else "#cbb99a", r=4)
    pen.path("M286 150l-10 330", stroke="#ffffff", width=9, opacity=0.28)
    for x, y, turn in ((580, 500, 20), (616, 512, -30), (214, 506, 40), (598, 522, 70)):
        with pen.group(turn=turn, about=(x, y)):
            pen.oval(x, y, 20, 13, pen.gradient("#7a4526", "#3a1c10"))
            pen.path(f"M{x - 17} {y}q17 -8 34 0", stroke="#2a130a", width=3.5)


def flight(pen: Pen, tint: str) -> None:
    """A tasting of four small bags."""
    pen.shadow(400, 516, 300)
    pen.rect(130, 470, 540, 44, _WOOD, r=12)
    pen.rect(130, 470, 540, 10, light(_WOOD, 0.3), r=5)
    for i, colour in enumerate((tint, "#2f5d56", "#d9a05b", "#8a3b3b")):
        x = 156 + i * 126
        pen.path(
            f"M{x + 6} 240h98l8 234H{x - 2}z",
            pen.gradient(light(colour, 0.14), dark(colour, 0.2), across=True),
        )
        pen.path(f"M{x + 6} 240h98l-4 -36q-45 -8 -90 0z", dark(colour, 0.16))
        pen.rect(x + 18, 292, 76, 120, "#fbf4e6", r=4)
        pen.disc(x + 56, 332, 22, colour)
        pen.line(x + 34, 376, x + 78, 376, "#cbb99a", 7)
        pen.line(x + 40, 394, x + 72, 394, "#cbb99a", 6)


def drips(pen: Pen, tint: str) -> None:
    """Drip bags: a box, and one hung over a cup."""
    pen.shadow(400, 512, 270)
    pen.rect(
        170, 220, 220, 280, pen.gradient(light(tint, 0.15), dark(tint, 0.18), across=True), r=8
    )
    pen.path("M170 228l110 -44h220l-110 44z", light(tint, 0.35))
    pen.path("M390 228l110 -44v262l-110 54z", dark(tint, 0.35))
    pen.rect(200, 270, 160, 150, "#fbf4e6", r=6)
    pen.path("M280 300q-34 46 0 66 34 -20 0 -66z", tint)
    pen.line(230, 396, 330, 396, "#cbb99a", 8)
    _cup(pen, 580, 360, 160, 134, "#f2e6d3")
    pen.path("M530 250h100l-10 110h-80z", "#e9d9bf")
    pen.path("M540 300h80l-6 60h-68z", "#4a2513")
    pen.path("M530 250l-24 50M630 250l24 50", stroke="#c9b48f", width=9)


CAFE = {
    "latte": latte, "cappuccino": cappuccino, "espresso": espresso, "cortado": cortado,
    "iced": iced, "matcha": matcha, "coldbrew": coldbrew, "chai": chai, "cocoa": cocoa,
    "affogato": affogato, "filterjug": filterjug, "breakfast": breakfast, "bun": bun,
    "toast": toast, "beans": beans, "flight": flight, "drips": drips,
}  # fmt: skip
