"""Reading a brand's own domains."""

from guerdon.identity.domain_proof import COLUMNS, Claim
from guerdon.plumbing.db import ReadSession


class SiteDomain(Claim, frozen=True):
    """A domain that the brand claims for its member site."""


async def one(s: ReadSession, *, domain: str, lock: bool = False) -> SiteDomain:
    """A claimed domain; NotFoundError if it is not claimed. `lock` keeps others waiting."""
    return await s.one(
        SiteDomain,
        f"SELECT {COLUMNS} FROM app.site_domain"  # noqa: S608
        f" WHERE tenant_id = %(tenant_id)s AND domain = %(domain)s{' FOR UPDATE' if lock else ''}",
        {"domain": domain},
    )


async def listing(s: ReadSession) -> list[SiteDomain]:
    """All claimed domains."""
    return await s.all(
        SiteDomain,
        f"SELECT {COLUMNS} FROM app.site_domain"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s ORDER BY domain",
    )


async def proved(s: ReadSession) -> frozenset[str]:
    """The domains whose proof stands."""
    return frozenset(one.domain for one in await listing(s) if one.verified_at is not None)
