"""Earning: exact figures, tiers in the same answer, once per key and event, days of the zone."""

import asyncio
import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from guerdon.earning import operations as earning
from guerdon.earning.arithmetic import Line
from guerdon.earning.errors import (
    AmountMissingError,
    CurrencyDiffersError,
    EventInFutureError,
    ItemsDifferError,
)
from guerdon.earning.schemas import Event
from guerdon.kit.errors import GuerdonError
from guerdon.kit.ids import uuid7
from guerdon.kit.money import Money, Rounding, round_to_int
from guerdon.ledger import queries
from guerdon.ledger.errors import AccountNotFoundError, EventDiffersError
from guerdon.plumbing.idempotency import IdempotencyKeyReusedError

TIERS = {
    "tiers": [
        {"key": "blue", "threshold": 0},
        {"key": "gold", "threshold": 10_000, "earn_multiplier": "1.5"},
    ]
}


@pytest.mark.parametrize(
    ("factor", "rounding", "amount", "points"),
    [
        ("0.03", "floor", "3030.00", 90),
        ("0.03", "half_up", "3030.00", 91),  # exactly 90.90
        ("0.001", "floor", "196000.00", 196),  # ERPNext 33550
        ("1", "floor", "0.99", 0),  # Odoo 259660: nothing, on the record
        ("1", "ceiling", "0.01", 1),
        ("0.5", "half_even", "1.00", 0),
        ("0.5", "half_even", "3.00", 2),
        ("0.5", "half_up", "1.00", 1),
        ("0.1", "floor", "2682.80", 268),  # Odoo 153541: 268.28000000000003
    ],
)
async def test_a_purchase_earns_exactly(bench_of, factor, rounding, amount, points) -> None:
    b = await bench_of(points={"earn_factor": factor, "earn_rounding": rounding})
    earned = await b.earn(amount=amount)
    assert (earned.points, earned.posted) == (points, points)
    exact = Decimal(amount) * Decimal(factor)
    assert round_to_int(exact, Rounding(rounding)) == points
    await b.proven()


@pytest.mark.parametrize(("per", "points"), [("order", 3), ("line", 1)])
async def test_rounding_per_line_or_order(bench_of, per, points) -> None:
    b = await bench_of(points={"earn_rounding_per": per})
    items = (Line("a", 1, 150), Line("b", 2, 99), Line("c", 1, 99))
    # 1.50, 0.99, 0.99 and 0.40 that no line names: 3.88 together.
    earned = await b.earn(amount="3.88", items=items)
    assert earned.points == points
    await b.proven()


@pytest.mark.parametrize(
    ("amount", "tier", "missing"),
    [("9999.00", "blue", 1), ("10000.00", "gold", None), ("10001.00", "gold", None)],
)
async def test_a_tier_is_reached_at_its_threshold_and_told_at_once(
    bench_of, amount, tier, missing
) -> None:
    b = await bench_of(tiers=TIERS)
    earned = await b.earn(amount=amount)
    assert (earned.tier_before, earned.tier, earned.missing) == ("blue", tier, missing)
    assert earned.next_tier == ("gold" if tier == "blue" else None)
    following = await b.earn(amount="100.00")
    assert following.points == (150 if tier == "gold" else 100)
    assert following.base == 100
    await b.proven()


async def test_a_calendar_year_is_the_zone_s(bench_of) -> None:
    b = await bench_of(
        programme={"time_zone": "America/Sao_Paulo", "currency": "BRL"},
        tiers=TIERS | {"period": "calendar_year"},
    )
    b.now = datetime(2027, 1, 2, 12, tzinfo=UTC)
    # 31 December 23:59:59 and 1 January 00:00:01 in São Paulo.
    old = await b.earn(amount="10000.00", occurred_at=datetime(2027, 1, 1, 2, 59, 59, tzinfo=UTC))
    new = await b.earn(amount="10.00", occurred_at=datetime(2027, 1, 1, 3, 0, 1, tzinfo=UTC))
    assert (old.tier, new.tier, new.qualifying) == ("gold", "blue", 10)
    await b.proven()


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        # The days on which clocks changed: the offset differs on either side of midnight.
        ("America/Sao_Paulo", "2018-11-04T02:59:59+00:00", "2018-11-04T03:00:01+00:00"),
        ("Pacific/Auckland", "2026-04-04T10:59:59+00:00", "2026-04-04T11:00:01+00:00"),
        ("UTC", "2026-03-28T23:59:59+00:00", "2026-03-29T00:00:01+00:00"),
    ],
)
async def test_midnight_is_the_zone_s(bench_of, zone, before, after) -> None:
    b = await bench_of(
        programme={"time_zone": zone}, points={"validity": {"model": "rolling", "days": 10}}
    )
    b.now = datetime(2026, 5, 1, tzinfo=UTC)
    days = []
    for at in (before, after):
        earned = await b.earn(100, occurred_at=datetime.fromisoformat(at))
        days.append(earned.expires_on)
    assert days[1] - days[0] == timedelta(days=1)


