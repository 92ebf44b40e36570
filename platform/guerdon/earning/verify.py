"""The proof of earning: every figure follows from what is recorded beside it."""

from typing import Any, Final
from uuid import UUID

import msgspec

from guerdon.earning.arithmetic import purchase_of, worth
from guerdon.ledger.verify import Finding, Progress, run_check
from guerdon.plumbing.db import ReadSession

_CHUNK: Final = 2_000

_STANDINGS = """
SELECT u.account_id AS subject,
       'period ' || u.period || ': stands at ' || sum(u.there) || ', earned ' || sum(u.counted)
         AS detail
  FROM (SELECT account_id, period, qualifying AS there, 0 AS counted FROM app.tier_standing
         WHERE tenant_id = %(tenant_id)s
        UNION ALL
        SELECT t.account_id, (t.explanation->>'period')::integer, 0,
               CASE t.kind WHEN 'earn' THEN 1 ELSE -1 END * (t.explanation->>'base')::bigint
          FROM app.ledger_txn t
         WHERE t.tenant_id = %(tenant_id)s AND t.kind IN ('earn', 'reverse')
           AND t.explanation ? 'base'
        UNION ALL
        SELECT t.account_id, (b.standing->>'period')::integer, 0,
               (b.standing->>'qualifying')::bigint
          FROM app.ledger_txn t
         CROSS JOIN LATERAL jsonb_array_elements(t.explanation->'standings') AS b(standing)
         WHERE t.tenant_id = %(tenant_id)s AND t.kind = 'adjust'
           AND t.explanation ? 'standings') u
 GROUP BY u.account_id, u.period HAVING sum(u.there) <> sum(u.counted)
"""


class _Credit(msgspec.Struct):
    id: UUID
    points: int
    explanation: dict[str, Any]


async def verify(s: ReadSession, *, progress: Progress = lambda _: None) -> list[Finding]:
    """Work out every credit again from its explanation, and every standing from the credits."""
    progress("standings")
    findings = await run_check(s, "standing_differs", _STANDINGS)
    last = UUID(int=0)
    seen = 0
    while True:
        found = await s.all(
            _Credit,
            """
            SELECT id, points, explanation FROM app.ledger_txn
             WHERE tenant_id = %(tenant_id)s AND id > %(last)s AND kind = 'earn'
             ORDER BY id LIMIT %(chunk)s
            """,
            {"last": last, "chunk": _CHUNK},
        )
        if not found:
            return findings
        findings.extend(f for c in found if (f := _recompute(c)) is not None)
        last = found[-1].id
        seen += len(found)
        progress(f"arithmetic of {seen} credits")


def _recompute(credit: _Credit) -> Finding | None:
    told = credit.explanation
    purchase = purchase_of(told)
    if purchase is not None:
        bought = (purchase.amount_minor, purchase.items)
        due = worth(*bought, purchase.rate, purchase.rounding, purchase.per)
        base = worth(*bought, purchase.base_rate, purchase.rounding, purchase.per)
    else:
        due, base = int(told["points"]), int(told["base"])
    if (due, base) == (credit.points, int(told["base"])) and due == int(told["points"]):
        return None
    return Finding(
        "arithmetic_differs", str(credit.id), f"gave {credit.points}, its rule gives {due}"
    )
