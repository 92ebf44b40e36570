"""Read-only: the whole deployment or one brand, for as long as somebody works on what lies below.

Whoever would change something is told when to come back; pages are shown, and what a provider
tells is taken in. Workers finish what they have in hand and take nothing new of a brand that
rests; what has to be done waits in the outbox (docs/decisions/0025).
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import msgspec

from guerdon.audit.operations import record
from guerdon.kit.errors import ConflictError, InvalidError, UnavailableError
from guerdon.plumbing.db import Database, WriteSession
from guerdon.tenancy.changes import Changes
from guerdon.tenancy.operator import OPERATOR_ID

REASON_LENGTH_MAX: Final = 500
LASTS_MAX: Final = timedelta(hours=24)
# What the trail says of who did it, beside the actor.
NO_WORDS: Final[Mapping[str, Any]] = MappingProxyType({})
# The end was expected before now: soon, but nobody knows when.
_OVERDUE_RETRY_S: Final = 60


class MaintenanceError(UnavailableError):
    """Nothing can be changed for now, since the platform is being worked on; reading goes on."""

    code = "maintenance"
    title = "Nothing can be changed for a moment: maintenance"


class NotInMaintenanceError(ConflictError):
    """There is no maintenance to end."""

    code = "not_in_maintenance"
    title = "There is no maintenance"


class Resting(msgspec.Struct, frozen=True):
    """A maintenance that is on; `tenant_id` is the operator's for the whole deployment."""

    tenant_id: UUID
    since: datetime
    expected_end: datetime
    reason: str
    begun_by: str

    @property
    def everywhere(self) -> bool:
        """Whether it is the whole deployment's."""
        return self.tenant_id == OPERATOR_ID


class Maintenance:
    """Who rests, in process memory; a change reaches every process within a second."""

    def __init__(self, db: Database, changes: Changes) -> None:
        self._db = db
        self._resting: dict[UUID, Resting] = {}
        self._again: set[asyncio.Task[None]] = set()
        changes.listen("maintenance", self._changed)
        changes.on_lost(self._lost)

    async def load(self) -> None:
        """Read anew who rests."""
        async with self._db.control() as s:
            rows = await s.all(Resting, "SELECT * FROM ctl.maintenance_v1()")
        self._resting = {row.tenant_id: row for row in rows}

    async def _changed(self, tenant_id: UUID) -> None:
        await self.load()

    def _lost(self) -> None:
        task = asyncio.get_running_loop().create_task(self.load())
        self._again.add(task)
        task.add_done_callback(self._again.discard)

    @property
    def everywhere(self) -> Resting | None:
        """The whole deployment's maintenance, if it is on."""
        return self._resting.get(OPERATOR_ID)

    def of(self, tenant_id: UUID) -> Resting | None:
        """The maintenance that holds for a brand: the deployment's, or its own."""
        if not self._resting:
            return None
        return self._resting.get(OPERATOR_ID) or self._resting.get(tenant_id)

    def rests(self, tenant_id: UUID) -> bool:
        """Whether nothing of the brand may be changed."""
        return self.of(tenant_id) is not None

    def require(self, tenant_id: UUID, now: datetime) -> None:
        """MaintenanceError, with when to come back, where nothing may be changed."""
        found = self.of(tenant_id)
        if found is not None:
            raise refused(found, now)


def refused(found: Resting, now: datetime) -> MaintenanceError:
    """What is told to whoever would change something."""
    left = int((found.expected_end - now).total_seconds())
    return MaintenanceError(
        "Nothing can be changed for a moment, since the platform is being worked on. Reading goes"
        " on, and nothing is lost. Try again later.",
        retry_after_s=left if left > 0 else _OVERDUE_RETRY_S,
        until=found.expected_end.isoformat(),
    )


async def begin(
    s: WriteSession, *, expected_end: datetime, reason: str, actor: str, now: datetime,
    address: str = "", request_id: str = "", words: Mapping[str, Any] = NO_WORDS,
) -> None:  # fmt: skip
    """Let the tenant in context rest (the operator: everybody), or give its rest another end."""
    said = " ".join(reason.split())
    if not 1 <= len(said) <= REASON_LENGTH_MAX:
        raise InvalidError(
            f"Give a reason of 1 to {REASON_LENGTH_MAX} characters: the brand's people read it.",
            field="reason",
        )
    if not now < expected_end <= now + LASTS_MAX:
        hours = int(LASTS_MAX.total_seconds() // 3600)
        raise InvalidError(
            f"The end has to be later than now and within {hours} hours. It can be put off again"
            " while the maintenance is on.",
            field="expectedEnd",
        )
    await s.execute(
        "SELECT ctl.begin_maintenance_v1(%(tenant_id)s, %(now)s, %(end)s, %(reason)s, %(by)s)",
        {"now": now, "end": expected_end, "reason": said, "by": actor},
    )
    await record(
        s, actor=actor, action="maintenance.begun", subject="maintenance",
        summary={"reason": said, "expected_end": expected_end, **words}, now=now, address=address,
        request_id=request_id,
    )  # fmt: skip


async def end(
    s: WriteSession, *, actor: str, now: datetime, address: str = "", request_id: str = "",
    words: Mapping[str, Any] = NO_WORDS,
) -> None:  # fmt: skip
    """End the rest of the tenant in context; NotInMaintenanceError if there is none."""
    if not await s.value("SELECT ctl.end_maintenance_v1(%(tenant_id)s)"):
        raise NotInMaintenanceError(
            "There is no maintenance to end: it has been ended, or it was never begun."
        )
    await record(
        s, actor=actor, action="maintenance.ended", subject="maintenance", summary={**words},
        now=now, address=address, request_id=request_id,
    )  # fmt: skip
