"""Seeded draws: the same seed and the same candidates always give the same order.

Every candidate has a clock of its own that rings after -ln(u)/w: who rings first is drawn with
probability w among all. Where one weight changes, only that candidate moves, so that a slate
before and after a change differs by the change and not by the dice.
"""

import hashlib
from functools import lru_cache
from math import log
from typing import Final
from uuid import UUID

_MASK: Final = (1 << 64) - 1
_UNIT: Final = 1.0 / (1 << 64)
# Golden ratio in 64 bits: neighbours land far apart.
_STEP: Final = 0x9E3779B97F4A7C15


def mixed(value: int) -> int:
    """64 well mixed bits (the finaliser of SplitMix64)."""
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def uniform(seed: int, name: int, turn: int = 0) -> float:
    """In (0, 1], by seed, name and turn."""
    return (mixed((seed ^ name) + turn * _STEP & _MASK) + 1) * _UNIT


def ring(seed: int, name: int, weight: float, turn: int = 0) -> float:
    """When this clock rings: exponentially distributed with the rate `weight` (above 0)."""
    # `uniform`, written out: a slate rings a hundred times.
    value = (seed ^ name) + turn * _STEP & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return -log(((value ^ (value >> 31)) + 1) * _UNIT) / weight


@lru_cache(maxsize=50_000)
def hash_of_text(text: str) -> int:
    """64 bits of a name, the same in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def seed_of(*parts: object) -> int:
    """A seed from whatever it shall depend on."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def held_out(tenant_id: UUID, member_id: UUID, percent: int) -> bool:
    """Whether this member sees the baseline where `percent` of members do; the same for life."""
    bucket = int.from_bytes(
        hashlib.blake2b(
            member_id.bytes, key=tenant_id.bytes, person=b"holdout", digest_size=8
        ).digest(),
        "big",
    )
    return bucket % 10_000 < percent * 100
