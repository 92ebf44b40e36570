"""Activity, profile, signing in, joining, privacy."""

from datetime import date, datetime

import msgspec

from guerdon.member_web.views.frame import FieldError
from guerdon.member_web.views.journey import AddressChoice, AddressForm
from guerdon.member_web.views.shop import Chip


class Entry(msgspec.Struct, frozen=True):
    """One line of the history. `kind`: earn, redeem, refund, adjust, reverse, expire, hold."""

    id: str
    url: str
    kind: str
    title: str
    detail: str
    points: int
    at: datetime


class Month(msgspec.Struct, frozen=True):
    """The entries of a month, newest first."""

    first_day: date
    entries: tuple[Entry, ...]


class Activity(msgspec.Struct, frozen=True):
    """A page of the history."""

    balance: int
    held: int
    months: tuple[Month, ...]
    filters: tuple[Chip, ...]
    filtered: bool
    next_url: str | None
    export_url: str


class LotLine(msgspec.Struct, frozen=True):
    """Points of one earning: when they came, how many, until when they last."""

    points: int
    earned_on: date
    expires_on: date | None


class Explanation(msgspec.Struct, frozen=True):
    """Why an entry is what it is. `facts` are label and value pairs, already in words."""

    entry: Entry
    facts: tuple[tuple[str, str], ...]
    lots: tuple[LotLine, ...]
    order_url: str | None
    version: int | None
    version_since: datetime | None
    recorded_at: datetime


class SessionLine(msgspec.Struct, frozen=True):
    """A device that is signed in."""

    id: str
    device: str
    signed_in_at: datetime
    seen_at: datetime
    current: bool


class ConsentLine(msgspec.Struct, frozen=True):
    """A purpose and whether it is agreed to."""

    purpose: str
    title: str
    text: str
    granted: bool
    changed_at: datetime | None = None


class PersonForm(msgspec.Struct, frozen=True):
    """Who the member is."""

    name: str = ""
    email: str = ""
    phone: str = ""
    member_number: str = ""
    errors: tuple[FieldError, ...] = ()


class Profile(msgspec.Struct, frozen=True):
    """The member's own data."""

    person: PersonForm
    member_since: date
    tier_name: str | None
    addresses: tuple[AddressChoice, ...]
    address_form: AddressForm
    consents: tuple[ConsentLine, ...]
    sessions: tuple[SessionLine, ...]
    has_password: bool
    password_errors: tuple[FieldError, ...] = ()
    # Whether recommendations are the member's own; None where the brand recommends nothing.
    personal: bool | None = None
    has_purchases: bool = False
    # Whether there is a till at which to show one's code.
    has_till: bool = False


class OwnCode(msgspec.Struct, frozen=True):
    """The code of the moment: in groups of digits, and as a picture's square and path."""

    groups: tuple[str, ...]
    size: int
    path: str
    until: datetime
    name: str


class Connection(msgspec.Struct, frozen=True):
    """The brand's own identity service, offered as a button."""

    key: str
    label: str


class SignIn(msgspec.Struct, frozen=True):
    """Signing in. `step`: start, code or password."""

    step: str
    email: str
    next: str
    connections: tuple[Connection, ...]
    errors: tuple[FieldError, ...] = ()
    minutes: int = 10
    challenge: str = ""
    ticket: str = ""
    passwords: bool = True
    again: bool = False


class Terms(msgspec.Struct, frozen=True):
    """The programme's terms as they stand."""

    version: str
    paragraphs: tuple[str, ...]


class Join(msgspec.Struct, frozen=True):
    """Joining on one screen; `code_sent` shows the field for the mailed code."""

    name: str
    email: str
    challenge: str
    ticket: str
    terms_version: str
    consents: tuple[ConsentLine, ...]
    errors: tuple[FieldError, ...] = ()


class Erase(msgspec.Struct, frozen=True):
    """What erasing means, in numbers."""

    balance: int
    open_orders: int
    member_since: date
    errors: tuple[FieldError, ...] = ()


class ErrorPage(msgspec.Struct, frozen=True):
    """Something did not work: what, what it means for points and money, and what to do."""

    status: int
    title: str
    text: str
    safe: str | None
    action_label: str | None
    action_url: str | None
    reference: str | None
    symbol: str = "info"
