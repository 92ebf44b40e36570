"""A write that may be sent twice has its effect once.

The key is the client's, unique per tenant and principal. It is kept with a fingerprint of the
operation and its canonical input, in the transaction of the effect: what was committed is
replayed, what was refused left nothing and is evaluated again. The same key with other input is a
mistake of the client (422), the same key while the first is at work is a conflict (409).
"""

import hashlib
import re
from typing import Any, Final
from uuid import UUID

import msgspec

from guerdon.kit.errors import ConflictError, InvalidError
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.refusals import refusal

KEY_LENGTH_MAX: Final = 255
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class IdempotencyKeyMissingError(InvalidError):
    """A write came without its key."""

    code = "idempotency_key_missing"
    status = 400
    title = "Send an Idempotency-Key with every write"


class IdempotencyKeyInvalidError(InvalidError):
    """The key is empty, too long, or has characters other than visible ASCII."""

    code = "idempotency_key_invalid"
    status = 400
    title = "An Idempotency-Key has 1 to 255 visible ASCII characters"


@refusal
class IdempotencyKeyReusedError(InvalidError):
    """The key was used for another input."""

    code = "idempotency_key_reused"
    title = "This Idempotency-Key belongs to another request"


@refusal
class RequestInFlightError(ConflictError):
    """The first request with this key has not finished."""

    code = "request_in_flight"
    title = "The first request with this Idempotency-Key is still at work"


class Answer(msgspec.Struct, frozen=True):
    """What was answered, so that it can be answered again."""

    status: int
    body: Any


class _Kept(msgspec.Struct):
    operation: str
    fingerprint: bytes
    status: int
    response: Any


def check_key(key: str | None) -> str:
    """The key as sent, if it is one."""
    if key is None:
        raise IdempotencyKeyMissingError(field="Idempotency-Key")
    if not _KEY.fullmatch(key):
        raise IdempotencyKeyInvalidError(field="Idempotency-Key")
    return key


def fingerprint(operation: str, *parts: Any) -> bytes:
    """SHA-256 over the operation and its decoded input: order of fields and blanks do not count."""
    return hashlib.sha256(msgspec.json.encode((operation, *parts), order="deterministic")).digest()


async def replay(
    s: WriteSession, *, principal: str, key: str, operation: str, print_: bytes
) -> Answer | None:
    """The committed answer to this key, or None: then do the work and call `keep`.

    Raises RequestInFlightError or IdempotencyKeyReusedError. The key stays locked until the
    transaction ends.
    """
    free = await s.value(
        "SELECT pg_try_advisory_xact_lock(hashtextextended(%(lock)s, 0))",
        {"lock": f"{s.tenant_id}/{principal}/{key}"},
    )
    if not free:
        raise RequestInFlightError(retry_after_s=1)
    kept = await s.one_or_none(
        _Kept,
        """
        SELECT operation, fingerprint, status, response FROM app.idempotency
         WHERE tenant_id = %(tenant_id)s AND principal = %(principal)s AND key = %(key)s
        """,
        {"principal": principal, "key": key},
    )
    if kept is None:
        return None
    if kept.operation != operation or kept.fingerprint != print_:
        raise IdempotencyKeyReusedError(field="Idempotency-Key")
    return Answer(kept.status, kept.response)


async def keep(
    s: WriteSession, *, principal: str, key: str, operation: str, print_: bytes, answer: Answer
) -> None:
    """Keep the answer with the effect."""
    await s.execute(
        """
        INSERT INTO app.idempotency
          (tenant_id, principal, key, operation, fingerprint, status, response)
        VALUES (%(tenant_id)s, %(principal)s, %(key)s, %(operation)s, %(print)s, %(status)s,
                %(response)s::jsonb)
        """,
        {
            "principal": principal,
            "key": key,
            "operation": operation,
            "print": print_,
            "status": answer.status,
            "response": msgspec.json.encode(answer.body).decode(),
        },
    )


async def forget(s: WriteSession, *, subject_id: UUID) -> None:
    """Empty the kept answers that were given to this subject or speak of it (an erasure).

    The keys stay: a request that is sent again has no second effect.
    """
    await s.execute(
        """
        UPDATE app.idempotency SET response = '{"erased": true}'
         WHERE tenant_id = %(tenant_id)s
           AND (principal = %(principal)s OR response::text LIKE %(mention)s)
        """,
        {"principal": f"member:{subject_id}", "mention": f"%{subject_id}%"},
    )
