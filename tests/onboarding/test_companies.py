"""Tax numbers by country: the form, and the check digits where there are some."""

import pytest

from guerdon.kit.errors import InvalidError
from guerdon.onboarding.companies import TAX_IDS, check
from guerdon.onboarding.errors import CompanyRefusedError

WRONG = {
    "AR": "30-50001091-3", "BR": "11.222.333/0001-82", "CL": "76.086.428-6",
    "CO": "890.903.938-1", "DE": "DE12345", "ES": "B58378432", "FR": "12345", "GB": "GB12",
    "IT": "0074311015", "MX": "AB010101", "PE": "30100070970", "PT": "501442601",
    "US": "00-3456789", "UY": "12345", "JP": "12 3", "AU": "abcd",
}  # fmt: skip


@pytest.mark.parametrize("country", TAX_IDS)
def test_the_example_of_each_country_is_good(country: str) -> None:
    _, example, _ = TAX_IDS[country]
    kept = check(legal_name="Acme", country=country.lower(), tax_id=example)
    assert kept.country == country
    assert kept.tax_id.isalnum()


@pytest.mark.parametrize(("country", "number"), WRONG.items())
def test_a_slip_is_seen(country: str, number: str) -> None:
    with pytest.raises(CompanyRefusedError) as refused:
        check(legal_name="Acme", country=country, tax_id=number)
    assert (refused.value.field, refused.value.params["reason"]) == ("tax_id", "tax_id")


def test_both_forms_of_a_brazilian_number() -> None:
    assert check(legal_name="A", country="BR", tax_id="12.ABC.345/01DE-35").tax_id == (
        "12ABC34501DE35"
    )
    with pytest.raises(CompanyRefusedError):
        check(legal_name="A", country="BR", tax_id="00.000.000/0000-00")


def test_what_is_missing_is_named() -> None:
    for given, field in (
        ({"legal_name": " ", "country": "US", "tax_id": "1"}, "legal_name"),
        ({"legal_name": "A", "country": "XX", "tax_id": "1234"}, "country"),
        ({"legal_name": "A", "country": "US", "tax_id": " - "}, "tax_id"),
    ):
        with pytest.raises(InvalidError) as refused:
            check(**given)
        assert refused.value.field == field
