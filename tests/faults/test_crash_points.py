"""Every crash point once: the process that reaches it is killed there, by SIGKILL.

First the journeys run undisturbed and the points they pass are written down; then each point is
armed in turn and its journey runs again until the process has died there. The fleet starts what
was killed again, callers repeat what was not answered, and at the end everything has drained and
every invariant holds: nothing lost, nothing doubled, nothing half done.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests import calls
from tests.brand_api.conftest import issue
from tests.faults.fleet import PATIENCE_S, Caller, Fleet
from tests.ports import free_port
from tests.redemption.world import SECTIONS, SHIP_TO, World, pay, product

from guerdon.ledger.verify import verify
from guerdon.runtime import Runtime
from guerdon.settings import Settings

pytestmark = pytest.mark.faults

POINTS_OF_A_JOURNEY_MIN = 60
# What is counted is written every so often, not when a journey comes by.
BY_THE_CLOCK_S = 30


class Town:
    """A brand, its callers, the fleet, and the peers: what a journey needs."""

    def __init__(self, world: World, fleet: Fleet, api: Caller, peers: Any) -> None:
        self.world, self.fleet, self.api, self.peers = world, fleet, api, peers

    async def place(self, slug: str, points: int | None) -> dict[str, Any]:
        """A new member quotes and places; both calls are repeated until they are answered."""
        who = await self.world.member(10_000, phone="+14155550123")
        quote = await self.api.call(
            "POST", "/quotes", key=str(uuid4()),
            body={"memberId": str(who.id), "points": points,
                  "lines": [{"variantId": str(self.world.variants[slug])}]},
        )  # fmt: skip
        body: dict[str, Any] = {"memberId": str(who.id), "quoteId": quote["id"]}
        if quote["ships"]:
            body["shipTo"] = {
                "name": SHIP_TO.name, "line1": SHIP_TO.line1, "city": SHIP_TO.city,
                "region": SHIP_TO.region, "postalCode": SHIP_TO.postal_code,
                "country": SHIP_TO.country, "phone": SHIP_TO.phone,
            }  # fmt: skip
        placed: dict[str, Any] = await self.api.call(
            "POST", "/redemptions", key=str(uuid4()), body=body
        )
        return placed

    async def until(self, placed: dict[str, Any], *states: str) -> dict[str, Any]:
        """Wait for one of the states, or until somebody was killed on the way."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            now: dict[str, Any] = await self.api.call("GET", f"/redemptions/{placed['id']}")
            if now["state"] in states or self.fleet.fired:
                return now
            await asyncio.sleep(0.05)
        raise AssertionError(f"{placed['id']} never came to {states}: {now}")

    def advance(self, placed: dict[str, Any]) -> None:
        """The supplier moves the parcel on, and tells so."""
        calls.post(f"{self.peers.amazon.url}/_control/orders/{placed['id']}/advance")


Journey = Callable[[Town], Awaitable[None]]


async def at_the_counter(town: Town) -> None:
    """Points only; the member fetches it."""
    await town.until(await town.place("coffee", None), "confirmed")


async def paid_and_delivered(town: Town) -> None:
    """Points and money, hosted page, webhook, supplier, parcel, settled."""
    placed = await town.place("backpack", 1000)
    waiting = await town.until(placed, "awaiting_payment")
    if waiting["paymentUrl"] is None:
        return
    await pay(waiting["paymentUrl"])
    await town.until(placed, "confirmed")
    for _ in range(6):
        town.advance(placed)
        now = await town.until(placed, "confirmed", "shipped", "delivered", "settled")
        if now["state"] in {"delivered", "settled"} or town.fleet.fired:
            break
        await asyncio.sleep(0.2)
    await town.until(placed, "settled")


async def cancelled_while_paying(town: Town) -> None:
    """The member gives up on the payment page."""
    placed = await town.place("coffee", 100)
    await town.until(placed, "awaiting_payment")
    await town.api.call(
        "POST", f"/redemptions/{placed['id']}/cancel", key=str(uuid4()), body={"reason": "member"}
    )
    await released(town, placed)


