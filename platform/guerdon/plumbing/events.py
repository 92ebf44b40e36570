"""What happened, told to whoever listens: an outbox message that any feature can write.

A feature emits in the transaction that makes the event true; a hot SQL function inserts the same
outbox row itself, with the payload `{event_id, type, member_id, occurred_at, data}` and the
row's id equal to `event_id`. Keys inside `data` are camelCase: they go out as they are.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from guerdon.kit.ids import uuid7
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession

EVENT_TYPES: Final[Mapping[str, str]] = {
    "member.joined": "A member joined the programme",
    "member.imported": "Members came in from a file: how many, and their points; none is named",
    "member.updated": "A member's profile or consents changed",
    "member.erased": "A member's personal data was erased",
    "points.earned": "Points were credited for an activity",
    "points.adjusted": "Points were corrected by hand",
    "points.reversed": "A credit was taken back",
    "points.expiring": "Points will reach the end of their validity in some days",
    "points.expired": "Points reached the end of their validity",
    "tier.changed": "A member reached or left a tier",
    "redemption.placed": "Points are held for a redemption",
    "redemption.confirmed": "The supplier confirmed; points and money are taken",
    "redemption.shipped": "A parcel is on its way",
    "redemption.delivered": "A parcel or a counter reward was handed over",
    "redemption.refused": "A leg refused; points and money were given back",
    "redemption.cancelled": "The member or the brand cancelled; points and money were given back",
    "redemption.expired": "The redemption was not finished in time; points were given back",
}


# In the place of a member where an event tells of many; it counts a sequence of its own.
MANY: Final = UUID(int=0)


class DomainEvent(outbox.Message, frozen=True):
    """One thing that happened to one member, or to MANY."""

    topic: ClassVar[str] = "domain.event"
    queue: ClassVar[str] = "bulk"

    event_id: UUID
    type: str
    member_id: UUID
    occurred_at: datetime
    data: dict[str, Any]


async def emit(
    s: WriteSession, *, kind: str, member_id: UUID, occurred_at: datetime, data: dict[str, Any]
) -> UUID:
    """Write the event in the caller's transaction; its id."""
    if kind not in EVENT_TYPES:
        raise ValueError(f"unknown event type {kind!r}")
    event_id = uuid7()
    event = DomainEvent(
        event_id=event_id, type=kind, member_id=member_id, occurred_at=occurred_at, data=data
    )
    return await outbox.put(s, event, id=event_id)


Listener = Callable[[Any, WriteSession, DomainEvent, datetime], Awaitable[None]]
_listeners: dict[str, list[Listener]] = {}


def listen(kind: str, listener: Listener) -> None:
    """Let a feature take part when an event of this type is worked off, with the Runtime and in
    the transaction that records it. Twice changes nothing."""
    if kind not in EVENT_TYPES:
        raise ValueError(f"unknown event type {kind!r}")
    known = _listeners.setdefault(kind, [])
    if listener not in known:
        known.append(listener)


def listeners(kind: str) -> Sequence[Listener]:
    """Who listens to events of this type."""
    return tuple(_listeners.get(kind, ()))
