"""What the ledger refuses. Codes are raised by its SQL functions too."""

from guerdon.kit.errors import ConflictError, InvalidError, NotFoundError
from guerdon.plumbing.refusals import refusal


@refusal
class AccountNotFoundError(NotFoundError):
    """There is no such wallet."""

    code = "account_not_found"
    title = "There is no such account"


@refusal
class AccountClosedError(ConflictError):
    """The wallet was closed; its history stays."""

    code = "account_closed"
    title = "This account is closed"


@refusal
class NotEnoughPointsError(ConflictError):
    """`needed` points are not `available`."""

    code = "not_enough_points"
    title = "There are not enough points"


@refusal
class PointsOutOfRangeError(InvalidError):
    """A number of points that cannot be: zero, negative or too many."""

    code = "points_out_of_range"
    title = "That number of points is not possible"


@refusal
class HoldNotFoundError(NotFoundError):
    """There is no such hold."""

    code = "hold_not_found"
    title = "There is no such hold"


@refusal
class HoldResolvedError(ConflictError):
    """A hold is posted, voided or expired once; `state` tells which it was."""

    code = "hold_resolved"
    title = "This hold was resolved before"


@refusal
class HoldDiffersError(ConflictError):
    """The id belongs to a hold over something else."""

    code = "hold_differs"
    title = "This hold exists with other contents"


@refusal
class TransactionNotFoundError(NotFoundError):
    """There is no such transaction."""

    code = "transaction_not_found"
    title = "There is no such transaction"


@refusal
class TransactionExistsError(ConflictError):
    """The id, or the hold, belongs to another transaction."""

    code = "transaction_exists"
    title = "This transaction exists already"


@refusal
class NotReversibleError(ConflictError):
    """A transaction of this `kind` is not undone this way."""

    code = "not_reversible"
    title = "This transaction cannot be undone this way"


@refusal
class MoreThanRemainsError(ConflictError):
    """Taken together, no more comes back than was given; `remains` tells what is left."""

    code = "more_than_remains"
    title = "That is more than remains of it"


@refusal
class EventDiffersError(ConflictError):
    """The source told the same event with other contents before."""

    code = "event_differs"
    title = "This event is known with other contents"


class AdjustmentDecidedError(ConflictError):
    """The request was approved or rejected before."""

    code = "adjustment_decided"
    title = "This request was decided before"


class FourEyesError(ConflictError):
    """Who asks for a correction does not approve it."""

    code = "four_eyes"
    title = "Another person has to approve this"
