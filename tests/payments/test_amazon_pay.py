"""The Amazon Pay adapter against the peer, over real HTTP with real signatures."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from tests import calls
from tests.payments.amazon_store import AmazonStore, agree, keep, open_store

from guerdon.kit.ids import uuid7
from guerdon.kit.money import Money
from guerdon.payments.errors import (
    ForgedEventError,
    PaymentNotConfiguredError,
    PaymentOutcomeUnknownError,
    PaymentRefusedError,
    PaymentUnavailableError,
)
from guerdon.payments.parameters import PaymentParameters
from guerdon.payments.port import Checkout, PaymentProvider, PaymentState
from guerdon.payments.providers import connect
from guerdon.payments.providers.amazon_pay import AmazonPayProvider
from guerdon.payments.providers.amazon_pay_client import key_of
from guerdon.payments.providers.connection import AmazonPayConnection
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

Make = Callable[..., Checkout]


def usd(minor: int) -> Money:
    return Money(minor, "USD")


@pytest.fixture
async def tenant(make_tenant: Any) -> Tenant:
    made: Tenant = await make_tenant(
        payments={"provider": "amazon_pay", "statement": "KETTLE BEANS"}
    )
    return made


@pytest.fixture
def store(amazon_pay_peer: Any) -> AmazonStore:
    return open_store(amazon_pay_peer)


@pytest.fixture
async def provider(rt: Runtime, tenant: Tenant, store: AmazonStore) -> PaymentProvider:
    await keep(rt, tenant, store)
    async with rt.db.read(tenant.id) as s:
        return await connect(rt, s, now=datetime.now(UTC))


@pytest.fixture
def checkout(tenant: Tenant) -> Make:
    """Makes a checkout of 45.90 USD."""

    def make(minor: int = 4590, **changes: Any) -> Checkout:
        given: dict[str, Any] = {
            "id": uuid7(),
            "tenant_id": tenant.id,
            "amount": usd(minor),
            "title": "Pour-over set",
            "return_url": "http://kettle.localhost:8000/orders/1?back=1",
            "cancel_url": "http://kettle.localhost:8000/orders/1",
            "expires_at": datetime.now(UTC) + timedelta(minutes=35),
            "brand_name": "Copper Kettle",
        }
        return Checkout(**(given | changes))

    return make


def connection(rt: Runtime, store: AmazonStore, **changes: Any) -> AmazonPayProvider:
    given: dict[str, Any] = {
        "api_base": rt.settings.amazon_pay_base, **store._asdict(),
        "parameters": PaymentParameters(), "egress": rt.egress, "clock": rt.clock,
    }  # fmt: skip
    return AmazonPayProvider(AmazonPayConnection(**(given | changes)))


async def authorised(provider: PaymentProvider, asked: Checkout) -> PaymentState:
    """A payment whose money is reserved."""
    page = await provider.create_checkout(asked)
    assert (await agree(page.url)).status_code == 303
    return await provider.authorise(page.reference, amount=asked.amount, key=asked.id.hex)


async def test_agree_authorise_capture(provider: PaymentProvider, checkout: Make) -> None:
    asked = checkout()
    page = await provider.create_checkout(asked)
    before = await provider.retrieve(page.reference)
    assert (before.status, before.url, before.amount) == ("open", page.url, usd(4590))
    assert before.checkout_id == asked.id

    answer = await agree(page.url)
    assert answer.headers["location"] == (
        f"http://kettle.localhost:8000/orders/1?back=1&amazonCheckoutSessionId={page.reference}"
    )
    assert (await provider.retrieve(page.reference)).status == "approved"
    held = await provider.authorise(page.reference, amount=usd(4590), key=asked.id.hex)
    assert (held.status, held.captured, held.checkout_id) == ("authorised", usd(0), asked.id)
    assert held.reference == held.payment_reference != page.reference
    again = await provider.authorise(page.reference, amount=usd(4590), key=asked.id.hex)
    assert again.reference == held.reference

    taken = await provider.capture(held.reference, amount=usd(4590), key="k1")
    assert (taken.status, taken.captured) == ("captured", usd(4590))
    repeated = await provider.capture(held.reference, amount=usd(4590), key="k1")
    assert repeated.captured == usd(4590)
    for call in (
        provider.capture(held.reference, amount=usd(4590), key="k2"),
        provider.cancel(held.reference, key="k3"),
    ):
        with pytest.raises(PaymentRefusedError) as refused:
            await call
        assert refused.value.reason == "already_captured"


async def test_the_statement_text_reaches_the_card(
    provider: PaymentProvider, checkout: Make, amazon_pay_peer: Any
) -> None:
    held = await authorised(provider, checkout())
    await provider.capture(held.reference, amount=usd(4590), key="s")
    charges = calls.get(f"{amazon_pay_peer.url}/_control/objects/charge").json()
    found = next(c for c in charges if c["chargeId"] == held.reference)
    assert found["softDescriptor"] == "KETTLE BEANS"


async def test_nothing_is_reserved_before_the_buyer_agrees(
    provider: PaymentProvider, checkout: Make
) -> None:
    page = await provider.create_checkout(checkout())
    state = await provider.authorise(page.reference, amount=usd(4590), key="early")
    assert state.status == "open"
    with pytest.raises(PaymentRefusedError) as refused:
        await provider.capture(page.reference, amount=usd(4590), key="c")
    assert refused.value.reason == "unknown_reference"


@pytest.mark.parametrize("language", ["en", "pt-BR", "es"])
async def test_the_page_speaks_the_readers_language(
    provider: PaymentProvider, checkout: Make, language: str
) -> None:
    page = await provider.create_checkout(checkout())
    shown = calls.get(page.url, headers={"accept-language": language})
    word = {"en": "Pay now", "pt-BR": "Pagar agora", "es": "Pagar ahora"}[language]
    for text in ("Copper Kettle", "$45.90", "Pour-over set", word):
        assert text in shown.text
    assert "<script" not in shown.text


async def test_a_soft_decline_leaves_the_page_open(
    provider: PaymentProvider, checkout: Make
) -> None:
    page = await provider.create_checkout(checkout())
    assert (await agree(page.url, "visa-0002")).status_code == 402
    assert (await provider.retrieve(page.reference)).status == "open"
    assert (await agree(page.url)).status_code == 303
    assert (await provider.retrieve(page.reference)).status == "approved"


async def test_a_hard_decline_is_the_end(
    provider: PaymentProvider, checkout: Make, amazon_pay_peer: Any
) -> None:
    page = await provider.create_checkout(checkout())
    assert (await agree(page.url, "amex-8431")).status_code == 303
    state = await provider.retrieve(page.reference)
    assert (state.status, state.decline) == ("declined", "declined")
    assert (await agree(page.url)).status_code == 410

    other = await provider.create_checkout(checkout())
    await agree(other.url)
    amazon_pay_peer.knobs(refuse_next=1, only="/complete")
    state = await provider.authorise(other.reference, amount=usd(4590), key="h")
    assert (state.status, state.captured) == ("declined", usd(0))


async def test_the_bank_asks(
    provider: PaymentProvider, checkout: Make, amazon_pay_peer: Any
) -> None:
    page = await provider.create_checkout(checkout())
    bank = amazon_pay_peer.url + (await agree(page.url, "visa-3220")).headers["location"]
    assert "$45.90" in calls.get(bank).text
    assert (await provider.retrieve(page.reference)).status == "open"
    assert calls.post(bank, data={"answer": "refuse"}).status_code == 402
    await agree(page.url, "visa-3220")
    assert calls.post(bank, data={"answer": "approve"}).status_code == 303
    assert (await provider.retrieve(page.reference)).status == "approved"


async def test_going_back_cancels(provider: PaymentProvider, checkout: Make) -> None:
    page = await provider.create_checkout(checkout())
    answer = calls.post(page.url, data={"answer": "cancel"}, follow_redirects=False)
    assert answer.headers["location"] == "http://kettle.localhost:8000/orders/1"
    assert (await provider.retrieve(page.reference)).status == "cancelled"


async def test_asking_twice_makes_one_session(provider: PaymentProvider, checkout: Make) -> None:
    asked = checkout()
    pages = await asyncio.gather(*(provider.create_checkout(asked) for _ in range(5)))
    assert len({page.reference for page in pages}) == 1
    with pytest.raises(PaymentRefusedError) as refused:
        await provider.create_checkout(checkout(minor=999, id=asked.id))
    assert refused.value.reason == "key_reused"


def test_keys_have_at_most_32_characters_and_differ_by_operation() -> None:
    keys = {key_of(what, uuid7().hex) for what in ("capture", "refund") for _ in range(500)}
    assert len(keys) == 1000
    assert {len(key) for key in keys} == {32}


async def test_partial_capture_and_refunds(provider: PaymentProvider, checkout: Make) -> None:
    held = await authorised(provider, checkout())
    with pytest.raises(PaymentRefusedError) as refused:
        await provider.capture(held.reference, amount=usd(4591), key="more")
    assert refused.value.reason == "amount_too_large"
    assert (await provider.capture(held.reference, amount=usd(3000), key="p")).captured == usd(3000)

    first = await provider.refund(held.reference, amount=usd(1000), key="r1")
    assert (first.status, first.amount) == ("done", usd(1000))
    again = await provider.refund(held.reference, amount=usd(1000), key="r1")
    assert again.reference == first.reference
    with pytest.raises(PaymentRefusedError) as refused:
        await provider.refund(held.reference, amount=usd(2001), key="r2")
    assert refused.value.reason == "amount_too_large"
    await provider.refund(held.reference, amount=usd(2000), key="r3")
    with pytest.raises(PaymentRefusedError) as refused:
        await provider.refund(held.reference, amount=usd(1), key="r4")
    assert refused.value.reason == "already_refunded"
    state = await provider.retrieve(held.reference)
    assert (state.captured, state.refunded) == (usd(3000), usd(3000))


async def test_a_refund_months_later_needs_no_session(
    provider: PaymentProvider, checkout: Make, amazon_pay_peer: Any
) -> None:
    asked = checkout()
    page = await provider.create_checkout(asked)
    await agree(page.url)
    held = await provider.authorise(page.reference, amount=usd(4590), key="a")
    await provider.capture(held.reference, amount=usd(4590), key="c")
    calls.post(f"{amazon_pay_peer.url}/_control/sessions/{page.reference}/forget")
    with pytest.raises(PaymentRefusedError) as gone:
        await provider.retrieve(page.reference)
    assert gone.value.reason == "unknown_reference"
    assert (await provider.refund(held.reference, amount=usd(90), key="r")).amount == usd(90)


async def test_cancel_an_open_session_and_a_held_amount(
    provider: PaymentProvider, checkout: Make, amazon_pay_peer: Any
) -> None:
    page = await provider.create_checkout(checkout())
    assert (await provider.cancel(page.reference, key="c1")).status == "cancelled"

    held = await authorised(provider, checkout())
    assert (await provider.cancel(held.reference, key="c2")).status == "cancelled"
    assert (await provider.cancel(held.reference, key="c3")).status == "cancelled"
    with pytest.raises(PaymentRefusedError) as refused:
        await provider.capture(held.reference, amount=usd(4590), key="late")
    assert refused.value.reason == "already_cancelled"

    lapsed = await authorised(provider, checkout())
    calls.post(f"{amazon_pay_peer.url}/_control/charges/{lapsed.reference}/lapse")
    assert (await provider.retrieve(lapsed.reference)).status == "cancelled"


async def test_a_lost_answer_is_unknown_and_repeating_is_safe(
    provider: PaymentProvider, checkout: Make, amazon_pay_peer: Any
) -> None:
    asked = checkout()
    amazon_pay_peer.knobs(drop_after_next=1)
    with pytest.raises(PaymentOutcomeUnknownError):
        await provider.create_checkout(asked)
    page = await provider.create_checkout(asked)
    await agree(page.url)
    amazon_pay_peer.knobs(drop_after_next=1, only="/complete")
    with pytest.raises(PaymentOutcomeUnknownError):
        await provider.authorise(page.reference, amount=usd(4590), key="a")
    held = await provider.authorise(page.reference, amount=usd(4590), key="a")
    assert held.status == "authorised"
    amazon_pay_peer.knobs(drop_after_next=1, only="/capture")
    with pytest.raises(PaymentOutcomeUnknownError):
        await provider.capture(held.reference, amount=usd(4590), key="k")
    assert (await provider.retrieve(held.reference)).captured == usd(4590)
    assert (await provider.capture(held.reference, amount=usd(4590), key="k")).captured == usd(4590)
    amazon_pay_peer.knobs(fail_next=1, only="/refunds")
    with pytest.raises(PaymentOutcomeUnknownError):
        await provider.refund(held.reference, amount=usd(90), key="r")
    amazon_pay_peer.knobs(fail_next=1)
    with pytest.raises(PaymentUnavailableError):
        await provider.retrieve(held.reference)


async def test_a_foreign_reference_is_unknown(
    provider: PaymentProvider, checkout: Make, rt: Runtime, amazon_pay_peer: Any
) -> None:
    page = await provider.create_checkout(checkout())
    other = connection(rt, open_store(amazon_pay_peer))
    with pytest.raises(PaymentRefusedError) as refused:
        await other.retrieve(page.reference)
    assert refused.value.reason == "unknown_reference"


async def test_credentials(rt: Runtime, store: AmazonStore) -> None:
    await connection(rt, store).check()
    for changes in (
        {"public_key_id": "SANDBOX-NOBODY"},
        {"private_key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"},
    ):
        with pytest.raises(PaymentRefusedError) as refused:
            await connection(rt, store, **changes).check()
        assert refused.value.reason == "credentials"
    with pytest.raises(PaymentUnavailableError):
        await connection(rt, store, api_base="http://127.0.0.1:9").check()


async def test_missing_secrets(rt: Runtime, tenant: Tenant) -> None:
    async with rt.db.read(tenant.id) as s:
        with pytest.raises(PaymentNotConfiguredError) as refused:
            await connect(rt, s, now=datetime.now(UTC))
    assert "payments.amazon_pay.store_id" in refused.value.detail


async def test_notifications(
    rt: Runtime, checkout: Make, amazon_pay_peer: Any, listener: Any
) -> None:
    store = open_store(amazon_pay_peer, listener={"url": listener.url})
    provider = connection(rt, store)
    asked = checkout()
    held = await authorised(provider, asked)
    (told,) = await listener.wait_for(1)
    now = datetime.now(UTC)
    event = await provider.verify_event(told.body, told.headers, now=now)
    assert (event.kind, event.checkout_id, event.reference) == (
        "authorised", asked.id, held.reference,
    )  # fmt: skip

    forged = told.body.replace(held.reference.encode(), b"S01-0000000-0000000-C000000")
    for raw, at in ((forged, now), (told.body, now + timedelta(hours=2)), (b"{}", now)):
        with pytest.raises(ForgedEventError):
            await provider.verify_event(raw, {}, now=at)
    # Genuine, but of another store: nothing of ours.
    other = connection(rt, open_store(amazon_pay_peer))
    foreign = await other.verify_event(told.body, told.headers, now=now)
    assert (foreign.kind, foreign.checkout_id) == ("other", None)


async def test_duplicates_and_forgeries_arrive_as_told(
    rt: Runtime, checkout: Make, amazon_pay_peer: Any, listener: Any
) -> None:
    store = open_store(amazon_pay_peer, listener={"url": listener.url})
    provider = connection(rt, store)
    amazon_pay_peer.knobs(push_copies=2, push_forge_next=1)
    await authorised(provider, checkout())
    forged, first, second = await listener.wait_for(3)
    now = datetime.now(UTC)
    with pytest.raises(ForgedEventError):
        await provider.verify_event(forged.body, {}, now=now)
    ids = {(await provider.verify_event(one.body, {}, now=now)).id for one in (first, second)}
    assert len(ids) == 1


async def test_the_peer_refuses_what_amazon_refuses(rt: Runtime, store: AmazonStore) -> None:
    client = connection(rt, store)._client
    body: dict[str, Any] = {
        "webCheckoutDetails": {"checkoutMode": "ProcessOrder", "checkoutResultReturnUrl": "http://a/b"},
        "storeId": store.store_id,
        "chargePermissionType": "OneTime",
        "paymentDetails": {
            "paymentIntent": "Authorize", "chargeAmount": {"amount": "1.00", "currencyCode": "USD"},
        },
    }  # fmt: skip
    assert (await client.post("/checkoutSessions", body, key="x" * 32))["storeId"] == store.store_id
    for place, value in (
        ("storeId", "amzn1.application-oa2-client.other"),
        ("unknown", "field"),
        ("paymentDetails", {"paymentIntent": "Authorize",
                            "chargeAmount": {"amount": "1", "currencyCode": "BRL"}}),
        ("paymentDetails", {"paymentIntent": "Authorize",
                            "chargeAmount": {"amount": "1.001", "currencyCode": "USD"}}),
        ("paymentDetails", {"paymentIntent": "Authorize", "softDescriptor": "x" * 17,
                            "chargeAmount": {"amount": "1", "currencyCode": "USD"}}),
    ):  # fmt: skip
        with pytest.raises(PaymentRefusedError):
            await client.post("/checkoutSessions", body | {place: value}, key=uuid7().hex)
    with pytest.raises(PaymentRefusedError):
        await client.post("/checkoutSessions", body, key="x" * 33)
    unsigned = calls.post(f"{rt.settings.amazon_pay_base}/v2/checkoutSessions", json=body)
    assert (unsigned.status_code, msgspec.json.decode(unsigned.content)["reasonCode"]) == (
        403, "InvalidRequestSignature",
    )  # fmt: skip
