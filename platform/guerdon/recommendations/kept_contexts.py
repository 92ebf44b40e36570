"""Contexts that a brand's systems sent ahead, kept for as long as they can mean something."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

import msgspec

from guerdon.kit.errors import ConflictError, NotFoundError
from guerdon.members.errors import MemberNotActiveError
from guerdon.members.operations import locked
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing.db import ReadSession, WriteSession, jsonb
from guerdon.plumbing.jobs import Effect
from guerdon.plumbing.outbox import Message, put
from guerdon.recommendations.context_parameters import ContextParameters
from guerdon.recommendations.contexts import Context, checked, over_at
from guerdon.recommendations.parameters import RecommendationParameters
from guerdon.recommendations.places import Places

PER_MEMBER_MAX: Final = 50
SWEEP_CHUNK: Final = 5_000
_COLUMNS: Final = "id, member_id, reference, content AS context, recorded_at, expires_at"


class ContextNotFoundError(NotFoundError):
    """There is no such purchase here, or it is over."""

    code = "context_not_found"
    title = "There is no such purchase"


class TooManyContextsError(ConflictError):
    """The member has as many purchases as are kept."""

    code = "too_many_contexts"
    title = "This member has as many purchases as are kept"


class SweepContexts(Message, frozen=True):
    """Remove what is over."""

    topic: ClassVar[str] = "recommendations.sweep_contexts"
    queue: ClassVar[str] = "bulk"


class Kept(msgspec.Struct, frozen=True):
    """A context, whose it is, and until when it counts."""

    id: UUID
    member_id: UUID
    reference: str
    context: Context
    recorded_at: datetime
    expires_at: datetime


def places_of(snapshot: Snapshot) -> Places:
    """Every place that the brand knows."""
    own = snapshot[RecommendationParameters].contexts.places
    return Places(own, snapshot[ProgrammeParameters].zone)


def expires_at(
    context: Context, *, parameters: ContextParameters, places: Places, now: datetime
) -> datetime:
    """Until when a context counts: the end of the journey, within the brand's bound."""
    over = over_at(context, places)
    if over is None:
        return now + timedelta(days=parameters.undated_days)
    return min(over, now + timedelta(days=parameters.days_max))


async def keep(
    s: WriteSession,
    *,
    context_id: UUID,
    member_id: UUID,
    reference: str,
    context: Context,
    snapshot: Snapshot,
    now: datetime,
) -> Kept:
    """Keep a member's purchase; what was kept under its `reference` is replaced.

    Raises ContextInvalidError, MemberNotFoundError, MemberNotActiveError, TooManyContextsError.
    """
    places = places_of(snapshot)
    checked(context, places=places, now=now)
    member = await locked(s, member_id=member_id)
    if member.status != "active":
        raise MemberNotActiveError
    there = await s.value(
        "SELECT count(*) FROM app.recommendation_context WHERE tenant_id = %(tenant_id)s"
        " AND member_id = %(member)s AND reference <> %(reference)s AND expires_at > %(now)s",
        {"member": member_id, "reference": reference, "now": now},
    )
    if there >= PER_MEMBER_MAX:
        raise TooManyContextsError(
            f"At most {PER_MEMBER_MAX} are kept; take away one that is over.", limit=PER_MEMBER_MAX
        )
    parameters = snapshot[RecommendationParameters].contexts
    return await s.one(
        Kept,
        f"""
        INSERT INTO app.recommendation_context AS c
          (tenant_id, id, member_id, reference, content, recorded_at, expires_at)
        VALUES (%(tenant_id)s, %(id)s, %(member)s, %(reference)s, %(content)s, %(now)s, %(ends)s)
        ON CONFLICT (tenant_id, member_id, reference) DO UPDATE
           SET content = excluded.content, recorded_at = excluded.recorded_at,
               expires_at = excluded.expires_at
        RETURNING {_COLUMNS}
        """,  # noqa: S608
        {
            "id": context_id,
            "member": member_id,
            "reference": reference,
            "content": jsonb(context),
            "now": now,
            "ends": expires_at(context, parameters=parameters, places=places, now=now),
        },
    )


async def forget(s: WriteSession, *, context_id: UUID) -> Kept:
    """Take one away, as when the ticket was given back. ContextNotFoundError."""
    gone = await s.one_or_none(
        Kept,
        "DELETE FROM app.recommendation_context WHERE tenant_id = %(tenant_id)s"  # noqa: S608
        f" AND id = %(id)s RETURNING {_COLUMNS}",
        {"id": context_id},
    )
    if gone is None:
        raise ContextNotFoundError
    return gone


async def one(s: ReadSession, *, context_id: UUID, now: datetime) -> Kept:
    """One that counts. ContextNotFoundError."""
    found = await s.one_or_none(
        Kept,
        f"SELECT {_COLUMNS} FROM app.recommendation_context"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND expires_at > %(now)s",
        {"id": context_id, "now": now},
    )
    if found is None:
        raise ContextNotFoundError
    return found


async def live(
    s: ReadSession, *, member_id: UUID, now: datetime, limit: int = PER_MEMBER_MAX
) -> list[Kept]:
    """A member's contexts that count, the latest first."""
    return await s.all(
        Kept,
        f"SELECT {_COLUMNS} FROM app.recommendation_context"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND member_id = %(member)s AND expires_at > %(now)s"
        " ORDER BY recorded_at DESC, id DESC LIMIT %(limit)s",
        {"member": member_id, "now": now, "limit": limit},
    )


class SweepContextsAway(Effect[SweepContexts]):
    """Removes contexts that are over, in bounded chunks."""

    message = SweepContexts

    async def apply(self, rt: Any, s: WriteSession, m: SweepContexts, now: datetime) -> None:
        removed = await s.execute(
            """
            DELETE FROM app.recommendation_context c USING (
              SELECT d.id FROM app.recommendation_context d
               WHERE d.tenant_id = %(tenant_id)s AND d.expires_at <= %(now)s
               LIMIT %(chunk)s) old
             WHERE c.tenant_id = %(tenant_id)s AND c.id = old.id
            """,
            {"now": now, "chunk": SWEEP_CHUNK},
        )
        if removed == SWEEP_CHUNK:
            await put(s, SweepContexts())


class PurchaseData:
    """What is kept of a member's purchases."""

    name = "purchases"

    async def export(self, s: ReadSession, *, member_id: UUID) -> Any:
        """All of them, those that are over until they are swept away too."""
        return await s.all(
            Kept,
            f"SELECT {_COLUMNS} FROM app.recommendation_context"  # noqa: S608
            " WHERE tenant_id = %(tenant_id)s AND member_id = %(member)s ORDER BY recorded_at, id",
            {"member": member_id},
        )

    async def erase(self, s: WriteSession, *, member_id: UUID, now: datetime) -> None:
        """Nothing of them is left."""
        await s.execute(
            "DELETE FROM app.recommendation_context"
            " WHERE tenant_id = %(tenant_id)s AND member_id = %(member)s",
            {"member": member_id},
        )
