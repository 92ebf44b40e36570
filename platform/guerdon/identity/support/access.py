"""Asking for access to a brand, consenting, ending; all in the brand's own rows.

Whoever wants in says why, for how long, and whether to change anything. The brand's rule
(`security.support_access`) decides whether an owner has to consent; to change anything, always.
An access is over when its time is, or at once when either side says so: it is read with every
request.
"""

from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import msgspec

from guerdon.identity import staff
from guerdon.identity.jobs import SendStaffLetter
from guerdon.identity.parameters import SecurityParameters
from guerdon.identity.support.errors import SupportNotWantedError, SupportStateError
from guerdon.kit.errors import InvalidError, NotFoundError
from guerdon.kit.ids import uuid7
from guerdon.plumbing import outbox
from guerdon.plumbing.db import ReadSession, WriteSession

MINUTES_MIN: Final = 15
MINUTES_MAX: Final = 480
REASON_LENGTH_MAX: Final = 500
# An unanswered question lapses: nobody is let in next week for today's reason.
ANSWER_WITHIN: Final = timedelta(hours=24)
_LISTED_MAX: Final = 50
BY_RULE: Final = "rule"

State = Literal["asked", "open", "refused", "ended", "lapsed"]


class Access(msgspec.Struct, frozen=True):
    """One access. `asked_writes`: wants to change things; `writes`: may."""

    id: UUID
    staff_id: UUID
    staff_name: str
    reason: str
    minutes: int
    asked_writes: bool
    writes: bool
    state: State
    asked_at: datetime
    answered_at: datetime | None
    answered_by: str
    ends_at: datetime | None
    ended_at: datetime | None
    ended_by: str

    def stands(self, now: datetime) -> State:
        """Its state at `now`: what nobody answered or ended is over by itself."""
        if self.state == "open" and self.ends_at is not None and now >= self.ends_at:
            return "ended"
        if self.state == "asked" and now >= self.asked_at + ANSWER_WITHIN:
            return "lapsed"
        return self.state


_COLUMNS = (
    "id, staff_id, staff_name, reason, minutes, asked_writes, writes, state, asked_at,"
    " answered_at, answered_by, ends_at, ended_at, ended_by"
)


async def in_force(s: ReadSession, *, staff_id: UUID, now: datetime) -> Access | None:
    """What lets this person in at `now`, if anything does."""
    return await s.one_or_none(Access, IN_FORCE, {"staff": staff_id, "now": now})


IN_FORCE: Final = (
    f"SELECT {_COLUMNS} FROM app.support_access"  # noqa: S608
    " WHERE tenant_id = %(tenant_id)s AND staff_id = %(staff)s AND state = 'open'"
    "   AND ends_at > %(now)s"
)


async def listing(s: ReadSession) -> list[Access]:
    """The latest accesses of the brand, the newest first."""
    return await s.all(
        Access,
        f"SELECT {_COLUMNS} FROM app.support_access"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s ORDER BY asked_at DESC, id DESC LIMIT %(limit)s",
        {"limit": _LISTED_MAX},
    )


async def ask(
    s: WriteSession,
    *,
    security: SecurityParameters,
    staff_id: UUID,
    staff_name: str,
    reason: str,
    minutes: int,
    writes: bool,
    now: datetime,
) -> Access:
    """Ask to be let in; open at once where the brand's rule says so and nothing is to change.

    Raises SupportNotWantedError, InvalidError, SupportStateError while another is open.
    """
    if security.support_access == "never":
        raise SupportNotWantedError(
            "The brand's rules let nobody of the platform in. An owner can change that in the"
            " console, under Programme, Security."
        )
    said = " ".join(reason.split())
    if not 1 <= len(said) <= REASON_LENGTH_MAX:
        raise InvalidError(
            f"Give a reason of 1 to {REASON_LENGTH_MAX} characters: the brand's people read it.",
            field="reason",
        )
    if not MINUTES_MIN <= minutes <= MINUTES_MAX:
        raise InvalidError(
            f"An access lasts {MINUTES_MIN} to {MINUTES_MAX} minutes.", field="minutes"
        )
    await _clear(s, staff_id=staff_id, now=now)
    at_once = security.support_access == "allow" and not writes
    made = await s.all(
        Access,
        f"""
        INSERT INTO app.support_access (tenant_id, id, staff_id, staff_name, reason, minutes,
               asked_writes, state, asked_at, answered_at, answered_by, ends_at)
        VALUES (%(tenant_id)s, %(id)s, %(staff)s, %(name)s, %(reason)s, %(minutes)s, %(writes)s,
                %(state)s, %(now)s, %(answered)s, %(by)s, %(ends)s)
        ON CONFLICT DO NOTHING RETURNING {_COLUMNS}
        """,  # noqa: S608
        {
            "id": uuid7(),
            "staff": staff_id,
            "name": staff_name,
            "reason": said,
            "minutes": minutes,
            "writes": writes,
            "state": "open" if at_once else "asked",
            "now": now,
            "answered": now if at_once else None,
            "by": BY_RULE if at_once else "",
            "ends": now + timedelta(minutes=minutes) if at_once else None,
        },
    )
    if not made:
        raise SupportStateError(
            "You have asked already, or are in. End that first, to ask for something else.",
            state="open",
        )
    await _tell_owners(s, made[0])
    return made[0]


