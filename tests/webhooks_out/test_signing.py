"""Signatures as Standard Webhooks 1.0.0 defines them."""

import pytest

from guerdon.webhooks_out.signing import headers, new_secret, signature, verify

# The example of the specification's reference libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
TIMESTAMP = 1614265330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_example() -> None:
    assert signature(SECRET, MESSAGE_ID, TIMESTAMP, BODY) == SIGNATURE


def test_a_receiver_accepts_either_secret_while_rotating() -> None:
    old, new = new_secret(), new_secret()
    sent = headers([new, old], MESSAGE_ID, TIMESTAMP, BODY)
    assert verify(old, sent, BODY, now_s=TIMESTAMP)
    assert verify(new, sent, BODY, now_s=TIMESTAMP)
    assert not verify(new_secret(), sent, BODY, now_s=TIMESTAMP)


@pytest.mark.parametrize(
    ("change", "body", "now_s"),
    [
        ({}, b'{"test":2432232314}', TIMESTAMP),
        ({"webhook-id": "msg_other"}, BODY, TIMESTAMP),
        ({"webhook-timestamp": str(TIMESTAMP + 1)}, BODY, TIMESTAMP),
        ({"webhook-timestamp": "soon"}, BODY, TIMESTAMP),
        ({"webhook-signature": ""}, BODY, TIMESTAMP),
        ({"webhook-signature": SIGNATURE.replace("v1,", "v2,")}, BODY, TIMESTAMP),
        ({}, BODY, TIMESTAMP + 301),
        ({}, BODY, TIMESTAMP - 301),
    ],
)
def test_a_forgery_or_a_replay_is_refused(change: dict[str, str], body: bytes, now_s: int) -> None:
    sent = headers([SECRET], MESSAGE_ID, TIMESTAMP, BODY) | change
    assert not verify(SECRET, sent, body, now_s=now_s)
    assert verify(SECRET, headers([SECRET], MESSAGE_ID, TIMESTAMP, BODY), BODY, now_s=TIMESTAMP)
