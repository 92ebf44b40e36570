"""The sheet that a brand's products stand on: what makes a catalogue look like one."""

import random

from guerdon.local.pictures.canvas import Pen, light, mix


def aurora(pen: Pen, tint: str, seed: str) -> None:
    """A pale evening sky with a ribbon of northern light, tinted by the product."""
    dice = random.Random(f"aurora {seed}")
    top = mix("#dfe9f7", light(tint, 0.72), 0.45)
    pen.rect(0, 0, 800, 600, pen.gradient(top, "#fbf9fd"))
    lift = dice.randint(-40, 40)
    for colour, drop, opacity in (("#39c6b4", 0, 0.20), ("#7c6cf0", 60, 0.16), (tint, 110, 0.14)):
        y = 150 + lift + drop
        sway = dice.randint(40, 120)
        pen.path(
            f"M-20 {y}C160 {y - sway} 300 {y + sway} 470 {y - 30}S720 {y - sway} 820 {y - 60}"
            f"L820 {y + 70}C680 {y + 30} 620 {y + 90} 470 {y + 85}S150 {y + 40} -20 {y + 120}Z",
            pen.gradient(light(colour, 0.2), light(colour, 0.75)),
            opacity=opacity,
        )
    for _ in range(7):
        pen.disc(dice.randint(20, 780), dice.randint(20, 170), dice.choice((1.5, 2, 3)), "#ffffff")
    pen.oval(400, 560, 520, 90, "#ffffff", opacity=0.55)


def kettle(pen: Pen, tint: str, seed: str) -> None:
    """Warm paper, a large sun behind the product, a few flecks as in terrazzo."""
    dice = random.Random(f"kettle {seed}")
    pen.rect(0, 0, 800, 600, "#f7eee2")
    x = 400 + dice.randint(-36, 36)
    pen.disc(x, 292, 238, light(tint, 0.62))
    pen.path(f"M{x - 238} 292a238 238 0 0 0 476 0z", light(tint, 0.50), opacity=0.55)
    pen.rect(0, 486, 800, 114, "#ecdcc8")
    pen.rect(0, 486, 800, 5, "#dcc6ab", opacity=0.7)
    for _ in range(13):
        cx, cy = dice.randint(15, 785), dice.randint(503, 592)
        size = dice.randint(4, 11)
        with pen.group(turn=dice.randint(0, 170), about=(cx, cy)):
            pen.oval(cx, cy, size, size * 0.55, dice.choice(("#c9733f", "#2f5d56", "#d9a05b", tint)),
                     opacity=0.5)  # fmt: skip


BACKDROPS = {"aurora": aurora, "kettle": kettle}
