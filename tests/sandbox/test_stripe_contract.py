"""What the Stripe peer refuses, as Stripe refuses it."""

import secrets
import time
from typing import Any

import httpx2
import pytest
import stripe
from tests import calls

GOOD = {
    "mode": "payment",
    "success_url": "https://x.test/ok",
    "line_items[0][quantity]": "1",
    "line_items[0][price_data][currency]": "usd",
    "line_items[0][price_data][unit_amount]": "1000",
    "line_items[0][price_data][product_data][name]": "Mug",
}


@pytest.fixture
def key() -> str:
    return f"sk_test_{secrets.token_hex(12)}"


def create(peer: Any, key: str, form: dict[str, str], **headers: str) -> httpx2.Response:
    return calls.post(
        f"{peer.url}/v1/checkout/sessions",
        data=form,
        headers={"authorization": f"Bearer {key}", **headers},
    )


def error(answer: httpx2.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()["error"]
    return found


def test_a_good_one(stripe_peer: Any, key: str) -> None:
    answer = create(stripe_peer, key, GOOD)
    assert answer.status_code == 200
    session = answer.json()
    assert (session["object"], session["status"], session["payment_status"]) == (
        "checkout.session", "open", "unpaid",
    )  # fmt: skip
    assert (session["amount_total"], session["payment_intent"]) == (1000, None)


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"mode": ""}, "parameter_missing", "mode"),
        ({"success_url": ""}, "parameter_missing", "success_url"),
        ({"success_url": "javascript:x"}, "url_invalid", "success_url"),
        ({"colour": "red"}, "parameter_unknown", "colour"),
        ({"payment_intent_data[tip]": "1"}, "parameter_unknown", "payment_intent_data[tip]"),
        ({"line_items[0][price_data][unit_amount]": "10.5"}, "parameter_invalid_integer", None),
        ({"line_items[0][price_data][unit_amount]": "49"}, "amount_too_small", None),
        ({"line_items[0][price_data][unit_amount]": "-100"}, "parameter_invalid_integer", None),
        ({"line_items[0][price_data][currency]": "dollar"}, None, None),
        ({"expires_at": str(int(time.time()) + 60)}, None, "expires_at"),
        ({"customer_email": "nobody"}, "email_invalid", "customer_email"),
        ({"payment_intent_data[statement_descriptor_suffix]": "***"}, None, None),
        ({"payment_intent_data[capture_method]": "later"}, None, None),
        ({"client_reference_id": "x" * 201}, None, "client_reference_id"),
    ],
)
def test_broken_requests(
    stripe_peer: Any, key: str, change: dict[str, str], code: str | None, param: str | None
) -> None:
    answer = create(stripe_peer, key, GOOD | change)
    assert answer.status_code == 400
    assert error(answer)["type"] == "invalid_request_error"
    assert error(answer).get("code") == code
    if param is not None:
        assert error(answer)["param"] == param


@pytest.mark.parametrize("header", ["", "Bearer nonsense", "Bearer sk_live_123456789", "Basic x"])
def test_no_key_no_service(stripe_peer: Any, header: str) -> None:
    answer = calls.post(
        f"{stripe_peer.url}/v1/checkout/sessions",
        data=GOOD,
        headers={"authorization": header} if header else {},
    )
    assert answer.status_code == 401


def test_idempotency_keys(stripe_peer: Any, key: str) -> None:
    first = create(stripe_peer, key, GOOD, **{"idempotency-key": "k"})
    again = create(stripe_peer, key, GOOD, **{"idempotency-key": "k"})
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    other = create(stripe_peer, key, GOOD | {"locale": "es"}, **{"idempotency-key": "k"})
    assert (other.status_code, error(other)["type"]) == (400, "idempotency_error")
    # A refusal found before the work began does not use the key up.
    bad = create(stripe_peer, key, GOOD | {"mode": ""}, **{"idempotency-key": "k2"})
    assert bad.status_code == 400
    assert create(stripe_peer, key, GOOD, **{"idempotency-key": "k2"}).status_code == 200
    foreign = create(stripe_peer, f"{key}x", GOOD, **{"idempotency-key": "k"})
    assert foreign.json()["id"] != first.json()["id"]


def test_the_official_sdk_unmodified(stripe_peer: Any, key: str) -> None:
    client = stripe.StripeClient(key, base_addresses={"api": stripe_peer.url})
    session = client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": "https://x.test/ok",
            "line_items": [
                {
                    "quantity": 2,
                    "price_data": {
                        "currency": "eur",
                        "unit_amount": 1250,
                        "product_data": {"name": "Mug"},
                    },
                }
            ],
        }
    )
    assert (session.amount_total, session.currency) == (2500, "eur")
    expired = client.v1.checkout.sessions.expire(session.id)
    assert expired.status == "expired"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.expire(session.id)
    with pytest.raises(stripe.InvalidRequestError) as missing:
        client.v1.payment_intents.retrieve("pi_nothing")
    assert missing.value.code == "resource_missing"


def test_an_unknown_url(stripe_peer: Any, key: str) -> None:
    answer = calls.get(
        f"{stripe_peer.url}/v1/customers", headers={"authorization": f"Bearer {key}"}
    )
    assert (answer.status_code, error(answer)["type"]) == (404, "invalid_request_error")


def test_an_untested_card_is_told(stripe_peer: Any, key: str) -> None:
    page = create(stripe_peer, key, GOOD).json()["url"]
    answer = calls.post(page, data={"number": "4111111111111111", "expiry": "1/30", "cvc": "123"})
    assert answer.status_code == 402
    assert "not one of the test cards" in answer.text
    missing = calls.post(page, data={"number": "4242 4242 4242 4242"})
    assert "Fill in" in missing.text
    assert calls.get(f"{stripe_peer.url}/c/pay/cs_test_nothing").status_code == 404
