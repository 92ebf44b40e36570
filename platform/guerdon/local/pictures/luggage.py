"""Things to travel with."""

from guerdon.local.pictures.canvas import Pen, dark, light

_METAL = "#b8c0cc"


def suitcase(pen: Pen, tint: str, *, tall: bool = False) -> None:
    """A hard-shell trolley; `tall` for the one that is checked in."""
    top = 150 if tall else 200
    pen.shadow(400, 512, 190)
    for x in (345, 455):
        pen.rect(
            x - 6, top - 92, 12, 100, pen.gradient(light(_METAL), dark(_METAL, 0.15), across=True)
        )
    pen.rect(332, top - 104, 136, 22, dark(tint, 0.55), r=11)
    for x in (312, 452):
        pen.rect(x, 486, 36, 26, "#262335", r=10)
        pen.disc(x + 18, 503, 12, "#403b52")
        pen.disc(x + 18, 503, 4, _METAL)
    pen.rect(
        275,
        top,
        250,
        492 - top,
        pen.gradient(light(tint, 0.22), dark(tint, 0.22), across=True),
        r=38,
    )
    for x in (318, 359, 400, 441, 482):
        pen.rect(x - 5, top + 26, 10, 440 - top, dark(tint, 0.18), r=5, opacity=0.75)
        pen.rect(x - 8, top + 26, 3, 440 - top, light(tint, 0.55), r=1.5, opacity=0.8)
    pen.rect(275, 330, 250, 10, dark(tint, 0.4), opacity=0.55)
    pen.rect(372, 316, 56, 38, light(_METAL, 0.3), r=9)
    pen.disc(400, 335, 7, dark(_METAL, 0.5))
    pen.path(f"M296 {top + 60}q0 -38 36 -38", stroke="#ffffff", width=7, opacity=0.55)
    pen.rect(540, 250, 46, 66, light(tint, 0.55), r=8)
    pen.path("M520 232q26 -8 40 20", stroke=dark(tint, 0.35), width=5)
    pen.disc(563, 264, 5, dark(tint, 0.4))
    pen.line(552, 284, 574, 284, dark(tint, 0.25), 4)
    pen.line(552, 298, 568, 298, dark(tint, 0.25), 4)


def backpack(pen: Pen, tint: str) -> None:
    """A roll-top day pack."""
    pen.shadow(400, 512, 200)
    pen.path("M340 150q0 -62 60 -62t60 62", stroke=dark(tint, 0.45), width=16)
    for x, way in ((272, -1), (528, 1)):
        pen.path(f"M{x} 270q{way * 62} 60 {way * 20} 200", stroke=dark(tint, 0.42), width=26)
    body = pen.gradient(light(tint, 0.18), dark(tint, 0.18), across=True)
    pen.path("M270 240q0 -110 130 -110t130 110v220q0 50 -50 50h-160q-50 0 -50 -50z", body)
    pen.path("M270 250q0 -120 130 -120t130 120q-130 50 -260 0z", light(tint, 0.12))
    pen.path("M270 250q130 50 260 0", stroke=dark(tint, 0.4), width=7, opacity=0.7)
    pen.rect(382, 252, 36, 74, "#c98d52", r=8)
    pen.rect(378, 300, 44, 30, light(_METAL), r=6)
    pen.rect(306, 350, 188, 128, dark(tint, 0.2), r=26)
    pen.rect(306, 350, 188, 128, "", r=26, stroke=dark(tint, 0.42), width=5)
    pen.path("M322 380h156", stroke=light(tint, 0.5), width=6, dash="3 9")
    pen.rect(460, 376, 12, 34, "#c98d52", r=5)
    pen.path("M292 230q10 -66 66 -78", stroke="#ffffff", width=8, opacity=0.4)


