"""What a redemption refuses."""

from guerdon.kit.errors import ConflictError, InvalidError, NotFoundError
from guerdon.plumbing.refusals import refusal


@refusal
class QuoteUnknownError(NotFoundError):
    """No such quote for this member."""

    code = "quote_unknown"
    title = "There is no such quote"


@refusal
class QuoteExpiredError(ConflictError):
    """The quote's time is over: ask for a new one."""

    code = "quote_expired"
    title = "This offer has expired"


@refusal
class QuoteUsedError(ConflictError):
    """The quote has become a redemption already."""

    code = "quote_used"
    title = "This offer was used already"


@refusal
class AddressMissingError(InvalidError):
    """What is redeemed is shipped, and nobody said where to."""

    code = "address_missing"
    title = "A delivery address is needed"


@refusal
class PriceChangedError(ConflictError):
    """The price is not what the caller expected (`expected`, `actual` points)."""

    code = "price_changed"
    title = "The price has changed"


class MixedSuppliersError(InvalidError):
    """The lines of one redemption come from one supplier."""

    code = "mixed_suppliers"
    title = "These items have to be redeemed one by one"


class MoneyTooSmallError(InvalidError):
    """The money part is less than a card payment can be (`due`, `minimum` in minor units)."""

    code = "money_too_small"
    title = "The money part is too small to be charged"


class MoneyTooLargeError(InvalidError):
    """The money part is more than the provider takes at once (`due`, `maximum` in minor units)."""

    code = "money_too_large"
    title = "The money part is too large to be charged at once"


class RedemptionStateError(ConflictError):
    """The redemption is past (or not at) the point where this is possible (`state`)."""

    code = "redemption_state"
    title = "This is not possible any more"


class TooLateToCancelError(ConflictError):
    """The order was sent to the supplier already."""

    code = "too_late_to_cancel"
    title = "The order is on its way to the supplier and cannot be cancelled"


class RefundTooLargeError(ConflictError):
    """More than is left of the line (`line`, `left`)."""

    code = "refund_too_large"
    title = "This is more than is left to refund"
