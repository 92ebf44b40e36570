"""Things to do on the ground, on water and in the air."""

from guerdon.local.pictures.canvas import Pen, dark, light, mix
from guerdon.local.pictures.scenery import cloud, hills, palm, sea, sky


def balloon(pen: Pen, tint: str) -> None:
    """Hot-air balloons at sunrise."""
    sky(pen, "morning", sun=(150, 380), size=60)
    hills(pen, 470, 90, "#9fb7a0", 3)
    hills(pen, 530, 70, "#6f9a76", 8)
    for x, y, s, colour in (
        (470, 230, 1.0, tint),
        (190, 190, 0.42, "#e0653a"),
        (680, 320, 0.34, "#0f9b8e"),
    ):
        with pen.group(move=(x, y), scale=s, about=(0, 0)):
            pen.path(
                "M-150 -20C-150 -220 150 -220 150 -20 150 70 70 130 46 170h-92C-70 130 -150 70 -150 -20z",
                pen.gradient(light(colour, 0.35), colour),
            )
            pen.path(
                "M-60 -165C-110 -60 -90 90 -30 170h60C90 90 110 -60 60 -165 30 -172 -30 -172 -60 -165z",
                "#fff1cf",
                opacity=0.9,
            )
            pen.path("M-22 -170C-40 -60 -34 90 -12 170h24C34 90 40 -60 22 -170z", colour)
            pen.path("M-118 -100q118 34 236 0", stroke=dark(colour, 0.25), width=10, opacity=0.6)
            for k in (-40, 40):
                pen.line(k, 170, k * 0.7, 222, "#6b4a32", 4)
            pen.rect(-36, 222, 72, 50, "#9a6a3f", r=10)
            pen.line(-34, 238, 34, 238, "#6b4a32", 5)


def wine(pen: Pen, tint: str) -> None:
    """A glass and a bottle before vineyards."""
    sky(pen, "dusk", sun=(560, 210), size=48)
    hills(pen, 350, 100, "#7a5a7a", 4)
    for i in range(7):
        y = 360 + i * 34
        pen.path(f"M0 {y}Q400 {y - 34} 800 {y}V{y + 34}H0z", mix("#6f8f4a", "#3f5f33", i / 7))
        pen.path(f"M0 {y + 8}Q400 {y - 26} 800 {y + 8}", stroke="#a5bd62", width=9, dash="2 26")
    pen.shadow(400, 560, 260, 20)
    pen.path(
        "M270 200h44v70q30 22 30 70v200q0 20 -20 20h-64q-20 0 -20 -20V340q0 -48 30 -70z",
        pen.gradient("#3f5a3a", "#1d2f22", across=True),
    )
    pen.rect(266, 188, 52, 44, tint, r=6)
    pen.rect(240, 380, 104, 110, "#f6ecd8")
    pen.path("M262 440q30 -44 60 0z", tint)
    pen.line(262, 460, 322, 460, "#b99a6a", 5)
    pen.path(
        "M430 260h160q14 150 -64 170v100h50q10 20 -66 20t-66 -20h50V430q-78 -20 -64 -170z",
        "#ffffff",
        opacity=0.55,
    )
    pen.path("M434 320h152q-4 90 -76 96 -72 -6 -76 -96z", pen.gradient("#a3203f", "#5f0f2a"))
    pen.path("M452 280q-2 70 20 104", stroke="#ffffff", width=8, opacity=0.7)


def surf(pen: Pen, tint: str) -> None:
    """Boards in the sand before the swell."""
    sky(pen, "day", sun=(140, 130))
    cloud(pen, 520, 110, 0.9)
    sea(pen, 300, "#2fa7bd", "#1c6f97")
    pen.path("M0 360C120 300 190 420 320 372S560 300 800 380V470H0z", "#6fd0d8", opacity=0.7)
    pen.path("M0 420Q200 380 420 430T800 410V600H0z", "#f3dfb4")
    pen.path("M0 420Q200 380 420 430T800 410", stroke="#ffffff", width=14, opacity=0.9)
    for x, turn, colour in ((320, -8, tint), (430, 3, "#f2a65a"), (540, 11, "#ffffff")):
        with pen.group(turn=turn, about=(x, 540)):
            pen.oval(x, 556, 70, 12, "#1a1230", opacity=0.18)
            pen.path(
                f"M{x} 110C{x + 72} 210 {x + 62} 450 {x + 26} 550h-52C{x - 62} 450 {x - 72} 210 {x} 110z",
                pen.gradient(light(colour, 0.35), dark(colour, 0.1), across=True),
            )
            pen.path(
                f"M{x} 116V548",
                stroke="#ffffff" if colour != "#ffffff" else "#d94f70",
                width=6,
                opacity=0.8,
            )
            pen.path(f"M{x - 56} 300q56 34 112 0v40q-56 34 -112 0z", dark(colour, 0.3), opacity=0.5)
    palm(pen, 720, 500, 260, lean=-30)


