"""Claiming, proving, choosing and giving up a brand's own domains.

A claim grants nothing and keeps nobody out; a proof gives the member site the name until it lapses
or is given up. What another brand has proved is refused, without a word of whose it is.
"""

from datetime import datetime
from typing import Final, Literal

from guerdon.domains import queries
from guerdon.domains.errors import DomainLimitError
from guerdon.domains.queries import SiteDomain
from guerdon.identity import staff
from guerdon.identity.domain_proof import seen
from guerdon.identity.jobs import SendStaffLetter
from guerdon.kit.errors import NotFoundError
from guerdon.kit.ids import secret_token
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession
from guerdon.tenancy.errors import HostTakenError

DOMAINS_MAX: Final = 20


async def claim(s: WriteSession, *, domain: str, now: datetime) -> SiteDomain:
    """Start proving a domain (as `names.normal` has it): a random text to be published.

    Safe to repeat. Raises HostTakenError, DomainLimitError.
    """
    known = {one.domain for one in await queries.listing(s)}
    if domain not in known and len(known) >= DOMAINS_MAX:
        raise DomainLimitError(
            f"A brand has {DOMAINS_MAX} domains at most. Remove one that you no longer use.",
            max=DOMAINS_MAX,
        )
    if await s.value("SELECT ctl.host_taken_v1(%(tenant_id)s, %(domain)s)", {"domain": domain}):
        raise taken()
    await s.execute(
        "INSERT INTO app.site_domain (tenant_id, domain, token, created_at)"
        " VALUES (%(tenant_id)s, %(domain)s, %(token)s, %(now)s) ON CONFLICT DO NOTHING",
        {"domain": domain, "token": secret_token(24), "now": now},
    )
    return await queries.one(s, domain=domain)


async def note(s: WriteSession, *, domain: str, problem: str, now: datetime) -> SiteDomain:
    """Keep what a look at the domain found; every process follows within a second.

    Owners are told when a proof goes missing or lapses. Raises HostTakenError where another brand
    was faster.
    """
    before = await queries.one(s, domain=domain, lock=True)
    after = seen(before, problem=problem, now=now)
    await s.execute(
        "UPDATE app.site_domain SET checked_at = %(now)s, problem = %(problem)s,"
        " verified_at = %(verified_at)s, missing_since = %(missing_since)s"
        " WHERE tenant_id = %(tenant_id)s AND domain = %(domain)s",
        {
            "domain": domain,
            "problem": problem,
            "now": now,
            "verified_at": after.verified_at,
            "missing_since": after.missing_since,
        },
    )
    if (before.verified_at is None) != (after.verified_at is None):
        await _serve(s, domain, after.verified_at is not None, now)
    if before.verified_at is not None and after.verified_at is None:
        await _tell_owners(s, "site_domain_lapsed", domain, now)
    elif before.missing_since is None and after.missing_since is not None:
        await _tell_owners(s, "site_domain_missing", domain, after.lapses_at)
    return after


async def choose(s: WriteSession, *, host: str) -> None:
    """Let links carry this address, and the others lead to it. Raises HostUnprovedError."""
    await s.execute("SELECT ctl.choose_host_v1(%(tenant_id)s, %(host)s)", {"host": host})


async def remove(s: WriteSession, *, domain: str, now: datetime) -> None:
    """Give a domain up: the member site leaves it, and links go back to the brand's first host."""
    removed = await s.execute(
        "DELETE FROM app.site_domain WHERE tenant_id = %(tenant_id)s AND domain = %(domain)s",
        {"domain": domain},
    )
    if not removed:
        raise NotFoundError(f"The brand does not claim {domain}.", field="domain")
    await _serve(s, domain, False, now)


def taken() -> HostTakenError:
    """What is told of a domain that another brand has proved."""
    return HostTakenError(
        "Another brand uses this address. If the domain is yours, take the other brand's TXT record"
        " and CNAME away at your name server: its proof then ends within days, and the address is"
        " free.",
        field="domain",
    )


async def _serve(s: WriteSession, domain: str, proved: bool, now: datetime) -> None:
    try:
        await s.execute(
            "SELECT ctl.save_proved_host_v1(%(tenant_id)s, %(domain)s, %(proved)s, %(now)s)",
            {"domain": domain, "proved": proved, "now": now},
        )
    except HostTakenError as error:
        raise taken() from error


async def _tell_owners(
    s: WriteSession,
    kind: Literal["site_domain_missing", "site_domain_lapsed"],
    domain: str,
    at: datetime | None,
) -> None:
    for owner in await staff.active_owners(s):
        await outbox.put(s, SendStaffLetter(kind=kind, staff_id=owner, what=domain, at=at))
