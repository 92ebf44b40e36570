"""The daily look at proved e-mail domains: by the scheduled job, at a name server, over days."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests import calls
from tests.conftest import Console, ConsoleFactory
from tests.identity.names import NameServer
from tests.peers import Peer

from guerdon.audit import queries as audit
from guerdon.identity.domain_proof import GRACE
from guerdon.identity.sso import domains
from guerdon.identity.sso.domains import Domain
from guerdon.identity.sso.jobs import LookAtDomain, LookAtDomains
from guerdon.kit.clock import MovableClock
from guerdon.kit.ids import secret_token
from guerdon.plumbing import outbox
from guerdon.plumbing.outbox import Message
from guerdon.plumbing.runner import Runner
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant
from guerdon_workers.actors import all_handlers, all_schedules

DAY = timedelta(days=1)


class Days:
    """A brand with a proved domain, whose days go by."""

    def __init__(
        self, rt: Runtime, worker: Runtime, tenant: Tenant, owner: Console, names: NameServer
    ) -> None:
        self.rt, self.owner, self.names = rt, owner, names
        self.tenant_id, self.brand = tenant.id, owner.brand
        self.clock = MovableClock(rt.clock.now())
        self.runner = Runner(dataclasses.replace(worker, clock=self.clock), all_handlers())
        self.domain = f"{secret_token(6).lower().replace('_', 'x').replace('-', 'x')}.example"
        self.record: dict[str, Any] = {}

    async def prove(self) -> None:
        claimed = await self.owner.post(f"{self.brand}/email-domains", json={"domain": self.domain})
        self.record = claimed.json()
        self.publish()
        assert (await self.check())["verifiedAt"] is not None

    def publish(self, *more: str) -> None:
        self.names.texts[self.record["recordName"]] = [*more, self.record["recordValue"]]

    def take_away(self, *others: str) -> None:
        self.names.texts[self.record["recordName"]] = list(others)

    async def check(self) -> dict[str, Any]:
        """Somebody of the brand looks."""
        answer = await self.owner.post(f"{self.brand}/email-domains/{self.domain}/check", json={})
        found: dict[str, Any] = answer.json()
        return found

    async def work(self) -> None:
        """Everything that waits, as a worker does it."""
        while True:
            async with self.rt.db.read(self.tenant_id) as s:
                due = [row.id for row in await outbox.waiting(s, limit=100)]
            if not due:
                return
            for one in due:
                await self.runner.run(self.tenant_id, one)

    async def send(self, message: Message) -> None:
        async with self.rt.db.write(self.tenant_id) as s:
            await outbox.put(s, message)
        await self.work()

    async def day(self) -> Domain:
        """A day later the scheduled job runs; what is kept of the domain."""
        self.clock.advance(DAY)
        await self.send(LookAtDomains())
        async with self.rt.db.read(self.tenant_id) as s:
            return await domains.one(s, domain=self.domain)

    async def leads_home(self) -> bool:
        async with self.rt.db.control() as s:
            found = await s.all(
                UUID, "SELECT ctl.tenants_of_domain_v1(%(domain)s, 10)", {"domain": self.domain}
            )
        return self.tenant_id in found

    async def told(self) -> list[tuple[str, str]]:
        """What the trail tells that nobody did, oldest first."""
        async with self.rt.db.read(self.tenant_id) as s:
            found = await audit.search(s, actor="system", action="email_domain.*")
        return [(one.action.partition(".")[2], one.summary["problem"]) for one in reversed(found)]


@pytest.fixture
async def days(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant, console: ConsoleFactory, names: NameServer
) -> Days:
    names.silent = False
    made = Days(rt, worker_rt, tenant, await console(tenant), names)
    await made.prove()
    return made


Letters = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def letters(days: Days, mailbox_peer: Peer) -> Letters:
    """What the mailbox has about the domain: to whom, and the subject."""

    def found() -> list[tuple[str, str]]:
        items = calls.get(f"{mailbox_peer.url}/api/messages").json()["items"]
        mine = [m for m in items if days.domain in m["subject"]]
        return sorted((m["to"][0], m["subject"].partition(" · ")[0]) for m in mine)

    return found


def test_it_runs_every_day() -> None:
    (found,) = [one for one in all_schedules() if one.message is LookAtDomains]
    assert found.seconds == 86_400


async def test_a_proof_that_stands_goes_on_counting(days: Days, letters: Letters) -> None:
    days.publish("v=spf1 -all")
    found = await days.day()
    assert (found.problem, found.missing_since) == ("", None)
    assert found.checked_at == days.clock.now()
    assert (await days.told(), letters()) == ([], [])


async def test_a_proof_that_stays_away_lapses_on_the_third_day(
    days: Days, letters: Letters, console: ConsoleFactory, tenant: Tenant
) -> None:
    await console(tenant, roles=("administrator",))
    days.take_away()
    first = await days.day()
    assert (first.problem, first.missing_since) == ("no_text", days.clock.now())
    assert first.lapses_at == days.clock.now() + GRACE
    owner = f"{days.owner.staff_id.hex}@staff.example"
    assert letters() == [(owner, f"The proof of {days.domain} is gone")]
    days.take_away("another text")
    second, third = await days.day(), await days.day()
    assert (second.problem, second.missing_since) == ("other_text", first.missing_since)
    assert third.verified_at is not None
    assert await days.leads_home()
    assert len(letters()) == 1

    last = await days.day()
    assert (last.verified_at, last.missing_since, last.problem) == (None, None, "other_text")
    assert not await days.leads_home()
    assert (owner, f"{days.domain} is not proved any more") in letters()
    assert len(letters()) == 2
    assert await days.told() == [("missing", "no_text"), ("lapsed", "other_text")]
    # What is not proved is nobody's daily business, until somebody proves it again.
    checked_at = last.checked_at
    assert (await days.day()).checked_at == checked_at
    days.publish()
    assert (await days.check())["verifiedAt"] is not None
    assert await days.leads_home()


async def test_a_text_that_is_back_starts_the_days_anew(days: Days, letters: Letters) -> None:
    days.take_away()
    await days.day()
    await days.day()
    days.publish()
    found = await days.day()
    assert (found.problem, found.missing_since) == ("", None)
    days.take_away()
    again = await days.day()
    assert again.missing_since == days.clock.now()
    assert again.verified_at is not None
    assert await days.told() == [("missing", "no_text"), ("found", ""), ("missing", "no_text")]
    assert len(letters()) == 2


async def test_a_name_server_that_fails_says_nothing(days: Days, letters: Letters) -> None:
    days.names.silent = True
    for _ in range(5):
        found = await days.day()
        assert (found.problem, found.missing_since) == ("no_answer", None)
    # Nor does it stop the days of a proof that is gone.
    days.names.silent = False
    days.take_away()
    await days.day()
    days.names.silent = True
    for _ in range(4):
        assert (await days.day()).verified_at is not None
    days.names.silent = False
    assert (await days.day()).verified_at is None
    assert [what for what, _ in await days.told()] == ["missing", "lapsed"]
    assert len(letters()) == 2


async def test_a_look_at_an_earlier_claim_tells_nothing_of_this_one(days: Days) -> None:
    days.take_away()
    await days.send(LookAtDomain(domain=days.domain, token="of another claim"))
    await days.send(LookAtDomain(domain="given-up.example", token="x"))
    async with days.rt.db.read(days.tenant_id) as s:
        found = await domains.one(s, domain=days.domain)
        assert await outbox.parked(s, limit=10) == []
    assert (found.problem, found.missing_since) == ("", None)
