"""The smallest amount that a card payment can be: providers refuse less.

Source: Stripe's published minimum charge amounts per settlement currency. A currency that is not
listed takes any amount that the provider takes.
"""

from guerdon.kit.money import Money

_MINIMUM_MINOR = {
    "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "EUR": 50, "GBP": 30, "JPY": 50, "MXN": 1000,
    "NZD": 50, "USD": 50,
}  # fmt: skip


def minimum_charge(currency: str) -> Money:
    """The smallest amount in `currency` that can be charged."""
    return Money(_MINIMUM_MINOR.get(currency, 1), currency)


def chargeable(due: Money) -> bool:
    """Whether `due` can be paid: nothing, or at least the minimum."""
    return due.minor == 0 or due.minor >= minimum_charge(due.currency).minor
