"""Amazon Business bodies to and from the port's words. Amounts are decimals, never floats."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from guerdon.fulfilment.errors import SupplierOutcomeUnknownError, SupplierUnavailableError
from guerdon.fulfilment.parameters import SupplierParameters
from guerdon.fulfilment.port import (
    LineAnswer,
    Order,
    OrderLine,
    Package,
    PackageState,
    Placed,
    Refused,
    ShipTo,
    Trial,
)
from guerdon.kit.money import Money

Body = dict[str, Any]
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")

PACKAGE_STATES: Final[dict[str, PackageState]] = {
    "PENDING": "preparing",
    "SHIPPED": "shipped",
    "IN_TRANSIT": "in_transit",
    "DELAYED": "in_transit",
    "OUT_FOR_DELIVERY": "out_for_delivery",
    "DELIVERED": "delivered",
    "UNDELIVERABLE": "undeliverable",
    "LOST": "undeliverable",
    "RETURNED": "returned",
}
_ARTIFACTS: Final = {
    "BrokenUnitPriceExpectation": "price_changed",
    "BrokenChargeExpectation": "charge_changed",
    "DeliveryTimeRangeIncongruity": "delivery_too_late",
    "UnavailableQuantity": "out_of_stock",
    "AvailableQuantity": "quantity_not_available",
    "AgeRestriction": "restricted",
}
_CODES: Final = {
    "OUT_OF_STOCK": "out_of_stock",
    "ADDRESS_UNDELIVERABLE": "address_undeliverable",
    "PURCHASE_RESTRICTED": "restricted",
    "PRODUCT_NOT_FOUND": "item_unavailable",
    "QUANTITY_NOT_AVAILABLE": "quantity_not_available",
    "PAYMENT_METHOD_DECLINED": "account",
}


# --- what we send


def write_order(order: Order, parameters: SupplierParameters, *, trial: bool) -> bytes:
    """The body of placeOrder, with every attribute that the API requires."""
    attributes: list[Body] = [
        {
            "attributeType": "PurchaseOrderNumber",
            "purchaseOrderNumber": order.purchase_order or str(order.id),
        },
        {
            "attributeType": "BuyerReference",
            "userReference": {
                "userReferenceType": "UserEmail",
                "emailAddress": parameters.buyer_email,
            },
        },
        {
            "attributeType": "BuyingGroupReference",
            "groupReference": {
                "groupReferenceType": "GroupIdentity",
                "identifier": parameters.buying_group,
            },
        },
        {"attributeType": "Region", "region": parameters.region},
        {
            "attributeType": "SelectedPaymentMethodReference",
            "paymentMethodReference": {"paymentMethodReferenceType": "StoredPaymentMethod"},
        },
    ]
    if order.ship_to is not None:
        attributes.append(
            {"attributeType": "ShippingAddress", "address": _address(order.ship_to, parameters)}
        )
    if trial:
        attributes.append({"attributeType": "TrialMode"})
    expectations = [
        {"expectationType": "ExpectedCharge", "amount": _amount(money), "source": source}
        for source, money in (("SHIPPING", order.expected_shipping), ("TAX", order.expected_tax))
        if money is not None
    ]
    return _ENCODER.encode(
        {
            "externalId": str(order.id),
            "lineItems": [_line(line) for line in order.lines],
            "attributes": attributes,
            "expectations": expectations,
        }
    )


def _line(line: OrderLine) -> Body:
    attributes: list[Body] = [
        {
            "attributeType": "SelectedProductReference",
            "productReference": {"productReferenceType": "ProductIdentifier", "id": line.sku},
        }
    ]
    if line.offer:
        attributes.append(
            {
                "attributeType": "SelectedBuyingOptionReference",
                "buyingOptionReference": {
                    "buyingOptionReferenceType": "BuyingOptionIdentifier",
                    "id": line.offer,
                },
            }
        )
    price = line.expected_unit_price
    return {
        "externalId": line.id,
        "quantity": line.quantity,
        "attributes": attributes,
        "expectations": [
            {"expectationType": "ExpectedUnitPrice", "amount": _amount(price)},
            {
                "expectationType": "ExpectedCharge",
                "amount": _amount(price * line.quantity),
                "source": "SUBTOTAL",
            },
        ],
    }


def _address(to: ShipTo, parameters: SupplierParameters) -> Body:
    address: Body = {
        "addressType": "PhysicalAddress",
        "fullName": to.name,
        "phoneNumber": to.phone or parameters.contact_phone,
        "addressLine1": to.line1,
        "city": to.city,
        "stateOrRegion": to.region or to.city,
        "postalCode": to.postal_code,
        "countryCode": to.country,
    }
    if to.line2:
        address["addressLine2"] = to.line2
    return address


def _amount(money: Money) -> Body:
    return {"currencyCode": money.currency, "amount": money.decimal}


# --- what we read


class _Amount(msgspec.Struct, rename="camel"):
    currency_code: str
    amount: Decimal

    @property
    def money(self) -> Money:
        return Money.parse(str(self.amount), self.currency_code)


class _PackageReference(msgspec.Struct, rename="camel"):
    value: str = ""


class _PackageAttribute(msgspec.Struct, rename="camel"):
    carrier_name: str = ""


class _PackageBody(msgspec.Struct, rename="camel"):
    package_reference: _PackageReference = msgspec.field(default_factory=_PackageReference)
    package_attributes: list[_PackageAttribute] = []


class _Artifact(msgspec.Struct, rename="camel"):
    """Any artifact: the fields of all subtypes that are read."""

    acceptance_artifact_type: str = ""
    rejection_artifact_type: str = ""
    amount: _Amount | None = None
    category: str = ""
    identifier: str = ""
    lower_boundary: datetime | None = None
    upper_boundary: datetime | None = None
    code: str = ""
    message: str = ""
    packages: list[_PackageBody] = []


class _Item(msgspec.Struct, rename="camel"):
    quantity: int
    artifacts: list[_Artifact] = []


class _LineResult(msgspec.Struct, rename="camel"):
    external_id: str
    accepted_items: list[_Item] = []
    rejected_items: list[_Item] = []


class _Result(msgspec.Struct, rename="camel"):
    line_items: list[_LineResult]
    acceptance_artifacts: list[_Artifact] = []
    rejection_artifacts: list[_Artifact] = []

    @property
    def accepted(self) -> Iterator[_Artifact]:
        """Acceptance artifacts of order and lines."""
        yield from self.acceptance_artifacts
        for line in self.line_items:
            for item in line.accepted_items:
                yield from item.artifacts


def _result(body: bytes) -> _Result:
    try:
        return msgspec.json.decode(body, type=_Result)
    except msgspec.MsgspecError as error:
        # It said 200 and something unreadable: the order may well stand.
        raise SupplierOutcomeUnknownError("The supplier's answer cannot be read.") from error


def _reason(artifacts: Sequence[_Artifact]) -> str:
    """The most telling reason: a code, else the kind of artifact."""
    for artifact in artifacts:
        if artifact.code in _CODES:
            return _CODES[artifact.code]
    for artifact in artifacts:
        if artifact.rejection_artifact_type in _ARTIFACTS:
            return _ARTIFACTS[artifact.rejection_artifact_type]
    return "invalid_order"


def _lines(result: _Result) -> list[LineAnswer]:
    answers = []
    for line in result.line_items:
        rejected = sum(item.quantity for item in line.rejected_items)
        why = [a for item in line.rejected_items for a in item.artifacts]
        answers.append(
            LineAnswer(
                id=line.external_id,
                accepted=sum(item.quantity for item in line.accepted_items),
                rejected=rejected,
                reason=_reason([*why, *result.rejection_artifacts]) if rejected else None,
            )
        )
    return answers


def _refused(result: _Result, lines: Sequence[LineAnswer]) -> Refused:
    why = [*result.rejection_artifacts]
    for line in result.line_items:
        why += [a for item in line.rejected_items for a in item.artifacts]
    detail = "; ".join(dict.fromkeys(a.message for a in why if a.message))
    return Refused(reason=_reason(why), detail=detail[:500], lines=lines)


def _charges(result: _Result) -> dict[str, Money]:
    found: dict[str, Money] = {}
    for artifact in result.acceptance_artifacts:
        if artifact.acceptance_artifact_type == "Charge" and artifact.amount is not None:
            money = artifact.amount.money
            known = found.get(artifact.category)
            found[artifact.category] = money if known is None else known + money
    return found


def _total(charges: dict[str, Money]) -> Money | None:
    total: Money | None = None
    for money in charges.values():
        total = money if total is None else total + money
    return total


def read_answer(body: bytes, *, already: bool) -> Placed | Refused:
    """The supplier's word on an order."""
    result = _result(body)
    lines = _lines(result)
    if not any(line.accepted for line in lines):
        return _refused(result, lines)
    accepted = list(result.accepted)
    promised = [a for a in accepted if a.acceptance_artifact_type == "DeliveryTimeRange"]
    starts = [a.lower_boundary for a in promised if a.lower_boundary is not None]
    ends = [a.upper_boundary for a in promised if a.upper_boundary is not None]
    references = [a.identifier for a in accepted if a.acceptance_artifact_type == "OrderIdentifier"]
    return Placed(
        lines=lines,
        charge=_total(_charges(result)),
        supplier_references=list(dict.fromkeys(references)),
        delivery_from=min(starts, default=None),
        delivery_to=max(ends, default=None),
        already=already,
    )


