"""What notifications ask of the workers."""

from typing import ClassVar
from uuid import UUID

from guerdon.plumbing.outbox import Message


class SendNotification(Message, frozen=True):
    """Send one row of the message log."""

    topic: ClassVar[str] = "notifications.send"
    queue: ClassVar[str] = "mail"
    log_id: UUID
