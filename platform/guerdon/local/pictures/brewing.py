"""What coffee is made with."""

from guerdon.local.pictures.canvas import Pen, dark, light

_STEEL, _WOOD, _COFFEE = "#b8c0cc", "#a8703f", "#4a2713"


def _steel(pen: Pen, tint: str = _STEEL) -> str:
    return pen.gradient(light(tint, 0.45), dark(tint, 0.2), across=True)


def gooseneck(pen: Pen, tint: str) -> None:
    """A gooseneck kettle."""
    pen.shadow(410, 512, 210)
    pen.path("M290 440C180 440 220 260 160 200q-24 -22 -58 -12", stroke=dark(tint, 0.2), width=24)
    pen.path("M290 440C180 440 220 260 160 200q-24 -22 -58 -12", stroke=light(tint, 0.2), width=13)
    pen.path("M520 250q110 -30 110 60t-60 140", stroke=_WOOD, width=30)
    pen.path(
        "M290 270q0 -50 60 -60h100q60 10 60 60l40 200q4 30 -30 30H280q-34 0 -30 -30z",
        pen.gradient(light(tint, 0.35), dark(tint, 0.25), across=True),
    )
    pen.path("M300 220q100 -60 200 0z", light(tint, 0.2))
    pen.rect(386, 164, 28, 30, _WOOD, r=10)
    pen.path("M306 280q-20 90 -28 190", stroke="#ffffff", width=11, opacity=0.45)
    pen.path("M268 486h264", stroke=dark(tint, 0.4), width=8)


def electric(pen: Pen, tint: str) -> None:
    """An electric kettle on its base."""
    pen.shadow(400, 516, 200)
    pen.rect(250, 484, 300, 30, "#2b2f3a", r=14)
    pen.path(
        "M300 170q0 -40 100 -40t100 40l36 310H264z",
        pen.gradient(light(tint, 0.3), dark(tint, 0.22), across=True),
    )
    pen.path("M302 180L236 150l10 60 46 40z", light(tint, 0.1))
    pen.path("M500 190q110 0 100 110t-66 110", stroke="#2b2f3a", width=30)
    pen.path("M318 150q82 -40 164 0z", "#2b2f3a")
    pen.rect(386, 106, 28, 22, "#2b2f3a", r=8)
    pen.rect(392, 240, 16, 170, "#ffffff", r=8, opacity=0.5)
    pen.rect(392, 320, 16, 90, "#7fc7e6", r=8)
    pen.path("M306 220q-16 120 -22 230", stroke="#ffffff", width=10, opacity=0.45)


def dripper(pen: Pen, tint: str) -> None:
    """A cone dripper over a server."""
    pen.shadow(400, 512, 190)
    pen.path("M300 330h200l24 120q10 54 -40 54H316q-50 0 -40 -54z", "#ffffff", opacity=0.55)
    pen.path("M284 410h232l8 44q6 46 -40 46H316q-46 0 -40 -46z", pen.gradient("#7a4526", _COFFEE))
    pen.path("M510 350q70 0 60 60t-50 54", stroke=_WOOD, width=18)
    pen.rect(270, 306, 260, 22, dark(tint, 0.15), r=11)
    pen.path(
        "M250 140h300L440 306h-80z", pen.gradient(light(tint, 0.3), dark(tint, 0.2), across=True)
    )
    for k in range(5):
        pen.path(
            f"M{290 + k * 52} 150q10 80 {40 - k * 20} 148",
            stroke=dark(tint, 0.3),
            width=5,
            opacity=0.6,
        )
    pen.path("M276 128h248l-40 40H316z", "#fbf4e6")
    pen.oval(400, 146, 90, 16, _COFFEE)
    pen.path("M400 330v70", stroke=_COFFEE, width=6)
    pen.path("M272 156q20 60 60 110", stroke="#ffffff", width=9, opacity=0.5)