async def _tell_owners(s: WriteSession, asked: Access) -> None:
    """Nobody has to look at the console to hear of it."""
    kind: Literal["support_asked", "support_opened"] = (
        "support_opened" if asked.state == "open" else "support_asked"
    )
    at = asked.ends_at or asked.asked_at + ANSWER_WITHIN
    for owner in await staff.active_owners(s):
        letter = SendStaffLetter(
            kind=kind, staff_id=owner, what=asked.staff_name, why=asked.reason, at=at
        )
        await outbox.put(s, letter)


async def consent(
    s: WriteSession, *, access_id: UUID, writes: bool, by: str, now: datetime
) -> Access:
    """Let them in, from now on; `writes` only where it was asked for."""
    found = await _locked(s, access_id)
    if (state := found.stands(now)) != "asked":
        raise SupportStateError(f"This was {state} already.", state=state)
    if writes and not found.asked_writes:
        raise InvalidError("They have not asked to change anything.", field="writes")
    return await s.one(
        Access,
        f"""
        UPDATE app.support_access SET state = 'open', writes = %(writes)s, answered_at = %(now)s,
               answered_by = %(by)s, ends_at = %(ends)s
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s RETURNING {_COLUMNS}
        """,  # noqa: S608
        {
            "id": access_id,
            "writes": writes,
            "now": now,
            "by": by,
            "ends": now + timedelta(minutes=found.minutes),
        },
    )


async def end(s: WriteSession, *, access_id: UUID, by: str, now: datetime) -> Access:
    """End an access at once, or refuse one that was asked for."""
    found = await _locked(s, access_id)
    if (state := found.stands(now)) not in ("asked", "open"):
        raise SupportStateError(f"This was {state} already.", state=state)
    return await s.one(
        Access,
        f"""
        UPDATE app.support_access SET state = %(state)s, ended_at = %(now)s, ended_by = %(by)s
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s RETURNING {_COLUMNS}
        """,  # noqa: S608
        {
            "id": access_id,
            "state": "refused" if state == "asked" else "ended",
            "now": now,
            "by": by,
        },
    )


async def own(s: ReadSession, *, access_id: UUID, staff_id: UUID) -> Access:
    """One's own access; NotFoundError for anybody else's."""
    found = await s.one(
        Access,
        f"SELECT {_COLUMNS} FROM app.support_access"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": access_id},
    )
    if found.staff_id != staff_id:
        raise NotFoundError
    return found


async def _locked(s: WriteSession, access_id: UUID) -> Access:
    return await s.one(
        Access,
        f"SELECT {_COLUMNS} FROM app.support_access"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s FOR UPDATE",
        {"id": access_id},
    )


async def _clear(s: WriteSession, *, staff_id: UUID, now: datetime) -> None:
    """Write down that what was over by itself is over."""
    await s.execute(
        "UPDATE app.support_access SET state = 'ended', ended_at = %(now)s, ended_by = 'time'"
        " WHERE tenant_id = %(tenant_id)s AND staff_id = %(staff)s"
        "   AND (state = 'open' AND ends_at <= %(now)s"
        "     OR state = 'asked' AND asked_at <= %(lapsed)s)",
        {"staff": staff_id, "now": now, "lapsed": now - ANSWER_WITHIN},
    )
