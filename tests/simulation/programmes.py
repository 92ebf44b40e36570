"""Random programmes, random lives of members, and doing them through the front doors."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from tests.redemption.world import World, product

from guerdon.earning import operations as earning
from guerdon.earning.arithmetic import Line
from guerdon.earning.returns import reverse
from guerdon.earning.schemas import Event, Return
from guerdon.kit.errors import ConflictError
from guerdon.kit.ids import uuid7
from guerdon.kit.money import Money
from guerdon.ledger import queries as ledger
from guerdon.ledger.adjustments import adjust
from guerdon.members.schemas import Member
from guerdon.parameters.operations import publish
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.redemption import operations as redemption
from guerdon.redemption.quotes import Wanted
from guerdon.redemption.quotes import price as quoted
from guerdon.runtime import Runtime
from guerdon.simulation.engine import back_test
from guerdon.simulation.happenings import window_of
from guerdon.simulation.replay import Outcome
from guerdon.simulation.report import BackTestReport
from guerdon.tenancy.schemas import Tenant
from guerdon.tiers.queries import standing

# Ten days after a new year: a window of a month holds its turn.
NOW = datetime(2027, 1, 10, 15, 0, tzinfo=UTC)
DAYS = 30
MEMBERS = 5
PRODUCTS = ("tea", "cup", "grinder")


def programme(dice: random.Random) -> dict[str, Any]:
    """Sections of a programme, drawn."""
    thresholds = sorted(dice.sample(range(50, 4_000), 3))
    laddered = dice.random() < 0.7
    return {
        "programme": {"currency": "USD", "time_zone": "America/Sao_Paulo", "languages": ["en"]},
        "points": {
            "earn_factor": dice.choice(["1", "0.333333333", "2.5", "4", "0.07"]),
            "earn_rounding": dice.choice(["floor", "ceiling", "half_up", "half_even"]),
            "earn_rounding_per": dice.choice(["order", "line"]),
            "price_factor": dice.choice(["100", "33.3", "17", "25"]),
            "price_rounding": dice.choice(["floor", "ceiling", "half_up"]),
            "price_rounding_step": dice.choice([1, 5, 10]),
            "price_floor_points": dice.choice([0, 40]),
            "validity": dice.choice(
                [{"model": "none"}, {"model": "rolling", "months": 7},
                 {"model": "fixed_date", "month": 6, "day": 30}]
            ),
        },
        "tiers": {
            "period": dice.choice(["lifetime", "calendar_year"]),
            "tiers": [
                {"key": key, "threshold": at, "earn_multiplier": dice.choice(["1", "1.25", "3"])}
                for key, at in zip(("blue", "silver", "gold"), (0, *thresholds[:2]), strict=True)
            ]
            if laddered
            else [],
        },
        "catalogue": {
            "margin_percent": dice.choice(["0", "12.5", "30"]),
            "tier_discounts": dice.choice([{}, {"gold": "15"}, {"silver": "5", "gold": "12.5"}])
            if laddered
            else {},
            "categories": [{"key": "drinks", "name": {"en": "Drinks"},
                            "margin_percent": dice.choice([None, "3"])}],
        },
        "fulfilment": {"suppliers": [{"key": "counter", "provider": "counter"}]},
    }  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One thing that a member does. `back` numbers the purchase that a return is of."""

    who: int
    kind: str
    at: datetime
    minor: int = 0
    points: int = 0
    items: tuple[Line, ...] | None = None
    back: int = 0
    what: Return = field(default_factory=Return)
    product: str = ""
    quantity: int = 1


def life(dice: random.Random, *, members: int, steps: int, until: datetime) -> list[Step]:
    """What `members` do from forty days before the window on, in order."""
    drawn: list[Step] = []
    start = until - timedelta(days=DAYS + 40)
    bought: dict[int, list[int]] = {who: [] for who in range(members)}
    instants = sorted(start + (until - start) * dice.random() for _ in range(steps))
    for n, at in enumerate(instants):
        who = dice.randrange(members)
        kind = dice.choices(
            ("purchase", "grant", "return", "redeem", "adjust"), (60, 10, 10, 18, 2)
        )[0]
        if kind == "return" and not bought[who]:
            kind = "purchase"
        if kind == "purchase":
            items = tuple(
                Line(f"l{i}", dice.randint(1, 3), dice.randint(0, 9_000))
                for i in range(dice.randint(0, 3))
            )
            total = sum(i.amount_minor for i in items) + dice.randint(0, 3_000)
            bought[who].append(n)
            drawn.append(Step(who, kind, at, minor=total, items=items or None))
        elif kind == "return":
            back = bought[who].pop(dice.randrange(len(bought[who])))
            of = drawn[back]
            choices = [Return()]
            if of.minor > 1:
                choices.append(Return(amount_minor=dice.randint(1, of.minor)))
            if of.items:
                line = dice.choice(of.items)
                choices.append(Return(pieces={line.ref: dice.randint(1, line.quantity)}))
            drawn.append(Step(who, kind, at, back=back, what=dice.choice(choices)))
        elif kind == "redeem":
            drawn.append(
                Step(who, kind, at, product=dice.choice(PRODUCTS), quantity=dice.randint(1, 2))
            )
        else:
            drawn.append(Step(who, kind, at, points=dice.randint(1, 300)))
    return drawn


