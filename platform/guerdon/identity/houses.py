"""Whose console stands at which host: brands' at one, the operator's at the other.

A session of one host is worth nothing at the other, since cookies and passkeys are bound to hosts
and a house's door stands at its own host only.
"""

from uuid import UUID

from guerdon.settings import Settings
from guerdon.tenancy.operator import OPERATOR_ID


def authority(settings: Settings, tenant_id: UUID) -> str:
    """Host and port of the console at which a house's people sign in."""
    return settings.staff_authority if tenant_id == OPERATOR_ID else settings.console_authority


def asks_second_factor(tenant_id: UUID) -> bool:
    """Whether a provider's word is one factor only, and the house asks for its own beside it.

    Whoever runs the operator's provider would else run every tenant.
    """
    return tenant_id == OPERATOR_ID


def url(settings: Settings, tenant_id: UUID) -> str:
    """The address of that console."""
    return f"{settings.base_scheme}://{authority(settings, tenant_id)}"
