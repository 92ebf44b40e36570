"""Sessions on the member site. One belongs to one tenant, one host and one audience; a sign-in or
a step-up always gets a new id and ends the old one."""

from datetime import datetime, timedelta
from uuid import UUID

from guerdon.identity.principals import MEMBER_SITE
from guerdon.identity.session_store import Kept, Listed, SessionStore
from guerdon.plumbing.cache import Valkey


class Session(Kept, frozen=True, kw_only=True):
    """A member's signed-in browser."""

    member_id: UUID
    audience: str


_store = SessionStore(
    Session, records="session", owners="sessions", owner_of=lambda session: session.member_id
)


async def start(
    valkey: Valkey,
    *,
    tenant_id: UUID,
    member_id: UUID,
    host: str,
    method: str,
    idle: timedelta,
    absolute: timedelta,
    now: datetime,
    agent: str = "",
    address: str = "",
    replaces: Session | None = None,
) -> tuple[str, Session]:
    """A new session and its secret for the cookie; `replaces` ends in the same step."""
    wanted = Session(
        id="",
        member_id=member_id,
        host=host,
        audience=MEMBER_SITE,
        method=method,
        started_at=replaces.started_at if replaces and replaces.member_id == member_id else now,
        authenticated_at=now,
        ends_at=now + absolute,
        idle_s=int(idle.total_seconds()),
        agent=agent[:200],
        address=address[:64],
    )
    return await _store.open(valkey, tenant_id=tenant_id, wanted=wanted, replaces=replaces, now=now)


async def read(
    valkey: Valkey, *, tenant_id: UUID, token: str, host: str, idle: timedelta, now: datetime
) -> Session | None:
    """The session behind a cookie's secret if it is alive here; reading renews the idle limit."""
    found = await _store.read(
        valkey, tenant_id=tenant_id, token=token, host=host, idle=idle, now=now
    )
    return found if found is not None and found.audience == MEMBER_SITE else None


async def listing(
    valkey: Valkey, *, tenant_id: UUID, member_id: UUID, now: datetime
) -> list[Listed[Session]]:
    """The member's living sessions, the one seen last first."""
    return await _store.listing(valkey, tenant_id=tenant_id, owner_id=member_id, now=now)


async def revoke(valkey: Valkey, *, tenant_id: UUID, member_id: UUID, session_id: str) -> bool:
    """End one of the member's sessions; False if it is not theirs or already over."""
    return await _store.revoke(
        valkey, tenant_id=tenant_id, owner_id=member_id, session_id=session_id
    )


async def revoke_all(
    valkey: Valkey,
    *,
    tenant_id: UUID,
    member_id: UUID,
    keep: str | None = None,
    before: datetime | None = None,
) -> int:
    """End all of the member's sessions except `keep`, or those signed in `before` an instant; how
    many ended."""
    return await _store.revoke_all(
        valkey, tenant_id=tenant_id, owner_id=member_id, keep=keep, before=before
    )
