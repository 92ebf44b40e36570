"""Sessions on the console: one per brand and browser, ids made here, stored hashed in Valkey.

A record lies under its tenant's keys and the cookie's name carries the brand, so that a session
of one brand is nothing to another. Roles are not in it: they are read with each request.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from guerdon.identity.session_store import Kept, Listed, SessionStore
from guerdon.plumbing.cache import Valkey


class StaffSession(Kept, frozen=True, kw_only=True):
    """A signed-in browser of somebody who works for the brand.

    `connection` and `subject` tell by which provider it was opened; `provider_session` is the
    provider's own name for it.
    """

    staff_id: UUID
    connection: str = ""
    subject: str = ""
    provider_session: str = ""


ListedStaffSession = Listed[StaffSession]
_store = SessionStore(
    StaffSession,
    records="console-session",
    owners="console-sessions",
    owner_of=lambda session: session.staff_id,
)
read = _store.read
peek = _store.peek


def cookie_name(slug: str) -> str:
    """The cookie that holds a brand's session."""
    return f"__Host-console-{slug}"


async def start(
    valkey: Valkey,
    *,
    tenant_id: UUID,
    staff_id: UUID,
    host: str,
    method: str,
    idle: timedelta,
    absolute: timedelta,
    now: datetime,
    agent: str = "",
    address: str = "",
    connection: str = "",
    subject: str = "",
    provider_session: str = "",
    replaces: StaffSession | None = None,
) -> tuple[str, StaffSession]:
    """A new session and its secret for the cookie; `replaces` ends in the same step."""
    wanted = StaffSession(
        id="",
        staff_id=staff_id,
        host=host,
        method=method,
        started_at=now,
        authenticated_at=now,
        ends_at=now + absolute,
        idle_s=int(idle.total_seconds()),
        agent=agent[:200],
        address=address[:64],
        connection=connection,
        subject=subject,
        provider_session=provider_session,
    )
    return await _store.open(valkey, tenant_id=tenant_id, wanted=wanted, replaces=replaces, now=now)


async def renew(
    valkey: Valkey, *, tenant_id: UUID, session: StaffSession, now: datetime
) -> tuple[str, StaffSession]:
    """The same session under a new id, proved afresh at `now`. It does not last longer for it."""
    proved = msgspec.structs.replace(session, authenticated_at=now)
    return await _store.open(valkey, tenant_id=tenant_id, wanted=proved, replaces=session, now=now)


async def listing(
    valkey: Valkey, *, tenant_id: UUID, staff_id: UUID, now: datetime
) -> list[ListedStaffSession]:
    """Somebody's living sessions, the one seen last first."""
    return await _store.listing(valkey, tenant_id=tenant_id, owner_id=staff_id, now=now)


async def revoke(valkey: Valkey, *, tenant_id: UUID, staff_id: UUID, session_id: str) -> bool:
    """End one session; False if it is not theirs or already over."""
    return await _store.revoke(
        valkey, tenant_id=tenant_id, owner_id=staff_id, session_id=session_id
    )


async def revoke_all(
    valkey: Valkey, *, tenant_id: UUID, staff_id: UUID, keep: str | None = None
) -> int:
    """End all of somebody's sessions except `keep`; how many ended."""
    return await _store.revoke_all(valkey, tenant_id=tenant_id, owner_id=staff_id, keep=keep)
