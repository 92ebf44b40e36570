"""Which plan a brand has, what it used, and what lists of many brands tell of both."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec

from guerdon.plans import meters, periods
from guerdon.plans.plans import ENTERPRISE, Meter, Override, Plan, Policy, Quota, find, quotas
from guerdon.plumbing.db import ControlSession, ReadSession
from guerdon.plumbing.files import FileStore

NEAR_PERCENT: Final = 80
FULL_PERCENT: Final = 100


class Chosen(msgspec.Struct, frozen=True):
    """The plan of a brand. One that was given none has no limits: what it pays is agreed."""

    plan: str = ENTERPRISE
    overrides: dict[Meter, Override] = {}
    since: datetime | None = None

    @property
    def of(self) -> Plan:
        """The plan itself."""
        return find(self.plan)

    @property
    def quotas(self) -> dict[Meter, Quota]:
        """Its quotas, with the brand's own over them."""
        return quotas(self.of, self.overrides)


# A quota of its own that has ended counts no longer; by real time, as all of a plan.
CHOSEN: Final = """
SELECT p.plan, p.since,
       (SELECT coalesce(jsonb_object_agg(o.key, o.value), '{}') FROM jsonb_each(p.overrides) o
         WHERE o.value ->> 'until' IS NULL OR (o.value ->> 'until')::timestamptz > now())
         AS overrides
  FROM app.tenant_plan p WHERE p.tenant_id = %(tenant_id)s
"""


async def chosen(s: ReadSession) -> Chosen:
    """The plan of the brand in context."""
    return await s.one_or_none(Chosen, CHOSEN) or Chosen()


class Gauge(msgspec.Struct, frozen=True):
    """A meter against its quota. `percent` is cut, and 0 where nothing limits."""

    meter: Meter
    used: int
    limit: int | None
    policy: Policy
    per: int
    extra_minor: int

    @property
    def percent(self) -> int:
        """How full it is."""
        if self.limit is None:
            return 0
        return self.used * 100 // self.limit if self.limit else (100 if self.used else 0)


def gauges(found: meters.Usage, allowed: dict[Meter, Quota]) -> list[Gauge]:
    """Every meter against its quota."""
    return [
        Gauge(m, used, allowed[m].limit, allowed[m].policy, allowed[m].per, allowed[m].extra_minor)
        for m, used in found.items()
    ]


class Standing(msgspec.Struct, frozen=True):
    """Plan and usage of a brand in a period, counted now."""

    chosen: Chosen
    period: date
    gauges: list[Gauge]
    days: list[meters.Day]


async def standing(s: ReadSession, files: FileStore, *, now: datetime) -> Standing:
    """The running period."""
    period = periods.period_of(now)
    plan = await chosen(s)
    found = await meters.usage(s, files, period=period)
    days = await meters.days(s, since=periods.start_of(period), until=periods.end_of(period))
    return Standing(plan, period, gauges(found, plan.quotas), days)


class Notice(msgspec.Struct, frozen=True):
    """That a quota was `percent` full."""

    period: date
    meter: Meter
    percent: int
    used: int
    quota: int
    told_at: datetime


async def notices(s: ReadSession, *, period: date) -> list[Notice]:
    """What owners were told of in a period."""
    return await s.all(
        Notice,
        "SELECT period, meter, percent, used, quota, told_at FROM app.quota_notice"
        " WHERE tenant_id = %(tenant_id)s AND period = %(period)s ORDER BY told_at, meter, percent",
        {"period": period},
    )


class OfTenant(msgspec.Struct, frozen=True):
    """Plan and usage of one brand as last counted (at most about an hour ago)."""

    tenant_id: UUID
    plan: str
    usage: dict[Meter, int]
    fullest_percent: int
    counted_at: datetime


async def of_tenants(s: ControlSession, ids: Sequence[UUID]) -> dict[UUID, OfTenant]:
    """For a page of a list: plan and usage of these brands; one never counted is left out."""
    rows = await s.all(
        OfTenant, "SELECT * FROM ctl.usage_of_v1(%(ids)s::uuid[])", {"ids": list(ids)}
    )
    return {row.tenant_id: row for row in rows}
