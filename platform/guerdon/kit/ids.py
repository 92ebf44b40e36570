"""Identifiers: UUIDv7 made here: they sort by time and never come from a shared sequence."""

import base64
import os
import secrets
import threading
import time
from datetime import datetime
from uuid import UUID

_lock = threading.Lock()
_last_ms = 0
_counter = 0


def uuid7() -> UUID:
    """A new UUIDv7 (RFC 9562); ids made by one process strictly increase."""
    global _last_ms, _counter
    with _lock:
        now_ms = time.time_ns() // 1_000_000
        if now_ms > _last_ms:
            _last_ms = now_ms
            _counter = int.from_bytes(os.urandom(2), "big") & 0x7FF
        else:
            _counter += 1
            if _counter > 0xFFF:
                _last_ms += 1
                _counter = 0
        ms, sequence = _last_ms, _counter
    tail = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return UUID(int=(ms << 80) | (0x7 << 76) | (sequence << 64) | (0b10 << 62) | tail)


def first_id_at(at: datetime) -> UUID:
    """The lowest UUIDv7 of an instant: ids made before it are lower, later ones are not."""
    ms = int(at.timestamp() * 1000)
    return UUID(int=(ms << 80) | (0x7 << 76) | (0b10 << 62))


def secret_token(size_bytes: int = 32) -> str:
    """A URL-safe random secret of `size_bytes` bytes of entropy."""
    return base64.urlsafe_b64encode(secrets.token_bytes(size_bytes)).rstrip(b"=").decode()


_READABLE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def readable_code(length: int) -> str:
    """A random code without look-alike characters, 5 bits each."""
    return "".join(secrets.choice(_READABLE) for _ in range(length))
