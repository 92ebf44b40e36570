"""Who is calling, once proved. A principal always belongs to the tenant of the host it came by."""

from typing import TypeAlias
from uuid import UUID

import msgspec

MEMBER_SITE = "member_site"
MEMBER_APP = "member_app"


class MemberPrincipal(msgspec.Struct, frozen=True):
    """A member: by session on the site (`session_id`) or by token from an app (`grant_id`)."""

    tenant_id: UUID
    member_id: UUID
    session_id: str | None
    audience: str
    grant_id: UUID | None = None
    scopes: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """A short name for logs and idempotency keys; names nobody."""
        return f"member:{self.member_id}"


class ApiKeyPrincipal(msgspec.Struct, frozen=True):
    """One of the brand's systems."""

    tenant_id: UUID
    key_id: UUID
    scopes: frozenset[str]
    requests_per_minute: int | None = None

    @property
    def label(self) -> str:
        """A short name for logs and idempotency keys."""
        return f"key:{self.key_id}"


class StaffPrincipal(msgspec.Struct, frozen=True):
    """Somebody who works for the brand, on the console. Roles are those of this very moment."""

    tenant_id: UUID
    staff_id: UUID
    session_id: str
    name: str
    email: str
    language: str
    appearance: str
    roles: frozenset[str]
    permissions: frozenset[str]
    areas: frozenset[str]

    @property
    def label(self) -> str:
        """A short name for logs, the audit trail and idempotency keys."""
        return f"staff:{self.staff_id}"


Principal: TypeAlias = MemberPrincipal | ApiKeyPrincipal | StaffPrincipal
