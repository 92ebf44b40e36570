"""What happened in a window of days, as the ledger and the redemptions tell it, wallet by wallet.

Read in one order always: by wallet, then by the instant at which it was recorded, which is the
order in which the front doors worked.
"""

from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from guerdon.ledger.expiry import local_day


class Window(msgspec.Struct, frozen=True):
    """Whole local days, and today as far as it has come."""

    first: date
    last: date
    since: datetime
    until: datetime


def window_of(*, days: int, now: datetime, zone: ZoneInfo) -> Window:
    """The last `days` days in `zone`; the last of them is today."""
    last = local_day(now, zone)
    first = last - timedelta(days=days - 1)
    return Window(first, last, datetime.combine(first, time(0), tzinfo=zone), now)


class Wallet(NamedTuple):
    """A wallet as it stands now, and whose it is. `standings` are qualifying points by period."""

    account_id: UUID
    number: str | None
    available: int
    posted: int
    standings: dict[str, int]


class Happening(NamedTuple):
    """One thing that happened to a wallet. `points` is what it did to what is available.

    `kind` is earn, reverse, redeem, or other (taken as it was recorded). `told` is what is known
    of it: the ledger's explanation, or the lines of a redemption.
    """

    account_id: UUID
    at: datetime
    id: UUID
    kind: str
    points: int
    occurred_at: datetime
    version: int
    reverses: UUID | None
    told: dict[str, Any]


WALLETS: Final = """
SELECT a.id, m.number, a.posted - a.held AS available, a.posted,
       (SELECT coalesce(jsonb_object_agg(s.period, s.qualifying), '{}') FROM app.tier_standing s
         WHERE s.tenant_id = %(tenant_id)s AND s.account_id = a.id) AS standings
  FROM app.ledger_account a
  LEFT JOIN app.member m ON m.tenant_id = %(tenant_id)s AND m.account_id = a.id
 WHERE a.tenant_id = %(tenant_id)s
 ORDER BY a.id
"""

# A redemption counts when it is placed, with what of it was not given back since; the entries
# that belong to it are left out. One that ended without effect never happened.
_REDEMPTIONS: Final = """app.redemption r
 WHERE r.tenant_id = %(tenant_id)s AND r.placed_at >= %(since)s AND r.placed_at < %(until)s
   AND r.state NOT IN ('refused', 'cancelled', 'expired')"""

_ENTRIES: Final = """app.ledger_txn t
 WHERE t.tenant_id = %(tenant_id)s AND t.occurred_at >= %(since)s AND t.occurred_at < %(until)s
   AND t.kind <> 'redeem'
   AND NOT (t.kind = 'refund' AND EXISTS (
         SELECT FROM app.ledger_txn o JOIN app.redemption x
             ON x.tenant_id = %(tenant_id)s AND x.id = o.hold_id
          WHERE o.tenant_id = %(tenant_id)s AND o.id = t.reverses
            AND x.placed_at >= %(since)s AND x.placed_at < %(until)s))"""

HAPPENINGS: Final = f"""
SELECT t.account_id, t.recorded_at AS at, t.id,
       CASE WHEN t.kind IN ('earn', 'reverse') THEN t.kind ELSE 'other' END AS kind,
       t.points, t.occurred_at, t.parameters_version, t.reverses, t.explanation AS told
  FROM {_ENTRIES}
UNION ALL
SELECT r.account_id, coalesce(p.recorded_at, r.placed_at), r.id, 'redeem', l.given_back - r.points,
       r.placed_at, r.parameters_version, NULL,
       jsonb_build_object('points', r.points, 'held', r.points_leg = 'held', 'lines', l.lines)
  FROM (SELECT r.* FROM {_REDEMPTIONS}) r
  JOIN app.quote q ON q.tenant_id = %(tenant_id)s AND q.id = r.quote_id
  LEFT JOIN LATERAL (
    SELECT s.recorded_at FROM app.redemption_step s
     WHERE s.tenant_id = %(tenant_id)s AND s.redemption_id = r.id AND s.kind = 'placed'
     LIMIT 1) p ON true
  CROSS JOIN LATERAL (
    SELECT sum(l.refunded_points)::bigint AS given_back,
           jsonb_agg(jsonb_build_object(
             'variant', l.variant_id, 'quantity', l.quantity, 'back', l.refunded_quantity,
             'cost', l.cost_minor, 'currency', l.cost_currency, 'category', c.category,
             'full', q.lines -> (l.line - 1) -> 'price' -> 'points') ORDER BY l.line) AS lines
      FROM app.redemption_line l
      LEFT JOIN app.product_variant v ON v.tenant_id = %(tenant_id)s AND v.id = l.variant_id
      LEFT JOIN app.product c ON c.tenant_id = %(tenant_id)s AND c.id = v.product_id
     WHERE l.tenant_id = %(tenant_id)s AND l.redemption_id = r.id) l
 ORDER BY 1, 2, 3
"""  # noqa: S608

COUNT: Final = f"""
SELECT (SELECT count(*) FROM {_ENTRIES}) + (SELECT count(*) FROM {_REDEMPTIONS}) AS happenings,
       (SELECT count(*) FROM app.ledger_account a WHERE a.tenant_id = %(tenant_id)s) AS wallets
"""  # noqa: S608


class Counted(msgspec.Struct, frozen=True):
    """How much there is to look at."""

    happenings: int
    wallets: int
