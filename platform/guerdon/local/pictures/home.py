"""Things for the kitchen and the house."""

import random

from guerdon.local.pictures.canvas import Pen, dark, light

_STEEL, _WOOD = "#b8c0cc", "#a8703f"


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


def towel(pen: Pen, tint: str) -> None:
    """Striped towels on a rail."""
    pen.line(170, 120, 630, 120, _WOOD, 18)
    for x in (180, 620):
        pen.disc(x, 120, 17, dark(_WOOD, 0.2))
    for x, w, h, colour in ((220, 170, 350, "#fbf4e6"), (410, 180, 310, light(tint, 0.15))):
        pen.path(
            f"M{x} 112h{w}v{h}H{x}z",
            pen.gradient(light(colour, 0.2), dark(colour, 0.08), across=True),
        )
        stripe = tint if x == 220 else "#fbf4e6"
        for y in (h - 40, h - 76, h - 100):
            pen.rect(x, 112 + y, w, 14 if y != h - 76 else 22, stripe)
        for k in range(int(w / 12)):
            pen.line(x + 6 + k * 12, 112 + h, x + 6 + k * 12, 126 + h, dark(colour, 0.12), 4)
        pen.path(
            f"M{x + w * 0.3:.0f} 120v{h - 20}M{x + w * 0.68:.0f} 120v{h - 20}",
            stroke=dark(colour, 0.12),
            width=5,
            opacity=0.5,
        )


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


def candle(pen: Pen, tint: str) -> None:
    """A scented candle."""
    pen.disc(400, 170, 130, pen.glow("#ffe7a6", "#ffe7a6"), opacity=0.8)
    pen.shadow(400, 512, 170)
    pen.rect(
        280, 260, 240, 244, pen.gradient(light(tint, 0.2), dark(tint, 0.25), across=True), r=22
    )
    pen.oval(400, 264, 120, 24, "#fbf4e6")
    pen.oval(400, 264, 96, 15, "#f2e2c4")
    pen.line(400, 262, 400, 226, "#3a2a20", 6)
    pen.path("M400 130q44 54 0 98 -44 -44 0 -98z", "#f7a935")
    pen.path("M400 172q20 26 0 52 -20 -26 0 -52z", "#fff1b8")
    pen.rect(316, 330, 168, 116, "#fbf4e6", r=8)
    pen.path("M380 400q-6 -44 44 -44 4 46 -44 44z", tint)
    pen.line(352, 424, 448, 424, "#cbb99a", 6)
    pen.path("M302 290v190", stroke="#ffffff", width=9, opacity=0.35)


def plant(pen: Pen, tint: str) -> None:
    """A coffee plant in a pot."""
    pen.shadow(400, 514, 160)
    pen.path("M400 380V150", stroke="#6b4a32", width=9)
    for y, turn, side in (
        (340, 24, 1),
        (330, -26, -1),
        (270, 12, 1),
        (262, -16, -1),
        (206, -8, 1),
        (200, 6, -1),
        (150, -40, 1),
        (150, 40, -1),
    ):
        with pen.group(turn=turn, about=(400, y)):
            pen.path(
                f"M400 {y}q{side * 60} -70 {side * 150} -30 {-side * 30} 70 {-side * 150} 30z",
                pen.gradient("#4fa06a", "#256b43"),
            )
            pen.path(f"M400 {y}q{side * 70} -30 {side * 140} -30", stroke="#8fd0a0", width=4)
    for x, y in ((386, 290), (416, 300), (392, 226), (412, 232)):
        pen.disc(x, y, 13, "#c0302f")
        pen.disc(x - 4, y - 4, 4, "#ffffff", opacity=0.7)
    pen.path(
        "M310 370h180l-24 134q-2 10 -14 10H348q-12 0 -14 -10z",
        pen.gradient(light(tint, 0.2), dark(tint, 0.22), across=True),
    )
    pen.rect(298, 356, 204, 36, light(tint, 0.12), r=10)


def tote(pen: Pen, tint: str) -> None:
    """A canvas tote with a print."""
    pen.shadow(400, 514, 200)
    pen.path("M320 230C320 60 480 60 480 230", stroke="#d9c39a", width=20)
    pen.path(
        "M250 210h300l20 290q0 14 -16 14H246q-16 0 -16 -14z",
        pen.gradient("#f6ecd8", "#dcc8a4", across=True),
    )
    pen.path("M250 210h300l2 24H248z", "#cdb68c", opacity=0.6)
    pen.disc(400, 366, 84, tint)
    pen.path(
        "M352 350h96q0 60 -48 60t-48 -60zM448 358q26 -2 24 20t-30 18", stroke="#fbf4e6", width=9
    )
    for x in (378, 400, 422):
        pen.path(f"M{x} 336q-8 -12 0 -22t0 -18", stroke="#fbf4e6", width=6)
    pen.path(
        "M300 230q-20 140 -10 270M500 230q26 120 14 270", stroke="#b79f74", width=4, opacity=0.5
    )


