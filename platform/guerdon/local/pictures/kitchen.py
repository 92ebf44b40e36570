"""Things for the kitchen."""

import random

from guerdon.local.pictures.canvas import Pen, dark, light

_STEEL = "#b8c0cc"
_WOOD = "#a8703f"


def mug(pen: Pen, tint: str) -> None:
    """A two-tone stoneware mug."""
    pen.shadow(400, 512, 200)
    pen.path("M500 250q120 -6 104 96t-124 96", stroke=dark(tint, 0.1), width=32)
    pen.path(
        "M280 190h240v250q0 66 -66 66H346q-66 0 -66 -66z",
        pen.gradient(light(tint, 0.22), dark(tint, 0.18), across=True),
    )
    pen.path(
        "M280 370q60 24 120 0t120 0v70q0 66 -66 66H346q-66 0 -66 -66z",
        pen.gradient("#e9d8c0", "#c2a583", across=True),
    )
    pen.oval(400, 190, 120, 26, light(tint, 0.4))
    pen.oval(400, 192, 106, 20, dark(tint, 0.35))
    dice = random.Random(2)
    for _ in range(34):
        pen.disc(dice.randint(292, 508), dice.randint(226, 490), 2.2, "#3a2a20", opacity=0.35)
    pen.path("M304 230v170", stroke="#ffffff", width=11, opacity=0.4)


def cups(pen: Pen, tint: str) -> None:
    """A set of four small cups."""
    pen.shadow(400, 512, 290)
    for x, y, colour in (
        (300, 240, light(tint, 0.3)),
        (500, 240, "#d9a05b"),
        (210, 360, "#2f5d56"),
        (400, 370, tint),
        (590, 360, "#e9d8c0"),
    ):
        pen.path(f"M{x + 56} {y + 40}q54 -4 46 40t-60 36", stroke=dark(colour, 0.15), width=14)
        pen.path(
            f"M{x - 66} {y}h132v70q0 64 -50 64H{x - 16}q-50 0 -50 -64z",
            pen.gradient(light(colour, 0.25), dark(colour, 0.18), across=True),
        )
        pen.oval(x, y, 66, 17, light(colour, 0.45))
        pen.oval(x, y + 2, 56, 12, dark(colour, 0.35))


def glasses(pen: Pen, tint: str) -> None:
    """Two double-walled glasses."""
    pen.shadow(400, 512, 240)
    for x, colour in ((290, "#7a4526"), (510, tint)):
        pen.path(
            f"M{x - 92} 200h184q10 170 -30 290 -4 12 -16 12h-92q-12 0 -16 -12 -40 -120 -30 -290z",
            "#ffffff",
            opacity=0.55,
        )
        pen.path(
            f"M{x - 76} 260h152q0 110 -40 180 -10 16 -36 16t-36 -16q-40 -70 -40 -180z",
            pen.gradient(light(colour, 0.35), dark(colour, 0.2)),
        )
        pen.oval(x, 260, 76, 15, "#f2dfc2")
        pen.path(f"M{x - 78} 220q2 140 30 240", stroke="#ffffff", width=8, opacity=0.8)


def tray(pen: Pen, tint: str) -> None:
    """A round tray with brass handles."""
    pen.shadow(400, 480, 300)
    pen.oval(400, 400, 290, 110, dark(_WOOD, 0.35))
    pen.oval(400, 382, 290, 110, pen.gradient(light(_WOOD, 0.25), dark(_WOOD, 0.12)))
    pen.oval(400, 384, 256, 90, light(tint, 0.25))
    for k in range(9):
        pen.path(
            f"M{170 + k * 24} {384 - k * 8}q230 -40 {460 - k * 48} 0",
            stroke=light(tint, 0.5),
            width=5,
            opacity=0.6,
        )
    for x, way in ((110, -1), (690, 1)):
        pen.path(f"M{x} 360q{way * 50} -60 0 -90", stroke="#e0b25a", width=15)
    pen.path("M340 330q-8 -90 0 -110h110q8 20 0 110 -4 30 -55 30t-55 -30z", "#fbf4e6")
    pen.oval(395, 222, 55, 13, "#4a2713")


def bowls(pen: Pen, tint: str) -> None:
    """A stack of bowls."""
    pen.shadow(400, 512, 220)
    for y, w, colour in ((400, 420, tint), (330, 400, "#e9d8c0"), (264, 380, light(tint, 0.4))):
        pen.path(
            f"M{400 - w / 2} {y}q20 110 130 110h{w - 260}q110 0 130 -110z",
            pen.gradient(light(colour, 0.25), dark(colour, 0.18), across=True),
        )
        pen.oval(400, y, w / 2, 26, light(colour, 0.4))
    pen.oval(400, 266, 172, 18, dark(light(tint, 0.4), 0.18))
    for x, y, colour in (
        (330, 252, "#d6452f"),
        (380, 242, "#e0a33c"),
        (440, 246, "#7da648"),
        (480, 256, "#d6452f"),
    ):
        pen.disc(x, y, 26, pen.gradient(light(colour, 0.25), colour))


