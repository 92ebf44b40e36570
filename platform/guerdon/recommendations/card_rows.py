"""One approval of a card: as a CRM's file writes it, and as a brand's system sends it."""

import re
from collections.abc import Iterator
from datetime import date
from typing import BinaryIO, Final

import msgspec

from guerdon.kit.errors import InvalidError
from guerdon.members import normal
from guerdon.members.import_rows import Cells, RowError, Table, read_table

COLUMNS: Final = {
    "external_id": "external_id",
    "email": "email",
    "e_mail": "email",
    "number": "number",
    "member_number": "number",
    "bank": "bank",
    "variant": "variant",
    "limit": "limit_minor",
    "limit_minor": "limit_minor",
    "currency": "currency",
    "valid_until": "valid_until",
    "expires_on": "valid_until",
    "consent": "consent",
}
LIMIT_MAX: Final = 10**12
_YES: Final = frozenset({"yes", "true", "1", "y", "sim", "sí", "si"})
_NO: Final = frozenset({"no", "false", "0", "n", "não", "nao", ""})


class Approval(msgspec.Struct, frozen=True):
    """A row that can be taken in, once it is known whose it is.

    The member has exactly one name. `variant` is the key that offers use.
    """

    line: int
    external_id: str | None
    email_norm: str | None
    number: str | None
    bank: str
    variant: str
    limit_minor: int | None
    currency: str
    # The last day on which it holds.
    valid_until: date
    consent: bool

    @property
    def named_by(self) -> str:
        """By which of the three the member is named."""
        if self.external_id:
            return "external_id"
        return "number" if self.number else "email_norm"

    @property
    def name(self) -> str:
        """The one by which the member is named."""
        return self.external_id or self.number or self.email_norm or ""


def variant_key(text: str) -> str:
    """A variant's key from however the bank writes it: `Gold Plus` is `gold-plus`."""
    key = re.sub(r"[^a-z0-9]+", "-", text.strip().casefold()).strip("-")
    if not key or len(key) > 60:
        raise InvalidError(
            "A variant has 1 to 60 letters, digits and dashes.", field="variant", reason="variant"
        )
    return key


def read_approvals(file: BinaryIO, *, currency: str, today: date) -> Iterator[Approval | RowError]:
    """Every line of `file` below its heading; ImportFileError if there is no usable heading."""
    for cells in read_table(file, _TABLE):
        yield cells if isinstance(cells, RowError) else _read(cells, currency, today)


def approval(
    line: int,
    values: dict[str, str],
    *,
    currency: str,
    today: date,
) -> Approval:
    """The row in these values by column; InvalidError names the column and the reason."""
    names = [n for n in ("external_id", "email", "number") if values.get(n)]
    if len(names) != 1:
        raise InvalidError(
            "Name the member by exactly one: your own id, the e-mail or the number.",
            field=names[1] if names else "external_id",
            reason="member",
        )
    valid_until = _day(values.get("valid_until", ""))
    if valid_until < today:
        raise InvalidError("This approval is over.", field="valid_until", reason="past")
    own = values.get("currency", "").upper()
    if own and not re.fullmatch("[A-Z]{3}", own):
        raise InvalidError("A currency is written BRL.", field="currency", reason="currency")
    limit = _limit(values.get("limit_minor", ""))
    return Approval(
        line=line,
        external_id=_external_id(values.get("external_id", "")),
        email_norm=normal.email(values["email"])[1] if values.get("email") else None,
        number=_number(values.get("number", "")),
        bank=normal.line(values.get("bank", ""), field="bank", length_max=80),
        variant=variant_key(values.get("variant", "")),
        limit_minor=limit,
        currency=(own or currency) if limit is not None else "",
        valid_until=valid_until,
        consent=_consent(values.get("consent", "")),
    )


def _formula(column: str, value: str) -> tuple[str, str] | None:
    if column == "limit_minor":
        return "limit", "A limit is a whole number of minor units, not below 0."
    return "formula", "The value begins like a formula."


_TABLE: Final = Table(COLUMNS, ("bank", "variant", "valid_until", "consent"), _formula)


def _read(cells: Cells, currency: str, today: date) -> Approval | RowError:
    try:
        return approval(cells.line, cells.values, currency=currency, today=today)
    except InvalidError as refusal:
        reason = str(refusal.params.get("reason", "invalid"))
        return cells.error(reason, refusal.detail, refusal.field or "")


def _external_id(text: str) -> str | None:
    return normal.line(text, field="external_id", length_max=200) if text else None


def _number(text: str) -> str | None:
    if text and not re.fullmatch("[0-9]{12}", text):
        raise InvalidError("A member number has 12 digits.", field="number", reason="number")
    return text or None


def _limit(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,13}", text) or int(text) > LIMIT_MAX:
        raise InvalidError(
            "A limit is a whole number of minor units, not below 0.",
            field="limit_minor",
            reason="limit",
        )
    return int(text)


def _day(text: str) -> date:
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidError(
            "A day is written 2026-11-30.", field="valid_until", reason="date"
        ) from error


def _consent(text: str) -> bool:
    said = text.casefold()
    if said in _YES:
        return True
    if said in _NO:
        return False
    raise InvalidError("Consent is yes or no.", field="consent", reason="consent")
