"""Members from the desk: found by whatever they say, explained, corrected with two people."""

from typing import Any

import pytest
from tests.redemption.conftest import world
from tests.redemption.world import World

from guerdon.kit.ids import uuid7
from guerdon.members import operations, personal_data
from guerdon.members.operations import join
from guerdon.members.schemas import Member
from guerdon.members.search import find
from guerdon.runtime import Runtime

__all__ = ["world"]


async def newcomer(world: World, name: str, **more: Any) -> Member:
    member_id = uuid7()
    email = more.pop("email", f"{member_id.hex}@mail.example")
    async with world.rt.db.write(world.tenant.id) as s:
        return await join(
            s, id=member_id, email=email, name=name,
            snapshot=await world.rt.snapshot(world.tenant.id, world.now), now=world.now, **more,
        )  # fmt: skip


@pytest.fixture
async def desk(console: Any, world: World) -> Any:
    return await console(world.tenant, roles=("support_agent",), name="Sam Support")


async def names(desk: Any, text: str) -> list[str]:
    page = await desk.get(f"{desk.brand}/members", params={"q": text})
    assert page.status_code == 200, page.text
    return [row["name"] for row in page.json()["items"]]


async def test_a_member_is_found_by_what_they_say(desk: Any, world: World) -> None:
    ana = await newcomer(
        world, "Ana Lúcia de Souza", email="ana.souza@mail.example", phone="+5511987654321",
        external_id="CRM-77",
    )  # fmt: skip
    await newcomer(world, "Anabela Souto", email="bela@mail.example")
    assert ana.number is not None
    for text in (
        ana.number, f" {ana.number[:4]} {ana.number[4:]} ", "ANA.SOUZA@mail.example", "CRM-77",
        "+55 11 98765-4321", "98765-4321", "ana lucia", "Souza, Ana", "lúcia", "ana.souza@",
    ):  # fmt: skip
        assert await names(desk, text) == ["Ana Lúcia de Souza"], text
    assert await names(desk, "ana sou") == ["Ana Lúcia de Souza", "Anabela Souto"]
    assert await names(desk, "nobody") == []
    assert await names(desk, "87654321000") == []
    assert await names(desk, "") == ["Anabela Souto", "Ana Lúcia de Souza"]


async def test_whoever_changes_or_leaves_is_found_so_no_more(world: World, desk: Any) -> None:
    ana = await newcomer(world, "Ana Souza", email="first@mail.example")
    async with world.rt.db.write(world.tenant.id) as s:
        snapshot = await world.rt.snapshot(world.tenant.id, world.now)
        await operations.update(
            s, member_id=ana.id, snapshot=snapshot, now=world.now, name="Beatriz Lima"
        )
    assert await names(desk, "souza") == []
    assert await names(desk, "beatriz") == ["Beatriz Lima"]
    async with world.rt.db.write(world.tenant.id) as s:
        await personal_data.erase(s, member_id=ana.id, requested_by="brand", now=world.now)
    assert await names(desk, "beatriz") == []
    async with world.rt.db.read(world.tenant.id) as s:
        assert await s.value(
            "SELECT count(*) FROM app.member_word WHERE tenant_id = %(tenant_id)s"
        ) == 0  # fmt: skip


async def test_a_member_is_explained_and_the_trail_tells_who_looked(
    desk: Any, console: Any, world: World
) -> None:
    who = await world.member(1_200)
    await world.place(who, await world.quote(who, "coffee"))
    at = f"{desk.brand}/members/{who.id}"
    found = (await desk.get(at)).json()
    assert (found["name"], found["balance"]["available"], found["balance"]["held"]) == (
        "Ana Souza", 700, 500,
    )  # fmt: skip
    assert (found["buckets"]["earned"], found["buckets"]["posted"]) == (1_200, 1_200)
    assert [lot["remaining"] for lot in found["lots"]] == [700]
    assert found["adjustmentApprovalLimit"] == 10_000
    history = (await desk.get(f"{at}/history")).json()["items"]
    assert [(e["kind"], e["points"], e["balanceAfter"]) for e in history] == [
        ("earn", 1_200, 1_200)
    ]
    told = (await desk.get(f"{at}/history/{history[0]['id']}")).json()
    assert (told["entry"]["explanation"]["amount_minor"], told["entry"]["explanation"]["factor"]) \
        == (120_000, "1")  # fmt: skip
    assert [lot["points"] for lot in told["lots"]] == [1_200]
    assert told["versionSince"] == "2020-01-01T00:00:00Z"
    stranger = await world.member(5)
    foreign = await desk.get(f"{desk.brand}/members/{stranger.id}/history/{history[0]['id']}")
    assert foreign.status_code == 404
    owner = await console(world.tenant)
    viewed = (await owner.get(f"{owner.brand}/audit?action=member.viewed")).json()["items"]
    assert [(e["actorName"], e["subject"]) for e in viewed] == [("Sam Support", f"member:{who.id}")]
    analyst = await console(world.tenant, roles=("analyst",))
    refused = await analyst.get(f"{analyst.brand}/members/{who.id}")
    assert refused.json()["params"] == {"permission": "members:read"}