async def never_paid(town: Town) -> None:
    """The member leaves the payment page alone until its time is over."""
    placed = await town.place("coffee", 100)
    await town.until(placed, "awaiting_payment")
    async with town.world.rt.db.write(town.world.tenant.id) as s:
        await s.execute(
            "UPDATE app.outbox SET next_at = now() WHERE tenant_id = %(tenant_id)s"
            " AND topic = 'redemption.payment_due' AND payload ->> 'redemption_id' = %(id)s",
            {"id": placed["id"]},
        )
    await town.until(placed, "expired")
    await released(town, placed)


async def refused_by_the_supplier(town: Town) -> None:
    """The supplier says no after the money was authorised."""
    placed = await town.place("refused", 1000)
    waiting = await town.until(placed, "awaiting_payment")
    if waiting["paymentUrl"] is None:
        return
    await pay(waiting["paymentUrl"])
    await town.until(placed, "refused")
    await released(town, placed)


async def refunded(town: Town) -> None:
    """A reward comes back: points and money as they were paid."""
    placed = await town.place("coffee", 100)
    waiting = await town.until(placed, "awaiting_payment")
    if waiting["paymentUrl"] is None:
        return
    await pay(waiting["paymentUrl"])
    now = await town.until(placed, "confirmed")
    if now["state"] != "confirmed":
        return
    # A refund that finds the money being captured is put off: a point that is passed by chance.
    await captured(town, placed)
    key = str(uuid4())
    back = await town.api.call(
        "POST", f"/redemptions/{placed['id']}/refund", key=key, body={"reason": "damaged"}
    )
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and not town.fleet.fired:
        now = await town.api.call("GET", f"/redemptions/{back['id']}")
        if now["refunds"][0]["moneyLeg"] == "done":
            return
        await asyncio.sleep(0.05)
    assert town.fleet.fired


async def captured(town: Town, placed: dict[str, Any]) -> None:
    """Wait until the money is taken."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and not town.fleet.fired:
        now = await town.api.call("GET", f"/redemptions/{placed['id']}")
        if now["moneyLeg"] == "captured":
            return
        await asyncio.sleep(0.05)
    assert town.fleet.fired


async def released(town: Town, placed: dict[str, Any]) -> None:
    """Wait until no money is reserved."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and not town.fleet.fired:
        now = await town.api.call("GET", f"/redemptions/{placed['id']}")
        if now["moneyLeg"] == "released":
            return
        await asyncio.sleep(0.05)
    assert town.fleet.fired


# The shorter come first: a point belongs to the first journey that passes it.
JOURNEYS: tuple[Journey, ...] = (
    at_the_counter,
    cancelled_while_paying,
    never_paid,
    refunded,
    refused_by_the_supplier,
    paid_and_delivered,
)


@pytest.fixture
async def town(
    rt: Runtime, worker_rt: Runtime, settings: Settings, make_tenant: Any, peers: Any,
    tmp_path: Path,
) -> AsyncIterator[Town]:  # fmt: skip
    """A brand and the processes that serve it."""
    for peer in peers:
        peer.start()
        peer.knobs()
    port = free_port()
    sections = SECTIONS | {"integrations": {"requests_per_minute": 1_000_000}}
    client = f"amzn1.application-oa2-client.{secrets.token_hex(8)}"
    topic = f"arn:aws:sns:us-east-1:000000000000:ab-{client.rpartition('.')[2]}"
    sections["fulfilment"]["suppliers"][1]["push_topic"] = topic
    world = World(rt, worker_rt, await make_tenant(**sections))
    api_key, secret = f"sk_test_{secrets.token_hex(12)}", f"whsec_{secrets.token_hex(12)}"
    await world.connect(api_key=api_key, webhook_secret=secret, amazon_client=client)
    await world.stock_up(
        product("coffee", price="5.00", stock=5000),
        product(
            "backpack", price="89.50", stock=None, supplier="amazon", delivery="parcel",
            external_id="B0GRDN0002",
        ),
        # The supplier asks more for it than this brand believes: it will be refused.
        product(
            "refused", price="60.00", stock=None, supplier="amazon", delivery="parcel",
            external_id="B0GRDN0002",
        ),
    )  # fmt: skip
    fleet = Fleet(settings, tmp_path, port)
    calls.put(
        f"{peers.stripe.url}/_control/endpoints",
        json={"owner": api_key, "url": f"http://127.0.0.1:{port}/stripe/{world.hook_id}",
              "host": settings.hooks_authority, "secret": secret},
    ).raise_for_status()  # fmt: skip
    calls.put(
        f"{peers.amazon.url}/_control/endpoints",
        json={"owner": client, "url": f"http://127.0.0.1:{port}/amazon-business/{world.push_id}",
              "host": settings.hooks_authority},
    ).raise_for_status()  # fmt: skip
    api = Caller(port, world.tenant.canonical_host, await issue(rt, world.tenant))
    fleet.start()
    try:
        yield Town(world, fleet, api, peers)
    finally:
        fleet.stop()
        await api.close()


