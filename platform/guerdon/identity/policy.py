"""Who may call a route. Every route handler declares one: `opt={"policy": member()}`.

The gate (`identity.gate`) reads the declaration before the handler runs and refuses a route that
has none, so that a forgotten declaration is a closed door.
"""

from enum import StrEnum

import msgspec

from guerdon.identity.roles import PERMISSIONS, PLATFORM_PERMISSIONS
from guerdon.tenancy.lifecycle import Act

# What an API key may be allowed to do; a key holds a subset.
API_SCOPES: dict[str, str] = {
    "members:read": "Read members, their balances and their tiers",
    "members:write": "Create, change and erase members",
    "points:read": "Read the ledger",
    "points:write": "Earn, adjust and reverse points",
    "catalogue:read": "Read products and prices",
    "catalogue:write": "Pick, publish and price products",
    "redemptions:read": "Read quotes and redemptions",
    "redemptions:write": "Quote, place and cancel redemptions",
    "recommendations:read": "Read what is offered to members, and why",
    "recommendations:write": "Send what members bought, and which cards they are approved for",
    "webhooks:read": "Read webhook endpoints and deliveries",
    "webhooks:write": "Change webhook endpoints and replay deliveries",
}

# What a member can allow a mobile app to do in their name.
MEMBER_SCOPES: dict[str, str] = {
    "me:read": "See points, tier, history and orders",
    "me:redeem": "Redeem points",
    "me:write": "Change profile, addresses and consents",
}


class Kind(StrEnum):
    """The sort of proof that a route asks for."""

    PUBLIC = "public"
    MEMBER = "member"
    MEMBER_TOKEN = "member_token"  # noqa: S105
    API_KEY = "api_key"
    STAFF = "staff"
    PLATFORM = "platform"
    CONSOLE_PUBLIC = "console_public"
    PLATFORM_PUBLIC = "platform_public"
    PROVIDER_SIGNATURE = "provider_signature"
    OPERATOR = "operator"


SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# Staff see orders through whatever becomes of the brand, and pay what is owed.
_SETTLING = frozenset({"orders:act", "orders:refund", "brand:pay"})
# Who may enter, and with what: a sandbox's clock neither ends nor lengthens any of it.
_REAL_TIME = frozenset({"people", "keys", "connections", "secrets", "webhooks", "audit", "brand"})
# New terms of the platform keep nobody from these: members stand at the till, and whoever let
# somebody in may send them away.
_WHATEVER_TERMS = frozenset({"till:use", "support:consent"})
# What a provider tells is taken in; who runs the deployment ends the maintenance.
_NEVER_RESTS = frozenset({Kind.PROVIDER_SIGNATURE, Kind.OPERATOR})


class Policy(msgspec.Struct, frozen=True):
    """One route's declaration. `fresh`: the sign-in must be recent (step-up); `act`: what the
    brand's state has to allow, and `changes`: whether it changes something, where they do not
    follow from the kind and the method; `terms=False`: the platform's terms never hold it up."""

    kind: Kind
    scope: str | None = None
    csrf: bool = False
    fresh: bool = False
    session: bool = True
    act: Act | None = None
    changes: bool | None = None
    terms: bool = True

    def changes_by(self, method: str) -> bool:
        """Whether a call by `method` changes what a maintenance keeps as it is."""
        if self.changes is not None:
            return self.changes
        if self.kind in _NEVER_RESTS or method in SAFE:
            return False
        # A long question is posted.
        return self.scope is None or not self.scope.endswith((":read", ":export"))

    def waits_for_terms(self, method: str) -> bool:
        """Whether a call by `method` waits while an owner has terms of the platform to accept."""
        if not self.terms or self.kind is not Kind.STAFF or self.scope in _WHATEVER_TERMS:
            return False
        return self.act_of(method) is Act.RUN

    @property
    def real_time(self) -> bool:
        """Whether a call of staff goes by real time and not by the programme's."""
        return self.scope is None or self.scope.partition(":")[0] in _REAL_TIME

    def act_of(self, method: str) -> Act | None:
        """What the brand's state has to allow for a call by `method`; None: nothing."""
        if self.act is not None:
            return self.act
        safe = method in SAFE
        match self.kind:
            case Kind.PUBLIC | Kind.MEMBER:
                return Act.VISIT if safe else Act.TAKE_PART
            case Kind.API_KEY | Kind.MEMBER_TOKEN:
                return Act.CALL if safe else Act.CHANGE
            case Kind.STAFF if self.scope in _SETTLING:
                return Act.SETTLE
            case Kind.STAFF:
                # Without a permission it is one's own account; a long question is posted.
                looks = safe or self.scope is None or self.scope.endswith((":read", ":export"))
                return Act.LOOK if looks else Act.RUN
        return None


