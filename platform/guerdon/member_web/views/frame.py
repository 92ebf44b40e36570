"""The frame around every page: brand, languages, who is signed in."""

import msgspec


class LanguageChoice(msgspec.Struct, frozen=True):
    """A language the site speaks, or another choice; `url` switches to it and comes back."""

    code: str
    name: str
    current: bool
    url: str = ""


class Brand(msgspec.Struct, frozen=True):
    """What the frame shows of a brand, in the reader's language."""

    name: str
    tagline: str
    symbol: str
    logo_url: str | None
    hero: str
    hero_url: str | None
    support_email: str
    legal_name: str
    style_url: str
    preloads: tuple[str, ...]
    theme_light: str
    theme_dark: str


class Notice(msgspec.Struct, frozen=True):
    """A message at the top of a page: `positive`, `info`, `warning` or `danger`."""

    tone: str
    title: str
    text: str = ""


class PreviewBanner(msgspec.Struct, frozen=True):
    """What stands above every page of a preview: whose draft it is, as whom one looks, the exit."""

    title: str
    audiences: tuple[LanguageChoice, ...]
    languages: tuple[LanguageChoice, ...]
    exit_url: str


class Frame(msgspec.Struct, frozen=True):
    """Everything around the page's own content."""

    brand: Brand
    language: str
    languages: tuple[LanguageChoice, ...]
    section: str
    signed_in: bool
    csrf: str
    path: str
    theme: str
    notice: Notice | None = None
    preview: PreviewBanner | None = None
    sandbox_day: str | None = None


class FieldError(msgspec.Struct, frozen=True):
    """What is wrong with one field of a form, in the reader's words."""

    field: str
    message: str
