"""Who looked at whose personal data: told once per member, session and hour."""

from datetime import timedelta
from uuid import UUID

from guerdon.admin_api.requests import AdminRequest
from guerdon.audit import operations as audit
from guerdon.plumbing import cache
from guerdon.plumbing.cache import reach

_LOOKED_S = int(timedelta(hours=1).total_seconds())


async def tell_viewed(request: AdminRequest, member_id: UUID) -> None:
    """Write into the trail that this person looked at this member, unless it stands there."""
    rt, who = request.rt, request.staff
    key = cache.key(request.tenant.id, "member-viewed", who.session_id[:16], member_id)
    if not await reach(rt.valkey.set(key, b"1", ex=_LOOKED_S, nx=True)):
        return
    async with rt.db.write(request.tenant.id) as s:
        await audit.record(
            s, actor=who.label, action="member.viewed", subject=f"member:{member_id}", summary={},
            now=request.real_now, address=request.address, request_id=request.request_id,
        )  # fmt: skip
