"""The daily look at the domains that brands have proved."""

from datetime import datetime
from typing import ClassVar, Final

from guerdon.domains import operations, queries
from guerdon.domains.queries import SiteDomain
from guerdon.identity import domain_proof
from guerdon.kit.errors import NotFoundError
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.jobs import Effect, Handler, Job
from guerdon.plumbing.outbox import Message
from guerdon.runtime import Runtime


class LookAtSiteDomains(Message, frozen=True):
    """Look at every proved domain of the tenant."""

    topic: ClassVar[str] = "domains.look_at_all"
    queue: ClassVar[str] = "bulk"
    real_time: ClassVar[bool] = True


class LookAtSiteDomain(Message, frozen=True):
    """Look whether a domain's proof still stands; of another claim (`token`) it tells nothing."""

    topic: ClassVar[str] = "domains.look_at_one"
    queue: ClassVar[str] = "bulk"
    real_time: ClassVar[bool] = True

    domain: str
    token: str


class LookingAtSiteDomains(Effect[LookAtSiteDomains]):
    """One message per domain: a name server that is slow holds up nobody else's look."""

    message = LookAtSiteDomains

    async def apply(
        self, rt: Runtime, s: WriteSession, m: LookAtSiteDomains, now: datetime
    ) -> None:
        for one in await queries.listing(s):
            if one.verified_at is not None:
                await outbox.put(s, LookAtSiteDomain(domain=one.domain, token=one.token))


class LookingAtSiteDomain(Job[LookAtSiteDomain, SiteDomain, str]):
    """Asks the domain name system, and keeps and tells what came of it."""

    message = LookAtSiteDomain

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: LookAtSiteDomain, now: datetime
    ) -> SiteDomain | None:
        return await _proved(s, m)

    async def perform(self, rt: Runtime, call: SiteDomain) -> str:
        return await domain_proof.look(rt, call)

    async def record(
        self, rt: Runtime, s: WriteSession, m: LookAtSiteDomain, outcome: str, now: datetime
    ) -> None:
        before = await _proved(s, m, lock=True)
        if before is None:
            return
        after = await operations.note(s, domain=m.domain, problem=outcome, now=now)
        await domain_proof.tell(s, before, after, kind="site_domain", now=now)


async def _proved(s: WriteSession, m: LookAtSiteDomain, *, lock: bool = False) -> SiteDomain | None:
    try:
        found = await queries.one(s, domain=m.domain, lock=lock)
    except NotFoundError:
        return None
    return found if found.verified_at is not None and found.token == m.token else None


DOMAIN_HANDLERS: Final[tuple[Handler, ...]] = (LookingAtSiteDomains(), LookingAtSiteDomain())
