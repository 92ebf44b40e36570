"""Which outside parties of a deployment are sandboxes: nothing real moves there."""

import re
from typing import Final

from guerdon.settings import Settings

_REAL: Final = {
    "stripe": re.compile(r"https://api\.stripe\.com/?"),
    "amazon_pay": re.compile(r"https://pay-api\.amazon\.(com|eu|jp)/?"),
    "amazon_business": re.compile(r"https://\w+\.business-api\.amazon\.com/?"),
}


def address_of(settings: Settings, provider: str) -> str:
    """Where this deployment calls `provider`."""
    return {
        "stripe": settings.stripe_api_base,
        "amazon_pay": settings.amazon_pay_base,
        "amazon_business": settings.amazon_business_base,
    }[provider]


def is_sandbox(settings: Settings, provider: str) -> bool:
    """Whether `provider` is a peer of this deployment and not the company itself."""
    real = _REAL.get(provider)
    return real is not None and real.fullmatch(address_of(settings, provider)) is None


def key_fits(settings: Settings, api_key: str) -> bool:
    """Whether a key of Stripe is of the mode that this deployment takes money in.

    A test key takes no money at the company; a live one has no business at a sandbox.
    """
    mode = "test" if is_sandbox(settings, "stripe") else "live"
    return re.match(rf"(sk|rk)_{mode}_", api_key) is not None
