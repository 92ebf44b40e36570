"""Money and points: integers, never floats.

Money is an amount in minor units (cents) with its ISO 4217 currency; points are a plain `int`
below 2**53. A factor is a `Decimal`, a string on the wire.
"""

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Self

import msgspec

POINTS_MAX = 2**53 - 1

# Currencies whose minor unit is not a hundredth (ISO 4217).
_EXPONENT = {
    "BHD": 3, "CLP": 0, "ISK": 0, "JPY": 0, "JOD": 3, "KRW": 0, "KWD": 3, "OMR": 3,
    "PYG": 0, "TND": 3, "UGX": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
}  # fmt: skip


def exponent(currency: str) -> int:
    """Digits after the decimal mark in `currency` (ISO 4217)."""
    return _EXPONENT.get(currency, 2)


class Rounding(StrEnum):
    """How a fraction of a point or of a minor unit becomes whole."""

    FLOOR = "floor"
    CEILING = "ceiling"
    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


_MODES = {
    Rounding.FLOOR: ROUND_FLOOR,
    Rounding.CEILING: ROUND_CEILING,
    Rounding.HALF_UP: ROUND_HALF_UP,
    Rounding.HALF_EVEN: ROUND_HALF_EVEN,
}


def round_to_int(value: Decimal, rounding: Rounding, *, step: int = 1) -> int:
    """`value` as a whole multiple of `step`, rounded as told."""
    return int((value / step).quantize(Decimal(1), rounding=_MODES[rounding])) * step


class Money(msgspec.Struct, frozen=True, order=False):
    """An amount in minor units and its currency. Arithmetic across currencies raises."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise TypeError("money is a whole number of minor units")
        if len(self.currency) != 3 or not self.currency.isascii() or not self.currency.isupper():
            raise ValueError(f"not an ISO 4217 currency: {self.currency!r}")

    def _same(self, other: "Money") -> None:
        if other.currency != self.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __mul__(self, quantity: int) -> "Money":
        return Money(self.minor * quantity, self.currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """Money from a decimal string such as `"120.50"`; too many digits raise ValueError."""
        minor = Decimal(text).scaleb(exponent(currency))
        if minor != minor.to_integral_value():
            raise ValueError(f"{text} has more digits than {currency} has")
        return cls(int(minor), currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Nothing, in `currency`."""
        return cls(0, currency)


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` by `weights` with the largest-remainder rule; the parts sum to `total` exactly.

    Ties go to the earlier part. Raises ValueError on a negative weight or when all are zero.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights must not be negative, and not all zero")
    sign = -1 if total < 0 else 1
    size = abs(total)
    parts = [size * w // whole for w in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(size * weights[i] % whole), i))
    for i in by_remainder[: size - sum(parts)]:
        parts[i] += 1
    return [sign * p for p in parts]
