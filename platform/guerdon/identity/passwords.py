"""Passwords: argon2id in a thread, few at a time, so that tries cannot eat the machine."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from importlib.resources import files
from itertools import pairwise
from uuid import UUID

import anyio.to_thread
import msgspec
from anyio import CapacityLimiter
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from guerdon.identity.errors import WeakPasswordError
from guerdon.plumbing.db import ReadSession, WriteSession

LENGTH_MIN = 10
LENGTH_MAX = 200

# OWASP's first choice for argon2id (46 MiB, one lane) with one more pass.
_HASHER = PasswordHasher(time_cost=2, memory_cost=47_104, parallelism=1)
_AT_ONCE = 2
_LEET = str.maketrans("013457$@!", "oieastsai")


@cache
def common_stems() -> frozenset[str]:
    """Words that most guessed passwords are made of, in the languages of our members."""
    text = (files("guerdon.identity") / "common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


@cache
def _limiter() -> CapacityLimiter:
    return CapacityLimiter(_AT_ONCE)


@cache
def _decoy() -> str:
    return _HASHER.hash("nobody has this password")


class StoredPassword(msgspec.Struct, frozen=True):
    """The hash on record and when it was set."""

    hash: str
    changed_at: datetime


def check_strength(password: str, *, about: Iterable[str] = ()) -> None:
    """WeakPasswordError if it is short, long, common, or made of the words `about` the member."""
    if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
        raise WeakPasswordError(
            f"A password has {LENGTH_MIN} to {LENGTH_MAX} characters.",
            field="password",
            reason="length",
            min=LENGTH_MIN,
            max=LENGTH_MAX,
        )
    plain = unicodedata.normalize("NFKC", password).lower()
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    stems = {_stem(plain), _stem(core.translate(_LEET))}
    own = {_stem(word.lower()) for text in about for word in (text, *re.split(r"[^\w]+", text))}
    own.discard("")
    repeats = len(set(plain)) < 4 or _is_sequence(plain)
    if repeats or stems & common_stems() or stems & {w for w in own if len(w) > 2} or "" in stems:
        raise WeakPasswordError(
            "This password is among the first that are guessed.", field="password", reason="common"
        )


def _stem(plain: str) -> str:
    """The word left when digits and signs around it are taken off."""
    return re.sub(r"[\W\d_]+", "", plain)


def _is_sequence(plain: str) -> bool:
    steps = {ord(b) - ord(a) for a, b in pairwise(plain)}
    return steps <= {0, 1} or steps <= {0, -1}


async def hash_password(password: str) -> str:
    """The argon2id hash."""
    plain = unicodedata.normalize("NFKC", password)
    return await anyio.to_thread.run_sync(_HASHER.hash, plain, limiter=_limiter())


async def verify(stored: str | None, password: str) -> bool:
    """Whether `password` is right; without a stored hash the same work is done in vain."""
    if len(password) > LENGTH_MAX:
        return False
    plain = unicodedata.normalize("NFKC", password)

    def compare() -> bool:
        try:
            return _HASHER.verify(stored or _decoy(), plain) and stored is not None
        except (VerificationError, InvalidHashError):
            return False

    return await anyio.to_thread.run_sync(compare, limiter=_limiter())


def outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


async def stored_password(s: ReadSession, *, member_id: UUID) -> StoredPassword | None:
    """What is on record for the member."""
    return await s.one_or_none(
        StoredPassword,
        "SELECT hash, changed_at FROM app.member_password"
        " WHERE tenant_id = %(tenant_id)s AND member_id = %(member_id)s",
        {"member_id": member_id},
    )


async def store(s: WriteSession, *, member_id: UUID, hashed: str, now: datetime) -> None:
    """Put a hash on record in place of an earlier one."""
    await s.execute(
        """
        INSERT INTO app.member_password (tenant_id, member_id, hash, changed_at)
        VALUES (%(tenant_id)s, %(member_id)s, %(hash)s, %(now)s)
        ON CONFLICT (tenant_id, member_id)
        DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at
        """,
        {"member_id": member_id, "hash": hashed, "now": now},
    )


async def forget(s: WriteSession, *, member_id: UUID) -> None:
    """Delete the password of a member."""
    await s.execute(
        "DELETE FROM app.member_password"
        " WHERE tenant_id = %(tenant_id)s AND member_id = %(member_id)s",
        {"member_id": member_id},
    )
