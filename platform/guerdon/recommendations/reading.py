"""Everything of a member that a slate needs, in one statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from guerdon.members.consents import PROFILING
from guerdon.members.errors import MemberNotActiveError, MemberNotFoundError
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing.db import Database, ReadSession
from guerdon.recommendations.candidates import ApprovedCard, MemberFacts
from guerdon.recommendations.contexts import Context
from guerdon.recommendations.overlay import Dealing
from guerdon.recommendations.slate import Seen
from guerdon.tiers.ladder import period_of, standing_of
from guerdon.tiers.parameters import TierParameters

NOTHING: Final[Mapping[str, Dealing]] = {}
_YEAR: Final = timedelta(days=365)


class Known(msgspec.Struct, frozen=True):
    """A member as a slate needs them."""

    facts: MemberFacts
    tier: str | None
    seen: Mapping[str, Seen]
    context: Context | None
    cards: tuple[ApprovedCard, ...]
    # By SKU; empty of one who does not want to be profiled.
    lately: Mapping[str, Dealing] = NOTHING


class _Row(msgspec.Struct):
    id: UUID
    status: str
    joined_at: datetime
    language: str | None
    balance: int
    qualifying: int
    country: str | None
    profiled: bool
    seen: dict[str, Seen] | None
    lately: dict[str, Dealing] | None
    context: Context | None
    cards: tuple[ApprovedCard, ...]
    earned: int
    redeemed: int


# Scalar sub-queries only: a joined table could be read before the tenant is entered.
_TURNOVER: LiteralString = """
       coalesce((SELECT {sign}sum(t.points)::bigint FROM app.ledger_txn t
                  WHERE t.tenant_id = %(tenant_id)s AND t.account_id = m.account_id
                    AND t.occurred_at >= %(since)s AND t.kind = '{kind}'), 0)"""
_ROW = f"""
SELECT m.id, m.status, m.joined_at, m.language,
       coalesce((SELECT greatest(a.posted - a.held, 0) FROM app.ledger_account a
                  WHERE a.tenant_id = %(tenant_id)s AND a.id = m.account_id), 0) AS balance,
       coalesce((SELECT q.qualifying FROM app.tier_standing q
                  WHERE q.tenant_id = %(tenant_id)s AND q.account_id = m.account_id
                    AND q.period = %(period)s::integer), 0) AS qualifying,
       (SELECT d.country FROM app.member_address d
         WHERE d.tenant_id = %(tenant_id)s AND d.member_id = m.id AND d.is_default) AS country,
       coalesce((SELECT c.granted FROM app.member_consent c
                  WHERE c.tenant_id = %(tenant_id)s AND c.member_id = m.id
                    AND c.purpose = '{PROFILING}' ORDER BY c.id DESC LIMIT 1), true) AS profiled,
       (SELECT r.seen FROM app.recommendation_member r
         WHERE r.tenant_id = %(tenant_id)s AND r.member_id = m.id) AS seen,
       (SELECT r.lately FROM app.recommendation_member r
         WHERE r.tenant_id = %(tenant_id)s AND r.member_id = m.id) AS lately,
       (SELECT k.content FROM app.recommendation_context k
         WHERE k.tenant_id = %(tenant_id)s AND k.member_id = m.id AND k.expires_at > %(now)s
         ORDER BY k.recorded_at DESC, k.id DESC LIMIT 1) AS context,
       (SELECT coalesce(jsonb_agg(to_jsonb(x)), '[]') FROM (
          SELECT c.bank, c.variant, c.valid_until, b.in_force_at AS imported_at, c.limit_minor,
                 c.currency
            FROM app.card_preapproval c, app.card_base b
           WHERE c.tenant_id = %(tenant_id)s AND c.member_id = m.id
             AND b.tenant_id = %(tenant_id)s AND b.id = c.base_id
             AND b.state = 'in_force' AND c.consent AND c.valid_until >= %(today)s
           ORDER BY c.bank, b.in_force_at DESC, c.variant) x) AS cards,
"""  # noqa: S608
_OF = " FROM app.member m WHERE m.tenant_id = %(tenant_id)s AND m.id = %(member)s"
_EARNED = _TURNOVER.format(sign="", kind="earn")
_REDEEMED = _TURNOVER.format(sign="-", kind="redeem")
_WITH_TURNOVER: Final = f"{_ROW} {_EARNED} AS earned, {_REDEEMED} AS redeemed {_OF}"
_WITHOUT: Final = f"{_ROW} 0 AS earned, 0 AS redeemed {_OF}"


async def known(
    db: Database,
    *,
    tenant_id: UUID,
    member_id: UUID,
    snapshot: Snapshot,
    tags: Sequence[str],
    turnover: bool,
    now: datetime,
) -> Known:
    """The member; MemberNotFoundError, MemberNotActiveError.

    `turnover`: whether points earned and redeemed in twelve months are wanted.
    """
    tiers = snapshot[TierParameters]
    period = period_of(tiers, now, snapshot[ProgrammeParameters].zone)
    params: dict[str, Any] = {
        "member": member_id, "period": period, "now": now, "since": now - _YEAR,
        "today": now.astimezone(snapshot[ProgrammeParameters].zone).date(),
    }  # fmt: skip
    rows = await db.glance(tenant_id, _Row, _WITH_TURNOVER if turnover else _WITHOUT, params)
    if not rows or rows[0].status == "erased":
        raise MemberNotFoundError
    row = rows[0]
    if row.status != "active":
        raise MemberNotActiveError
    tier = standing_of(tiers, qualifying=row.qualifying, period=period).tier
    shown = row.profiled
    facts = MemberFacts(
        id=row.id,
        joined_at=row.joined_at,
        language=row.language or snapshot[ProgrammeParameters].languages[0],
        tier=(tier or "") if shown else "",
        country=row.country or "",
        tags=tuple(tags),
        balance=row.balance if shown else 0,
        earned_12m=row.earned if shown else 0,
        redeemed_12m=row.redeemed if shown else 0,
        profiled=shown,
    )
    lately = row.lately if shown and row.lately else NOTHING
    return Known(facts, tier, (row.seen or {}) if shown else {}, row.context, row.cards, lately)


class _Profiled(msgspec.Struct):
    id: UUID
    profiled: bool


async def profiled(s: ReadSession, *, member_ids: Sequence[UUID]) -> dict[UUID, bool]:
    """Whether each member may be profiled; MemberNotFoundError for one who is not here."""
    rows = await s.all(
        _Profiled,
        """
        SELECT m.id, coalesce((SELECT c.granted FROM app.member_consent c
                                WHERE c.tenant_id = %(tenant_id)s AND c.member_id = m.id
                                  AND c.purpose = %(purpose)s ORDER BY c.id DESC LIMIT 1), true)
                       AS profiled
          FROM app.member m
         WHERE m.tenant_id = %(tenant_id)s AND m.id = ANY (%(ids)s::uuid[])
           AND m.status <> 'erased'
        """,
        {"ids": list(member_ids), "purpose": PROFILING},
    )
    found = {row.id: row.profiled for row in rows}
    if set(member_ids) - set(found):
        raise MemberNotFoundError
    return found
