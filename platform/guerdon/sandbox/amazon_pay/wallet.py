"""The payment methods in the sandbox buyer's wallet, and how each behaves."""

from typing import Final, Literal

import msgspec

Behaviour = Literal["pays", "asks", "soft", "hard"]


class PaymentMethod(msgspec.Struct, frozen=True):
    """`soft`: declined, another may be chosen. `hard`: declined, and the checkout is over.
    `asks`: the bank wants to ask the buyer first (3-D Secure).
    """

    key: str
    descriptor: str
    behaviour: Behaviour


WALLET: Final = (
    PaymentMethod("visa-1111", "Visa ****1111", "pays"),
    PaymentMethod("mastercard-5454", "Mastercard ****5454", "pays"),
    PaymentMethod("visa-3220", "Visa ****3220", "asks"),
    PaymentMethod("visa-0002", "Visa ****0002", "soft"),
    PaymentMethod("amex-8431", "American Express ****8431", "hard"),
)
_BY_KEY: Final = {method.key: method for method in WALLET}


def find(key: str) -> PaymentMethod | None:
    """The method with this key."""
    return _BY_KEY.get(key)
