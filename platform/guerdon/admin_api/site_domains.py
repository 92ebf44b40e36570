"""A brand's own domains for its member site, and the address that its links carry."""

from datetime import datetime
from typing import Annotated
from urllib.parse import unquote

from litestar import Response, delete, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.domains import names, operations, queries
from guerdon.identity import domain_proof
from guerdon.identity.policy import staff
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.tenancy.operations import stored_tenant
from guerdon.wire.openapi import Read, Write
from guerdon.wire.values import In, Out

TAGS = ["Domains"]
READ = {"policy": staff("domains:read")}
MANAGE = {"policy": staff("domains:manage", fresh=True)}

DomainName = FromPath[str]


class SiteDomain(Out, frozen=True):
    """A domain, and the TXT record that proves it. `problem`: why the last look saw no proof.

    `shown`: the name as people write it; `lapsesAt`: when a proof that is gone stops counting,
    unless it is back by then.
    """

    domain: str
    shown: str
    record_name: str
    record_value: str
    verified_at: datetime | None
    checked_at: datetime | None
    problem: str
    lapses_at: datetime | None

    @classmethod
    def of(cls, found: queries.SiteDomain) -> "SiteDomain":
        """As the domain has it."""
        return cls(
            found.domain,
            names.shown(found.domain),
            found.record_name,
            found.record_value,
            found.verified_at,
            found.checked_at,
            found.problem,
            found.lapses_at,
        )


class SiteAddresses(Out, frozen=True):
    """Where the member site lives. `home` is always there; `canonical` is what links carry, and
    the other `hosts` lead to it. A CNAME record of a domain of one's own points at `home`."""

    home: str
    canonical: str
    hosts: list[str]
    url: str
    items: list[SiteDomain]


class SiteDomainIn(In, frozen=True):
    """A domain to prove."""

    domain: Annotated[str, Meta(min_length=1, max_length=253)]


class CanonicalHostIn(In, frozen=True):
    """The address that links carry: one of `hosts`."""

    host: Annotated[str, Meta(min_length=1, max_length=253)]


@get("/{brand:str}/site-domains", operation_id="listSiteDomains", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def listing(request: AdminRequest) -> Response[SiteAddresses]:
    """List where the member site lives, and the domains with their proofs."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await _addresses(request, s)
    return answer(found)


@post("/{brand:str}/site-domains", operation_id="claimSiteDomain", operation_class=Write,
      opt=MANAGE, tags=TAGS)  # fmt: skip
async def claim(request: AdminRequest, data: JSONBody[SiteDomainIn]) -> Response[SiteDomain]:
    """Start proving a domain: publish the TXT record that is answered, then check."""
    name = names.normal(request.rt.settings, data.domain)

    async def work(s: WriteSession, now: datetime) -> Done:
        found = await operations.claim(s, domain=name, now=now)
        return Done(SiteDomain.of(found), {"domain": found.domain})

    return await act(request, action="site_domain.claimed", subject=f"site_domain:{name}",
                     work=work, given=data, status=201)  # fmt: skip


@post("/{brand:str}/site-domains/{domain:str}/check", operation_id="checkSiteDomain",
      operation_class=Write, opt=MANAGE, tags=TAGS, status_code=200)  # fmt: skip
async def check(request: AdminRequest, domain: DomainName) -> Response[SiteDomain]:
    """Look for the proof now. With it the member site answers at the domain within a second."""
    name = _named(domain)
    async with request.rt.db.read(request.tenant.id) as r:
        claimed = await queries.one(r, domain=name)
    problem = await domain_proof.look(request.rt, claimed)

    async def work(s: WriteSession, now: datetime) -> Done:
        before = await queries.one(s, domain=name)
        found = await operations.note(s, domain=name, problem=problem, now=now)
        proved = found.verified_at is not None
        return Done(
            SiteDomain.of(found),
            {"domain": name, "proved": proved, "problem": problem},
            changed=(proved, found.missing_since)
            != (before.verified_at is not None, before.missing_since),
        )

    return await act(request, action="site_domain.checked", subject=f"site_domain:{name}",
                     work=work)  # fmt: skip


@delete("/{brand:str}/site-domains/{domain:str}", operation_id="removeSiteDomain",
        operation_class=Write, opt=MANAGE, tags=TAGS, status_code=200)  # fmt: skip
async def remove(request: AdminRequest, domain: DomainName) -> Response[SiteAddresses]:
    """Give a domain up: the member site leaves it within a second."""
    name = _named(domain)

    async def work(s: WriteSession, now: datetime) -> Done:
        await operations.remove(s, domain=name, now=now)
        return Done(await _addresses(request, s), {"domain": name})

    return await act(request, action="site_domain.removed", subject=f"site_domain:{name}",
                     work=work)  # fmt: skip


@put("/{brand:str}/site-domains/canonical", operation_id="chooseSiteAddress",
     operation_class=Write, opt=MANAGE, tags=TAGS)  # fmt: skip
async def choose(request: AdminRequest, data: JSONBody[CanonicalHostIn]) -> Response[SiteAddresses]:
    """Choose the address that links carry; the member site's other addresses lead to it.

    Members sign in anew there. Addresses to come back to have to be registered at sign-in
    providers first.
    """
    host = _named(data.host)

    async def work(s: WriteSession, now: datetime) -> Done:
        await operations.choose(s, host=host)
        return Done(await _addresses(request, s), {"host": host})

    return await act(request, action="site_domain.chosen", subject=f"site_domain:{host}",
                     work=work, given=data)  # fmt: skip


async def _addresses(request: AdminRequest, s: ReadSession) -> SiteAddresses:
    """What is stored: what this process has in memory may be a moment old."""
    tenant = await stored_tenant(s)
    return SiteAddresses(
        names.home(request.rt.settings, tenant.slug),
        tenant.canonical_host,
        list(tenant.hosts),
        request.rt.settings.tenant_url(tenant.canonical_host),
        [SiteDomain.of(one) for one in await queries.listing(s)],
    )


def _named(domain: str) -> str:
    """A host that is there already: nothing is to be told of one that cannot be."""
    return unquote(domain).strip().rstrip(".").lower()


HANDLERS = [listing, claim, check, remove, choose]
