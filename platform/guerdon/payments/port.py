"""The payment port: what the product asks of any payment provider.

The member pays on the provider's hosted page and comes back; money is authorised there and
captured later. Every call runs outside a transaction. A mutating call takes a `key` derived from
our row id, the same on every attempt, so that repeating it after a lost answer is safe.

Errors of every call: `PaymentUnavailableError` (nothing was done), `PaymentOutcomeUnknownError`
(ask or repeat with the same key), `PaymentRefusedError` (final, with a reason).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, Protocol
from uuid import UUID

import msgspec

from guerdon.kit.money import Money

PaymentStatus = Literal[
    "open", "approved", "authorised", "captured", "cancelled", "expired", "declined"
]
EventKind = Literal[
    "checkout_completed", "checkout_expired", "authorised", "captured", "cancelled", "declined",
    "refunded", "other",
]  # fmt: skip
RefundStatus = Literal["pending", "done", "failed"]

REFUSALS: Final = frozenset({
    "declined", "insufficient_funds", "expired_card", "authentication_failed", "amount_too_small",
    "amount_too_large", "already_captured", "already_cancelled", "already_refunded",
    "authorisation_expired", "key_reused", "unknown_reference", "credentials", "invalid_request",
})  # fmt: skip


class Checkout(msgspec.Struct, frozen=True, kw_only=True):
    """A request for a hosted payment page.

    `id` is our row's id: it comes back in every event and derives the idempotency key.
    """

    id: UUID
    tenant_id: UUID
    amount: Money
    title: str
    return_url: str
    cancel_url: str
    expires_at: datetime
    statement: str = ""
    email: str | None = None
    language: str = "en"
    brand_name: str = ""
    brand_colour: str = ""


class HostedPage(msgspec.Struct, frozen=True):
    """Where the member pays. `reference` is what the other calls take."""

    url: str
    reference: str


class PaymentState(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider knows of a payment at this moment.

    `open`: not paid yet (`decline` tells the last refusal that the member met, they may try
    again). `approved`: the member has agreed and the provider waits for `authorise`.
    `authorised`: the money is reserved. `declined`: refused for good, `decline` tells why.
    `captured` and `refunded` are totals so far.

    `reference` is what later calls take; it may be another than was asked with, where a provider
    forgets the first one.
    """

    reference: str
    status: PaymentStatus
    amount: Money
    captured: Money
    refunded: Money
    checkout_id: UUID | None = None
    payment_reference: str | None = None
    url: str | None = None
    decline: str | None = None
    card: str | None = None


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """Money on its way back to the member."""

    reference: str
    status: RefundStatus
    amount: Money


class PaymentEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A verified event. It says that something changed; what is true is asked with `retrieve`.

    `tenant_id`: whose checkout it is, where one account serves many.
    """

    id: str
    kind: EventKind
    reference: str | None
    checkout_id: UUID | None
    occurred_at: datetime
    tenant_id: UUID | None = None


class PaymentProvider(Protocol):
    """One tenant's account at a payment provider."""

    async def create_checkout(self, checkout: Checkout) -> HostedPage:
        """A hosted page for `checkout`; the same page again when repeated with the same content."""
        ...

    async def retrieve(self, reference: str) -> PaymentState:
        """The present state; `PaymentRefusedError(unknown_reference)` if there is none."""
        ...

    async def authorise(self, reference: str, *, amount: Money, key: str) -> PaymentState:
        """Reserve what the member has agreed to. Where the page did it already: the state."""
        ...

    async def capture(self, reference: str, *, amount: Money, key: str) -> PaymentState:
        """Take `amount` of what is authorised; the rest is released. Once only."""
        ...

    async def cancel(self, reference: str, *, key: str) -> PaymentState:
        """Make sure that no money can be taken: expire the page or release what is reserved.

        Already cancelled or expired is success; already captured is `already_captured`.
        """
        ...

    async def refund(self, reference: str, *, amount: Money, key: str) -> Refund:
        """Give `amount` of what was captured back; never more than is left."""
        ...

    async def verify_event(
        self, raw: bytes, headers: Mapping[str, str], *, now: datetime
    ) -> PaymentEvent:
        """The event in `raw`, or `ForgedEventError`. `headers` have lower-case names.

        May ask the provider whose payment it is about.
        """
        ...

    async def check(self) -> None:
        """A harmless call that proves the credentials; `PaymentRefusedError(credentials)`."""
        ...
