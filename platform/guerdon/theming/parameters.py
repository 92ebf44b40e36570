"""What a brand chooses about its looks. Few choices; everything else is derived from them."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, field

from guerdon.parameters.sections import (
    PER_LANGUAGE,
    Area,
    Finding,
    Language,
    Section,
    Texts,
    field_meta,
)
from guerdon.theming.formats import PointsName
from guerdon.theming.palette import palette

HexColour = Annotated[str, Meta(pattern=r"^#[0-9a-fA-F]{6}$")]
# A name in the file store: content hash and extension (`plumbing.files`).
StoredFile = Annotated[str, Meta(pattern=r"^([0-9a-f]{64}\.(svg|png|webp|jpg))?$")]
FontPair = Literal["", "clear", "editorial", "lively"]


@lru_cache(maxsize=256)
def _moved(brand_colour: str, neutral: str) -> str | None:
    """What a colour that cannot be read becomes; asked at every look at a draft."""
    return palette(brand_colour, neutral).moved


class BrandingParameters(Section, frozen=True):
    """How the brand looks and what it calls its points."""

    section: ClassVar[str] = "branding"
    title: ClassVar[str] = "Branding"
    area: ClassVar[Area] = "brand"

    theme: Annotated[
        str,
        field_meta("Theme", "Layout and character of the site.", pattern=r"^[a-z][a-z0-9-]{0,30}$"),
    ] = "base"
    brand_colour: Annotated[
        HexColour, field_meta("Brand colour", "The whole palette follows from it.")
    ] = "#2f5d50"
    neutral: Annotated[
        Literal["warm", "cool", "pure"],
        field_meta(
            "Greys",
            "Their temperature.",
            labels={"warm": "warm", "cool": "cool", "pure": "without a tint"},
        ),
    ] = "warm"
    corners: Annotated[
        Literal["sharp", "soft", "round"],
        field_meta("Corners", labels={"sharp": "sharp", "soft": "soft", "round": "round"}),
    ] = "soft"
    fonts: Annotated[FontPair, field_meta("Fonts", "A pair; empty is the theme's own.")] = ""
    density: Annotated[
        Literal["comfortable", "compact"],
        field_meta("Density", labels={"comfortable": "airy", "compact": "compact"}),
    ] = "comfortable"
    logo: Annotated[StoredFile, field_meta("Symbol", "A square SVG or picture.")] = ""
    hero_picture: Annotated[
        StoredFile, field_meta("Large picture", "Behind the greeting, where the theme has one.")
    ] = ""
    points_name: Annotated[
        dict[Language, PointsName],
        PER_LANGUAGE,
        field_meta("Name of the points", "One and many."),
    ] = field(default_factory=dict)
    tagline: Annotated[Texts, field_meta("Promise", "One line on the first page.")] = field(
        default_factory=dict
    )
    hero: Annotated[Texts, field_meta("Introduction", "One or two sentences below it.")] = field(
        default_factory=dict
    )

    def check(self) -> Iterator[Finding]:
        moved = _moved(self.brand_colour, self.neutral)
        if moved is not None:
            yield Finding(
                "branding.brand_colour",
                "unreadable_colour",
                "%(colour)s cannot be read on a page; %(nearest)s is the nearest that can, and is"
                " used instead.",
                severity="warning",
                params={"colour": self.brand_colour, "nearest": moved},
            )
