"""What Stripe's public reference allows in each request, and how it says no.

Written from docs.stripe.com/api (Checkout Sessions, PaymentIntents, Refunds, errors, idempotent
requests). A parameter that is not listed here is refused, as Stripe refuses it.
"""

import re
import time
from pathlib import Path
from typing import Any

from guerdon.sandbox.web import Response, json_response

Params = dict[str, Any]

LOCALES = frozenset((Path(__file__).parent / "locales.txt").read_text(encoding="ascii").split())
# The smallest charge by currency (docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).
CHARGE_MIN = {"usd": 50, "brl": 50, "eur": 50, "gbp": 30, "mxn": 1000, "jpy": 50, "cad": 50}
CHARGE_MAX = 99_999_999

_PRODUCT: Params = {"name": "text", "description": "text", "images": ["text"], "metadata": "map"}
_LINE: Params = {
    "quantity": "int",
    "price_data": {"currency": "text", "unit_amount": "int", "product_data": _PRODUCT},
}
SESSION_CREATE: Params = {
    "mode": "text",
    "success_url": "text",
    "cancel_url": "text",
    "client_reference_id": "text",
    "customer_email": "text",
    "expires_at": "int",
    "locale": "text",
    "metadata": "map",
    "expand": ["text"],
    "line_items": [_LINE],
    "payment_method_types": ["text"],
    "submit_type": "text",
    "branding_settings": {
        "display_name": "text",
        "background_color": "text",
        "button_color": "text",
        "border_style": "text",
        "font_family": "text",
    },
    "payment_intent_data": {
        "capture_method": "text",
        "description": "text",
        "metadata": "map",
        "statement_descriptor": "text",
        "statement_descriptor_suffix": "text",
        "receipt_email": "text",
    },
}
SESSION_EXPIRE: Params = {"expand": ["text"]}
RETRIEVE: Params = {"expand": ["text"]}
CAPTURE: Params = {"amount_to_capture": "int", "metadata": "map", "expand": ["text"]}
CANCEL: Params = {"cancellation_reason": "text", "expand": ["text"]}
REFUND_CREATE: Params = {
    "payment_intent": "text",
    "charge": "text",
    "amount": "int",
    "reason": "text",
    "metadata": "map",
    "expand": ["text"],
}
REFUND_LIST: Params = {"payment_intent": "text", "limit": "int", "expand": ["text"]}
ENDPOINT_CREATE: Params = {
    "url": "text",
    "enabled_events": ["text"],
    "description": "text",
    "metadata": "map",
    "api_version": "text",
    "expand": ["text"],
}
CANCEL_REASONS = frozenset({"duplicate", "fraudulent", "requested_by_customer", "abandoned"})
REFUND_REASONS = frozenset({"duplicate", "fraudulent", "requested_by_customer"})


