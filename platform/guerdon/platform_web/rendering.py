"""Pages of the platform: its own templates around the parts that every theme shares."""

from pathlib import Path
from typing import Any, Final

import msgspec
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from guerdon.kit.paths import bundled
from guerdon.theming.assets import Asset, Assets, content_hash, make_asset
from guerdon.theming.fonts import PAIRS
from guerdon.theming.formats import Formats, PointsName
from guerdon.theming.palette import palette
from guerdon.theming.stylesheet import stylesheet
from guerdon.theming.themes import BASE, Themes
from guerdon.theming.translations import LANGUAGES, translator

NAME: Final = "Guerdon"
COLOUR: Final = "#37507a"
_FONTS: Final = "clear"
_HERE: Final = Path(__file__).parent


class Language(msgspec.Struct, frozen=True):
    """A language that a reader may choose."""

    code: str
    name: str
    current: bool


class Frame(msgspec.Struct, frozen=True):
    """What stands around every page."""

    name: str
    language: str
    languages: tuple[Language, ...]
    csrf: str
    path: str
    section: str
    signed_in: bool
    style_url: str
    preloads: tuple[str, ...]
    theme_light: str
    theme_dark: str
    console_url: str


class Pages:
    """Renders the platform's pages. One per process."""

    def __init__(self) -> None:
        folder = bundled("themes")
        self.assets = Assets(folder)
        self._colours = palette(COLOUR, "cool")
        sheet = stylesheet(
            theme=Themes(folder).theme(BASE),
            palette=self._colours,
            corners="soft",
            fonts=_FONTS,
            density="comfortable",
            assets=self.assets,
        )
        own = (_HERE / "static" / "platform.css").read_text(encoding="utf-8")
        content = f"{sheet}\n{own}".encode()
        self._style_name = content_hash(content)
        self._style = make_asset(content, "text/css; charset=utf-8")
        self._environment = ImmutableSandboxedEnvironment(
            loader=ChoiceLoader(
                [
                    FileSystemLoader(_HERE / "templates"),
                    FileSystemLoader(folder / BASE / "templates"),
                ]
            ),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals["asset"] = self.assets.url

    def style(self, name: str) -> Asset | None:
        """The style sheet under its content's hash; another process' gets the present one."""
        return self._style if name == self._style_name else None

    @property
    def present_style(self) -> Asset:
        """The style sheet as it is now."""
        return self._style

    def frame(
        self, *, language: str, csrf: str, path: str, section: str, console_url: str
    ) -> Frame:
        """What stands around a page."""
        return Frame(
            name=NAME,
            language=language,
            languages=tuple(
                Language(code, name, code == language) for code, name in LANGUAGES.items()
            ),
            csrf=csrf,
            path=path,
            section=section,
            signed_in=False,
            style_url=f"/theme/{self._style_name}.css",
            preloads=tuple(self.assets.url(f"base/fonts/{file}") for file in PAIRS[_FONTS].preload),
            theme_light=self._colours.light["surface"],
            theme_dark=self._colours.dark["surface"],
            console_url=console_url,
        )

    def render(self, template: str, frame: Frame, view: Any) -> str:
        """A page, or a part of one."""
        words = translator(frame.language)
        context = {
            "view": view,
            "frame": frame,
            "fmt": Formats(
                language=frame.language, time_zone="UTC", points_name=PointsName("", "")
            ),
            "_": words.markup,
            "ngettext": words.markup_plural,
        }
        return self._environment.get_template(template).render(context)
