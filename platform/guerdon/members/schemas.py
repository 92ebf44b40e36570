"""What the rest of the house knows of a member."""

from datetime import datetime
from uuid import UUID

import msgspec


class Member(msgspec.Struct, frozen=True):
    """A member. Once erased, everything that identifies a person is None."""

    id: UUID
    account_id: UUID
    status: str
    number: str | None
    external_id: str | None
    email: str | None
    name: str | None
    phone: str | None
    language: str | None
    joined_at: datetime
    email_verified_at: datetime | None
    erased_at: datetime | None

    @property
    def active(self) -> bool:
        """Whether the member may sign in and redeem."""
        return self.status == "active"


class Address(msgspec.Struct, frozen=True):
    """A postal address, checked against its country's rules."""

    recipient: str
    line1: str
    country: str
    line2: str = ""
    district: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    phone: str = ""
    label: str = ""


class SavedAddress(msgspec.Struct, frozen=True):
    """An address of the address book."""

    id: UUID
    recipient: str
    line1: str
    line2: str
    district: str
    city: str
    region: str
    postal_code: str
    country: str
    phone: str
    label: str
    is_default: bool


class Consent(msgspec.Struct, frozen=True):
    """What a member last said about a purpose."""

    purpose: str
    granted: bool
    text_version: str
    language: str
    given_at: datetime
