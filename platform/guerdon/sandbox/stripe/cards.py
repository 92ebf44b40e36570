"""The test cards of docs.stripe.com/testing that the hosted page takes."""

from typing import Final, Literal

import msgspec

Behaviour = Literal["pays", "asks", "asks_then_declines", "declines"]


class Card(msgspec.Struct, frozen=True):
    """A test card: how it behaves, and with which decline code where it declines."""

    number: str
    brand: str
    behaviour: Behaviour
    label: str
    decline_code: str = ""
    code: str = "card_declined"

    @property
    def spaced(self) -> str:
        """The number as it is printed on a card."""
        return " ".join(self.number[i : i + 4] for i in range(0, len(self.number), 4))


CARDS: Final = (
    Card("4242424242424242", "visa", "pays", "pays"),
    Card("5555555555554444", "mastercard", "pays", "pays"),
    Card("4000002760003184", "visa", "asks", "asks"),
    Card("4000000000000002", "visa", "declines", "declined", "generic_decline"),
    Card("4000000000009995", "visa", "declines", "insufficient_funds", "insufficient_funds"),
    Card("4000000000000069", "visa", "declines", "expired", "expired_card", "expired_card"),
    Card("4000000000000127", "visa", "declines", "cvc", "incorrect_cvc", "incorrect_cvc"),
    Card("4000008260003178", "visa", "asks_then_declines", "asks_then_declines",
         "insufficient_funds"),
)  # fmt: skip
_BY_NUMBER: Final = {card.number: card for card in CARDS}


def find(number: str) -> Card | None:
    """The test card with this number."""
    return _BY_NUMBER.get(number.replace(" ", "").replace("-", ""))