async def test_points_are_corrected_with_a_reason(desk: Any, console: Any, world: World) -> None:
    who = await world.member(1_200)
    at = f"{desk.brand}/members/{who.id}/adjustments"
    headers = {"idempotency-key": "once"}
    body = {"points": 250, "reason": "Lost receipt of 3 May"}
    done = await desk.post(at, json=body, headers=headers)
    assert done.status_code == 201, done.text
    assert (done.json()["points"], done.json()["posted"]) == (250, 1_450)
    again = await desk.post(at, json=body, headers=headers)
    assert again.json() == done.json()
    assert await world.available(who) == 1_450
    entry = f"{desk.brand}/members/{who.id}/history/{done.json()['transactionId']}"
    told = (await desk.get(entry)).json()
    assert (told["askedBy"], told["approvedBy"]) == ("Sam Support", "")
    for wrong, status, code in (
        ({"points": 0, "reason": "nothing"}, 422, "points_out_of_range"),
        ({"points": 5, "reason": ""}, 422, "invalid"),
        ({"points": -2_000, "reason": "too much"}, 409, "not_enough_points"),
    ):
        refused = await desk.post(at, json=wrong)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert await world.available(who) == 1_450
    analyst = await console(world.tenant, roles=("analyst",))
    no = await analyst.post(f"{analyst.brand}/members/{who.id}/adjustments", json=body)
    assert (no.status_code, await world.available(who)) == (403, 1_450)
    owner = await console(world.tenant)
    told = (await owner.get(f"{owner.brand}/audit?action=points.*")).json()["items"]
    assert [(e["action"], e["actorName"], e["summary"]) for e in told] == [
        ("points.adjusted", "Sam Support", body)
    ]


async def test_a_large_correction_waits_for_another_person(
    console: Any, world: World, rt: Runtime
) -> None:
    who = await world.member(1_000)
    asker = await console(world.tenant, name="Olga Owner")
    asked = await asker.post(
        f"{asker.brand}/members/{who.id}/adjustments",
        json={"points": 50_000, "reason": "Migration error"},
    )
    assert (asked.json()["transactionId"], asked.json()["posted"]) == (None, None)
    request = asked.json()["requestId"]
    assert await world.available(who) == 1_000
    (own,) = (await asker.get(f"{asker.brand}/adjustments")).json()["items"]
    assert (own["own"], own["memberName"], own["balance"], own["requestedBy"]) == (
        True, "Ana Souza", 1_000, "Olga Owner",
    )  # fmt: skip
    for decision in ("approve", "reject"):
        refused = await asker.post(f"{asker.brand}/adjustments/{request}/{decision}")
        assert (refused.status_code, refused.json()["code"]) == (409, "four_eyes")
    agent = await console(world.tenant, roles=("support_agent",))
    no = await agent.post(f"{agent.brand}/adjustments/{request}/approve")
    assert (no.status_code, no.json()["code"]) == (403, "permission_missing")
    assert await world.available(who) == 1_000
    boss = await console(world.tenant, roles=("approver",), name="Bea Boss")
    done = await boss.post(f"{boss.brand}/adjustments/{request}/approve")
    assert (done.status_code, done.json()["items"]) == (200, [])
    assert await world.available(who) == 51_000
    twice = await boss.post(f"{boss.brand}/adjustments/{request}/approve")
    assert (twice.status_code, await world.available(who)) == (409, 51_000)
    told = (await asker.get(f"{asker.brand}/audit?subject=member:{who.id}")).json()["items"]
    assert [(e["action"], e["actorName"]) for e in told] == [
        ("points.adjustment_approved", "Bea Boss"),
        ("points.adjustment_requested", "Olga Owner"),
    ]


async def test_what_is_turned_down_makes_no_points(console: Any, world: World) -> None:
    who = await world.member(1_000)
    asker = await console(world.tenant)
    asked = await asker.post(
        f"{asker.brand}/members/{who.id}/adjustments",
        json={"points": 50_000, "reason": "Migration error"},
    )
    boss = await console(world.tenant, roles=("approver",))
    request = asked.json()["requestId"]
    done = await boss.post(f"{boss.brand}/adjustments/{request}/reject")
    assert (done.json()["items"], await world.available(who)) == ([], 1_000)


async def test_a_search_walks_indexes_whatever_it_is_for(world: World) -> None:
    async with world.rt.db.read(world.tenant.id) as s:
        for text in ("a b c d e f g", "%", "'", "🙂", "+1", "x" * 200, "王小明"):
            assert await find(s, text=text) == []
