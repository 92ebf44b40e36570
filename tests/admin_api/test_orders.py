"""Orders from the desk: what needs somebody first, and every action with what it gives back."""

from datetime import timedelta
from typing import Any

import pytest
from tests.redemption.conftest import world
from tests.redemption.world import World, pay

from guerdon.plumbing.breaker import Breaker

__all__ = ["world"]


@pytest.fixture
async def desk(console: Any, world: World) -> Any:
    return await console(world.tenant, roles=("owner",), name="Sam Support")


async def redeem(world: World, slug: str, *, points: int = 100_000, quantity: int = 1) -> Any:
    who = await world.member(points)
    placed = await world.place(who, await world.quote(who, slug, quantity=quantity))
    return who, placed


async def trail(desk: Any) -> list[tuple[str, dict[str, Any]]]:
    told = (await desk.get(f"{desk.brand}/audit?action=order.*")).json()["items"]
    return [(e["action"], e["summary"]) for e in reversed(told)]


async def numbers(desk: Any, query: str = "") -> list[str]:
    page = await desk.get(f"{desk.brand}/orders?{query}")
    assert page.status_code == 200, page.text
    return [row["number"] for row in page.json()["items"]]


async def test_an_order_is_cancelled_and_everything_goes_back(desk: Any, world: World) -> None:
    who, placed = await redeem(world, "coffee")
    at = f"{desk.brand}/orders/{placed.id}"
    before = (await desk.get(at)).json()
    assert before["can"]["cancel"] == {"points": 500, "moneyMinor": 0}
    assert before["can"]["refund"] is None
    assert before["member"] == {"id": str(who.id), "number": who.number, "name": "Ana Souza"}
    assert [s["kind"] for s in before["steps"]] == ["placed"]
    done = await desk.post(f"{at}/cancel", json={"reason": "asked by phone"})
    assert done.status_code == 200, done.text
    assert (done.json()["state"], done.json()["can"]["cancel"]) == ("cancelled", None)
    assert await world.available(who) == 100_000
    assert await world.left("coffee") == 10
    again = await desk.post(f"{at}/cancel", json={"reason": "asked by phone"})
    assert again.status_code == 200
    assert await trail(desk) == [
        ("order.cancelled", {
            "number": placed.number, "from": "authorised", "points": 500, "moneyMinor": 0,
            "reason": "asked by phone",
        }),
    ]  # fmt: skip


async def test_a_sent_order_cannot_be_cancelled_and_can_be_refunded_in_part(
    desk: Any, world: World
) -> None:
    who = await world.member(100_000)
    placed = await world.place(who, await world.quote(who, "coffee", quantity=3, points=750))
    await world.drain()
    assert await pay((await world.read(placed.id)).payment_url or "") == 303
    await world.drain(soon_s=60)
    at = f"{desk.brand}/orders/{placed.id}"
    found = (await desk.get(at)).json()
    assert found["state"] == "confirmed"
    late = await desk.post(f"{at}/cancel", json={"reason": "too late"})
    assert (late.status_code, late.json()["code"]) == (409, "too_late_to_cancel")
    assert found["can"]["whyNotCancel"] == "confirmed"
    assert found["can"]["refund"] == {"points": 750, "moneyMinor": 750}
    preview = await desk.get(f"{at}/refund-preview?piece=1:2")
    assert preview.json() == {"points": 500, "moneyMinor": 500}
    too_many = await desk.get(f"{at}/refund-preview?piece=1:4")
    assert (too_many.status_code, too_many.json()["code"]) == (422, "invalid")
    body = {"reason": "two were cold", "pieces": [{"line": 1, "quantity": 2}]}
    done = await desk.post(f"{at}/refund", json=body)
    assert done.status_code == 200, done.text
    assert [(r["points"], r["moneyMinor"], r["reason"]) for r in done.json()["refunds"]] == [
        (500, 500, "two were cold")
    ]
    assert done.json()["lines"][0]["left"] == 1
    assert await world.available(who) == 100_000 - 250
    more = await desk.post(f"{at}/refund", json=body)
    assert (more.status_code, more.json()["code"]) == (409, "refund_too_large")
    assert await world.available(who) == 100_000 - 250
    await world.drain(soon_s=60)
    assert await world.violations(drained=False) == []
    assert (await trail(desk))[-1] == (
        "order.refunded",
        {"number": placed.number, "points": 500, "moneyMinor": 500, "reason": "two were cold"},
    )


