"""Message catalogues: English is the source, `catalogues/<locale>.po` the translations.

The `.po` files are what translators edit and what is committed; they are compiled in memory at
start, so that there is no build step to forget.
"""

import gettext
import io
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from markupsafe import Markup, escape

SOURCE = "en"
LANGUAGES: dict[str, str] = {"en": "English", "pt-BR": "Português (Brasil)", "es": "Español"}
CATALOGUES = Path(__file__).parent / "catalogues"


def babel_locale(language: str) -> str:
    """`pt-BR` as Babel and gettext write it: `pt_BR`."""
    return language.replace("-", "_")


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The messages of a language; the source language, and an unknown one, translate nothing."""
    locale = babel_locale(language)
    parts = [CATALOGUES / f"{locale}.po", *sorted(CATALOGUES.glob(f"{locale}.*.po"))]
    if language == SOURCE or not parts[0].is_file():
        return gettext.NullTranslations()
    whole = Catalog(locale=locale)
    for part in parts:
        with part.open("rb") as file:
            read = read_po(file, locale=locale)
        for message in read:
            if message.id:
                whole[message.id] = message
    compiled = io.BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class Translator:
    """Messages of one language for text and templates. Values put into a message are escaped
    when it becomes markup, and never read as a message themselves."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._messages = catalogue(language)

    def text(self, message: str, /, **values: object) -> str:
        """The message as plain text."""
        found = self._messages.gettext(message)
        return found % values if values else found

    def plural(self, one: str, many: str, /, n: int, **values: object) -> str:
        """The message in the form for `n`, as plain text."""
        return self._messages.ngettext(one, many, n) % {"n": n, **values}

    def markup(self, message: str, /, **values: object) -> Markup:
        """The message as markup, values escaped."""
        found = Markup(self._messages.gettext(message))  # noqa: S704
        return found % {k: escape(v) for k, v in values.items()} if values else found

    def markup_plural(self, one: str, many: str, /, n: int, **values: object) -> Markup:
        """The message in the form for `n`, as markup."""
        found = Markup(self._messages.ngettext(one, many, n))  # noqa: S704
        return found % {"n": n, **{k: escape(v) for k, v in values.items()}}


@cache
def translator(language: str) -> Translator:
    """The translator of a language."""
    return Translator(language)


def choose_language(offered: Iterable[str], *wishes: str | None, accept_language: str = "") -> str:
    """The first wish that is offered, else the best of `Accept-Language`, else the first offered.

    A wish for `pt` is met by `pt-BR` and the other way round.
    """
    available = list(offered)
    accepted = sorted(
        (_quality(part) for part in accept_language.split(",")[:20]), key=lambda x: -x[0]
    )
    for wish in (*wishes, *(name for quality, name in accepted if quality > 0)):
        if wish:
            for name in available:
                if name.lower() == wish.lower():
                    return name
            for name in available:
                if name.split("-")[0].lower() == wish.split("-")[0].lower():
                    return name
    return available[0]


def _quality(part: str) -> tuple[float, str]:
    name, _, parameter = part.partition(";")
    try:
        return float(parameter.strip().removeprefix("q=") or 1), name.strip()
    except ValueError:
        return 0.0, name.strip()


Gettext = Callable[..., str]