class Refusal(Exception):
    """An answer in Stripe's error shape."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        decline_code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        error = {
            "type": kind, "message": message, "code": code, "param": param,
            "decline_code": decline_code,
        }  # fmt: skip
        self.body = {"error": {k: v for k, v in error.items() if v is not None}}

    def response(self) -> Response:
        """The error as Stripe sends it."""
        return json_response(self.body, self.status)


def decode_form(pairs: list[tuple[str, str]]) -> Params:
    """`a[b][0][c]=v` pairs as nested mappings; lists stay mappings with numeric keys."""
    params: Params = {}
    for name, value in pairs:
        keys = [k for k in re.split(r"[\[\]]+", name) if k]
        if not keys:
            continue
        if name.endswith("[]"):
            keys.append(str(len(_walk(params, keys))))
        _walk(params, keys[:-1])[keys[-1]] = value
    return params


def _walk(params: Params, keys: list[str]) -> Params:
    for key in keys:
        step = params.setdefault(key, {})
        if not isinstance(step, dict):
            raise Refusal("Invalid request body", param=key)
        params = step
    return params


def conform(params: Params, spec: Params, path: str = "") -> Params:
    """`params` with values of the types in `spec`; what `spec` does not list is refused."""
    out: Params = {}
    for key, value in params.items():
        name = f"{path}[{key}]" if path else key
        if key not in spec:
            raise Refusal(
                f"Received unknown parameter: {name}", code="parameter_unknown", param=name
            )
        out[key] = _value(value, spec[key], name)
    return out


def _value(value: Any, spec: Any, name: str) -> Any:
    if spec == "map":
        return _metadata(value, name)
    if isinstance(spec, dict):
        if not isinstance(value, dict):
            raise Refusal(f"Invalid object: {name}", param=name)
        return conform(value, spec, name)
    if isinstance(spec, list):
        if not isinstance(value, dict):
            raise Refusal(f"Invalid array: {name}", param=name)
        return [_value(value[k], spec[0], f"{name}[{k}]") for k in sorted(value, key=_index)]
    if not isinstance(value, str):
        raise Refusal(f"Invalid string: {name}", param=name)
    if spec == "int":
        if not re.fullmatch(r"-?\d{1,12}", value):
            raise Refusal(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
        return int(value)
    if len(value) > 5000:
        raise Refusal(f"Invalid string: {name} is too long", param=name)
    return value


def _index(key: str) -> int:
    return int(key) if key.isdigit() else 0


def _metadata(value: Any, name: str) -> dict[str, str]:
    if not isinstance(value, dict) or len(value) > 50:
        raise Refusal(f"{name} can have up to 50 keys.", param=name)
    for key, text in value.items():
        if len(key) > 40 or not isinstance(text, str) or len(text) > 500:
            raise Refusal(f"Metadata keys have 40 characters, values 500: {key}", param=name)
    return dict(value)


def require(params: Params, *names: str) -> None:
    """Refuse when one of `names` is missing or empty."""
    for name in names:
        if params.get(name) in (None, "", [], {}):
            raise Refusal(f"Missing required param: {name}.", code="parameter_missing", param=name)


def check_session(params: Params) -> tuple[int, str]:
    """The total and currency of a checkout; a broken rule is refused as Stripe refuses it."""
    require(params, "mode", "line_items", "success_url")
    if params["mode"] != "payment":
        raise Refusal("This peer knows mode=payment only.", param="mode")
    for name in ("success_url", "cancel_url"):
        if name in params and not re.match(r"https?://", params[name]):
            raise Refusal("Not a valid URL", code="url_invalid", param=name)
    if params.get("locale", "auto") not in LOCALES:
        raise Refusal("Invalid locale", param="locale")
    if len(params.get("client_reference_id", "")) > 200:
        raise Refusal("client_reference_id has up to 200 characters", param="client_reference_id")
    email = params.get("customer_email")
    if email is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        raise Refusal(
            f"Invalid email address: {email}", code="email_invalid", param="customer_email"
        )
    expires = params.get("expires_at")
    if expires is not None and not 1790 <= expires - time.time() <= 86_410:
        raise Refusal(
            "The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from"
            " Checkout Session creation.",
            param="expires_at",
        )
    for name in ("button_color", "background_color"):
        colour = params.get("branding_settings", {}).get(name)
        if colour is not None and not re.fullmatch("#[0-9a-fA-F]{6}", colour):
            raise Refusal("Invalid hex color", param=f"branding_settings[{name}]")
    _check_intent_data(params.get("payment_intent_data", {}))
    return _total(params["line_items"])


def _check_intent_data(data: Params) -> None:
    if data.get("capture_method", "automatic") not in {"automatic", "automatic_async", "manual"}:
        raise Refusal("Invalid capture_method", param="payment_intent_data[capture_method]")
    for name in ("statement_descriptor", "statement_descriptor_suffix"):
        text = data.get(name)
        if text is not None and (
            not 1 <= len(text) <= 22
            or re.search(r"[<>\\'\"*]", text)
            or not re.search("[A-Za-z]", text)
        ):
            raise Refusal(
                "The statement descriptor has 1 to 22 characters, at least one letter, and none"
                " of <>\\'\"*.",
                param=f"payment_intent_data[{name}]",
            )


def _total(lines: list[Params]) -> tuple[int, str]:
    total, currency = 0, ""
    for place, line in enumerate(lines):
        at = f"line_items[{place}]"
        require(line, "price_data", "quantity")
        price = line["price_data"]
        require(price, "currency", "unit_amount", "product_data")
        require(price["product_data"], "name")
        if not re.fullmatch("[a-z]{3}", price["currency"]):
            raise Refusal("Invalid currency", param=f"{at}[price_data][currency]")
        if currency not in ("", price["currency"]):
            raise Refusal("All line items must have one currency", param=at)
        if price["unit_amount"] < 0 or line["quantity"] < 1:
            raise Refusal("Invalid amount", code="parameter_invalid_integer", param=at)
        currency = price["currency"]
        total += price["unit_amount"] * line["quantity"]
    if total < CHARGE_MIN.get(currency, 50):
        raise Refusal(
            "The Checkout Session's total amount due is too small.", code="amount_too_small"
        )
    if total > CHARGE_MAX:
        raise Refusal("The total amount is too large.", code="amount_too_large")
    return total, currency
