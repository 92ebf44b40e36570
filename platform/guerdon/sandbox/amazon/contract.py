"""What Amazon Business documents for placeOrder, as types, and the rules beside the types.

Written from developer-docs.amazon.com/amazon-business: Ordering API v1 (2022-10-30) reference and
its guides on placing, trial mode and safeguards. Attributes and expectations are polymorphic by
`attributeType` and `expectationType`; the placement (order or line) decides what may stand there.
"""

from decimal import Decimal
from typing import Annotated, Final, Literal

import msgspec

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
LOCALES: Final = frozenset({
    "ar_AE", "de_DE", "en_AU", "en_CA", "en_GB", "en_IN", "en_US", "es_ES", "es_MX", "es_US",
    "fr_CA", "fr_FR", "it_IT", "ja_JP", "pt_BR", "zh_CN",
})  # fmt: skip
REGIONS: Final = frozenset({"US", "CA", "MX", "BR", "UK", "DE", "FR", "ES", "IT", "IN", "JP", "AU"})


class Amount(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """An amount of money in major units, as the API writes it."""

    currency_code: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    amount: Annotated[Decimal, msgspec.Meta()]


class _Attribute(msgspec.Struct, forbid_unknown_fields=True, rename="camel",
                 tag_field="attributeType"):  # fmt: skip
    pass


class UserEmail(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    user_reference_type: Literal["UserEmail"]
    email_address: Annotated[str, msgspec.Meta(pattern=r"^[^@\s]+@[^@\s]+$")]


class GroupIdentity(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    group_reference_type: Literal["GroupIdentity"]
    identifier: _Text


class StoredPaymentMethod(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    payment_method_reference_type: Literal["StoredPaymentMethod"]


class PhysicalAddress(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    address_type: Literal["PhysicalAddress"]
    full_name: _Text
    phone_number: _Text
    address_line1: _Text
    city: _Text
    state_or_region: _Text
    postal_code: _Text
    country_code: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")]
    address_line2: str = ""
    company_name: str = ""


class ProductIdentifier(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    product_reference_type: Literal["ProductIdentifier"]
    id: Annotated[str, msgspec.Meta(pattern="^[A-Z0-9]{10}$")]


class BuyingOptionIdentifier(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    buying_option_reference_type: Literal["BuyingOptionIdentifier"]
    id: _Text


class PurchaseOrderNumber(_Attribute, tag="PurchaseOrderNumber"):
    purchase_order_number: _Text


class BuyerReference(_Attribute, tag="BuyerReference"):
    user_reference: UserEmail


class BuyingGroupReference(_Attribute, tag="BuyingGroupReference"):
    group_reference: GroupIdentity


class Region(_Attribute, tag="Region"):
    region: _Text


class SelectedPaymentMethodReference(_Attribute, tag="SelectedPaymentMethodReference"):
    payment_method_reference: StoredPaymentMethod


class ShippingAddress(_Attribute, tag="ShippingAddress"):
    address: PhysicalAddress


class TrialMode(_Attribute, tag="TrialMode"):
    pass


class SelectedProductReference(_Attribute, tag="SelectedProductReference"):
    product_reference: ProductIdentifier


class SelectedBuyingOptionReference(_Attribute, tag="SelectedBuyingOptionReference"):
    buying_option_reference: BuyingOptionIdentifier


class _Expectation(msgspec.Struct, forbid_unknown_fields=True, rename="camel",
                   tag_field="expectationType"):  # fmt: skip
    pass


class ExpectedUnitPrice(_Expectation, tag="ExpectedUnitPrice"):
    amount: Amount


class ExpectedCharge(_Expectation, tag="ExpectedCharge"):
    amount: Amount
    source: Literal["SUBTOTAL", "SHIPPING", "TAX"]


class ExpectedDeliveryTimeRange(_Expectation, tag="ExpectedDeliveryTimeRange"):
    upper_boundary: str
    lower_boundary: str | None = None


OrderAttribute = (
    PurchaseOrderNumber
    | BuyerReference
    | BuyingGroupReference
    | Region
    | SelectedPaymentMethodReference
    | ShippingAddress
    | TrialMode
)
LineAttribute = SelectedProductReference | SelectedBuyingOptionReference
OrderExpectation = ExpectedCharge | ExpectedDeliveryTimeRange
LineExpectation = ExpectedUnitPrice | ExpectedCharge | ExpectedDeliveryTimeRange
REQUIRED: Final = (
    PurchaseOrderNumber, BuyerReference, BuyingGroupReference, Region,
    SelectedPaymentMethodReference, ShippingAddress,
)  # fmt: skip


class LineItem(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """One requested line."""

    external_id: _Text
    quantity: Annotated[int, msgspec.Meta(ge=1, le=999)]
    attributes: list[LineAttribute]
    expectations: list[LineExpectation]

    @property
    def asin(self) -> str:
        """The product that the line names."""
        return next(
            a.product_reference.id
            for a in self.attributes
            if isinstance(a, SelectedProductReference)
        )


class PlaceOrder(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of placeOrder."""

    external_id: _Text
    line_items: Annotated[list[LineItem], msgspec.Meta(min_length=1, max_length=100)]
    attributes: list[OrderAttribute]
    expectations: list[OrderExpectation]

    @property
    def trial(self) -> bool:
        """Whether nothing shall be placed."""
        return any(isinstance(a, TrialMode) for a in self.attributes)

    @property
    def address(self) -> PhysicalAddress:
        """Where the order goes."""
        return next(a.address for a in self.attributes if isinstance(a, ShippingAddress))

    @property
    def purchase_order(self) -> str:
        """The buyer's own number."""
        return next(
            a.purchase_order_number for a in self.attributes if isinstance(a, PurchaseOrderNumber)
        )

    @property
    def buyer(self) -> str:
        """The buyer's address."""
        return next(
            a.user_reference.email_address for a in self.attributes if isinstance(a, BuyerReference)
        )


class BrokenContractError(Exception):
    """The request is not what the documentation describes."""


def parse(body: bytes) -> PlaceOrder:
    """The order in `body`, or BrokenContractError that names what is wrong."""
    try:
        order = msgspec.json.decode(body, type=PlaceOrder)
    except msgspec.MsgspecError as error:
        raise BrokenContractError(str(error)) from error
    present = [type(a) for a in order.attributes]
    for needed in REQUIRED:
        if present.count(needed) != 1:
            raise BrokenContractError(
                f"Attribute {needed.__name__} is required exactly once at order level"
            )
    region = next(a.region for a in order.attributes if isinstance(a, Region))
    if region not in REGIONS:
        raise BrokenContractError(f"Region {region} is not supported")
    seen = set()
    for line in order.line_items:
        if line.external_id in seen:
            raise BrokenContractError(f"Line externalId {line.external_id} is repeated")
        seen.add(line.external_id)
        if sum(isinstance(a, SelectedProductReference) for a in line.attributes) != 1:
            raise BrokenContractError(
                "Attribute SelectedProductReference is required exactly once at line level"
            )
        for expectation in (*line.expectations, *order.expectations):
            if isinstance(expectation, ExpectedUnitPrice | ExpectedCharge):
                _check_amount(expectation.amount)
    return order


def _check_amount(amount: Amount) -> None:
    if not amount.amount.is_finite() or amount.amount < 0:
        raise BrokenContractError("An amount must not be negative")
    exponent = amount.amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -2:
        raise BrokenContractError("An amount has at most two decimals")
