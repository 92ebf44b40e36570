"""What the catalogue refuses."""

from collections.abc import Sequence
from typing import Protocol

from guerdon.kit.errors import ConflictError, GuerdonError, InvalidError
from guerdon.plumbing.refusals import refusal


class BrokenRule(Protocol):
    """A product, a field of its definition, and what is wrong there."""

    @property
    def slug(self) -> str: ...

    @property
    def field(self) -> str: ...

    @property
    def reason(self) -> str: ...


class NoRateError(ConflictError):
    """The programme states no rate for the supplier's currency (`currency`)."""

    code = "no_rate"
    title = "There is no exchange rate for this currency"


class PointsShareError(InvalidError):
    """A mix outside of what the programme allows (`minimum` to `maximum` points)."""

    code = "points_share"
    title = "This mix of points and money is not possible"

    def __init__(self, *, minimum: int, maximum: int) -> None:
        super().__init__(
            f"Between {minimum} and {maximum} points can be used here.",
            field="points",
            minimum=minimum,
            maximum=maximum,
        )


@refusal
class OutOfStockError(ConflictError):
    """Not so many pieces are left (`sku`, `left`)."""

    code = "out_of_stock"
    title = "This is out of stock"


@refusal
class ProductUnavailableError(GuerdonError):
    """The product existed and can't be had any more, or not yet."""

    code = "product_unavailable"
    status = 410
    title = "This product is not available"


class StaleProductError(ConflictError):
    """Someone else changed the product in between (`expected`, `actual` row versions)."""

    code = "product_changed"
    title = "The product was changed by someone else"


class ProductStateError(ConflictError):
    """The product's status does not allow this."""

    code = "product_state"
    title = "The product's status does not allow this"


class RestrictedOfferError(ConflictError):
    """The supplier restricts this offer (`restriction`); it can never be listed."""

    code = "offer_restricted"
    title = "This offer is restricted and cannot be published"


class OfferGoneError(ConflictError):
    """The supplier has no offer (any more)."""

    code = "offer_gone"
    title = "The supplier does not offer this at present"


class PriceListError(InvalidError):
    """A price list that contradicts itself."""

    code = "price_list_invalid"
    title = "The price list cannot be accepted"


class SkuTakenError(ConflictError):
    """A SKU that belongs to another product."""

    code = "sku_taken"
    title = "This SKU belongs to another product"


class InvalidProductError(InvalidError):
    """Definitions that break rules; `refusals` names each."""

    code = "invalid_product"
    title = "The product cannot be accepted"

    def __init__(self, refusals: Sequence[BrokenRule]) -> None:
        first = refusals[0]
        super().__init__(f"{first.slug}: {first.reason}", field=first.field)
        self.refusals = tuple(refusals)


class InvalidStockError(InvalidError):
    """A stock count that no shelf can hold."""

    code = "invalid_stock"
    title = "Stock is between 0 and 10,000,000"
