"""Reading redemptions, and proving that they add up."""

from datetime import datetime
from uuid import UUID

import msgspec

from guerdon.kit.paging import Page, check_page_size, decode_cursor, encode_cursor
from guerdon.plumbing.db import ReadSession
from guerdon.redemption.errors import QuoteUnknownError
from guerdon.redemption.schemas import Quote, Redemption, Step

_REDEMPTION = """
SELECT r.id, r.number, r.member_id, r.account_id, r.supplier, r.points, r.money_minor, r.fee_minor,
       r.currency, r.parameters_version, r.state, r.points_leg, r.money_leg, r.order_leg,
       r.stock_leg, r.reason, r.attention, r.language, r.payment_url, r.payment_due_at,
       r.captured_minor, r.pickup_code, r.delivery_from, r.delivery_to, r.ship_to, r.placed_at,
       r.confirmed_at, r.ended_at,
       (SELECT coalesce(jsonb_agg(to_jsonb(l) - 'tenant_id' ORDER BY l.line), '[]')
          FROM app.redemption_line l
         WHERE l.tenant_id = r.tenant_id AND l.redemption_id = r.id) AS lines,
       (SELECT coalesce(jsonb_agg(to_jsonb(p) - 'tenant_id' ORDER BY p.reference), '[]')
          FROM app.shipment p
         WHERE p.tenant_id = r.tenant_id AND p.redemption_id = r.id) AS shipments,
       (SELECT coalesce(jsonb_agg(to_jsonb(f) - 'tenant_id' ORDER BY f.id), '[]')
          FROM app.redemption_refund f
         WHERE f.tenant_id = r.tenant_id AND f.redemption_id = r.id) AS refunds
  FROM app.redemption r
 WHERE r.tenant_id = %(tenant_id)s
"""


async def quote(s: ReadSession, *, quote_id: UUID, member_id: UUID) -> Quote:
    """A member's quote; QuoteUnknownError if it is not theirs."""
    found = await s.one_or_none(
        Quote,
        """
        SELECT id, member_id, account_id, supplier, points, money_minor, fee_minor, currency,
               parameters_version, tier, ships, lines, created_at, expires_at, redemption_id
          FROM app.quote
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND member_id = %(member)s
        """,
        {"id": quote_id, "member": member_id},
    )
    if found is None:
        raise QuoteUnknownError(field="quoteId")
    return found


async def redemption(
    s: ReadSession, redemption_id: UUID, *, member_id: UUID | None = None
) -> Redemption:
    """One redemption, of `member_id` if given; NotFoundError otherwise."""
    return await s.one(
        Redemption,
        _REDEMPTION
        + " AND r.id = %(id)s AND (%(member)s::uuid IS NULL OR r.member_id = %(member)s)",
        {"id": redemption_id, "member": member_id},
    )


async def timeline(s: ReadSession, redemption_id: UUID) -> list[Step]:
    """What happened, oldest first."""
    return await s.all(
        Step,
        """
        SELECT id, kind, detail, occurred_at FROM app.redemption_step
         WHERE tenant_id = %(tenant_id)s AND redemption_id = %(id)s ORDER BY occurred_at, id
        """,
        {"id": redemption_id},
    )


async def orders(
    s: ReadSession, *, member_id: UUID | None = None, cursor: str | None = None, limit: int = 25
) -> Page[Redemption]:
    """Redemptions, newest first: of a member, or of the whole programme."""
    check_page_size(limit)
    before: tuple[datetime | None, UUID | None] = (None, None)
    if cursor is not None:
        at, last = decode_cursor(cursor, datetime, UUID)
        before = (at, last)
    rows = await s.all(
        Redemption,
        _REDEMPTION
        + """
          AND (%(member)s::uuid IS NULL OR r.member_id = %(member)s)
          AND (%(at)s::timestamptz IS NULL
               OR r.placed_at < %(at)s OR (r.placed_at = %(at)s AND r.id > %(last)s))
        ORDER BY r.placed_at DESC, r.id LIMIT %(limit)s
        """,
        {"member": member_id, "at": before[0], "last": before[1], "limit": limit + 1},
    )
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, encode_cursor(rows[-1].placed_at, rows[-1].id) if more else None)


async def open_orders(s: ReadSession) -> int:
    """How many orders of the brand are neither complete nor ended."""
    return int(
        await s.value(
            "SELECT count(*) FROM app.redemption WHERE tenant_id = %(tenant_id)s AND state NOT IN"
            " ('settled', 'refused', 'cancelled', 'expired', 'returned')"
        )
    )


async def wanting_attention(s: ReadSession) -> int:
    """How many orders wait for a person."""
    return int(
        await s.value(
            "SELECT count(*) FROM app.redemption WHERE tenant_id = %(tenant_id)s"
            " AND attention IS NOT NULL"
        )
    )


async def refunded_minor(s: ReadSession, redemption_id: UUID) -> int:
    """Money that went back to the member."""
    return int(
        await s.value(
            """
            SELECT coalesce(sum(money_minor), 0) FROM app.redemption_refund
             WHERE tenant_id = %(tenant_id)s AND redemption_id = %(id)s AND money_leg = 'done'
            """,
            {"id": redemption_id},
        )
    )


