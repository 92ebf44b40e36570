"""The company behind a brand: what it is called, where it is, and its tax number's form.

The form and, where the country has one, the check digits are tested; nobody is asked whether the
number exists.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec
from babel import Locale

from guerdon.kit.errors import InvalidError
from guerdon.onboarding.errors import CompanyRefusedError
from guerdon.onboarding.names import check_title
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.theming.translations import babel_locale


class Company(msgspec.Struct, frozen=True):
    """Who runs the brand; `tax_id` in its plain form, without dots and dashes."""

    legal_name: str
    country: str
    tax_id: str


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=False))


def _cnpj(text: str) -> bool:
    """Brazil, CNPJ: two check digits modulo 11. Numbers of the form of 2026 have letters."""
    if not re.fullmatch(r"[0-9A-Z]{12}\d{2}", text) or len(set(text)) == 1:
        return False
    values = [ord(c) - 48 for c in text]
    for length in (12, 13):
        weights = [2 + (length - 1 - i) % 8 for i in range(length)]
        rest = sum(v * w for v, w in zip(values, weights, strict=False)) % 11
        if values[length] != (0 if rest < 2 else 11 - rest):
            return False
    return True


def _nif_es(text: str) -> bool:
    """Spain, NIF of companies (letter, seven digits, control) and of people."""
    letters = "TRWAGMYFPDXBNJZSQVHLCKE"
    if re.fullmatch(r"\d{8}[A-Z]", text):
        return letters[int(text[:8]) % 23] == text[8]
    if re.fullmatch(r"[XYZ]\d{7}[A-Z]", text):
        return letters[int(str("XYZ".index(text[0])) + text[1:8]) % 23] == text[8]
    if not re.fullmatch(r"[A-HJNP-SUVW]\d{7}[0-9A-J]", text):
        return False
    doubled = [int(c) for d in text[1:8:2] for c in str(int(d) * 2)]
    control = -(sum(doubled) + sum(int(d) for d in text[2:8:2])) % 10
    return text[8] in (str(control), "JABCDEFGHI"[control])


def _nif_pt(text: str) -> bool:
    if not re.fullmatch(r"[1-9]\d{8}", text):
        return False
    rest = _weighted(text, (9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return int(text[8]) == (0 if rest < 2 else 11 - rest)


def _cuit(text: str) -> bool:
    if not re.fullmatch(r"\d{11}", text):
        return False
    control = -_weighted(text, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return control < 10 and int(text[10]) == control


def _rut(text: str) -> bool:
    if not re.fullmatch(r"\d{7,8}[0-9K]", text):
        return False
    rest = -_weighted(text[-2::-1], (2, 3, 4, 5, 6, 7, 2, 3)) % 11
    return text[-1] == ("K" if rest == 10 else str(rest))


def _nit(text: str) -> bool:
    if not re.fullmatch(r"\d{10}", text):
        return False
    rest = _weighted(text[8::-1], (3, 7, 13, 17, 19, 23, 29, 37, 41)) % 11
    return int(text[9]) == (rest if rest < 2 else 11 - rest)


def _of(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


# By country: what people call the number, how one looks, whether a text can be one.
TAX_IDS: Final[dict[str, tuple[str, str, Callable[[str], bool]]]] = {
    "AR": ("CUIT", "30-50001091-2", _cuit),
    "BR": ("CNPJ", "11.222.333/0001-81", _cnpj),
    "CL": ("RUT", "76.086.428-5", _rut),
    "CO": ("NIT", "890.903.938-8", _nit),
    "DE": ("USt-IdNr.", "DE 136 695 976", _of(r"(DE)?\d{9}")),
    "ES": ("NIF", "B58378431", _nif_es),
    "FR": ("SIREN", "732 829 320", _of(r"\d{9}|\d{14}")),
    "GB": ("VAT / CRN", "GB 220 430 231", _of(r"(GB)?\d{9}|(GB)?\d{12}|[A-Z0-9]{2}\d{6}")),
    "IT": ("Partita IVA", "00743110157", _of(r"(IT)?\d{11}")),
    "MX": ("RFC", "ABC 010101 AB9", _of(r"[A-ZÑ&]{3,4}\d{6}[A-Z0-9]{3}")),
    "PE": ("RUC", "20100070970", _of(r"(10|15|17|20)\d{9}")),
    "PT": ("NIF", "501442600", _nif_pt),
    "US": ("EIN", "12-3456789", _of(r"(?!00)\d{9}")),
    "UY": ("RUT", "21 100342 001 7", _of(r"\d{12}")),
}
_OTHER: Final = _of(r"(?=.*\d)[A-Z0-9]{4,20}")


def countries(language: str) -> list[tuple[str, str]]:
    """Every country by code, named and sorted in the reader's language."""
    names = Locale.parse(babel_locale(language)).territories
    found = [(code, str(name)) for code, name in names.items() if re.fullmatch("[A-Z]{2}", code)]
    return sorted((one for one in found if one[0] not in _NO_COUNTRY), key=lambda one: one[1])


_NO_COUNTRY: Final = frozenset({"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"})


def check(*, legal_name: str, country: str, tax_id: str) -> Company:
    """The company as it is kept. Raises InvalidError, CompanyRefusedError."""
    name = check_title(legal_name, field="legal_name", length_max=200)
    code = country.strip().upper()
    if code not in dict(countries("en")):
        raise CompanyRefusedError("Choose a country.", field="country", reason="country")
    number = re.sub(r"[\s./-]", "", tax_id).upper()
    called, example, holds = TAX_IDS.get(code, ("", "", _OTHER))
    if not number:
        raise InvalidError("This is needed.", field="tax_id", reason="required")
    if len(number) > 40 or not holds(number):
        raise CompanyRefusedError(
            f"This is no {called or 'tax number'}: one looks like {example}."
            if called
            else "A tax number has 4 to 20 letters and digits.",
            field="tax_id", reason="tax_id", called=called, example=example,
        )  # fmt: skip
    return Company(name, code, number)


async def keep(s: WriteSession, company: Company, *, now: datetime) -> None:
    """Make this the company of the brand in context."""
    await s.execute(
        """
        INSERT INTO app.company (tenant_id, legal_name, country, tax_id, changed_at)
        VALUES (%(tenant_id)s, %(legal_name)s, %(country)s, %(tax_id)s, %(now)s)
        ON CONFLICT (tenant_id) DO UPDATE SET legal_name = excluded.legal_name,
          country = excluded.country, tax_id = excluded.tax_id, changed_at = excluded.changed_at
        """,
        {**msgspec.structs.asdict(company), "now": now},
    )


async def of_brand(s: ReadSession) -> Company | None:
    """The company of the brand in context."""
    return await s.one_or_none(
        Company,
        "SELECT legal_name, country, tax_id FROM app.company WHERE tenant_id = %(tenant_id)s",
    )
