"""Twelve months of a demo brand, made through the product's own doors at the instants told.

Members are imported, purchases earned in batches, rewards redeemed, handed over and settled by
the same jobs that workers run, points expire. Drawn from seeded dice, so it is always the same
relative to its last day. Done once: a second run finds the closing event and does nothing; a run
that was cut off is finished by the next one.
"""

import asyncio
import csv
import io
import random
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

import msgspec

from guerdon.earning.operations import BATCH_MAX, earn, earn_many
from guerdon.earning.returns import reverse
from guerdon.earning.schemas import Event, Return
from guerdon.kit.errors import NotFoundError
from guerdon.kit.ids import uuid7
from guerdon.kit.money import Money
from guerdon.ledger.adjustments import adjust
from guerdon.ledger.jobs import expire_due
from guerdon.ledger.queries import by_event
from guerdon.local.history_plan import (
    DAYS,
    HABITS,
    WINDOW_DAYS,
    WINDOWS,
    Person,
    Purchase,
    people,
    purchases,
)
from guerdon.local.history_redemptions import Redeemer, products_of
from guerdon.members import imports, operations, queries
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

SOURCE = "demo"
_CLOSING = "history"
Progress = Callable[[int, int], None]


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A member who can sign in. `story` is `rich`, `ordering`, or `new`: nothing happened yet."""

    name: str
    email: str
    phone: str = ""
    language: str
    story: str


async def make_history(
    rt: Runtime,
    worker: Runtime,
    *,
    tenant: Tenant,
    named: Sequence[Named],
    now: datetime,
    progress: Progress = lambda done, all_: None,
) -> bool:
    """Make the brand's history end the day before `now`; False if it is there.

    `worker` is a runtime with the worker's role: jobs and expiry run with it.
    """
    async with rt.db.read(tenant.id) as s:
        try:
            await by_event(s, source=SOURCE, event_id=_CLOSING)
        except NotFoundError:
            pass
        else:
            return False
    past = await _History.open(rt, worker, tenant, named, now)
    for window in range(WINDOWS):
        await past.live(window)
        progress(window + 1, WINDOWS)
    await past.close()
    return True


class _History:
    """One brand's past while it is being made."""

    def __init__(
        self, rt: Runtime, worker: Runtime, tenant: Tenant, start: datetime, currency: str
    ) -> None:
        self._rt, self._worker, self._tenant = rt, worker, tenant
        self._start, self._currency = start, currency
        self._habits = HABITS[tenant.slug]
        self._everyone: list[Person] = people(tenant.slug)
        self._named: list[Person] = []
        self._accounts: dict[str, UUID] = {}
        self._members: dict[str, UUID] = {}
        self._balances: dict[str, int] = {}
        self._redeemer = Redeemer(rt, worker, tenant, ())

    @classmethod
    async def open(
        cls,
        rt: Runtime,
        worker: Runtime,
        tenant: Tenant,
        named: Sequence[Named],
        now: datetime,
    ) -> "_History":
        programme = (await rt.snapshot(tenant.id, now))[ProgrammeParameters]
        today = now.astimezone(programme.zone).date()
        first_day = today - timedelta(days=DAYS)
        start = datetime.combine(first_day, time(0), tzinfo=programme.zone)
        past = cls(rt, worker, tenant, start, programme.currency)
        first = past._everyone[0]
        async with rt.db.read(tenant.id) as s:
            known = await queries.find_by_external_id(s, external_id=first.key)
        if known is not None:  # A run that was cut off: its days go on.
            past._start = known.joined_at.astimezone(programme.zone) - timedelta(days=first.joined)
        await past._join_named(named)
        past._redeemer = Redeemer(rt, worker, tenant, await products_of(rt, tenant, past._habits))
        return past

    def _at(self, day: int, second: int = 0) -> datetime:
        return self._start + timedelta(days=day, seconds=second)

    async def _join_named(self, named: Sequence[Named]) -> None:
        """Those who can sign in and have a past; the new ones join when the demo starts."""
        for n, who in enumerate(w for w in named if w.story != "new"):
            person = Person(
                key=f"{self._tenant.slug}-named-{n}",
                name=who.name,
                email=who.email,
                language=who.language,
                joined=-400 + 340 * n,
                pace=260 if who.story == "rich" else 140,
                spends=who.story == "rich",
            )
            self._named.append(person)
            joined = self._at(person.joined, 36_000)
            snapshot = await self._rt.snapshot(self._tenant.id, joined)
            async with self._rt.db.write(self._tenant.id) as s:
                member = await queries.find_by_external_id(s, external_id=person.key)
                if member is None:
                    member = await operations.join(
                        s, id=uuid7(), email=person.email, name=person.name,
                        language=person.language, external_id=person.key, email_verified=True,
                        phone=who.phone, snapshot=snapshot, now=joined,
                    )  # fmt: skip
            self._know(person.key, member.id, member.account_id)

    def _know(self, key: str, member_id: UUID, account_id: UUID) -> None:
        self._members[key], self._accounts[key] = member_id, account_id
        self._balances.setdefault(key, 0)

    async def live(self, window: int) -> None:
        """Fifteen days: who joins, what is bought, then what is redeemed, and what expires."""
        start, end = window * WINDOW_DAYS, (window + 1) * WINDOW_DAYS
        low = -10_000 if window == 0 else start
        await self._join([p for p in self._everyone if low <= p.joined < min(start, 1)], start)
        await self._join(
            [p for p in self._everyone if start <= p.joined < end and p.joined > 0], end
        )
        bought = list(purchases(self._tenant.slug, self._everyone + self._named, window))
        await self._earn(bought, end - 3)
        await self._make_good(window, bought)
        await self._redeem(window)
        snapshot = await self._rt.snapshot(self._tenant.id, self._at(end))
        async with self._worker.db.write(self._tenant.id) as s:
            await expire_due(s, snapshot=snapshot, now=self._at(end), limit=5_000)

    async def _join(self, joining: Sequence[Person], day: int) -> None:
        if not joining:
            return
        text = io.StringIO()
        sheet = csv.writer(text)
        sheet.writerow(
            ["email", "name", "language", "external_id", "joined", "opening_balance", "expiry"]
        )
        for p in joining:
            expires = "" if p.opening_expires is None else str(self._at(p.opening_expires).date())
            sheet.writerow(
                [p.email, p.name, p.language, p.key, self._at(p.joined).date(), p.opening or "",
                 expires]
            )  # fmt: skip
        now = self._at(day)
        snapshot = await self._rt.snapshot(self._tenant.id, now)
        errors: list[str] = []
        await imports.run(
            self._rt,
            tenant_id=self._tenant.id,
            file=io.BytesIO(text.getvalue().encode()),
            snapshot=snapshot,
            now=now,
            on_error=lambda e: errors.append(f"{e.column}: {e.message} {e.text}"),
        )
        if errors:
            raise RuntimeError(f"the demo's members were not taken: {errors[0]}")
        async with self._rt.db.read(self._tenant.id) as s:
            found = await queries.wallets(s, external_ids=[p.key for p in joining])
        for wallet in found:
            self._know(str(wallet.external_id), wallet.id, wallet.account_id)
        for p in joining:
            self._balances[p.key] += p.opening
        await self._credit(
            [
                Event(
                    account_id=self._accounts[p.key],
                    occurred_at=self._at(p.joined, 43_200),
                    source=SOURCE,
                    event_id=f"welcome-{p.key}",
                    points=self._habits.welcome,
                    rule="welcome",
                )
                for p in joining
                if p.joined > 0
            ],
            [p.key for p in joining if p.joined > 0],
            self._at(day + 1),
        )

    async def _earn(self, bought: Sequence[Purchase], day: int) -> None:
        events = [
            Event(
                account_id=self._accounts[p.key],
                occurred_at=self._at(p.day, p.second),
                source=SOURCE,
                event_id=p.number,
                amount=Money(p.minor, self._currency),
                note=p.note,
            )
            for p in bought
        ]
        await self._credit(events, [p.key for p in bought], self._at(day))

    async def _credit(self, events: Sequence[Event], keys: Sequence[str], now: datetime) -> None:
        for start in range(0, len(events), BATCH_MAX):
            chunk = events[start : start + BATCH_MAX]
            for key, told in zip(
                keys[start : start + BATCH_MAX],
                await earn_many(self._rt, tenant_id=self._tenant.id, events=chunk, now=now),
                strict=True,
            ):
                if told.earned is None:
                    raise RuntimeError(f"the demo's events were not taken: {told.code}")
                self._balances[key] = told.earned.posted - told.earned.held

    async def _make_good(self, window: int, bought: Sequence[Purchase]) -> None:
        """A goodwill correction and a return, as every other fortnight has them."""
        if not bought or window % 2:
            return
        dice = random.Random(f"{self._tenant.slug} good {window}")
        now = self._at(window * WINDOW_DAYS + 12, 50_000)
        snapshot = await self._rt.snapshot(self._tenant.id, now)
        lucky, back = dice.choice(bought), dice.choice(bought)
        async with self._rt.db.write(self._tenant.id) as s:
            await adjust(
                s, snapshot=snapshot, account_id=self._accounts[lucky.key],
                points=self._habits.goodwill, reason=self._habits.goodwill_reason,
                principal="service desk", key=f"{SOURCE}-{window}", now=now,
            )  # fmt: skip
            txn_id = await by_event(s, source=SOURCE, event_id=back.number)
            returned = await reverse(
                s, txn_id=txn_id, what=Return(amount_minor=back.minor // 2), source=SOURCE,
                event_id=f"return-{window}", now=now,
            )  # fmt: skip
        self._balances[lucky.key] += self._habits.goodwill
        self._balances[back.key] += returned.points

    async def _redeem(self, window: int) -> None:
        dice = random.Random(f"{self._tenant.slug} redeem {window}")
        spenders = [p for p in self._everyone + self._named if p.spends and p.key in self._members]
        dice.shuffle(spenders)
        last = window == WINDOWS - 1
        wishes = []
        for person in spenders:
            wish = self._redeemer.wish(dice, self._balances[person.key])
            if wish is None:
                continue
            day = (window + 1) * WINDOW_DAYS - dice.randint(1, 3)
            at = self._at(day, dice.randint(8 * 3600, 21 * 3600))
            wishes.append(
                self._redeemer.redeem(
                    member_id=self._members[person.key], wish=wish, language=person.language,
                    key=f"{SOURCE}-{window}-{person.key}", at=at,
                    fate="waits" if last else dice.choice(_FATES),
                )
            )  # fmt: skip
            self._balances[person.key] -= wish.points
            if len(wishes) == (6 if window else 3):
                break
        await asyncio.gather(*wishes)

    async def close(self) -> None:
        """An order that is under way, and the event that says that all of this is there."""
        end = self._at(DAYS - 1, 20 * 3600)
        for person in self._named:
            if not person.spends:
                wish = self._redeemer.wish(random.Random("ordering"), self._balances[person.key])
                if wish is not None:
                    await self._redeemer.redeem(
                        member_id=self._members[person.key], wish=wish, language=person.language,
                        key=f"{SOURCE}-ordering-{person.key}", at=end, fate="waits",
                    )  # fmt: skip
        await self._redeemer.forget_letters(end)
        first = self._everyone[0]
        await earn(
            self._rt,
            tenant_id=self._tenant.id,
            event=Event(
                account_id=self._accounts[first.key],
                occurred_at=end,
                source=SOURCE,
                event_id=_CLOSING,
                points=self._habits.welcome,
                rule="welcome",
            ),
            now=end,
        )


_FATES = ("collected", "collected", "collected", "collected", "collected", "cancelled")
