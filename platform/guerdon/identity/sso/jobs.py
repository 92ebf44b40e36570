"""The daily look at the e-mail domains that brands have proved."""

from datetime import datetime
from typing import ClassVar, Final

from guerdon.identity import domain_proof
from guerdon.identity.sso import domains
from guerdon.identity.sso.domains import Domain
from guerdon.kit.errors import NotFoundError
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.jobs import Effect, Handler, Job
from guerdon.plumbing.outbox import Message
from guerdon.runtime import Runtime


class LookAtDomains(Message, frozen=True):
    """Look at every proved domain of the tenant."""

    topic: ClassVar[str] = "identity.look_at_domains"
    queue: ClassVar[str] = "bulk"
    real_time: ClassVar[bool] = True


class LookAtDomain(Message, frozen=True):
    """Look whether a domain's proof still stands; of another claim (`token`) it tells nothing."""

    topic: ClassVar[str] = "identity.look_at_domain"
    queue: ClassVar[str] = "bulk"
    real_time: ClassVar[bool] = True

    domain: str
    token: str


class LookingAtDomains(Effect[LookAtDomains]):
    """One message per domain: a name server that is slow holds up nobody else's look."""

    message = LookAtDomains

    async def apply(self, rt: Runtime, s: WriteSession, m: LookAtDomains, now: datetime) -> None:
        for one in await domains.listing(s):
            if one.verified_at is not None:
                await outbox.put(s, LookAtDomain(domain=one.domain, token=one.token))


class LookingAtDomain(Job[LookAtDomain, Domain, str]):
    """Asks the domain name system, and keeps and tells what came of it."""

    message = LookAtDomain

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: LookAtDomain, now: datetime
    ) -> Domain | None:
        return await _proved(s, m)

    async def perform(self, rt: Runtime, call: Domain) -> str:
        return await domain_proof.look(rt, call)

    async def record(
        self, rt: Runtime, s: WriteSession, m: LookAtDomain, outcome: str, now: datetime
    ) -> None:
        before = await _proved(s, m, lock=True)
        if before is None:
            return
        after = await domains.note(s, domain=m.domain, problem=outcome, now=now)
        await domain_proof.tell(s, before, after, kind="email_domain", now=now)


async def _proved(s: WriteSession, m: LookAtDomain, *, lock: bool = False) -> Domain | None:
    try:
        found = await domains.one(s, domain=m.domain, lock=lock)
    except NotFoundError:
        return None
    return found if found.verified_at is not None and found.token == m.token else None


DOMAIN_HANDLERS: Final[tuple[Handler, ...]] = (LookingAtDomains(), LookingAtDomain())
