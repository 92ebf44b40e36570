"""What one brand may that differs from all others: limits of its own, and what is switched off.

The platform's staff set them, with a reason that the brand's people read, for ever or until an
instant. Every limit and every flag that there is stands here, and code asks for it; a change is in
force in every process within a second.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, Literal, get_args
from uuid import UUID

import msgspec

from guerdon.audit.operations import record
from guerdon.kit.clock import Clock
from guerdon.kit.errors import ConflictError, InvalidError
from guerdon.plumbing.db import Database, ReadSession, WriteSession
from guerdon.tenancy.changes import Changes
from guerdon.tenancy.lifecycle import Act
from guerdon.tenancy.maintenance import NO_WORDS

LimitName = Literal["requests_per_minute", "jobs_at_once"]
Flag = Literal["joining", "earning", "api"]
FLAGS: Final[tuple[Flag, ...]] = get_args(Flag)
REASON_LENGTH_MAX: Final = 500
# How many jobs of one brand and queue are in workers' hands at once.
JOBS_AT_ONCE: Final = 20
LASTS_MAX: Final = timedelta(days=366)


class Range(msgspec.Struct, frozen=True):
    """The lowest and the highest that a limit may be."""

    low: int
    high: int


# Below 60 a minute not even one page with its pictures is answered.
LIMITS: Final[Mapping[LimitName, Range]] = MappingProxyType(
    {"requests_per_minute": Range(60, 10**7), "jobs_at_once": Range(1, 200)}
)
_OF_ACT: Final[Mapping[Act, Flag]] = MappingProxyType({Act.JOIN: "joining", Act.EARN: "earning"})
_TOLD: Final[Mapping[Flag, str]] = MappingProxyType(
    {
        "joining": "Nobody can join the programme at the moment. Members go on as ever.",
        "earning": "No points are credited at the moment. Send what happened again later.",
        "api": "The programme's API is switched off. The brand's people read why in their trail.",
    }
)


class SwitchedOffError(ConflictError):
    """The platform has switched this (`flag`) off for the brand; its trail says why."""

    code = "switched_off"
    title = "This is switched off for the programme"


class Allowance(msgspec.Struct, frozen=True):
    """A brand's own: the height of a limit, or 0 for a flag that is off."""

    tenant_id: UUID
    name: str
    value: int
    until: datetime | None
    reason: str
    set_by: str
    set_at: datetime


