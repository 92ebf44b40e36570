"""Amazon Pay through the whole journey, and a programme that changes its provider on the way."""

import copy
import secrets
from typing import Any

import pytest
from tests import calls
from tests.payments.amazon_store import AmazonStore, agree, keep, open_store
from tests.redemption.test_hooks import events, secret, signed
from tests.redemption.world import SECTIONS, World, pay, product

from guerdon.kit.ids import uuid7
from guerdon.parameters.operations import publish
from guerdon.parameters.timeline import content_in_force
from guerdon.payments.errors import PaymentNotConfiguredError
from guerdon.redemption import inbox, operations
from guerdon.runtime import Runtime


@pytest.fixture
def store(amazon_pay_peer: Any) -> AmazonStore:
    return open_store(amazon_pay_peer)


async def open_brand(
    rt: Runtime, worker_rt: Runtime, make_tenant: Any, peers: Any, store: AmazonStore, provider: str
) -> World:
    for peer in peers:
        peer.start()
        peer.knobs()
    sections = copy.deepcopy(SECTIONS)
    sections["payments"] = {"provider": provider, "statement": "COPPER KETTLE"}
    world = World(rt, worker_rt, await make_tenant(**sections))
    await world.connect(
        api_key=f"sk_test_{secrets.token_hex(12)}",
        webhook_secret=f"whsec_{secrets.token_hex(12)}",
        amazon_client=f"amzn1.application-oa2-client.{secrets.token_hex(8)}",
    )
    await keep(rt, world.tenant, store)
    await world.stock_up(product("coffee", price="5.00", stock=50))
    return world


@pytest.fixture
async def amazon(
    rt: Runtime, worker_rt: Runtime, make_tenant: Any, peers: Any, store: AmazonStore
) -> World:
    """A brand that takes Amazon Pay."""
    return await open_brand(rt, worker_rt, make_tenant, peers, store, "amazon_pay")


@pytest.fixture
async def world(
    rt: Runtime, worker_rt: Runtime, make_tenant: Any, peers: Any, store: AmazonStore
) -> World:
    """A brand that takes Stripe and has credentials for both."""
    return await open_brand(rt, worker_rt, make_tenant, peers, store, "stripe")


async def switch(world: World, provider: str) -> int:
    """Publish another provider; the new version."""
    async with world.rt.db.write(world.tenant.id) as s:
        content = await content_in_force(s, world.now)
        content["payments"]["provider"] = provider
        published = await publish(
            s, registry=world.rt.snapshots.registry, content=content, author="test", now=world.now
        )
    await world.rt.snapshots.load(world.tenant.id)
    await world.worker.snapshots.load(world.tenant.id)
    return published.version


async def begin(world: World) -> Any:
    """A redemption with 100 points and 4.50 USD that waits for its payment."""
    ana = await world.member(1000)
    placed = await world.place(ana, await world.quote(ana, "coffee", points=100))
    found = await world.read(placed.id)
    assert found.state == "awaiting_payment"
    return found


async def provider_of(world: World, redemption_id: Any) -> tuple[str, str]:
    async with world.rt.db.read(world.tenant.id) as s:
        found = await s.value(
            "SELECT ARRAY[payment_provider, payment_reference] FROM app.redemption"
            " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": redemption_id},
        )
    return found[0], found[1]


async def finish(world: World) -> None:
    await world.run("redemption.sync_payment")
    await world.drain()


async def refund(world: World, redemption_id: Any) -> None:
    async with world.rt.db.write(world.tenant.id) as s:
        await operations.refund(
            s, redemption_id=redemption_id, refund_id=uuid7(), pieces=None, reason="returned",
            now=world.now,
        )  # fmt: skip
    await world.drain()


