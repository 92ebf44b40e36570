"""Every text that a member sees is there in every language, with the same values in it."""

import re

import pytest
from babel.messages.catalog import Message
from tests.theming.messages import messages, platform_messages, translated

from guerdon.theming.translations import LANGUAGES, SOURCE, choose_language, translator

OTHERS = [language for language in LANGUAGES if language != SOURCE]
_VALUE = re.compile(r"%\(\w+\)s")


def _forms(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("part", ["", ".platform"])
def test_every_message_is_translated(language: str, part: str) -> None:
    found = translated(language, part)
    wanted = {m.id for m in (platform_messages() if part else messages()) if m.id}
    assert len(wanted) > (100 if part else 300)
    there = {m.id: m for m in found if m.id}
    assert wanted - set(there) == set()
    assert set(there) - wanted == set()
    for message in there.values():
        assert not message.fuzzy, message.id
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        values = set(_VALUE.findall(" ".join(ids)))
        for form in _forms(message):
            assert form.strip(), message.id
            assert set(_VALUE.findall(form)) <= values, message.id
        assert set(_VALUE.findall(" ".join(_forms(message)))) == values, message.id


def test_plurals_follow_the_language() -> None:
    words = translator("pt-BR")
    assert words.plural("Your parcel", "Your parcels", 1) == "Seu pacote"
    assert words.plural("Your parcel", "Your parcels", 2) == "Seus pacotes"


def test_values_become_text_and_never_markup_or_messages() -> None:
    hostile = "<b>%(points)s</b>"
    told = translator("es").markup("Join %(brand)s", brand=hostile)
    assert str(told) == "Únete a &lt;b&gt;%(points)s&lt;/b&gt;"


@pytest.mark.parametrize(
    ("wishes", "accept", "expected"),
    [
        ((None,), "", "pt-BR"),
        (("es",), "en", "es"),
        (("de",), "en-GB,en;q=0.8", "en"),
        ((None,), "pt;q=0.9, en;q=0.8", "pt-BR"),
        ((None,), "fr, de;q=0.5, es-MX;q=0.3", "es"),
        ((None,), "en;q=0, *;q=broken", "pt-BR"),
    ],
)
def test_a_language_is_chosen(wishes: tuple[str | None, ...], accept: str, expected: str) -> None:
    assert choose_language(("pt-BR", "en", "es"), *wishes, accept_language=accept) == expected