def read_trial(body: bytes, order: Order) -> Trial | Refused:
    """What the order would cost."""
    result = _result(body)
    lines = _lines(result)
    charges = _charges(result)
    total = _total(charges)
    if total is None or not any(line.accepted for line in lines):
        return _refused(result, lines)
    zero = Money.zero(total.currency)
    return Trial(
        charge=total,
        subtotal=charges.get("PRINCIPAL", zero),
        shipping=charges.get("SHIPPING", zero),
        tax=charges.get("TAX", zero),
        lines=lines,
    )


def read_packages(body: bytes) -> list[Package]:
    """The parcels that orderDetails names, with the units in each.

    Amazon numbers the packages of a shipment from 1; a line's portion belongs to the first one
    of its shipment group.
    """
    found: dict[str, Package] = {}
    for line in _result(body).line_items:
        for item in line.accepted_items:
            for group in item.artifacts:
                if group.acceptance_artifact_type != "ShipmentGroup":
                    continue
                for place, parcel in enumerate(group.packages, start=1):
                    _add(found, f"{group.identifier}/{place}", parcel)
                if group.packages:
                    first = found[f"{group.identifier}/1"]
                    units = dict(first.lines)
                    units[line.external_id] = units.get(line.external_id, 0) + item.quantity
                    found[first.reference] = msgspec.structs.replace(first, lines=units)
    return list(found.values())


def _add(found: dict[str, Package], reference: str, parcel: _PackageBody) -> None:
    if reference not in found:
        carrier = next((a.carrier_name for a in parcel.package_attributes if a.carrier_name), "")
        found[reference] = Package(
            reference=reference,
            state="shipped",
            carrier=carrier,
            tracking_number=parcel.package_reference.value,
        )


class _TrackingEvent(msgspec.Struct, rename="camel"):
    event_time: datetime | None = None


class _Details(msgspec.Struct, rename="camel"):
    tracking_status: str
    tracking_events: list[_TrackingEvent] = []


class _Tracking(msgspec.Struct, rename="camel"):
    package_tracking_details: _Details


def read_tracking(body: bytes, package: Package) -> Package:
    """`package` with the state that getPackageTrackingDetails tells."""
    try:
        details = msgspec.json.decode(body, type=_Tracking).package_tracking_details
    except msgspec.MsgspecError as error:
        raise SupplierUnavailableError("The tracking cannot be read.") from error
    times = [e.event_time for e in details.tracking_events if e.event_time is not None]
    return msgspec.structs.replace(
        package,
        state=PACKAGE_STATES.get(details.tracking_status, "in_transit"),
        occurred_at=max(times, default=None),
    )
