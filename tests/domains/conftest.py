"""A brand that proves domains of its own at a real name server, over days."""

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Protocol

import pytest
from tests.conftest import Console, ConsoleFactory
from tests.identity.names import NameServer

from guerdon.app import Application
from guerdon.domains import queries
from guerdon.domains.jobs import LookAtSiteDomains
from guerdon.domains.queries import SiteDomain
from guerdon.kit.clock import MovableClock
from guerdon.kit.ids import uuid7
from guerdon.plumbing import outbox
from guerdon.plumbing.runner import Runner
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant
from guerdon_workers.actors import all_handlers


def fresh_domain() -> str:
    """A domain that no other test has."""
    return f"club.b{uuid7().hex[-12:]}.example"


class Prover:
    """Somebody of a brand who proves domains, and the days that go by."""

    def __init__(
        self,
        rt: Runtime,
        worker: Runtime,
        served: Runtime,
        tenant: Tenant,
        owner: Console,
        names: NameServer,
    ) -> None:
        self.served = served
        self.rt, self.tenant, self.owner, self.names = rt, tenant, owner, names
        self.at = f"{owner.brand}/site-domains"
        self.clock = MovableClock(rt.clock.now())
        self.runner = Runner(dataclasses.replace(worker, clock=self.clock), all_handlers())

    async def follow(self) -> None:
        """Every process of the test takes in what changed."""
        for one in (self.rt, self.served):
            await one.changes.catch_up()

    async def claim(self, domain: str) -> dict[str, Any]:
        answer = await self.owner.post(self.at, json={"domain": domain})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def publish(self, record: dict[str, Any], *more: str) -> None:
        self.names.texts[record["recordName"]] = [*more, record["recordValue"]]

    def take_away(self, domain: str) -> None:
        self.names.texts[f"_guerdon-challenge.{domain}"] = []

    async def check(self, domain: str) -> Any:
        return await self.owner.post(f"{self.at}/{domain}/check", json={})

    async def prove(self, domain: str) -> str:
        self.publish(await self.claim(domain))
        answer = await self.check(domain)
        assert answer.json()["verifiedAt"] is not None, answer.text
        await self.follow()
        return domain

    async def choose(self, host: str) -> Any:
        answer = await self.owner.put(f"{self.at}/canonical", json={"host": host})
        await self.follow()
        return answer

    async def day(self, domain: str) -> SiteDomain:
        """A day later the scheduled job runs; what is kept of the domain."""
        self.clock.advance(timedelta(days=1))
        async with self.rt.db.write(self.tenant.id) as s:
            await outbox.put(s, LookAtSiteDomains())
        while True:
            async with self.rt.db.read(self.tenant.id) as s:
                due = [row.id for row in await outbox.waiting(s, limit=100)]
            if not due:
                break
            for one in due:
                await self.runner.run(self.tenant.id, one)
        await self.follow()
        async with self.rt.db.read(self.tenant.id) as s:
            return await queries.one(s, domain=domain)


class MakeProver(Protocol):
    """Makes a brand with an owner who proves domains."""

    def __call__(self, tenant: Tenant | None = None) -> Awaitable[Prover]: ...


@pytest.fixture
async def make_prover(
    rt: Runtime,
    worker_rt: Runtime,
    application: Application,
    make_tenant: Callable[..., Awaitable[Tenant]],
    console: ConsoleFactory,
    names: NameServer,
) -> MakeProver:
    """See MakeProver."""
    names.silent = False

    async def make(tenant: Tenant | None = None) -> Prover:
        brand = tenant or await make_tenant()
        return Prover(
            rt, worker_rt, application.litestar.state.rt, brand, await console(brand), names
        )

    return make


@pytest.fixture
async def prover(make_prover: MakeProver, tenant: Tenant) -> Prover:
    """An owner of a fresh brand."""
    return await make_prover(tenant)
