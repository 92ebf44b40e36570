"""The statement of a month: what was used, what is included, what it costs; closed, it stays."""

import csv
import io
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from guerdon.kit.errors import NotFoundError
from guerdon.kit.ids import first_id_at
from guerdon.plans import meters, periods
from guerdon.plans.cost import Cost, estimate
from guerdon.plans.plans import CURRENCY
from guerdon.plans.queries import Chosen, Gauge, chosen, gauges
from guerdon.plumbing.db import ReadSession, WriteSession, jsonb
from guerdon.plumbing.files import FileStore

# Processes write what they counted a while after it happened.
CLOSING_DELAY: Final = timedelta(hours=1)
_CAUGHT_UP_MAX: Final = 12


class Line(msgspec.Struct, frozen=True, rename="camel"):
    """A meter of the month; `plan` is the price itself, by its days.

    `over` is what lies beyond `included`; each begun `per` of it costs `unit_minor`.
    """

    meter: str
    used: int
    included: int | None
    over: int
    per: int
    unit_minor: int
    amount_minor: int


class Statement(msgspec.Struct, frozen=True):
    """The statement of a closed period."""

    period: date
    plan: str
    lines: list[Line]
    cost: Cost
    total_minor: int
    currency: str
    closed_at: datetime


_COLUMNS: Final = "period, plan, lines, cost, total_minor, currency, closed_at"


def line_of(gauge: Gauge) -> Line:
    """What a meter costs beyond what is included; nothing where the limit is hard."""
    over = 0 if gauge.limit is None else max(0, gauge.used - gauge.limit)
    begun = -(-over // gauge.per) if gauge.policy == "soft" else 0
    return Line(
        meter=gauge.meter,
        used=gauge.used,
        included=gauge.limit,
        over=over,
        per=gauge.per,
        unit_minor=gauge.extra_minor if gauge.policy == "soft" else 0,
        amount_minor=begun * gauge.extra_minor,
    )


def base_line(plan: Chosen, *, period: date) -> Line:
    """The price of the plan: for the days of the month on which the brand had it, cut."""
    whole = periods.days_of(period)
    began = periods.start_of(period).date() if plan.since is None else plan.since.date()
    had = max(0, min(whole, (periods.following(period) - began).days))
    price = plan.of.price_minor
    return Line("plan", had, whole, 0, whole, price, price * had // whole)


async def due(s: ReadSession, *, now: datetime) -> list[date]:
    """The periods that are over and have no statement, oldest first."""
    last = await s.value(
        "SELECT max(period) FROM app.usage_statement WHERE tenant_id = %(tenant_id)s"
    )
    newest = periods.preceding(periods.period_of(now - CLOSING_DELAY))
    # The id of a brand tells when it was made.
    if s.tenant_id >= first_id_at(periods.end_of(newest)):
        return []
    period = newest if last is None else periods.following(last)
    found: list[date] = []
    while period <= newest and len(found) < _CAUGHT_UP_MAX:
        found.append(period)
        period = periods.following(period)
    return found


async def close(
    s: WriteSession, files: FileStore, *, period: date, now: datetime
) -> Statement | None:
    """Write the statement of a period that is over; None if it is there already.

    The plan is the one of this moment. What is no monthly count is taken now, members apart: they
    are those of the period's last moment.
    """
    plan = await chosen(s)
    used = await meters.usage(s, files, period=period)
    lines = [base_line(plan, period=period), *map(line_of, gauges(used, plan.quotas))]
    did = await meters.work(s, period=period)
    cost = estimate(
        cpu_us=did.cpu_us, storage_bytes=used["storage"], outside_calls=did.outside_calls,
        days=periods.days_of(period),
    )  # fmt: skip
    return await s.one_or_none(
        Statement,
        f"""
        INSERT INTO app.usage_statement
          (tenant_id, period, plan, lines, cost, total_minor, currency, closed_at)
        VALUES (%(tenant_id)s, %(period)s, %(plan)s, %(lines)s, %(cost)s, %(total)s, %(currency)s,
                %(now)s)
        ON CONFLICT (tenant_id, period) DO NOTHING
        RETURNING {_COLUMNS}
        """,  # noqa: S608
        {
            "period": period,
            "plan": plan.plan,
            "lines": jsonb(lines),
            "cost": jsonb(cost),
            "total": sum(line.amount_minor for line in lines),
            "currency": CURRENCY,
            "now": now,
        },
    )


async def statement(s: ReadSession, *, period: date) -> Statement:
    """One statement; NotFoundError while the period runs, and for one before the brand."""
    found = await s.one_or_none(
        Statement,
        f"SELECT {_COLUMNS} FROM app.usage_statement"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND period = %(period)s",
        {"period": period},
    )
    if found is None:
        raise NotFoundError("There is no statement of this month.", field="period")
    return found


async def statements(s: ReadSession, *, limit: int = 36) -> list[Statement]:
    """The latest statements, newest first."""
    return await s.all(
        Statement,
        f"SELECT {_COLUMNS} FROM app.usage_statement"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s ORDER BY period DESC LIMIT %(limit)s",
        {"limit": limit},
    )


def as_csv(found: Statement) -> bytes:
    """The statement as a table for other programs; amounts in minor units."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(
        ["period", "plan", "meter", "used", "included", "over", "per", "unit_minor",
         "amount_minor", "currency"]
    )  # fmt: skip
    for line in found.lines:
        rows.writerow([
            f"{found.period:%Y-%m}", found.plan, line.meter, line.used,
            "" if line.included is None else line.included, line.over, line.per, line.unit_minor,
            line.amount_minor, found.currency,
        ])  # fmt: skip
    rows.writerow([f"{found.period:%Y-%m}", found.plan, "total", "", "", "", "", "",
                   found.total_minor, found.currency])  # fmt: skip
    return text.getvalue().encode()
