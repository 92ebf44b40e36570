"""Calls to the Amazon Pay API v2, and what an answer means in the port's words."""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from guerdon.kit.errors import GuerdonError
from guerdon.payments.errors import (
    PaymentOutcomeUnknownError,
    PaymentRefusedError,
    PaymentUnavailableError,
)
from guerdon.payments.providers.amazon_pay_signing import signed_headers
from guerdon.payments.providers.connection import AmazonPayConnection
from guerdon.plumbing.egress import EgressFailedError, EgressRefusedError, Response

Obj = dict[str, Any]

TIMEOUT_S: Final = 15
_RETRY_AFTER_S: Final = 2
# Reason codes of the error answers ("Error codes" of each object's page).
_REASONS: Final = {
    "ResourceNotFound": "unknown_reference",
    "TransactionAmountExceeded": "amount_too_large",
    "TransactionCountExceeded": "already_refunded",
    "DuplicateIdempotencyKey": "key_reused",
    "InvalidRequestSignature": "credentials",
    "UnauthorizedAccess": "credentials",
    "InvalidAccountStatus": "credentials",
    "CheckoutSessionCanceled": "already_cancelled",
    "SoftDeclined": "declined",
    "HardDeclined": "declined",
    "AmazonRejected": "declined",
    "PaymentMethodNotAllowed": "declined",
    "MFANotCompleted": "authentication_failed",
}
_STATE_REASONS: Final = frozenset({"InvalidChargeStatus", "InvalidCheckoutSessionStatus"})


class WrongStateError(Exception):
    """The object is in a state in which this cannot be done; look at it to see which."""


class _Error(msgspec.Struct):
    reasonCode: str = ""
    message: str = ""


def key_of(operation: str, key: str) -> str:
    """An idempotency key in the 32 characters that Amazon Pay takes."""
    return hashlib.sha256(f"{operation}-{key}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class AmazonPayClient:
    """Signed calls with one store's key."""

    connection: AmazonPayConnection

    async def get(self, path: str) -> Obj:
        """Read an object."""
        return await self._call("GET", path, None, None)

    async def post(self, path: str, body: Obj, *, key: str) -> Obj:
        """Do something, once per `key`: the first answer is kept for ever."""
        return await self._call("POST", path, body, key)

    async def delete(self, path: str, body: Obj) -> Obj:
        """End something; ending it again changes nothing."""
        return await self._call("DELETE", path, body, None)

    async def _call(self, method: str, path: str, body: Obj | None, key: str | None) -> Obj:
        at = self.connection
        url = f"{at.api_base.rstrip('/')}/v2{path}"
        content = b"" if body is None else msgspec.json.encode(body)
        headers = signed_headers(
            method=method,
            url=url,
            body=content,
            public_key_id=at.public_key_id,
            private_key=at.private_key,
            idempotency_key=key,
            now=at.clock.now(),
        )
        mutates = method != "GET"
        try:
            answer = await at.egress.request(
                method, url, headers=headers, content=content or None, timeout_s=TIMEOUT_S
            )
        except EgressRefusedError as error:
            raise PaymentUnavailableError(str(error)) from error
        except EgressFailedError as error:
            if mutates and error.maybe_done:
                raise PaymentOutcomeUnknownError from error
            raise PaymentUnavailableError from error
        if answer.status in (200, 201, 202):
            try:
                found: Obj = msgspec.json.decode(answer.body, type=dict)
            except msgspec.MsgspecError as error:
                raise PaymentOutcomeUnknownError from error
            return found
        raise _error(answer, mutates=mutates)


def _error(answer: Response, *, mutates: bool) -> GuerdonError | WrongStateError:
    try:
        said = msgspec.json.decode(answer.body, type=_Error)
    except msgspec.MsgspecError:
        said = _Error()
    if answer.status in (429, 503):
        return PaymentUnavailableError(retry_after_s=_RETRY_AFTER_S)
    if answer.status >= 500:
        return PaymentOutcomeUnknownError() if mutates else PaymentUnavailableError()
    if said.reasonCode in _STATE_REASONS:
        return WrongStateError(said.message)
    if answer.status in (401, 403):
        return PaymentRefusedError("The credentials are not accepted.", reason="credentials")
    reason = _REASONS.get(said.reasonCode, "invalid_request")
    if answer.status == 404:
        reason = "unknown_reference"
    return PaymentRefusedError(said.message or "Amazon Pay declined.", reason=reason)
