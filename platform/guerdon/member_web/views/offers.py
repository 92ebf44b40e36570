"""Offers on a page, and what the member bought from the brand."""

import msgspec

from guerdon.member_web.views.pictures import Picture


class OfferCard(msgspec.Struct, frozen=True):
    """An offer. `id` is what the page tells back when it is seen, followed or sent away.

    `url` is empty where it leads nowhere. `facts` are label and value pairs in words: a package's
    arithmetic, a card's limit. `rest_days` is how long it stays away once it is sent away, None
    where that is not kept.
    """

    id: str
    kind: str
    symbol: str
    title: str
    text: str
    reason: str
    call_to_action: str
    url: str
    outside: bool = False
    bank: str = ""
    variant: str = ""
    points: str = ""
    picture: Picture | None = None
    facts: tuple[tuple[str, str], ...] = ()
    rest_days: int | None = None


class Slot(msgspec.Struct, frozen=True):
    """A placement's offers, best first. `key` is unique on the page."""

    key: str
    heading: str
    cards: tuple[OfferCard, ...]
    personal: bool
    more_url: str | None = None


class Purchase(msgspec.Struct, frozen=True):
    """A ticket, a stay, a policy or a basket that offers follow from. `facts`: short words."""

    id: str
    url: str
    symbol: str
    title: str
    when: str
    reference: str
    facts: tuple[str, ...]
    slot: Slot | None


class Purchases(msgspec.Struct, frozen=True):
    """What the member bought and is still to come; `single`: the page of just one."""

    purchases: tuple[Purchase, ...]
    single: bool = False
