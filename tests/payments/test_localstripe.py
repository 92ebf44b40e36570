"""The same adapter against a Stripe that others wrote (it knows no Checkout)."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import stripe

from guerdon.kit.money import Money
from guerdon.payments.errors import PaymentRefusedError
from guerdon.payments.parameters import PaymentParameters
from guerdon.payments.providers.connection import Connection
from guerdon.payments.providers.stripe import StripeProvider

KEY = "sk_test_localstripe"


@pytest.fixture(scope="module")
def localstripe() -> Iterator[str]:
    """localstripe as a process of its own."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


@pytest.fixture
def held(localstripe: str) -> str:
    """A payment of 45.90 USD that waits for its capture."""
    client = stripe.StripeClient(KEY, base_addresses={"api": localstripe})
    method = client.v1.payment_methods.create(
        {
            "type": "card",
            "card": {
                "number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123",
            },
        }
    )  # fmt: skip
    customer = client.v1.customers.create({"name": "Ana"})
    client.v1.payment_methods.attach(method.id, {"customer": customer.id})
    intent = client.v1.payment_intents.create(
        {
            "amount": 4590,
            "currency": "usd",
            "customer": customer.id,
            "payment_method": method.id,
            "capture_method": "manual",
            "confirm": True,
            "off_session": True,
        }
    )
    assert intent.status == "requires_capture"
    return intent.id


@pytest.fixture
def provider(localstripe: str) -> StripeProvider:
    return StripeProvider(Connection(localstripe, KEY, "", PaymentParameters()))


def usd(minor: int) -> Money:
    return Money(minor, "USD")


async def test_capture_once(provider: StripeProvider, held: str) -> None:
    state = await provider.retrieve(held)
    assert (state.status, state.amount, state.payment_reference) == ("authorised", usd(4590), held)
    assert (await provider.capture(held, amount=usd(4590), key="a")).status == "captured"
    with pytest.raises(PaymentRefusedError):
        await provider.capture(held, amount=usd(4590), key="b")
    assert (await provider.retrieve(held)).status == "captured"


async def test_cancel(provider: StripeProvider, held: str) -> None:
    assert (await provider.cancel(held, key="a")).status == "cancelled"
    assert (await provider.cancel(held, key="b")).status == "cancelled"


async def test_partial_refund(provider: StripeProvider, held: str) -> None:
    await provider.capture(held, amount=usd(4590), key="a")
    refund = await provider.refund(held, amount=usd(590), key="r")
    assert (refund.status, refund.amount) == ("done", usd(590))


async def test_unknown(provider: StripeProvider) -> None:
    with pytest.raises(PaymentRefusedError) as refused:
        await provider.retrieve("pi_nothing")
    assert refused.value.reason == "unknown_reference"
