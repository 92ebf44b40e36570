"""What identity asks of the workers."""

from typing import ClassVar
from uuid import UUID

from guerdon.plumbing.outbox import Message


class SendCode(Message, frozen=True):
    """Send the mail of `identity.codes.letter`; there may be nobody to send it to."""

    topic: ClassVar[str] = "identity.send_code"
    queue: ClassVar[str] = "mail"

    code_id: UUID


class EndSessions(Message, frozen=True):
    """End every session and access token of a member (erased, blocked, password changed)."""

    topic: ClassVar[str] = "identity.end_sessions"

    member_id: UUID