def apron(pen: Pen, tint: str) -> None:
    """A barista's apron."""
    pen.path("M340 110q60 -70 120 0", stroke=_WOOD, width=15)
    pen.path(
        "M330 106h140q10 90 80 130l10 250q0 20 -20 20H260q-20 0 -20 -20l10 -250q70 -40 80 -130z",
        pen.gradient(light(tint, 0.15), dark(tint, 0.2), across=True),
    )
    pen.path("M250 250q-60 30 -110 20M550 250q60 30 110 20", stroke=_WOOD, width=13)
    pen.rect(300, 330, 200, 110, dark(tint, 0.14), r=12)
    pen.rect(300, 330, 200, 110, "", r=12, stroke=light(tint, 0.4), width=3)
    pen.line(400, 330, 400, 440, light(tint, 0.4), 3)
    pen.rect(350, 150, 100, 70, "#c98d52", r=8)
    pen.path("M372 178h56q0 28 -28 28t-28 -28z", "#fbf4e6")
    pen.rect(330, 300, 16, 70, "#ffffff", r=5)
    for x in (338, 462):
        pen.disc(x, 120, 8, "#e0b25a")


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


def notebook(pen: Pen, tint: str) -> None:
    """A tasting journal and a pencil."""
    pen.shadow(400, 500, 230)
    with pen.group(turn=-6):
        pen.rect(268, 122, 280, 374, "#efe4cf", r=12)
        pen.rect(
            256, 112, 280, 374, pen.gradient(light(tint, 0.15), dark(tint, 0.18), across=True), r=14
        )
        pen.rect(256, 112, 34, 374, dark(tint, 0.3), r=14)
        pen.rect(486, 112, 14, 374, "#d9a05b")
        pen.rect(322, 180, 140, 110, "#fbf4e6", r=8)
        pen.path("M360 220h64q0 36 -32 36t-32 -36z", tint)
        pen.line(346, 274, 438, 274, "#cbb99a", 6)
    with pen.group(turn=24, about=(600, 330)):
        pen.rect(590, 160, 26, 280, "#e0a33c", r=4)
        pen.path("M590 440h26l-13 40z", "#f2d6ab")
        pen.rect(590, 146, 26, 26, "#d6655a", r=8)


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


def book(pen: Pen, tint: str) -> None:
    """A cookbook, upright, with one lying."""
    pen.shadow(400, 512, 260)
    pen.rect(170, 444, 460, 62, pen.gradient("#2f5d56", "#1f3f3a"), r=8)
    pen.rect(190, 456, 440, 40, "#f6ecd8")
    pen.path(
        "M270 90h250q16 0 16 16v330H270q-24 0 -24 -24V114q0 -24 24 -24z",
        pen.gradient(light(tint, 0.15), dark(tint, 0.15), across=True),
    )
    pen.rect(246, 100, 26, 336, dark(tint, 0.3), r=10)
    pen.disc(404, 220, 76, "#fbf4e6")
    pen.path("M352 210h104q0 60 -52 60t-52 -60z", tint)
    pen.path("M456 220q28 -2 26 20t-32 18", stroke=tint, width=9)
    pen.line(330, 340, 478, 340, "#fbf4e6", 13)
    pen.line(356, 372, 452, 372, "#fbf4e6", 8, opacity=0.8)


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


def blanket(pen: Pen, tint: str) -> None:
    """Folded blankets."""
    pen.shadow(400, 508, 270)
    for y, colour in ((400, tint), (300, "#f2e6d3"), (200, light(tint, 0.4))):
        pen.rect(170, y, 460, 104, pen.gradient(light(colour, 0.2), dark(colour, 0.14)), r=46)
        pen.path(f"M190 {y + 52}h400", stroke=dark(colour, 0.22), width=5, opacity=0.7)
        pen.disc(590, y + 52, 40, light(colour, 0.1))
        pen.path(
            f"M590 {y + 52}m-8 0a18 18 0 1 1 26 10a32 32 0 1 1 -46 -20",
            stroke=dark(colour, 0.25),
            width=5,
        )
        for k in range(9):
            pen.path(
                f"M{210 + k * 38} {y + 16}l12 16 12 -16", stroke="#ffffff", width=4, opacity=0.55
            )


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


def lamp(pen: Pen, tint: str) -> None:
    """A reading lamp."""
    pen.disc(330, 300, 190, pen.glow("#ffe7a6", "#ffe7a6"), opacity=0.7)
    pen.shadow(460, 514, 180)
    pen.oval(470, 500, 110, 20, "#2b2f3a")
    pen.path("M470 490V330L360 190", stroke="#3b4055", width=15)
    pen.disc(470, 330, 17, "#e0b25a")
    with pen.group(turn=24, about=(350, 190)):
        pen.path(
            "M300 150h110l50 110H250z",
            pen.gradient(light(tint, 0.25), dark(tint, 0.2), across=True),
        )
        pen.oval(355, 262, 104, 17, "#fff1b8")
        pen.rect(335, 124, 40, 30, "#3b4055", r=8)


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


HOME = {
    "mug": mug, "cups": cups, "glasses": glasses, "towel": towel, "tray": tray, "candle": candle,
    "plant": plant, "tote": tote, "apron": apron, "bowls": bowls, "stand": stand, "board": board,
    "canister": canister, "notebook": notebook, "teapot": teapot, "book": book,
    "blender": blender, "pan": pan, "blanket": blanket, "knives": knives, "lamp": lamp,
    "fryer": fryer,
}  # fmt: skip
