"""What tenancy asks of the workers."""

from datetime import datetime
from typing import ClassVar

from guerdon.plumbing.outbox import Message


class StateChanged(Message, frozen=True):
    """A brand went from one state to another: its owners are told.

    `ends_at`: when the system ends the new state, where it does not last.
    """

    topic: ClassVar[str] = "tenancy.state_changed"
    real_time: ClassVar[bool] = True

    source: str
    target: str
    reason: str
    ends_at: datetime | None = None


class RemoveData(Message, frozen=True):
    """Remove everything the brand has; it has closed."""

    topic: ClassVar[str] = "tenancy.remove_data"
    queue: ClassVar[str] = "bulk"
    real_time: ClassVar[bool] = True
