"""Deciding on an order, line by line, and what becomes of it afterwards."""

import time
from decimal import Decimal
from typing import Any

import msgspec

from guerdon.kit.ids import uuid7
from guerdon.sandbox.amazon.assortment import Item
from guerdon.sandbox.amazon.contract import (
    Amount,
    ExpectedCharge,
    ExpectedUnitPrice,
    LineItem,
    PlaceOrder,
)
from guerdon.sandbox.knobs import Knobs

_TAX = Decimal("0.07")
_FREE_SHIPPING_FROM = Decimal("25")
_SHIPPING = Decimal("5.99")
_CENT = Decimal("0.01")
STEPS = ("SHIPPED", "IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED")
Obj = dict[str, Any]


class Package(msgspec.Struct, kw_only=True):
    """A parcel with the units in it, by line. `step` counts the tracking steps it has made."""

    shipment_id: str
    package_id: str
    tracking_id: str
    units: dict[str, int]
    step: int = 0
    events: list[tuple[str, float]] = []

    @property
    def status(self) -> str:
        """The tracking status."""
        return STEPS[self.step - 1] if self.step else "PENDING"


class PlacedOrder(msgspec.Struct, kw_only=True):
    """An order as the supplier keeps it."""

    external_id: str
    application: str
    order_id: str
    purchase_order: str
    placed_at: float
    result: Obj
    fingerprint: str
    asked: Obj = {}
    packages: list[Package] = []

    @property
    def done(self) -> bool:
        """Whether nothing more will happen."""
        return all(p.step == len(STEPS) for p in self.packages)


def _money(amount: Decimal, currency: str) -> Obj:
    return {"currencyCode": currency, "amount": amount}


def _reject(kind: str, **facts: Any) -> Obj:
    return {"rejectionArtifactType": kind, **facts}


def _message(code: str, text: str) -> list[Obj]:
    return [_reject("RejectionCode", code=code), _reject("RejectionMessage", message=text)]


_KNOB_REASONS = {
    "out_of_stock": ("OUT_OF_STOCK", "This item is out of stock."),
    "address_undeliverable": ("ADDRESS_UNDELIVERABLE", "We cannot deliver to this address."),
    "restricted": ("PURCHASE_RESTRICTED", "Your buying policy does not allow this item."),
    "account": ("PAYMENT_METHOD_DECLINED", "The group's payment method was declined."),
}


