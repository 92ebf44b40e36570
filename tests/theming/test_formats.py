"""Numbers, points, money and dates as each language writes them."""

from datetime import UTC, date, datetime

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from guerdon.kit.money import Money
from guerdon.theming.formats import Formats, PointsName, unbroken
from guerdon.theming.translations import LANGUAGES, babel_locale


def formats(language: str, one: str = "milha", other: str = "milhas") -> Formats:
    return Formats(
        language=language, time_zone="America/Sao_Paulo", points_name=PointsName(one, other)
    )


@given(st.integers(-(2**53), 2**53), st.sampled_from(sorted(LANGUAGES)))
def test_numbers_are_written_as_babel_writes_them(value: int, language: str) -> None:
    expected = str(format_decimal(value, locale=babel_locale(language)))
    assert formats(language).number(value) == expected


@pytest.mark.parametrize("value", [0, 999, 1000, 9999, 10000, -1000, -10000])
@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_edges_of_grouping(value: int, language: str) -> None:
    expected = str(format_decimal(value, locale=babel_locale(language)))
    assert formats(language).number(value) == expected


def test_points_carry_the_brands_word() -> None:
    miles = formats("pt-BR")
    assert miles.points(12450) == "12.450\u00a0milhas"
    assert miles.points(1) == "1\u00a0milha"
    assert miles.points(0) == "0\u00a0milhas"
    assert miles.signed_points(-800) == "\u2212800"
    assert miles.signed_points(240) == "+240"


@given(st.integers(-(2**53), 2**53), st.sampled_from(sorted(LANGUAGES)))
def test_points_in_a_page_are_the_same_points(value: int, language: str) -> None:
    ours = formats(language, "p\u00e9 & <b>", 'p\u00e9s & "b"')
    for number in (value, value % 3):
        assert ours.points_html(number).decode() == str(escape(ours.points(number)))


def test_factors_have_the_languages_decimal_mark() -> None:
    assert formats("pt-BR").decimal("1.25") == "1,25"
    assert formats("es").decimal("3.5") == "3,5"
    assert formats("en").decimal("3.5") == "3.5"
    assert formats("pt-BR").decimal("2") == "2"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ethiopia Guji, 340 g, Whole bean", "Ethiopia Guji, 340\u00a0g, Whole bean"),
        ("Etiópia Guji, 340 g", "Etiópia Guji, 340\u00a0g"),
        ("Mug 12 oz", "Mug 12\u00a0oz"),
        ("Set of 4 cups", "Set of 4 cups"),
        ("Kettle 2 000 W", "Kettle 2 000\u00a0W"),
        ("A4 paper", "A4 paper"),
        ("", ""),
    ],
)
def test_a_number_keeps_its_unit(name: str, shown: str) -> None:
    assert unbroken(name) == shown


def test_money_always_shows_its_currency() -> None:
    assert formats("pt-BR").money(Money(12050, "BRL")) == "R$\u00a0120,50"
    assert formats("pt-BR").money_short(Money(12000, "BRL")) == "R$\u00a0120"
    assert formats("en").money_short(Money(12050, "USD")) == "$120.50"


def test_days_are_the_programmes() -> None:
    late = datetime(2026, 11, 13, 1, 30, tzinfo=UTC)
    assert formats("pt-BR").long_date(late) == "12 de novembro de 2026"
    assert formats("en").month(date(2026, 11, 1)) == "November 2026"
    assert formats("es").days_until(date(2026, 11, 14), late) == 2
