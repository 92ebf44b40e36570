"""What earning refuses."""

from guerdon.kit.errors import InvalidError
from guerdon.plumbing.refusals import refusal


class EventInFutureError(InvalidError):
    """The event says it happens later than now."""

    code = "event_in_future"
    title = "This event has not happened yet"


class CurrencyDiffersError(InvalidError):
    """The amount is not in the programme's currency, `expected`."""

    code = "currency_differs"
    title = "The amount is in another currency"


class ItemsDifferError(InvalidError):
    """Lines and total contradict each other, or a line stands twice."""

    code = "items_differ"
    title = "The lines do not fit the purchase"


class AmountMissingError(InvalidError):
    """An event has either an amount or points."""

    code = "amount_missing"
    title = "Send either an amount or points"


class ReturnDiffersError(InvalidError):
    """A return of something that was not bought, or of more than was."""

    code = "return_differs"
    title = "That much was not bought"


class TooManyEventsError(InvalidError):
    """A batch has at most `most` events."""

    code = "too_many_events"
    title = "The batch is too long"


@refusal
class DuplicateInBatchError(InvalidError):
    """The same event or key stands earlier in the batch."""

    code = "duplicate_in_batch"
    title = "This event stands twice in the batch"
