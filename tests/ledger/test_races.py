"""Many at once on one wallet: exactly what is there is given, and nothing deadlocks."""

import asyncio
import random
from collections import Counter

from guerdon.kit.errors import GuerdonError
from guerdon.kit.ids import uuid7
from guerdon.ledger import queries
from guerdon.ledger.errors import NotEnoughPointsError


async def test_a_wallet_worth_ten_gives_ten(bench) -> None:
    await bench.earn(400)
    await bench.later(days=1).earn(600)
    answers = await asyncio.gather(*(bench.spend(100) for _ in range(60)), return_exceptions=True)
    lost = [a for a in answers if isinstance(a, BaseException)]
    assert len(lost) == 50
    assert {type(e) for e in lost} == {NotEnoughPointsError}
    after = await bench.balance()
    assert (after.posted, after.held, after.available) == (0, 0, 0)
    await bench.proven()


async def test_a_hold_is_posted_or_voided_never_both(bench) -> None:
    await bench.earn(1_000)
    for _ in range(10):
        hold_id = await bench.hold(50)
        answers = await asyncio.gather(
            bench.post(hold_id),
            bench.void(hold_id),
            bench.later(hours=2).expire_holds(),
            bench.post(hold_id),
            return_exceptions=True,
        )
        assert all(
            not isinstance(a, BaseException) or getattr(a, "code", "") == "hold_resolved"
            for a in answers
        )
    after = await bench.balance()
    async with bench.rt.db.read(bench.tenant.id) as s:
        where = await queries.buckets(s, account_id=bench.account_id, today=bench.now.date())
    assert after.held == 0
    assert after.posted == 1_000 - where.spent
    await bench.proven()


async def test_everything_at_once_on_two_wallets(bench) -> None:
    first, second = bench.account_id, await bench.new_account()
    bought = {}
    for account in (first, second):
        bench.account_id = account
        bought[account] = [(await bench.earn(500)).transaction_id for _ in range(4)]
    rng = random.Random(11)

    async def one(n: int) -> str:
        bench_account = rng.choice((first, second))
        try:
            match n % 6:
                case 0:
                    await bench.earn(rng.randrange(1, 50), account_id=bench_account)
                case 1 | 2:
                    hold_id = await bench.hold(rng.randrange(1, 200))
                    await asyncio.sleep(rng.random() / 100)
                    await (bench.post(hold_id) if n % 2 else bench.void(hold_id))
                case 3:
                    await bench.reverse(rng.choice(bought[bench_account]), rng.randrange(1, 60))
                case 4:
                    await bench.adjust(rng.randrange(-40, 40) or 1)
                case 5:
                    await bench.expire()
        except GuerdonError as refused:
            return refused.code
        return "done"

    bench.account_id = first
    outcome = Counter(await asyncio.gather(*(one(n) for n in range(240))))
    assert outcome["done"] > 100
    assert set(outcome) <= {"done", "not_enough_points", "more_than_remains"}
    await bench.proven()


async def test_a_return_told_fifty_times_at_once_counts_once(bench) -> None:
    bought = await bench.earn(100)
    key = uuid7()
    answers = await asyncio.gather(
        *(bench.reverse(bought.transaction_id, 30, key=key) for _ in range(20))
    )
    assert {a.posted for a in answers} == {70}
    assert sum(not a.replayed for a in answers) == 1
    spent, other = await bench.spend(70), uuid7()
    answers = await asyncio.gather(*(bench.refund(spent, 20, key=other) for _ in range(20)))
    assert {a.posted for a in answers} == {20}
    assert (await bench.balance()).posted == 20
    await bench.proven()