async def test_a_validity_of_ten_years_holds(bench_of) -> None:
    b = await bench_of(points={"validity": {"model": "rolling", "months": 120}})
    earned = await b.earn(100)
    assert earned.expires_on == date(2036, 3, 1)
    b.now = datetime(2036, 3, 1, 23, 59, 59, tzinfo=UTC)
    assert (await b.balance()).available == 100
    b.later(seconds=1)
    assert (await b.balance()).available == 0


async def test_the_same_key_answers_the_same(bench) -> None:
    event = {"event_id": "o-1", "key": "key:a:1", "amount": "12.00"}
    first = await bench.earn(**event)
    again = await bench.earn(**event)
    assert again.replayed
    assert not first.replayed
    assert again.transaction_id == first.transaction_id
    assert (again.points, again.posted, again.qualifying) == (12, 12, 12)
    with pytest.raises(IdempotencyKeyReusedError):
        await bench.earn(**event | {"amount": "13.00"})
    with pytest.raises(EventDiffersError):
        await bench.earn(**event | {"key": "key:a:2", "amount": "13.00"})
    # Another key, the same event told the same way: it counts once.
    assert (await bench.earn(**event | {"key": "key:a:3"})).replayed
    other = await bench.new_account()
    with pytest.raises(IdempotencyKeyReusedError):
        await bench.earn(**event, account_id=other)
    assert (await bench.balance()).posted == 12
    await bench.proven()


async def test_fifty_at_once_are_one(bench) -> None:
    event = {"event_id": "o-1", "key": "key:a:1", "amount": "12.00"}
    answers = await asyncio.gather(*(bench.earn(**event) for _ in range(50)))
    assert sum(not a.replayed for a in answers) == 1
    assert {(a.transaction_id, a.points, a.posted) for a in answers} == {
        (answers[0].transaction_id, 12, 12)
    }
    assert (await bench.balance()).posted == 12
    await bench.proven()


async def test_an_event_of_two_wallets_at_once_belongs_to_one(bench) -> None:
    other = await bench.new_account()
    answers = await asyncio.gather(
        *(
            bench.earn(10, event_id="o-1", account_id=account)
            for account in (bench.account_id, other) * 10
        ),
        return_exceptions=True,
    )
    won = [a for a in answers if not isinstance(a, BaseException)]
    lost = [a for a in answers if isinstance(a, BaseException)]
    assert (len(won), len(lost)) == (10, 10)
    assert {type(e) for e in lost} == {EventDiffersError}
    assert len({a.transaction_id for a in won}) == 1
    await bench.proven()


async def test_a_dry_run_writes_nothing(bench_of) -> None:
    b = await bench_of(tiers=TIERS)
    told = await b.earn(amount="10000.00", event_id="o-1", dry_run=True)
    assert (told.points, told.tier) == (10_000, "gold")
    assert (await b.balance()).posted == 0
    assert (await b.earn(amount="1.00")).qualifying == 1
    assert not (await b.earn(amount="10000.00", event_id="o-1")).replayed


async def test_what_is_refused_leaves_nothing(bench) -> None:
    with pytest.raises(EventInFutureError):
        await bench.earn(10, occurred_at=bench.now + timedelta(minutes=6))
    with pytest.raises(AmountMissingError):
        await bench.earn()
    with pytest.raises(AmountMissingError):
        await bench.earn(10, amount="1.00")
    with pytest.raises(CurrencyDiffersError):
        await bench.earn(amount=Money(100, "EUR"))
    with pytest.raises(ItemsDifferError):
        await bench.earn(amount="1.00", items=(Line("a", 1, 101),))
    with pytest.raises(ItemsDifferError):
        await bench.earn(amount="1.00", items=(Line("a", 1, 10), Line("a", 1, 10)))
    with pytest.raises(AccountNotFoundError):
        await bench.earn(10, account_id=uuid7())
    assert (await bench.balance()).posted == 0


