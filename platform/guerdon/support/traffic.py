"""What the web answered, per minute: counted in each web process, written every few seconds.

Nothing is asked of the database while a request is served. What a process that is killed had not
written is lost, at most ten seconds of counts.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
from psycopg.types.json import Jsonb

from guerdon.plumbing.db import Database, ReadSession

# Upper bounds in milliseconds; the last bucket holds what took longer.
BOUNDS_MS: Final = (
    1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300, 500, 800, 1200, 2000, 3000, 5000, 10_000,
)  # fmt: skip
FLUSH_EVERY_S: Final = 10
ALL_KEPT: Final = timedelta(hours=24)
TENANTS_KEPT: Final = timedelta(hours=3)
# Of more tenants in one flush only the deployment's sums are kept.
TENANTS_MAX: Final = 5_000
NOBODY: Final = UUID(int=0)
_SWEEP_EVERY: Final = 60
FACES: Final = ("site", "api", "console", "hooks", "base")

Slot = tuple[int, UUID, str]


class Minute(msgspec.Struct, frozen=True):
    """One minute of a face; `refused` are answers from 400 to 499, `failed` from 500 on."""

    minute: datetime
    face: str
    requests: int
    refused: int
    failed: int
    buckets: list[int]


class Busy(msgspec.Struct, frozen=True):
    """A tenant's sums."""

    tenant_id: UUID
    slug: str
    name: str
    requests: int
    refused: int
    failed: int


class Answered(msgspec.Struct, frozen=True):
    """How many answers there were, and how many of them failed."""

    requests: int
    failed: int


class Meter:
    """The counts that are not written yet."""

    def __init__(self) -> None:
        self._slots: dict[Slot, list[int]] = {}
        self._tenants = 0
        self._flushes = 0

    def add(
        self, *, minute: int, face: str, tenant_id: UUID | None, status: int, seconds: float
    ) -> None:
        """Count an answer; `minute` counts minutes since the epoch."""
        bucket = 3 + bisect_left(BOUNDS_MS, seconds * 1000)
        self._count((minute, NOBODY, face), status, bucket)
        if tenant_id is None:
            return
        slot = (minute, tenant_id, face)
        if slot in self._slots or self._tenants < TENANTS_MAX:
            self._tenants += slot not in self._slots
            self._count(slot, status, bucket)

    def _count(self, slot: Slot, status: int, bucket: int) -> None:
        counts = self._slots.get(slot)
        if counts is None:
            counts = self._slots[slot] = [0] * (3 + len(BOUNDS_MS) + 1)
        counts[0] += 1
        counts[1] += 400 <= status < 500
        counts[2] += status >= 500
        counts[bucket] += 1

    async def flush(self, db: Database, now: datetime) -> int:
        """Write what was counted, in one statement; how many rows. Kept for later if it fails."""
        slots, self._slots, self._tenants = self._slots, {}, 0
        rows = [
            {
                "minute": datetime.fromtimestamp(minute * 60, UTC).isoformat(),
                "tenant_id": str(tenant_id),
                "face": face,
                "requests": counts[0],
                "refused": counts[1],
                "failed": counts[2],
                "buckets": counts[3:],
            }
            for (minute, tenant_id, face), counts in slots.items()
        ]
        try:
            async with db.control() as s:
                if rows:
                    await s.value("SELECT ctl.add_traffic_v1(%(rows)s)", {"rows": Jsonb(rows)})
                if self._flushes % _SWEEP_EVERY == 0:
                    await s.value(
                        "SELECT ctl.sweep_traffic_v1(%(all)s, %(tenants)s)",
                        {"all": now - ALL_KEPT, "tenants": now - TENANTS_KEPT},
                    )
        except Exception:
            self._give_back(slots)
            raise
        self._flushes += 1
        return len(rows)

    def _give_back(self, slots: dict[Slot, list[int]]) -> None:
        if len(self._slots) + len(slots) > 2 * TENANTS_MAX:
            return
        for slot, counts in slots.items():
            mine = self._slots.setdefault(slot, [0] * len(counts))
            self._slots[slot] = [a + b for a, b in zip(mine, counts, strict=True)]


def percentile_ms(buckets: Sequence[int], share: float) -> int | None:
    """Below which time `share` of the answers lie: the upper bound of the bucket that holds it."""
    total = sum(buckets)
    if not total:
        return None
    wanted, seen = share * total, 0
    for bound, count in zip(BOUNDS_MS, buckets, strict=False):
        seen += count
        if seen >= wanted:
            return bound
    return BOUNDS_MS[-1]


async def minutes(
    s: ReadSession, *, since: datetime, tenant_id: UUID | None = None
) -> list[Minute]:
    """Minute by minute: of the whole deployment, or of one tenant."""
    return await s.all(
        Minute,
        "SELECT * FROM ctl.traffic_v1(%(since)s, %(tenant)s)",
        {"since": since, "tenant": tenant_id or NOBODY},
    )


async def answered(s: ReadSession, *, since: datetime, until: datetime) -> Answered:
    """What was answered for the tenant in context, by whole minutes."""
    return await s.one(
        Answered,
        "SELECT * FROM ctl.answered_v1(%(since)s, %(until)s)",
        {"since": since, "until": until},
    )


async def busiest(s: ReadSession, *, since: datetime, limit: int = 20) -> list[Busy]:
    """Tenants with most failed answers, then with most answers."""
    return await s.all(
        Busy,
        "SELECT * FROM ctl.busiest_v1(%(since)s, %(limit)s)",
        {"since": since, "limit": limit},
    )
