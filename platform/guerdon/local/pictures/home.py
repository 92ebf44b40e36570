"""Things for the rest of the house."""

from guerdon.local.pictures.canvas import Pen, dark, light

_WOOD = "#a8703f"


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


HOME = {
    "towel": towel,
    "candle": candle,
    "plant": plant,
    "tote": tote,
    "apron": apron,
    "notebook": notebook,
    "book": book,
    "blanket": blanket,
    "lamp": lamp,
}
