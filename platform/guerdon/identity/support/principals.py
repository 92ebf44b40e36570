"""Somebody of the platform's staff at work in a brand's console, and how far they get there."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from guerdon.identity.policy import SAFE, Policy
from guerdon.identity.principals import StaffPrincipal
from guerdon.identity.roles import AREAS, PERMISSIONS
from guerdon.identity.support.access import Access
from guerdon.identity.support.errors import SupportNeverError, SupportReadOnlyError

READS: Final = frozenset(one for one in PERMISSIONS if one.endswith(":read"))
# What an owner can allow: to try, to prepare and to see through. The brand's people publish, and
# nobody else touches people, secrets, keys, connections, points or the brand's own life.
WRITES: Final = frozenset(
    {"parameters:propose", "simulation:run", "catalogue:write", "orders:act", "webhooks:manage"}
)


class SupportPrincipal(StaffPrincipal, frozen=True, kw_only=True):
    """A person of the operator's house, let in by a brand. `staff_id` is theirs, there."""

    access_id: UUID
    reason: str
    writes: bool
    ends_at: datetime

    @property
    def label(self) -> str:
        """A short name for logs, the audit trail and idempotency keys."""
        return f"support:{self.staff_id}"

    @property
    def words(self) -> dict[str, Any]:
        """What every entry of the brand's trail says of them."""
        return {
            "support": {"name": self.name, "reason": self.reason, "access": str(self.access_id)}
        }

    def require(self, policy: Policy, method: str) -> None:
        """Raise where a call is beyond what the brand let them do."""
        safe = method in SAFE
        if policy.scope is None:
            if safe:
                return
            raise SupportNeverError("One's own account is not here: it is that of the platform.")
        # A long question is posted, and is a look all the same.
        if policy.scope in READS or (safe and policy.scope in WRITES):
            return
        if policy.scope not in WRITES or policy.fresh:
            raise SupportNeverError(
                "People, secrets, keys, points and what is in force are the brand's own matter."
            )
        if not self.writes:
            raise SupportReadOnlyError(
                "The brand let you look. Ask for access to change things, and say why."
            )


def let_in(who: StaffPrincipal, *, tenant_id: UUID, access: Access) -> SupportPrincipal:
    """A person of the operator's house as a caller at a brand that let them in."""
    if access.ends_at is None:
        raise TypeError("an access that is not open lets nobody in")
    return SupportPrincipal(
        tenant_id=tenant_id,
        staff_id=who.staff_id,
        session_id=who.session_id,
        name=who.name,
        email=who.email,
        language=who.language,
        appearance=who.appearance,
        roles=frozenset(),
        permissions=READS | WRITES if access.writes else READS,
        areas=AREAS if access.writes else frozenset(),
        access_id=access.id,
        reason=access.reason,
        writes=access.writes,
        ends_at=access.ends_at,
    )
