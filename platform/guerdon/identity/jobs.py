"""What identity asks of the workers."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from guerdon.identity import sessions, tokens
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.jobs import Effect
from guerdon.plumbing.outbox import Message
from guerdon.runtime import Runtime


class SendCode(Message, frozen=True):
    """Send the mail of `identity.codes.letter`; there may be nobody to send it to."""

    topic: ClassVar[str] = "identity.send_code"
    queue: ClassVar[str] = "mail"
    real_time: ClassVar[bool] = True

    code_id: UUID


class SendStaffLetter(Message, frozen=True):
    """Write to one of the brand's people: an invitation, a new password, what happened to them.

    `link_id`: the link that the letter carries; `about`: whom it tells of; `what`: what happened,
    to which domain, by which connection they sign in, which state the brand left and reached, how
    full a quota is, what a statement comes to, which terms of the platform wait, or who of its
    support wants to look in; `why`: the reason that was given.
    """

    topic: ClassVar[str] = "identity.send_staff_letter"
    queue: ClassVar[str] = "mail"
    real_time: ClassVar[bool] = True

    kind: Literal[
        "invitation",
        "reset",
        "break_glass",
        "passkey_blocked",
        "access_changed",
        "sso_invitation",
        "domain_missing",
        "domain_lapsed",
        "state_changed",
        "quota",
        "statement",
        "site_domain_missing",
        "site_domain_lapsed",
        "support_asked",
        "support_opened",
        "platform_terms",
    ]
    staff_id: UUID
    link_id: UUID | None = None
    about: UUID | None = None
    at: datetime | None = None
    what: str = ""
    why: str = ""


class CodesRefused(Message, frozen=True):
    """Codes were given back wrong: somebody may be trying them out."""

    topic: ClassVar[str] = "identity.codes_refused"
    queue: ClassVar[str] = "bulk"
    real_time: ClassVar[bool] = True


class EndSessions(Message, frozen=True):
    """End a member's sessions and access tokens (erased, blocked, password changed).

    A session that signed in at `asked_at` or later stays: who sets a password goes on in a new one.
    """

    topic: ClassVar[str] = "identity.end_sessions"
    real_time: ClassVar[bool] = True

    member_id: UUID
    asked_at: datetime | None = None


class EndingSessions(Effect[EndSessions]):
    """Deletes sessions and access tokens; refresh tokens ended in the transaction that asked."""

    message = EndSessions

    async def apply(self, rt: Runtime, s: WriteSession, m: EndSessions, now: datetime) -> None:
        await sessions.revoke_all(
            rt.valkey, tenant_id=s.tenant_id, member_id=m.member_id, before=m.asked_at
        )
        await tokens.drop_access_of(rt, tenant_id=s.tenant_id, member_id=m.member_id)
