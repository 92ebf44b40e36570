"""Which names a member site can have, and the form they are kept in."""

import msgspec
import pytest

from guerdon.domains import names
from guerdon.domains.errors import DomainNameError
from guerdon.settings import Settings

SETTINGS = msgspec.structs.replace(
    Settings(), base_host="loyal.test:8000", console_host="desk.platform.test", ask_host="web:8000"
)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("club.kettle.example", "club.kettle.example"),
        (" Club.KETTLE.example. ", "club.kettle.example"),
        ("café.com.br", "xn--caf-dma.com.br"),
        ("CAFÉ.com.br", "xn--caf-dma.com.br"),
        ("xn--caf-dma.com.br", "xn--caf-dma.com.br"),
        ("pontos。kettle。example", "pontos.kettle.example"),
        ("kettle.co.uk", "kettle.co.uk"),
    ],
)
def test_a_name_has_one_form(given: str, kept: str) -> None:
    assert names.normal(SETTINGS, given) == kept
    assert names.normal(SETTINGS, kept) == kept


def test_a_name_is_shown_as_people_write_it() -> None:
    assert names.shown("xn--caf-dma.com.br") == "café.com.br"
    assert names.shown("club.kettle.example") == "club.kettle.example"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("192.0.2.7", "address"),
        ("[2001:db8::1]", "address"),
        ("2001:db8::1", "address"),
        ("", "malformed"),
        ("kettle", "too_short"),
        ("https://club.kettle.example/", "malformed"),
        ("club.kettle.example/x", "malformed"),
        ("club.kettle.example:8443", "malformed"),
        ("*.kettle.example", "malformed"),
        ("club..example", "malformed"),
        ("-club.kettle.example", "malformed"),
        ("under_score.kettle.example", "malformed"),
        ("xn--a.example", "malformed"),
        ("127.1", "malformed"),
        ("0x7f.1", "malformed"),
        ("printer.local", "malformed"),
        ("app.localhost", "malformed"),
        (f"{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 55}.example", "malformed"),
        ("co.uk", "public_suffix"),
        ("com.br", "public_suffix"),
        ("github.io", "public_suffix"),
        ("loyal.test", "platform"),
        ("aurora.loyal.test", "platform"),
        ("hooks.loyal.test", "platform"),
        ("desk.platform.test", "platform"),
        ("x.desk.platform.test", "platform"),
        ("staff.loyal.test", "platform"),
    ],
)
def test_other_names_are_refused_with_the_reason(given: str, reason: str) -> None:
    with pytest.raises(DomainNameError) as refused:
        names.normal(SETTINGS, given)
    assert (refused.value.field, refused.value.params["reason"]) == ("domain", reason)
