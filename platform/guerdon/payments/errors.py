"""What can go wrong at a payment provider."""

from guerdon.kit.errors import (
    GuerdonError,
    InvalidError,
    OutcomeUnknownError,
    ProviderRefusedError,
    ProviderUnavailableError,
)


class PaymentRefusedError(ProviderRefusedError):
    """The payment provider declined; `reason` is one of `payments.port.REFUSALS`."""

    code = "payment_refused"
    status = 402
    title = "The payment was declined"


class PaymentUnavailableError(ProviderUnavailableError):
    """The payment provider did nothing; ask again later with the same key."""

    code = "payment_unavailable"
    title = "The payment provider does not answer at present"


class PaymentOutcomeUnknownError(OutcomeUnknownError):
    """The payment provider's answer was lost: retrieve, or repeat with the same key."""

    code = "payment_outcome_unknown"
    title = "The payment provider's answer was lost"


class PaymentNotConfiguredError(GuerdonError):
    """The programme takes no money, or its provider's credentials are missing."""

    code = "payment_not_configured"
    status = 409
    title = "This programme does not take payments"


class ForgedEventError(InvalidError):
    """A webhook whose signature, age or shape is not the provider's."""

    code = "forged_event"
    status = 400
    title = "The event is not genuine"
