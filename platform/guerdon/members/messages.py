"""What members ask of the workers."""

from typing import ClassVar
from uuid import UUID

from guerdon.plumbing.outbox import Message


class WelcomeMember(Message, frozen=True):
    """Greet a member who has just joined by themselves; `notifications` writes the letter."""

    topic: ClassVar[str] = "members.welcome"
    queue: ClassVar[str] = "mail"

    member_id: UUID
