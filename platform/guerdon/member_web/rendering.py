"""Pages: the frame of a brand around a view, as its theme draws it."""

from datetime import datetime
from typing import Any

import msgspec

from guerdon.member_web.banner import banner
from guerdon.member_web.views.frame import Brand, Frame, LanguageChoice, Notice, PreviewBanner
from guerdon.simulation.preview import Shown
from guerdon.theming.formats import Formats
from guerdon.theming.looks import Look, Looks
from guerdon.theming.translations import LANGUAGES, Translator, translator


class Reader(msgspec.Struct, frozen=True):
    """Who a page is rendered for: brand, language, whether signed in, the token of their forms.

    `moved`: the brand is a sandbox that lives at another day than the rest of the world.
    """

    look: Look
    language: str
    now: datetime
    signed_in: bool
    csrf: str
    path: str
    preview: Shown | None = None
    moved: bool = False

    @property
    def formats(self) -> Formats:
        """Numbers and dates in the reader's language."""
        return self.look.formats[self.language]

    @property
    def translator(self) -> Translator:
        """Messages in the reader's language."""
        return translator(self.language)

    def frame(self, section: str, notice: Notice | None = None) -> Frame:
        """What stands around the page of `section`."""
        look, programme, branding = self.look, self.look.programme, self.look.branding
        light, dark = look.palette.light, look.palette.dark
        return Frame(
            brand=Brand(
                name=programme.name,
                tagline=look.words(branding.tagline, self.language),
                symbol=programme.name[:1].upper(),
                logo_url=f"/files/{branding.logo}" if branding.logo else None,
                hero=look.words(branding.hero, self.language),
                hero_url=f"/files/{branding.hero_picture}" if branding.hero_picture else None,
                support_email=programme.support_email,
                legal_name=programme.legal_name or programme.name,
                style_url=look.style_url,
                preloads=look.preloads,
                theme_light=light["surface"],
                theme_dark=dark["surface"],
            ),
            language=self.language,
            languages=tuple(
                LanguageChoice(code, LANGUAGES[code], code == self.language)
                for code in programme.languages
            ),
            section=section,
            signed_in=self.signed_in,
            csrf=self.csrf,
            path=self.path,
            theme=look.theme.key,
            notice=notice,
            preview=self._banner(),
            sandbox_day=self.formats.long_date(self.now) if self.moved else None,
        )

    def _banner(self) -> PreviewBanner | None:
        if self.preview is None:
            return None
        return banner(self.preview, self.look, self.language, self.path, self.translator)


class Pages:
    """Renders views. One per process."""

    def __init__(self, looks: Looks) -> None:
        self.looks = looks

    def context(
        self, reader: Reader, section: str, view: Any, notice: Notice | None = None
    ) -> dict[str, Any]:
        """Everything that a template may see."""
        words = reader.translator
        return {
            "view": view,
            "frame": reader.frame(section, notice),
            "fmt": reader.formats,
            "_": words.markup,
            "ngettext": words.markup_plural,
            "now": reader.now,
        }

    def render(
        self, reader: Reader, template: str, section: str, view: Any, notice: Notice | None = None
    ) -> str:
        """A whole page, or a template of a fragment."""
        context = self.context(reader, section, view, notice)
        return self.looks.themes.render(reader.look.theme.key, template, context)