class Allowances:
    """Who differs from all others, in process memory; a change reaches every process."""

    def __init__(self, db: Database, changes: Changes, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._own: dict[UUID, dict[str, Allowance]] = {}
        self._again: set[asyncio.Task[None]] = set()
        changes.listen("allowances", self._changed)
        changes.on_lost(self._lost)

    async def load(self) -> None:
        """Read anew who differs."""
        async with self._db.control() as s:
            rows = await s.all(Allowance, "SELECT * FROM ctl.allowances_v1()")
        own: dict[UUID, dict[str, Allowance]] = {}
        for row in rows:
            own.setdefault(row.tenant_id, {})[row.name] = row
        self._own = own

    async def _changed(self, tenant_id: UUID) -> None:
        await self.load()

    def _lost(self) -> None:
        task = asyncio.get_running_loop().create_task(self.load())
        self._again.add(task)
        task.add_done_callback(self._again.discard)

    def limit(self, tenant_id: UUID, name: LimitName) -> int | None:
        """The brand's own limit, if it has one at this instant."""
        return self._value(tenant_id, name)

    def limits(self, name: LimitName) -> dict[UUID, int]:
        """Every brand's own limit of this name."""
        found = ((tenant_id, self._value(tenant_id, name)) for tenant_id in self._own)
        return {tenant_id: value for tenant_id, value in found if value is not None}

    def require(self, tenant_id: UUID, act: Act | None, *, api: bool = False) -> None:
        """SwitchedOffError where what somebody wants is switched off for the brand."""
        if tenant_id not in self._own:
            return
        asked = _OF_ACT.get(act) if act is not None else None
        for flag in ("api" if api else None, asked):
            if flag is not None and self._value(tenant_id, flag) == 0:
                raise SwitchedOffError(_TOLD[flag], flag=flag)

    def _value(self, tenant_id: UUID, name: str) -> int | None:
        own = self._own.get(tenant_id)
        found = None if own is None else own.get(name)
        if found is None or (found.until is not None and found.until <= self._clock.now()):
            return None
        return found.value


async def own(s: ReadSession, *, now: datetime) -> dict[str, Allowance]:
    """What the brand in context has of its own at `now`, by name."""
    rows = await s.all(
        Allowance,
        "SELECT * FROM ctl.allowances_v1() WHERE tenant_id = %(tenant_id)s"
        " AND (until IS NULL OR until > %(now)s)",
        {"now": now},
    )
    return {row.name: row for row in rows}


async def set_limit(
    s: WriteSession, *, name: LimitName, value: int | None, until: datetime | None, reason: str,
    actor: str, now: datetime, address: str = "", request_id: str = "",
    words: Mapping[str, Any] = NO_WORDS,
) -> None:  # fmt: skip
    """Give the brand in context a limit of its own, or that of all (None). Raises InvalidError."""
    of = LIMITS[name]
    if value is not None and not of.low <= value <= of.high:
        raise InvalidError(
            f"This limit is {of.low} to {of.high}; leave it out to give the brand that of all.",
            field="value",
        )
    said = _said(reason, value, until, now)
    await _keep(s, name, value, until, said, actor, now)
    await record(
        s, actor=actor, action="limit.changed", subject=f"limit:{name}",
        summary={"limit": name, "value": value, "until": until, "reason": said, **words}, now=now,
        address=address, request_id=request_id,
    )  # fmt: skip


async def set_flag(
    s: WriteSession, *, flag: Flag, on: bool, until: datetime | None, reason: str, actor: str,
    now: datetime, address: str = "", request_id: str = "", words: Mapping[str, Any] = NO_WORDS,
) -> None:  # fmt: skip
    """Switch something off for the brand in context, or on again. Raises InvalidError."""
    value = None if on else 0
    said = _said(reason, value, until, now)
    await _keep(s, flag, value, until, said, actor, now)
    await record(
        s, actor=actor, action="flag.changed", subject=f"flag:{flag}",
        summary={"flag": flag, "on": on, "until": until, "reason": said, **words}, now=now,
        address=address, request_id=request_id,
    )  # fmt: skip


def _said(reason: str, value: int | None, until: datetime | None, now: datetime) -> str:
    said = " ".join(reason.split())
    if not 1 <= len(said) <= REASON_LENGTH_MAX:
        raise InvalidError(
            f"Give a reason of 1 to {REASON_LENGTH_MAX} characters: the brand's people read it.",
            field="reason",
        )
    if until is not None and value is None:
        raise InvalidError(
            "What holds for all has no end: leave the end out, or give the brand its own.",
            field="until",
        )
    if until is not None and not now < until <= now + LASTS_MAX:
        raise InvalidError(
            f"The end has to lie ahead, within {LASTS_MAX.days} days; leave it out for no end.",
            field="until",
        )
    return said


async def _keep(
    s: WriteSession, name: str, value: int | None, until: datetime | None, reason: str,
    actor: str, now: datetime,
) -> None:  # fmt: skip
    if value is None:
        await s.value("SELECT ctl.drop_allowance_v1(%(tenant_id)s, %(name)s)", {"name": name})
        return
    await s.execute(
        "SELECT ctl.set_allowance_v1(%(tenant_id)s, %(name)s, %(value)s, %(until)s, %(reason)s,"
        " %(by)s, %(now)s)",
        {
            "name": name, "value": value, "until": until, "reason": reason, "by": actor,
            "now": now,
        },
    )  # fmt: skip
