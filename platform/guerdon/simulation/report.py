"""What a back-test found. The same inputs give the same bytes."""

import csv
import hashlib
import io
from collections.abc import Iterator
from datetime import date
from typing import Final

import msgspec

FORMAT: Final = 1


class BackTestTotals(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Sums over the window, and how things stand at its end. Money is in minor units.

    `liability_minor` is what the outstanding points buy; `refused` counts events that these rules
    refuse, by code.
    """

    issued: int
    taken_back: int
    redeemed: int
    redemptions: int
    outstanding: int
    liability_minor: int
    currency: str
    refused: dict[str, int]


class BackTestDay(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One local day."""

    day: date
    issued_before: int
    issued_after: int
    redeemed_before: int
    redeemed_after: int


class BackTestMonth(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Points of the window whose last day is in a month; `month` is None for those that stay."""

    month: str | None
    before: int
    after: int


class BackTestTier(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How many members stand in a tier; names by language."""

    tier: str | None
    names: dict[str, str]
    before: int
    after: int


class BackTestMove(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Members who stand elsewhere."""

    from_tier: str | None
    to_tier: str | None
    members: int


class BackTestTiers(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where members stand at the end; `up` and `down` follow the draft's ladder."""

    counts: list[BackTestTier]
    moves: list[BackTestMove]
    up: int
    down: int
    same: int


class BackTestBucket(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Members whose wallet's value changes by `low` to `high` percent; None is open-ended."""

    low: int | None
    high: int | None
    members: int


class BackTestMember(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A member by number: balance, and what it buys in minor units."""

    number: str
    points_before: int
    points_after: int
    value_before: int
    value_after: int


class BackTestMembers(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Who gains and who loses, by what their balance buys at the end."""

    compared: int
    gain: int
    lose: int
    same: int
    distribution: list[BackTestBucket]
    winners: list[BackTestMember]
    losers: list[BackTestMember]


class BackTestPrice(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A product's price for a member without a discount; None where it has no price.

    `redeemed` counts pieces in the window.
    """

    sku: str
    slug: str
    names: dict[str, str]
    redeemed: int
    points_before: int | None
    points_after: int | None
    value_before: int | None
    value_after: int | None


class BackTestChecked(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Purchases recorded under the version in force, and how many of them were found again."""

    purchases: int
    equal: int


class BackTestReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The whole report. `before` is the version in force, `after` the draft."""

    format: int
    version: int
    days: int
    first: date
    last: date
    time_zone: str
    events: dict[str, int]
    before: BackTestTotals
    after: BackTestTotals
    by_day: list[BackTestDay]
    expiry: list[BackTestMonth]
    tiers: BackTestTiers
    members: BackTestMembers
    products: list[BackTestPrice]
    checked: BackTestChecked
    content_before: str
    content_after: str
    fingerprint: str


def encode(report: BackTestReport) -> bytes:
    """The report's bytes, the same for the same report."""
    return msgspec.json.format(msgspec.json.encode(report, order="deterministic"), indent=2)


def report_hash(report: BackTestReport) -> bytes:
    """SHA-256 of the report's bytes."""
    return hashlib.sha256(encode(report)).digest()


def unchanged(report: BackTestReport) -> bool:
    """Whether the draft makes no difference to anything that the report compares."""
    return (
        report.before == report.after
        and all(
            (d.issued_before, d.redeemed_before) == (d.issued_after, d.redeemed_after)
            for d in report.by_day
        )
        and all(m.before == m.after for m in report.expiry)
        and not report.tiers.moves
        and report.members.gain == report.members.lose == 0
        and all(
            (p.points_before, p.value_before) == (p.points_after, p.value_after)
            for p in report.products
        )
    )


def as_csv(report: BackTestReport) -> str:
    """The report's figures as one table, for a spreadsheet."""
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(("part", "what", "before", "after", "change"))
    for part, what, before, after in _figures(report):
        change = after - before if before is not None and after is not None else ""
        sheet.writerow((part, what, before, after, change))
    return text.getvalue()


def _figures(report: BackTestReport) -> Iterator[tuple[str, str, int | None, int | None]]:
    before, after = report.before, report.after
    for name in ("issued", "taken_back", "redeemed", "redemptions", "outstanding",
                 "liability_minor"):  # fmt: skip
        yield "total", name, getattr(before, name), getattr(after, name)
    for code in sorted({*before.refused, *after.refused}):
        yield "refused", code, before.refused.get(code, 0), after.refused.get(code, 0)
    for day in report.by_day:
        yield "issued", day.day.isoformat(), day.issued_before, day.issued_after
        yield "redeemed", day.day.isoformat(), day.redeemed_before, day.redeemed_after
    for month in report.expiry:
        yield "expiry", month.month or "never", month.before, month.after
    for tier in report.tiers.counts:
        yield "tier", tier.tier or "", tier.before, tier.after
    for move in report.tiers.moves:
        yield "tier move", f"{move.from_tier or ''} > {move.to_tier or ''}", 0, move.members
    for change in (*report.members.winners, *report.members.losers):
        yield "member points", change.number, change.points_before, change.points_after
        yield "member value", change.number, change.value_before, change.value_after
    for product in report.products:
        yield "price", product.sku, product.points_before, product.points_after