async def test_what_needs_somebody_comes_first_and_is_run_again(
    desk: Any, world: World, amazon_peer: Any
) -> None:
    _, stuck = await redeem(world, "backpack")
    amazon_peer.knobs(fail_rate=1.0, only="/ordering")
    for _ in range(6):
        await world.run("redemption.order")
    amazon_peer.knobs()
    await Breaker(world.worker.valkey, world.tenant.id, "amazon").worked()
    _, fresh = await redeem(world, "coffee")
    assert await numbers(desk) == [stuck.number, fresh.number]
    assert await numbers(desk, "attention=true") == [stuck.number]
    at = f"{desk.brand}/orders/{stuck.id}"
    found = (await desk.get(at)).json()
    assert (found["attention"], [p["topic"] for p in found["parked"]]) == (
        "order_unknown", ["redemption.order"],
    )  # fmt: skip
    done = await desk.post(f"{at}/replay")
    assert (done.status_code, done.json()["parked"]) == (200, [])
    await world.drain()
    after = (await desk.get(at)).json()
    assert (after["state"], after["attention"]) == ("confirmed", None)
    none = await desk.post(f"{at}/replay")
    assert (none.status_code, none.json()["code"]) == (409, "nothing_parked")
    assert await numbers(desk, "attention=true") == []
    assert await trail(desk) == [
        ("order.replayed", {"number": stuck.number, "steps": ["redemption.order"]})
    ]


async def test_the_supplier_is_asked_and_mail_goes_again(
    desk: Any, world: World, mailbox_peer: Any
) -> None:
    _, placed = await redeem(world, "backpack")
    at = f"{desk.brand}/orders/{placed.id}"
    early = await desk.post(f"{at}/ask-supplier")
    assert (early.status_code, early.json()["code"]) == (409, "nothing_to_ask")
    await world.drain()
    asked = await desk.post(f"{at}/ask-supplier")
    assert asked.json()["steps"][-1]["kind"] == "supplier_asked"
    message = next(m for m in asked.json()["messages"] if m["channel"] == "mail")
    assert (message["kind"], message["state"]) == ("redemption_confirmed", "sent")
    again = await desk.post(f"{at}/messages/{message['id']}/send-again")
    told = next(m for m in again.json()["messages"] if m["channel"] == "mail")
    assert told["state"] == "queued"
    await world.drain()
    sent = next(m for m in (await desk.get(at)).json()["messages"] if m["channel"] == "mail")
    assert (sent["id"], sent["state"]) == (told["id"], "sent")
    other = await desk.post(f"{at}/messages/{placed.id}/send-again")
    assert other.status_code == 422


async def test_who_may_not_act_changes_nothing(desk: Any, console: Any, world: World) -> None:
    who, placed = await redeem(world, "coffee")
    analyst = await console(world.tenant, roles=("analyst",))
    at = f"{analyst.brand}/orders/{placed.id}"
    refused = [
        await analyst.post(f"{at}/cancel", json={"reason": "because"}),
        await analyst.post(f"{at}/refund", json={"reason": "because"}),
        await analyst.post(f"{at}/replay"),
        await analyst.post(f"{at}/ask-supplier"),
    ]
    assert {r.json()["code"] for r in refused} == {"permission_missing"}
    agent = await console(world.tenant, roles=("support_agent",))
    no_refund = await agent.post(f"{at}/refund", json={"reason": "because"})
    assert no_refund.json()["params"] == {"permission": "orders:refund"}
    assert await world.available(who) == 100_000 - 500
    assert (await world.read(placed.id)).state == "authorised"
    assert await trail(desk) == []
    # Who may not see members reads neither name nor address, and is not told of.
    seen = (await analyst.get(at)).json()
    assert (seen["member"]["name"], seen["shipTo"]) == (None, None)
    viewed = (await desk.get(f"{desk.brand}/audit?action=member.viewed")).json()["items"]
    assert viewed == []


async def test_orders_are_filtered_and_paged(desk: Any, world: World) -> None:
    who, first = await redeem(world, "coffee")
    _, second = await redeem(world, "coffee")
    third = await world.place(who, await world.quote(who, "coffee"))
    await desk.post(f"{desk.brand}/orders/{second.id}/cancel", json={"reason": "no need"})
    assert await numbers(desk) == [third.number, second.number, first.number]
    assert await numbers(desk, "state=cancelled") == [second.number]
    assert await numbers(desk, f"memberId={who.id}") == [third.number, first.number]
    assert await numbers(desk, f"number={first.number.lower()}") == [first.number]
    today = world.now.date()
    assert await numbers(desk, f"until={today - timedelta(days=1)}") == []
    assert len(await numbers(desk, f"since={today}&until={today}")) == 3
    assert await numbers(desk, f"since={today + timedelta(days=1)}") == []
    assert await numbers(desk, "supplier=amazon") == []
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await desk.get(f"{desk.brand}/orders?limit=1{cursor}")).json()
        seen += [row["number"] for row in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert seen == [third.number, second.number, first.number]
