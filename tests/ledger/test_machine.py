"""A state machine drives the real ledger and a model of it in plain Python, and compares.

GUERDON_LEDGER_EXAMPLES sets how many walks are taken (each up to 50 steps).
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from guerdon.kit.errors import GuerdonError
from guerdon.kit.ids import uuid7

T = TypeVar("T")
Pins = list[tuple[UUID, date, int]]
VALID_DAYS, GRACE_DAYS = 40, 7


@dataclass
class Hold:
    points: int
    pins: Pins
    ends: Any
    state: str = "pending"


@dataclass
class Txn:
    kind: str
    points: int
    moves: Pins = field(default_factory=list)
    due: int = 0
    claimed: int = 0
    gone: int = 0
    refunded: int = 0


class RefusedError(Exception):
    """The model refuses with a code."""


class Model:
    """What the ledger promises, in the shortest form."""

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.posted = self.held = self.debt = 0
        self.lots: dict[tuple[date, UUID], int] = {}
        self.origin: dict[UUID, date] = {}
        self.holds: dict[UUID, Hold] = {}
        self.txns: dict[UUID, Txn] = {}

    def free(self, today: date) -> list[tuple[date, UUID]]:
        return sorted(key for key in self.lots if key[0] >= today)

    def available(self, today: date) -> int:
        return sum(self.lots[k] for k in self.free(today)) - self.debt

    def _take(self, keys: list[tuple[date, UUID]], points: int) -> Pins:
        pins = []
        for key in keys:
            n = min(points, self.lots[key])
            if n:
                pins.append((key[1], key[0], n))
                self.lots[key] -= n
                points -= n
            if not self.lots[key]:
                del self.lots[key]
        return pins

    def _put(self, pins: Pins, today: date) -> None:
        back: dict[tuple[date, UUID], int] = {}
        for lot, last, n in pins:
            if last < today and last == self.origin[lot]:
                last = today + timedelta(days=GRACE_DAYS)
            back[last, lot] = back.get((last, lot), 0) + n
        for key in sorted(back):
            settled = min(self.debt, back[key])
            self.debt -= settled
            if back[key] > settled:
                self.lots[key] = self.lots.get(key, 0) + back[key] - settled

    def credit(self, txn: UUID, kind: str, points: int, last: date) -> None:
        settled = min(self.debt, points)
        self.debt -= settled
        self.posted += points
        self.origin[txn] = last
        if points > settled:
            self.lots[last, txn] = points - settled
        self.txns[txn] = Txn(kind, points)

    def debit(self, txn: UUID, points: int, today: date) -> None:
        if self.available(today) < points:
            raise RefusedError("not_enough_points")
        self._take(self.free(today), points)
        self.posted -= points
        self.txns[txn] = Txn("adjust", -points)

    def hold(self, id_: UUID, points: int, ends: Any, today: date) -> None:
        if sum(self.lots[k] for k in self.free(today)) < points:
            raise RefusedError("not_enough_points")
        self.holds[id_] = Hold(points, self._take(self.free(today), points), ends)
        self.held += points

    def post(self, id_: UUID, points: int, today: date) -> None:
        hold = self.holds[id_]
        if hold.state != "pending":
            raise RefusedError("hold_resolved")
        taken, back, left = [], [], points
        for lot, last, n in hold.pins:
            take = min(n, left)
            left -= take
            if take:
                taken.append((lot, last, take))
            if n > take:
                back.append((lot, last, n - take))
        hold.state = "posted"
        self.held -= hold.points
        self.posted -= points
        self._put(back, today)
        self.txns[id_] = Txn("redeem", points, taken)

    def void(self, id_: UUID, state: str, today: date) -> None:
        hold = self.holds[id_]
        if hold.state == "posted":
            raise RefusedError("hold_resolved")
        if hold.state == "pending":
            hold.state = state
            self.held -= hold.points
            self._put(hold.pins, today)

    def expire(self, today: date) -> int:
        gone = 0
        for key in [k for k in self.lots if k[0] < today]:
            n = self.lots.pop(key)
            self.txns[key[1]].gone += n
            self.posted -= n
            gone += n
        return gone

    def refund(self, txn: UUID, points: int | None, today: date) -> int:
        spent = self.txns[txn]
        rest = spent.points - spent.refunded
        points = rest if points is None else points
        if not 1 <= points <= rest:
            raise RefusedError("more_than_remains")
        skip, need, back = spent.refunded, points, []
        for lot, last, n in sorted(spent.moves, key=lambda m: (m[1], m[0]), reverse=True):
            passed = min(skip, n)
            skip -= passed
            take = min(n - passed, need)
            need -= take
            if take:
                back.append((lot, last, take))
        spent.refunded += points
        self.posted += points
        self._put(back, today)
        return points

    def reverse(self, txn: UUID, points: int | None, today: date) -> tuple[int, int]:
        credit = self.txns[txn]
        rest = credit.points - credit.due
        due = rest if points is None else points
        if due > rest or due == 0:
            raise RefusedError("more_than_remains")
        self.expire(today)
        credit.due += due
        claim = max(0, min(credit.due, credit.points - credit.gone) - credit.claimed)
        credit.claimed += claim
        keys = sorted(self.free(today), key=lambda k: (k[1] != txn, k))
        taken = sum(n for _, _, n in self._take(keys, claim))
        short = claim - taken
        owed = short if self.limit is None else min(short, max(0, self.limit - self.debt))
        self.debt += owed
        self.posted -= taken + owed
        return -(taken + owed), short - owed


class Walk(RuleBasedStateMachine):
    """One walk over a wallet of its own. `run`, `make` and `limit` are set by the test."""

    run: Callable[[Awaitable[Any]], Any]
    make: Callable[[], Awaitable[Any]]
    limit: int | None
    steps = 0

    credits_ = Bundle("credits")
    holds_ = Bundle("holds")
    spends = Bundle("spends")

    def __init__(self) -> None:
        super().__init__()
        self.b = type(self).run(type(self).make())
        self.model = Model(type(self).limit)
        self.told: list[tuple[Callable[[], Awaitable[Any]], Any]] = []

    @property
    def today(self) -> date:
        return self.b.now.date()

    def same(self, real: Callable[[], Awaitable[T]], model: Callable[[], Any]) -> T | None:
        """Do it for real and in the model: both do it, or both refuse with one code."""
        type(self).steps += 1
        try:
            answer = type(self).run(real())
        except GuerdonError as refused:
            with pytest.raises(RefusedError, match=f"^{refused.code}$"):
                model()
            return None
        model()
        return answer

    @rule(target=credits_, points=st.integers(1, 300))
    def earn(self, points: int) -> UUID:
        now, event = self.b.now, str(uuid7())
        earned = type(self).run(self.b.earn(points, event_id=event, occurred_at=now))
        last = self.today + timedelta(days=VALID_DAYS)
        self.model.credit(earned.transaction_id, "earn", points, last)
        assert (earned.posted, earned.expires_on) == (self.model.posted, last)
        self.told.append(
            (lambda: self.b.earn(points, event_id=event, occurred_at=now), earned.transaction_id)
        )
        return earned.transaction_id

    @rule(target=credits_, points=st.integers(-200, 200).filter(bool))
    def adjust(self, points: int) -> Any:
        key, txn = str(uuid7()), uuid7()

        def model() -> None:
            if points < 0:
                self.model.debit(txn, -points, self.today)

        done = self.same(lambda: self.b.adjust(points, key=key), model)
        if done is None:
            return multiple()
        made = done.change.transaction_id
        self.told.append((lambda: self.b.adjust(points, key=key), made))
        if points < 0:
            return multiple()
        self.model.credit(made, "adjust", points, self.today + timedelta(days=VALID_DAYS))
        return made

    @rule(target=holds_, points=st.integers(1, 300), days=st.integers(0, 80))
    def hold(self, points: int, days: int) -> Any:
        id_, ends = uuid7(), self.b.now + timedelta(days=days)
        held = self.same(
            lambda: self.b.hold(points, hold_id=id_, hours=24 * days),
            lambda: self.model.hold(id_, points, ends, self.today),
        )
        return multiple() if held is None else id_

    @rule(target=spends, hold=holds_, share=st.integers(1, 100))
    def post(self, hold: UUID, share: int) -> Any:
        points = max(1, self.model.holds[hold].points * share // 100)
        if self.model.holds[hold].state == "posted":
            return multiple()
        done = self.same(
            lambda: self.b.post(hold, points), lambda: self.model.post(hold, points, self.today)
        )
        if done is None:
            return multiple()
        self.told.append((lambda: self.b.post(hold, points), None))
        return hold

    @rule(hold=holds_)
    def void(self, hold: UUID) -> None:
        self.same(lambda: self.b.void(hold), lambda: self.model.void(hold, "voided", self.today))

    @rule(txn=spends, points=st.none() | st.integers(1, 200))
    def refund(self, txn: UUID, points: int | None) -> None:
        key = uuid7()
        answer = self.same(
            lambda: self.b.refund(txn, points, key=key),
            lambda: self.model.refund(txn, points, self.today),
        )
        if answer is not None:
            assert answer.posted == self.model.posted
            again = lambda: self.b.refund(txn, points, key=key)  # noqa: E731
            self.told.append((again, answer.transaction_id))

    @rule(txn=credits_, points=st.none() | st.integers(1, 200))
    def reverse(self, txn: UUID, points: int | None) -> None:
        key, told = uuid7(), []
        answer = self.same(
            lambda: self.b.reverse(txn, points, key=key),
            lambda: told.append(self.model.reverse(txn, points, self.today)),
        )
        if answer is not None:
            assert (answer.points, answer.uncollected) == told[0]
            assert answer.posted == self.model.posted
            again = lambda: self.b.reverse(txn, points, key=key)  # noqa: E731
            self.told.append((again, answer.transaction_id))

    @rule(days=st.integers(1, 30))
    def time_passes(self, days: int) -> None:
        self.b.later(days=days)

    @rule()
    def lots_expire(self) -> None:
        expired = self.model.expire(self.today)
        # The job works on the whole tenant: on wallets of earlier walks, too.
        assert type(self).run(self.b.expire()) >= expired

    @rule()
    def holds_expire(self) -> None:
        due = {
            i for i, h in self.model.holds.items() if h.state == "pending" and h.ends <= self.b.now
        }
        ended = set(type(self).run(self.b.expire_holds())) & set(self.model.holds)
        assert ended == due
        for hold in ended:
            self.model.void(hold, "expired", self.today)

    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        if not self.told:
            return
        again, txn = data.draw(st.sampled_from(self.told))
        answer = type(self).run(again())
        change = getattr(answer, "change", None) or answer
        if txn is not None:
            assert (change.transaction_id, change.replayed) == (txn, True)

    @rule(data=st.data(), points=st.integers(1, 50))
    def steal(self, data: st.DataObject, points: int) -> None:
        """A posting that does not add up, as somebody with the application's rights could try."""

        async def unbalanced() -> None:
            async with self.b.rt.db.write(self.b.tenant.id) as s:
                await s.execute(
                    "INSERT INTO app.ledger_txn (tenant_id, id, account_id, kind, points,"
                    " balance_after, occurred_at, parameters_version, explanation) VALUES"
                    " (%(tenant_id)s, %(id)s, %(a)s, 'adjust', %(n)s, 0, now(), 1, '{}')",
                    {"id": (txn := uuid7()), "a": self.b.account_id, "n": points},
                )
                await s.execute(
                    "INSERT INTO app.ledger_entry VALUES (%(tenant_id)s, %(id)s, %(a)s, %(n)s)",
                    {"id": txn, "a": self.b.account_id, "n": points},
                )

        with pytest.raises(Exception, match="unbalanced"):
            type(self).run(unbalanced())

    @invariant()
    def ledger_equals_model(self) -> None:
        balance = type(self).run(self.b.balance())
        lots = type(self).run(self.b.lots())
        assert (balance.posted, balance.held, balance.debt, balance.available) == (
            self.model.posted,
            self.model.held,
            self.model.debt,
            self.model.available(self.today),
        )
        assert lots == [(self.model.lots[k], str(k[0])) for k in self.model.free(self.today)]


