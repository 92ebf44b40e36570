"""People who change parameters, each step in a transaction of its own."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from msgspec import UNSET

from guerdon.kit.ids import uuid7
from guerdon.parameters import drafts, queries, releases, timeline
from guerdon.parameters.change_sets import Approval, ChangeSet
from guerdon.parameters.drafts import Wish
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

NOW = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)
AREAS = frozenset({"brand", "commercial", "catalogue", "payments", "technical", "security"})
TWO = Approval("medium", publishers=2)
ALONE = Approval("medium", publishers=1)
# At 12:00 UTC the clocks of São Paulo show 09:00.
BASE: dict[str, Any] = {
    "programme": {"name": "Milhas", "time_zone": "America/Sao_Paulo", "currency": "BRL"},
    "tiers": {
        "tiers": [
            {"key": "blue", "threshold": 0},
            {"key": "silver", "threshold": 1_000},
            {"key": "gold", "threshold": 10_000, "name": {"en": "Gold", "pt-BR": "Ouro"}},
        ]
    },
}


class Desk:
    """One brand's change sets, as its people handle them."""

    def __init__(self, rt: Runtime, tenant: Tenant) -> None:
        self.rt = rt
        self.tenant = tenant
        self.now = NOW

    async def begin(self, actor: str = "ann", /, **values: Any) -> ChangeSet:
        """A change set with these values; `tiers__period` is `tiers.period`."""
        async with self.rt.db.write(self.tenant.id) as s:
            made = await drafts.create(
                s, change_set_id=uuid7(), title="A change", actor=actor, now=self.now
            )
        wishes = {path.replace("__", "."): value for path, value in values.items()}
        return await self.edit(made, wishes, actor=actor) if wishes else made

    async def edit(
        self,
        change_set: ChangeSet,
        values: dict[str, Any],
        *,
        actor: str = "ann",
        areas: frozenset[str] = AREAS,
    ) -> ChangeSet:
        """Put values in; UNSET removes."""
        wishes = [Wish(path, value, remove=value is UNSET) for path, value in values.items()]
        return await self.wish(change_set, wishes, actor=actor, areas=areas)

    async def wish(
        self,
        change_set: ChangeSet,
        wishes: list[Wish],
        *,
        actor: str = "ann",
        areas: frozenset[str] = AREAS,
    ) -> ChangeSet:
        """Edit as asked."""
        return await self.do(
            drafts.edit, change_set, registry=True, row_version=change_set.row_version,
            wishes=wishes, actor=actor, areas=areas,
        )  # fmt: skip

    async def do(
        self,
        step: Callable[..., Awaitable[ChangeSet]],
        change_set: ChangeSet | UUID,
        *,
        registry: bool = False,
        **arguments: Any,
    ) -> ChangeSet:
        """One step in its own transaction."""
        which = change_set if isinstance(change_set, UUID) else change_set.id
        if registry:
            arguments["registry"] = self.rt.snapshots.registry
        async with self.rt.db.write(self.tenant.id) as s:
            return await step(s, change_set_id=which, now=self.now, **arguments)

    async def submit(self, change_set: ChangeSet, actor: str = "ann") -> ChangeSet:
        """Hand it in."""
        return await self.do(
            releases.submit, change_set, registry=True, row_version=None, actor=actor, comment=""
        )

    async def approve(
        self, change_set: ChangeSet, actor: str, row_version: int | None = None
    ) -> ChangeSet:
        """Say yes."""
        return await self.do(
            releases.approve, change_set, row_version=row_version, actor=actor, comment="Fine."
        )

    async def publish(
        self,
        change_set: ChangeSet,
        actor: str = "ann",
        approval: Approval = ALONE,
        *,
        rebase: bool = False,
    ) -> ChangeSet:
        """Put it in force."""
        return await self.do(
            releases.publish, change_set, registry=True, row_version=None, approval=approval,
            rebase=rebase, actor=actor,
        )  # fmt: skip

    async def schedule(
        self,
        change_set: ChangeSet,
        local: str,
        actor: str = "ann",
        approval: Approval = ALONE,
        fold: Any = None,
    ) -> ChangeSet:
        """Put it in line."""
        return await self.do(
            releases.schedule, change_set, registry=True, row_version=None, approval=approval,
            local=local, fold=fold, actor=actor,
        )  # fmt: skip

    async def unschedule(self, change_set: ChangeSet, actor: str = "ann") -> ChangeSet:
        """Take it out of line."""
        return await self.do(releases.unschedule, change_set, registry=True, actor=actor)

    async def roll_back(
        self,
        version: int,
        actor: str = "ann",
        approval: Approval = ALONE,
        *,
        review: bool = False,
    ) -> ChangeSet:
        """Go back."""
        return await self.do(
            releases.roll_back, uuid7(), registry=True, version=version, title="Back",
            approval=approval, review=review, actor=actor,
        )  # fmt: skip

    async def look(self, change_set: ChangeSet, at: datetime | None = None) -> ChangeSet:
        """As it stands at an instant."""
        async with self.rt.db.read(self.tenant.id) as s:
            return await queries.change_set(s, change_set.id, now=at or self.now)

    async def content(self, at: datetime | None = None) -> dict[str, Any]:
        """What is in force at an instant."""
        async with self.rt.db.read(self.tenant.id) as s:
            return await timeline.content_in_force(s, at or self.now)

    async def version(self, at: datetime | None = None) -> int:
        """The version in force at an instant."""
        async with self.rt.db.read(self.tenant.id) as s:
            found = await timeline.in_force(s, at or self.now)
        assert found is not None
        return found.version

    async def versions(self) -> int:
        """How many versions were ever written."""
        async with self.rt.db.read(self.tenant.id) as s:
            return int(
                await s.value(
                    "SELECT count(*) FROM app.parameter_version WHERE tenant_id = %(tenant_id)s"
                )
            )


@pytest.fixture
async def desk(rt: Runtime, make_tenant: Any) -> Desk:
    """A brand with three tiers, in São Paulo."""
    return Desk(rt, await make_tenant(**BASE))