def carafe(pen: Pen, tint: str) -> None:
    """An hourglass brewer with a wooden collar."""
    pen.shadow(400, 512, 190)
    pen.path(
        "M270 110h260L430 290 540 440q20 64 -40 64H300q-60 0 -40 -64L370 290z",
        "#ffffff",
        opacity=0.55,
    )
    pen.path("M300 400h200l36 52q14 48 -36 48H300q-50 0 -36 -48z", pen.gradient("#7a4526", _COFFEE))
    pen.path("M286 116h228l-96 160h-36z", "#fbf4e6")
    pen.path("M308 150h184l-74 124h-36z", "#5a3420")
    pen.path(
        "M350 262h100l14 60H336z", pen.gradient(light(tint, 0.2), dark(tint, 0.25), across=True)
    )
    pen.path("M342 292h116", stroke="#6b4426", width=7)
    pen.disc(400, 296, 12, "#f6e9d4")
    pen.path("M290 130l70 130", stroke="#ffffff", width=9, opacity=0.7)


def press(pen: Pen, tint: str) -> None:
    """A French press."""
    pen.shadow(410, 514, 190)
    pen.line(400, 60, 400, 170, _STEEL, 9)
    pen.disc(400, 56, 24, pen.gradient(light(tint, 0.2), dark(tint, 0.2)))
    pen.path("M510 220q110 0 100 110t-90 100", stroke=dark(tint, 0.1), width=28)
    pen.rect(290, 180, 220, 320, "#ffffff", r=16, opacity=0.5)
    pen.rect(298, 280, 204, 210, pen.gradient("#6b3820", "#2e170c"), r=12)
    pen.rect(298, 268, 204, 18, _STEEL, r=6)
    for x in (286, 394, 500):
        pen.rect(x, 190, 14, 310, _steel(pen), r=5)
    pen.rect(276, 480, 248, 28, _steel(pen), r=12)
    pen.path("M280 190q0 -34 120 -34t120 34z", _steel(pen))
    pen.path("M286 196l-42 -10 34 40z", _STEEL)
    pen.path("M318 210v250", stroke="#ffffff", width=9, opacity=0.55)


def plunger(pen: Pen, tint: str) -> None:
    """A travel press on a mug."""
    pen.shadow(400, 514, 170)
    pen.rect(340, 70, 120, 26, "#2b2f3a", r=8)
    pen.rect(356, 92, 88, 120, "#4a5064")
    pen.rect(328, 190, 144, 24, "#2b2f3a", r=8)
    pen.rect(340, 212, 120, 160, light(tint, 0.4), r=6, opacity=0.8)
    pen.rect(346, 270, 108, 100, _COFFEE, r=4)
    pen.rect(320, 366, 160, 18, "#2b2f3a", r=8)
    for y in (236, 262, 288, 314):
        pen.line(350, y, 372, y, "#ffffff", 4, opacity=0.8)
    pen.path(
        "M310 384h180l-8 112q-4 16 -18 16H336q-14 0 -18 -16z",
        pen.gradient(light(tint, 0.2), dark(tint, 0.2), across=True),
    )
    pen.path("M488 410q60 0 54 44t-58 40", stroke=dark(tint, 0.2), width=15)


def moka(pen: Pen, tint: str) -> None:
    """A moka pot, facetted."""
    pen.shadow(400, 514, 170)
    pen.path("M330 300L296 130h190l-24 170z", _steel(pen))
    pen.path("M296 130l-46 -8 50 66z", "#d9dee6")
    pen.path("M380 130h40l-6 170h-34zM440 130h46l-24 170h-30z", "#ffffff", opacity=0.35)
    pen.path("M300 130q92 -60 184 0z", light(_STEEL, 0.3))
    pen.disc(392, 90, 16, tint)
    pen.path("M484 150h70q24 0 22 26l-16 110", stroke=tint, width=26)
    pen.rect(320, 296, 150, 28, dark(_STEEL, 0.15), r=6)
    pen.path("M320 324h150l44 176q2 12 -10 12H286q-12 0 -10 -12z", _steel(pen))
    pen.path("M366 324h58l16 188h-90z", "#ffffff", opacity=0.35)
    pen.disc(326, 420, 14, "#d9a05b")


