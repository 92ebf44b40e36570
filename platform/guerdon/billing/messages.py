"""What charging asks of the workers. `attempt` is the payment page that is meant; a message about
an earlier one does nothing."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from guerdon.plumbing.outbox import Message


class CollectDues(Message, frozen=True):
    """Make charges of new statements; act on those whose day has passed."""

    topic: ClassVar[str] = "billing.collect"
    real_time: ClassVar[bool] = True
    queue: ClassVar[str] = "bulk"


class OpenPage(Message, frozen=True):
    """Make the payment page."""

    topic: ClassVar[str] = "billing.open_page"
    real_time: ClassVar[bool] = True
    queue: ClassVar[str] = "money"
    period: date
    attempt: UUID


class LookAtCharge(Message, frozen=True):
    """Ask the provider what became of a page. `look` counts polls; -1 is asked by an event."""

    topic: ClassVar[str] = "billing.look"
    real_time: ClassVar[bool] = True
    queue: ClassVar[str] = "money"
    period: date
    attempt: UUID
    look: int = 0


class CaptureCharge(Message, frozen=True):
    """Take the money that is reserved."""

    topic: ClassVar[str] = "billing.capture"
    real_time: ClassVar[bool] = True
    queue: ClassVar[str] = "money"
    period: date
    attempt: UUID
