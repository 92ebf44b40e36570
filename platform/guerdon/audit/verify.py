"""Proving the trail: every hash again, from the rows alone, and against checkpoints kept elsewhere.

A chain shows what was edited, dropped or moved inside it; only a checkpoint shows that its end
was cut off. A checkpoint says how long the chain was and how it ended, with a code that only the
deployment's master key makes; it belongs on another machine than the database.
"""

import hashlib
import hmac
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime
from uuid import UUID

import msgspec

from guerdon.plumbing.db import ReadSession
from guerdon.settings import Settings

START = bytes(32)
_BATCH = 2000


class Link(msgspec.Struct, frozen=True):
    """What a hash covers. `summary` is the text of the stored JSON, `at_us` microseconds."""

    seq: int
    at_us: int
    actor: str
    action: str
    subject: str
    summary: str
    address: str
    request_id: str
    previous: bytes
    hash: bytes

    def expected(self, tenant_id: UUID) -> bytes:
        """SHA-256 over the hash before and the fields, parted by U+001F."""
        fields = (
            str(tenant_id), str(self.seq), str(self.at_us), self.actor, self.action,
            self.subject, self.summary, self.address, self.request_id,
        )  # fmt: skip
        return hashlib.sha256(self.previous + "\x1f".join(fields).encode()).digest()


class Broken(msgspec.Struct, frozen=True):
    """A place where the trail is not what was written."""

    seq: int
    reason: str


class Checkpoint(msgspec.Struct, frozen=True):
    """How a tenant's chain ended at an instant. `code` authenticates the rest."""

    tenant_id: UUID
    seq: int
    hash: str
    at: datetime
    code: str = ""


async def links(s: ReadSession) -> AsyncIterator[Link]:
    """The whole chain, first to last."""
    after = 0
    while True:
        batch = await s.all(
            Link,
            """
            SELECT seq, (extract(epoch FROM occurred_at) * 1000000)::bigint AS at_us, actor,
                   action, subject, summary::text AS summary, address, request_id, previous, hash
              FROM app.audit_entry
             WHERE tenant_id = %(tenant_id)s AND seq > %(after)s ORDER BY seq LIMIT %(limit)s
            """,
            {"after": after, "limit": _BATCH},
        )
        for link in batch:
            yield link
        if len(batch) < _BATCH:
            return
        after = batch[-1].seq


async def verify(s: ReadSession, *, checkpoints: Iterable[Checkpoint] = ()) -> list[Broken]:
    """Every fault of the tenant's trail; none when it is whole and fits the checkpoints."""
    marks = {c.seq: c for c in checkpoints if c.tenant_id == s.tenant_id}
    found: list[Broken] = []
    previous, expected_seq, last_hash = START, 1, START
    async for link in links(s):
        if link.seq != expected_seq:
            found.append(Broken(expected_seq, f"entries {expected_seq} to {link.seq - 1} are gone"))
        elif link.previous != previous:
            found.append(Broken(link.seq, "the entry does not follow the one before it"))
        if link.hash != link.expected(s.tenant_id):
            found.append(Broken(link.seq, "the entry is not what was written"))
        mark = marks.pop(link.seq, None)
        if mark is not None and mark.hash != link.hash.hex():
            found.append(Broken(link.seq, "the entry differs from its checkpoint"))
        previous, expected_seq, last_hash = link.hash, link.seq + 1, link.hash
    for mark in sorted(marks.values(), key=lambda one: one.seq):
        if mark.seq >= expected_seq:
            found.append(Broken(expected_seq, f"the trail was cut: a checkpoint knows {mark.seq}"))
    head = await s.one_or_none(
        _Head, "SELECT seq, hash FROM app.audit_head WHERE tenant_id = %(tenant_id)s"
    )
    if head is not None and (head.seq, head.hash) != (expected_seq - 1, last_hash):
        found.append(Broken(expected_seq, f"the trail was cut: {head.seq} entries were written"))
    return found


class _Head(msgspec.Struct, frozen=True):
    seq: int
    hash: bytes


async def checkpoint(s: ReadSession, settings: Settings, *, now: datetime) -> Checkpoint | None:
    """How the tenant's chain ends now; None before its first entry."""
    head = await s.one_or_none(
        _Head, "SELECT seq, hash FROM app.audit_head WHERE tenant_id = %(tenant_id)s"
    )
    if head is None:
        return None
    bare = Checkpoint(s.tenant_id, head.seq, head.hash.hex(), now)
    return msgspec.structs.replace(bare, code=_code(settings, bare))


def read_checkpoints(settings: Settings, lines: Iterable[str]) -> Iterator[Checkpoint]:
    """Checkpoints from their file; ValueError names the first line that was tampered with."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        one = msgspec.json.decode(line.encode(), type=Checkpoint)
        if not hmac.compare_digest(one.code, _code(settings, one)):
            raise ValueError(f"line {number}: this checkpoint was not made here")
        yield one


def _code(settings: Settings, one: Checkpoint) -> str:
    key = hmac.new(
        bytes.fromhex(settings.master_key), b"guerdon|audit-checkpoint", hashlib.sha256
    ).digest()
    told = f"{one.tenant_id}|{one.seq}|{one.hash}|{one.at.isoformat()}"
    return hmac.new(key, told.encode(), hashlib.sha256).hexdigest()
