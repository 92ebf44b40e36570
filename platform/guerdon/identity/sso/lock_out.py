"""Guards against locking everybody out: what has to be there before a door is closed."""

from guerdon.identity.sso import queries
from guerdon.identity.sso.errors import LockOutError
from guerdon.identity.sso.schemas import Connection, settings_hash
from guerdon.plumbing.db import ReadSession

_LEADS = "p.status = 'active' AND p.roles && '{owner,administrator}'"
# As staff_credentials.Ways.any has it: a passkey, or a password with an authenticator app.
_OWN_WAY = """(
  EXISTS (SELECT FROM app.staff_passkey k WHERE k.tenant_id = %(tenant_id)s
            AND k.staff_id = p.id AND k.blocked_at IS NULL)
  OR (EXISTS (SELECT FROM app.staff_password w
               WHERE w.tenant_id = %(tenant_id)s AND w.staff_id = p.id)
      AND EXISTS (SELECT FROM app.staff_totp t WHERE t.tenant_id = %(tenant_id)s
                    AND t.staff_id = p.id AND t.sealed IS NOT NULL)))"""


async def require_break_glass(s: ReadSession) -> None:
    """An account that leads the brand can sign in although single sign-on is enforced."""
    found: bool = await s.value(
        "SELECT EXISTS (SELECT FROM app.staff p WHERE p.tenant_id = %(tenant_id)s"  # noqa: S608
        f" AND p.break_glass AND {_LEADS} AND {_OWN_WAY})"
    )
    if not found:
        raise LockOutError(
            "There is no break-glass account that can sign in. Make one under People: it comes in "
            "without the provider when the provider fails.",
            reason="no_break_glass",
        )


async def require_leader(s: ReadSession, found: Connection) -> None:
    """Somebody who would be owner or administrator came through with the draft's settings."""
    if not await queries.leader_tested(
        s, connection_id=found.id, settings_hash=settings_hash(found.draft)
    ):
        raise LockOutError(
            "Nobody who would be owner or administrator has made a test login with these settings. "
            "Map a group to one of these roles and let somebody of it try.",
            reason="no_leader",
        )


async def require_other_way_in(s: ReadSession, found: Connection) -> None:
    """Somebody who leads the brand can still come in: without a provider, or by another one."""
    held: bool = await s.value(
        "SELECT EXISTS (SELECT FROM app.staff p WHERE p.tenant_id = %(tenant_id)s"  # noqa: S608
        f" AND {_LEADS} AND ({_OWN_WAY} OR EXISTS ("
        "   SELECT FROM app.staff_identity i JOIN app.staff_connection c"
        "       ON c.tenant_id = i.tenant_id AND c.id = i.connection_id"
        "    WHERE i.tenant_id = %(tenant_id)s AND i.staff_id = p.id"
        "      AND c.id <> %(id)s AND c.state IN ('enabled', 'enforced'))))",
        {"id": found.id},
    )
    if not held:
        raise LockOutError(
            "Every owner and administrator signs in by this connection alone. Give one of them a "
            "passkey or a break-glass account first.",
            reason="no_other_way_in",
        )
