"""The least and the most that can be paid in money: providers refuse what lies outside.

Sources: Stripe's published minimum charge amounts per settlement currency and its largest amount
of eight digits; Amazon Pay's list of presentment currencies and the largest amount of a charge. A
currency that is not listed takes any amount that the provider takes.
"""

from typing import Final

from guerdon.kit.money import Money

_STRIPE_MINIMUM: Final = {
    "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "EUR": 50, "GBP": 30, "JPY": 50, "MXN": 1000,
    "NZD": 50, "USD": 50,
}  # fmt: skip
_STRIPE_MAXIMUM: Final = 99_999_999
_AMAZON_PAY_MAXIMUM: Final = {"EUR": 15_000_000, "GBP": 15_000_000, "JPY": 10_000_000,
                              "USD": 15_000_000}  # fmt: skip


def minimum_charge(currency: str, provider: str) -> Money:
    """The smallest amount in `currency` that `provider` charges."""
    least = _STRIPE_MINIMUM.get(currency, 1) if provider == "stripe" else 1
    return Money(least, currency)


def maximum_charge(currency: str, provider: str) -> Money | None:
    """The largest amount in `currency` that `provider` charges; None where it names none."""
    most = _STRIPE_MAXIMUM if provider == "stripe" else _AMAZON_PAY_MAXIMUM.get(currency)
    return None if most is None else Money(most, currency)


def chargeable(due: Money, provider: str) -> bool:
    """Whether `due` can be paid at `provider`: nothing, or what lies between its bounds."""
    if due.minor == 0:
        return True
    if provider == "none" or due.minor < minimum_charge(due.currency, provider).minor:
        return False
    most = maximum_charge(due.currency, provider)
    return most is None or due.minor <= most.minor
