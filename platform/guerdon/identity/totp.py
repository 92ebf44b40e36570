"""Time-based codes of an authenticator app (RFC 6238): six digits, thirty seconds, SHA-1.

That is what every authenticator app can do. A code is good in its own step and in the one before
and after it, and each step is accepted once.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Final

import msgspec
import pyotp
import segno

from guerdon.identity.keyring import same

STEP_S: Final = 30
DRIFT_STEPS: Final = 1
_QUIET_ZONE: Final = 4


def new_key() -> str:
    """160 random bits in base 32, as an authenticator app takes them."""
    return pyotp.random_base32()


def address(key: str, *, account: str, issuer: str) -> str:
    """The `otpauth://` address that an authenticator app reads from a QR code."""
    return pyotp.TOTP(key).provisioning_uri(name=account, issuer_name=issuer)


class Picture(msgspec.Struct, frozen=True):
    """A QR code: the path of its dark modules in a square of `size` units, margin included."""

    size: int
    path: str


def picture(text: str) -> Picture:
    """`text` as a QR code for an SVG `viewBox` of `size` by `size`."""
    rows = list(segno.make(text, error="m", micro=False).matrix_iter(border=_QUIET_ZONE))
    path = [f"M{x} {y}h{run}v1h-{run}z" for y, row in enumerate(rows) for x, run in _runs(row)]
    return Picture(len(rows), "".join(path))


def _runs(row: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Where dark modules begin, and how many stand side by side."""
    at = 0
    for dark, cells in groupby(row, key=bool):
        length = len(list(cells))
        if dark:
            yield at, length
        at += length


def code(key: str, *, now: datetime) -> str:
    """The code of `now`."""
    return str(pyotp.TOTP(key).generate_otp(_step(now)))


def accepted_step(key: str, typed: str, *, now: datetime, after: int) -> int | None:
    """The step whose code was typed, if it is near `now` and later than `after`; None otherwise."""
    digits = "".join(c for c in typed if c.isdigit() and c.isascii())
    generator = pyotp.TOTP(key)
    for step in range(_step(now) - DRIFT_STEPS, _step(now) + DRIFT_STEPS + 1):
        # Every candidate is compared, so that the time tells nothing about which was near.
        right = same(str(generator.generate_otp(step)), digits)
        if right and step > after:
            return step
    return None


def _step(now: datetime) -> int:
    return int(now.timestamp()) // STEP_S
