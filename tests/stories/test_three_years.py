"""Three years pass on a sandbox's clock: at once in one brand, day by day in another."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import pytest
from tests.brand_api.conftest import Api, issue
from tests.stories.state import hash_of, state

from guerdon.ledger import operations as ledger
from guerdon.ledger.expiry import add_months, local_day
from guerdon.local.servers import PostgresServer
from guerdon.members import queries as members
from guerdon.plumbing.runner import Ran, Runner
from guerdon.runtime import Runtime
from guerdon.tenancy.lifecycle import State, Who
from guerdon.tenancy.schemas import Tenant
from guerdon.tenancy.transitions import ClockMovedError, change_state
from guerdon.test_clock import operations
from guerdon_workers.actors import all_handlers

DAYS = 1_096
MONTHS = 24
GRACE = 7
NOTICES = (30, 7)
GOLD = 150
EARNED = {"ana": (690, 365, 20, 3), "bo": (600, 365, 100), "cy": (40, 2), "dee": (400, 399, 1)}
HELD = {"ana": (5, 90), "bo": (400,), "cy": (1_000,)}
CHANGES = {"points.price_factor": "150", "points.earn_factor": "2", "branding.corners": "round"}


def quiet_zone(now: datetime) -> str:
    """A zone in which no day ends while the test runs."""
    return "Asia/Kolkata" if 2 <= now.hour < 4 else "America/Sao_Paulo"


def programme(zone: str) -> dict[str, Any]:
    """Points that live for two years, tiers of a calendar year."""
    return {
        "programme": {"name": "Story", "currency": "USD", "languages": ["en"], "time_zone": zone},
        "points": {"validity": {"model": "rolling", "months": MONTHS}},
        "tiers": {"period": "calendar_year", "tiers": [
            {"key": "base", "threshold": 0}, {"key": "gold", "threshold": GOLD},
        ]},
        "integrations": {"requests_per_minute": 1_000_000},
        "security": {"approval_from": "never"},
    }  # fmt: skip


class Story:
    """A brand that began at `start`, with members, holds and changes in line."""

    def __init__(self, rt: Runtime, worker: Runtime, tenant: Tenant, start: datetime) -> None:
        self.rt, self.worker, self.tenant, self.start = rt, worker, tenant, start
        self.runner = Runner(worker, all_handlers(), attempts_max=3)
        self.api: Any = None
        self.console: Any = None

    async def furnish(self, zone: ZoneInfo) -> None:
        for name, ago in EARNED.items():
            joined = await self.api.post(
                "/members",
                json={"email": f"{name}@example.com", "name": name.title(), "externalId": name},
            )
            assert joined.status_code == 201, joined.text
            for n, days in enumerate(ago):
                earned = await self.api.post("/points/earn", json={
                    "memberId": joined.json()["id"], "source": "till", "eventId": f"{name}-{n}",
                    "occurredAt": (self.start - timedelta(days=days)).isoformat(),
                    "points": 100, "rule": "welcome", "qualifies": True,
                })  # fmt: skip
                assert earned.status_code == 201, earned.text
            async with self.rt.db.write(self.tenant.id) as s:
                who = await members.find_by_external_id(s, external_id=name)
                assert who is not None
                for n, days in enumerate(HELD.get(name, ())):
                    await ledger.hold(
                        s, id=UUID(int=UUID(joined.json()["id"]).int ^ (n + 1)),
                        account_id=who.account_id, points=30 + n, purpose="redemption",
                        expires_at=self.start + timedelta(days=days, hours=1), version=1,
                        now=self.start,
                    )  # fmt: skip
        for n, (path, value) in enumerate(CHANGES.items(), start=1):
            at = f"{self.console.brand}/change-sets"
            made = (await self.console.post(at, json={"title": f"Change {n}"})).json()
            await self.console.patch(
                f"{at}/{made['id']}/edits",
                json={"rowVersion": made["rowVersion"], "edits": [{"path": path, "value": value}]},
            )
            local = f"{local_day(self.start, zone) + timedelta(days=250 * n)}T09:30"
            done = await self.console.post(f"{at}/{made['id']}/schedule", json={"local": local})
            assert done.status_code == 200, done.text

    def falls_due(self, zone: ZoneInfo) -> list[tuple[str, datetime, int]]:
        """What has to happen in three years, worked out from what was put in."""
        until = self.start + timedelta(days=DAYS)
        today = local_day(self.start, zone)

        def begins(day: date) -> datetime:
            return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)

        found: list[tuple[datetime, int, str, int]] = []
        for n in range(1, len(CHANGES) + 1):
            at = begins(today + timedelta(days=250 * n)) + timedelta(hours=9, minutes=30)
            found.append((at, 0, "version", 1))
        for year in range(1, until.astimezone(zone).year - today.year + 1):
            found.append((begins(date(today.year + year, 1, 1)), 1, "tier_year", -1))
        for held in HELD.values():
            for days in held:
                found.append((self.start + timedelta(days=days, hours=1), 2, "hold", 1))
        gone: dict[datetime, int] = {}
        told: dict[datetime, int] = {}
        for ago in EARNED.values():
            for days in ago:
                earned_on = local_day(self.start - timedelta(days=days), zone)
                last = add_months(earned_on, MONTHS)
                at = begins(last + timedelta(days=1))
                gone[at] = gone.get(at, 0) + 1
                for notice in NOTICES:
                    at = begins(last - timedelta(days=notice))
                    told[at] = told.get(at, 0) + 1
        # What comes back from a hold after its last day has the grace, once.
        for name, held in HELD.items():
            earned_on = local_day(self.start - timedelta(days=EARNED[name][0]), zone)
            for days in held:
                back_on = local_day(self.start + timedelta(days=days, hours=1), zone)
                if add_months(earned_on, MONTHS) < back_on:
                    at = begins(back_on + timedelta(days=GRACE + 1))
                    gone[at] = gone.get(at, 0) + 1
                    # So many days are the last notice, which is given when they come back.
                    told[self.start + timedelta(days=days, hours=1)] = 1
        found += [(at, 4, "notice", wallets) for at, wallets in told.items()]
        found += [(at, 3, "points", lots) for at, lots in gone.items()]
        return [(kind, at, count) for at, _, kind, count in sorted(found) if at <= until]

    def loses_gold(self, zone: ZoneInfo) -> list[tuple[str, datetime]]:
        """Who falls back to the first tier when, worked out from what was put in."""
        this_year = local_day(self.start, zone).year
        found = []
        for name, ago in EARNED.items():
            days = [local_day(self.start - timedelta(days=n), zone) for n in ago]
            if 100 * sum(day.year == this_year for day in days) >= GOLD:
                turn = datetime(this_year + 1, 1, 1, tzinfo=zone).astimezone(UTC)
                found.append((name, turn))
        return sorted(found)

    async def drain(self) -> None:
        while True:
            async with self.rt.db.read(self.tenant.id) as s:
                due = await s.all(
                    UUID,
                    "SELECT id FROM app.outbox WHERE tenant_id = %(tenant_id)s"
                    " AND done_at IS NULL AND parked_at IS NULL AND next_at <= now() ORDER BY id",
                )
            if not due:
                return
            for one in due:
                assert await self.runner.run(self.tenant.id, one) is Ran.DONE

    async def time(self) -> datetime:
        read = await self.console.get(f"{self.console.brand}/test-clock")
        return datetime.fromisoformat(read.json()["now"])


@pytest.fixture
async def brands(
    rt: Runtime, worker_rt: Runtime, make_tenant: Any, http: Any, console: Any
) -> tuple[list[Story], ZoneInfo]:
    """Two sandboxes and a live brand, the same in everything."""
    start = datetime.now(UTC).replace(microsecond=0)
    zone = quiet_zone(start)
    made = []
    for status in ("sandbox", "sandbox", "live"):
        tenant = await make_tenant(status=status, **programme(zone))
        story = Story(rt, worker_rt, tenant, start)
        story.api = Api(await http(tenant), await issue(rt, tenant))
        story.console = await console(tenant)
        await story.furnish(ZoneInfo(zone))
        await story.drain()
        made.append(story)
    return made, ZoneInfo(zone)


async def test_a_jump_and_a_walk_end_alike(
    brands: tuple[list[Story], ZoneInfo], rt: Runtime, postgres: PostgresServer
) -> None:
    (jumper, walker, live), zone = brands
    begun = [hash_of(await state(rt, one.tenant)) for one in (jumper, walker, live)]
    assert begun == [begun[0]] * 3
    expected = jumper.falls_due(zone)
    counted = (
        await jumper.console.get(f"{jumper.console.brand}/test-clock/ahead", params={"days": DAYS})
    ).json()["items"]
    lots = sum(len(ago) for ago in EARNED.values())
    years = [kind for kind, *_ in expected].count("tier_year")
    assert {one["kind"]: one["count"] for one in counted} == {
        "version": len(CHANGES), "hold": 4, "tier_year": years, "points": lots,
        "notice": len(NOTICES) * lots,
    }  # fmt: skip

    # At once.
    asked = await jumper.console.post(
        f"{jumper.console.brand}/test-clock/move", json={"days": DAYS}
    )
    assert asked.status_code == 202, asked.text
    assert (asked.json()["movable"], asked.json()["move"]["endedAt"]) == (False, None)
    again = await jumper.console.post(f"{jumper.console.brand}/test-clock/move", json={"days": 1})
    assert (again.status_code, again.json()["code"]) == (409, "clock_under_way")
    await jumper.drain()
    told = (await jumper.console.get(f"{jumper.console.brand}/test-clock")).json()
    assert told["move"]["endedAt"] is not None
    assert (told["movable"], told["moved"]) == (True, True)
    happened = [
        (one["kind"], datetime.fromisoformat(one["at"]), one["count"]) for one in told["happenings"]
    ]
    assert [(kind, at) for kind, at, _ in happened] == [(kind, at) for kind, at, _ in expected]
    assert [count for kind, _, count in happened if kind != "tier_year"] == [
        count for kind, _, count in expected if kind != "tier_year"
    ]

    # Day by day.
    snapshot = await rt.snapshot(walker.tenant.id, walker.start)
    for day in range(1, DAYS + 1):
        to = operations.later(walker.start, snapshot, days=day)
        async with rt.db.write(walker.tenant.id) as s:
            made = await operations.move(
                s, to=to, snapshot=snapshot, asked_by="test", real=walker.start
            )
        if made.ended_at is None:
            await walker.drain()
    await rt.directory.refresh(walker.tenant.id)
    await walker.drain()
    after = [await state(rt, one.tenant) for one in (jumper, walker)]
    for subject, rows in after[0].items():
        assert rows == after[1][subject], subject
    assert hash_of(after[0]) == hash_of(after[1]) != begun[0]

    # Every expiry, where and when it had to be; nobody has points any more.
    gone = [one for one in after[0]["transactions"] if one["kind"] == "expire"]
    assert -sum(one["points"] for one in gone) == 100 * lots
    due = [(at, count) for kind, at, count in expected if kind == "points"]
    assert sorted({one["occurred_at"] for one in gone}) == [at.isoformat() for at, _ in due]
    assert sum(len(one["lots"]) for one in gone) == sum(count for _, count in due)
    assert {
        w["external_id"]: (w["posted"], w["held"]) for w in after[0]["wallets"]
    } == dict.fromkeys(EARNED, (0, 0))
    assert {h["state"] for h in after[0]["holds"]} == {"expired"}
    told_of = [one for one in after[0]["events"] if one["type"] == "points.expired"]
    assert len(told_of) == len(gone)

    # Each notice before its expiry, and each tier that went with its year; their letters too.
    events, letters = after[0]["events"], after[0]["notices"]
    notices = [one for one in events if one["type"] == "points.expiring"]
    assert len(notices) == sum(count for kind, _, count in expected if kind == "notice")
    assert {one["data"]["notice"] for one in notices} == set(NOTICES)
    lost = [
        (one["external_id"], datetime.fromisoformat(one["occurred_at"]))
        for one in events
        if one["type"] == "tier.changed" and one["data"]["to"] == "base"
    ]
    assert sorted(lost) == jumper.loses_gold(zone)
    written = [one["kind"] for one in letters if one["channel"] == "mail"]
    assert (written.count("points_expiring"), written.count("tier_lost")) == (
        len(notices), len(lost),
    )  # fmt: skip

    # A live brand beside them has not moved, and cannot be moved by anybody.
    assert hash_of(await state(rt, live.tenant)) == begun[2]
    assert abs(await live.time() - datetime.now(UTC)) < timedelta(minutes=2)
    refused = await live.console.post(f"{live.console.brand}/test-clock/move", json={"days": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "clock_not_movable")
    with psycopg.connect(postgres.admin_dsn, dbname="guerdon_test") as admin:
        with pytest.raises(psycopg.errors.CheckViolation, match="tenant_clock_of_sandbox"):
            admin.execute(
                "UPDATE ctl.tenant SET clock_ahead = '1 day' WHERE id = %s", (live.tenant.id,)
            )

    # The brand lives at the end of the three years: what is earned is earned there, by the last
    # version, and no other brand believes it.
    now = await jumper.time()
    assert now - jumper.start >= timedelta(days=DAYS)
    event = {"externalId": "ana", "source": "till", "eventId": "later", "rule": "welcome",
             "occurredAt": now.isoformat(),
             "amount": {"minor": 1000, "currency": "USD"}}  # fmt: skip
    event.pop("rule")
    earned = await jumper.api.post("/points/earn", json=event)
    assert (earned.status_code, earned.json()["points"]) == (201, 20), earned.text
    early = await live.api.post("/points/earn", json=event)
    assert (early.status_code, early.json()["code"]) == (422, "event_in_future")


async def test_a_sandbox_whose_clock_was_moved_does_not_go_live(
    rt: Runtime, make_tenant: Any, console: Any, http: Any
) -> None:
    tenant = await make_tenant(status="sandbox")
    desk = await console(tenant)
    assert "This is a sandbox" not in (await (await http(tenant)).get("/")).text
    moved = await desk.post(f"{desk.brand}/test-clock/move", json={"months": 1})
    assert (moved.status_code, moved.json()["movable"]) == (202, True)
    points = (await desk.get(f"{desk.brand}/life")).json()["points"]
    assert [p["state"] for p in points if p["code"] == "clock" and p["required"]] == ["open"]
    with pytest.raises(ClockMovedError):
        async with rt.db.write(tenant.id) as s:
            await change_state(
                s, to=State.LIVE, by=Who.OWNER, actor="cli", reason="", now=datetime.now(UTC)
            )
    # Whoever visits it reads which day it is there.
    now = (await desk.get(f"{desk.brand}/test-clock")).json()["now"]
    day = f"{datetime.fromisoformat(now):%B} {datetime.fromisoformat(now).day}"
    page = (await (await http(tenant)).get("/")).text
    assert f"This is a sandbox, and here it is {day}" in page
    # Its people stay signed in: a session is of real time.
    assert (await desk.get(f"{desk.brand}/me")).status_code == 200
    shown = (await desk.get(f"{desk.brand}/me")).json()["brand"]["programmeNow"]
    assert datetime.fromisoformat(shown) > datetime.now(UTC) + timedelta(days=27)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "days"),
        ({"days": 1, "toDay": "2999-01-01"}, "days"),
        ({"toDay": "2020-01-01"}, "toDay"),
        ({"toDay": "2999-01-01"}, "to"),
        ({"days": -1}, "days"),
    ],
)
async def test_what_cannot_be_asked_of_a_clock(
    make_tenant: Any, console: Any, asked: dict[str, Any], field: str
) -> None:
    desk = await console(await make_tenant(status="sandbox"))
    refused = await desk.post(f"{desk.brand}/test-clock/move", json=asked)
    assert refused.status_code == 422, refused.text
    assert field in refused.text
