"""The journey's messages: each names its redemption and nothing else that could go stale."""

from typing import ClassVar
from uuid import UUID

from guerdon.plumbing.outbox import Message


class CreateCheckout(Message, frozen=True):
    """Make the hosted page on which the member pays."""

    topic: ClassVar[str] = "redemption.checkout"
    queue: ClassVar[str] = "money"
    redemption_id: UUID


class SyncPayment(Message, frozen=True):
    """Ask the payment provider what is true. `look` counts the polls of one redemption."""

    topic: ClassVar[str] = "redemption.sync_payment"
    queue: ClassVar[str] = "money"
    redemption_id: UUID
    look: int = 0


class PaymentDue(Message, frozen=True):
    """The time to pay is over."""

    topic: ClassVar[str] = "redemption.payment_due"
    queue: ClassVar[str] = "money"
    redemption_id: UUID


class ReleasePayment(Message, frozen=True):
    """Make sure that no money can be taken. `key` makes one release one call."""

    topic: ClassVar[str] = "redemption.release_payment"
    queue: ClassVar[str] = "money"
    redemption_id: UUID
    key: UUID


class PlaceOrder(Message, frozen=True):
    """Order at the supplier."""

    topic: ClassVar[str] = "redemption.order"
    queue: ClassVar[str] = "money"
    redemption_id: UUID


class CapturePayment(Message, frozen=True):
    """Take the money that was authorised for what the supplier accepted."""

    topic: ClassVar[str] = "redemption.capture"
    queue: ClassVar[str] = "money"
    redemption_id: UUID
    amount_minor: int


class TrackOrder(Message, frozen=True):
    """Ask the supplier how far the parcels are. `look` counts the polls; 0 is out of turn."""

    topic: ClassVar[str] = "redemption.track"
    redemption_id: UUID
    look: int = 0


class SettleRedemption(Message, frozen=True):
    """Compare what we believe with what the provider says, and close the books."""

    topic: ClassVar[str] = "redemption.settle"
    queue: ClassVar[str] = "bulk"
    redemption_id: UUID


class RefundPayment(Message, frozen=True):
    """Give money back for a refund."""

    topic: ClassVar[str] = "redemption.refund_payment"
    queue: ClassVar[str] = "money"
    refund_id: UUID


class SweepQuotes(Message, frozen=True):
    """Remove promises that were never taken up."""

    topic: ClassVar[str] = "redemption.sweep_quotes"
    queue: ClassVar[str] = "bulk"
