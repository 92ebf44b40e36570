"""Signs of abuse, found in what is recorded anyway, by jobs of the tenant concerned.

A redemption is looked at when its event is worked off, wrong codes some seconds after the first:
nothing is searched where nothing happens. A sign names a member by id or an account by a keyed
hash, never by name or e-mail: who looks into it does so in the brand's console, with its consent.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from guerdon.audit.operations import record
from guerdon.identity import sessions
from guerdon.identity.keyring import mac_text
from guerdon.identity.sessions import Session
from guerdon.kit.errors import InvalidError, NotFoundError, UnavailableError
from guerdon.kit.ids import uuid7
from guerdon.plumbing.db import ReadSession, WriteSession, jsonb
from guerdon.runtime import Runtime
from guerdon.support.thresholds import CODES_WITHIN, TAKEOVER_WITHIN, THRESHOLDS, Kind
from guerdon.tenancy.maintenance import NO_WORDS

NOTE_LENGTH_MAX: Final = 500
_ACCOUNTS_MAX: Final = 20
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_WEEK_H: Final = 7 * 24
Outcome = Literal["abuse", "harmless"]


class Sign(msgspec.Struct, frozen=True):
    """One sign; while it is open, what happens again is added to it."""

    tenant_id: UUID
    slug: str
    name: str
    id: UUID
    kind: Kind
    subject: str
    first_at: datetime
    last_at: datetime
    facts: dict[str, Any]
    settled_at: datetime | None
    settled_by: str | None
    outcome: Outcome | None
    note: str | None


class _Placed(msgspec.Struct, frozen=True):
    hour: int
    day: int


class _Redemption(msgspec.Struct, frozen=True):
    number: str
    ships: bool
    address_at: datetime | None


class _Wrong(msgspec.Struct, frozen=True):
    who: str
    tries: int
    codes: int


async def after_redemption(
    rt: Runtime, s: WriteSession, *, redemption_id: UUID, member_id: UUID, now: datetime
) -> None:
    """Look at a redemption that was placed, at its member, and at the brand's last hour."""
    placed = await s.one(
        _Placed,
        """
        SELECT count(*) FILTER (WHERE placed_at > %(hour)s) AS hour, count(*) AS day
          FROM app.redemption WHERE tenant_id = %(tenant_id)s AND member_id = %(member)s
           AND placed_at > %(day)s
        """,
        {"member": member_id, "hour": now - _HOUR, "day": now - _DAY},
    )
    fast = placed.hour >= THRESHOLDS.velocity_per_hour
    if fast or placed.day >= THRESHOLDS.velocity_per_day:
        facts = {"hour": placed.hour, "day": placed.day}
        await raise_sign(s, kind=Kind.VELOCITY, subject=f"member:{member_id}", facts=facts, now=now)
    await _takeover(rt, s, redemption_id, member_id, now)
    await _surge(s, now)


async def _takeover(
    rt: Runtime, s: WriteSession, redemption_id: UUID, member_id: UUID, now: datetime
) -> None:
    """A gift card to a new address from a new device: neither alone is a sign."""
    found = await s.one_or_none(
        _Redemption,
        """
        SELECT r.number, q.ships,
               (SELECT max(a.updated_at) FROM app.member_address a
                 WHERE a.tenant_id = r.tenant_id AND a.member_id = r.member_id) AS address_at
          FROM app.redemption r
          JOIN app.quote q ON q.tenant_id = r.tenant_id AND q.id = r.quote_id
         WHERE r.tenant_id = %(tenant_id)s AND r.id = %(id)s
        """,
        {"id": redemption_id},
    )
    if found is None or found.ships:
        return
    try:
        living = await sessions.listing(
            rt.valkey, tenant_id=s.tenant_id, member_id=member_id, now=now
        )
    except UnavailableError:
        return
    known = [one.session for one in living]
    device = newest_stranger(known, now)
    if device is None:
        return
    seen = {one.address for one in known if one.started_at <= now - TAKEOVER_WITHIN}
    moved = found.address_at is not None and found.address_at > now - TAKEOVER_WITHIN
    if moved or (device.address not in seen and bool(seen)):
        facts = {
            "redemption": found.number,
            "signed_in_at": device.started_at,
            "new_delivery_address": moved,
            "new_network_address": device.address not in seen,
        }
        await raise_sign(s, kind=Kind.TAKEOVER, subject=f"member:{member_id}", facts=facts, now=now)


def newest_stranger(known: Sequence[Session], now: datetime) -> Session | None:
    """The session of a device that came lately and that no older session has; None if none."""
    since = now - TAKEOVER_WITHIN
    old = {one.agent for one in known if one.started_at <= since}
    young = [one for one in known if one.started_at > since and one.agent not in old]
    return max(young, key=lambda one: one.started_at, default=None)


async def _surge(s: WriteSession, now: datetime) -> None:
    last, before = await _counts(s, now)
    if last >= THRESHOLDS.surge_from and last * _WEEK_H > before * THRESHOLDS.surge_times:
        facts = {"hour": last, "week_before": before}
        await raise_sign(s, kind=Kind.SURGE, subject="brand", facts=facts, now=now)