@pytest.mark.parametrize(
    ("policy", "limit"),
    [({"model": "allow"}, None), ({"model": "floor", "floor": 60}, 60), ({"model": "forbid"}, 0)],
    ids=["allow", "floor", "forbid"],
)
async def test_the_ledger_agrees_with_its_model(bench_of, policy, limit) -> None:
    parameters = {
        "validity": {"model": "rolling", "days": VALID_DAYS},
        "negative_policy": policy,
        "hold_grace_days": GRACE_DAYS,
    }
    b = await bench_of(points=parameters)
    loop = asyncio.get_running_loop()
    start = b.now

    async def make() -> Any:
        b.now = start
        b.account_id = await b.new_account()
        return b

    machine = type(
        "Machine",
        (Walk,),
        {
            "run": staticmethod(lambda c: asyncio.run_coroutine_threadsafe(c, loop).result(30)),
            "make": staticmethod(make),
            "limit": limit,
        },
    )
    walks = settings(
        max_examples=int(os.environ.get("GUERDON_LEDGER_EXAMPLES", "20")),
        stateful_step_count=50,
        deadline=None,
        database=None,
        print_blob=True,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    # Dice decide how long a walk is; after short ones there are more of them.
    for _ in range(3):
        await asyncio.to_thread(run_state_machine_as_test, machine, settings=walks)
        if machine.steps > 100:
            break
    assert machine.steps > 100
    await b.proven()
