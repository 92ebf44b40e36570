"""The code of the moment: what a member's phone shows at the till, good for some minutes.

Twelve digits of the member's number, four of the minute, eight of a signature with the brand's
own key. The phone needs no connection while it shows it. A sale may be credited to it as often as
its minutes allow; a reward is handed over to it once.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from guerdon.kit.errors import InvalidError
from guerdon.members import numbers
from guerdon.plumbing.db import ReadSession

LIFE: Final = timedelta(minutes=5)
# A till's clock and ours may differ by a little.
AHEAD: Final = timedelta(minutes=1)
LENGTH: Final = 24
_NUMBER, _MINUTE = 12, 16
_MINUTES: Final = 10**4
_SIGNATURES: Final = 10**8


class TillCodeWrongError(InvalidError):
    """The signature of the code is not the brand's."""

    code = "till_code_wrong"
    title = "This is no code of a member"


class TillCodeOverError(InvalidError):
    """The code's minutes are over."""

    code = "till_code_over"
    title = "This code is over"


class Shown(msgspec.Struct, frozen=True):
    """What a phone shows, and until when."""

    code: str
    until: datetime


async def in_use(s: ReadSession) -> bool:
    """Whether the brand has a till: somebody is its cashier, or somebody of it credited a sale."""
    found: bool = await s.value(
        """
        SELECT EXISTS (
          SELECT FROM app.staff p
           WHERE p.tenant_id = %(tenant_id)s AND p.status = 'active'
             AND ('cashier' = ANY (p.roles) OR EXISTS (
               SELECT FROM app.ledger_txn t
                WHERE t.tenant_id = p.tenant_id AND t.source = 'till:' || p.id
                  AND t.event_id IS NOT NULL)))
        """
    )
    return found


def digits(typed: str) -> str:
    """What was typed or scanned, without what stands between digits."""
    return "".join(c for c in typed if c.isdigit() and c.isascii())


def is_one(typed: str) -> bool:
    """Whether something could be a code of the moment."""
    return len(digits(typed)) == LENGTH and not any(c.isalpha() for c in typed)


def of(data_key: bytes, *, number: str, now: datetime) -> Shown:
    """The code of `number` from `now` on; `now` is of real time."""
    minute = int(now.timestamp()) // 60
    code = f"{number}{minute % _MINUTES:04}{_signature(data_key, number, minute):08}"
    return Shown(code, datetime.fromtimestamp(minute * 60, UTC) + LIFE)


def number_in(data_key: bytes, *, code: str, now: datetime) -> str:
    """The number of the member who shows this code.

    Raises TillCodeWrongError, TillCodeOverError.
    """
    plain = digits(code)
    number, minute_shown = plain[:_NUMBER], int(plain[_NUMBER:_MINUTE])
    latest = int((now + AHEAD).timestamp()) // 60
    minute = latest - (latest - minute_shown) % _MINUTES
    signature = f"{_signature(data_key, number, minute):08}"
    if not numbers.holds(number) or not hmac.compare_digest(signature, plain[_MINUTE:]):
        raise TillCodeWrongError("Scan it again, or type each digit.", field="code")
    if now >= datetime.fromtimestamp(minute * 60, UTC) + LIFE:
        raise TillCodeOverError(
            "It is good for five minutes. Ask the member to show a new one.", field="code"
        )
    return number


def fingerprint(data_key: bytes, code: str) -> str:
    """What is kept of a code that was used up."""
    return hmac.new(data_key, b"till-used|" + digits(code).encode(), hashlib.sha256).hexdigest()


def _signature(data_key: bytes, number: str, minute: int) -> int:
    text = f"till-code|{number}|{minute}".encode()
    mac = hmac.new(data_key, text, hashlib.sha256).digest()
    return int.from_bytes(mac[:8], "big") % _SIGNATURES