async def test_points_and_money_through_amazons_page(amazon: World, amazon_pay_peer: Any) -> None:
    found = await begin(amazon)
    assert found.payment_url.startswith(amazon_pay_peer.url)
    assert (await agree(found.payment_url)).status_code == 303
    await operations.came_back(
        amazon.rt, tenant_id=amazon.tenant.id, redemption_id=found.id, now=amazon.now
    )
    after = await amazon.read(found.id)
    assert (after.state, after.money_leg) == ("authorised", "authorised")
    provider, reference = await provider_of(amazon, found.id)
    assert (provider, "-C" in reference) == ("amazon_pay", True)
    await amazon.drain()
    after = await amazon.read(found.id)
    assert (after.state, after.money_leg, after.captured_minor) == ("confirmed", "captured", 450)
    assert await amazon.violations() == []


async def test_a_notification_moves_the_redemption_once(
    amazon: World, http: Any, amazon_pay_peer: Any, store: AmazonStore, listener: Any
) -> None:
    """The store's own business is told at the same address; it is taken in and left alone."""
    calls.put(
        f"{amazon_pay_peer.url}/_control/endpoints",
        json={"owner": store.public_key_id, "url": listener.url},
    ).raise_for_status()
    async with amazon.rt.db.write(amazon.tenant.id) as s:
        hook_id = await inbox.open_hook(s, provider=inbox.AMAZON_PAY)
    found = await begin(amazon)
    await agree(found.payment_url)
    await finish(amazon)
    hooks = await http(amazon.rt.settings.hooks_authority)
    for told in await listener.wait_for(2):
        for _ in range(2):
            answer = await hooks.post(f"/amazon-pay/{hook_id}", content=told.body)
            assert answer.status_code == 200, answer.text
        forged = told.body.replace(b"S01-", b"S02-")
        answer = await hooks.post(f"/amazon-pay/{hook_id}", content=forged)
        assert (answer.status_code, answer.json()["code"]) == (400, "forged_event")
    assert (await hooks.post("/amazon-pay/nobody", content=b"{}")).status_code == 404
    await amazon.drain()
    assert (await amazon.steps(found.id)).count("authorised") == 1
    assert await amazon.violations() == []


async def test_a_hard_decline_gives_everything_back(amazon: World) -> None:
    found = await begin(amazon)
    await agree(found.payment_url, "amex-8431")
    await finish(amazon)
    after = await amazon.read(found.id)
    assert (after.state, after.reason, after.points_leg) == (
        "refused",
        "payment_declined",
        "voided",
    )
    assert await amazon.violations() == []


async def test_agreed_but_never_returned_ends_at_the_time_to_pay(amazon: World) -> None:
    """The member closed the browser after agreeing: just in time is in time."""
    found = await begin(amazon)
    await agree(found.payment_url)
    await amazon.run("redemption.payment_due")
    after = await amazon.read(found.id)
    assert after.state == "authorised"
    unpaid = await begin(amazon)
    await amazon.run("redemption.payment_due")
    await amazon.drain()
    assert (await amazon.read(unpaid.id)).state == "expired"
    assert await amazon.violations() == []


async def test_a_cancelled_redemption_is_never_completed(
    amazon: World, amazon_pay_peer: Any, store: AmazonStore
) -> None:
    ana = await amazon.member(1000)
    placed = await amazon.place(ana, await amazon.quote(ana, "coffee", points=100))
    found = await amazon.read(placed.id)
    assert found.payment_url is not None
    await amazon.cancel(found.id, ana)
    await agree(found.payment_url)
    await finish(amazon)
    after = await amazon.read(found.id)
    assert (after.state, after.money_leg) == ("cancelled", "released")
    charges = calls.get(
        f"{amazon_pay_peer.url}/_control/objects/charge", params={"owner": store.public_key_id}
    ).json()
    assert charges == []
    assert await amazon.violations() == []


