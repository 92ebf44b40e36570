"""Which sign-in leads home: from an e-mail's domain to the brands that have proved it.

The answer depends on the domain alone, never on whether an account exists.
"""

from uuid import UUID

import msgspec

from guerdon.identity.sso import queries
from guerdon.identity.sso.endpoints import address
from guerdon.identity.sso.errors import ConnectionSettingsError
from guerdon.identity.sso.rules import DOMAIN
from guerdon.kit.errors import NotFoundError
from guerdon.runtime import Runtime
from guerdon.tenancy.lifecycle import Act
from guerdon.tenancy.operator import OPERATOR_ID

BRANDS_MAX = 20


class Home(msgspec.Struct, frozen=True):
    """A brand's connection that takes people of this domain in."""

    slug: str
    brand: str
    connection_id: UUID
    title: str
    start_url: str


async def homes_of(rt: Runtime, *, email: str) -> list[Home]:
    """The connections for this e-mail's domain; none means signing in without one."""
    domain = email.strip().lower().rpartition("@")[2].rstrip(".")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode()
        except UnicodeError:
            domain = ""
    if "@" not in email or len(email) > 320 or not DOMAIN.fullmatch(domain):
        raise ConnectionSettingsError("Give your e-mail address.", field="email")
    async with rt.db.control() as s:
        tenants = await s.all(
            UUID,
            "SELECT * FROM ctl.tenants_of_domain_v1(%(domain)s, %(max)s)",
            {"domain": domain, "max": BRANDS_MAX},
        )
    homes = []
    for tenant_id in tenants:
        try:
            tenant = await rt.directory.by_id(tenant_id)
        except NotFoundError:
            continue
        if tenant.id == OPERATOR_ID or not tenant.allows(Act.LOOK):
            continue
        async with rt.db.read(tenant_id) as r:
            offered = await queries.offered(r)
        homes += [
            Home(
                tenant.slug,
                tenant.name,
                one.id,
                one.title,
                address(rt, tenant_id, one.endpoint_id, "start"),
            )
            for one in offered
        ]
    return homes
