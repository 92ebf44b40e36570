"""From what a provider says to who somebody is here.

Who they are is the subject and nothing else. An e-mail counts where the provider vouches for it,
or where the brand has proved that the domain is its own; it is a label even then.
"""

import re
from collections.abc import Collection
from typing import Any

from guerdon.identity.sso.errors import SsoRefusedError
from guerdon.identity.sso.schemas import Arrived, OidcSettings, Person, Settings
from guerdon.identity.staff import normal_email
from guerdon.kit.errors import InvalidError

GROUPS_MAX = 500
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SHOWN_MAX = 60
_HIDDEN = frozenset({"nonce", "at_hash", "c_hash", "s_hash", "aio", "rh", "uti"})


def person_of(arrived: Arrived, settings: Settings, proved: Collection[str]) -> Person:
    """Who is there. `proved`: the e-mail domains that the brand has proved to be its own.

    Raises SsoRefusedError where the provider's word does not say enough.
    """
    claims = arrived.claims
    email = _email(claims, settings, proved)
    if settings.email_domains and _domain(email) not in settings.email_domains:
        raise SsoRefusedError(
            "email_domain",
            "The provider vouches for no e-mail address in "
            f"{', '.join(settings.email_domains)}. Prove the domain under Connections, or let the "
            "provider send email_verified.",
        )
    groups = _groups(claims, settings)
    return Person(
        issuer=arrived.issuer,
        subject=_subject(arrived, settings),
        email=email,
        name=_name(claims, settings, email),
        groups=groups,
        roles=roles_of(groups, settings),
    )


def roles_of(groups: Collection[str], settings: Settings) -> frozenset[str]:
    """The roles that these groups give; the default role where they give none."""
    mapped = frozenset(one.role for one in settings.roles if one.group in groups)
    if not mapped and settings.default_role:
        return frozenset({settings.default_role})
    return mapped


def preview(claims: dict[str, Any]) -> dict[str, Any]:
    """The claims as a person may look at them while setting up."""
    shown = {}
    for name in sorted(claims)[:_SHOWN_MAX]:
        if name in _HIDDEN:
            continue
        value = claims[name]
        if isinstance(value, str):
            value = value[:500]
        elif isinstance(value, list):
            value = [str(one)[:200] for one in value[:GROUPS_MAX]]
        elif not isinstance(value, bool | int | dict):
            value = str(value)[:500]
        shown[name[:120]] = value
    return shown


def _subject(arrived: Arrived, settings: Settings) -> str:
    """The person's own name at the provider. Entra's object id is the same in all applications,
    so that accounts survive a new registration; its directory is pinned by the issuer."""
    if isinstance(settings, OidcSettings) and settings.preset == "entra":
        tenant, person = arrived.claims.get("tid"), arrived.claims.get("oid")
        if not isinstance(tenant, str) or tenant not in arrived.issuer.split("/"):
            raise SsoRefusedError(
                "directory", "The token does not come from the directory that the issuer names."
            )
        if not isinstance(person, str) or not 0 < len(person) <= 255:
            raise SsoRefusedError(
                "oid", "The token names no object id (oid). Ask for the scope profile."
            )
        return person
    return arrived.subject


def _email(claims: dict[str, Any], settings: Settings, proved: Collection[str]) -> str:
    raw = _one(claims.get(settings.email_claim))
    if raw is None:
        return ""
    try:
        email = normal_email(raw)
    except InvalidError:
        return ""
    vouched = settings.email_claim == "email" and claims.get("email_verified") is True
    return email if vouched or _domain(email) in proved else ""


def _domain(email: str) -> str:
    return email.rpartition("@")[2]


def _name(claims: dict[str, Any], settings: Settings, email: str) -> str:
    raw = _one(claims.get(settings.name_claim)) or ""
    name = _CONTROL.sub(" ", raw).strip()[:120]
    return name or email.partition("@")[0] or "?"


def _groups(claims: dict[str, Any], settings: Settings) -> tuple[str, ...]:
    claim = settings.groups_claim
    elsewhere = claims.get("_claim_names")
    if (isinstance(elsewhere, dict) and claim in elsewhere) or claims.get("hasgroups") is True:
        raise SsoRefusedError(
            "groups_overage",
            "This person is in more groups than fit into a token, so the provider left them out. "
            "In Entra ID, choose “Groups assigned to the application” for the groups claim, or use "
            "app roles and set the groups claim to roles.",
        )
    raw = claims.get(claim)
    if raw is None:
        return ()
    # AD FS sends a single group as plain text.
    values = raw if isinstance(raw, list) else [raw]
    if len(values) > GROUPS_MAX:
        raise SsoRefusedError(
            "too_many_groups",
            f"The provider sends {len(values)} groups; {GROUPS_MAX} are the most. Let it send the "
            "groups of this application only.",
        )
    if not all(isinstance(one, str) and len(one) <= 300 for one in values):
        raise SsoRefusedError("groups_form", f"The claim {claim} is not a list of texts.")
    return tuple(dict.fromkeys(values))


def _one(value: object) -> str | None:
    """A text, or the only one of a list."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, str) and 0 < len(value) <= 320 else None