@pytest.mark.parametrize("lost", ["/complete", "/capture", "/refunds"])
async def test_lost_answers_move_money_once(
    amazon: World, amazon_pay_peer: Any, store: AmazonStore, lost: str
) -> None:
    found = await begin(amazon)
    await agree(found.payment_url)
    amazon_pay_peer.knobs(drop_after_next=1, only=lost)
    await finish(amazon)
    for _ in range(3):
        await amazon.run("redemption.sync_payment")
        await amazon.run("redemption.capture")
        await amazon.drain()
    await refund(amazon, found.id)
    await amazon.run("redemption.refund_payment")
    (charge,) = calls.get(
        f"{amazon_pay_peer.url}/_control/objects/charge", params={"owner": store.public_key_id}
    ).json()
    assert charge["captureAmount"]["amount"] == "4.50"
    # The fee stays: points and money of the item go back.
    assert charge["refundedAmount"]["amount"] == "4.00"
    assert await amazon.violations(drained=False) == []


async def test_orders_in_flight_finish_where_they_began(
    world: World, amazon_pay_peer: Any, store: AmazonStore
) -> None:
    waiting, held = await begin(world), await begin(world)
    assert await pay(held.payment_url) in {302, 303}
    await operations.came_back(
        world.rt, tenant_id=world.tenant.id, redemption_id=held.id, now=world.now
    )
    assert (await world.read(held.id)).state == "authorised"

    await switch(world, "amazon_pay")
    later = await begin(world)
    assert later.payment_url.startswith(amazon_pay_peer.url)
    assert await pay(waiting.payment_url) in {302, 303}
    await agree(later.payment_url)
    await finish(world)
    for found in (waiting, held, later):
        after = await world.read(found.id)
        assert (after.state, after.money_leg, after.captured_minor) == (
            "confirmed", "captured", 450,
        )  # fmt: skip
    assert (await provider_of(world, waiting.id))[0] == "stripe"
    assert (await provider_of(world, held.id))[0] == "stripe"
    assert (await provider_of(world, later.id))[0] == "amazon_pay"

    for found in (waiting, held, later):
        await refund(world, found.id)
        assert (await world.read(found.id)).refunds[0].money_leg == "done"
    charges = calls.get(
        f"{amazon_pay_peer.url}/_control/objects/charge", params={"owner": store.public_key_id}
    ).json()
    assert [c["refundedAmount"]["amount"] for c in charges] == ["4.00"]
    assert await world.violations() == []


async def test_a_refund_after_the_switch_needs_no_money_provider_now(world: World) -> None:
    """Also where the programme takes no money any more."""
    found = await begin(world)
    await pay(found.payment_url)
    await finish(world)
    await switch(world, "none")
    await refund(world, found.id)
    assert (await world.read(found.id)).refunds[0].money_leg == "done"
    ana = await world.member(1000)
    with pytest.raises(PaymentNotConfiguredError):
        await world.quote(ana, "coffee", points=100)
    assert (await world.quote(ana, "coffee")).money_minor == 0
    await world.drain()
    assert await world.violations() == []


async def test_old_events_are_taken_in_after_the_switch(
    world: World, http: Any, peers: Any
) -> None:
    found = await begin(world)
    await switch(world, "amazon_pay")
    await pay(found.payment_url)
    hooks = await http(world.rt.settings.hooks_authority)
    key = await secret(world)
    for body in await events(world, peers):
        answer = await hooks.post(
            f"/stripe/{world.hook_id}", content=body, headers=signed(key, body)
        )
        assert answer.status_code == 200, answer.text
    await world.drain()
    assert (await world.read(found.id)).state == "confirmed"
    assert await world.violations() == []


async def test_a_page_that_was_lost_is_asked_for_at_the_same_provider(
    world: World, peers: Any, amazon_pay_peer: Any
) -> None:
    """The answer with the page is lost, the brand switches, the next attempt asks where the
    first one did: no page is left open somewhere.
    """
    peers.stripe.knobs(drop_after_next=1, only="/checkout/sessions")
    ana = await world.member(1000)
    placed = await world.place(ana, await world.quote(ana, "coffee", points=100))
    assert (await world.read(placed.id)).state == "held"
    await switch(world, "amazon_pay")
    await world.run("redemption.checkout")
    found = await world.read(placed.id)
    assert found.payment_url is not None
    assert found.payment_url.startswith(peers.stripe.url)
