"""Signed webhooks of the Stripe peer: at least once, in any order, sometimes forged."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import msgspec
import pytest
from tests import calls

from guerdon.kit.ids import uuid7
from guerdon.kit.money import Money
from guerdon.payments.errors import ForgedEventError
from guerdon.payments.parameters import PaymentParameters
from guerdon.payments.port import Checkout, PaymentEvent
from guerdon.payments.providers.connection import Connection
from guerdon.payments.providers.stripe import StripeProvider

SECRET = "whsec_of_the_test"


@pytest.fixture
async def provider(stripe_peer: Any, listener: Any) -> StripeProvider:
    """An account of its own whose events go to the listener."""
    key = f"sk_test_{secrets.token_hex(12)}"
    listening = {"owner": key, "url": listener.url, "secret": SECRET, "host": "hooks.test"}
    calls.put(f"{stripe_peer.url}/_control/endpoints", json=listening).raise_for_status()
    return StripeProvider(Connection(stripe_peer.url, key, SECRET, PaymentParameters()))


async def pay(provider: StripeProvider) -> tuple[Checkout, str]:
    checkout = Checkout(
        id=uuid7(),
        tenant_id=uuid7(),
        amount=Money(2500, "USD"),
        title="Travel mug",
        return_url="http://x.test/back",
        cancel_url="http://x.test/back",
        expires_at=datetime.now(UTC) + timedelta(hours=2),
    )
    page = await provider.create_checkout(checkout)
    form = {"number": "4242424242424242", "expiry": "12/34", "cvc": "123"}
    async with httpx2.AsyncClient(verify=calls.NO_AUTHORITIES) as client:
        assert (await client.post(page.url, data=form)).status_code == 303
    return checkout, page.reference


async def verified(provider: StripeProvider, request: Any) -> PaymentEvent:
    assert request.headers["host"] == "hooks.test"
    return await provider.verify_event(request.body, request.headers, now=datetime.now(UTC))


async def test_the_whole_life_is_told(provider: StripeProvider, listener: Any) -> None:
    checkout, reference = await pay(provider)
    await provider.capture(reference, amount=Money(2500, "USD"), key="c")
    await provider.refund(reference, amount=Money(500, "USD"), key="r")
    events = [await verified(provider, request) for request in await listener.wait_for(7)]
    kinds = [e.kind for e in events if e.kind != "other"]
    assert sorted(kinds) == ["authorised", "captured", "checkout_completed", "refunded"]
    assert {e.checkout_id for e in events if e.kind != "other"} == {checkout.id}
    assert len({e.id for e in events}) == 7


async def test_copies_have_one_id(
    provider: StripeProvider, listener: Any, stripe_peer: Any
) -> None:
    stripe_peer.knobs(push_copies=3)
    await pay(provider)
    got = await listener.wait_for(9)
    assert len({(await verified(provider, request)).id for request in got}) == 3


async def test_out_of_order(provider: StripeProvider, listener: Any, stripe_peer: Any) -> None:
    stripe_peer.knobs(push_shuffle=True)
    await pay(provider)
    got = [msgspec.json.decode(r.body)["type"] for r in await listener.wait_for(3)]
    assert got.index("payment_intent.amount_capturable_updated") < got.index(
        "payment_intent.created"
    )


async def test_refused_is_sent_again(provider: StripeProvider, listener: Any) -> None:
    listener.refuse = 2
    await pay(provider)
    assert len(await listener.wait_for(3)) == 3


async def test_a_forged_copy_comes_first(
    provider: StripeProvider, listener: Any, stripe_peer: Any
) -> None:
    stripe_peer.knobs(push_forge_next=1)
    await pay(provider)
    outcomes = []
    for request in await listener.wait_for(4):
        try:
            outcomes.append((await verified(provider, request)).kind)
        except ForgedEventError:
            outcomes.append("other")
            outcomes.append("forged")
    assert outcomes.count("forged") == 1


async def test_lost_events_leave_the_truth_to_be_asked(
    provider: StripeProvider, listener: Any, stripe_peer: Any
) -> None:
    stripe_peer.knobs(push_lose_next=3)
    _, reference = await pay(provider)
    assert (await provider.retrieve(reference)).status == "authorised"
    assert listener.got == []