def handgrinder(pen: Pen, tint: str) -> None:
    """A hand grinder."""
    pen.shadow(400, 516, 140)
    pen.path("M400 110h150", stroke=_STEEL, width=15)
    pen.oval(560, 84, 24, 30, pen.gradient(light(_WOOD, 0.2), dark(_WOOD, 0.25)))
    pen.rect(390, 100, 20, 46, _STEEL, r=6)
    pen.rect(334, 140, 132, 372, pen.gradient(light(tint, 0.3), dark(tint, 0.3), across=True), r=26)
    pen.rect(334, 330, 132, 18, dark(tint, 0.45))
    pen.rect(
        326, 350, 148, 60, pen.gradient(light(_WOOD, 0.3), dark(_WOOD, 0.2), across=True), r=14
    )
    for x in range(346, 470, 18):
        pen.line(x, 430, x, 492, dark(tint, 0.35), 5, opacity=0.7)
    pen.path("M356 170v140", stroke="#ffffff", width=10, opacity=0.45)


def burrgrinder(pen: Pen, tint: str) -> None:
    """An electric grinder with its hopper."""
    pen.shadow(400, 516, 180)
    pen.path("M310 60h180l-28 130H338z", "#ffffff", opacity=0.5)
    pen.path("M322 112h156l-18 76H340z", "#5a3420")
    for x, y in (
        (350, 126),
        (386, 118),
        (420, 128),
        (452, 120),
        (368, 148),
        (404, 146),
        (438, 150),
    ):
        pen.oval(x, y, 15, 10, "#3a1c10")
        pen.line(x - 10, y, x + 10, y, "#7a4a2c", 2.5)
    pen.rect(306, 46, 188, 20, "#2b2f3a", r=10)
    pen.rect(
        310, 186, 180, 316, pen.gradient(light(tint, 0.2), dark(tint, 0.28), across=True), r=28
    )
    pen.rect(330, 340, 140, 150, "#221c22", r=16)
    pen.path("M348 372h104l-8 112h-88z", "#ffffff", opacity=0.6)
    pen.path("M352 430h96l-4 54h-88z", "#6b4426")
    pen.disc(400, 262, 40, "#f2ede4")
    pen.disc(400, 262, 30, "#d9d3c8")
    pen.line(400, 262, 418, 240, dark(tint, 0.4), 8)
    pen.path("M330 210v110", stroke="#ffffff", width=9, opacity=0.4)


def scale(pen: Pen, tint: str) -> None:
    """A brewing scale with a timer."""
    pen.shadow(400, 500, 280)
    pen.path(
        "M150 400h500l30 60q4 26 -24 26H144q-28 0 -24 -26z", pen.gradient("#3b4055", "#1f2330")
    )
    pen.path("M170 340h460l24 66H146z", pen.gradient(light(tint, 0.4), light(tint, 0.1)))
    pen.rect(290, 424, 220, 44, "#0f1420", r=8)
    for x, on in ((318, "MLLM"), (356, "x"), (394, "y"), (440, "z"), (478, "w")):
        pen.rect(x - 11, 432, 5, 28, "#8ff0c8", r=2)
        pen.rect(x + 6, 432, 5, 28, "#8ff0c8", r=2, opacity=1 if len(on) > 1 else 0.9)
        pen.rect(x - 9, 430, 18, 4, "#8ff0c8", r=2)
        pen.rect(x - 9, 458, 18, 4, "#8ff0c8", r=2)
    pen.disc(228, 446, 15, tint)
    pen.disc(572, 446, 15, tint)
    pen.path("M330 200h140l-18 140H348z", "#ffffff", opacity=0.6)
    pen.path("M338 262h124l-10 78H348z", pen.gradient("#7a4526", _COFFEE))
    pen.path("M466 226q60 0 52 46t-60 40", stroke="#ffffff", width=13, opacity=0.8)


