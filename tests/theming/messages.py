"""Every message of the product, found in templates and code.

python -m tests.theming.messages    writes new messages into the catalogues, untranslated
"""

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract, extract_from_file
from babel.messages.pofile import read_po, write_po

from guerdon.theming.translations import CATALOGUES, LANGUAGES, SOURCE, babel_locale

ROOT = Path(__file__).parents[2]
KEYWORDS = {"_": None, "ngettext": (1, 2), "plural": (1, 2)}


def messages() -> Catalog:
    """All messages with the places they stand at."""
    found = Catalog(project="Guerdon", charset="utf-8")
    for file in sorted((ROOT / "themes").glob("*/templates/**/*.html")):
        lines = extract("jinja2.ext:babel_extract", io.BytesIO(file.read_bytes()), KEYWORDS, (), {})
        for _, message, _, _ in lines:
            found.add(message, locations=[(file.relative_to(ROOT).as_posix(), 1)])
    for file in sorted((ROOT / "platform/guerdon/member_web").glob("**/*.py")):
        for _, message, _, _ in extract_from_file("python", file, KEYWORDS):
            found.add(message, locations=[(file.relative_to(ROOT).as_posix(), 1)])
    return found


def platform_messages() -> Catalog:
    """Those of the platform's own pages that no member's page has."""
    found, members = Catalog(project="Guerdon", charset="utf-8"), messages()
    folder = ROOT / "platform/guerdon/platform_web"
    for file in sorted(folder.glob("templates/**/*.html")):
        lines = extract("jinja2.ext:babel_extract", io.BytesIO(file.read_bytes()), KEYWORDS, (), {})
        for _, message, _, _ in lines:
            if message not in members:
                found.add(message)
    refusals = folder / "messages.py"
    for _, message, _, _ in extract_from_file("python", refusals, KEYWORDS | {"text": None}):
        if message not in members:
            found.add(message)
    return found


def translated(language: str, part: str = "") -> Catalog:
    """The catalogue of a language, or a part of it, as it stands."""
    path = CATALOGUES / f"{babel_locale(language)}{part}.po"
    if not path.is_file():
        return Catalog(locale=babel_locale(language), charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=babel_locale(language))


def main() -> None:
    """Bring every catalogue up to the messages; what is gone is dropped."""
    for language in LANGUAGES:
        if language != SOURCE:
            there = translated(language)
            there.update(messages(), no_fuzzy_matching=True)
            there.obsolete.clear()
            there.fuzzy = False
            there.header_comment = f"# Guerdon in {LANGUAGES[language]}."
            there.msgid_bugs_address = there.last_translator = ""
            path = CATALOGUES / f"{babel_locale(language)}.po"
            with path.open("wb") as file:
                write_po(file, there, width=100, sort_output=True, no_location=True)


if __name__ == "__main__":
    main()