class Violation(msgspec.Struct, frozen=True):
    """Something that must not be. `subject` is what it is about."""

    rule: str
    subject: str
    detail: str


async def violations(s: ReadSession, *, drained: bool = False) -> list[Violation]:
    """Everything that contradicts itself in this tenant's redemptions; empty is good.

    `drained` also asks that nothing is under way: no message undone or parked, and points taken
    <=> money captured <=> order confirmed for every redemption.
    """
    return await s.all(Violation, _VIOLATIONS + (_UNDRAINED if drained else ""))


_VIOLATIONS = """
SELECT 'hold_of_open_redemption' AS rule, r.number AS subject,
       coalesce(h.state, 'no hold') AS detail
  FROM app.redemption r
  LEFT JOIN app.ledger_hold h ON h.tenant_id = r.tenant_id AND h.id = r.id
 WHERE r.tenant_id = %(tenant_id)s AND r.points > 0
   AND (h.state IS DISTINCT FROM CASE r.points_leg WHEN 'held' THEN 'pending' ELSE r.points_leg END
        OR h.points IS DISTINCT FROM r.points OR h.account_id IS DISTINCT FROM r.account_id)
UNION ALL
SELECT 'hold_without_redemption', h.id::text, h.state
  FROM app.ledger_hold h
 WHERE h.tenant_id = %(tenant_id)s AND h.purpose = 'redemption'
   AND NOT EXISTS (SELECT FROM app.redemption r WHERE r.tenant_id = h.tenant_id AND r.id = h.id)
UNION ALL
SELECT 'lines_sum', r.number, format('%%s points %%s money', sum(l.points), sum(l.money_minor))
  FROM app.redemption r
  LEFT JOIN app.redemption_line l ON l.tenant_id = r.tenant_id AND l.redemption_id = r.id
 WHERE r.tenant_id = %(tenant_id)s
 GROUP BY r.number, r.points, r.money_minor
HAVING sum(l.points) IS DISTINCT FROM r.points OR sum(l.money_minor) IS DISTINCT FROM r.money_minor
UNION ALL
SELECT 'refund_sum', r.number, format('%%s of %%s', sum(f.points), max(l.points))
  FROM app.redemption r
  JOIN app.redemption_refund f ON f.tenant_id = r.tenant_id AND f.redemption_id = r.id
  JOIN LATERAL (SELECT sum(x.refunded_points) AS points FROM app.redemption_line x
                 WHERE x.tenant_id = r.tenant_id AND x.redemption_id = r.id) l ON true
 WHERE r.tenant_id = %(tenant_id)s
 GROUP BY r.number HAVING sum(f.points) <> max(l.points)
UNION ALL
SELECT 'quote_of_another', r.number, q.member_id::text
  FROM app.redemption r JOIN app.quote q ON q.tenant_id = r.tenant_id AND q.id = r.quote_id
 WHERE r.tenant_id = %(tenant_id)s
   AND (q.member_id <> r.member_id OR q.redemption_id IS DISTINCT FROM r.id
        OR q.points <> r.points OR q.money_minor <> r.money_minor OR q.fee_minor <> r.fee_minor)
UNION ALL
SELECT 'step_missing', r.number, r.state
  FROM app.redemption r
 WHERE r.tenant_id = %(tenant_id)s
   AND NOT EXISTS (SELECT FROM app.redemption_step p WHERE p.tenant_id = r.tenant_id
                      AND p.redemption_id = r.id AND p.kind = 'placed')
UNION ALL
SELECT 'under_way_without_message', r.number, r.state || ' ' || r.money_leg
  FROM app.redemption r
 WHERE r.tenant_id = %(tenant_id)s AND r.attention IS NULL
   AND (r.state IN ('held','awaiting_payment','authorised','ordered')
        OR r.money_leg IN ('capturing','releasing'))
   AND NOT EXISTS (SELECT FROM app.outbox o
                    WHERE o.tenant_id = r.tenant_id AND o.done_at IS NULL
                      AND o.payload ->> 'redemption_id' = r.id::text)
"""

_UNDRAINED = """
UNION ALL
SELECT 'message_undone', o.topic, coalesce(o.last_error, o.id::text)
  FROM app.outbox o
 WHERE o.tenant_id = %(tenant_id)s AND o.done_at IS NULL
   AND NOT (o.topic IN ('redemption.payment_due', 'redemption.sync_payment', 'redemption.track')
            AND o.parked_at IS NULL AND o.next_at > now())
UNION ALL
SELECT 'legs_disagree', r.number,
       format('%%s %%s %%s %%s', r.state, r.points_leg, r.money_leg, r.order_leg)
  FROM app.redemption r
 WHERE r.tenant_id = %(tenant_id)s
   AND NOT ((r.points_leg IN ('none','posted') AND r.money_leg IN ('none','captured')
             AND r.order_leg = 'placed')
         OR (r.points_leg IN ('none','voided') AND r.money_leg IN ('none','due','released')
             AND r.order_leg IN ('none','refused')))
   AND r.state <> 'awaiting_payment'
UNION ALL
SELECT 'in_between', r.number, r.state
  FROM app.redemption r
 WHERE r.tenant_id = %(tenant_id)s AND r.state IN ('held','authorised','ordered')
"""