def frother(pen: Pen, tint: str) -> None:
    """A hand frother whirling in milk."""
    pen.shadow(400, 514, 170)
    with pen.group(turn=16, about=(420, 260)):
        pen.rect(
            396, 40, 54, 190, pen.gradient(light(tint, 0.25), dark(tint, 0.25), across=True), r=26
        )
        pen.rect(412, 70, 22, 34, "#ffffff", r=10, opacity=0.75)
        pen.line(423, 230, 423, 410, _STEEL, 7)
        pen.oval(423, 416, 26, 9, "", stroke=_STEEL, width=7)
    pen.path("M280 280h220l-16 214q-2 18 -20 18H316q-18 0 -20 -18z", "#ffffff", opacity=0.6)
    pen.path(
        "M290 370h200l-9 120q-2 16 -18 16H317q-16 0 -18 -16z", pen.gradient("#ffffff", "#f0e4d0")
    )
    for x, y, r in ((320, 366, 16), (350, 360, 20), (388, 364, 17), (424, 358, 20), (460, 366, 15)):
        pen.disc(x, y, r, "#ffffff")


def pitcher(pen: Pen, tint: str) -> None:
    """A milk pitcher."""
    pen.shadow(400, 514, 190)
    pen.path("M500 240q120 -10 110 100t-110 100", stroke=_steel(pen), width=24)
    pen.path(
        "M280 190h220q30 90 30 190 0 130 -60 130H310q-60 0 -60 -130 0 -100 30 -190z",
        _steel(pen, tint),
    )
    pen.path("M280 190L226 158q10 60 50 90z", light(tint, 0.35))
    pen.oval(386, 192, 112, 22, dark(tint, 0.25))
    pen.oval(386, 196, 98, 17, "#fbf6ea")
    pen.path("M300 250q-16 100 4 210", stroke="#ffffff", width=12, opacity=0.6)
    pen.path("M330 190q40 22 100 4", stroke="#e5d6ba", width=5)


def machine(pen: Pen, tint: str) -> None:
    """An espresso machine at work."""
    pen.shadow(400, 518, 250)
    pen.rect(200, 130, 400, 120, pen.gradient(light(tint, 0.25), tint), r=28)
    pen.rect(220, 240, 360, 210, pen.gradient("#3a3f4c", "#22252e"), r=10)
    pen.rect(190, 440, 420, 70, pen.gradient(light(tint, 0.1), dark(tint, 0.25)), r=22)
    pen.rect(230, 430, 340, 22, _steel(pen), r=8)
    pen.rect(346, 240, 108, 34, _steel(pen), r=8)
    pen.rect(360, 272, 80, 20, "#2b2018", r=6)
    pen.line(300, 284, 362, 282, "#2b2018", 18)
    for x in (384, 416):
        pen.line(x, 294, x, 360, "#7a4526", 5)
    pen.path("M356 362h88l-8 68h-72z", "#ffffff", opacity=0.9)
    pen.path("M440 378q30 0 26 22t-30 20", stroke="#ffffff", width=8)
    pen.disc(270, 188, 30, "#f6f1e6")
    pen.line(270, 188, 286, 172, "#c0392b", 5)
    for x in (470, 516, 562):
        pen.disc(x, 188, 13, "#f6f1e6")
    pen.path("M560 250q24 80 -4 150", stroke=_STEEL, width=11)
    pen.path("M222 148q120 -12 200 -6", stroke="#ffffff", width=7, opacity=0.5)
    for x in (262, 312):
        pen.path(f"M{x - 20} 92h44l-6 38h-32z", light(tint, 0.6))


def tamper(pen: Pen, tint: str) -> None:
    """A tamper and a levelled basket."""
    pen.shadow(400, 508, 250)
    pen.oval(290, 440, 130, 60, dark(_STEEL, 0.2))
    pen.oval(290, 426, 130, 58, _steel(pen))
    pen.oval(290, 424, 106, 44, "#2e170c")
    pen.path("M196 420q90 -40 180 -10", stroke="#5a3420", width=9, opacity=0.8)
    pen.path("M160 440L60 500", stroke="#2b2018", width=34)
    pen.path("M474 400h140v66q0 26 -70 26t-70 -26z", _steel(pen))
    pen.oval(544, 400, 70, 20, light(_STEEL, 0.4))
    pen.path(
        "M526 390q-10 -60 -34 -110 -20 -70 52 -76 72 6 52 76 -24 50 -34 110z",
        pen.gradient(light(tint, 0.25), dark(tint, 0.3), across=True),
    )
    pen.path("M510 240q6 -20 26 -22", stroke="#ffffff", width=8, opacity=0.5)


