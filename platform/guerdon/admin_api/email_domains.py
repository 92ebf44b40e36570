"""E-mail domains that the brand proves to be its own, and finding one's way home by e-mail."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from guerdon.admin_api.entering import Step
from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.identity import domain_proof
from guerdon.identity.policy import console_public, staff
from guerdon.identity.sso import discovery, domains
from guerdon.plumbing.db import WriteSession
from guerdon.wire.openapi import Read, Write
from guerdon.wire.values import In, Out

TAGS = ["Connections"]
READ = {"policy": staff("connections:read")}
MANAGE = {"policy": staff("connections:manage", fresh=True)}

DomainName = FromPath[str]


class EmailDomain(Out, frozen=True):
    """A domain, and the TXT record that proves it. `problem`: why the last look saw no proof.

    `lapsesAt`: when a proof that is gone stops counting, unless it is back by then.
    """

    domain: str
    record_name: str
    record_value: str
    verified_at: datetime | None
    checked_at: datetime | None
    problem: str
    lapses_at: datetime | None

    @classmethod
    def of(cls, found: domains.Domain) -> "EmailDomain":
        """As the domain has it."""
        return cls(
            found.domain,
            found.record_name,
            found.record_value,
            found.verified_at,
            found.checked_at,
            found.problem,
            found.lapses_at,
        )


class EmailDomainList(Out, frozen=True):
    """All domains that the brand claims."""

    items: list[EmailDomain]


class EmailDomainIn(In, frozen=True):
    """A domain to prove."""

    domain: Annotated[str, Meta(min_length=1, max_length=253)]


class HomeIn(In, frozen=True):
    """Somebody's e-mail."""

    email: Annotated[str, Meta(min_length=3, max_length=320)]


class Home(Out, frozen=True):
    """A brand's connection for this e-mail's domain; `startUrl` is where to send the browser."""

    brand: str
    slug: str
    connection_id: UUID
    title: str
    start_url: str


class Homes(Out, frozen=True):
    """Where people of this domain sign in; none means with a passkey or a password."""

    items: list[Home]


@post("/sign-in/discover", operation_id="discoverSignIn", operation_class=Step,
      opt={"policy": console_public()}, tags=["Session"], status_code=200)  # fmt: skip
async def discover(request: AdminRequest, data: JSONBody[HomeIn]) -> Response[Homes]:
    """Which connections take people of this e-mail's domain in. It tells nothing of accounts."""
    found = await discovery.homes_of(request.rt, email=data.email)
    return answer(
        Homes([Home(h.brand, h.slug, h.connection_id, h.title, h.start_url) for h in found])
    )


@get("/{brand:str}/email-domains", operation_id="listEmailDomains", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def listing(request: AdminRequest) -> Response[EmailDomainList]:
    """List the domains with their proofs."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await domains.listing(s)
    return answer(EmailDomainList([EmailDomain.of(one) for one in found]))


@post("/{brand:str}/email-domains", operation_id="claimEmailDomain", operation_class=Write,
      opt=MANAGE, tags=TAGS)  # fmt: skip
async def claim(request: AdminRequest, data: JSONBody[EmailDomainIn]) -> Response[EmailDomain]:
    """Start proving a domain: publish the TXT record that is answered, then check."""

    async def work(s: WriteSession, now: datetime) -> Done:
        found = await domains.claim(s, domain=data.domain, now=now)
        return Done(EmailDomain.of(found), {"domain": found.domain})

    return await act(request, action="email_domain.claimed", subject="email_domain", work=work,
                     given=data, status=201)  # fmt: skip


@post("/{brand:str}/email-domains/{domain:str}/check", operation_id="checkEmailDomain",
      operation_class=Write, opt=MANAGE, tags=TAGS, status_code=200)  # fmt: skip
async def check(request: AdminRequest, domain: DomainName) -> Response[EmailDomain]:
    """Look for the proof now. A proof that is gone stops counting after three days."""
    name = domains.normal(domain)
    async with request.rt.db.read(request.tenant.id) as r:
        claimed = await domains.one(r, domain=name)
    problem = await domain_proof.look(request.rt, claimed)

    async def work(s: WriteSession, now: datetime) -> Done:
        before = await domains.one(s, domain=name)
        found = await domains.note(s, domain=name, problem=problem, now=now)
        proved = found.verified_at is not None
        return Done(
            EmailDomain.of(found),
            {"domain": name, "proved": proved, "problem": problem},
            changed=(proved, found.missing_since)
            != (before.verified_at is not None, before.missing_since),
        )

    return await act(request, action="email_domain.checked", subject=f"email_domain:{name}",
                     work=work)  # fmt: skip


@delete("/{brand:str}/email-domains/{domain:str}", operation_id="removeEmailDomain",
        operation_class=Write, opt=MANAGE, tags=TAGS, status_code=200)  # fmt: skip
async def remove(request: AdminRequest, domain: DomainName) -> Response[EmailDomainList]:
    """Give a domain up: its addresses do not count any more."""
    name = domains.normal(domain)

    async def work(s: WriteSession, now: datetime) -> Done:
        await domains.remove(s, domain=name)
        left = [EmailDomain.of(one) for one in await domains.listing(s)]
        return Done(EmailDomainList(left), {"domain": name})

    return await act(request, action="email_domain.removed", subject=f"email_domain:{name}",
                     work=work)  # fmt: skip


HANDLERS = [discover, listing, claim, check, remove]
