"""A change set on some members: who is in, what they have, and how it ends."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from tests.parameters.conftest import ALONE, NOW, TWO, Desk

from guerdon.earning.operations import earn, earn_many
from guerdon.earning.schemas import Event, Whose
from guerdon.kit.errors import InvalidError
from guerdon.kit.ids import uuid7
from guerdon.kit.money import Money
from guerdon.ledger.parameters import PointsParameters
from guerdon.members.operations import join
from guerdon.members.schemas import Member
from guerdon.parameters import rollouts
from guerdon.parameters.change_sets import Approval, ChangeSet, OwnChangeError
from guerdon.parameters.rollouts import NoRolloutError, Rollout, bucket
from guerdon.parameters.timeline import RolloutRunningError
from guerdon.runtime import Runtime
from guerdon.simulation.rollout_report import report


async def roll_out(
    desk: Desk, change_set: ChangeSet, percent: int, *members: UUID, actor: str = "ann",
    approval: Approval = ALONE,
) -> ChangeSet:  # fmt: skip
    made = await desk.do(
        rollouts.start, change_set, registry=True, row_version=None, approval=approval,
        percent=percent, members=members, actor=actor,
    )  # fmt: skip
    await desk.rt.snapshots.load(desk.tenant.id)
    return made


async def end(desk: Desk, change_set: ChangeSet, how: str, actor: str = "ann") -> ChangeSet:
    more: dict[str, Any] = {"approval": ALONE} if how == "promote" else {}
    done = await desk.do(getattr(rollouts, how), change_set, registry=True, actor=actor, **more)
    await desk.rt.snapshots.load(desk.tenant.id)
    return done


async def factor(desk: Desk, member_id: UUID) -> str:
    snapshot = await desk.rt.snapshot(desk.tenant.id, desk.now, member_id=member_id)
    return snapshot[PointsParameters].earn_factor


async def member(rt: Runtime, desk: Desk) -> Member:
    member_id = uuid7()
    async with rt.db.write(desk.tenant.id) as s:
        return await join(
            s, id=member_id, email=f"{member_id.hex}@mail.example", name="Ana",
            snapshot=await rt.snapshot(desk.tenant.id, desk.now), now=desk.now, phone="",
            language="en", email_verified=True,
        )  # fmt: skip


async def sides(rt: Runtime, desk: Desk, of: ChangeSet) -> tuple[Member, Member]:
    """A member below 50 % and one above."""
    inside = outside = None
    while inside is None or outside is None:
        who = await member(rt, desk)
        if bucket(of.id, who.id) < 5000:
            inside = who
        else:
            outside = who
    return inside, outside


def test_the_same_member_is_always_on_the_same_side() -> None:
    change_set_id = UUID("01932d5e-0000-7000-8000-000000000001")
    people = [UUID(int=n) for n in range(10_000)]
    some = rollout_of(change_set_id, 30)
    more = rollout_of(change_set_id, 60)
    inside = {p for p in people if some.takes(p)}
    assert inside == {p for p in people if some.takes(p)}
    # 3,000 expected; three standard deviations are 137.
    assert abs(len(inside) - 3000) <= 137
    assert inside <= {p for p in people if more.takes(p)}
    other = {p for p in people if rollout_of(UUID(int=7), 30).takes(p)}
    assert abs(len(inside & other) - 900) <= 100


def rollout_of(change_set_id: UUID, percent: int, *members: UUID) -> Rollout:
    return Rollout(change_set_id, "", None, NOW, "ann", percent, list(members), None, None)


async def test_who_is_in_earns_by_the_draft_and_the_others_by_what_is_in_force(
    rt: Runtime, desk: Desk
) -> None:
    started = await roll_out(desk, await desk.begin(points__earn_factor="3"), 50)
    inside, outside = await sides(rt, desk, started)
    assert (await factor(desk, inside.id), await factor(desk, outside.id)) == ("3", "1")
    points = []
    for who in (inside, outside):
        earned = await earn(
            rt, tenant_id=desk.tenant.id, now=desk.now,
            event=Event(whose=Whose(number=who.number), source="till", event_id=f"{who.id}",
                        amount=Money(10_000, "BRL"), occurred_at=desk.now),
        )  # fmt: skip
        points.append(earned.points)
    assert points == [300, 100]
    batch = await earn_many(
        rt, tenant_id=desk.tenant.id, now=desk.now,
        events=[
            Event(account_id=who.account_id, member_id=who.id, source="till",
                  event_id=f"{who.id}-{n}", amount=Money(10_000, "BRL"), occurred_at=desk.now)
            for n, who in enumerate((outside, inside, outside))
        ],
    )  # fmt: skip
    assert [row.earned.points for row in batch if row.earned] == [100, 300, 100]
    async with rt.db.read(desk.tenant.id) as s:
        versions = await s.all(
            int,
            "SELECT DISTINCT parameters_version FROM app.ledger_txn"
            " WHERE tenant_id = %(tenant_id)s ORDER BY 1",
        )
    assert versions == [1, started.version]


async def test_it_ends_in_force_for_all_or_for_nobody(rt: Runtime, desk: Desk) -> None:
    started = await roll_out(desk, await desk.begin(points__earn_factor="3"), 50)
    inside, outside = await sides(rt, desk, started)
    stopped = await end(desk, started, "stop")
    assert (stopped.state, await factor(desk, inside.id)) == ("draft", "1")
    again = await roll_out(desk, stopped, 50)
    promoted = await end(desk, again, "promote")
    assert promoted.state == "published"
    assert (await factor(desk, inside.id), await factor(desk, outside.id)) == ("3", "3")
    for how in ("promote", "stop"):
        with pytest.raises(NoRolloutError):
            await end(desk, promoted, how)
    async with rt.db.read(desk.tenant.id) as s:
        assert [(r.outcome, r.percent) for r in await rollouts.every(s)] == [
            ("promoted", 50), ("stopped", 50),
        ]  # fmt: skip


async def test_what_is_published_meanwhile_reaches_both_sides(rt: Runtime, desk: Desk) -> None:
    started = await roll_out(desk, await desk.begin(points__earn_factor="3"), 50)
    inside, outside = await sides(rt, desk, started)
    await desk.publish(await desk.begin(points__price_factor="120"))
    await rt.snapshots.load(desk.tenant.id)
    for who, earned in ((inside, "3"), (outside, "1")):
        snapshot = await rt.snapshot(desk.tenant.id, desk.now, member_id=who.id)
        points = snapshot[PointsParameters]
        assert (points.earn_factor, points.price_factor) == (earned, "120")


async def test_members_can_be_named_and_the_share_widened(rt: Runtime, desk: Desk) -> None:
    ana, rui = await member(rt, desk), await member(rt, desk)
    started = await roll_out(desk, await desk.begin(points__earn_factor="3"), 0, ana.id)
    assert (await factor(desk, ana.id), await factor(desk, rui.id)) == ("3", "1")
    async with rt.db.write(desk.tenant.id) as s:
        wider = await rollouts.widen(
            s, change_set_id=started.id, percent=99, members=[], now=desk.now
        )
    await rt.snapshots.load(desk.tenant.id)
    assert await factor(desk, rui.id) == ("3" if wider.takes(rui.id) else "1")


async def test_one_at_a_time_and_nothing_on_the_schedule(desk: Desk) -> None:
    started = await roll_out(desk, await desk.begin(points__earn_factor="3"), 10)
    with pytest.raises(RolloutRunningError):
        await roll_out(desk, await desk.begin(points__price_factor="90"), 10)
    with pytest.raises(RolloutRunningError):
        await desk.schedule(await desk.begin(points__price_factor="90"), "2026-12-01T00:00")
    await end(desk, started, "stop")
    await desk.schedule(await desk.begin(points__price_factor="90"), "2026-12-01T00:00")
    with pytest.raises(RolloutRunningError):
        await roll_out(desk, await desk.begin(points__earn_factor="4"), 10)


@pytest.mark.parametrize(("percent", "count"), [(0, 0), (100, 0), (-1, 0), (10, 501)])
async def test_a_rollout_to_nobody_or_everybody_is_refused(
    desk: Desk, percent: int, count: int
) -> None:
    draft = await desk.begin(points__earn_factor="3")
    with pytest.raises(InvalidError):
        await roll_out(desk, draft, percent, *(UUID(int=n) for n in range(count)))
    assert (await desk.look(draft)).state == "draft"


async def test_nobody_rolls_out_or_promotes_their_own_change(desk: Desk) -> None:
    draft = await desk.submit(await desk.begin(points__earn_factor="3"))
    with pytest.raises(OwnChangeError):
        await roll_out(desk, draft, 10, approval=TWO)
    started = await roll_out(desk, draft, 10, actor="ben", approval=TWO)
    with pytest.raises(OwnChangeError):
        await desk.do(rollouts.promote, started, registry=True, approval=TWO, actor="ann")
    assert (await desk.look(started)).state == "scheduled"


async def test_the_report_says_nothing_of_too_few_and_finds_what_is_there(
    rt: Runtime, desk: Desk
) -> None:
    started = await roll_out(desk, await desk.begin(points__earn_factor="3"), 50)
    desk.now += timedelta(seconds=1)
    people = [await member(rt, desk) for _ in range(4)]
    async with rt.db.read(desk.tenant.id) as s:
        running = await rollouts.running(s)
    assert running is not None
    for n, who in enumerate(people):
        await earn(
            rt, tenant_id=desk.tenant.id, now=desk.now,
            event=Event(account_id=who.account_id, member_id=who.id, source="till",
                        event_id=str(n), amount=Money(10_000, "BRL"), occurred_at=desk.now),
        )  # fmt: skip
    real = rt.clock.now()
    early = real - timedelta(minutes=5)
    window = msgspec.structs.replace(running, started_at=early)
    async with rt.db.read(desk.tenant.id) as s:
        told = await report(s, rollout=window, now=real + timedelta(minutes=5))
    inside = [who for who in people if running.takes(who.id)]
    assert (told.inside.members, told.outside.members) == (len(inside), 4 - len(inside))
    assert (told.inside.earned, told.outside.earned) == (
        300 * len(inside), 100 * (4 - len(inside)),
    )  # fmt: skip
    assert (told.earned, told.redeemed) == (None, None)
    assert started.version is not None