async def test_every_point_of_the_journey_survives_a_kill(town: Town) -> None:
    fleet = town.fleet
    journey_of: dict[str, Journey] = {}
    for journey in JOURNEYS:
        before = len(fleet.visited())
        await journey(town)
        await settle_down(town)
        for name in fleet.visited()[before:]:
            journey_of.setdefault(name, journey)
    assert len(journey_of) >= POINTS_OF_A_JOURNEY_MIN
    passed = " ".join(journey_of)
    for what in ("payment_told", "supplier_told", "payment_due", "capture", "package", "settle"):
        assert what in passed
    processes = {name.partition(":")[0] for name in journey_of}
    assert processes == {"web", "worker", "relay"}

    unvisited = []
    for name, journey in journey_of.items():
        fleet.arm(name)
        for patience_s in (5, 15, 45):
            await journey(town)
            if await died(fleet, BY_THE_CLOCK_S if "recording.flush" in name else patience_s):
                break
            fleet.renew()
        else:
            fleet.disarm()
            unvisited.append(name)
    assert unvisited == []

    await settle_down(town)
    async with town.world.rt.db.read(town.world.tenant.id) as s:
        assert (await verify(s)).findings == []
    assert await books_agree(town) == []
    assert fleet.restarts >= sum(not name.startswith("web") for name in journey_of)


async def died(fleet: Fleet, patience_s: float) -> bool:
    """Whether the armed point is reached within so many seconds of the journey's end."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if fleet.fired:
            return True
        await asyncio.sleep(0.02)
    return False


async def settle_down(town: Town) -> None:
    """Wait until nothing is under way and every invariant holds."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        found = await town.world.violations()
        if not found:
            return
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.1)


async def books_agree(town: Town) -> list[str]:
    """What the peers say against what we say: money taken and orders placed, once each."""
    wrong = []
    async with town.world.rt.db.read(town.world.tenant.id) as s:
        ours = await s.all(
            dict,
            """
            SELECT jsonb_build_object('id', id, 'reference', payment_reference,
                     'captured', captured_minor, 'order', order_leg, 'supplier', supplier)
              FROM app.redemption WHERE tenant_id = %(tenant_id)s
            """,
        )
        key = await town.world.rt.secrets.get(s, "payments.stripe.api_key")
    intents = calls.get(
        f"{town.peers.stripe.url}/_control/objects/payment_intent", params={"owner": key or ""}
    ).json()
    taken = sum(intent["amount_received"] for intent in intents)
    if taken != sum(row["captured"] for row in ours):
        wrong.append(f"{taken} taken by the provider")
    held = [i["id"] for i in intents if i["status"] == "requires_capture"]
    if held:
        wrong.append(f"still reserved: {held}")
    kept = calls.get(f"{town.peers.amazon.url}/_control/orders").json()
    shipping = [order["external_id"] for order in kept if order["packages"]]
    for row in ours:
        if row["supplier"] == "amazon":
            times = shipping.count(row["id"])
            if times != (row["order"] == "placed"):
                wrong.append(f"{row['id']} {row['order']} is shipped {times} times")
    return wrong
