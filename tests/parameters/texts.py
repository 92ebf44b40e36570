"""Every text about parameters that a person reads: titles, helps, units, what rules say.

python -m tests.parameters.texts    writes new ones into the catalogues, untranslated
"""

import ast
import importlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from guerdon.parameters import type_errors
from guerdon.parameters.schema import section_schema, words
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.programme import SECTIONS
from guerdon.theming.translations import CATALOGUES, LANGUAGES, SOURCE, babel_locale

ROOT = Path(__file__).parents[2]
PRODUCT = ROOT / "platform" / "guerdon"
SPEAKERS = ("words.py", "versions.py")
_HEADER = (
    b'"Project-Id', b'"Report-Msgid', b'"POT-Creation', b'"PO-Revision', b'"Last-Translator',
    b'"Language-Team', b'"Generated-By', b"#, ",
)  # fmt: skip


def of_schemas() -> Iterator[str]:
    """Titles, helps, units and labels of every field."""
    for section in (ProgrammeParameters, *SECTIONS):
        yield from words(section_schema(section))


def of_findings() -> Iterator[str]:
    """What rules say, in every file that yields findings about parameters."""
    for file in sorted(PRODUCT.rglob("*.py")):
        text = file.read_text()
        if "parameters.sections import" not in text and file.parent.name != "parameters":
            continue
        tree = ast.parse(text)
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Finding":
                yield from _message(file, tree, call)


def _message(file: Path, tree: ast.AST, call: ast.Call) -> Iterator[str]:
    given: Any = [k.value for k in call.keywords if k.arg == "message"] or call.args[2:3]
    if not given:
        return
    if isinstance(given[0], ast.Name):
        name = file.relative_to(PRODUCT.parent).with_suffix("").as_posix().replace("/", ".")
        found = getattr(importlib.import_module(name), given[0].id, None)
    else:
        found = getattr(given[0], "value", None)
    if isinstance(found, str):
        yield found
    elif isinstance(given[0], ast.Name):
        # Out of a table: every text of the file that has places for values is one.
        constants = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant))
        yield from (
            c for c in constants if isinstance(c, str) and "%(" in c and "tenant_id" not in c
        )
    elif "fault.message" not in ast.unparse(call):
        raise AssertionError(f"{file.name}:{call.lineno}: put what varies into params")


def of_the_console() -> Iterator[str]:
    """Sentences about edits."""
    for name in SPEAKERS:
        file = PRODUCT / "admin_api" / name
        for _, message, _, _ in extract_from_file("python", file, {"_": None, "text": None}):
            yield str(message)


def every_text() -> list[str]:
    """All of them, each once."""
    every = [*of_schemas(), *of_findings(), *type_errors.messages(), *of_the_console()]
    return sorted({text for text in every if text.strip() and text not in ("%", "×")})


def path_of(language: str) -> Path:
    """Where the translations stand."""
    return CATALOGUES / f"{babel_locale(language)}.parameters.po"


def translated(language: str) -> Catalog:
    """The catalogue of a language as it stands."""
    if not path_of(language).is_file():
        return Catalog(locale=babel_locale(language), charset="utf-8")
    with path_of(language).open("rb") as file:
        return read_po(file, locale=babel_locale(language))


def keep(language: str, translations: dict[str, str]) -> None:
    """Write the catalogue of a language: every text, with its translation where there is one."""
    made = Catalog(locale=babel_locale(language), charset="utf-8", fuzzy=False)
    made.header_comment = f"# Parameters of Guerdon in {LANGUAGES[language]}."
    for text in every_text():
        made.add(text, translations.get(text, ""))
    out = io.BytesIO()
    write_po(out, made, width=100, sort_output=True, no_location=True)
    lines = out.getvalue().splitlines(keepends=True)
    # A date of making would differ in every copy.
    path_of(language).write_bytes(b"".join(n for n in lines if not n.startswith(_HEADER)))


def main() -> None:
    """Bring every catalogue up to the texts; what is gone is dropped."""
    for language in LANGUAGES:
        if language != SOURCE:
            keep(language, {str(m.id): str(m.string) for m in translated(language) if m.id})


if __name__ == "__main__":
    main()