@dataclass
class Brand:
    """A brand that lives a life."""

    world: World
    members: list[Member] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    skipped: set[int] = field(default_factory=set)

    @property
    def rt(self) -> Runtime:
        return self.world.rt

    @property
    def tenant(self) -> Tenant:
        return self.world.tenant

    async def open(self, count: int) -> "Brand":
        await self.world.stock_up(
            product("tea", price="2.49", stock=None),
            product("cup", price="11.00", stock=None),
            product("grinder", price="39.90", stock=None),
        )
        self.members = [await self.world.member() for _ in range(count)]
        return self

    async def publish(self, sections: Mapping[str, Any]) -> Snapshot:
        async with self.rt.db.write(self.tenant.id) as s:
            await publish(
                s, registry=self.rt.snapshots.registry, content=sections, author="test",
                now=datetime(2020, 1, 1, tzinfo=UTC),
            )  # fmt: skip
        await self.rt.snapshots.load(self.tenant.id)
        return self.rt.snapshots.current(self.tenant.id, NOW)

    async def live(self, steps: Sequence[tuple[int, Step]]) -> None:
        """Do what the steps say; what is refused is counted and goes on."""
        for n, step in steps:
            try:
                await self._do(n, step)
            except ConflictError as error:
                self.skipped.add(n)
                self.refused[error.code] = self.refused.get(error.code, 0) + 1

    async def _do(self, n: int, step: Step) -> None:
        who = self.members[step.who]
        match step.kind:
            case "purchase" | "grant":
                bought = step.kind == "purchase"
                await earning.earn(
                    self.rt, tenant_id=self.tenant.id, now=step.at,
                    event=Event(
                        account_id=who.account_id, occurred_at=step.at, source="till",
                        event_id=f"e{n}",
                        amount=Money(step.minor, "USD") if bought else None,
                        items=step.items if bought else None,
                        points=None if bought else step.points,
                        qualifies=step.points % 2 == 0,
                    ),
                )  # fmt: skip
            case "return":
                async with self.rt.db.write(self.tenant.id) as s:
                    txn = await ledger.by_event(s, source="till", event_id=f"e{step.back}")
                    await reverse(
                        s, txn_id=txn, what=step.what, source="till", event_id=f"r{n}", now=step.at
                    )
            case "adjust":
                async with self.rt.db.write(self.tenant.id) as s:
                    snapshot = self.rt.snapshots.current(self.tenant.id, step.at)
                    await adjust(
                        s, snapshot=snapshot, account_id=who.account_id, points=step.points,
                        reason="goodwill", principal="test", key=f"a{n}", now=step.at,
                    )  # fmt: skip
            case "redeem":
                wanted = [Wanted(self.world.variants[step.product], step.quantity)]
                async with self.rt.db.read(self.tenant.id) as s:
                    promise = await quoted(
                        self.rt, s, member_id=who.id, wanted=wanted, points=None, language="en",
                        now=step.at,
                    )  # fmt: skip
                await redemption.place_for_points(
                    self.rt, tenant_id=self.tenant.id, member_id=who.id, wanted=wanted,
                    expected_points=promise.points, ship_to=None, language="en",
                    principal="test", key=f"p{n}-{uuid7()}", now=step.at,
                )  # fmt: skip

    async def test(
        self, draft: Mapping[str, Any], *, days: int = DAYS, now: datetime = NOW
    ) -> tuple[BackTestReport, dict[UUID, Outcome]]:
        """The back-test of a draft, and each wallet's outcome."""
        registry = self.rt.snapshots.registry
        before = self.rt.snapshots.current(self.tenant.id, now)
        typed = registry.decode(draft)
        after = Snapshot(self.tenant.id, 0, now, typed)
        outcomes: dict[UUID, Outcome] = {}
        told: list[tuple[int, int]] = []

        async def progress(done: int, total: int) -> None:
            told.append((done, total))

        async with self.rt.db.read_frozen(self.tenant.id) as s:
            content = await s.value(
                "SELECT content FROM app.parameter_version WHERE tenant_id = %(tenant_id)s"
                " AND version = %(version)s",
                {"version": before.version},
            )
            report = await back_test(
                s,
                before=before,
                after=after,
                contents=(content, registry.encode(typed)),
                window=window_of(days=days, now=now, zone=self._zone(before)),
                days=days,
                progress=progress,
                watch=lambda o: outcomes.__setitem__(o.wallet.account_id, o),
            )
        assert told == sorted(told)
        assert told[-1][0] == told[-1][1]
        return report, outcomes

    @staticmethod
    def _zone(snapshot: Snapshot) -> Any:
        return snapshot[ProgrammeParameters].zone

    async def stands(self, member: Member, now: datetime = NOW) -> "Stands":
        """What the ledger says of a member."""
        snapshot = self.rt.snapshots.current(self.tenant.id, now)
        async with self.rt.db.read(self.tenant.id) as s:
            where = await standing(s, account_id=member.account_id, snapshot=snapshot, now=now)
            row = await s.one(
                _Row,
                "SELECT posted - held AS available, posted FROM app.ledger_account"
                " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
                {"id": member.account_id},
            )
        return Stands(row.available, row.posted, where.qualifying, where.tier)


class _Row(msgspec.Struct):
    available: int
    posted: int


@dataclass(frozen=True)
class Stands:
    """A member's balance and tier."""

    available: int
    posted: int
    qualifying: int
    tier: str | None
