"""Home, catalogue and product."""

from datetime import date, datetime

import msgspec
from markupsafe import Markup

from guerdon.kit.money import Money
from guerdon.member_web.views.offers import Slot
from guerdon.member_web.views.pictures import Picture


class Card(msgspec.Struct, frozen=True):
    """A product in a list. `missing` is how many points are short, None when unknown or enough."""

    id: str
    url: str
    name: str
    category: str
    category_name: str
    picture: Picture | None
    points: int
    mix_points: int | None = None
    mix_money: Money | None = None
    stock: str = "in"
    left: int | None = None
    delivery: str = "parcel"
    missing: int | None = None


class Expiring(msgspec.Struct, frozen=True):
    """The next points to expire and the last day they can be used, in words."""

    points: str
    last_day: str


class TierStanding(msgspec.Struct, frozen=True):
    """The member's tier and what is missing to the next, in words.

    `percent` of the way is a string of 0 to 100; `stamps` of ten are earned.
    """

    name: str
    qualifying: str
    percent: str
    stamps: int
    next_name: str | None = None
    missing: str | None = None
    multiplier: str | None = None


class OpenOrder(msgspec.Struct, frozen=True):
    """An order in a list. `action`: `pay` or `collect` when the member has something to do."""

    url: str
    number: str
    name: str
    state: str
    picture: Picture | None
    changed_at: datetime
    points: int = 0
    action: str | None = None


class Home(msgspec.Struct, frozen=True):
    """The member's first page. Words and numbers are ready to be shown: most of the page is
    rendered once per brand and language, with places left open for them."""

    first_name: str
    part_of_day: str
    balance: str
    points_word: str
    held: str | None
    expiring: Expiring | None
    tier: TierStanding | None
    within: Markup | None
    above: Markup | None
    orders: Markup | None
    slot: str | None = None


class Landing(msgspec.Struct, frozen=True):
    """The first page of somebody who is not signed in."""

    cards: tuple[Card, ...]


class Chip(msgspec.Struct, frozen=True):
    """A filter or a way to sort: a link to the state it leads to."""

    label: str
    url: str
    selected: bool = False


class Catalogue(msgspec.Struct, frozen=True):
    """A page of the catalogue."""

    query: str
    hidden: tuple[tuple[str, str], ...]
    categories: tuple[Chip, ...]
    filters: tuple[Chip, ...]
    sorts: tuple[Chip, ...]
    cards: tuple[Card, ...]
    total: int | None
    next_url: str | None
    clear_url: str
    filtered: bool
    balance: int | None = None
    corrected: str | None = None
    slot: Slot | None = None


class Stop(msgspec.Struct, frozen=True):
    """A worked position between points and money."""

    points: int
    money: Money
    fee: Money
    due: Money
    selected: bool = False
    remaining: int | None = None
    missing: int | None = None
    too_small: bool = False


class Variant(msgspec.Struct, frozen=True):
    """A choice within a product: size, colour, cabin."""

    id: str
    name: str
    url: str
    selected: bool
    available: bool


class Product(msgspec.Struct, frozen=True):
    """A product's own page."""

    id: str
    url: str
    name: str
    brand: str | None
    category_name: str
    category_url: str
    description: str
    pictures: tuple[Picture, ...]
    variant_id: str
    variants: tuple[Variant, ...]
    price: int
    stops: tuple[Stop, ...]
    minimum_points: int
    maximum_points: int
    step: int
    stock: str
    left: int | None
    delivery: str
    delivery_days: tuple[int, int] | None
    returnable_days: int
    signed_in: bool
    balance: int | None
    similar: tuple[Card, ...]
    facts: tuple[tuple[str, str], ...] = ()
    until: date | None = None
    slot: str | None = None
    sku: str = ""
