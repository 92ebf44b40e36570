"""What happened to offers with all members together, and what is redeemed most: the same for every
slate of a brand, read once in a while and kept."""

import time
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

import msgspec

from guerdon.plumbing.db import Database, WriteSession
from guerdon.plumbing.flight import SingleFlight
from guerdon.plumbing.jobs import Effect
from guerdon.plumbing.outbox import Message
from guerdon.recommendations.slate import Sum

# How far a cap may be passed: what is shown in this time, by every process.
SUMS_KEPT_S: Final = 1.0
POPULAR_KEPT_S: Final = 20.0
POPULAR_MAX: Final = 200
_QUARTER: Final = timedelta(days=90)
_LATELY: Final = timedelta(days=14)


class Popular(msgspec.Struct, frozen=True):
    """A product and how often it was redeemed, in a quarter and lately."""

    product_id: UUID
    redeemed: int
    redeemed_lately: int


class _SumRow(msgspec.Struct):
    offer: str
    impressions: int
    accepted: int
    today: int


_SUMS = """
SELECT t.offer, t.impressions, t.conversions AS accepted,
       coalesce((SELECT sum(d.impressions)::bigint FROM app.recommendation_day d
                  WHERE d.tenant_id = %(tenant_id)s AND d.day = %(day)s AND d.key = t.offer), 0)
         AS today
  FROM app.recommendation_total t WHERE t.tenant_id = %(tenant_id)s
"""
_POPULAR = """
SELECT product_id, redeemed, redeemed_lately FROM app.recommendation_popular
 WHERE tenant_id = %(tenant_id)s ORDER BY redeemed DESC, product_id LIMIT %(limit)s
"""


class _Kept(msgspec.Struct):
    sums: Mapping[str, Sum]
    day: date
    sums_at: float
    popular: list[Popular]
    popular_at: float


class Figures:
    """The figures of every brand, in this process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._kept: dict[UUID, _Kept] = {}
        self._flight: SingleFlight[UUID, None] = SingleFlight()

    async def of(self, tenant_id: UUID, *, day: date) -> tuple[Mapping[str, Sum], list[Popular]]:
        """Sums by offer, and what is redeemed most, at most a second old and some seconds old."""
        kept = self._kept.get(tenant_id)
        now = time.monotonic()
        if kept is None or kept.day != day or now - kept.sums_at > SUMS_KEPT_S:
            await self._flight.run(tenant_id, lambda: self._load(tenant_id, day))
            kept = self._kept[tenant_id]
        return kept.sums, kept.popular

    def forget(self, tenant_id: UUID) -> None:
        """Read anew at the next call."""
        self._kept.pop(tenant_id, None)

    async def _load(self, tenant_id: UUID, day: date) -> None:
        rows = await self._db.fetch(tenant_id, _SumRow, _SUMS, {"day": day})
        now = time.monotonic()
        before = self._kept.get(tenant_id)
        if before is not None and now - before.popular_at < POPULAR_KEPT_S:
            popular, popular_at = before.popular, before.popular_at
        else:
            popular = await self._db.fetch(tenant_id, Popular, _POPULAR, {"limit": POPULAR_MAX})
            popular_at = now
        sums = {r.offer: Sum(r.impressions, r.today, r.accepted) for r in rows}
        self._kept[tenant_id] = _Kept(sums, day, now, popular, popular_at)


class RefreshPopular(Message, frozen=True):
    """Count what was redeemed."""

    topic: ClassVar[str] = "recommendations.refresh_popular"
    queue: ClassVar[str] = "bulk"


async def refresh_popular(s: WriteSession, *, now: datetime) -> int:
    """Count the redemptions of a quarter anew; how many products have any."""
    await s.execute("DELETE FROM app.recommendation_popular WHERE tenant_id = %(tenant_id)s")
    return await s.execute(
        """
        INSERT INTO app.recommendation_popular
          (tenant_id, product_id, redeemed, redeemed_lately, refreshed_at)
        SELECT %(tenant_id)s, v.product_id, sum(l.quantity),
               coalesce(sum(l.quantity) FILTER (WHERE r.placed_at >= %(lately)s), 0), %(now)s
          FROM app.redemption r
          JOIN app.redemption_line l ON l.tenant_id = %(tenant_id)s AND l.redemption_id = r.id
          JOIN app.product_variant v ON v.tenant_id = %(tenant_id)s AND v.id = l.variant_id
         WHERE r.tenant_id = %(tenant_id)s AND r.placed_at >= %(since)s
           AND r.state NOT IN ('refused','cancelled','expired','returned')
         GROUP BY v.product_id
        """,
        {"since": now - _QUARTER, "lately": now - _LATELY, "now": now},
    )


class RefreshPopularNow(Effect[RefreshPopular]):
    """One statement over a quarter."""

    message = RefreshPopular

    async def apply(self, rt: Any, s: WriteSession, m: RefreshPopular, now: datetime) -> None:
        """Count anew."""
        await refresh_popular(s, now=now)