class Decision:
    """What the supplier answers to an order: the result body, and what is accepted by line."""

    def __init__(self, order: PlaceOrder, items: dict[str, Item], knobs: Knobs) -> None:
        self._order = order
        self._items = items
        self._knobs = knobs
        self.accepted: dict[str, int] = {}
        self._subtotal = Decimal(0)
        self._currency = "USD"
        self._lines = [self._line(line) for line in order.line_items]
        self.rejections: list[Obj] = []
        self._charges()

    @property
    def charge(self) -> tuple[Decimal, Decimal, Decimal]:
        """Subtotal, shipping, tax."""
        if not self.accepted:
            return Decimal(0), Decimal(0), Decimal(0)
        free = self._subtotal >= _FREE_SHIPPING_FROM
        shipping = Decimal(0) if free else _SHIPPING
        return self._subtotal, shipping, (self._subtotal * _TAX).quantize(_CENT)

    def _line(self, line: LineItem) -> Obj:
        found = self._refused(line)
        if found is not None:
            return {"externalId": line.external_id, "acceptedItems": [],
                    "rejectedItems": [{"quantity": line.quantity, "artifacts": found}]}  # fmt: skip
        item = self._items[line.asin]
        take = min(line.quantity, item.stock)
        if self._knobs.accept_at_most is not None:
            take = min(take, self._knobs.accept_at_most)
        price = item.unit_price(line.quantity, self._knobs.price_factor)
        rejected = []
        if take < line.quantity:
            rest = line.quantity - take
            rejected.append({
                "quantity": rest,
                "artifacts": [
                    _reject("UnavailableQuantity", quantity=rest),
                    *_message("OUT_OF_STOCK", f"Only {take} available."),
                ],
            })  # fmt: skip
        if take == 0:
            return {"externalId": line.external_id, "acceptedItems": [], "rejectedItems": rejected}
        self.accepted[line.external_id] = take
        self._subtotal += price * take
        self._currency = item.currency
        now = time.time()
        artifacts = [
            {"acceptanceArtifactType": "DeliveryTimeRange",
             "lowerBoundary": instant(now + item.delivery_days[0] * 86_400),
             "upperBoundary": instant(now + item.delivery_days[1] * 86_400)},
            {"acceptanceArtifactType": "Charge", "category": "PRINCIPAL", "type": "SUBTOTAL",
             "amount": _money(price * take, item.currency)},
        ]  # fmt: skip
        return {
            "externalId": line.external_id,
            "acceptedItems": [{"quantity": take, "artifacts": artifacts}],
            "rejectedItems": rejected,
        }

    def _refused(self, line: LineItem) -> list[Obj] | None:
        """Why the whole line is rejected, or None."""
        item = self._items.get(line.asin)
        if item is None:
            return _message("PRODUCT_NOT_FOUND", f"{line.asin} is not available.")
        reason = self._knobs.refusal("/ordering", "out_of_stock")
        if reason == "price_changed":
            actual = item.unit_price(line.quantity, 1.21)
            boundary = item.unit_price(line.quantity)
            return [_reject("BrokenUnitPriceExpectation", boundary=_money(boundary, item.currency),
                            actualAmount=_money(actual, item.currency))]  # fmt: skip
        if reason is not None:
            return _message(*_KNOB_REASONS.get(reason, ("REJECTED", reason)))
        if item.restrictions:
            return _message("PURCHASE_RESTRICTED", item.restrictions[0])
        country = self._order.address.country_code
        if item.countries and country not in item.countries:
            return _message("ADDRESS_UNDELIVERABLE", f"{line.asin} is not delivered to {country}.")
        if "undeliverable" in self._order.address.address_line1.casefold():
            return _message("ADDRESS_UNDELIVERABLE", "We cannot deliver to this address.")
        if item.stock == 0:
            return _message("OUT_OF_STOCK", "This item is out of stock.")
        most = item.quantity_max or line.quantity
        if not item.quantity_min <= line.quantity <= most:
            return [
                _reject("AvailableQuantity", minimum=item.quantity_min, maximum=most),
                *_message("QUANTITY_NOT_AVAILABLE", "The quantity is outside the offer's limits."),
            ]
        return self._broken_price(line, item)

    def _broken_price(self, line: LineItem, item: Item) -> list[Obj] | None:
        price = item.unit_price(line.quantity, self._knobs.price_factor)
        for expectation in line.expectations:
            if isinstance(expectation, ExpectedUnitPrice):
                kind, actual = "BrokenUnitPriceExpectation", price
            elif isinstance(expectation, ExpectedCharge) and expectation.source == "SUBTOTAL":
                kind, actual = "BrokenChargeExpectation", price * line.quantity
            else:
                continue
            if _exceeds(actual, item.currency, expectation.amount):
                return [_reject(kind, boundary=_shown(expectation.amount),
                                actualAmount=_money(actual, item.currency))]  # fmt: skip
        return None

    def _charges(self) -> None:
        """Order-level charge expectations: one that is broken rejects the whole order."""
        subtotal, shipping, tax = self.charge
        actual = {"SUBTOTAL": subtotal, "SHIPPING": shipping, "TAX": tax}
        for expectation in self._order.expectations:
            if isinstance(expectation, ExpectedCharge) and self.accepted:
                amount = actual[expectation.source]
                if _exceeds(amount, self._currency, expectation.amount):
                    self.rejections.append(_reject(
                        "BrokenChargeExpectation", boundary=_shown(expectation.amount),
                        actualAmount=_money(amount, self._currency),
                        sources=[expectation.source],
                    ))  # fmt: skip
        if self.rejections:
            self.accepted.clear()
            for line, asked in zip(self._lines, self._order.line_items, strict=True):
                line["acceptedItems"] = []
                line["rejectedItems"] = [
                    {"quantity": asked.quantity, "artifacts": list(self.rejections)}
                ]

    def result(self, order_id: str | None) -> Obj:
        """The body of the answer; a trial has no order id."""
        subtotal, shipping, tax = self.charge
        acceptance: list[Obj] = []
        if self.accepted:
            for category, amount in (("PRINCIPAL", subtotal), ("SHIPPING", shipping), ("TAX", tax)):
                acceptance.append({
                    "acceptanceArtifactType": "Charge", "category": category, "type": category,
                    "amount": _money(amount, self._currency),
                })  # fmt: skip
            if order_id is not None:
                identifier = {"acceptanceArtifactType": "OrderIdentifier", "identifier": order_id}
                acceptance.append(identifier)
                for line in self._lines:
                    for accepted in line["acceptedItems"]:
                        accepted["artifacts"].append(identifier)
        return {
            "lineItems": self._lines,
            "acceptanceArtifacts": acceptance,
            "rejectionArtifacts": self.rejections,
        }

    def packages(self) -> list[Package]:
        """How the accepted units travel: `knobs.packages` parcels, if there are enough units."""
        units = [key for key, count in self.accepted.items() for _ in range(count)]
        parcels = max(1, min(self._knobs.packages, len(units)))
        out = []
        for n in range(parcels if units else 0):
            inside: dict[str, int] = {}
            for key in units[n::parcels]:
                inside[key] = inside.get(key, 0) + 1
            token = uuid7().hex.upper()
            tracking = f"TBA{int(token[-10:], 16):012d}"
            out.append(
                Package(
                    shipment_id=f"S{token[-10:]}",
                    package_id="1",
                    tracking_id=tracking,
                    units=inside,
                )
            )
        return out


def _exceeds(actual: Decimal, currency: str, expected: Amount) -> bool:
    return currency != expected.currency_code or actual > expected.amount


def _shown(amount: Amount) -> Obj:
    return _money(amount.amount, amount.currency_code)


def instant(at: float) -> str:
    """A time as the API writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def details(order: PlacedOrder) -> Obj:
    """The body of orderDetails: the answer, with a shipment group for what has been shipped."""
    body: Obj = msgspec.json.decode(msgspec.json.encode(order.result))
    for line in body["lineItems"]:
        if not line["acceptedItems"]:
            continue
        (accepted,) = line["acceptedItems"]
        portions = []
        left = accepted["quantity"]
        for package in order.packages:
            count = package.units.get(line["externalId"], 0)
            if not count or not package.step:
                continue
            left -= count
            group = {
                "acceptanceArtifactType": "ShipmentGroup",
                "identifier": package.shipment_id,
                "packageReferences": [
                    {"packageReferenceType": "CarrierTrackingNumber", "value": package.tracking_id}
                ],
                "packages": [{
                    "packageReference": {
                        "packageReferenceType": "CarrierTrackingNumber",
                        "value": package.tracking_id,
                    },
                    "packageAttributes": [{
                        "packageAttributeType": "PackageTrackingAttribute",
                        "carrierName": "Amazon Logistics",
                    }],
                }],
            }  # fmt: skip
            portions.append({"quantity": count, "artifacts": [*accepted["artifacts"], group]})
        if left:
            portions.append({"quantity": left, "artifacts": accepted["artifacts"]})
        line["acceptedItems"] = portions
    return body