def stand(pen: Pen, tint: str) -> None:
    """A cake under glass."""
    pen.shadow(400, 514, 160)
    pen.path("M240 400V260q0 -150 160 -150t160 150v140z", "#ffffff", opacity=0.45)
    pen.disc(400, 96, 19, "#e0b25a")
    pen.rect(290, 290, 220, 106, pen.gradient("#d99448", "#9a5a22"), r=10)
    pen.path(
        "M284 290q0 -40 116 -40t116 40q-10 34 -34 14 -20 40 -46 6 -26 34 -48 0 -24 36 -48 0 -24 24 -44 2 -24 10 -40 -22z",
        "#fff3e4",
    )
    for x in (330, 376, 424, 470):
        pen.disc(x, 254, 13, "#c0302f")
    pen.oval(400, 404, 210, 28, light(tint, 0.3))
    pen.path(
        "M376 428h48l12 70h44q10 16 -80 16t-80 -16h44z",
        pen.gradient(light(tint, 0.3), dark(tint, 0.15), across=True),
    )
    pen.path("M268 270q6 -90 70 -120", stroke="#ffffff", width=11, opacity=0.7)


def board(pen: Pen, tint: str) -> None:
    """A cutting board with bread and a knife."""
    pen.shadow(400, 500, 300)
    with pen.group(turn=-4):
        pen.rect(140, 330, 480, 150, pen.gradient(light(_WOOD, 0.25), dark(_WOOD, 0.1)), r=30)
        pen.rect(600, 378, 90, 54, _WOOD, r=22)
        pen.disc(660, 405, 11, dark(_WOOD, 0.45))
        for y in (356, 390, 430, 458):
            pen.path(f"M170 {y}q200 -14 400 6", stroke=dark(_WOOD, 0.25), width=4, opacity=0.5)
        pen.path(
            "M190 340q-20 -120 110 -120h110q110 0 100 120z", pen.gradient("#d9974a", "#8f5220")
        )
        for x in (270, 340, 410):
            pen.path(f"M{x} 240q-30 40 -20 84", stroke="#f2c98a", width=9)
        pen.path("M300 440h230l-20 26H330q-24 -2 -30 -26z", "#dfe4ea")
        pen.rect(186, 436, 118, 26, tint, r=12)


def canister(pen: Pen, tint: str) -> None:
    """Storage jars."""
    pen.shadow(400, 512, 250)
    for x, w, top, colour in (
        (230, 150, 230, "#e9d8c0"),
        (390, 170, 170, tint),
        (560, 130, 280, "#2f5d56"),
    ):
        pen.rect(
            x - w / 2,
            top,
            w,
            506 - top,
            pen.gradient(light(colour, 0.25), dark(colour, 0.2), across=True),
            r=20,
        )
        pen.rect(
            x - w / 2 - 8,
            top - 30,
            w + 16,
            44,
            pen.gradient(light(_WOOD, 0.3), dark(_WOOD, 0.15)),
            r=14,
        )
        pen.disc(x, top - 36, 13, dark(_WOOD, 0.15))
        pen.rect(x - 40, (top + 506) / 2 - 28, 80, 56, "#fbf4e6", r=6)
        pen.oval(x, (top + 506) / 2, 15, 10, "#4a2713")


def teapot(pen: Pen, tint: str) -> None:
    """A teapot."""
    pen.shadow(400, 512, 230)
    pen.path("M540 300q120 -60 110 60t-120 80", stroke=dark(tint, 0.15), width=28)
    pen.path(
        "M270 400C200 400 210 300 150 260l40 -16q60 20 100 90z",
        pen.gradient(light(tint, 0.2), dark(tint, 0.1)),
    )
    pen.path(
        "M250 360q0 -150 150 -150t150 150q0 144 -150 144T250 360z",
        pen.gradient(light(tint, 0.3), dark(tint, 0.22), across=True),
    )
    pen.path("M318 226q82 -60 164 0 -82 30 -164 0z", light(tint, 0.15))
    pen.disc(400, 176, 22, "#d9a05b")
    pen.path("M282 320q20 -70 80 -84", stroke="#ffffff", width=12, opacity=0.5)
    for k in range(5):
        pen.path(f"M{300 + k * 50} 396q12 -24 24 0t-24 30q-12 -10 0 -30z", "#ffffff", opacity=0.35)


