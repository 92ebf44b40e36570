"""One form for each thing that people write in many: e-mail, phone, name, language."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from guerdon.kit.errors import InvalidError

NAME_LENGTH_MAX = 200
_LOCAL_PART: Final = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*")
_DOMAINS_KEPT: Final = 4_096


def email(text: str, *, field: str = "email") -> tuple[str, str]:
    """The e-mail to write to, and the form in which it is compared; InvalidError if it is none."""
    if len(text) > 320:
        raise InvalidError("This is not an e-mail address.", field=field, reason="email")
    plain = text.strip()
    local, _, domain = plain.rpartition("@")
    try:
        # Members of a brand share a few domains, and what stands before one is mostly plain.
        if len(local) <= 64 and len(plain) <= 254 and _LOCAL_PART.fullmatch(local):
            shown = f"{local}@{_domain(domain)}"
        else:
            shown = validate_email(plain, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise InvalidError("This is not an e-mail address.", field=field, reason="email") from error
    return shown, shown.casefold()


@lru_cache(_DOMAINS_KEPT)
def _domain(text: str) -> str:
    """A domain as addresses are written with it; EmailNotValidError."""
    return validate_email(f"a@{text}", check_deliverability=False).normalized.removeprefix("a@")


def phone(text: str, *, field: str = "phone") -> str | None:
    """E.164, or None for nothing; InvalidError if it is no number with its country code."""
    if not text.strip():
        return None
    try:
        parsed = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException as error:
        raise InvalidError(
            "Write the number with + and the country's code.", field=field, reason="phone"
        ) from error
    if not phonenumbers.is_valid_number(parsed):
        raise InvalidError("There is no such number.", field=field, reason="phone")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def line(text: str, *, field: str, length_max: int, required: bool = True) -> str:
    """One line of text in NFC without control characters or doubled blanks."""
    plain = unicodedata.normalize("NFC", text)
    if not (plain.isascii() and plain.isprintable()) and any(
        unicodedata.category(c) in {"Cc", "Cs", "Co", "Cn"} for c in plain.strip()
    ):
        raise InvalidError("Control characters are not accepted.", field=field, reason="control")
    plain = " ".join(plain.split())
    if required and not plain:
        raise InvalidError("This is needed.", field=field, reason="required")
    if len(plain) > length_max:
        raise InvalidError(
            f"At most {length_max} characters.", field=field, reason="length", max=length_max
        )
    return plain


def name(text: str, *, field: str = "name") -> str:
    """A person's name as one line."""
    return line(text, field=field, length_max=NAME_LENGTH_MAX)


def language(text: str | None, languages: tuple[str, ...], *, field: str = "language") -> str:
    """A language of the programme; its first for nothing."""
    if not text:
        return languages[0]
    for known in languages:
        if known.lower() == text.strip().lower().replace("_", "-"):
            return known
    raise InvalidError(
        f"One of {', '.join(languages)}.", field=field, reason="language", got=text[:40]
    )
