"""What can go wrong at a supplier."""

import math

from guerdon.kit.errors import (
    GuerdonError,
    InvalidError,
    NotFoundError,
    OutcomeUnknownError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from guerdon.plumbing.jobs import PostponeError


class SupplierRefusedError(ProviderRefusedError):
    """The supplier declined a call that is not an order (an order's refusal is a value)."""

    code = "supplier_refused"
    title = "The supplier declined"


class SupplierUnavailableError(ProviderUnavailableError):
    """The supplier did nothing; ask again later under the same external id."""

    code = "supplier_unavailable"
    title = "The supplier does not answer at present"


class SupplierBusyError(PostponeError, SupplierUnavailableError):
    """Our share of the supplier's rate is used up; nothing was sent. A job comes back by itself."""

    code = "supplier_busy"
    title = "The supplier takes no more requests at present"

    def __init__(self, after_s: float) -> None:
        super().__init__(after_s, self.title)
        self.retry_after_s = math.ceil(after_s)


class SupplierOutcomeUnknownError(OutcomeUnknownError):
    """The supplier's answer was lost: ask by our external id before anything else."""

    code = "supplier_outcome_unknown"
    title = "The supplier's answer was lost"


class SupplierNotConfiguredError(GuerdonError):
    """The programme's parameters do not name this supplier, or its credentials are missing."""

    code = "supplier_not_configured"
    status = 409
    title = "This supplier is not set up"


class ForgedPushError(InvalidError):
    """A push whose signature, topic or shape is not the supplier's."""

    code = "forged_push"
    status = 400
    title = "The push is not genuine"


class UnknownCodeError(NotFoundError):
    """No order waits at the counter under this code; used and unknown codes look the same."""

    code = "unknown_code"
    title = "There is no order for this code"
