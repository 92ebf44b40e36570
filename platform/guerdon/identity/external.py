"""Outside identities of members. A login is (connection, issuer, subject); an e-mail is a label."""

from datetime import datetime
from uuid import UUID

import msgspec

from guerdon.identity.errors import AlreadyLinkedError
from guerdon.plumbing.db import ReadSession, WriteSession


class ExternalIdentity(msgspec.Struct, frozen=True):
    """One way in that a member has at an outside provider."""

    connection: str
    issuer: str
    subject: str
    linked_at: datetime


async def member_behind(
    s: ReadSession, *, connection: str, issuer: str, subject: str
) -> UUID | None:
    """The member to whom this outside identity was linked, or None."""
    found = await s.value(
        "SELECT member_id FROM app.external_identity WHERE tenant_id = %(tenant_id)s"
        " AND connection = %(connection)s AND issuer = %(issuer)s AND subject = %(subject)s",
        {"connection": connection, "issuer": issuer, "subject": subject},
    )
    return found if isinstance(found, UUID) else None


async def link(
    s: WriteSession,
    *,
    member_id: UUID,
    connection: str,
    issuer: str,
    subject: str,
    now: datetime,
) -> None:
    """Link an outside identity to a member; AlreadyLinkedError if it belongs to another."""
    owner = await s.value(
        """
        INSERT INTO app.external_identity
          (tenant_id, connection, issuer, subject, member_id, linked_at)
        VALUES (%(tenant_id)s, %(connection)s, %(issuer)s, %(subject)s, %(member_id)s, %(now)s)
        ON CONFLICT (tenant_id, connection, issuer, subject)
        DO UPDATE SET linked_at = app.external_identity.linked_at
        RETURNING member_id
        """,
        {
            "connection": connection,
            "issuer": issuer,
            "subject": subject,
            "member_id": member_id,
            "now": now,
        },
    )
    if owner != member_id:
        raise AlreadyLinkedError


async def linked(s: ReadSession, *, member_id: UUID) -> list[ExternalIdentity]:
    """The member's outside identities."""
    return await s.all(
        ExternalIdentity,
        "SELECT connection, issuer, subject, linked_at FROM app.external_identity"
        " WHERE tenant_id = %(tenant_id)s AND member_id = %(member_id)s"
        " ORDER BY linked_at, connection",
        {"member_id": member_id},
    )


async def forget(s: WriteSession, *, member_id: UUID) -> None:
    """Unlink everything."""
    await s.execute(
        "DELETE FROM app.external_identity"
        " WHERE tenant_id = %(tenant_id)s AND member_id = %(member_id)s",
        {"member_id": member_id},
    )
