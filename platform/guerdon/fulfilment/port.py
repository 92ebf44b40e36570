"""The supplier port: what the product asks of whoever ships the goods.

Every call runs outside a transaction. An order is known by our own id at the supplier
(`external_id`), the same on every attempt: placing it twice places it once. Errors of every call:
`SupplierUnavailableError` (nothing was done), `SupplierOutcomeUnknownError` (ask `status`, or
place again under the same id), `SupplierRefusedError` (final). The refusal of an order is a value.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, Protocol
from uuid import UUID

import msgspec

from guerdon.kit.money import Money

REFUSALS: Final = frozenset({
    "out_of_stock", "price_changed", "charge_changed", "address_undeliverable",
    "item_unavailable", "quantity_not_available", "restricted", "delivery_too_late",
    "duplicate_reference", "account", "invalid_order",
})  # fmt: skip

PackageState = Literal["preparing", "shipped", "in_transit", "out_for_delivery", "delivered",
                       "undeliverable", "returned"]  # fmt: skip


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a supplier can do beyond taking an order."""

    search: bool = False
    trial: bool = False
    push: bool = False
    ships: bool = True


class ShipTo(msgspec.Struct, frozen=True, kw_only=True):
    """Where a parcel goes. Only these fields leave the house."""

    name: str
    line1: str
    city: str
    postal_code: str
    country: str
    line2: str = ""
    region: str = ""
    phone: str = ""


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line; `expected_unit_price` is the supplier's price that the quote was made with."""

    id: str
    sku: str
    quantity: int
    expected_unit_price: Money
    offer: str | None = None


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What we ask a supplier to ship. `id` is our row's id and the external id there.

    The supplier refuses when a line costs more than expected, or delivery or tax do where an
    expectation is given. `purchase_order` is our number as people read it; pushes carry it.
    """

    id: UUID
    lines: Sequence[OrderLine]
    ship_to: ShipTo | None = None
    expected_shipping: Money | None = None
    expected_tax: Money | None = None
    purchase_order: str = ""


class LineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The supplier's word on one line; accepted and rejected quantities sum to the asked one."""

    id: str
    accepted: int
    rejected: int = 0
    reason: str | None = None
    unit_price: Money | None = None


class Placed(msgspec.Struct, frozen=True, kw_only=True, tag="placed"):
    """The supplier accepted the order, at least in part.

    `charge` is what we owe, with tax and delivery. `delivery_from` and `delivery_to` are the
    promised days. `already` tells that an earlier attempt had placed it. `pickup_code` is set where
    the member comes and shows a code.
    """

    lines: Sequence[LineAnswer]
    charge: Money | None = None
    supplier_references: Sequence[str] = ()
    delivery_from: datetime | None = None
    delivery_to: datetime | None = None
    already: bool = False
    pickup_code: str | None = None

    @property
    def partial(self) -> bool:
        """Whether something of the order was rejected."""
        return any(line.rejected for line in self.lines)


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag="refused"):
    """The supplier accepted nothing. `reason` is one of `REFUSALS`; `detail` is the supplier's."""

    reason: str
    detail: str = ""
    lines: Sequence[LineAnswer] = ()


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What the order would cost, to the cent, without placing it."""

    charge: Money
    subtotal: Money
    shipping: Money
    tax: Money
    lines: Sequence[LineAnswer]


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel as the supplier tells it. `lines` maps our line ids to quantities."""

    reference: str
    state: PackageState
    carrier: str = ""
    tracking_number: str = ""
    lines: Mapping[str, int] = {}
    expected_from: datetime | None = None
    expected_to: datetime | None = None
    occurred_at: datetime | None = None


class OrderStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The supplier's present view of an order: its answer, and every package so far."""

    answer: Placed | Refused
    packages: Sequence[Package] = ()


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """A verified push: what became of a parcel, and whose it is.

    `purchase_order` is the number we gave the order, `supplier_reference` the supplier's own.
    `confirm_url` is set for a subscription that wants to be confirmed; it tells nothing else.
    """

    id: str
    purchase_order: str = ""
    supplier_reference: str = ""
    package: Package | None = None
    confirm_url: str | None = None


class SupplierProduct(msgspec.Struct, frozen=True, kw_only=True):
    """A hit of a supplier's search, or a product with its offer."""

    sku: str
    title: str
    price: Money | None = None
    list_price: Money | None = None
    brand: str = ""
    category: str = ""
    description: str = ""
    features: Sequence[str] = ()
    image_url: str = ""
    available: bool = True
    quantity_available: int | None = None
    quantity_min: int = 1
    quantity_max: int | None = None
    volume_prices: Sequence[tuple[int, Money]] = ()
    restrictions: Sequence[str] = ()
    delivery: str = ""
    offer: str | None = None
    variation: Mapping[str, str] = {}

    @property
    def publishable(self) -> bool:
        """Whether a catalogue may list it: there is a price, and nothing forbids the purchase."""
        return self.price is not None and not self.restrictions


class SupplierProducts(msgspec.Struct, frozen=True, kw_only=True):
    """A page of hits; `pages` counts all pages."""

    items: Sequence[SupplierProduct]
    total: int
    page: int
    pages: int


class Supplier(Protocol):
    """One tenant's account at a supplier."""

    @property
    def capabilities(self) -> Capabilities:
        """What this supplier can do."""
        ...

    async def search(self, *, text: str, page: int = 1, page_size: int = 24) -> SupplierProducts:
        """Products by words, for catalogue managers."""
        ...

    async def offer(self, *, sku: str, quantity: int = 1) -> SupplierProduct | None:
        """One product with its present price, stock and restrictions; None if unknown there."""
        ...

    async def trial(self, order: Order) -> Trial | Refused:
        """Everything that `place` does, except that nothing is placed."""
        ...

    async def place(self, order: Order) -> Placed | Refused:
        """Place the order, at most once for its id."""
        ...

    async def status(self, external_id: UUID) -> OrderStatus | None:
        """The present view; None means for certain that the order was never placed."""
        ...

    async def verify_push(self, raw: bytes, headers: Mapping[str, str], *, now: datetime) -> Push:
        """The push in `raw`, or `ForgedPushError`. `headers` have lower-case names."""
        ...