def sail(pen: Pen, tint: str) -> None:
    """A schooner off a green coast at sunset."""
    sky(pen, "dusk", sun=(250, 330), size=64)
    hills(pen, 390, 110, "#4d5f7f", 6)
    sea(pen, 380, "#e59a8a", "#2f4a86")
    pen.line(440, 100, 440, 440, "#5b3d26", 10)
    pen.path(
        "M452 110C560 200 600 320 604 410H452z", pen.gradient("#ffffff", "#f0d9c4", across=True)
    )
    pen.path(
        "M428 150C350 230 300 330 288 410H428z", pen.gradient(light(tint, 0.35), tint, across=True)
    )
    pen.path("M440 96l60 14 -60 16z", "#d94f4f")
    pen.path("M230 430h440q-20 70 -90 76H320q-64 -4 -90 -76z", pen.gradient("#8a5a3b", "#4f301f"))
    pen.path("M230 430h440l-6 18H236z", "#ffffff")
    pen.path("M250 520q180 40 400 0", stroke="#ffffff", width=6, opacity=0.5)


def museum(pen: Pen, tint: str) -> None:
    """A pavilion over a pool, among tropical trees."""
    sky(pen, "day", sun=(660, 110))
    cloud(pen, 220, 110, 0.9)
    hills(pen, 330, 110, "#6fae84", 2)
    for x in (40, 110, 690, 760):
        pen.disc(x, 340, 74, mix("#2f7a55", "#57a877", (x % 5) / 5))
    pen.rect(150, 210, 500, 40, "#ffffff")
    pen.rect(190, 250, 420, 160, pen.gradient(light(tint, 0.3), dark(tint, 0.25)))
    pen.rect(230, 276, 150, 134, "#f4ead8")
    pen.disc(305, 340, 40, "#e0653a")
    pen.path("M420 276h150v134H420z", "#2b3a67")
    pen.path("M440 400l50 -90 30 50 20 -24 26 64z", "#ffd166")
    for x in (166, 620):
        pen.rect(x, 250, 16, 170, "#e8e8ee")
    pen.rect(90, 410, 620, 26, "#d7d2cb")
    pen.rect(60, 436, 680, 164, pen.gradient("#7cc6d2", "#3a8ba3"))
    pen.rect(190, 440, 420, 90, light(tint, 0.2), opacity=0.25)
    for y in (470, 510, 560):
        pen.line(120, y, 300, y, "#ffffff", 4, opacity=0.5)
        pen.line(460, y + 16, 640, y + 16, "#ffffff", 4, opacity=0.4)
    palm(pen, 110, 440, 220, lean=20)


def spa(pen: Pen, tint: str) -> None:
    """Warm stones, a towel, an orchid."""
    pen.rect(0, 0, 800, 600, pen.gradient("#e7efe9", "#f7f3ec"))
    pen.disc(560, 190, 150, light(tint, 0.6))
    pen.rect(0, 470, 800, 130, "#c7a98a")
    pen.rect(0, 470, 800, 8, "#ad8c6c")
    pen.shadow(400, 520, 300, 20)
    for y, w in ((440, 190), (388, 186), (336, 180)):
        pen.rect(110, y, w + 40, 60, pen.gradient("#ffffff", "#dfe3e2"), r=28)
        pen.disc(112 + w + 10, y + 30, 18, "#e9ecea")
        pen.line(140, y + 44, 110 + w, y + 44, "#cbd2cf", 4)
    for y, rx, ry, c in (
        (480, 110, 36, "#4a4f57"),
        (424, 84, 30, "#62686f"),
        (378, 58, 24, "#7c828a"),
    ):
        pen.oval(500, y, rx, ry, pen.gradient(light(c, 0.25), dark(c, 0.3)))
        pen.path(
            f"M{500 - rx * 0.6:.0f} {y - ry * 0.4:.0f}q{rx * 0.3:.0f} {-ry * 0.4:.0f} {rx * 0.7:.0f} {-ry * 0.3:.0f}",
            stroke="#ffffff",
            width=5,
            opacity=0.4,
        )
    pen.path("M660 500C700 380 640 260 560 150", stroke="#5f8f5a", width=8)
    for x, y in ((566, 160), (620, 250), (664, 350)):
        for k in range(5):
            with pen.group(turn=k * 72, about=(x, y)):
                pen.oval(x, y - 26, 17, 28, pen.gradient("#ffffff", light(tint, 0.5)))
        pen.disc(x, y, 10, "#e0a33c")


