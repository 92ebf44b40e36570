"""What a day takes from members is told: expiries before their day, tiers when their year ends."""

import copy
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx2
import pytest
from tests.redemption.world import SECTIONS, World

from guerdon.earning.operations import earn
from guerdon.earning.schemas import Event
from guerdon.kit.ids import uuid7
from guerdon.ledger import operations as ledger
from guerdon.ledger.queries import expiring
from guerdon.members.schemas import Member
from guerdon.notifications import expiring as notices
from guerdon.notifications.expiring import AnnounceExpiries, AnnounceExpiriesDue
from guerdon.notifications.parameters import NotificationParameters
from guerdon.runtime import Runtime
from guerdon.tiers import turn
from guerdon.tiers.turn import TurnTierYear, TurnTierYearDue

LADDER = {
    "period": "calendar_year",
    "tiers": [
        {"key": "base", "threshold": 0, "name": {"en": "Member", "pt-BR": "Membro"}},
        {"key": "gold", "threshold": 100, "name": {"en": "Gold", "pt-BR": "Ouro"}},
    ],
}


@pytest.fixture
async def brand(rt: Runtime, worker_rt: Runtime, make_tenant: Any, peers: Any) -> World:
    """A brand whose points live for sixty days and whose tiers are of a calendar year."""
    peers.mailbox.start()
    peers.mailbox.knobs()
    sections = copy.deepcopy(SECTIONS)
    sections["points"]["validity"] = {"model": "rolling", "days": 60}
    return World(rt, worker_rt, await make_tenant(**sections, tiers=LADDER))


async def apply(world: World, effect: Any, message: Any, now: datetime) -> None:
    async with world.worker.db.write(world.tenant.id) as s:
        await effect.apply(world.worker, s, message, now)


async def announce(world: World, day: date) -> None:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    await apply(world, AnnounceExpiriesDue(), AnnounceExpiries(), noon)


async def last_day(world: World, who: Member) -> date:
    async with world.rt.db.read(world.tenant.id) as s:
        (lot, *_) = await expiring(s, account_id=who.account_id, today=date(2000, 1, 1))
    assert lot.expires_on is not None
    return lot.expires_on


async def told(world: World, kind: str, who: Member) -> list[dict[str, Any]]:
    """The events of a kind about a member, in order."""
    async with world.rt.db.read(world.tenant.id) as s:
        return await s.all(
            dict,
            "SELECT data FROM app.webhook_event WHERE tenant_id = %(tenant_id)s"
            " AND type = %(kind)s AND member_id = %(who)s ORDER BY sequence",
            {"kind": kind, "who": who.id},
        )


def letters(peers: Any, who: Member) -> list[str]:
    """What was written to a member, oldest first."""
    found = httpx2.get(f"{peers.mailbox.url}/api/messages", params={"to": who.email}).json()
    return [one["subject"] for one in found["items"]][::-1]


async def test_an_expiry_is_told_of_thirty_and_seven_days_before_and_once_each(
    brand: World, peers: Any
) -> None:
    ana, bo = await brand.member(), await brand.member()
    for points in (40, 2):
        await brand.earn(ana, points)
    await brand.earn(bo, 500)
    last = await last_day(brand, ana)
    await announce(brand, last - timedelta(days=31))
    await brand.drain()
    assert letters(peers, ana) == []
    # What was spent meanwhile is nobody's worry.
    async with brand.rt.db.write(brand.tenant.id) as s:
        await ledger.hold(
            s, id=uuid7(), account_id=bo.account_id, points=500, purpose="redemption",
            expires_at=brand.now + timedelta(days=300), version=1, now=brand.now,
        )  # fmt: skip
    for days in (30, 30, 29, 8, 7, 7, 1, 0):
        await announce(brand, last - timedelta(days=days))
        await brand.drain()
    assert await told(brand, "points.expiring", ana) == [
        {"points": 42, "lastDay": last.isoformat(), "days": days, "notice": days}
        for days in (30, 7)
    ]
    assert letters(peers, ana) == ["42\u00a0points will expire"] * 2
    assert await told(brand, "points.expiring", bo) == []


async def test_after_an_outage_one_notice_is_enough(brand: World, peers: Any) -> None:
    ana = await brand.member()
    await brand.earn(ana, 40)
    last = await last_day(brand, ana)
    for days in (40, 5, 4):
        await announce(brand, last - timedelta(days=days))
    await brand.drain()
    assert await told(brand, "points.expiring", ana) == [
        {"points": 40, "lastDay": last.isoformat(), "days": 5, "notice": 7}
    ]
    assert letters(peers, ana) == ["40\u00a0points will expire"]


async def test_many_are_told_in_pieces(brand: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "_CHUNK", 2)
    people = [await brand.member(3) for _ in range(5)]
    last = await last_day(brand, people[0])
    counts = []
    for _ in range(4):
        await announce(brand, last - timedelta(days=30))
        async with brand.rt.db.read(brand.tenant.id) as s:
            counts.append(
                await s.value(
                    "SELECT count(*) FROM app.outbox WHERE tenant_id = %(tenant_id)s"
                    " AND payload->>'type' = 'points.expiring'"
                )
            )
    assert counts == [2, 4, 5, 5]


async def test_who_loses_a_tier_with_its_year_hears_of_it_once(
    brand: World, peers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "_CHUNK", 1)
    start = brand.now
    ana, bo, cy = await brand.member(language="pt-BR"), await brand.member(), await brand.member()
    began = datetime(start.year + 1, 1, 1, tzinfo=UTC)

    async def gain(who: Member, points: int, at: datetime) -> None:
        event = Event(
            account_id=who.account_id, member_id=who.id, source="test", event_id=str(uuid7()),
            points=points, qualifies=True, occurred_at=at,
        )  # fmt: skip
        await earn(brand.rt, tenant_id=brand.tenant.id, event=event, now=at)

    for who, points in ((ana, 150), (bo, 100), (cy, 99)):
        await gain(who, points, start)
    for at in (start, began - timedelta(seconds=1)):
        await apply(brand, TurnTierYearDue(), TurnTierYear(), at)
    # Bo is in gold again before the scheduler comes: nothing is lost.
    await gain(bo, 100, began + timedelta(minutes=10))
    for _ in range(6):
        await apply(brand, TurnTierYearDue(), TurnTierYear(), began + timedelta(minutes=30))
    await brand.drain()
    up = {"from": "base", "to": "gold", "qualifyingPoints": 100}
    assert await told(brand, "tier.changed", ana) == [
        up | {"qualifyingPoints": 150},
        {"from": "gold", "to": "base", "qualifyingPoints": 0, "yearEnded": start.year},
    ]
    assert await told(brand, "tier.changed", bo) == [up, up]
    assert await told(brand, "tier.changed", cy) == []
    assert letters(peers, ana) == [
        "Você chegou ao nível Ouro", "Agora você está no nível Membro",
    ]  # fmt: skip
    assert letters(peers, bo) == ["You have reached Gold"] * 2
    assert letters(peers, cy) == []


def test_the_last_notice_comes_after_the_first() -> None:
    def found(**fields: int) -> list[str]:
        return [finding.path for finding in NotificationParameters(**fields).check()]

    wrong = "notifications.expiry_last_notice_days"
    assert found(expiry_notice_days=7, expiry_last_notice_days=7) == [wrong]
    assert found(expiry_notice_days=0, expiry_last_notice_days=7) == []
    assert NotificationParameters(expiry_notice_days=0).expiry_notices == (7,)
    assert NotificationParameters(expiry_last_notice_days=0).expiry_notices == (30,)
