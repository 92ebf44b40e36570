"""Links sent by mail: an invitation, or a new password. Used once, over after a time.

No link's secret is stored: it is derived from its row's id with a key that the database does not
hold, once to be written into the mail and once to be compared.
"""

import re
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from guerdon.identity import houses
from guerdon.identity.keyring import mac_text, same
from guerdon.identity.staff_errors import LinkRefusedError
from guerdon.kit.ids import uuid7
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.settings import Settings

INVITATION: Final = "invitation"
RESET: Final = "reset"
LIFETIMES: Final = {INVITATION: timedelta(days=7), RESET: timedelta(hours=1)}
_TOKEN = re.compile(r"([0-9a-f]{32})\.([A-Za-z0-9_-]{43})", re.ASCII)


class Link(msgspec.Struct, frozen=True):
    """A link that is good."""

    id: UUID
    staff_id: UUID
    purpose: str
    created_by: str
    created_at: datetime
    expires_at: datetime


async def create(
    s: WriteSession, *, staff_id: UUID, purpose: str, created_by: str, now: datetime
) -> UUID:
    """A new link in place of an earlier one of the same purpose; its id."""
    await end(s, staff_id=staff_id, purpose=purpose, now=now)
    link_id = uuid7()
    await s.execute(
        "INSERT INTO app.staff_link"
        " (tenant_id, id, staff_id, purpose, created_by, created_at, expires_at)"
        " VALUES (%(tenant_id)s, %(id)s, %(staff)s, %(purpose)s, %(by)s, %(now)s, %(ends)s)",
        {
            "id": link_id,
            "staff": staff_id,
            "purpose": purpose,
            "by": created_by,
            "now": now,
            "ends": now + LIFETIMES[purpose],
        },
    )
    return link_id


async def end(s: WriteSession, *, staff_id: UUID, now: datetime, purpose: str | None = None) -> int:
    """Take back somebody's links that are still good (of one purpose); how many."""
    return await s.execute(
        "UPDATE app.staff_link SET ended_at = %(now)s"
        " WHERE tenant_id = %(tenant_id)s AND staff_id = %(staff)s"
        "   AND ended_at IS NULL AND (%(purpose)s::text IS NULL OR purpose = %(purpose)s)",
        {"staff": staff_id, "purpose": purpose, "now": now},
    )


async def find(s: ReadSession, settings: Settings, *, token: str, now: datetime) -> Link:
    """The link behind a token; LinkRefusedError for anything but a good one."""
    link_id = _link_id(settings, s.tenant_id, token)
    found = link_id and await _good(s, link_id, now)
    if not found:
        raise LinkRefusedError(field="token")
    return found


async def consume(s: WriteSession, settings: Settings, *, token: str, now: datetime) -> Link:
    """As `find`, and the link is used up: of two at once, one gets through."""
    link = await find(s, settings, token=token, now=now)
    used = await s.execute(
        "UPDATE app.staff_link SET ended_at = %(now)s"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND ended_at IS NULL",
        {"id": link.id, "now": now},
    )
    if used != 1:
        raise LinkRefusedError(field="token")
    return link


async def good(s: ReadSession, *, link_id: UUID, now: datetime) -> Link | None:
    """The link if it still is good, for the mail that carries it."""
    return await _good(s, link_id, now)


async def latest(s: ReadSession, *, staff_id: UUID, purpose: str, now: datetime) -> Link | None:
    """The link of a purpose that somebody can use now."""
    return await s.one_or_none(
        Link,
        "SELECT id, staff_id, purpose, created_by, created_at, expires_at FROM app.staff_link"
        " WHERE tenant_id = %(tenant_id)s AND staff_id = %(staff)s AND purpose = %(purpose)s"
        "   AND ended_at IS NULL AND expires_at > %(now)s ORDER BY created_at DESC LIMIT 1",
        {"staff": staff_id, "purpose": purpose, "now": now},
    )


def token(settings: Settings, tenant_id: UUID, link_id: UUID) -> str:
    """What the mail carries."""
    return f"{link_id.hex}.{mac_text(settings, 'staff link', tenant_id, link_id.hex)}"


def address(settings: Settings, tenant_id: UUID, slug: str, link_id: UUID) -> str:
    """Where the link leads. The token stands after the #: no server and no log sees it."""
    at = houses.url(settings, tenant_id)
    return f"{at}/{slug}/sign-in/link#{token(settings, tenant_id, link_id)}"


def _link_id(settings: Settings, tenant_id: UUID, text: str) -> UUID | None:
    match = _TOKEN.fullmatch(text)
    if match is None:
        return None
    expected = mac_text(settings, "staff link", tenant_id, match[1])
    return UUID(match[1]) if same(expected, match[2]) else None


async def _good(s: ReadSession, link_id: UUID, now: datetime) -> Link | None:
    return await s.one_or_none(
        Link,
        "SELECT id, staff_id, purpose, created_by, created_at, expires_at FROM app.staff_link"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND ended_at IS NULL"
        "   AND expires_at > %(now)s",
        {"id": link_id, "now": now},
    )
