"""Checkout and orders."""

from datetime import datetime

import msgspec

from guerdon.kit.money import Money
from guerdon.member_web.views.frame import FieldError
from guerdon.member_web.views.pictures import Picture
from guerdon.member_web.views.shop import OpenOrder


class AddressChoice(msgspec.Struct, frozen=True):
    """A saved address."""

    id: str
    name: str
    lines: tuple[str, ...]
    selected: bool = False
    default: bool = False


class AddressForm(msgspec.Struct, frozen=True):
    """A form for an address, with what was typed so far. `regions` is empty where they are free."""

    recipient: str = ""
    line1: str = ""
    line2: str = ""
    district: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    courier_phone: str = ""
    countries: tuple[tuple[str, str], ...] = ()
    errors: tuple[FieldError, ...] = ()


class Checkout(msgspec.Struct, frozen=True):
    """A quote about to be redeemed. `remaining` is the balance afterwards."""

    quote_id: str
    product_name: str
    product_url: str
    variant_name: str | None
    picture: Picture | None
    points: int
    money: Money
    fee: Money
    due: Money
    balance: int
    remaining: int
    delivery: str
    addresses: tuple[AddressChoice, ...]
    address_form: AddressForm | None
    expires_at: datetime
    seconds_left: int
    changed: bool
    idempotency_key: str
    counter_name: str | None = None


class Step(msgspec.Struct, frozen=True):
    """One station of an order. `status`: done, current, coming or failed."""

    key: str
    status: str
    at: datetime | None = None


class Parcel(msgspec.Struct, frozen=True):
    """A parcel on its way."""

    carrier: str
    number: str
    url: str | None
    state: str
    at: datetime | None = None


class Taken(msgspec.Struct, frozen=True):
    """What was taken from the member, and when it became final."""

    points: int
    money: Money | None
    fee: Money | None
    final: bool
    at: datetime | None = None
    returned_points: int = 0
    returned_money: Money | None = None


class Order(msgspec.Struct, frozen=True):
    """One redemption as its member sees it."""

    id: str
    url: str
    number: str
    product_name: str
    product_url: str
    variant_name: str | None
    picture: Picture | None
    state: str
    reason: str | None
    placed_at: datetime
    steps: tuple[Step, ...]
    taken: Taken
    parcels: tuple[Parcel, ...]
    counter_code: str | None
    address: tuple[str, ...]
    can_cancel: bool
    cancel_refusal: str | None
    pay_url: str | None
    live: bool
    slot: str | None = None


class Orders(msgspec.Struct, frozen=True):
    """The member's orders, the newest first."""

    under_way: tuple[OpenOrder, ...]
    done: tuple[OpenOrder, ...]
    next_url: str | None = None