def sushi(pen: Pen, tint: str) -> None:
    """A tasting of sushi on a slate."""
    pen.rect(0, 0, 800, 600, pen.gradient("#3a2f2c", "#241c1b"))
    pen.disc(620, 120, 220, pen.glow("#f2a65a", "#f2a65a"), opacity=0.35)
    pen.rect(90, 250, 620, 270, "#14161c", r=16, opacity=0.5)
    pen.rect(90, 230, 620, 270, pen.gradient("#565c68", "#383d47"), r=16)
    for x, colour, stripe in (
        (160, "#ff8a65", "#ffc2a8"),
        (310, "#d9455f", "#f28a9a"),
        (460, "#ffd9a0", "#ffffff"),
    ):
        pen.rect(x, 300, 120, 76, "#f8f5ee", r=34)
        pen.path(f"M{x - 8} 318q68 -70 136 0l-4 26q-64 -40 -128 0z", colour)
        for k in range(4):
            pen.path(f"M{x + 14 + k * 28} 300q12 18 6 34", stroke=stripe, width=6)
    for x in (190, 300, 410):
        pen.oval(x, 446, 44, 30, "#101a16")
        pen.oval(x, 436, 44, 28, "#1f3a2e")
        pen.oval(x, 434, 35, 21, "#fbf8f1")
        pen.oval(x, 434, 15, 10, ("#ff8a65", "#7fbf5a", tint)[(x // 110) % 3])
    pen.disc(560, 434, 34, "#8fbf4d")
    pen.path("M610 400q60 -10 60 40 -50 10 -60 -40z", "#ffc9b8")
    for y in (186, 206):
        pen.line(250, y, 720, y - 60, tint if y == 186 else light(tint, 0.2), 11)


def concert(pen: Pen, tint: str) -> None:
    """A cello in the stage light."""
    pen.rect(0, 0, 800, 600, pen.gradient("#20163a", "#3d1f3f"))
    for x, way in ((120, 260), (680, -260), (400, 0)):
        pen.path(f"M{x - 26} 0h52L{x + way + 190} 600H{x + way - 190}z", "#ffe7a6", opacity=0.13)
    for x in (0, 640):
        for k in range(4):
            pen.path(
                f"M{x + k * 44} 0q30 300 -6 600h50q36 -300 6 -600z",
                mix("#8f1f3a", "#5f1030", k / 4),
            )
    pen.rect(0, 510, 800, 90, pen.gradient("#b07a44", "#6b4424"))
    pen.shadow(400, 540, 190, 20)
    wood = pen.gradient("#e09a4c", "#8a4a1e", across=True)
    pen.path(
        "M400 190c70 0 86 60 70 100 -14 30 -14 40 6 66 40 60 20 150 -76 150s-116 -90 -76 -150c20 -26 20 -36 6 -66 -16 -40 0 -100 70 -100z",
        wood,
    )
    pen.rect(388, 60, 24, 220, "#3b2416", r=6)
    pen.path("M386 70q0 -34 30 -34 20 4 12 26 -10 14 -16 0", stroke="#3b2416", width=12)
    pen.rect(366, 398, 68, 12, "#3b2416", r=4)
    for x in (392, 398, 404, 409):
        pen.line(x, 80, x, 440, "#f4e3c4", 1.6)
    for x, way in ((352, 1), (448, -1)):
        pen.path(f"M{x} 330q{-way * 14} 20 0 40t{way * 2} 40", stroke="#2b1a10", width=6)
    pen.line(400, 506, 400, 548, "#c8ccd4", 6)
    pen.line(240, 250, 560, 420, "#d9b070", 7)
    pen.line(246, 262, 556, 427, "#ffffff", 2.5)
    for x, y in ((170, 180), (610, 150), (650, 290)):
        pen.oval(x, y, 15, 11, tint)
        pen.line(x + 13, y, x + 13, y - 54, tint, 5)
        pen.path(f"M{x + 13} {y - 54}q22 6 20 28", stroke=tint, width=6)


def dunes(pen: Pen, tint: str) -> None:
    """White dunes with blue lagoons and a board."""
    sky(pen, "day", sun=(620, 120))
    cloud(pen, 180, 120, 0.8)
    pen.path("M0 360Q180 250 380 340T800 300V600H0z", "#f7ecd4")
    pen.path("M380 340Q560 420 800 300V420Q560 470 380 340z", "#e3cfa6")
    pen.path(
        "M60 420q160 -60 330 6 60 40 -60 60 -220 26 -290 -20 -26 -26 20 -46z",
        pen.gradient("#4fc6d0", "#1f8fb0"),
    )
    pen.path("M0 480Q260 420 470 520T800 470V600H0z", "#fbf2df")
    pen.path("M470 520Q640 590 800 470V600H520z", "#e8d6b0")
    with pen.group(turn=-24, about=(560, 470)):
        pen.rect(450, 470, 240, 26, tint, r=13)
        pen.path("M520 470q6 -70 34 -84l40 20q-14 30 -4 64z", "#2b3a67")
        pen.path("M552 386q-6 -60 30 -74 30 10 22 60l-14 30z", "#f2a65a")
        pen.path("M570 330l-80 20M592 330l70 -30", stroke="#f2a65a", width=15)
        pen.disc(590, 292, 24, "#b5734a")
        pen.path("M566 288a24 24 0 0 1 48 -4z", "#d94f4f")


def farm(pen: Pen, tint: str) -> None:
    """Rows of coffee below a farmhouse, cherries in front."""
    sky(pen, "morning", sun=(640, 130))
    hills(pen, 300, 110, "#8fb98a", 2)
    for i in range(6):
        y = 320 + i * 46
        pen.path(f"M0 {y}Q400 {y - 60} 800 {y + 10}V{y + 60}H0z", mix("#7aa65a", "#3f7040", i / 6))
        pen.path(
            f"M0 {y + 12}Q400 {y - 48} 800 {y + 22}",
            stroke=mix("#5a8a48", "#2c5a34", i / 6),
            width=22,
            dash="1 34",
        )
    pen.rect(120, 220, 180, 90, "#fdf8ec")
    pen.path("M106 222l104 -52 104 52z", "#b5573a")
    for x in (140, 195, 250):
        pen.rect(x, 244, 30, 44, tint, r=4)
    pen.path("M420 600C470 470 560 400 720 350", stroke="#6b4a32", width=12)
    for x, y, turn in (
        (500, 440, -40),
        (580, 450, 10),
        (640, 340, -60),
        (700, 420, 20),
        (450, 540, -20),
    ):
        with pen.group(turn=turn, about=(x, y)):
            pen.path(f"M{x} {y}q60 -70 130 -20 -40 70 -130 20z", "#2f7a45")
            pen.path(f"M{x} {y}q70 -14 130 -20", stroke="#5fae6a", width=4)
    for x, y in ((520, 470), (556, 496), (500, 512), (600, 430), (634, 452), (668, 396)):
        pen.disc(x, y, 23, "#a31f2f")
        pen.disc(x - 3, y - 4, 20, "#d63a45")
        pen.oval(x - 9, y - 10, 6, 4, "#ffffff", opacity=0.7)


def whale(pen: Pen, tint: str) -> None:
    """A whale's tail, and a boat that keeps its distance."""
    sky(pen, "day", sun=(150, 120))
    cloud(pen, 600, 110, 0.8)
    hills(pen, 330, 60, "#6f98a8", 9)
    sea(pen, 320, "#3aa0c0", "#154f7d")
    deep = pen.gradient("#3b5573", "#1d2f48")
    pen.path("M340 570C386 470 386 390 396 320h8C414 390 424 470 470 570z", deep)
    pen.path(
        "M400 330C330 300 250 190 190 200c40 90 120 140 210 150 90 -10 170 -60 210 -150 -60 -10 -140 100 -210 130z",
        deep,
    )
    pen.path(
        "M230 214q70 70 160 116M570 214q-70 70 -160 116", stroke="#7f9bb8", width=5, opacity=0.7
    )
    pen.path("M300 560q110 -40 220 0", stroke="#ffffff", width=12, opacity=0.8)
    pen.path("M340 584q80 -26 150 0", stroke="#ffffff", width=8, opacity=0.6)
    for x, y in ((250, 300), (560, 290), (380, 250), (470, 262), (300, 250)):
        pen.path(f"M{x} {y}q-10 16 0 22 10 -6 0 -22z", "#ffffff", opacity=0.9)
    pen.path("M630 356h120l-16 34h-88z", tint)
    pen.rect(664, 328, 50, 30, "#ffffff", r=5)


OUTINGS = {
    "balloon": balloon,
    "wine": wine,
    "surf": surf,
    "sail": sail,
    "museum": museum,
    "spa": spa,
    "sushi": sushi,
    "concert": concert,
    "dunes": dunes,
    "farm": farm,
    "whale": whale,
}
