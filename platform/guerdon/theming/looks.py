"""A brand's look, made once per version of its parameters: style sheet, palette, words."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.theming.assets import Asset, content_hash, make_asset
from guerdon.theming.fonts import PAIRS
from guerdon.theming.formats import Formats, PointsName
from guerdon.theming.palette import Palette, palette
from guerdon.theming.parameters import BrandingParameters
from guerdon.theming.stylesheet import stylesheet
from guerdon.theming.themes import Theme, Themes

_KEPT = 2000

# What points are called when a brand has not said it in a language.
_POINTS = {
    "en": PointsName("point", "points"),
    "pt-BR": PointsName("ponto", "pontos"),
    "es": PointsName("punto", "puntos"),
}


class Look(msgspec.Struct, frozen=True):
    """What pages need of a brand. Addresses carry content hashes."""

    tenant_id: UUID
    version: int
    theme: Theme
    palette: Palette
    style_url: str
    preloads: tuple[str, ...]
    programme: ProgrammeParameters
    branding: BrandingParameters
    formats: dict[str, Formats]

    def words(self, texts: Mapping[Any, str], language: str) -> str:
        """The text in `language`, else in the programme's first language that has it, else ''."""
        for name in (language, *self.programme.languages):
            if texts.get(name):
                return texts[name]
        return ""


class Looks:
    """The looks of this process, newest kept."""

    def __init__(self, themes: Themes) -> None:
        self.themes = themes
        self._looks: OrderedDict[tuple[UUID, int], Look] = OrderedDict()
        self._styles: OrderedDict[str, Asset] = OrderedDict()

    def of(self, snapshot: Snapshot) -> Look:
        """The look of a version of a tenant's parameters."""
        key = (snapshot.tenant_id, snapshot.version)
        found = self._looks.get(key)
        if found is None:
            found = self._looks[key] = self.make(
                snapshot.tenant_id,
                snapshot.version,
                snapshot[ProgrammeParameters],
                snapshot[BrandingParameters],
            )
            if len(self._looks) > _KEPT:
                self._looks.popitem(last=False)
        return found

    def make(
        self,
        tenant_id: UUID,
        version: int,
        programme: ProgrammeParameters,
        branding: BrandingParameters,
    ) -> Look:
        """A look from its parameters; its style sheet is served from now on."""
        theme = self.themes.theme(branding.theme)
        colours = palette(branding.brand_colour, branding.neutral)
        fonts = branding.fonts or theme.file.fonts
        content = stylesheet(
            theme=theme,
            palette=colours,
            corners=branding.corners,
            fonts=fonts,
            density=branding.density,
            assets=self.themes.assets,
        ).encode()
        name = content_hash(content)
        self._styles[name] = make_asset(content, "text/css; charset=utf-8")
        self._styles.move_to_end(name)
        if len(self._styles) > _KEPT:
            self._styles.popitem(last=False)
        return Look(
            tenant_id=tenant_id,
            version=version,
            theme=theme,
            palette=colours,
            style_url=f"/theme/{name}.css",
            preloads=tuple(
                self.themes.assets.url(f"base/fonts/{file}") for file in PAIRS[fonts].preload
            ),
            programme=programme,
            branding=branding,
            formats={
                language: Formats(
                    language=language,
                    time_zone=programme.time_zone,
                    points_name=points_name(branding, programme, language),
                )
                for language in programme.languages
            },
        )

    def style(self, name: str) -> Asset | None:
        """The style sheet whose content has this hash, if this process made it."""
        return self._styles.get(name)


def points_name(
    branding: BrandingParameters, programme: ProgrammeParameters, language: str
) -> PointsName:
    """The brand's word for points in `language`, else in its first language, else the plain one."""
    own = {str(name): words for name, words in branding.points_name.items()}
    return own.get(language) or _first(branding, programme) or _POINTS[language]


def _first(branding: BrandingParameters, programme: ProgrammeParameters) -> PointsName | None:
    named = branding.points_name
    return next((named[name] for name in programme.languages if name in named), None)
