"""The demo brands' pictures, drawn: the same code draws the same files.

`python -m guerdon.local.pictures` writes them to `tenants/demo/<brand>/pictures`.
"""

from collections.abc import Callable, Iterator

from guerdon.local.pictures.backdrop import BACKDROPS
from guerdon.local.pictures.brewing import BREWING
from guerdon.local.pictures.cafe import CAFE
from guerdon.local.pictures.canvas import Pen
from guerdon.local.pictures.classes import CLASSES
from guerdon.local.pictures.flights import FLIGHTS
from guerdon.local.pictures.gadgets import GADGETS
from guerdon.local.pictures.home import HOME
from guerdon.local.pictures.kitchen import KITCHEN
from guerdon.local.pictures.luggage import LUGGAGE
from guerdon.local.pictures.marks import MARKS
from guerdon.local.pictures.outings import OUTINGS
from guerdon.local.pictures.plan import PLAN
from guerdon.local.pictures.scenery import HOTELS

# Things stand on the brand's sheet; scenes fill it.
_THINGS: dict[str, Callable[..., None]] = {
    **LUGGAGE,
    **GADGETS,
    **CAFE,
    **BREWING,
    **KITCHEN,
    **HOME,
}
_SCENES: dict[str, Callable[..., None]] = {**HOTELS, **FLIGHTS, **OUTINGS, **CLASSES}
_CAMINITO = ("#f2c14e", "#3f8fc0", "#d9574a", "#4fa06a", "#e08fb0")
_OPTIONS: dict[tuple[str, str], dict[str, object]] = {
    ("suitcase", "tall"): {"tall": True},
    ("seat", "flat"): {"flat": True},
    ("plane", "night"): {"hour": "night"},
    ("plane", "dusk"): {"hour": "dusk"},
    ("town", "dusk"): {"hour": "dusk"},
    ("town", "caminito"): {"walls": _CAMINITO},
    ("bungalow", "day"): {"hour": "day"},
    **{
        ("beans", mark): {"mark": mark}
        for mark in ("sun", "peak", "leaf", "wave", "moon", "flower")
    },
}


def draw(brand: str, name: str, drawing: str, tint: str, option: str = "") -> str:
    """One product's picture as SVG."""
    pen = Pen()
    options = _OPTIONS[drawing, option] if option else {}
    if drawing in _SCENES:
        _SCENES[drawing](pen, tint, **options)
    else:
        BACKDROPS[brand](pen, tint, name)
        _THINGS[drawing](pen, tint, **options)
    return pen.svg()


def pictures(brand: str) -> Iterator[tuple[str, str]]:
    """Every file of a brand, name and content."""
    for slug, (drawing, tints, option) in PLAN[brand].items():
        for i, tint in enumerate(tints):
            name = slug if not i else f"{slug}-{i + 1}"
            yield f"{name}.svg", draw(brand, name, drawing, tint, option)
    mark, hero = MARKS[brand]
    yield "logo.svg", mark().svg()
    yield "hero.svg", hero().svg()
