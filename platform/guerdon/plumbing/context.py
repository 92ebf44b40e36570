"""The signed tenant context that opens a transaction (app.enter in PostgreSQL verifies it)."""

import hashlib
import hmac
import time
from uuid import UUID

CONTEXT_LIFETIME_S = 900
_RENEW_S = 300


class ContextSigner:
    """Signs `v1.<kid>.<tenant>.<expiry>` for one login role.

    A context opens any number of transactions of its tenant until it expires; each transaction
    binds it once. Signed contexts are kept and renewed ten minutes before they expire.
    """

    def __init__(self, key: bytes, login_role: str, *, kid: int = 1) -> None:
        if len(key) != 32:
            raise ValueError("the context key has 32 bytes")
        self._key = key
        self._role = login_role
        self._kid = kid
        self._kept: dict[UUID, tuple[float, str]] = {}

    def sign(self, tenant_id: UUID) -> str:
        """A context for `tenant_id`, good for at least five minutes."""
        now = time.time()
        kept = self._kept.get(tenant_id)
        if kept is not None and kept[0] - now > _RENEW_S:
            return kept[1]
        if len(self._kept) > 20_000:
            self._kept.clear()
        expires = int(now) + CONTEXT_LIFETIME_S
        head = f"v1.{self._kid}.{tenant_id}.{expires}"
        mac = hmac.new(self._key, f"{head}.{self._role}".encode(), hashlib.sha256).hexdigest()
        signed = f"{head}.{mac}"
        self._kept[tenant_id] = (expires, signed)
        return signed


def key_pads(key: bytes) -> tuple[bytes, bytes]:
    """The inner and outer HMAC-SHA256 pads of `key`: what the database keeps of it."""
    padded = key.ljust(64, b"\0")
    return bytes(b ^ 0x36 for b in padded), bytes(b ^ 0x5C for b in padded)