async def test_the_order_in_which_events_arrive_does_not_matter(bench_of) -> None:
    b = await bench_of(
        points={"validity": {"model": "rolling", "months": 12}},
        tiers={"period": "calendar_year", "tiers": [{"key": "blue", "threshold": 0}]},
    )
    b.now = datetime(2027, 3, 1, tzinfo=UTC)
    events = [
        {"amount": f"{n}.50", "occurred_at": datetime(2026, 1 + n % 12, 1 + n, tzinfo=UTC)}
        for n in range(1, 13)
    ]
    seen = set()
    rng = random.Random(20)
    for _ in range(20):
        b.account_id = await b.new_account()
        rng.shuffle(events)
        for event in events:
            await b.earn(**event)
        lots = tuple(await b.lots())
        async with b.rt.db.read(b.tenant.id) as s:
            half = await queries.balance_at(
                s, account_id=b.account_id, at=datetime(2026, 7, 1, tzinfo=UTC)
            )
        balance = await b.balance()
        last = await b.earn(amount="0.10", occurred_at=datetime(2026, 12, 31, tzinfo=UTC))
        seen.add((lots, half, balance.posted, balance.overdue, last.qualifying))
    assert len(seen) == 1
    await b.proven()


def events_of(accounts: list[UUID], rng: random.Random, start: datetime) -> list[Event]:
    """A batch with purchases, grants, lines, replays and mistakes."""
    events = []
    for n in range(120):
        events.append(
            Event(
                account_id=rng.choice([*accounts, accounts[0]]),
                occurred_at=start - timedelta(days=rng.randrange(800)),
                source="file",
                event_id=f"e-{n if rng.random() > 0.05 else 0}",
                **(
                    {"amount": Money(rng.randrange(500_000), "USD")}
                    if rng.random() > 0.2
                    else {"points": rng.randrange(1, 5_000), "qualifies": rng.random() > 0.5}
                ),
                rule="file",
            )
        )
    events[50] = Event(
        account_id=uuid7(), occurred_at=start, source="file", event_id="lost", points=1
    )
    events[60] = Event(
        account_id=accounts[0], occurred_at=start, source="file", event_id="euro",
        amount=Money(1, "EUR"),
    )  # fmt: skip
    return events


async def test_a_batch_equals_one_after_the_other(bench_of) -> None:
    sections = {
        "points": {"validity": {"model": "rolling", "months": 6}, "earn_rounding": "half_even"},
        "tiers": TIERS | {"period": "calendar_year"},
    }
    answers = []
    for batched in (True, False):
        b = await bench_of(**sections)
        accounts = [await b.new_account() for _ in range(5)]
        b.account_id = accounts[0]
        first = await b.earn(300)
        await b.spend(250)
        await b.reverse(first.transaction_id)
        events = events_of(accounts, random.Random(5), b.now)
        told = []
        if batched:
            rows = await earning.earn_many(b.rt, tenant_id=b.tenant.id, events=events, now=b.now)
            told = [r.earned or r.code for r in rows]
            again = await earning.earn_many(b.rt, tenant_id=b.tenant.id, events=events, now=b.now)
            assert all(r.earned is None or r.earned.replayed for r in again)
        else:
            for event in events:
                try:
                    told.append(
                        await earning.earn(b.rt, tenant_id=b.tenant.id, event=event, now=b.now)
                    )
                except GuerdonError as error:
                    told.append(error.code)
        lots = []
        for account in accounts:
            b.account_id = account
            balance = await b.balance()
            lots.append((balance.posted, balance.debt, balance.overdue, await b.lots()))
        plain = [
            (t.points, t.base, t.settled, t.posted, t.expires_on, t.tier_before, t.tier,
             t.qualifying, t.next_tier, t.missing)
            if not isinstance(t, str) else t
            for t in told
        ]  # fmt: skip
        answers.append((plain, lots))
        await b.proven()
    batch, single = answers
    assert batch[1] == single[1]
    # Told twice in one file: the batch says so, one after the other the first answer or a refusal.
    repeats = {n for n, row in enumerate(batch[0]) if row == "duplicate_in_batch"}
    assert len(repeats) >= 3
    assert [r for n, r in enumerate(batch[0]) if n not in repeats] == [
        r for n, r in enumerate(single[0]) if n not in repeats
    ]
    assert batch[0][50] == "account_not_found"
    assert batch[0][60] == "currency_differs"
