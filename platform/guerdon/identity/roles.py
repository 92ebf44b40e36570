"""What the people of a brand may do: permissions, and the roles that bundle them.

`AREAS` part the parameters: a role that may propose changes may do so in its areas only. The
platform's own staff have roles of their own: a word that both houses use means what the house
says, and who is of one house is nobody in the other.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final
from uuid import UUID

import msgspec

from guerdon.tenancy.operator import OPERATOR_ID

PERMISSIONS: Final[dict[str, str]] = {
    "overview:read": "See how the programme is doing",
    "parameters:read": "See the parameters, their versions and changes under way",
    "parameters:propose": "Propose changes of parameters, in one's areas",
    "parameters:publish": "Approve, schedule, publish and roll back changes",
    "simulation:run": "Try a change on real events",
    "catalogue:read": "See products, prices and costs",
    "catalogue:write": "Change products, pictures and stock",
    "till:use": "Credit sales and hand over at the till",
    "orders:read": "See orders",
    "orders:act": "Resend and cancel orders",
    "orders:refund": "Refund orders",
    "members:read": "Find members and see their points",
    "members:adjust": "Correct points with a reason",
    "members:approve_adjustment": "Approve corrections that others asked for",
    "members:import": "Bring members and their balances in from a file",
    "audit:read": "See who did what",
    "audit:export": "Take the audit trail away as a file",
    "people:read": "See who works for the brand",
    "people:manage": "Invite people, give roles, suspend",
    "keys:read": "See API keys",
    "keys:manage": "Make and revoke API keys",
    "connections:read": "See the single sign-on",
    "connections:manage": "Set up single sign-on",
    "domains:read": "See the addresses of the member site",
    "domains:manage": "Prove domains, choose the address that links carry",
    "secrets:read": "See which secrets are stored, never their values",
    "secrets:write": "Store secrets and test connections",
    "support:consent": "Let the platform's support look into this console, and end it",
    "webhooks:read": "See webhook endpoints and deliveries",
    "webhooks:manage": "Replay deliveries, rotate webhook secrets",
    "brand:read": "See where the brand stands, its plan, its usage and its statements",
    "brand:pay": "Pay the statements of the brand",
    "brand:manage": "Take the brand live, choose and pay its plan, close it",
    "test_clock:move": "Move the time of a sandbox",
    "brand:export": "Take everything of the brand away as a file",
}

AREAS: Final = frozenset({"brand", "commercial", "catalogue", "payments", "technical", "security"})


class Role(msgspec.Struct, frozen=True):
    """A bundle of permissions, and the areas in which its holder may propose."""

    title: str
    permissions: frozenset[str]
    areas: frozenset[str] = frozenset()


_EVERYTHING = frozenset(PERMISSIONS)
_OF_OWNERS = frozenset({"brand:manage", "brand:export"})

ROLES: Final = MappingProxyType(
    {
        "owner": Role("Owner", _EVERYTHING, AREAS),
        # Whether the brand goes on, and what it pays, its owners decide.
        "administrator": Role("Administrator", _EVERYTHING - _OF_OWNERS, AREAS),
        "marketer": Role(
            "Marketer",
            frozenset(
                {
                    "overview:read",
                    "parameters:read",
                    "parameters:propose",
                    "simulation:run",
                    "catalogue:read",
                }
            ),
            frozenset({"brand", "commercial"}),
        ),
        "approver": Role(
            "Approver",
            frozenset(
                {
                    "overview:read",
                    "parameters:read",
                    "parameters:publish",
                    "simulation:run",
                    "catalogue:read",
                    "members:read",
                    "members:approve_adjustment",
                    "audit:read",
                }
            ),
        ),
        "catalogue_manager": Role(
            "Catalogue manager",
            frozenset(
                {
                    "overview:read",
                    "parameters:read",
                    "parameters:propose",
                    "simulation:run",
                    "catalogue:read",
                    "catalogue:write",
                }
            ),
            frozenset({"catalogue"}),
        ),
        "cashier": Role("Cashier", frozenset({"till:use"})),
        "support_agent": Role(
            "Support agent",
            frozenset(
                {
                    "overview:read",
                    "catalogue:read",
                    "orders:read",
                    "orders:act",
                    "members:read",
                    "members:adjust",
                }
            ),
        ),
        "analyst": Role(
            "Analyst",
            frozenset(
                {
                    "overview:read",
                    "parameters:read",
                    "simulation:run",
                    "catalogue:read",
                    "orders:read",
                    "audit:read",
                }
            ),
        ),
        "developer": Role(
            "Developer",
            frozenset(
                {
                    "overview:read",
                    "parameters:read",
                    "parameters:propose",
                    "catalogue:read",
                    "audit:read",
                    "keys:read",
                    "keys:manage",
                    "domains:read",
                    "secrets:read",
                    "secrets:write",
                    "webhooks:read",
                    "webhooks:manage",
                    "test_clock:move",
                }
            ),
            frozenset({"technical"}),
        ),
    }
)


# What the platform's own staff may do, beside looking after their own house.
PLATFORM_PERMISSIONS: Final[dict[str, str]] = {
    "tenants:read": "See every tenant: state, plan, usage, health",
    "tenants:change": "Suspend, resume and limit a tenant",
    "support:ask": "Ask for access to a tenant's console",
}

_HOUSE = frozenset(
    {
        "audit:read",
        "audit:export",
        "people:read",
        "people:manage",
        "connections:read",
        "connections:manage",
        "secrets:read",
        "secrets:write",
    }
)

PLATFORM_ROLES: Final = MappingProxyType(
    {
        "owner": Role("Owner of the platform", _HOUSE | frozenset(PLATFORM_PERMISSIONS)),
        "operator": Role(
            "Operator", frozenset(PLATFORM_PERMISSIONS) | {"audit:read", "people:read"}
        ),
        "support": Role("Support", frozenset({"tenants:read", "support:ask"})),
        "viewer": Role("Viewer", frozenset({"tenants:read"})),
    }
)


def roles_of(tenant_id: UUID) -> Mapping[str, Role]:
    """The roles that the people of a house can have."""
    return PLATFORM_ROLES if tenant_id == OPERATOR_ID else ROLES


def permissions_of(roles: Iterable[str], among: Mapping[str, Role]) -> frozenset[str]:
    """What these roles allow together; a role that is no more allows nothing."""
    return frozenset().union(*(among[role].permissions for role in roles if role in among))


def areas_of(roles: Iterable[str], among: Mapping[str, Role]) -> frozenset[str]:
    """Where these roles may propose changes."""
    return frozenset().union(*(among[role].areas for role in roles if role in among))


def roles_with(permission: str, among: Mapping[str, Role]) -> frozenset[str]:
    """The roles that hold a permission."""
    return frozenset(key for key, role in among.items() if permission in role.permissions)
