"""Signatures by the Standard Webhooks rules, version 1.0.0 (symmetric keys).

The signed text is `id.timestamp.body`; the header carries one `v1,<base64>` per valid secret, so
that a receiver may rotate without a gap. A secret is `whsec_` and the base64 of 32 random bytes.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping

TOLERANCE_S = 300
_PREFIX = "whsec_"


def new_secret() -> str:
    """A fresh endpoint secret."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature, with its version in front."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()


def headers(
    valid_secrets: Iterable[str], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """The three headers of a delivery, signed with every valid secret."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            signature(secret, message_id, timestamp, body) for secret in valid_secrets
        ),
    }


def verify(secret: str, received: Mapping[str, str], body: bytes, *, now_s: int) -> bool:
    """Whether `body` was signed with `secret` within five minutes of `now_s` (for receivers)."""
    try:
        timestamp = int(received["webhook-timestamp"])
        expected = signature(secret, received["webhook-id"], timestamp, body)
    except (KeyError, ValueError, binascii.Error):
        return False
    if abs(now_s - timestamp) > TOLERANCE_S:
        return False
    offered = received.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(expected.encode(), one.encode()) for one in offered)
