"""The Stripe adapter against the peer, over real HTTP with the official SDK."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from tests import calls

from guerdon.kit.money import Money
from guerdon.payments.errors import (
    ForgedEventError,
    PaymentNotConfiguredError,
    PaymentOutcomeUnknownError,
    PaymentRefusedError,
    PaymentUnavailableError,
)
from guerdon.payments.parameters import PaymentParameters
from guerdon.payments.port import Checkout, PaymentProvider
from guerdon.payments.providers import connect
from guerdon.payments.providers.connection import Connection
from guerdon.payments.providers.stripe import StripeProvider
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

Pay = Callable[..., httpx2.Response]
Make = Callable[..., Checkout]


def brl(minor: int) -> Money:
    return Money(minor, "BRL")


async def test_authorise_then_capture(
    provider: PaymentProvider, checkout: Make, pay_with: Pay
) -> None:
    asked = checkout()
    page = await provider.create_checkout(asked)
    before = await provider.retrieve(page.reference)
    assert (before.status, before.url, before.amount) == ("open", page.url, brl(4590))
    assert before.checkout_id == asked.id

    answer = pay_with(page)
    assert answer.status_code == 303
    assert answer.headers["location"] == (
        f"http://aurora.localhost:8000/orders/1?session={page.reference}"
    )
    held = await provider.retrieve(page.reference)
    assert (held.status, held.captured, held.card) == ("authorised", brl(0), "visa 4242")

    taken = await provider.capture(page.reference, amount=brl(4590), key="k1")
    assert (taken.status, taken.captured) == ("captured", brl(4590))
    again = await provider.capture(page.reference, amount=brl(4590), key="k1")
    assert again.captured == brl(4590)
    with pytest.raises(PaymentRefusedError) as refused:
        await provider.capture(page.reference, amount=brl(4590), key="k2")
    assert refused.value.reason == "already_captured"
    with pytest.raises(PaymentRefusedError) as refused:
        await provider.cancel(page.reference, key="k3")
    assert refused.value.reason == "already_captured"


async def test_the_page_speaks_the_brand(provider: PaymentProvider, checkout: Make) -> None:
    page = await provider.create_checkout(checkout())
    shown = calls.get(page.url)
    assert shown.status_code == 200
    for text in ("Aurora Air", "R$ 45,90", "Cabin Backpack", "4000 0027 6000 3184", "Pagar"):
        assert text in shown.text
    assert "<script" not in shown.text


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        ("4000000000000002", "generic_decline"),
        ("4000000000009995", "insufficient_funds"),
        ("4000000000000069", "expired_card"),
        ("4000000000000127", "incorrect_cvc"),
    ],
)
async def test_a_declined_card_leaves_the_page_open(
    provider: PaymentProvider, checkout: Make, pay_with: Pay, card: str, reason: str
) -> None:
    page = await provider.create_checkout(checkout())
    assert pay_with(page, card).status_code == 402
    state = await provider.retrieve(page.reference)
    assert (state.status, state.decline, state.captured) == ("open", reason, brl(0))
    with pytest.raises(PaymentRefusedError):
        await provider.capture(page.reference, amount=brl(4590), key="k")
    assert pay_with(page).status_code == 303
    assert (await provider.retrieve(page.reference)).status == "authorised"


async def test_three_d_secure(
    provider: PaymentProvider, checkout: Make, pay_with: Pay, stripe_peer: Any
) -> None:
    page = await provider.create_checkout(checkout())
    bank = stripe_peer.url + pay_with(page, "4000002760003184").headers["location"]
    assert "R$ 45,90" in calls.get(bank).text
    assert (await provider.retrieve(page.reference)).status == "open"
    assert calls.post(bank, data={"answer": "refuse"}).status_code == 402
    state = await provider.retrieve(page.reference)
    assert (state.status, state.decline) == ("open", "authentication_failed")

    pay_with(page, "4000002760003184")
    back = calls.post(bank, data={"answer": "approve"})
    assert (back.status_code, back.headers["location"].split("?")[0]) == (
        303, "http://aurora.localhost:8000/orders/1",
    )  # fmt: skip
    assert (await provider.retrieve(page.reference)).status == "authorised"


async def test_asking_twice_makes_one_page(provider: PaymentProvider, checkout: Make) -> None:
    asked = checkout()
    pages = await asyncio.gather(*(provider.create_checkout(asked) for _ in range(5)))
    assert len({page.reference for page in pages}) == 1
    with pytest.raises(PaymentRefusedError) as refused:
        await provider.create_checkout(checkout(minor=999, id=asked.id))
    assert refused.value.reason == "key_reused"


async def test_partial_capture_and_refunds(
    provider: PaymentProvider, checkout: Make, pay_with: Pay
) -> None:
    page = await provider.create_checkout(checkout())
    pay_with(page)
    with pytest.raises(PaymentRefusedError) as refused:
        await provider.capture(page.reference, amount=brl(4591), key="more")
    assert refused.value.reason == "amount_too_large"
    taken = await provider.capture(page.reference, amount=brl(3000), key="part")
    assert taken.captured == brl(3000)

    first = await provider.refund(page.reference, amount=brl(1000), key="r1")
    assert (first.status, first.amount) == ("done", brl(1000))
    again = await provider.refund(page.reference, amount=brl(1000), key="r1")
    assert again.reference == first.reference
    with pytest.raises(PaymentRefusedError):
        await provider.refund(page.reference, amount=brl(2001), key="r2")
    await provider.refund(page.reference, amount=brl(2000), key="r3")
    with pytest.raises(PaymentRefusedError) as refused:
        await provider.refund(page.reference, amount=brl(1), key="r4")
    assert refused.value.reason == "already_refunded"
    state = await provider.retrieve(page.reference)
    assert (state.captured, state.refunded) == (brl(3000), brl(3000))


async def test_cancel_an_open_page_and_a_held_amount(
    provider: PaymentProvider, checkout: Make, pay_with: Pay
) -> None:
    page = await provider.create_checkout(checkout())
    assert (await provider.cancel(page.reference, key="c1")).status == "expired"
    assert (await provider.cancel(page.reference, key="c1")).status == "expired"
    assert pay_with(page).status_code == 410

    held = await provider.create_checkout(checkout())
    pay_with(held)
    assert (await provider.cancel(held.reference, key="c2")).status == "cancelled"
    assert (await provider.cancel(held.reference, key="c3")).status == "cancelled"
    with pytest.raises(PaymentRefusedError) as refused:
        await provider.capture(held.reference, amount=brl(4590), key="late")
    assert refused.value.reason == "already_cancelled"


async def test_an_unknown_reference_and_a_foreign_one(
    provider: PaymentProvider, checkout: Make, rt: Runtime
) -> None:
    page = await provider.create_checkout(checkout())
    with pytest.raises(PaymentRefusedError) as unknown:
        await provider.retrieve("cs_test_nothing")
    other = StripeProvider(
        Connection(rt.settings.stripe_api_base, "sk_test_somebody_else", "", PaymentParameters())
    )
    with pytest.raises(PaymentRefusedError) as foreign:
        await other.retrieve(page.reference)
    assert unknown.value.reason == foreign.value.reason == "unknown_reference"


async def test_a_lost_answer_is_unknown_and_repeating_is_safe(
    provider: PaymentProvider, checkout: Make, pay_with: Pay, stripe_peer: Any
) -> None:
    asked = checkout()
    stripe_peer.knobs(drop_after_next=1)
    with pytest.raises(PaymentOutcomeUnknownError):
        await provider.create_checkout(asked)
    page = await provider.create_checkout(asked)
    pay_with(page)
    stripe_peer.knobs(drop_after_next=1, only="/capture")
    with pytest.raises(PaymentOutcomeUnknownError):
        await provider.capture(page.reference, amount=brl(4590), key="k")
    assert (await provider.retrieve(page.reference)).captured == brl(4590)
    assert (await provider.capture(page.reference, amount=brl(4590), key="k")).captured == brl(4590)

    stripe_peer.knobs(drop_before_next=1, only="/refunds")
    with pytest.raises(PaymentOutcomeUnknownError):
        await provider.refund(page.reference, amount=brl(90), key="r")
    assert (await provider.retrieve(page.reference)).refunded == brl(0)
    stripe_peer.knobs(fail_next=1)
    with pytest.raises(PaymentUnavailableError):
        await provider.retrieve(page.reference)


async def test_nobody_there_means_nothing_done(checkout: Make) -> None:
    gone = StripeProvider(
        Connection("http://127.0.0.1:9", "sk_test_aaaaaaaaaaaa", "", PaymentParameters())
    )
    with pytest.raises(PaymentUnavailableError):
        await gone.create_checkout(checkout())


async def test_an_authorisation_that_lapsed(
    provider: PaymentProvider, checkout: Make, pay_with: Pay, stripe_peer: Any
) -> None:
    page = await provider.create_checkout(checkout())
    pay_with(page)
    stripe_peer.knobs(refuse_next=1, only="/capture")
    with pytest.raises(PaymentRefusedError) as refused:
        await provider.capture(page.reference, amount=brl(4590), key="k")
    assert refused.value.reason == "authorisation_expired"


async def test_too_little_is_refused(provider: PaymentProvider, checkout: Make) -> None:
    with pytest.raises(PaymentRefusedError) as refused:
        await provider.create_checkout(checkout(minor=10))
    assert refused.value.reason == "amount_too_small"


async def test_without_credentials_there_is_no_provider(
    rt: Runtime, make_tenant: Any, tenant: Tenant
) -> None:
    keyless = await make_tenant(payments={"provider": "stripe"})
    for each in (tenant, keyless):
        async with rt.db.read(each.id) as s:
            with pytest.raises(PaymentNotConfiguredError):
                await connect(rt, s, now=datetime.now(UTC))


async def test_a_wrong_key_is_refused(checkout: Make, rt: Runtime, stripe_peer: Any) -> None:
    wrong = StripeProvider(
        Connection(rt.settings.stripe_api_base, "not a key", "", PaymentParameters())
    )
    with pytest.raises(PaymentRefusedError) as refused:
        await wrong.create_checkout(checkout())
    assert refused.value.reason == "credentials"


def signed(secret: str, body: bytes, at: int) -> dict[str, str]:
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"stripe-signature": f"t={at},v1={mac}"}


async def test_events_are_verified(provider: PaymentProvider, account: Any) -> None:
    checkout_id = "0190a5f0-0000-7000-8000-000000000001"
    body = json.dumps({
        "id": "evt_1", "object": "event", "type": "payment_intent.succeeded", "created": 1700,
        "data": {"object": {"id": "pi_1", "object": "payment_intent",
                            "metadata": {"checkout_id": checkout_id}}},
    }).encode()  # fmt: skip
    at = int(time.time())
    now = datetime.fromtimestamp(at, UTC)
    good = signed(account.webhook_secret, body, at)
    event = await provider.verify_event(body, good, now=now)
    assert (event.id, event.kind, event.reference, str(event.checkout_id)) == (
        "evt_1", "captured", "pi_1", checkout_id,
    )  # fmt: skip
    forgeries: list[tuple[bytes, dict[str, str], datetime]] = [
        (body.replace(b"pi_1", b"pi_2"), good, now),
        (json.dumps(json.loads(body), indent=1).encode(), good, now),
        (body, signed("whsec_other", body, at), now),
        (body, signed(account.webhook_secret, body, at - 301), now),
        (body, good, now + timedelta(minutes=6)),
        (body, {}, now),
        (body, {"stripe-signature": "t=x,v1=y"}, now),
        (b"\xff", signed(account.webhook_secret, b"\xff", at), now),
        (b"[]", signed(account.webhook_secret, b"[]", at), now),
    ]
    for raw, headers, when in forgeries:
        with pytest.raises(ForgedEventError):
            await provider.verify_event(raw, headers, now=when)