def filters(pen: Pen, tint: str) -> None:
    """Paper filters in their sleeve."""
    pen.shadow(400, 510, 230)
    for k in range(5):
        with pen.group(move=(k * 14 - 20, k * -10)):
            pen.path("M250 160h300L440 400h-80z", pen.gradient("#ffffff", "#ece0ca"))
            pen.path("M250 160L360 400M550 160L440 400", stroke="#d8c6a4", width=3)
    pen.path(
        "M230 330h340v150q0 24 -24 24H254q-24 0 -24 -24z",
        pen.gradient(light(tint, 0.15), dark(tint, 0.18)),
    )
    pen.rect(300, 372, 200, 92, "#fbf4e6", r=8)
    pen.path("M370 390h60l-22 46h-16z", tint)
    pen.line(340, 450, 460, 450, "#cbb99a", 6)


def steeper(pen: Pen, tint: str) -> None:
    """A cold brew maker with its tap."""
    pen.shadow(400, 520, 170)
    pen.rect(320, 60, 160, 34, "#2b2f3a", r=12)
    pen.path(
        "M316 92h168q26 30 26 80v270q0 30 -30 30H320q-30 0 -30 -30V172q0 -50 26 -80z",
        "#ffffff",
        opacity=0.5,
    )
    pen.path("M296 220h208v222q0 26 -26 26H322q-26 0 -26 -26z", pen.gradient("#5a3420", "#25120a"))
    pen.rect(372, 100, 56, 260, dark(_STEEL, 0.1), r=12, opacity=0.55)
    pen.path("M400 440v34h56", stroke="#2b2f3a", width=15)
    pen.rect(440, 430, 34, 16, tint, r=6)
    for x in (310, 474):
        pen.rect(x, 468, 20, 52, _WOOD, r=6)
    pen.rect(296, 466, 208, 14, _WOOD, r=6)
    pen.path("M314 150q-4 140 0 290", stroke="#ffffff", width=9, opacity=0.55)


def tumbler(pen: Pen, tint: str) -> None:
    """A travel tumbler."""
    pen.shadow(400, 518, 130)
    pen.rect(318, 92, 164, 44, "#2b2f3a", r=16)
    pen.rect(400, 74, 50, 24, "#2b2f3a", r=10)
    pen.path(
        "M310 136h180l-22 366q-2 16 -18 16h-100q-16 0 -18 -16z",
        pen.gradient(light(tint, 0.28), dark(tint, 0.28), across=True),
    )
    pen.path(
        "M302 250h196l-6 96H308z", pen.gradient(light(_WOOD, 0.3), dark(_WOOD, 0.2), across=True)
    )
    pen.disc(400, 298, 24, "#fbf4e6")
    pen.path("M388 304q0 -20 12 -24 12 4 12 24z", tint)
    pen.path("M334 150l16 340", stroke="#ffffff", width=11, opacity=0.4)


def knockbox(pen: Pen, tint: str) -> None:
    """A knock box."""
    pen.shadow(400, 508, 220)
    pen.path(
        "M220 270h360l-26 210q-4 26 -30 26H276q-26 0 -30 -26z",
        pen.gradient(light(tint, 0.2), dark(tint, 0.25), across=True),
    )
    pen.oval(400, 270, 180, 52, dark(tint, 0.35))
    pen.oval(400, 274, 164, 43, "#1f1a1c")
    pen.path("M290 296q60 -30 150 -20t80 22q-110 34 -230 -2z", "#4a2713")
    pen.line(222, 262, 578, 262, _STEEL, 20)
    pen.line(240, 258, 560, 258, "#ffffff", 5, opacity=0.6)
    pen.path("M262 330q4 70 18 130", stroke="#ffffff", width=11, opacity=0.35)


BREWING = {
    "gooseneck": gooseneck, "electric": electric, "dripper": dripper, "carafe": carafe,
    "press": press, "plunger": plunger, "moka": moka, "handgrinder": handgrinder,
    "burrgrinder": burrgrinder, "scale": scale, "frother": frother, "pitcher": pitcher,
    "machine": machine, "tamper": tamper, "filters": filters, "steeper": steeper,
    "tumbler": tumbler, "knockbox": knockbox,
}  # fmt: skip