def duffel(pen: Pen, tint: str) -> None:
    """A weekender with leather handles."""
    pen.shadow(400, 492, 260)
    leather = "#a8683a"
    pen.path("M318 296q-6 -150 82 -150t82 150", stroke=dark(leather, 0.15), width=16)
    body = pen.gradient(light(tint, 0.16), dark(tint, 0.22))
    pen.path("M190 330q0 -80 80 -80h260q80 0 80 80v110q0 50 -50 50h-320q-50 0 -50 -50z", body)
    pen.path("M190 400h420v40q0 50 -50 50h-320q-50 0 -50 -50z", leather)
    pen.path("M190 400h420", stroke=light(leather, 0.4), width=4, dash="4 9")
    for x in (318, 482):
        pen.rect(x - 13, 276, 26, 214, leather)
        pen.rect(x - 13, 276, 26, 214, dark(leather, 0.3), opacity=0.25)
        pen.disc(x, 300, 7, "#e8c26a")
    pen.path("M250 262h300", stroke=dark(tint, 0.5), width=8)
    pen.path("M250 262h300", stroke=_METAL, width=3, dash="2 6")
    pen.path("M214 340q2 -56 60 -62", stroke="#ffffff", width=8, opacity=0.4)


def cubes(pen: Pen, tint: str) -> None:
    """Packing cubes, three of them, stacked."""
    pen.shadow(400, 506, 250)
    for x, y, w, h, shade in ((200, 360, 400, 140, tint), (235, 240, 330, 120, light(tint, 0.35)),
                              (275, 140, 250, 100, light(tint, 0.62))):  # fmt: skip
        pen.rect(x, y, w, h, pen.gradient(light(shade, 0.15), dark(shade, 0.16)), r=22)
        pen.rect(x + 30, y + 30, w - 60, h - 54, dark(shade, 0.14), r=12)
        for step in range(int((w - 60) / 16)):
            pen.line(x + 38 + step * 16, y + 34, x + 38 + step * 16, y + h - 28, "#ffffff", 1.6,
                     opacity=0.25)  # fmt: skip
        pen.path(f"M{x + 18} {y + 17}h{w - 36}", stroke=dark(shade, 0.4), width=5)
        pen.rect(x + w - 70, y + 10, 26, 14, _METAL, r=5)


def pillow(pen: Pen, tint: str) -> None:
    """A neck pillow."""
    pen.shadow(400, 470, 220)
    pen.path("M300 440C150 420 170 160 400 160S650 420 500 440", stroke=dark(tint, 0.18), width=128)
    pen.path("M300 430C160 410 180 156 400 156S640 410 500 430",
             stroke=pen.gradient(light(tint, 0.35), tint), width=112)  # fmt: skip
    pen.path("M262 250q40 -86 138 -92", stroke="#ffffff", width=14, opacity=0.45)
    pen.path("M330 250q70 -52 140 0", stroke=dark(tint, 0.3), width=4, opacity=0.5)
    pen.rect(478, 424, 40, 24, dark(tint, 0.45), r=8)
    pen.path("M300 452q-8 38 24 46", stroke=dark(tint, 0.4), width=7)
    pen.disc(328, 498, 11, dark(tint, 0.5))


def pouch(pen: Pen, tint: str) -> None:
    """A hanging wash bag with its bottles."""
    pen.shadow(400, 506, 230)
    for x, h, colour in ((300, 150, "#f4f1ea"), (366, 190, light(tint, 0.55)), (436, 130, "#e8c7a6"),
                         (498, 170, "#cfe0dc")):  # fmt: skip
        pen.rect(
            x - 26, 330 - h, 52, h + 60, pen.gradient(colour, dark(colour, 0.14), across=True), r=14
        )
        pen.rect(x - 14, 308 - h, 28, 30, dark(tint, 0.4), r=6)
    pen.path("M205 330q0 -28 28 -28h334q28 0 28 28v130q0 44 -44 44h-302q-44 0 -44 -44z",
             pen.gradient(light(tint, 0.1), dark(tint, 0.26)))  # fmt: skip
    pen.path("M205 352h390", stroke=dark(tint, 0.5), width=9)
    pen.path("M205 352h390", stroke="#e8c26a", width=3, dash="2 6")
    pen.rect(540, 346, 18, 50, "#a8683a", r=6)
    pen.rect(330, 398, 140, 60, light(tint, 0.2), r=10)
    pen.line(352, 428, 448, 428, dark(tint, 0.3), 5)


