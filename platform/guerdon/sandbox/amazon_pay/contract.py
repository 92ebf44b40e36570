"""What the Amazon Pay API v2 takes in each request, and how it says no.

Written from the public reference (Checkout Session, Charge, Refund, Idempotency, error codes). A
field that is not listed here is refused.
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from guerdon.kit.money import Money
from guerdon.sandbox.web import Response, json_response

Obj = dict[str, Any]

CURRENCIES = frozenset({
    "AUD", "CHF", "DKK", "EUR", "GBP", "HKD", "JPY", "NOK", "NZD", "SEK", "USD", "ZAR",
})  # fmt: skip
CHARGE_MAX = {"USD": 15_000_000, "GBP": 15_000_000, "EUR": 15_000_000, "JPY": 10_000_000}
KEY = re.compile(r"[A-Za-z0-9_-]{1,32}")

_PRICE: Obj = {"amount": "text", "currencyCode": "text"}
SESSION_CREATE: Obj = {
    "webCheckoutDetails": {
        "checkoutMode": "text",
        "checkoutReviewReturnUrl": "url",
        "checkoutResultReturnUrl": "url",
        "checkoutCancelUrl": "url",
    },
    "storeId": "text",
    "scopes": "any",
    "chargePermissionType": "text",
    "paymentDetails": {
        "paymentIntent": "text",
        "canHandlePendingAuthorization": "bool",
        "chargeAmount": _PRICE,
        "totalOrderAmount": _PRICE,
        "softDescriptor": 16,
        "presentmentCurrency": "text",
    },
    "merchantMetadata": {
        "merchantReferenceId": 256,
        "merchantStoreName": 50,
        "noteToBuyer": 255,
        "customInformation": 4096,
    },
    "platformId": "text",
}
COMPLETE: Obj = {"chargeAmount": _PRICE, "totalOrderAmount": _PRICE}
CAPTURE: Obj = {"captureAmount": _PRICE, "softDescriptor": 16}
CANCEL: Obj = {"cancellationReason": 255}
REFUND: Obj = {"chargeId": "text", "refundAmount": _PRICE, "softDescriptor": 16}
NOTHING: Obj = {}


class Refusal(Exception):
    """An answer in Amazon Pay's error shape."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"reasonCode": reason, "message": message}

    def response(self) -> Response:
        """The error as Amazon Pay sends it."""
        return json_response(self.body, self.status)


def conform(body: Any, spec: Obj, path: str = "") -> Obj:
    """`body` if every field is one of `spec`'s and of its kind."""
    if not isinstance(body, dict):
        raise _invalid(path or "body", "is an object")
    for name, value in body.items():
        at = f"{path}.{name}" if path else name
        if name not in spec:
            raise Refusal(400, "InvalidParameterValue", f"{at} is not a parameter.")
        kind = spec[name]
        if isinstance(kind, dict):
            conform(value, kind, at)
        elif kind == "bool":
            if not isinstance(value, bool):
                raise _invalid(at, "is true or false")
        elif kind == "url":
            if not isinstance(value, str) or not re.match(r"https?://", value):
                raise _invalid(at, "is an address")
        elif kind != "any":
            longest = kind if isinstance(kind, int) else 4096
            if not isinstance(value, str) or len(value) > longest:
                raise _invalid(at, f"is a text of at most {longest} characters")
    return body


def _invalid(path: str, rule: str) -> Refusal:
    return Refusal(400, "InvalidParameterValue", f"{path} {rule}.")


def need(body: Obj, *paths: str) -> None:
    """Refuse when something that is required is missing."""
    for path in paths:
        at: Any = body
        for name in path.split("."):
            at = at.get(name) if isinstance(at, dict) else None
        if at in (None, ""):
            raise Refusal(400, "InvalidParameterValue", f"{path} is required.")


def money(price: Obj, path: str) -> Money:
    """An amount above zero in a currency that is taken."""
    need(price, "amount", "currencyCode")
    if price["currencyCode"] not in CURRENCIES:
        raise Refusal(400, "InvalidParameterValue", f"{path}.currencyCode is not supported.")
    try:
        amount = Money.parse(price["amount"], price["currencyCode"])
    except (ValueError, InvalidOperation) as error:
        raise _invalid(f"{path}.amount", "is a decimal with the currency's digits") from error
    if amount.minor <= 0 or not Decimal(price["amount"]).is_finite():
        raise _invalid(f"{path}.amount", "is above zero")
    return amount


def check_session(body: Obj, store_id: str) -> Money:
    """The amount of a new session; a broken rule is refused."""
    need(
        body,
        "storeId",
        "webCheckoutDetails.checkoutResultReturnUrl",
        "paymentDetails.paymentIntent",
        "paymentDetails.chargeAmount",
        "chargePermissionType",
    )
    if body["storeId"] != store_id:
        raise Refusal(403, "UnauthorizedAccess", "The storeId is not of this account.")
    if body["webCheckoutDetails"].get("checkoutMode") != "ProcessOrder":
        raise _invalid("webCheckoutDetails.checkoutMode", "is ProcessOrder here")
    if body["chargePermissionType"] != "OneTime":
        raise _invalid("chargePermissionType", "is OneTime here")
    if body["paymentDetails"]["paymentIntent"] not in ("Authorize", "AuthorizeWithCapture"):
        raise _invalid("paymentDetails.paymentIntent", "is Authorize or AuthorizeWithCapture here")
    amount = money(body["paymentDetails"]["chargeAmount"], "paymentDetails.chargeAmount")
    if amount.minor > CHARGE_MAX.get(amount.currency, amount.minor):
        raise Refusal(422, "TransactionAmountExceeded", "The amount is too large.")
    return amount


def price(amount: Money) -> Obj:
    """An amount as the API writes it."""
    return {"amount": str(amount.decimal), "currencyCode": amount.currency}
