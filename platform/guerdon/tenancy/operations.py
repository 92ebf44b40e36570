"""Making and changing tenants."""

import re
from collections.abc import Sequence
from uuid import UUID

from guerdon.kit.errors import InvalidError
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.tenancy.lifecycle import BEGINNINGS, State
from guerdon.tenancy.schemas import Tenant

RESERVED_SLUGS = frozenset(
    [
        "admin",
        "api",
        "app",
        "assets",
        "auth",
        "billing",
        "blog",
        "cdn",
        "console",
        "dashboard",
        "demo",
        "dev",
        "docs",
        "ftp",
        "help",
        "hooks",
        "landing",
        "login",
        "mail",
        "mx",
        "ns",
        "ns1",
        "ns2",
        "oauth",
        "platform",
        "root",
        "sign-in",
        "signin",
        "smtp",
        "sso",
        "staff",
        "staging",
        "static",
        "status",
        "support",
        "sys",
        "system",
        "test",
        "tests",
        "www",
    ]
)
_SLUG = re.compile(r"^[a-z0-9](-?[a-z0-9]){1,39}$")
_HOST = re.compile(r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")


def check_slug(slug: str) -> str:
    """`slug` if it can be a subdomain and is not reserved, else InvalidError."""
    if not _SLUG.match(slug) or slug.startswith("xn--"):
        raise InvalidError(
            "A short name has 2 to 40 small letters, digits and single hyphens.", field="slug"
        )
    if slug in RESERVED_SLUGS:
        raise InvalidError(f"The short name {slug!r} is reserved.", field="slug")
    return slug


async def save_tenant(
    s: WriteSession,
    *,
    tenant_id: UUID,
    slug: str,
    name: str,
    begins_as: State,
    canonical_host: str,
    hosts: Sequence[str],
) -> Tenant:
    """Make or change the tenant in context; every process follows within a second.

    `begins_as` is the state of a tenant that is made; the state of one that is there is changed
    by `transitions.change_state` only. Raises InvalidError for a bad slug, name, state or host,
    HostTakenError for a host that another tenant has.
    """
    check_slug(slug)
    if not 1 <= len(name) <= 120:
        raise InvalidError("A name has 1 to 120 characters.", field="name")
    if begins_as not in BEGINNINGS:
        raise InvalidError(
            f"A brand begins as {', '.join(BEGINNINGS)}, not as {begins_as}.", field="status"
        )
    every = tuple(dict.fromkeys([canonical_host, *hosts]))
    for host in every:
        if not _HOST.match(host):
            raise InvalidError(f"{host!r} is not a host name in lower case.", field="hosts")
    await s.execute(
        "SELECT ctl.save_tenant(%(tenant_id)s, %(slug)s, %(name)s, %(status)s, %(canonical)s,"
        " %(hosts)s)",
        {
            "slug": slug,
            "name": name,
            "status": begins_as.value,
            "canonical": canonical_host,
            "hosts": list(every),
        },
    )
    return await stored_tenant(s)


async def stored_tenant(s: ReadSession) -> Tenant:
    """The tenant in context as it is stored, this transaction's changes included."""
    return await s.one(Tenant, "SELECT * FROM ctl.read_tenant_v2(%(tenant_id)s)")
