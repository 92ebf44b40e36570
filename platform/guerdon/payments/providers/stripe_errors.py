"""Stripe's errors in the port's words: nothing done, unknown, or refused for good."""

import re
from collections.abc import Iterator
from typing import Final

import requests.exceptions
import stripe
import urllib3.exceptions

from guerdon.kit.errors import GuerdonError
from guerdon.payments.errors import (
    PaymentOutcomeUnknownError,
    PaymentRefusedError,
    PaymentUnavailableError,
)

_CODES: Final = {
    "amount_too_small": "amount_too_small",
    "amount_too_large": "amount_too_large",
    "charge_already_refunded": "already_refunded",
    "charge_already_captured": "already_captured",
    "charge_expired_for_capture": "authorisation_expired",
    "resource_missing": "unknown_reference",
    "expired_card": "expired_card",
    "insufficient_funds": "insufficient_funds",
    "payment_intent_authentication_failure": "authentication_failed",
}
_STATES: Final = {"canceled": "already_cancelled", "succeeded": "already_captured"}
_RETRY_AFTER_S: Final = 2


def translate(error: stripe.StripeError, *, mutates: bool) -> GuerdonError:
    """The error to raise; `mutates` tells whether the call could have moved money."""
    text = error.user_message or "The payment provider declined."
    if isinstance(error, stripe.RateLimitError):
        return PaymentUnavailableError(retry_after_s=_RETRY_AFTER_S)
    if isinstance(error, stripe.IdempotencyError):
        if error.http_status == 409:
            return PaymentUnavailableError(retry_after_s=_RETRY_AFTER_S)
        return PaymentRefusedError(text, reason="key_reused")
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return PaymentRefusedError("The credentials are not accepted.", reason="credentials")
    if isinstance(error, stripe.CardError):
        return PaymentRefusedError(text, reason=_card_reason(error))
    if isinstance(error, stripe.InvalidRequestError):
        return PaymentRefusedError(text, reason=_request_reason(error))
    if not mutates or _never_left(error):
        return PaymentUnavailableError()
    return PaymentOutcomeUnknownError()


def _card_reason(error: stripe.CardError) -> str:
    body = error.error
    decline = getattr(body, "decline_code", None) if body is not None else None
    return _CODES.get(decline or "") or _CODES.get(error.code or "") or "declined"


def _request_reason(error: stripe.InvalidRequestError) -> str:
    if error.code == "payment_intent_unexpected_state":
        # The message names the status; there is no field for it on this error.
        found = re.search(r"status of `?(\w+)", str(error))
        return _STATES.get(found[1] if found else "", "invalid_request")
    if error.http_status == 404:
        return "unknown_reference"
    return _CODES.get(error.code or "", "invalid_request")


def _never_left(error: BaseException) -> bool:
    """Whether the connection could not even be made."""
    kinds = (requests.exceptions.ConnectTimeout, urllib3.exceptions.NewConnectionError)
    return any(isinstance(cause, kinds) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = [current.__cause__, current.__context__, getattr(current, "reason", None)]
        waiting += [e for e in (*inner, *current.args) if isinstance(e, BaseException)]