def public(
    *, csrf: bool = True, session: bool = True, act: Act | None = None, changes: bool | None = None
) -> Policy:
    """Anybody. `csrf=False` only for calls that no browser form makes (a token endpoint).

    `session=False`: the answer is the same for all (a picture), so nobody is looked up.
    """
    return Policy(Kind.PUBLIC, csrf=csrf, session=session, act=act, changes=changes)


def member(*, fresh: bool = False, changes: bool | None = None) -> Policy:
    """A member signed in on the site, by session cookie.

    `fresh`: not longer ago than the tenant's `security.step_up_minutes` (export, erase).
    """
    return Policy(Kind.MEMBER, csrf=True, fresh=fresh, changes=changes)


def member_token(scope: str) -> Policy:
    """A member's app, by an access token that holds `scope`."""
    if scope not in MEMBER_SCOPES:
        raise ValueError(f"unknown member scope {scope!r}")
    return Policy(Kind.MEMBER_TOKEN, scope=scope)


def api_key(scope: str | None, *, act: Act | None = None) -> Policy:
    """One of the brand's systems, by an API key that holds `scope` (None: any key)."""
    if scope is not None and scope not in API_SCOPES:
        raise ValueError(f"unknown API scope {scope!r}")
    return Policy(Kind.API_KEY, scope=scope, act=act)


def staff(
    permission: str | None, *, fresh: bool = False, changes: bool | None = None, terms: bool = True
) -> Policy:
    """Somebody who works for the brand in the path, signed in on the console, who holds
    `permission` (None: anybody of the brand).

    `fresh`: who they are was proved not longer ago than `security.step_up_minutes`.
    """
    if permission is not None and permission not in PERMISSIONS:
        raise ValueError(f"unknown permission {permission!r}")
    return Policy(
        Kind.STAFF, scope=permission, csrf=True, fresh=fresh, changes=changes, terms=terms
    )


def platform(permission: str, *, fresh: bool = False) -> Policy:
    """Somebody of the platform's own staff, signed in at the staff host, who holds `permission`."""
    if permission not in PLATFORM_PERMISSIONS:
        raise ValueError(f"unknown permission of the platform {permission!r}")
    return Policy(Kind.PLATFORM, scope=permission, csrf=True, fresh=fresh)


def console_public(*, changes: bool | None = None) -> Policy:
    """Anybody at the console's host: the console itself, and signing in to it."""
    return Policy(Kind.CONSOLE_PUBLIC, csrf=True, session=False, changes=changes)


def platform_public() -> Policy:
    """Anybody at the platform's own host: what it is, and signing up."""
    return Policy(Kind.PLATFORM_PUBLIC, csrf=True, session=False)


def provider_signature() -> Policy:
    """A provider's webhook: the handler verifies the signature over the raw bytes."""
    return Policy(Kind.PROVIDER_SIGNATURE)


def operator() -> Policy:
    """Who runs the deployment: probes and metrics."""
    return Policy(Kind.OPERATOR)
