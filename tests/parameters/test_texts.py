"""Every text about parameters is there in every language, with the same values in it."""

import re

import pytest
from tests.parameters.texts import every_text, translated

from guerdon.theming.translations import LANGUAGES, SOURCE

OTHERS = [language for language in LANGUAGES if language != SOURCE]
_VALUE = re.compile(r"%\(\w+\)s|%%")


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated(language: str) -> None:
    wanted = set(every_text())
    assert len(wanted) > 350
    there = {message.id: message.string for message in translated(language) if message.id}
    missing = sorted(text for text in wanted if not str(there.get(text, "")).strip())
    assert missing == [], "python -m tests.parameters.texts adds them; then translate"
    assert set(there) - wanted == set()
    for text, found in there.items():
        assert sorted(_VALUE.findall(text)) == sorted(_VALUE.findall(str(found))), text
