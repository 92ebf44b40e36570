"""What SQL functions refuse, as the domain's errors."""

from typing import TypeVar

import msgspec
import psycopg

from guerdon.kit.errors import GuerdonError, NotFoundError

E = TypeVar("E", bound=type[GuerdonError])

REFUSAL_SQLSTATE = "GU001"
_refusals: dict[str, type[GuerdonError]] = {}


def refusal(error: E) -> E:
    """Let SQL functions raise this error: ERRCODE GU001, MESSAGE code, DETAIL params as JSON."""
    other = _refusals.setdefault(error.code, error)
    if other is not error:
        raise TypeError(f"two errors share the code {error.code!r}")
    return error


refusal(NotFoundError)


def translate(error: psycopg.Error) -> Exception:
    """The domain error behind a refusal raised in SQL; any other error as it is."""
    if error.sqlstate != REFUSAL_SQLSTATE:
        return error
    code = error.diag.message_primary or ""
    kind = _refusals.get(code)
    if kind is None:
        return error
    params = msgspec.json.decode(error.diag.message_detail or "{}")
    field = params.pop("field", None)
    detail = params.pop("detail", "")
    return kind(detail, field=field, **params)