async def _counts(s: ReadSession, now: datetime) -> tuple[int, int]:
    class Counts(msgspec.Struct):
        last: int
        before: int

    found = await s.one(
        Counts,
        """
        SELECT (SELECT count(*) FROM app.redemption WHERE tenant_id = %(tenant_id)s
                   AND placed_at > %(hour)s) AS last,
               (SELECT count(*) FROM app.redemption WHERE tenant_id = %(tenant_id)s
                   AND placed_at <= %(hour)s AND placed_at > %(week)s) AS before
        """,
        {"hour": now - _HOUR, "week": now - _HOUR - timedelta(hours=_WEEK_H)},
    )
    return found.last, found.before


async def after_wrong_codes(rt: Runtime, s: WriteSession, *, now: datetime) -> None:
    """Look at the codes that were given back wrong: per account, per browser, in all."""
    params = {"since": now - CODES_WITHIN, "limit": _ACCOUNTS_MAX}
    for column, bound, label in (
        ("email_norm", THRESHOLDS.codes_per_account, "account"),
        ("browser_id", THRESHOLDS.codes_per_browser, "browser"),
    ):
        counted = "wrong" if label == "account" else "codes"
        rows = await s.all(
            _Wrong,
            f"""
            SELECT who, tries, codes FROM (
              SELECT {column} AS who, sum(wrong)::int AS tries,
                     count(DISTINCT email_norm)::int AS codes
                FROM ({_WRONG}) w WHERE wrong > 0 GROUP BY {column}) g
             WHERE {"tries" if counted == "wrong" else "codes"} >= %(bound)s
             ORDER BY tries DESC, who LIMIT %(limit)s
            """,  # noqa: S608
            params | {"bound": bound},
        )
        for row in rows:
            named = mac_text(rt.settings, "abuse sign", s.tenant_id, label, row.who)[:16]
            await raise_sign(
                s, kind=Kind.CODE_GUESSING, subject=f"{label}:{named}",
                facts={"wrong": row.tries, "accounts": row.codes}, now=now,
            )  # fmt: skip
    wrong = await s.value(
        f"SELECT coalesce(sum(wrong), 0)::int FROM ({_WRONG}) w",  # noqa: S608
        params,
    )
    if wrong >= THRESHOLDS.codes_in_all:
        await raise_sign(
            s, kind=Kind.CODE_GUESSING, subject="brand", facts={"wrong": wrong}, now=now
        )


# A code that was right in the end used its last try for that.
_WRONG: Final = """
    SELECT email_norm, browser_id, tries - (used_at IS NOT NULL)::int AS wrong
      FROM app.one_time_code
     WHERE tenant_id = %(tenant_id)s AND created_at > %(since)s AND tries > 0
"""


async def raise_sign(
    s: WriteSession, *, kind: Kind, subject: str, facts: dict[str, Any], now: datetime
) -> bool:
    """Raise a sign of the tenant in context, or add to the open one; whether it is new."""
    new: bool = await s.value(
        "SELECT ctl.raise_sign_v1(%(tenant_id)s, %(id)s, %(kind)s, %(subject)s, %(facts)s,"
        " %(now)s)",
        {
            "id": uuid7(), "kind": kind.value, "subject": subject, "facts": jsonb(facts),
            "now": now,
        },
    )  # fmt: skip
    return new


async def listing(s: ReadSession, *, settled: bool = False, limit: int = 200) -> list[Sign]:
    """Signs of all tenants, newest first; in the operator's context."""
    return await s.all(
        Sign,
        "SELECT * FROM ctl.signs_v1(%(open)s, %(limit)s)",
        {"open": not settled, "limit": limit},
    )


async def settle(
    s: WriteSession, *, sign_id: UUID, outcome: Outcome, note: str, actor: str, now: datetime,
    address: str = "", request_id: str = "", words: Mapping[str, Any] = NO_WORDS,
) -> None:  # fmt: skip
    """Say what a sign of the tenant in context turned out to be; NotFoundError if none is open."""
    said = " ".join(note.split())
    if not 1 <= len(said) <= NOTE_LENGTH_MAX:
        raise InvalidError(
            f"Write 1 to {NOTE_LENGTH_MAX} characters on what was found: the brand's people read"
            " it in their trail.",
            field="note",
        )
    if not await s.value(
        "SELECT ctl.settle_sign_v1(%(tenant_id)s, %(id)s, %(outcome)s, %(note)s, %(by)s, %(now)s)",
        {"id": sign_id, "outcome": outcome, "note": said, "by": actor, "now": now},
    ):
        raise NotFoundError("There is no such sign, or it was settled before.")
    await record(
        s, actor=actor, action="abuse_sign.settled", subject=f"abuse_sign:{sign_id}",
        summary={"outcome": outcome, "note": said, **words}, now=now, address=address,
        request_id=request_id,
    )  # fmt: skip
