"""Keys for message authentication, each derived from the deployment's master key for one use."""

import base64
import hashlib
import hmac
from functools import lru_cache
from uuid import UUID

from guerdon.settings import Settings

MAC_BYTES = 16


@lru_cache(maxsize=64)
def _derived(master_key: str, use: str) -> bytes:
    return hmac.new(bytes.fromhex(master_key), f"guerdon|{use}".encode(), hashlib.sha256).digest()


def mac(settings: Settings, use: str, tenant_id: UUID, *parts: str) -> bytes:
    """HMAC-SHA256 of the parts, bound to one use and one tenant."""
    message = "\x1f".join([str(tenant_id), *parts]).encode()
    return hmac.digest(_derived(settings.master_key, use), message, "sha256")


@lru_cache(maxsize=10_000)
def _of_tenant(master_key: str, use: str, tenant_id: UUID) -> bytes:
    return hmac.digest(_derived(master_key, use), tenant_id.bytes, "sha256")


def quick_mac(settings: Settings, use: str, tenant_id: UUID, message: bytes) -> bytes:
    """A keyed BLAKE2b of 16 bytes, bound to one use and one tenant: for what is made in dozens."""
    key = _of_tenant(settings.master_key, use, tenant_id)
    return hashlib.blake2b(message, digest_size=MAC_BYTES, key=key).digest()


def mac_text(settings: Settings, use: str, tenant_id: UUID, *parts: str) -> str:
    """As `mac`, URL-safe."""
    return encode(mac(settings, use, tenant_id, *parts))


def encode(raw: bytes) -> str:
    """Bytes as URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def same(a: str, b: str) -> bool:
    """Compare without telling by time where they differ."""
    return hmac.compare_digest(a.encode(), b.encode())


def digest(token: str) -> str:
    """What is stored of a random token of 256 bits: SHA-256 is enough, it cannot be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()


def as_text(raw: bytes | str) -> str:
    """A value from Valkey as text."""
    return raw.decode() if isinstance(raw, bytes) else raw