def wallet(pen: Pen, tint: str) -> None:
    """A passport wallet with a boarding pass looking out."""
    pen.shadow(400, 500, 220)
    with pen.group(turn=-9, about=(430, 270)):
        pen.rect(330, 110, 190, 260, "#ffffff", r=12)
        pen.rect(330, 110, 190, 52, "#2f6fd0", r=12)
        pen.path("M400 136l34 -14 6 6 -22 18 4 14 -8 2 -10 -14 -14 6z", "#ffffff")
        for y in (190, 214, 238):
            pen.line(350, y, 350 + 130 - (y % 40), y, "#c4cad6", 6)
    pen.rect(250, 190, 230, 306, dark(tint, 0.35), r=20)
    pen.rect(
        270, 180, 240, 316, pen.gradient(light(tint, 0.14), dark(tint, 0.18), across=True), r=20
    )
    pen.rect(286, 196, 208, 284, "", r=12, stroke=light(tint, 0.45), width=3, opacity=0.8)
    pen.disc(390, 316, 48, "", stroke="#ecc873", width=6)
    pen.oval(390, 316, 20, 48, "", stroke="#ecc873", width=4)
    pen.line(342, 316, 438, 316, "#ecc873", 4)
    pen.line(346, 402, 434, 402, "#ecc873", 6)


def umbrella(pen: Pen, tint: str) -> None:
    """A travel umbrella, open."""
    pen.shadow(400, 520, 150)
    pen.path("M400 130V470q0 40 -38 40t-38 -36", stroke="#6a4a36", width=15)
    pen.path("M400 130V330", stroke=_METAL, width=8)
    pen.path("M150 330C160 190 270 110 400 110S640 190 650 330Q608 292 566 330 524 292 483 330 "
             "441 292 400 330 359 292 317 330 276 292 234 330 192 292 150 330z",
             pen.gradient(light(tint, 0.16), dark(tint, 0.1)))  # fmt: skip
    pen.path(
        "M400 110Q270 190 234 330 276 292 317 330 340 200 400 110z", light(tint, 0.32), opacity=0.75
    )
    pen.path(
        "M400 110Q530 190 566 330 524 292 483 330 460 200 400 110z", dark(tint, 0.22), opacity=0.6
    )
    pen.rect(393, 84, 14, 32, dark(tint, 0.4), r=6)


def adapter(pen: Pen, tint: str) -> None:
    """A world travel adapter."""
    pen.shadow(400, 506, 170)
    pen.rect(352, 96, 18, 70, _METAL, r=5)
    pen.rect(430, 96, 18, 70, _METAL, r=5)
    pen.rect(265, 150, 270, 346, pen.gradient("#ffffff", "#d7dce6", across=True), r=46)
    pen.path("M265 384h270v66q0 46 -46 46h-178q-46 0 -46 -46z", tint)
    pen.rect(300, 190, 200, 168, "#eef1f6", r=30)
    for x in (356, 444):
        pen.rect(x - 9, 222, 18, 52, "#2b2f3d", r=5)
    pen.path("M386 300h28v30h-28z", "#2b2f3d")
    for x in (322, 378):
        pen.rect(x, 424, 42, 20, "#20232e", r=4)
    pen.rect(436, 420, 46, 26, "#20232e", r=13)
    pen.path("M286 214q4 -38 38 -42", stroke="#ffffff", width=8)


def tags(pen: Pen, tint: str) -> None:
    """Luggage finders: four coins and a key ring."""
    pen.shadow(400, 500, 230)
    for x, y, colour in (
        (500, 220, "#f2a65a"),
        (300, 230, light(tint, 0.25)),
        (520, 400, "#5a6b8c"),
    ):
        pen.disc(x, y, 86, dark(colour, 0.3))
        pen.disc(x - 4, y - 8, 84, pen.gradient(light(colour, 0.3), colour))
        pen.path(f"M{x - 54} {y - 40}q24 -34 60 -34", stroke="#ffffff", width=8, opacity=0.6)
    pen.disc(330, 390, 104, dark(tint, 0.35))
    pen.disc(326, 380, 102, pen.gradient("#ffffff", "#dfe4ee"))
    pen.disc(326, 380, 70, "", stroke=tint, width=12)
    pen.disc(326, 380, 12, tint)
    pen.path("M326 310a70 70 0 0 1 62 40", stroke="#ffffff", width=14)
    pen.path("M250 300q-56 -50 -96 4t30 84", stroke=_METAL, width=11)


LUGGAGE = {
    "suitcase": suitcase, "backpack": backpack, "duffel": duffel, "cubes": cubes,
    "pillow": pillow, "pouch": pouch, "wallet": wallet, "umbrella": umbrella,
    "adapter": adapter, "tags": tags,
}  # fmt: skip
