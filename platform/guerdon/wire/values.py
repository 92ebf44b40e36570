"""Shapes and bounds that many operations share on the wire."""

from typing import Annotated

import msgspec
from msgspec import Meta

from guerdon.kit.money import POINTS_MAX
from guerdon.kit.money import Money as Amount


class In(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Base of what is sent: unknown fields are refused."""


class Out(msgspec.Struct, frozen=True, rename="camel"):
    """Base of what is answered."""


class Money(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An amount in minor units (cents) and its ISO 4217 currency."""

    minor: Annotated[int, Meta(ge=0, le=10**15)]
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]

    @classmethod
    def of(cls, amount: Amount) -> "Money":
        """As the domain has it."""
        return cls(amount.minor, amount.currency)

    def amount(self) -> Amount:
        """As the domain wants it."""
        return Amount(self.minor, self.currency)


Email = Annotated[str, Meta(min_length=3, max_length=254)]
Name = Annotated[str, Meta(min_length=1, max_length=120)]
Phone = Annotated[str, Meta(max_length=40)]
Language = Annotated[str, Meta(min_length=2, max_length=35)]
ExternalId = Annotated[str, Meta(min_length=1, max_length=200)]
Source = Annotated[str, Meta(min_length=1, max_length=60, pattern="^[!-~]+$")]
EventId = Annotated[str, Meta(min_length=1, max_length=200, pattern="^[!-~]+$")]
Note = Annotated[str, Meta(max_length=500)]
Points = Annotated[int, Meta(ge=1, le=POINTS_MAX)]
SignedPoints = Annotated[int, Meta(ge=-POINTS_MAX, le=POINTS_MAX)]