def blender(pen: Pen, tint: str) -> None:
    """A blender with fruit."""
    pen.shadow(400, 518, 160)
    pen.rect(340, 60, 120, 30, "#2b2f3a", r=10)
    pen.path("M300 90h200l-26 270H326z", "#ffffff", opacity=0.6)
    pen.path("M310 200h180l-16 160H326z", pen.gradient("#f2897f", "#d6455f"))
    for x, y, colour in ((350, 190, "#d6302f"), (400, 170, "#f2b53c"), (448, 192, "#7da648")):
        pen.disc(x, y, 28, pen.gradient(light(colour, 0.3), colour))
    pen.path("M496 120q70 0 60 80t-70 80", stroke="#2b2f3a", width=20)
    pen.path(
        "M320 360h160l34 130q4 26 -20 26H306q-24 0 -20 -26z",
        pen.gradient(light(tint, 0.25), dark(tint, 0.25), across=True),
    )
    pen.disc(400, 440, 34, "#f6f1e6")
    pen.line(400, 440, 416, 418, dark(tint, 0.4), 7)
    pen.path("M324 120l16 210", stroke="#ffffff", width=9, opacity=0.8)


def pan(pen: Pen, tint: str) -> None:
    """A set of pans."""
    pen.shadow(380, 510, 270)
    pen.path(
        "M180 250h300v120q0 40 -40 40H220q-40 0 -40 -40z",
        pen.gradient(light(tint, 0.2), dark(tint, 0.2), across=True),
    )
    pen.oval(330, 250, 150, 24, light(tint, 0.35))
    pen.path("M200 244q130 -70 260 0z", "#dfe4ea", opacity=0.8)
    pen.disc(330, 196, 17, _WOOD)
    for x in (168, 492):
        pen.rect(x - 22, 280, 44, 20, _WOOD, r=9)
    pen.path(
        "M150 420h420l-24 62q-8 24 -34 24H208q-26 0 -34 -24z", pen.gradient("#4a5064", "#232736")
    )
    pen.oval(360, 420, 210, 26, "#5d6580")
    pen.oval(360, 421, 186, 19, "#2b3040")
    pen.rect(560, 408, 180, 26, _WOOD, r=13)


def knives(pen: Pen, tint: str) -> None:
    """A knife block."""
    pen.shadow(400, 514, 200)
    for i, h in enumerate((150, 190, 130, 170)):
        x = 290 + i * 62
        with pen.group(turn=-12, about=(400, 300)):
            pen.rect(
                x - 16,
                230 - h,
                34,
                h,
                pen.gradient(light(tint, 0.15), dark(tint, 0.35), across=True),
                r=12,
            )
            for y in (0.25, 0.5, 0.75):
                pen.disc(x + 1, 230 - h + h * y, 4.5, "#e0b25a")
            pen.rect(x - 12, 226, 26, 40, _STEEL)
    pen.path(
        "M250 250l270 -56 46 300q2 18 -16 18H270q-16 0 -18 -16z",
        pen.gradient(light(_WOOD, 0.3), dark(_WOOD, 0.2), across=True),
    )
    pen.path("M250 250l270 -56 8 44 -272 52z", dark(_WOOD, 0.3), opacity=0.6)
    for y in (330, 390, 450):
        pen.path(f"M262 {y}q150 -20 290 -14", stroke=dark(_WOOD, 0.3), width=4, opacity=0.5)


def fryer(pen: Pen, tint: str) -> None:
    """An air fryer."""
    pen.shadow(400, 516, 210)
    pen.path(
        "M250 160q0 -70 150 -70t150 70l16 320q0 30 -30 30H264q-30 0 -30 -30z",
        pen.gradient(light(tint, 0.2), dark(tint, 0.32), across=True),
    )
    pen.rect(290, 140, 220, 110, "#14171f", r=26)
    for x in (340, 400, 460):
        pen.disc(x, 216, 8, "#8ff0c8")
    pen.rect(360, 164, 80, 26, "#8ff0c8", r=5, opacity=0.85)
    pen.rect(262, 300, 276, 170, dark(tint, 0.2), r=22)
    pen.rect(370, 330, 60, 120, "#e9d8c0", r=20)
    pen.path("M268 180q4 -50 60 -64", stroke="#ffffff", width=9, opacity=0.45)


KITCHEN = {
    "mug": mug,
    "cups": cups,
    "glasses": glasses,
    "tray": tray,
    "bowls": bowls,
    "stand": stand,
    "board": board,
    "canister": canister,
    "teapot": teapot,
    "blender": blender,
    "pan": pan,
    "knives": knives,
    "fryer": fryer,
}
